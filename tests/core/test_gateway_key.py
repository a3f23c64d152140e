"""Specification of addons/core/gateway_key.py."""

import pytest

from addons.core.gateway_key import admits, without_keys


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": "Bearer s3cret"}, ""),
        ({"authorization": "bearer s3cret"}, ""),
        ({"authorization": "BEARER  s3cret"}, ""),
        ({"authorization": "s3cret"}, ""),
        ({"x-api-key": "s3cret"}, ""),
        ({"x-goog-api-key": "s3cret"}, ""),
        ({"authorization": "Bearer wrong", "x-api-key": "s3cret"}, ""),
        ({}, "key=s3cret"),
        ({}, "beta=true&api_key=s3cret"),
        ({}, "auth_token=s3cret"),
    ],
)
def test_every_carrier_admits(headers: dict[str, str], query: str) -> None:
    assert admits("s3cret", headers, query)


@pytest.mark.parametrize(
    ("headers", "query"),
    [({}, ""), ({"authorization": "Bearer "}, ""), ({"x-api-key": "s3cre"}, ""), ({"cookie": "s3cret"}, "k=s3cret")],
)
def test_anything_else_does_not(headers: dict[str, str], query: str) -> None:
    assert not admits("s3cret", headers, query)


def test_a_query_loses_the_key_and_nothing_else() -> None:
    assert without_keys("beta=true") == "beta=true"
    assert without_keys("beta=true&key=s3cret&x=") == "beta=true&x="
