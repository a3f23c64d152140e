"""Specification of addons/core/effort_headers.py."""

import pytest

from addons.core.effort_headers import NAMES, WORDS, effort_in, with_effort
from addons.core.model import DialectName, Reasoning, Request


def request(reasoning: Reasoning | None = None) -> Request:
    return Request(DialectName.CHAT, "m", (), reasoning=reasoning)


@pytest.mark.parametrize("name", [*NAMES, "x-my-tool-reasoning-effort", "thinking-mode", "x-thinking-effort"])
def test_every_name_is_read(name: str) -> None:
    assert effort_in({name: "High"}) == "high"


@pytest.mark.parametrize(("word", "effort"), [*WORDS.items(), ("ultra", "xhigh"), ("off", "none")])
def test_every_word_is_read(word: str, effort: str) -> None:
    assert effort_in({"x-reasoning-effort": word}) == effort


@pytest.mark.parametrize("headers", [{}, {"x-reasoning-effort": "lots"}, {"x-effort": "high"}, {"x-reasoning": "high"}])
def test_what_says_nothing_says_nothing(headers: dict[str, str]) -> None:
    assert effort_in(headers) is None


def test_the_first_name_of_the_list_counts() -> None:
    assert effort_in({"reasoning-effort": "low", "x-claude-code-reasoning-effort": "max"}) == "max"


def test_a_request_that_leaves_it_open_is_given_the_effort() -> None:
    assert with_effort(request(), {"x-reasoning-effort": "low"}).reasoning == Reasoning(effort="low")
    adaptive = Reasoning(adaptive=True)
    assert with_effort(request(adaptive), {"x-reasoning-effort": "low"}).reasoning == Reasoning("low", adaptive=True)


@pytest.mark.parametrize("said", [Reasoning(effort="high"), Reasoning(budget=4000), Reasoning(enabled=False)])
def test_the_body_has_the_last_word(said: Reasoning) -> None:
    assert with_effort(request(said), {"x-reasoning-effort": "low"}).reasoning == said
