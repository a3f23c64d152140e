"""Specification of addons/core/debug.py: what the router decided, one header each."""

from dataclasses import replace
from typing import Any

import pytest

from addons.core.attempt import Attempt
from addons.core.debug import LIST_LIMIT, VALUE_LIMIT, Decision, debug_headers, tool_types
from addons.core.model import DialectName, Loss
from addons.core.plan import Candidate, Credential, Model, Provider, Route

CHAT = DialectName.CHAT
CANDIDATE = Candidate(
    Provider("a", "a", (CHAT,), {CHAT: "http://a/v1/chat/completions"}, (Model("m"),)), Model("m"), CHAT
)
ROUTE = Route("fast", "alias", "fast", "ordered", (CANDIDATE,), ("b/m: its key is not set",))


def shown(
    route: Route | None = ROUTE, losses: int = 0, failed: int = 0, ref: str = "a/m", **more: Any
) -> dict[str, str]:
    attempts = [Attempt(ref, 429, "rate_limited", number + 1) for number in range(failed)]
    lost = [Loss(f"field{number}", "no home") for number in range(losses)]
    known = {"selected": CANDIDATE if route else None, "client": CHAT, **more}
    return dict(debug_headers(Decision(route=route, failed=attempts, losses=lost, **known)))


def test_the_decision_is_shown() -> None:
    assert shown(failed=1, losses=1) == {
        "x-llm-router-requested-model": "fast",
        "x-llm-router-route-type": "alias",
        "x-llm-router-route-ref": "fast",
        "x-llm-router-route-strategy": "ordered",
        "x-llm-router-selected-candidate": "a/m (openai)",
        "x-llm-router-skipped-candidates": "b/m: its key is not set",
        "x-llm-router-attempts": "a/m:429/rate_limited#1",
        "x-llm-router-losses": "field0: no home",
    }


def test_what_did_not_happen_has_no_header() -> None:
    assert not {"x-llm-router-attempts", "x-llm-router-losses"} & shown().keys()
    assert shown(None) == {}


def test_lists_and_values_are_bounded() -> None:
    assert shown(failed=20)["x-llm-router-attempts"].count("#") == LIST_LIMIT
    assert len(shown(failed=8, ref="x" * 100)["x-llm-router-attempts"]) == VALUE_LIMIT


def test_no_value_can_break_out_of_its_header() -> None:
    """Promise 41: a model's name comes from the client."""
    route = Route("é\r\nset-cookie: x\x00", "alias", "fast", "ordered", (CANDIDATE,))
    assert shown(route)["x-llm-router-requested-model"] == "???set-cookie: x?"


@pytest.mark.parametrize(
    ("more", "header", "value"),
    [
        (
            {"skipped": ["c/m:busy", "b/m: its key is not set"]},
            "skipped-candidates",
            "b/m: its key is not set, c/m:busy",
        ),
        ({"context": 5}, "context-required", "5"),
        ({"context": 5}, "context-hint-source", "estimate"),
        ({"context": 5}, "context-risk", "unknown"),
        ({"tools": ["function", "web_search", "function"]}, "tool-types", "function, web_search"),
        ({"tools": ["function"]}, "tool-routing", "unchanged"),
        ({"tools": ["function"], "client": DialectName.ANTHROPIC}, "tool-routing", "translated"),
        ({"overridden": True}, "route-strategy", "ordered (overridden)"),
        ({"joined": True}, "joined", "yes"),
        ({"seconds": 0.12345}, "timing", "first-event=123.5ms"),
        ({"selected": replace(CANDIDATE, credential=Credential("work", "s3cret"))}, "credential", "work"),
    ],
)
def test_what_happened_has_its_header(more: dict[str, Any], header: str, value: str) -> None:
    assert shown(**more)[f"x-llm-router-{header}"] == value


@pytest.mark.parametrize(("window", "risk"), [(5, "none"), (4, "too-large")])
def test_a_window_that_may_be_too_small_is_a_risk(window: int, risk: str) -> None:
    selected = replace(CANDIDATE, model=Model("m", context_window=window))
    assert shown(context=5, selected=selected)["x-llm-router-context-risk"] == risk


@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        ({"type": "function", "function": {"name": "f"}}, "function"),
        ({"type": "web_search_20250305", "name": "web_search"}, "web_search_20250305"),
        ({"name": "f", "input_schema": {}}, "function"),
        ({"googleSearch": {}}, "googleSearch"),
        ({"functionDeclarations": []}, "functionDeclarations"),
    ],
)
def test_the_types_of_tools_in_every_dialect(tool: dict[str, Any], kind: str) -> None:
    assert tool_types({"tools": [tool]}) == (kind,)


@pytest.mark.parametrize("body", [{}, {"tools": None}, {"tools": 7}, {"tools": [7, None]}])
def test_a_body_without_tools_has_no_types(body: dict[str, Any]) -> None:
    assert tool_types(body) == ()
