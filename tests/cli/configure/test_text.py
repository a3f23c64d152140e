"""Specification of llr_cli/configure/text.py and of edits as a whole: promise 27."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llr_cli.configure import aliases, limits, models, providers
from llr_cli.configure.flags import Given
from llr_cli.configure.keys import set_master
from llr_cli.configure.text import Config

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
UNKNOWN = st.dictionaries(NAMES.map(lambda name: f"x-{name}"), VALUES, max_size=3)
INDENTS = st.sampled_from([None, 1, 2, 4, "\t"])


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A configuration with members that nobody knows everywhere, in any indentation and line end."""
    model = {**draw(UNKNOWN), "id": "m", **draw(UNKNOWN)}
    provider = {**draw(UNKNOWN), "id": "p", "baseUrl": "https://p.example", "models": [model, "n"], **draw(UNKNOWN)}
    alias = {**draw(UNKNOWN), "targets": ["p/m", {"ref": "p/n", **draw(UNKNOWN)}], **draw(UNKNOWN)}
    document = {**draw(UNKNOWN), "providers": [provider, {"id": "q"}], "modelAliases": {"a": alias}, **draw(UNKNOWN)}
    text = json.dumps(document, indent=draw(INDENTS), ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(
        st.sampled_from(["", "\n", "\r\n// the end\r\n"])
    ), document


EDITS: list[tuple[Any, dict[str, Any], Any]] = [
    (providers.edit, {"provider-id": "p", "name": "P"}, ("providers", 0, "name")),
    (providers.edit, {"provider-id": "p", "base-url": "https://new.example"}, ("providers", 0, "baseUrl")),
    (models.edit, {"provider-id": "p", "model": "m", "context-window": 5},
     ("providers", 0, "models", 0, "contextWindow")),
    (models.fallbacks, {"provider-id": "p", "model": "m", "fallback-models": ["p/n"]},
     ("providers", 0, "models", 0, "fallbackModels")),
    (aliases.upsert, {"alias-id": "a", "strategy": "auto"}, ("modelAliases", "a", "strategy")),
    (aliases.upsert, {"alias-id": "b", "targets": ["p/m"]}, ("modelAliases", "b")),
    (limits.edit, {"provider-id": "p", "bucket-requests": 1, "bucket-window": "day"}, ("providers", 0, "rateLimits")),
    (set_master, {"master-key": "k" * 24}, ("masterKey",)),
]  # fmt: skip


def without(data: Any, path: tuple[Any, ...]) -> Any:
    """A copy without what is at `path`."""
    step, rest = path[0], path[1:]
    if isinstance(data, list):
        return [without(item, rest) if n == step and rest else item for n, item in enumerate(data)]
    if not rest:
        return {key: item for key, item in data.items() if key != step}
    return {key: without(item, rest) if key == step else item for key, item in data.items()}


@settings(max_examples=200)
@given(documents(), st.sampled_from(EDITS))
def test_members_that_nobody_knows_survive_every_edit(document: tuple[str, dict[str, Any]], edit: Any) -> None:
    """Promise 27: values, order and numbers as they are written."""
    text, data = document
    function, given_, path = edit
    after = function(Config(text), Given(given_))
    assert json.dumps(without(after.data, path)) == json.dumps(without(data, path))
    assert function(after, Given(given_)).text == after.text or function is limits.edit, "twice is once"


@settings(max_examples=200)
@given(documents(), st.sampled_from(EDITS))
def test_an_edit_only_adds_or_replaces_one_stretch_of_text(document: tuple[str, dict[str, Any]], edit: Any) -> None:
    """Promise 27: every byte in front of it and behind it stays."""
    text, _ = document
    function, given_, _ = edit
    after = function(Config(text), Given(given_)).text
    start = next(
        (n for n, (one, two) in enumerate(zip(text, after, strict=False)) if one != two), min(len(text), len(after))
    )
    rest = 0
    while rest < min(len(text), len(after)) - start and text[-1 - rest] == after[-1 - rest]:
        rest += 1
    replaced = text[start : len(text) - rest]
    assert len(replaced) < 30, f"{replaced!r} is gone"


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_a_list_becomes_any_other(old: list[int], new: list[int]) -> None:
    assert Config(json.dumps({"a": old})).listed(("a",), new).data == {"a": new}


def test_elements_that_stay_are_not_written_anew() -> None:
    text = '{"a": [\n  "x", // first\n  1.50,\n  "y",\n  "z"\n]}'
    after = '{"a": [\n  "x", // first\n  1.50,\n  "z",\n  "new"\n]}'
    assert Config(text).listed(("a",), ["x", 1.5, "z", "new"]).text == after
