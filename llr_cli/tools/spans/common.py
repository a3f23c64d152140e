"""What the span editors share: paths, values that stand for text, the problem, and splices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Item:
    """A step of a path into an array of objects: the one whose `key` is `value`, wherever it stands."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A value as the text that stands for it, so that it goes back as it was written."""

    text: str


class _Missing:
    """Nothing is at a path: not even null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()

type Step = str | int | Item
type Path = tuple[Step, ...]
type Splice = tuple[int, int, str]


class SpanProblem(Exception):
    """A text cannot be read or edited; says where (counted from 1) and how to mend it."""

    def __init__(self, text: str, at: int, what: str) -> None:
        self.line = text.count("\n", 0, at) + 1
        self.column = at - (text.rfind("\n", 0, at) + 1) + 1
        if self.line == 1 and text.startswith(BOM):
            self.column = max(1, self.column - 1)
        super().__init__(f"line {self.line}, column {self.column}: {what}")


def spelled(path: Path) -> str:
    """A path for people: `a.b[0]`."""
    out = ""
    for step in path:
        match step:
            case int():
                out += f"[{step}]"
            case Item():
                out += f"[{step.key}={step.value}]"
            case _:
                out += f".{step}" if out else step
    return out or "the whole document"


def splice(text: str, edits: Iterable[Splice]) -> str:
    """`text` with each (start, end, new) in place; the spans do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def line_end(text: str) -> str:
    """The line end that `text` uses first; a line feed when it has none."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def newline_before(text: str, at: int) -> int:
    """Where the line end in front of `at` starts, when `at` is just behind one; else `at`."""
    if at > 0 and text[at - 1] == "\n":
        at -= 1
        if at > 0 and text[at - 1] == "\r":
            at -= 1
    return at


def same(one: Any, other: Any) -> bool:
    """Equal, the types included: `1`, `1.0` and `true` are different values."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
