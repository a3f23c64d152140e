"""Specification of addons/core/debug.py: what the router decided, one header each."""

from addons.core.attempt import Attempt
from addons.core.debug import LIST_LIMIT, VALUE_LIMIT, debug_headers
from addons.core.model import DialectName, Loss
from addons.core.plan import Candidate, Model, Provider, Route

CHAT = DialectName.CHAT
CANDIDATE = Candidate(
    Provider("a", "a", (CHAT,), {CHAT: "http://a/v1/chat/completions"}, (Model("m"),)), Model("m"), CHAT
)
ROUTE = Route("fast", "alias", "fast", "ordered", (CANDIDATE,), ("b/m: its key is not set",))


def shown(route: Route | None = ROUTE, losses: int = 0, failed: int = 0, ref: str = "a/m") -> dict[str, str]:
    attempts = [Attempt(ref, 429, "rate_limited", number + 1) for number in range(failed)]
    lost = [Loss(f"field{number}", "no home") for number in range(losses)]
    return dict(debug_headers(route, attempts, CANDIDATE if route else None, lost))


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
