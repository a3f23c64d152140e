"""Specification of addons/core/capture_diff.py, capture_suggest.py and har.py: what is made of captures."""

import json
from typing import Any

import pytest

from addons.core.capture_diff import changes
from addons.core.capture_line import Answer, line_of, whole
from addons.core.capture_suggest import PLACEHOLDER, nearest, suggest
from addons.core.har import har
from addons.core.model import DialectName
from addons.core.redact import Mode, Redactor, Wire
from addons.observed import Record

PATH = "/v1/messages"


def captured(body: Any, mode: Mode = Mode.SIGNATURE, path: str = PATH, **headers: str) -> dict[str, Any]:
    """A line with its parts, as it is read from a store."""
    raw = json.dumps(body).encode()
    wire = Wire("POST", path, "beta=true", {name.replace("_", "-"): text for name, text in headers.items()}, raw, 1)
    record = Record("req_1", 0.0, "curl", "POST", path, DialectName.ANTHROPIC, body.get("model", ""))
    line = line_of(Redactor(mode, b"k").for_request(wire), wire, record, Answer(b'{"a":1}', 7), None).value
    value = json.loads(json.dumps(dict(line.value)))
    return whole(value, {name: json.loads(text) for name, text in line.parts.items()})


def changed(before: Any, after: Any) -> list[tuple[str, str, bool]]:
    return [(each.kind, each.what, each.added) for each in changes([before], [after])]


def test_the_same_requests_with_other_texts_have_not_changed() -> None:
    one = captured({"model": "m", "messages": [{"role": "user", "content": "a"}]}, x_id="1", content_length="10")
    two = captured({"model": "m", "messages": [{"role": "user", "content": "b"}] * 2}, x_id="2", content_length="20")
    assert changed(one, two) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"thinking": {"type": "enabled"}}, ("fields", f"thinking at {PATH}", True)),
        ({"top_k": 3}, {}, ("fields", f"top_k at {PATH}", False)),
        ({"effort": "low"}, {"effort": "high"}, ("values", f"effort = high at {PATH}", True)),
        ({"stream": True}, {"stream": False}, ("values", f"stream = True at {PATH}", False)),
        ({"model": "a"}, {"model": "b"}, ("models", f"b at {PATH}", True)),
        ({"tools": [{"name": "Bash"}]}, {"tools": []}, ("tools", "Bash (function)", False)),
        (
            {"tools": [{"name": "Bash", "input_schema": {"properties": {}}}]},
            {"tools": [{"name": "Bash", "input_schema": {"properties": {"path": {}}}}]},
            ("schemas", "Bash.path", True),
        ),
    ],
    ids=str,
)
def test_what_changes_in_a_body_is_named(before: Any, after: Any, expected: tuple[str, str, bool]) -> None:
    assert expected in changed(captured(before), captured(after))


def test_betas_are_compared_one_by_one() -> None:
    one, two = captured({}, anthropic_beta="a-2025-01-01,b-2025-01-01"), captured({}, anthropic_beta="a-2025-01-01")
    assert changed(one, two) == [("betas", "b-2025-01-01", False)]


def test_headers_are_compared_with_their_values_where_these_are_kept() -> None:
    found = changed(captured({}, x_app="cli", x_secret="a"), captured({}, x_app="tui", x_secret="b"))
    assert found == [("headers", "x-app: cli", False), ("headers", "x-app: tui", True)]


def test_nothing_that_is_said_is_a_change_even_of_full_captures() -> None:
    one = captured({"messages": [{"role": "user", "content": "one"}]}, Mode.FULL)
    two = captured({"messages": [{"role": "user", "content": "two"}]}, Mode.FULL)
    assert changed(one, two) == []


def observed(model: str, tool: str = "claude-code", known: bool | None = False) -> dict[str, Any]:
    return {"model": model, "tool": tool, "verdict": None if known is None else {"known": known}}


def test_unknown_names_become_aliases_and_those_of_amp_routes() -> None:
    found = suggest([observed("claude-x"), observed("gpt-x", "amp"), observed("fine", known=True)], ["p/claude-x"])
    assert found.document == {
        "modelAliases": {"claude-x": {"targets": ["p/claude-x"]}},
        "amp": {"rawModelRoutes": [{"from": "gpt-x", "to": PLACEHOLDER}]},
    }  # fmt: skip
    assert found.guessed == {"claude-x": "p/claude-x"} and found.open_names == ("gpt-x",)


def test_names_that_were_hidden_are_not_suggested() -> None:
    assert suggest([observed("[REDACTED LENGTH=1 HASH=1]")], []).document == {}


def test_without_a_configuration_every_name_is_open() -> None:
    assert suggest([observed("m", known=None)], []).open_names == ("m",)


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("claude-haiku-4-5-20251001", "a/claude-haiku-4-5"),
        ("anthropic/claude-haiku-4.5", "a/claude-haiku-4-5"),
        ("claude-haiku-4-6", "a/claude-haiku-4-5"),
        ("gpt-5.2", "o/gpt-5.1"),
        ("llama", PLACEHOLDER),
    ],
)
def test_the_nearest_name_is_guessed(name: str, ref: str) -> None:
    assert nearest(name, ["a/claude-haiku-4-5", "o/gpt-5.1"]) == ref


def test_a_har_has_the_request_the_answer_and_nothing_more() -> None:
    """Promise 44."""
    request = captured({"model": "m", "messages": [{"role": "user", "content": "canary"}]}, x_api_key="canary-key")
    (entry,) = har([request], "1.0")["log"]["entries"]
    assert entry["request"]["url"].endswith("/v1/messages?beta=true")
    assert json.loads(entry["request"]["postData"]["text"])["model"] == "m"
    assert "canary" not in json.dumps(entry) and "text" not in entry["response"]["content"]


def test_a_har_of_a_full_capture_has_the_texts() -> None:
    request = captured({"messages": [{"role": "user", "content": "hello"}]}, Mode.FULL)
    (entry,) = har([request], "1.0")["log"]["entries"]
    assert "hello" in entry["request"]["postData"]["text"] and entry["response"]["content"]["text"] == '{"a": 1}'
