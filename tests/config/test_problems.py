"""Specification of addons/config/problems.py: all mistakes at once, each under its path, whatever the document is."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.config import ConfigProblem, load

DOCUMENT: dict[str, Any] = {
    "version": 2,
    "masterKey": "gw-canary",
    "defaultModel": "main",
    "providers": [
        {
            "id": "a",
            "baseUrl": "https://user:canary@a.example/v1",
            "apiKey": "sk-canary",
            "formats": ["openai", "claude"],
            "baseUrlByFormat": {"claude": "https://a.example"},
            "authByFormat": {"claude": {"type": "bearer", "prefix": "Bearer "}},
            "headers": {"X-A": "b", "User-Agent": None},
            "deadlines": {"idleMs": 5},
            "models": [{"id": "m", "aliases": ["fast"], "fallbackModels": ["b/n"], "capabilities": {"x": False}}, "o"],
        },
        {"id": "b", "baseUrl": "https://b.example", "apiKeyEnv": "B", "format": "claude", "models": ["n"]},
    ],
    "modelAliases": {
        "main": {"targets": ["a/m", {"ref": "b/n", "weight": 2}], "fallbackTargets": ["alias:x"]},
        "x": {},
    },
    "metadata": {"localServer": {"requireAuth": True}},
}


def problems(document: Any) -> list[str]:
    with pytest.raises(ConfigProblem) as caught:
        load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)})
    return caught.value.problems


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def test_mistakes_of_every_kind_are_told_together_under_their_own_paths() -> None:
    document = changed(["providers", 0, "baseUrl"], "nowhere")
    document["providers"][1]["models"].append({"id": "z", "fallbackModels": ["b/nn"]})
    document["providers"].append({"id": "c", "baseUrl": "https://c.example", "models": ["m"]})
    document["modelAliases"]["main"]["fallbackTargets"] = ["b/nn"]
    document["modelAliases"]["x"] = {"targets": 7}
    document["metadata"] = []
    assert [problem.partition(": ")[0] for problem in problems(document)] == [
        "providers[0].baseUrl",
        "modelAliases.x.targets",
        "metadata",
        "providers[2].format",
        "modelAliases.main.fallbackTargets[0]",
        "providers[1].models[1].fallbackModels[0]",
    ]


def test_a_reference_to_a_broken_provider_is_no_second_mistake() -> None:
    (problem,) = problems(changed(["providers", 0, "apiKey"], ""))
    assert problem.startswith("providers[0].apiKey: expected a key that is not empty")


@pytest.mark.parametrize("path", [["providers", 0], ["providers", 0, "models", 0]])
def test_what_is_switched_off_has_no_mistakes(path: list[Any]) -> None:
    off = {"id": "m" if len(path) > 2 else "a", "enabled": False, "apiKey": "", "formats": 7, "alias": 7}
    load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(changed(path, off)), "B": "k"})


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": ' + "9" * 5000 + "}", "[]", "7", "null", "{", '"a"'])
def test_what_is_no_document_is_a_problem(text: str) -> None:
    with pytest.raises(ConfigProblem):
        load(None, {"LLM_ROUTER_CONFIG_JSON": text})


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


PLACES = [list(path) for path in _places(DOCUMENT) if path]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a/m", "main", "http://[x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["id", "ref"]), inner),
    max_leaves=5,
)


@given(st.sampled_from(PLACES), ANYTHING)
def test_anything_anywhere_is_read_or_refused_and_no_secret_is_repeated(path: list[Any], value: Any) -> None:
    try:
        said = load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(changed(path, value))}).warnings
    except ConfigProblem as problem:
        said = (str(problem),)
    assert "canary" not in "".join(said)
