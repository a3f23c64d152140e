"""Specification of addons/core/saved_request.py: requests in what people save."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.saved_request import Saved, saved_request

BODY = '{"model": "m"}'


def saved(value: Any) -> Saved:
    return saved_request(json.dumps(value).encode())


@pytest.mark.parametrize("data", [BODY.encode(), b"", b"{", b"[1]", b"\xff", b'{"url": 1, "body": 2}', b"[" * 100_000])
def test_anything_else_is_a_body_as_it_is(data: bytes) -> None:
    assert saved_request(data) == Saved(data)


def test_the_first_post_of_a_har_counts() -> None:
    posted = {
        "method": "POST",
        "url": "https://r.example/v1/messages?beta=true",
        "headers": [{"name": "Anthropic-Version", "value": "2023-06-01"}, {"name": "Content-Length", "value": "9"}],
        "postData": {"mimeType": "application/json", "text": BODY},
    }
    har = {"log": {"entries": [{"request": {"method": "GET", "url": "https://r.example/"}}, {"request": posted}]}}
    found = saved(har)
    assert (found.body, found.path, found.query) == (BODY.encode(), "/v1/messages", "beta=true")
    assert found.headers == {"anthropic-version": "2023-06-01"}


@pytest.mark.parametrize(
    "value",
    [
        {"method": "POST", "path": "/v1/messages", "headers": {"X-A": "b", "Content-Encoding": "gzip"}, "body": BODY},
        {"path": "/v1/messages", "headers": {"x-a": "b"}, "body": json.loads(BODY)},
        {"request": {"path": "/v1/messages", "headers": [{"name": "x-a", "value": "b"}], "body": BODY}},
        {"request": {"path": "/v1/messages", "headers": [["x-a", "b"], ["x-c"]], "body": json.loads(BODY)}},
    ],
)
def test_a_capture_has_its_path_and_its_headers(value: Any) -> None:
    found = saved(value)
    assert (found.path, found.headers, json.loads(found.body)) == ("/v1/messages", {"x-a": "b"}, {"model": "m"})


def test_a_query_of_its_own_is_read() -> None:
    assert saved({"path": "/x", "query": "alt=sse", "body": {}}).query == "alt=sse"


def test_a_body_with_members_of_these_names_is_a_body() -> None:
    value = {"model": "m", "messages": [], "request": {"body": {}}, "log": {"entries": 3}}
    assert saved(value).path is None


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "log",
                        "entries",
                        "request",
                        "postData",
                        "text",
                        "url",
                        "path",
                        "body",
                        "headers",
                        "name",
                        "value",
                        "method",
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_any_json_can_be_looked_at(value: Any) -> None:
    saved(value)
