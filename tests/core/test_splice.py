"""Specification of addons/core/splice.py."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.errors import BadRequest
from addons.core.splice import JsonObject

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_only_the_model_changes() -> None:
    """Promise 16."""
    raw = b'{ "messages" : [ 1.0, 1e3 ],\n\t"model":  "a" , "n": 12345678901234567890123, "u":"\\u00e9\xc3\xa9"}'
    assert JsonObject(raw).bytes_with({"model": "b"}) == raw.replace(b'"a"', b'"b"')


def test_the_same_model_leaves_every_byte() -> None:
    raw = b'{"x":1,  "model":"a"}\n'
    assert JsonObject(raw).bytes_with({"model": "a"}) is raw


@given(st.dictionaries(st.text(), json_values, max_size=6), st.integers(0, 3))
def test_everything_outside_the_model_is_kept(members: dict[str, object], indent: int) -> None:
    """Promise 17."""
    before = json.dumps({**members, "model": "old-model"}, indent=indent or None)
    after = JsonObject(before.encode()).bytes_with({"model": "new"}).decode()
    start, end = before.rindex('"old-model"'), before.rindex('"old-model"') + len('"old-model"')
    assert after == before[:start] + '"new"' + before[end:]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_no_provider_could_read_is_no_number(number: str) -> None:
    """RFC 8259 §6. Written anew it would break the answer's JSON too, where that repeats the request."""
    with pytest.raises(BadRequest):
        JsonObject(f'{{"temperature":{number}}}'.encode())


def test_a_lone_surrogate_escape_passes() -> None:
    """Promise 18."""
    raw = b'{"model":"a","text":"\\ud83d"}'
    assert JsonObject(raw).bytes_with({"model": "b"}) == b'{"model":"b","text":"\\ud83d"}'


def test_every_occurrence_of_a_repeated_key_changes() -> None:
    assert JsonObject(b'{"model":"a","model":"b"}').bytes_with({"model": "c"}) == b'{"model":"c","model":"c"}'


def test_an_absent_member_is_added_in_front() -> None:
    assert JsonObject(b'{"a":1}').bytes_with({"model": "m"}) == b'{"model":"m","a":1}'
    assert JsonObject(b"{}").bytes_with({"model": "m"}) == b'{"model":"m"}'
    assert JsonObject(b"").bytes_with({"model": "m"}) == b'{"model":"m"}'


@pytest.mark.parametrize("gone", ["a", "b", "c"])
def test_a_member_can_be_taken_out(gone: str) -> None:
    raw = b'{ "a": 1, "b": [2], "c": 3 }'
    expected = {key: value for key, value in json.loads(raw).items() if key != gone}
    assert json.loads(JsonObject(raw).bytes_with({}, frozenset({gone}))) == expected


def test_a_depth_bomb_is_the_clients_mistake() -> None:
    """Promise 19."""
    with pytest.raises(BadRequest, match="nested too deeply"):
        JsonObject(b'{"a":' + b"[" * 200_000)


@pytest.mark.parametrize(
    "raw", [b"[]", b"nonsense", b'{"a":1', b'{"a" 1}', b'{"a":1} x', b"{1:2}", b'{"a":1,}', b'{"a":}', b"\xff{}"]
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        JsonObject(raw)
