"""JSON in and out: nothing is mangled, nothing that is not JSON gets in or out."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core import jsonio


@pytest.mark.parametrize(
    "document",
    [
        "9007199254740993",
        "123456789012345678901234567890",
        "-9007199254740993",
        "1.0",
        "1",
        "0.1",
        '{"b":1,"a":{"d":2,"c":3}}',
        '"ä 日本 🙂 \u2028"',
        '""',
    ],
)
def test_a_document_survives_untouched(document: str) -> None:
    """Promise 17."""
    assert jsonio.dumps(jsonio.loads(document.encode())) == document.encode()


def test_of_duplicate_keys_the_last_counts() -> None:
    """Promise 17: as in JavaScript, and so as the client's author meant it."""
    assert jsonio.loads('{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}


@pytest.mark.parametrize("document", [rb'"\ud83d"', rb'{"\ude00":"a\ud83db"}'])
def test_a_lone_surrogate_is_read_and_written_again(document: bytes) -> None:
    """Promise 18."""
    assert jsonio.dumps(jsonio.loads(document)) == document


def test_what_is_written_beside_a_lone_surrogate_still_means_the_same() -> None:
    """Promise 18."""
    assert jsonio.loads(jsonio.dumps(["ä", "\ud83d", "🙂"])) == ["ä", "\ud83d", "🙂"]


@pytest.mark.parametrize("bomb", ["[" * 200_000, '{"a":' * 200_000, "[" * 5_000 + "]" * 5_000])
def test_a_depth_bomb_is_no_json(bomb: str) -> None:
    """Promise 19."""
    with pytest.raises(jsonio.JsonError, match="nested too deeply"):
        jsonio.loads(bomb)


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}")])
def test_the_depth_limit_is_exact(begin: str, end: str) -> None:
    """Promise 19."""
    deepest = begin * jsonio.DEPTH_LIMIT + "0" + end * jsonio.DEPTH_LIMIT

    assert jsonio.dumps(jsonio.loads(deepest)).decode() == deepest
    with pytest.raises(jsonio.JsonError):
        jsonio.loads(begin + deepest + end)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    """Promise 19: the limit is on depth, not on size."""
    assert len(jsonio.loads("[" + ",".join(["[{}]"] * 5_000) + "]")) == 5_000


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5_000])
def test_a_number_that_no_client_could_read_back_is_refused(number: str) -> None:
    with pytest.raises(jsonio.JsonError):
        jsonio.loads(f'{{"n":{number}}}')


@pytest.mark.parametrize("data", [b"", b"{", b"nul", b'{"a":1}x', b'"\xff"', b"<html>", b"'a'", b'{"a":1,}'])
def test_what_is_not_json_raises_json_error(data: bytes) -> None:
    with pytest.raises(jsonio.JsonError):
        jsonio.loads(data)


def test_a_byte_order_mark_is_forgiven() -> None:
    assert jsonio.loads(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@given(st.binary(max_size=64))
def test_no_bytes_raise_anything_but_json_error(data: bytes) -> None:
    with contextlib.suppress(jsonio.JsonError):
        jsonio.loads(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_comes_back(value: object) -> None:
    """Promise 17."""
    assert jsonio.loads(jsonio.dumps(value)) == value
    assert json.loads(jsonio.text(value)) == value
