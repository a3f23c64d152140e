"""Arguments that a Gemini provider gives in pieces: the text that is made of them while they come."""

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.errors import RemoteDataError
from addons.core.events import PartDelta, PartOpen
from addons.dialects._gemini_partial import PartialCall
from addons.dialects._gemini_parts import Parts

type Json = dict[str, Any]


def piece(path: str, value: Any = None, *, more: bool = False) -> Json:
    kinds = {bool: "boolValue", int: "numberValue", float: "numberValue", str: "stringValue", type(None): "nullValue"}
    shown = "NULL_VALUE" if value is None else value
    return {"jsonPath": path, kinds[type(value)]: shown, **({"willContinue": True} if more else {})}


def pieces_of(path: str, value: Any, cut: int = 2) -> list[Json]:
    """`value` in the order in which a model writes it; texts in pieces of `cut` characters. Empty containers have no
    piece."""
    match value:
        case dict():
            return [each for key, item in value.items() for each in pieces_of(f"{path}['{key}']", item, cut)]
        case list():
            return [each for n, item in enumerate(value) for each in pieces_of(f"{path}[{n}]", item, cut)]
        case str() if value:
            starts = range(0, len(value), cut)
            return [piece(path, value[at : at + cut], more=at + cut < len(value)) for at in starts]
        case _:
            return [piece(path, value)]


def written(*pieces: Mapping[str, Any]) -> list[str]:
    """What each piece adds, and the rest."""
    call = PartialCall(0)
    return [*(call.add({"partialArgs": [each]}) for each in pieces), call.end()]


def gathered(*pieces: Mapping[str, Any]) -> Any:
    return json.loads("".join(written(*pieces)))


names = st.text(st.characters(exclude_characters="'", exclude_categories=("Cs",)), min_size=1, max_size=4)
scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=7)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(names, values, max_size=4)


@given(objects, st.integers(1, 3))
def test_pieces_in_the_order_of_writing_make_the_whole_and_nothing_else(whole: Json, cut: int) -> None:
    assert "".join(written(*pieces_of("$", whole, cut))) == jsonio.text(whole)


@given(objects, st.integers(1, 3))
def test_every_piece_in_order_is_written_at_once(whole: Json, cut: int) -> None:
    """Nothing waits for the end but what closes."""
    *added, last = written(*pieces_of("$", whole, cut))
    assert all(added)
    assert set(last) <= {'"', "]", "}", "{"}


paths = st.sampled_from(["$.a", "$.b", "$.a.x", "$.a.y", "$.b[0]", "$.b[1]", "$.b[2].x", "$.c.d.e", "$.c.d.f"])
somewhere = st.lists(st.builds(piece, paths, scalars | st.just("text"), more=st.booleans()), max_size=8)


class Model:
    """What the pieces amount to, the slow way: all of it is put in place, and written at the end."""

    def __init__(self) -> None:
        self.whole: Json = {}
        self.last: str | None = None

    def add(self, each: Json) -> None:
        path = each["jsonPath"]
        keys = path[2:].replace("[", ".").replace("]", "").split(".")
        place: Any = self.whole
        for key, following in pairwise(keys):
            place = self.step(place, key, [] if following.isdecimal() else {})
        value = next(item for name, item in each.items() if name.endswith("Value"))
        value = None if value == "NULL_VALUE" else value
        key = keys[-1]
        if isinstance(value, str) and self.last == path:
            value = self.get(place, key) + value
        self.set(place, key, value)
        self.last = path if isinstance(value, str) else None

    def step(self, place: Any, key: str, made: Any) -> Any:
        if self.get(place, key) is None:
            self.set(place, key, made)
        return self.get(place, key)

    def get(self, place: Any, key: str) -> Any:
        if isinstance(place, list):
            return place[int(key)] if int(key) < len(place) else None
        if not isinstance(place, dict) or key.isdecimal():
            raise RemoteDataError("two shapes")
        return place.get(key)

    def set(self, place: Any, key: str, value: Any) -> None:
        if isinstance(place, list) != key.isdecimal() or not isinstance(place, (list, dict)):
            raise RemoteDataError("two shapes")
        if isinstance(place, list):
            place += [None] * (int(key) + 1 - len(place))
            place[int(key)] = value
        else:
            place[key] = value


@given(somewhere)
def test_pieces_in_any_order_amount_to_what_they_say(found: list[Json]) -> None:
    model = Model()
    try:
        for each in found:
            model.add(each)
    except RemoteDataError:
        with pytest.raises(RemoteDataError):
            written(*found)
        return
    assert gathered(*found) == model.whole


def test_a_text_leaves_piece_by_piece() -> None:
    assert written(piece("$.city", "Be", more=True), piece("$.city", "rn")) == ['{"city":"Be', "rn", '"}']


def test_a_piece_need_not_say_that_another_follows() -> None:
    assert gathered(piece("$.city", "San "), piece("$.city", "Francisco")) == {"city": "San Francisco"}


def test_a_piece_without_a_value_ends_a_text() -> None:
    assert gathered(piece("$.city", "Bern", more=True), {"jsonPath": "$.city"}, piece("$.a", 1)) == {
        "city": "Bern", "a": 1,
    }  # fmt: skip


def test_what_is_put_right_later_is_written_once_more() -> None:
    """The last of two members of one name counts."""
    texts = written(piece("$.a.x", 1), piece("$.b", 2), piece("$.a.y", 3))
    assert "".join(texts) == '{"a":{"x":1},"b":2,"a":{"x":1,"y":3}}'


def test_whole_arguments_do_not_go_on_with_a_text() -> None:
    call = PartialCall(0)
    texts = [call.add({"partialArgs": [piece("$.a", "one", more=True)]}), call.add({"args": {"a": "two"}}), call.end()]
    assert json.loads("".join(texts)) == {"a": "two"}


def test_a_call_without_arguments_has_an_empty_object() -> None:
    assert written() == ["{}"]


def test_a_long_text_stays_linear() -> None:
    """In a list, as all texts of one place: joined once."""
    call = PartialCall(0)
    texts = [call.add({"partialArgs": [piece("$.a", "x" * 10, more=True)]}) for _ in range(20_000)]
    assert max(map(len, texts)) < 30
    assert json.loads("".join(texts) + call.end()) == {"a": "x" * 200_000}


def test_the_deltas_of_a_call_leave_as_they_come() -> None:
    parts = Parts()
    first = list(parts.part({"functionCall": {"name": "look", "willContinue": True}}))
    second = list(
        parts.part({"functionCall": {"partialArgs": [piece("$.city", "Be", more=True)], "willContinue": True}})
    )
    last = list(parts.part({"functionCall": {"partialArgs": [piece("$.city", "rn")]}}))
    assert [type(event) for event in first] == [PartOpen]
    assert second == [PartDelta(0, '{"city":"Be')]
    assert last[0] == PartDelta(0, 'rn"}')


def test_a_whole_call_is_one_delta() -> None:
    events = list(Parts().part({"functionCall": {"name": "look", "args": {"a": "b", "c": [1]}}}))
    assert [event.text for event in events if isinstance(event, PartDelta)] == ['{"a":"b","c":[1]}']
    assert fold(events).parts
