"""Specification of llr_cli/tools/spans/jsonc.py."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llr_cli.tools.spans import jsonc
from llr_cli.tools.spans.common import MISSING, Item, SpanProblem, Verbatim

BLANKS = ("", "", " ", "\n", "\n  ", "\n\t", "\n\n", " /* ,}] */ ", ' // "{\n', "/* two\nlines */")
KEYS = st.sampled_from(["a", "b", "env", 'q"\\', "ä", ""])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """`value` as JSON with anything that JSONC allows between its tokens."""

    def blank() -> str:
        return draw(st.sampled_from(BLANKS))

    if isinstance(value, dict):
        inner = [
            f"{blank()}{json.dumps(key)}{blank()}:{blank()}{draw(written(each))}{blank()}"
            for key, each in value.items()
        ]
    elif isinstance(value, list):
        inner = [f"{blank()}{draw(written(each))}{blank()}" for each in value]
    else:
        return json.dumps(value, ensure_ascii=draw(st.booleans()))
    trailing = "," if inner and draw(st.booleans()) else ""
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + ",".join(inner) + trailing + blank() + closing


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    value = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    style = draw(st.sampled_from(["free", "lines", "tabs", "tight"]))
    if style == "free":
        text = draw(st.sampled_from(BLANKS)) + draw(written(value)) + draw(st.sampled_from(BLANKS))
    else:
        indent = {"lines": 2, "tabs": "\t", "tight": None}[style]
        text = json.dumps(value, indent=indent, separators=(",", ":") if style == "tight" else None) + "\n"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text, value


def paths(value: Any) -> list[tuple[Any, ...]]:
    """Every place in `value` but the whole."""
    steps = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(step, *rest) for step, inner in steps for rest in [(), *paths(inner)]]


def objects(value: Any) -> list[tuple[Any, ...]]:
    return [path for path in [(), *paths(value)] if isinstance(at(value, path), dict)]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@given(documents())
def test_every_value_is_found(document: tuple[str, dict[str, Any]]) -> None:
    text, value = document
    assert repr(jsonc.get(text, ())) == repr(value)
    assert all(repr(jsonc.get(text, path)) == repr(at(value, path)) for path in paths(value))


@given(documents(), VALUES, st.data())
def test_outside_a_changed_value_every_byte_stays(
    document: tuple[str, dict[str, Any]], new: Any, data: st.DataObject
) -> None:
    """Promise 27."""
    text, value = document
    if not paths(value):
        return
    path = data.draw(st.sampled_from(paths(value)))
    old = jsonc.verbatim(text, path)
    assert old is not None
    edited = jsonc.set(text, path, new)
    assert repr(jsonc.get(edited, path)) == repr(new)
    # what was there goes back as it was written, and with it the whole text
    assert jsonc.set(edited, path, old) == text or repr(at(value, path)) == repr(new)
    before = next(i for i in range(len(text) + 1) if text[: i + 1] != edited[: i + 1] or i == len(text))
    assert before == len(text) == len(edited) or old.text in text[max(0, before - len(old.text)) :]


@given(documents(), VALUES, st.data())
def test_a_new_key_can_be_taken_back(document: tuple[str, dict[str, Any]], new: Any, data: st.DataObject) -> None:
    """Promise 27: deleting what was added gives the old text again."""
    text, value = document
    path = (*data.draw(st.sampled_from(objects(value))), "new key")
    deep = (*path, *data.draw(st.sampled_from([(), ("x",), ("x", "y")])))
    edited = jsonc.set(text, deep, new)
    assert repr(jsonc.get(edited, deep)) == repr(new)
    assert jsonc.delete(edited, path) == text


@given(documents(), st.data())
def test_a_deleted_value_takes_nothing_else_along(document: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    """Promise 27: comments stay, and so does every other value."""
    text, value = document
    found = [path for path in paths(value) if isinstance(path[-1], str)]
    if not found:
        return
    path = data.draw(st.sampled_from(found))
    edited = jsonc.delete(text, path)
    del at(value, path[:-1])[path[-1]]
    assert repr(jsonc.get(edited, ())) == repr(value)


@given(documents(), VALUES)
def test_setting_twice_is_setting_once(document: tuple[str, dict[str, Any]], new: Any) -> None:
    """Promise 29."""
    once = jsonc.set(document[0], ("new key", "inner"), new)
    assert jsonc.set(once, ("new key", "inner"), new) == once


def test_a_new_member_is_written_as_its_neighbours() -> None:
    text = '\ufeff{\r\n\t// first\r\n\t"env": {\r\n\t\t"A": "1", // one\r\n\t},\r\n}\r\n'
    edited = jsonc.set(text, ("env", "B"), "2")
    assert edited == text.replace("// one\r\n", '// one\r\n\t\t"B": "2",\r\n')


def test_missing_parents_are_made_in_the_style_of_the_file() -> None:
    assert (
        jsonc.set('{\n    "a": 1\n}\n', ("env", "B"), "2")
        == '{\n    "a": 1,\n    "env": {\n        "B": "2"\n    }\n}\n'
    )
    assert jsonc.set('{"a":1}', ("env", "B"), "2") == '{"a":1,"env":{"B":"2"}}'


@pytest.mark.parametrize("text", ["", "\ufeff", "// nothing yet\n"])
def test_a_text_without_a_value_becomes_a_document(text: str) -> None:
    assert jsonc.set(text, ("a",), 1) == text + '{\n  "a": 1\n}\n'


def test_an_element_is_found_by_one_of_its_keys() -> None:
    path = ("models", Item("id", "two"), "url")
    text = '{"models": [{"id": "one"}]}'
    edited = jsonc.set(text, path, "u")
    assert edited == '{"models": [{"id": "one"}, {"id": "two", "url": "u"}]}'
    assert jsonc.get(edited, path) == "u" and jsonc.get(text, path) is MISSING
    assert jsonc.delete(edited, path[:-1]) == text


def test_a_key_that_stands_twice_is_deleted_twice() -> None:
    """The first one would count again."""
    assert jsonc.delete('{"a": 1, "b": 2, "a": 3}', ("a",)) == '{"b": 2}'
    assert jsonc.set('{"a": 1, "a": 3}', ("a",), 4) == '{"a": 1, "a": 4}'


def test_a_number_goes_back_as_it_was_written() -> None:
    assert jsonc.verbatim('{"a": 1.50}', ("a",)) == Verbatim("1.50")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "a" 1\n}', "line 2, column 7"),
        ('{\n  "a": 1\n  "b": 2\n}', "line 3, column 3"),
        ('{"a": }', "line 1, column 7"),
        ('\ufeff{"a": "x\n"}', "line 1, column 7"),
        ('{"a": 1', "line 1, column 8"),
        ("{a: 1}", "line 1, column 2"),
        ('{"a": 1} 2', "line 1, column 10"),
        ('{"a": ' + "[" * 300, "line 1, column "),
        ('{"a": "\\x"}', "line 1, column "),
    ],
)
def test_a_problem_names_its_place_and_the_mend(text: str, place: str) -> None:
    with pytest.raises(SpanProblem, match=place):
        jsonc.set(text, ("a",), 1)


def test_what_is_no_object_is_never_replaced_by_one() -> None:
    with pytest.raises(SpanProblem, match="line 1, column 9: expected an object at env"):
        jsonc.set('{"env": "text"}', ("env", "A"), "1")


@given(st.text(alphabet='{}[]":,/*\\ \n01ab'))
def test_any_text_is_edited_or_refused(text: str) -> None:
    try:
        edited = jsonc.set(text, ("a",), 1)
    except SpanProblem:
        return
    assert jsonc.get(edited, ("a",)) == 1


def test_deleting_an_element_leaves_those_behind_it() -> None:
    assert jsonc.delete('{"a": [1, 2, 3]}', ("a", 0)) == '{"a": [2, 3]}'


def test_a_member_is_renamed_where_it_stands() -> None:
    text = '{ "a" : {"b":1, // x\n "c": 2,} }'
    assert jsonc.rename(text, ("a", "b"), 'n"') == text.replace('"b"', '"n\\""')
    assert jsonc.rename(text, ("a", "none"), "x") == text and jsonc.rename(text, (), "x") == text
