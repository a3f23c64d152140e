"""Specification of addons/core/saved_headers.py: headers in what people save."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.debug_meanings import is_ours
from addons.core.saved_headers import headers_in

NAME = "x-llm-router-request-id"
PAIR = {"name": "X-LLM-Router-Request-Id", "value": "req_1"}
HAR = {
    "log": {
        "entries": [
            {
                "request": {"headers": [{"name": "accept", "value": "*/*"}]},
                "response": {"status": 200, "headers": [{"name": "content-type", "value": "x"}, PAIR]},
            },
            {"response": {"headers": [{"name": "content-type", "value": "x"}]}},
        ]
    }
}


def ids(text: str) -> list[str]:
    return [found[NAME] for found in headers_in(text, is_ours)]


@pytest.mark.parametrize(
    "text",
    [
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{NAME}: req_1\r\n\r\n{{\"id\": 1}}\r\n",
        f"HTTP/2 200\n{NAME}: req_1\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-LLM-Router-Request-Id:req_1\r\n\r\nbody: x",
        f"* Connected\n> GET / HTTP/1.1\n> accept: */*\n< HTTP/1.1 200 OK\n< {NAME}: req_1\n< \n{{}}",
        f"{NAME}: req_1\ncontent-type: x\n",
    ],
)  # fmt: skip
def test_the_text_of_curl_is_read(text: str) -> None:
    assert ids(text) == ["req_1"]


def test_every_answer_of_a_text_counts() -> None:
    text = "".join(f"HTTP/1.1 200 OK\n{NAME}: req_{n}\n\nbody\n" for n in range(3))
    assert ids(text) == ["req_0", "req_1", "req_2"]


def test_a_line_of_the_body_is_no_header() -> None:
    assert ids(f"HTTP/1.1 200 OK\ncontent-type: text/plain\n\n{NAME}: req_body\n") == []


@pytest.mark.parametrize(
    "value",
    [
        HAR,
        {"X-LLM-Router-Request-Id": "req_1"},
        {"response": {"headers": {NAME: "req_1"}}},
        {"headers": {NAME: ["req_1", "other"]}},
        {"headers": [["content-type", "x"], [NAME, "req_1"]]},
        [{"status": 200, "headers": {NAME: "req_1"}}],
    ],
)
def test_headers_are_found_wherever_they_stand_in_json(value: Any) -> None:
    assert ids(json.dumps(value)) == ["req_1"]


def test_lines_of_json_are_read_one_by_one() -> None:
    lines = "\n".join(json.dumps({"headers": {NAME: f"req_{n}"}}) for n in range(3))
    assert ids(f"{lines}\nno JSON\n") == ["req_0", "req_1", "req_2"]


@pytest.mark.parametrize(
    "text", ["", "hello", "HTTP/1.1 200 OK\nserver: x\n\n", "{}", "[", "{" * 10_000, json.dumps([1])]
)
def test_what_has_no_header_of_the_router_gives_none(text: str) -> None:
    assert ids(text) == []


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    headers_in(text, is_ours)
