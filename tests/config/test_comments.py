"""Specification of addons/config/comments.py."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.config.comments import without_comments

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, // one\n "b": 2}', {"a": 1, "b": 2}),
        ('/* before */ {"a": [1, 2, /* x */ ], }', {"a": [1, 2]}),
        ('{"url": "http://x/*y*/", "c": "a,]"}', {"url": "http://x/*y*/", "c": "a,]"}),
        ('{"a": "\\"// no", }', {"a": '"// no'}),
    ],
)
def test_comments_and_trailing_commas_are_let_pass(text: str, value: object) -> None:
    assert json.loads(without_comments(text)) == value


def test_an_error_is_where_it_is_in_the_file() -> None:
    text = '{\n  // one\n  "a": /* two\n  */ nonsense\n}'
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads(without_comments(text))
    assert (error.value.lineno, error.value.colno) == (4, 6)


@pytest.mark.parametrize("text", ["[1,,]", "[,]", "{,}", "[1 /* open"])
def test_what_is_wrong_stays_wrong(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(without_comments(text))


@given(VALUES)
def test_plain_json_is_not_touched(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2, ensure_ascii=False)):
        assert without_comments(text) == text
