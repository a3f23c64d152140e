"""Where a member or an element is put into JSON with comments, and what goes with one that is taken out."""

import json
import re
from dataclasses import dataclass
from typing import Any

from llr_cli.tools.spans.common import Splice, Step, Verbatim, line_end, newline_before
from llr_cli.tools.spans.jsonc_tree import Entry, Node

DEFAULT_UNIT = "  "
COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
REST_OF_LINE = re.compile(r"(?:[ \t]|//[^\r\n]*|/\*(?:[^*\r\n]|\*(?!/))*\*/)*")
INDENT = re.compile(r"[ \t]*")


def indent(text: str, at: int) -> str:
    """The white space that the line of `at` begins with."""
    start = text.rfind("\n", 0, at) + 1
    found = INDENT.match(text, start + text.startswith("\ufeff", start))
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is written: its line end, its indentation (`lines` False: all of it on one line), and what
    stands behind a colon and a comma of a line."""

    newline: str
    lines: bool
    unit: str
    colon: str
    comma: str

    @classmethod
    def of(cls, text: str, root: Node) -> "Style":
        first = root.entries[0] if root.entries else None
        unit = DEFAULT_UNIT
        if first is not None and "\n" in text[root.start : first.start]:
            unit = indent(text, first.start).removeprefix(indent(text, root.start))
        tight = first is not None and first.key is not None and text[first.start : first.value.start].endswith(":")
        lines = first is None or "\n" in text[root.start : root.end]
        return cls(line_end(text), lines, unit, ":" if tight else ": ", "," if tight and not lines else ", ")

    def dumped(self, value: Any, margin: str) -> str:
        """`value` as text, its further lines indented by `margin`."""
        if isinstance(value, Verbatim):
            return value.text
        separators = ("," if self.lines else self.comma, self.colon)
        unit = self.unit if self.lines else None
        text = json.dumps(value, ensure_ascii=False, indent=unit, separators=separators, allow_nan=False)
        return text.replace("\n", self.newline + margin)

    def entry(self, step: Step, value: Any, margin: str) -> str:
        text = self.dumped(value, margin)
        return json.dumps(step, ensure_ascii=False) + self.colon + text if isinstance(step, str) else text


def added(text: str, style: Style, node: Node, step: Step, value: Any) -> list[Splice]:
    """The edits that put `value` behind the last entry of `node`: as its own line where the last one has one."""
    if not node.entries:
        return [_first(text, style, node, step, value)]
    last = node.entries[-1]
    behind = last.end if last.comma is None else last.comma + 1
    trailing = "" if last.comma is None else ","
    edits = [(last.end, last.end, ",")] if last.comma is None else []
    if "\n" in text[_boundary(node, last) : last.start]:
        margin = indent(text, last.start)
        at = _line_rest(text, behind)
        new = style.newline + margin + style.entry(step, value, margin) + trailing
    else:
        at = behind
        new = _gap(text, style, node, last) + style.entry(step, value, indent(text, last.start)) + trailing
    if edits and at == last.end:
        return [(at, at, "," + new)]
    return [*edits, (at, at, new)]


def removed(text: str, node: Node, entry: Entry) -> list[Splice]:
    """The edits that take `entry` out, with its comma (or the one before it) and its own line, but no comment."""
    boundary = _boundary(node, entry)
    comments = list(COMMENT.finditer(text, boundary, entry.start))
    clear = comments[-1].end() if comments else boundary
    start, end = _line_start(text, clear, entry.start), entry.end
    edits: list[Splice] = []
    if entry.comma is not None and not text[end : entry.comma].strip():
        end = entry.comma + 1
    elif entry.comma is not None:
        edits.append((entry.comma, entry.comma + 1, ""))
    elif entry is not node.entries[0]:
        edits.append((boundary - 1, boundary, ""))
    if len(node.entries) == 1:
        end = _with_closing_line(text, node, start, end, entry)
    elif entry is node.entries[0] and "\n" not in text[start : entry.start] and end != entry.end:
        start = entry.start
        end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    if start == clear and comments and comments[-1][0].startswith("//") and not _ends_line(text, end):
        # the line end closes the comment in front of it
        start = entry.start
    return [*edits, (start, end, "")]


def _first(text: str, style: Style, node: Node, step: Step, value: Any) -> Splice:
    at = node.start + 1
    margin = indent(text, node.start)
    if not style.lines:
        return at, at, style.entry(step, value, margin)
    inner = margin + style.unit
    return at, at, style.newline + inner + style.entry(step, value, inner) + style.newline + margin


def _with_closing_line(text: str, node: Node, start: int, end: int, entry: Entry) -> int:
    """The end of what `_first` wrote, when an only entry stands as it does."""
    closing = line_end(text) + indent(text, node.start)
    own_line = start == node.start + 1 and "\n" in text[start : entry.start]
    return end + len(closing) if own_line and text.startswith(closing, end) else end


def _boundary(node: Node, entry: Entry) -> int:
    """Behind the comma or the bracket in front of `entry`."""
    index = next(index for index, each in enumerate(node.entries) if each is entry)
    comma = node.entries[index - 1].comma if index else node.start
    assert comma is not None
    return comma + 1


def _line_start(text: str, clear: int, start: int) -> int:
    """Where the last line end between `clear` and `start` begins; `clear` when there is none."""
    at = text.rfind("\n", clear, start)
    return clear if at < 0 else max(clear, newline_before(text, at + 1))


def _line_rest(text: str, at: int) -> int:
    """The end of the line of `at`, when nothing but comments follows there; else `at`."""
    found = REST_OF_LINE.match(text, at)
    end = found.end() if found else at
    return end if _ends_line(text, end) else at


def _ends_line(text: str, at: int) -> bool:
    return text.startswith(("\n", "\r\n"), at + len(text[at:]) - len(text[at:].lstrip(" \t")))


def _gap(text: str, style: Style, node: Node, last: Entry) -> str:
    """What stands behind a comma on this line."""
    between = text[_boundary(node, last) : last.start]
    if last is not node.entries[0] and not between.strip():
        return between
    return style.comma[1:]
