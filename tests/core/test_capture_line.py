"""Specification of addons/core/capture_line.py and capture_summary.py: what a line says, and what lines amount to."""

from typing import Any

import pytest

from addons.core import jsonio
from addons.core.capture_line import Answer, at_of, context_of, from_line, line_of, named_parts, whole
from addons.core.capture_summary import Summary
from addons.core.model import DialectName
from addons.core.redact import Mode, Redactor, Wire
from addons.observed import Record
from harness.captures import line

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ({}, {"x-amp-mode": "rush", "x-amp-feature": "amp.chat"}, {"mode": "rush", "feature": "amp.chat"}),
        ({"tool_choice": {"type": "tool", "name": "set_title"}}, {}, {"forced": "set_title"}),
        ({"tool_choice": {"type": "function", "function": {"name": "run"}}}, {}, {"forced": "run"}),
        ({"tool_choice": "auto"}, {"user-agent": "claude-cli/2.1 (external)"}, {"agent": "claude-cli/2.1"}),
    ],
)
def test_the_occasion_of_a_request_is_read_from_what_was_kept(body: Any, headers: Any, expected: Any) -> None:
    context = context_of(line(body, mode=Mode.SIGNATURE, headers=headers)["request"])
    assert context == {"mode": "", "feature": "", "forced": "", "agent": "", **expected}


def test_a_name_that_is_a_secret_is_no_context() -> None:
    found = line({}, mode=Mode.SIGNATURE, headers={"x-amp-mode": "sk-ant-api03-0123456789abcdef"})
    assert found["context"]["mode"].startswith("[REDACTED")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"v":2}', b'{"v":1,"request":[]}', b"\xff", b"[" * 10_000])
def test_what_is_no_line_is_none(data: bytes) -> None:
    assert from_line(data) is None


def test_a_line_is_read_again() -> None:
    value = line(BODY)
    assert from_line(jsonio.dumps(value)) == value


def test_a_part_that_is_lost_is_seen_to_be_lost() -> None:
    value = line(BODY)
    value["request"]["body"]["messages"] = {"$parts": ["a" * 32]}
    assert list(named_parts(value)) == ["a" * 32]
    assert whole(value, {})["request"]["body"]["messages"] == [None]


def test_a_line_without_a_time_is_as_old_as_can_be() -> None:
    assert at_of({"time": "yesterday"}) == 0.0 and at_of(line(BODY)) == 0.0


def test_the_routers_own_headers_are_kept_without_what_may_be_a_key() -> None:
    """Promise 44: they repeat names that a client gave."""
    told = (
        ("x-llm-router-request-id", "req_0123456789abcdef0123456789abcdef"),
        ("x-llm-router-attempts", "p/m:429/rate_limited#1, q/sk-ant-api03-canary0123456789:503/overloaded#1"),
    )
    record = Record(told[0][1], 0.0, "curl", "POST", "/", DialectName.CHAT, told=told)
    wire = Wire("POST", "/", "", {}, b"{}", 2)
    found = line_of(Redactor(Mode.FULL, b"k").for_request(wire), wire, record, Answer(None, 0), None).value
    headers = dict(found.value["response"]["headers"])
    assert headers["x-llm-router-request-id"] == told[0][1]
    assert headers["x-llm-router-attempts"].startswith("p/m:429/rate_limited#1, [REDACTED")
    assert "canary" not in str(found.value)


def test_what_was_passed_on_has_not_failed_here() -> None:
    summary = Summary()
    summary.add(line(BODY, status=0))
    assert summary.as_json()["failed"] == 0


def test_counts_and_models_are_told_apart_by_tool_mode_and_feature() -> None:
    summary = Summary()
    for status, mode in ((200, "smart"), (200, "smart"), (503, "rush"), (499, "rush")):
        summary.add(line(BODY, status=status, headers={"x-amp-mode": mode}))
    found = summary.as_json()
    assert (found["requests"], found["failed"], found["models"]) == (4, 1, 1)
    assert found["tokens"] == {"in": 28, "out": 12}
    models = [(each["mode"], each["requests"], each["failed"]) for each in summary.models_as_json()["models"]]
    assert models == [("rush", 2, 1), ("smart", 2, 0)]
