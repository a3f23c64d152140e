"""Reads JSON with comments and trailing commas into a tree that knows where everything stands.

Duplicate keys are kept; the last one counts, as in every reader of JSON that the tools use.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from llr_cli.tools.spans.common import BOM, SpanProblem

DEPTH = 200
STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
WORDS = {"true": True, "false": False, "null": None}
TRIVIA = re.compile(r"(?:[ \t\r\n]|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)

type Kind = Literal["object", "array", "scalar"]


@dataclass(slots=True)
class Entry:
    """A member or an element: from `start` (of the key, if there is one) to the end of its value; `comma` is where
    the comma behind it stands."""

    key: str | None
    start: int
    value: "Node"
    comma: int | None = None

    @property
    def end(self) -> int:
        return self.value.end


@dataclass(slots=True)
class Node:
    kind: Kind
    start: int
    end: int = 0
    scalar: Any = None
    entries: list[Entry] = field(default_factory=list)

    @property
    def data(self) -> Any:
        """The value as Python's json would give it."""
        if self.kind == "object":
            return {str(entry.key): entry.value.data for entry in self.entries}
        if self.kind == "array":
            return [entry.value.data for entry in self.entries]
        return self.scalar


def trivia(text: str, at: int) -> int:
    """The end of the white space and the comments at `at`."""
    found = TRIVIA.match(text, at)
    return found.end() if found else at


def parse(text: str) -> Node | None:
    """The document; None when it holds nothing but white space and comments. Raises SpanProblem."""
    at = trivia(text, len(BOM) if text.startswith(BOM) else 0)
    if at == len(text):
        return None
    node = _value(text, at, 0)
    rest = trivia(text, node.end)
    if rest != len(text):
        raise SpanProblem(text, rest, f"the document ends before {text[rest]!r}: remove what follows, or a bracket")
    return node


def _value(text: str, at: int, depth: int) -> Node:
    first = text[at : at + 1]
    if first in ("{", "["):
        if depth > DEPTH:
            raise SpanProblem(text, at, f"nested deeper than {DEPTH} levels: no settings look like this")
        return _container(text, at, depth)
    if first == '"':
        scalar, end = _string(text, at)
        return Node("scalar", at, end, scalar)
    number = NUMBER.match(text, at)
    if number:
        return Node("scalar", at, number.end(), _number(text, number))
    for word, meant in WORDS.items():
        if text.startswith(word, at):
            return Node("scalar", at, at + len(word), meant)
    raise SpanProblem(text, at, f"expected a value, {_found(text, at)}: write one there, text in double quotes")


def _number(text: str, found: re.Match[str]) -> Any:
    try:
        return json.loads(found[0])
    except ValueError as error:
        raise SpanProblem(text, found.start(), "a number of too many digits: shorten it") from error


def _container(text: str, at: int, depth: int) -> Node:
    node = Node("object" if text[at] == "{" else "array", at)
    closing = "}" if node.kind == "object" else "]"
    at = trivia(text, at + 1)
    while text[at : at + 1] != closing:
        if node.entries and node.entries[-1].comma is None:
            raise SpanProblem(text, at, f"expected a comma or {closing}, {_found(text, at)}: put one there")
        entry = _entry(text, at, node.kind, depth)
        node.entries.append(entry)
        at = trivia(text, entry.end)
        if text[at : at + 1] == ",":
            entry.comma = at
            at = trivia(text, at + 1)
    node.end = at + 1
    return node


def _entry(text: str, at: int, kind: Kind, depth: int) -> Entry:
    if kind == "array":
        return Entry(None, at, _value(text, at, depth + 1))
    if text[at : at + 1] != '"':
        raise SpanProblem(text, at, f"expected a key in double quotes or }}, {_found(text, at)}: put one there")
    key, end = _string(text, at)
    colon = trivia(text, end)
    if text[colon : colon + 1] != ":":
        raise SpanProblem(text, colon, f"expected a colon behind the key, {_found(text, colon)}: put one there")
    return Entry(key, at, _value(text, trivia(text, colon + 1), depth + 1))


def _string(text: str, at: int) -> tuple[str, int]:
    found = STRING.match(text, at)
    if found is None:
        raise SpanProblem(text, at, "this text has no end on its line: close its quotes, or write line ends as \\n")
    try:
        return str(json.loads(found[0])), found.end()
    except json.JSONDecodeError as error:
        raise SpanProblem(text, at + error.pos, f"{error.msg}: mend the text there") from error


def _found(text: str, at: int) -> str:
    return f"found {text[at]!r}" if at < len(text) else "found the end of the file"
