"""Specification of llr_cli/configure/masking.py: no secret survives, and nothing else is touched."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llr_cli.configure.masking import masked_data, masked_text

SECRET = "canary-0123456789abcdef"
PLACES: list[Any] = [
    {"masterKey": SECRET},
    {"master-key": SECRET},
    {"providers": [{"apiKey": SECRET, "credential": SECRET}]},
    {"providers": [{"apiKeys": [SECRET, {"id": "a", "key": SECRET}]}]},
    {"providers": [{"credentials": [SECRET]}]},
    {"providers": [{"headers": {"x-custom": SECRET, "Authorization": f"Bearer {SECRET}"}}]},
    {"providers": [{"quotaProbe": {"http": {"headers": [{"key": "x", "value": SECRET}]}}}]},
    {"providers": [{"baseUrl": f"https://me:{SECRET}@host/v1"}]},
    {"providers": [{"baseUrlByFormat": {"openai": f"https://host/v1?key={SECRET}"}}]},
    {"amp": {"upstreamApiKey": SECRET}},
    {"webSearch": {"providers": [{"id": "brave", "apiKey": SECRET}]}},
    {"anything": {"accessToken": SECRET, "password": SECRET}},
]


@pytest.mark.parametrize("document", PLACES)
def test_a_secret_is_masked_wherever_it_may_stand(document: dict[str, Any]) -> None:
    shown = masked_text(json.dumps(document, indent=2))
    assert "canary" not in shown and "canary" not in json.dumps(masked_data(document))
    assert masked_data(document).keys() == json.loads(shown).keys()


@pytest.mark.parametrize(
    "document",
    [
        {"providers": [{"id": "p", "apiKeyEnv": "OPENAI_API_KEY", "baseUrl": "https://a.example/v1", "models": ["m"]}]},
        {"providers": [{"apiKeys": [{"id": "work", "env": "WORK_KEY"}], "headers": {"User-Agent": "x"}}]},
        {"amp": {"routes": {"tokenizer": "p/m"}, "rawModelRoutes": [{"from": "a", "to": "b", "sourceRouteKey": "s"}]}},
        {"modelAliases": {"monkey": {"targets": ["p/m"]}}},
    ],
)
def test_what_is_no_secret_is_shown(document: dict[str, Any]) -> None:
    assert masked_data(document) == document
    text = json.dumps(document)
    assert masked_text(text) == text


def test_everything_around_a_secret_stays() -> None:
    text = f'{{\n  // mine\n  "masterKey": "{SECRET}", /* two */ "n": 1.50,\n}}'
    assert masked_text(text) == text.replace(SECRET, "…cdef")


def test_a_key_in_a_comment_is_masked_by_its_shape() -> None:
    text = '{"a": 1} // was sk-ant-canary-0123456789abcdef before'
    assert masked_text(text) == '{"a": 1} // was …cdef before'


def test_a_text_that_cannot_be_read_is_masked_too() -> None:
    assert "canary" not in masked_text(f'{{"masterKey": "{SECRET}", ')


@given(st.sampled_from(PLACES), st.dictionaries(st.text(max_size=6), st.integers(), max_size=3))
def test_secrets_beside_anything(document: dict[str, Any], beside: dict[str, int]) -> None:
    assert "canary" not in masked_text(json.dumps({**beside, **document}))
