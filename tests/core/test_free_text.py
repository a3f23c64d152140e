"""The free text of a custom tool, out of the JSON object around it, piece by piece."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.free_text import FreeText, unwrapped

awkward = st.text(st.sampled_from('a"\\\n\x00/u0d8{}é🙂\ud83d\ude42'), max_size=12)


def passed_on(*pieces: str) -> list[str]:
    """What each piece gives, and the end."""
    text = FreeText()
    return [*(text.feed(piece) for piece in pieces), text.finish()]


@given(text=st.text() | awkward, ascii_only=st.booleans(), cuts=st.lists(st.integers(0, 60), max_size=6))
def test_any_pieces_make_up_the_text(text: str, ascii_only: bool, cuts: list[int]) -> None:
    """Promise 14."""
    whole = json.dumps({"input": text}, ensure_ascii=ascii_only)
    ends = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})

    assert "".join(passed_on(*(whole[a:b] for a, b in pairwise(ends)))) == unwrapped(whole)


def test_the_text_is_passed_on_as_it_comes() -> None:
    assert passed_on('{"in', 'put": "a', "b", 'c"', "}") == ["", "a", "b", "c", "", ""]


@pytest.mark.parametrize(
    ("pieces", "given"),
    [
        (("a\\", "nb"), ["a", "\nb"]),
        (("\\u00", "e9."), ["", "é."]),
        (("\\ud83d", "\\ude42"), ["", "🙂"]),
        (("\\ud83d\\u", "0041"), ["", "\ud83dA"]),
        (("\\ud83d", "x"), ["", "\ud83dx"]),
    ],
    ids=["short", "unicode", "pair", "half of a pair", "lone"],
)
def test_an_escape_waits_for_its_end(pieces: tuple[str, ...], given: list[str]) -> None:
    assert passed_on('{"input":"', *pieces)[1:-1] == given


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input": "two\nlines"}', "two\nlines"),
        ('{"input": "\\d+"}', "\\d+"),
        ('{"input": "\\uZZ"}', "\\uZZ"),
        ('{"input": "cut o', "cut o"),
        ('{"input": "cut \\u00', "cut \\u00"),
        ('{"input": "a", "more": 1}', "a"),
        (' {\n "input" :\t"a" }', "a"),
    ],
)
def test_what_json_does_not_allow_stands_for_itself(arguments: str, text: str) -> None:
    """Promise 14: nothing that the model wrote is lost."""
    assert "".join(passed_on(arguments)) == "".join(passed_on(*arguments)) == text


@pytest.mark.parametrize(
    "arguments", ['{"code": "x"}', "plain text", "[1]", '{"input": 5}', "", '{"input', " " * 99 + "x"]
)
def test_arguments_of_another_shape_are_the_text(arguments: str) -> None:
    """Promise 14: forwarded, not repaired."""
    assert "".join(passed_on(*arguments)) == arguments


def test_the_object_may_have_other_members_first() -> None:
    assert passed_on('{"why": 1, ', '"input": "a"}') == ["", "", "a"]
