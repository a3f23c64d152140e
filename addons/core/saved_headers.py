"""Headers in what people save of an answer: the text of `curl -i`, a HAR file, or any JSON with headers in it."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

type Found = dict[str, str]

_STATUS = re.compile(r"(?:< )?HTTP/\d(?:\.\d)? \d{3}\b")
_FIELD = re.compile(r"(?:< )?([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*)")
DEPTH = 64


def headers_in(text: str, wanted: Callable[[str], bool]) -> list[Found]:
    """The sets of headers in `text` that hold one whose name is `wanted`, with lower-case names, in their order."""
    sets = _of_values(_values(text), wanted) if text.lstrip()[:1] in ("{", "[") else _of_lines(text)
    return [found for found in sets if any(wanted(name) for name in found)]


def _of_lines(text: str) -> Iterator[Found]:
    """The answers of a text: `curl -i` shows those on the way (100, redirects) too, `curl -v` marks the lines. A text
    without a status line is nothing but headers."""
    lines = text.splitlines()
    found: Found | None = None if any(map(_STATUS.match, lines)) else {}
    for line in lines:
        field = _FIELD.fullmatch(line.rstrip())
        if _STATUS.match(line):
            yield found or {}
            found = {}
        elif found is not None and field is not None:
            found.setdefault(field[1].lower(), field[2])
        elif found and line.strip() in ("", "<"):  # the head is over, and the body is none of ours
            yield found
            found = None
    yield found or {}


def _values(text: str) -> Iterator[Any]:
    """The JSON of a document, or of each line. What is no JSON is passed over."""
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                continue


def _of_values(values: Iterator[Any], wanted: Callable[[str], bool]) -> Iterator[Found]:
    for value in values:
        yield from _walk(value, wanted, DEPTH)


def _walk(value: Any, wanted: Callable[[str], bool], depth: int) -> Iterator[Found]:
    """Wherever they stand: an object by name, HAR's list of name and value, or a list of pairs."""
    if not depth or not isinstance(value, dict | list):
        return
    found = _fields(value)
    if any(wanted(name) for name in found):
        yield found
        return
    for item in value.values() if isinstance(value, dict) else value:
        yield from _walk(item, wanted, depth - 1)


def _fields(value: dict[str, Any] | list[Any]) -> Found:
    if isinstance(value, dict):
        pairs: list[tuple[Any, Any]] = [(name, _first(item)) for name, item in value.items()]
    else:
        pairs = [pair for item in value if (pair := _pair(item)) is not None]
    return {name.lower(): item for name, item in pairs if isinstance(name, str) and isinstance(item, str)}


def _first(item: Any) -> Any:
    """Some programs save a list of values by name."""
    return item[0] if isinstance(item, list) and item else item


def _pair(item: Any) -> tuple[Any, Any] | None:
    if isinstance(item, dict) and "name" in item and "value" in item:
        return item["name"], item["value"]
    return (item[0], item[1]) if isinstance(item, list) and len(item) == 2 else None
