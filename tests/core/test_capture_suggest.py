"""Specification of addons/core/capture_suggest.py: configuration for names that nothing answers to."""

from typing import Any

import pytest

from addons.core.capture_suggest import PLACEHOLDER, nearest, suggest


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
