"""Specification of addons/core/capture_diff.py: what changed on the wire between two captures."""

from typing import Any

import pytest

from addons.core.capture_diff import changes
from addons.core.redact import Mode
from harness.captures import line

PATH = "/v1/messages"


def captured(body: Any, mode: Mode = Mode.SIGNATURE, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return line(body, mode=mode, path=PATH, query="beta=true", headers=named)


def changed(before: Any, after: Any) -> list[tuple[str, str, bool]]:
    return [(each.kind, each.what, each.added) for each in changes([before], [after])]


def test_the_same_requests_with_other_texts_have_not_changed() -> None:
    one = captured({"model": "m", "messages": [{"role": "user", "content": "a"}]}, x_id="1", content_length="10")
    two = captured({"model": "m", "messages": [{"role": "user", "content": "b"}] * 2}, x_id="2", content_length="20")
    assert changed(one, two) == []


def test_what_is_hidden_under_another_key_has_not_changed() -> None:
    wheres = [f"/api/threads/T-0b2c6f0e-8f8d-4a7e-9c0a-2f6a3d1c9b5{n}/x" for n in (1, 2)]
    models = [f"sk-ant-api03-0123456789abcde{n}" for n in (1, 2)]
    one, two = (
        line({"model": model}, mode=Mode.SIGNATURE, path=path) for path, model in zip(wheres, models, strict=True)
    )
    assert one["request"]["path"] != two["request"]["path"]
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
