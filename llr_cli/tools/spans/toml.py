"""Sets and deletes single values in TOML; every other byte stays as it is.

A new key goes behind the last one of its table, be that a section, a run of dotted keys or an inline table; a table
that is not there becomes a section at the end. Deleting what `set` added (the table with it) gives the old text again,
but for the header of a table that only its subtables had made.
Comments are never removed. What comes out is read back before it is given.
"""

import tomllib
from typing import Any

from llr_cli.tools.spans import toml_places as places
from llr_cli.tools.spans import toml_text
from llr_cli.tools.spans.common import MISSING, Item, Path, SpanProblem, Verbatim, spelled, splice
from llr_cli.tools.spans.toml_tree import Document, Pair, Place, parse


def get(text: str, path: Path) -> Any:
    """The value at `path`, or MISSING. Raises SpanProblem when `text` is no TOML."""
    found: Any = parse(text).data
    for step in _place(text, path):
        if isinstance(found, list):
            found = dict(enumerate(found))
        if not isinstance(found, dict) or step not in found:
            return MISSING
        found = found[step]
    return found


def verbatim(text: str, path: Path) -> Verbatim | None:
    """The text of the value at `path`; None when there is none, or it is a table of several lines."""
    found = parse(text).value(_place(text, path))
    return None if found is None else Verbatim(text[found.start : found.end])


def set(text: str, path: Path, value: Any) -> str:
    """`text` with `value` at `path`, tables included. Raises SpanProblem where something else is in the way, and
    TypeError for a value that TOML has no word for."""
    document = parse(text)
    place = _place(text, path)
    before = get(text, path)
    wanted = tomllib.loads(f"v = {toml_text.dumped(value)}")["v"]
    if before is not MISSING and repr(before) == repr(wanted):
        return text
    if before is MISSING and isinstance(value, dict) and value and _inline_parent(document, place) is None:
        for name, each in value.items():
            text = set(text, (*path, name), each)
        return text
    if before is MISSING:
        edited = splice(text, places.added(text, document, place, value))
    else:
        found = document.value(place)
        if found is None:
            raise SpanProblem(text, 0, f"{spelled(path)} is a table of its own: set its keys one by one")
        edited = text[: found.start] + toml_text.dumped(value) + text[found.end :]
    return _checked(text, edited, path, wanted)


def delete(text: str, path: Path) -> str:
    """`text` without what is at `path`, a table with all that it holds; as it is when nothing is there. Raises
    SpanProblem for an element of an array."""
    document = parse(text)
    place = _place(text, path)
    if get(text, path) is MISSING:
        return text
    if not place or isinstance(place[-1], int):
        raise SpanProblem(text, 0, f"{spelled(path)}: only keys and tables are deleted; set the whole array")
    return _checked(text, splice(text, places.removed(text, document, place)), path, MISSING)


def _place(text: str, path: Path) -> Place:
    if any(isinstance(step, Item) for step in path):
        raise SpanProblem(text, 0, f"{spelled(path)}: TOML is addressed by keys and indexes")
    return tuple(step for step in path if not isinstance(step, Item))


def _inline_parent(document: Document, place: Place) -> Pair | None:
    """The line whose inline table or array holds `place`, or would."""
    for end in range(len(place) - 1, 0, -1):
        for found, _, pair in document.everything():
            if found == place[:end]:
                return pair
    return None


def _checked(text: str, edited: str, path: Path, wanted: Any) -> str:
    """`edited`, which must say what was meant."""
    try:
        found = get(edited, path)
    except SpanProblem as problem:
        raise SpanProblem(text, 0, f"{spelled(path)} cannot be put where its table stands ({problem})") from problem
    if repr(found) != repr(wanted):
        raise SpanProblem(text, 0, f"{spelled(path)} cannot be edited as this file is written: edit it by hand")
    return edited
