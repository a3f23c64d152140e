"""Specification of llr_cli/tools/spans/toml.py."""

import copy
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llr_cli.tools.spans import toml, toml_text, toml_tree
from llr_cli.tools.spans.common import MISSING, SpanProblem

KEYS = st.sampled_from(["a", "b", "c-d", "model", "x.y", "ä", 'q"'])
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=4),
    st.dates(min_value=date(1000, 1, 1)),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=4
)
COMMENTS = st.sampled_from(["", "", "  # = [note]", " #"])
WRITTEN = st.sampled_from(
    ['"""\nx"""', "'''y''''", "'lit'", "1_000", "0xff", "[ # c\n 1,\n 2, ]", "{ a = 1, b.c = 2 }"]
)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """The keys of one table, some of them dotted, with comments and blank lines."""
    out = []
    for name in draw(st.lists(KEYS, unique=True, max_size=3)):
        key = toml_text.key(name)
        margin = draw(st.sampled_from(["", "", "  "]))
        dotted = draw(st.booleans())
        for part in [f"{key}.one", f"{key} . two.three"] if dotted else [key]:
            value = draw(st.one_of(VALUES.map(toml_text.dumped), WRITTEN))
            out.append(f"{margin}{part}{draw(st.sampled_from([' = ', '=']))}{value}{draw(COMMENTS)}")
        out += draw(st.sampled_from([[], [""], ["# about the next"]]))
    return out


@st.composite
def documents(draw: st.DrawFn) -> str:
    out = draw(st.sampled_from([[], ["# head", ""], ["#:schema x"]])) + draw(lines())
    for name in draw(st.lists(st.sampled_from(["t", "u", "v.w", "v", "z"]), unique=True, max_size=4)):
        out += draw(st.sampled_from([[], [""], ["", "# section"]]))
        if name == "z":
            out += ["[[z]]", *draw(lines()), "[[z]]", *draw(lines())]
        else:
            out += [f"[{name}]{draw(COMMENTS)}", *draw(lines())]
    text = "\n".join(out) + draw(st.sampled_from(["\n", "", "\n\n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text


def read(text: str) -> dict[str, Any]:
    return tomllib.loads(text.removeprefix("\ufeff"))


def paths(value: Any) -> list[tuple[Any, ...]]:
    steps = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(step, *rest) for step, inner in steps for rest in [(), *paths(inner)]]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@given(documents(), VALUES, st.data())
def test_outside_a_changed_value_every_byte_stays(text: str, new: Any, data: st.DataObject) -> None:
    """Promise 27."""
    values = [path for path in paths(read(text)) if toml.verbatim(text, path) is not None]
    if not values:
        return
    path = data.draw(st.sampled_from(values))
    old = toml.verbatim(text, path)
    assert old is not None
    edited = toml.set(text, path, new)
    assert repr(toml.get(edited, path)) == repr(new)
    assert toml.set(edited, path, old) == text or repr(toml.get(text, path)) == repr(new)
    expected = copy.deepcopy(read(text))
    at(expected, path[:-1])[path[-1]] = new
    assert repr(read(edited)) == repr(expected)


@given(documents(), SCALARS, st.data())
def test_a_new_key_can_be_taken_back(text: str, new: Any, data: st.DataObject) -> None:
    """Promise 27: deleting what was added gives the old text again, but for the header of a table that only its
    subtables had made."""
    tables = [path for path in [(), *paths(read(text))] if isinstance(at(read(text), path), dict)]
    path = (*data.draw(st.sampled_from(tables)), "new key")
    edited = toml.set(text, path, new)
    assert repr(toml.get(edited, path)) == repr(new)
    back = toml.delete(edited, path)
    if len(toml_tree.parse(edited).headers) > len(toml_tree.parse(text).headers):
        assert back.startswith(text) and back[len(text) :].strip() == f"[{toml_text.dotted(path[:-1])}]"
    else:
        assert back == text


@given(documents(), SCALARS)
def test_a_new_section_can_be_taken_back(text: str, new: Any) -> None:
    """Promise 27."""
    edited = toml.set(text, ("providers", "llr", "url"), new)
    assert toml.get(edited, ("providers", "llr")) == {"url": new}
    assert toml.delete(edited, ("providers",)) == text
    assert toml.set(edited, ("providers", "llr", "url"), new) == edited


@given(documents(), st.data())
def test_a_deleted_key_takes_nothing_else_along(text: str, data: st.DataObject) -> None:
    """Promise 27: comments stay, and so does every other value."""
    value = read(text)
    found = [path for path in paths(value) if isinstance(path[-1], str)]
    if not found:
        return
    path = data.draw(st.sampled_from(found))
    edited = toml.delete(text, path)
    assert toml.get(edited, path) is MISSING
    del at(value, path[:-1])[path[-1]]
    assert without_empty(read(edited)) == without_empty(value)


def without_empty(value: Any) -> Any:
    """Tables that only dotted keys made go with their last key."""
    if isinstance(value, dict):
        inner = {key: without_empty(each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if each != {}}
    return [without_empty(each) for each in value] if isinstance(value, list) else value


def test_a_changed_value_keeps_the_comment_on_its_line() -> None:
    """Promise 27: the predecessor lost it."""
    text = '\ufeffmodel = "gpt"   # mine\r\n[a]\r\n'
    assert toml.set(text, ("model",), "fast") == text.replace('"gpt"', '"fast"')


def test_a_deleted_line_leaves_its_comment() -> None:
    """Promise 27."""
    text = "# one\na = 1 # two\n[t] # three\n# four\nb = 2\n\n[u]\n"
    assert toml.delete(toml.delete(text, ("a",)), ("t",)) == "# one\n# two\n# three\n# four\n\n[u]\n"


def test_a_root_key_goes_before_the_first_table_and_its_comment() -> None:
    assert toml.set("#:schema x\n\n# about a\n[a]\n", ("k",), 1) == "#:schema x\n\nk = 1\n# about a\n[a]\n"


def test_a_table_of_dotted_keys_grows_by_a_dotted_key() -> None:
    assert toml.set("a.b.c = 1\nd = 2\n", ("a", "b", "e"), 3) == "a.b.c = 1\na.b.e = 3\nd = 2\n"


def test_an_element_of_an_array_of_tables_is_edited_where_it_stands() -> None:
    text = "[[a]]\nk = 1\n[[a]]\nk = 2\n"
    assert toml.set(text, ("a", 1, "k"), 3) == "[[a]]\nk = 1\n[[a]]\nk = 3\n"
    assert toml.set(text, ("a", 0, "n"), 3) == "[[a]]\nk = 1\nn = 3\n[[a]]\nk = 2\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\nb = \n", "line 2, column 5"),
        ("a = 1\na = 2", "line 2"),
        ("[a\n", "line 1"),
        ("\ufeff= 1", "line 1, column 1"),
    ],
)
def test_a_problem_names_its_place_and_the_mend(text: str, place: str) -> None:
    with pytest.raises(SpanProblem, match=place):
        toml.set(text, ("k",), 1)


@pytest.mark.parametrize("text", ["a = 1", "a = [1]", "[[a]]"])
def test_what_is_no_table_is_never_replaced_by_one(text: str) -> None:
    with pytest.raises(SpanProblem):
        toml.set(text, ("a", "b"), 1)


def test_a_table_of_several_lines_is_never_replaced_by_a_value() -> None:
    with pytest.raises(SpanProblem):
        toml.set("[a]\nb = 1\n", ("a",), 1)
