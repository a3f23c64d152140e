"""Where a key is put into a TOML document, and what goes with one that is taken out."""

from typing import Any

from llr_cli.tools.spans import toml_text
from llr_cli.tools.spans.common import BOM, SpanProblem, Splice, line_end, newline_before, spelled
from llr_cli.tools.spans.toml_tree import Document, Header, Pair, Place, Value


def added(text: str, document: Document, place: Place, value: Any) -> list[Splice]:
    """The edit that adds a key where nothing is. Raises SpanProblem when something that is no table is in the way."""
    for depth in range(len(place) - 1, 0, -1):
        found = document.value(place[:depth])
        if found is not None:
            return _into_inline(text, found, place, depth, value)
        siblings = _dotted(document, place[:depth])
        if siblings:
            return _beside(text, siblings[-1], place, value)
        header = next((each for each in document.headers if each.place == place[:depth]), None)
        if header is not None:
            direct = depth == len(place) - 1 or any(isinstance(step, int) for step in place[:depth])
            return [_into_section(text, document, header, place, value) if direct else _section(text, place, value)]
        if any(each.place[:depth] == place[:depth] for each in document.headers):
            return [_section(text, place, value)]
    return [_into_root(text, document, place, value) if len(place) == 1 else _section(text, place, value)]


def removed(text: str, document: Document, place: Place) -> list[Splice]:
    """The edits that take out `place` and all below it: keys, lines and headers, but no comment."""
    edits = [_without_line(text, pair.start, pair.end) for pair in document.pairs if pair.place[: len(place)] == place]
    headers = [header for header in document.headers if header.place[: len(place)] == place]
    edits += [_without_line(text, header.start, header.end, blank=True) for header in headers]
    if not edits:
        for _, value, _ in document.everything():
            gone = [pair for pair in value.pairs if pair.place[: len(place)] == place]
            edits += _without_members(text, value, gone)
    return _merged(text, edits)


def _line(place: Place, value: Any) -> str:
    return f"{toml_text.dotted(place)} = {toml_text.dumped(value)}"


def _dotted(document: Document, place: Place) -> list[Pair]:
    """The pairs whose dotted keys make the table `place`, in the first text that does."""
    lines = [each for each in document.pairs if _makes(each, place)]
    if lines:
        return lines
    for _, value, _ in document.everything():
        members = [each for each in value.pairs if _makes(each, place)]
        if members:
            return members
    return []


def _makes(pair: Pair, place: Place) -> bool:
    return len(pair.table) < len(place) < len(pair.place) and pair.place[: len(place)] == place


def _into_inline(text: str, found: Value, place: Place, depth: int, value: Any) -> list[Splice]:
    if found.kind != "table" or isinstance(place[depth], int):
        raise SpanProblem(text, found.start, f"expected a table at {spelled(place[:depth])}: make it one, or remove it")
    return [_member(found.pairs[-1].end if found.pairs else found.start + 1, bool(found.pairs), place[depth:], value)]


def _member(at: int, follows: bool, names: Place, value: Any) -> Splice:
    return at, at, (", " if follows else "") + _line(names, value)


def _beside(text: str, sibling: Pair, place: Place, value: Any) -> list[Splice]:
    names = place[len(sibling.table) :]
    if not sibling.line:
        return [_member(sibling.end, True, names, value)]
    return [_after(text, sibling.start, sibling.end, _line(names, value))]


def _into_section(text: str, document: Document, header: Header, place: Place, value: Any) -> Splice:
    follows = [each for each in document.headers if each.start > header.start]
    end = follows[0].start if follows else len(text)
    own = [each for each in document.pairs if header.start < each.start < end]
    line = _line(place[len(header.place) :], value)
    return _after(text, own[-1].start, own[-1].end, line) if own else _after(text, header.start, header.end, line)


def _into_root(text: str, document: Document, place: Place, value: Any) -> Splice:
    first = document.headers[0].start if document.headers else len(text)
    own = [each for each in document.pairs if each.start < first]
    line = _line(place, value)
    if own:
        return _after(text, own[-1].start, own[-1].end, line)
    if not document.headers:
        return _at_end(text, line)
    at = text.rfind("\n", 0, first) + 1
    while at and text[text.rfind("\n", 0, at - 1) + 1 : at].lstrip(BOM).lstrip(" \t").startswith("#"):
        # a comment right above the first table is about it
        at = text.rfind("\n", 0, at - 1) + 1
    at = max(at, len(BOM) if text.startswith(BOM) else 0)
    return at, at, line + line_end(text)


def _section(text: str, place: Place, value: Any) -> Splice:
    if any(isinstance(step, int) for step in place):
        what = f"{spelled(place)}: no place for it in an array of tables; add it by hand"
        raise SpanProblem(text, 0, what)
    newline = line_end(text)
    header = f"[{toml_text.dotted(place[:-1])}]"
    return _at_end(text, header + newline + _line(place[-1:], value), blank=True)


def _at_end(text: str, lines: str, *, blank: bool = False) -> Splice:
    """Lines behind everything else; a file whose last line has no end keeps that habit."""
    newline, at = line_end(text), len(text)
    if not text.strip(BOM):
        return at, at, lines + newline
    gap = newline if blank else ""
    if text.endswith("\n"):
        return at, at, gap + lines + newline
    return at, at, newline + gap + lines


def _after(text: str, start: int, end: int, line: str) -> Splice:
    """A line behind the one from `start` to `end`, as far in as that one."""
    margin_start = text.rfind("\n", 0, start) + 1
    margin = text[margin_start:start].lstrip(BOM)
    at = text.find("\n", end)
    if at < 0:
        return len(text), len(text), line_end(text) + margin + line
    return at + 1, at + 1, margin + line + line_end(text)


def _without_line(text: str, start: int, end: int, *, blank: bool = False) -> Splice:
    """Takes out a line, with the blank one before it if `blank`; of one with a comment only what is not comment."""
    line_start = text.rfind("\n", 0, start) + 1
    if text.startswith(BOM) and line_start == 0:
        line_start = len(BOM)
    rest_end = text.find("\n", end)
    rest = text[end : rest_end if rest_end >= 0 else len(text)]
    if rest.strip():
        return start, end + len(rest) - len(rest.lstrip()), ""
    if blank and line_start and text[text.rfind("\n", 0, line_start - 1) + 1 : line_start].strip(" \t\r") == "\n":
        line_start = text.rfind("\n", 0, line_start - 1) + 1
    if rest_end >= 0:
        return line_start, rest_end + 1, ""
    return newline_before(text, line_start), len(text), ""


def _without_members(text: str, table: Value, gone: list[Pair]) -> list[Splice]:
    kept = [pair for pair in table.pairs if all(pair is not each for each in gone)]
    edits: list[Splice] = []
    for pair in gone:
        index = next(index for index, each in enumerate(table.pairs) if each is pair)
        before = [each for each in kept if each.start < pair.start]
        if before and all(each.start < pair.start for each in kept):
            # the last ones go with the comma in front of them
            edits.append((text.index(",", table.pairs[index - 1].end), pair.end, ""))
        elif kept:
            edits.append((pair.start, table.pairs[index + 1].start, ""))
        else:
            following = table.pairs[index + 1].start if index + 1 < len(table.pairs) else pair.end
            edits.append((pair.start, following, ""))
    return edits


def _merged(text: str, edits: list[Splice]) -> list[Splice]:
    """Spans that touch or overlap as one; when the end of a file without a last line end goes, so does the one
    before."""
    out: list[Splice] = []
    for start, end, new in sorted(edits):
        if out and start <= out[-1][1]:
            start, end = out[-1][0], max(end, out[-1][1])
            out.pop()
        out.append((start, end, new))
    if out and out[-1][1] == len(text) and not text.endswith("\n"):
        start, end, new = out[-1]
        out[-1] = (newline_before(text, start), end, new)
    return out
