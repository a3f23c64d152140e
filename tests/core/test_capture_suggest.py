"""Specification of addons/core/capture_suggest.py: configuration for names that nothing answers to."""

from typing import Any

import pytest

from addons.amp.plan import Schema
from addons.core.capture_suggest import PLACEHOLDER, nearest, suggest


def observed(model: str, tool: str = "claude-code", known: bool | None = False, **more: Any) -> dict[str, Any]:
    return {"model": model, "tool": tool, "verdict": None if known is None else {"known": known}, **more}


# AMP of May: two helpers with the same model, one of which was asked for another one too, and a name that tells nothing
AMP = (
    observed("claude-opus-4-7", "amp", entity="smart", requests=3),
    observed("gemini-3-flash-preview", "amp", entity="search", requests=2),
    observed("zai-glm-4.7", "amp", entity="search", requests=9),
    observed("gemini-3-flash-preview", "amp", entity="look-at", requests=1),
    observed("kimi-k2", "amp", entity="", requests=1),
    observed("claude-haiku", "amp", entity="title", known=True),
)
OFFERED = ("p/claude-opus-4-8", "p/gemini-3-flash", "p/glm-4.7", "p/kimi-k2")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            "routes",
            {
                "amp": {
                    "routes": {"look-at": "p/gemini-3-flash", "search": "p/glm-4.7", "smart": "p/claude-opus-4-8"},
                    "rawModelRoutes": [{"from": "kimi-k2", "to": "p/kimi-k2"}],
                }
            },
        ),
        (
            "legacy",
            {
                "amp": {
                    "subagentMappings": {
                        "look-at": "p/gemini-3-flash", "search": "p/glm-4.7", "smart": "p/claude-opus-4-8"
                    },
                    "modelMappings": [{"from": "kimi-k2", "to": "p/kimi-k2"}],
                }
            },
        ),
        (
            "1.x",
            {
                "ampRouting": {
                    "modeMap": {"smart": "p/claude-opus-4-8"},
                    "agentMap": {"look-at": "p/gemini-3-flash", "search": "p/glm-4.7"},
                    "modelMap": [{"from": "kimi-k2", "to": "p/kimi-k2"}],
                }
            },
        ),
    ],
)  # fmt: skip
def test_what_amp_was_taken_for_becomes_a_route_of_the_schema_in_use(schema: Schema, expected: Any) -> None:
    assert suggest(AMP, OFFERED, schema).document == expected


def test_an_entity_that_was_hidden_is_no_route() -> None:
    found = suggest([observed("m", "amp", entity="[REDACTED LENGTH=1 HASH=1]")], ["p/m"])
    assert found.document == {"amp": {"rawModelRoutes": [{"from": "m", "to": "p/m"}]}}


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
