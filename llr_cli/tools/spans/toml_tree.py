"""Finds where everything stands in a TOML document that `tomllib` has accepted.

It reads valid TOML only, so it has no errors of its own: `parse` lets the standard library judge first.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from llr_cli.tools.spans.common import BOM, SpanProblem

type Keys = tuple[str, ...]
type Place = tuple[str | int, ...]
type Kind = Literal["table", "array", "scalar"]

BARE = re.compile(r"[A-Za-z0-9_-]+")
SCALAR = re.compile(r"[^,\]}#\r\n]*")
SKIPPED = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BLANK = re.compile(r"[ \t]*")
QUOTED = re.compile(
    r'''
      """(?:[^\\]|\\.)*?"{3,5}
    | \'{3}.*?\'{3,5}
    | "(?:[^"\\\n]|\\.)*"
    | '[^'\n]*'
    ''',
    re.DOTALL | re.VERBOSE,
)
WHERE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


@dataclass(slots=True)
class Value:
    kind: Kind
    start: int
    end: int = 0
    pairs: list["Pair"] = field(default_factory=list)
    elements: list["Value"] = field(default_factory=list)


@dataclass(slots=True)
class Pair:
    """`keys` as written, below the table `table`; from `start` to the end of its value. `line`: it is a line of its
    own, not a member of an inline table."""

    table: Place
    keys: Keys
    start: int
    value: Value
    line: bool

    @property
    def place(self) -> Place:
        return (*self.table, *self.keys)

    @property
    def end(self) -> int:
        return self.value.end


@dataclass(slots=True)
class Header:
    """A `[table]` or one element of an array of tables; its place holds the element's index."""

    place: Place
    start: int
    end: int


@dataclass(slots=True)
class Document:
    data: dict[str, Any]
    headers: list[Header] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)

    def everything(self) -> Iterator[tuple[Place, Value, Pair]]:
        """Every value that stands somewhere as text, with its place and the line it is on."""
        for pair in self.pairs:
            for place, value in _inside(pair.place, pair.value):
                yield place, value, pair

    def value(self, place: Place) -> Value | None:
        return next((value for found, value, _ in self.everything() if found == place), None)


def parse(text: str) -> Document:
    """The places of a document. Raises SpanProblem when it is no TOML."""
    start = len(BOM) if text.startswith(BOM) else 0
    try:
        # the standard library takes no BOM; a space keeps every place
        document = Document(tomllib.loads(" " * start + text[start:]))
    except tomllib.TOMLDecodeError as error:
        raise _problem(text, str(error)) from error
    except RecursionError as error:
        raise SpanProblem(text, 0, "nested too deeply: no settings look like this") from error
    table: Place = ()
    counts: dict[Place, int] = {}
    position = _skip(text, start)
    while position < len(text):
        if text[position] == "[":
            header = _header(text, position, counts)
            document.headers.append(header)
            table, position = header.place, header.end
        else:
            pair = _pair(text, position, table, True)
            document.pairs.append(pair)
            position = pair.end
        position = _skip(text, position)
    return document


def _problem(text: str, message: str) -> SpanProblem:
    found = WHERE.search(message)
    what = WHERE.sub("", message).strip() or "invalid TOML"
    at = len(text)
    if found and found[1]:
        lines = text.split("\n")
        at = sum(len(line) + 1 for line in lines[: int(found[1]) - 1]) + int(found[2]) - 1
    return SpanProblem(text, min(at, len(text)), f"{what}: mend the file there")


def _skip(text: str, at: int) -> int:
    found = SKIPPED.match(text, at)
    return found.end() if found else at


def _blank(text: str, at: int) -> int:
    found = BLANK.match(text, at)
    return found.end() if found else at


def _header(text: str, at: int, counts: dict[Place, int]) -> Header:
    array = text.startswith("[[", at)
    keys, end = _keys(text, at + (2 if array else 1))
    place: Place = ()
    for index, key in enumerate(keys):
        place = (*place, key)
        if array and index == len(keys) - 1:
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            # the last element so far is the one that is meant
            place = (*place, counts[place] - 1)
    return Header(place, at, end + (2 if array else 1))


def _keys(text: str, at: int) -> tuple[Keys, int]:
    """A dotted key, and where what follows its white space stands."""
    keys: list[str] = []
    while True:
        at = _blank(text, at)
        quoted = QUOTED.match(text, at)
        bare = BARE.match(text, at)
        found = quoted or bare
        assert found is not None, "tomllib has accepted this"
        keys.append(found[0] if quoted is None else tomllib.loads(f"k = {found[0]}")["k"])
        at = _blank(text, found.end())
        if text[at : at + 1] != ".":
            return tuple(keys), at
        at += 1


def _pair(text: str, at: int, table: Place, line: bool) -> Pair:
    keys, equals = _keys(text, at)
    return Pair(table, keys, at, _value(text, _blank(text, equals + 1), (*table, *keys)), line)


def _value(text: str, at: int, place: Place) -> Value:
    if text[at] == "[":
        return _array(text, at, place)
    if text[at] == "{":
        return _inline(text, at, place)
    quoted = QUOTED.match(text, at)
    if quoted:
        return Value("scalar", at, quoted.end())
    scalar = SCALAR.match(text, at)
    assert scalar is not None
    return Value("scalar", at, at + len(scalar[0].rstrip(" \t")))


def _array(text: str, at: int, place: Place) -> Value:
    found = Value("array", at)
    at = _skip(text, at + 1)
    while text[at] != "]":
        element = _value(text, at, (*place, len(found.elements)))
        found.elements.append(element)
        at = _skip(text, element.end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    found.end = at + 1
    return found


def _inline(text: str, at: int, place: Place) -> Value:
    found = Value("table", at)
    at = _skip(text, at + 1)
    while text[at] != "}":
        pair = _pair(text, at, place, False)
        found.pairs.append(pair)
        at = _skip(text, pair.end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    found.end = at + 1
    return found


def _inside(place: Place, value: Value) -> Iterator[tuple[Place, Value]]:
    yield place, value
    for pair in value.pairs:
        yield from _inside(pair.place, pair.value)
    for index, element in enumerate(value.elements):
        yield from _inside((*place, index), element)
