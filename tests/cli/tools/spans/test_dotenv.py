"""Specification of llr_cli/tools/spans/dotenv.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llr_cli.tools.spans import dotenv
from llr_cli.tools.spans.common import MISSING, SpanProblem

LINES = st.sampled_from(
    ["", "# A=1", "A=1", "export B = 'x # y'", 'C="a\\"b" # c', "D= plain words # d", "not a line", " E="]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    text = "\n".join(draw(st.lists(LINES, max_size=5))) + draw(st.sampled_from(["", "\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + (text.replace("\n", "\r\n") if draw(st.booleans()) else text)


@given(documents(), st.text(alphabet="ab'\"\\ #\n=", max_size=6))
def test_a_new_variable_can_be_taken_back(text: str, value: str) -> None:
    """Promise 27."""
    edited = dotenv.set(text, ("NEW",), value)
    assert dotenv.get(edited, ("NEW",)) == value
    assert dotenv.set(edited, ("NEW",), value) == edited
    assert dotenv.delete(edited, ("NEW",)) == text


@given(documents(), st.sampled_from(["A", "B", "C", "D", "E"]))
def test_a_changed_variable_goes_back_as_it_was_written(text: str, name: str) -> None:
    """Promise 27."""
    old = dotenv.verbatim(text, (name,))
    if old is None:
        return
    edited = dotenv.set(text, (name,), "http://127.0.0.1:1")
    assert dotenv.get(edited, (name,)) == "http://127.0.0.1:1"
    assert dotenv.set(edited, (name,), old) == text


def test_comments_and_quotes_are_read_as_the_tools_read_them() -> None:
    text = 'A=1\nexport B = \'x # y\'\nC="a\\"b" # c\nD= plain words # d\nA=2\n'
    assert [dotenv.get(text, (name,)) for name in "ABCDE"] == ["2", "x # y", 'a"b', "plain words", MISSING]


def test_a_variable_is_deleted_wherever_it_stands_and_comments_stay() -> None:
    assert dotenv.delete("A=1\nB=2 # b\nA=3\n", ("A",)) == "B=2 # b\n"
    assert dotenv.delete("A=1 # a\nB=2\n", ("A",)) == "# a\nB=2\n"


def test_only_text_is_written() -> None:
    with pytest.raises(SpanProblem):
        dotenv.set("", ("A",), 1)
