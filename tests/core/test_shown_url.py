"""Specification of addons/core/shown_url.py: URLs without what lets one in."""

import pytest

from addons.core.shown_url import shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host.example/v1/messages", "https://host.example/v1/messages"),
        ("https://host.example:8080/v1?api-version=2024-10-21", "https://host.example:8080/v1?api-version=2024-10-21"),
        ("https://host.example/v1?api_key=secret&alt=sse", "https://host.example/v1?api_key=…&alt=sse"),
        ("https://host.example/v1?code=secret", "https://host.example/v1?code=…"),
        ("https://host.example/v1?x=1&=2&y", "https://host.example/v1?x=…&=…&y"),
        ("https://host.example/v1?sk-ant-api03-0123456789abcdef", "https://host.example/v1?…"),
        ("https://host.example/v1?api-version=sk-ant-api03-0123456789abcdef", "https://host.example/v1?api-version=…"),
        ("https://user:secret@host.example/v1", "https://…@host.example/v1"),
        ("https://secret@host.example", "https://…@host.example"),
        ("https://a:b@c:d@host.example/", "https://…@host.example/"),
        ("https://host.example/sk-ant-api03-0123456789abcdef/v1", "https://host.example/…/v1"),
        ("https://host.example/v1#secret", "https://host.example/v1"),
        ("http://[::1", "…"),
    ],
)
def test_keys_are_not_shown(url: str, shown: str) -> None:
    """Promise 44."""
    assert shown_url(url) == shown
