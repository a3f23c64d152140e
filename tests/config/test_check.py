"""Specification of addons/config/check.py: unknown keys and references that lead nowhere."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from addons.config import ConfigProblem, Loaded, load


def loaded(aliases: Mapping[str, Any] | None = None, **top: Any) -> Loaded:
    own = {"id": "p", "baseUrl": "https://api.example", "format": "openai", "models": ["m", {"id": "n", "alias": "nn"}]}
    document = {"providers": [own], "modelAliases": aliases or {}, **top}
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)})


def problems(aliases: Mapping[str, Any] | None = None, **top: Any) -> list[str]:
    with pytest.raises(ConfigProblem) as caught:
        loaded(aliases, **top)
    return caught.value.problems


@pytest.mark.parametrize("ref", ["p/m", "p/nn", "m", "nn", "b", "alias:b", "claude-*"])
def test_whatever_names_something_is_a_good_target(ref: str) -> None:
    aliases = {"a": {"targets": [ref]}, "b": {"targets": ["p/m"]}, "claude-*": {"targets": ["p/m"]}}
    assert loaded(aliases).plan.aliases["a"].targets[0].ref == ref


@pytest.mark.parametrize("ref", ["p/x", "x", "alias:x", "q/m", "smart", "claude-3"])
def test_a_target_that_names_nothing_is_a_problem(ref: str) -> None:
    (problem,) = problems({"a": {"targets": ["p/m", ref]}, "claude-*": {"targets": ["p/m"]}})
    assert problem.startswith("modelAliases.a.targets[1]: ") and repr(ref) in problem


@pytest.mark.parametrize("ref", ["", " ", "p/m n"])
def test_a_target_with_white_space_is_a_problem(ref: str) -> None:
    assert problems({"a": {"targets": [ref]}})[0].startswith("modelAliases.a.targets[0].ref: ")


@pytest.mark.parametrize("name", ["p/m", "m", "a", "alias:a", "default", "smart", "claude-3", "m[1m]"])
def test_a_default_model_is_any_name_that_a_client_may_use(name: str) -> None:
    aliases = {"a": {"targets": ["p/m"]}, "claude-*": {"targets": ["p/m"]}}
    assert loaded(aliases, defaultModel=name).plan.default_model == name


def test_the_nearest_names_are_told() -> None:
    assert "near it: coder" in problems({"coder": {"targets": ["p/m"]}}, defaultModel="codre")[0]


def test_each_circle_of_aliases_is_told_once_with_its_members() -> None:
    targets = {"a": "b", "b": "c", "c": "alias:b", "d": "d"}
    found = problems({name: {"targets": [target]} for name, target in targets.items()})
    assert [problem.rpartition(": ")[2] for problem in found] == ["b -> c -> b", "d -> d"]


def test_a_diamond_of_aliases_is_no_circle() -> None:
    aliases: dict[str, Any] = {
        "a": {"targets": ["b", "c"]},
        "b": {"targets": ["d"]},
        "c": {"targets": ["d"]},
        "d": {"targets": ["m"]},
    }
    assert loaded(aliases).plan.aliases.keys() == aliases.keys()


@pytest.mark.parametrize(
    ("name", "good"),
    [("a", True), ("9.b_c:d-e[1m]", True), ("claude-*", True), ("?", True), ("a b", False), ("-a", False), ("", False)],
)
def test_the_grammar_of_alias_names(name: str, good: bool) -> None:
    if good:
        assert name in loaded({name: {"targets": ["p/m"]}}).plan.aliases
    else:
        assert problems({name: {"targets": ["p/m"]}})[0].startswith(f"modelAliases.{name}: expected ")


@pytest.mark.parametrize("key", ["default_model", "defaultmodel", "Default-Model", "defaulModel"])
def test_a_key_in_another_spelling_leads_to_the_documented_one(key: str) -> None:
    (warning,) = loaded(None, **{key: "p/m"}).warnings
    assert warning == f"{key}: unknown key; perhaps 'defaultModel' is meant (kept, without effect)"


def test_a_key_like_no_other_has_no_suggestion() -> None:
    assert loaded(zzz=1).warnings == ("zzz: unknown key (kept, without effect)",)


def test_a_newer_version_is_read_with_a_warning() -> None:
    assert loaded(version=3).warnings[0].startswith("version: 3 is newer than 2")
