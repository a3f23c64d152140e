"""Answers without secrets. In a stream a secret may come in pieces, each in an event of its own: so the strings that
continue each other are looked at as one text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from addons.core import jsonio
from addons.core.secret_shapes import REMOVED, Secrets, names_secret

# members that tell which of several strings a piece belongs to
_INDEXES = frozenset({"index", "output_index", "content_index", "summary_index"})

type _Path = tuple[object, ...]


@dataclass(slots=True)
class _Piece:
    """A string in an event: what holds it, where, and where it begins in the whole text."""

    holder: Any
    key: Any
    begin: int


@dataclass(slots=True)
class _Whole:
    text: str = ""
    pieces: list[_Piece] = field(default_factory=list)


def answer_removed(text: str, secrets: Secrets) -> str:
    """`text`, a JSON document or an event stream, without secrets."""
    lines = text.split("\n")
    payloads = [(number, _payload(line)) for number, line in enumerate(lines)]
    values = [(number, value) for number, value in payloads if value is not None]
    if not values:
        return _document(text, secrets)
    wholes: dict[_Path, _Whole] = {}
    for _, value in values:
        for path, holder, key in _strings(value, (), value):
            whole = wholes.setdefault(path, _Whole())
            whole.pieces.append(_Piece(holder, key, len(whole.text)))
            whole.text += holder[key]
    for whole in wholes.values():
        _cut(whole, secrets.spans(whole.text))
    for number, value in values:
        lines[number] = f"data: {jsonio.text(_clean(value, secrets))}"
    told = {number for number, _ in values}
    return "\n".join(line if number in told else secrets.removed(line) for number, line in enumerate(lines))


def _payload(line: str) -> Any:
    if not line.startswith("data:"):
        return None
    try:
        value = jsonio.loads(line[5:].strip())
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def _document(text: str, secrets: Secrets) -> str:
    try:
        value = jsonio.loads(text)
    except ValueError:
        return secrets.removed(text)
    return json.dumps(_clean(value, secrets), ensure_ascii=False)


def _strings(value: Any, path: _Path, event: Any) -> Iterator[tuple[_Path, Any, Any]]:
    """Every string of `value`: which text it is a piece of, the object or list that holds it, and the key there."""
    if isinstance(value, dict):
        path = (*path, *(value[name] for name in sorted(_INDEXES & value.keys()) if isinstance(value[name], int)))
        items: Any = list(value.items())
    else:
        items = list(enumerate(value))
    for key, each in items:
        inner = (*path, key) if isinstance(key, str) else path
        if isinstance(each, str):
            yield inner, value, key
        elif isinstance(each, (dict, list)):
            yield from _strings(each, inner, event)


def _cut(whole: _Whole, spans: list[tuple[int, int]]) -> None:
    """Takes what lies inside of `spans` out of the pieces; the first piece of a span says so."""
    if not spans:
        return
    for number, piece in enumerate(whole.pieces):
        end = whole.pieces[number + 1].begin if number + 1 < len(whole.pieces) else len(whole.text)
        kept, at = "", piece.begin
        for begin, stop in _merged(spans):
            if stop <= piece.begin or begin >= end:
                continue
            kept += whole.text[at : max(begin, at)] + (REMOVED if begin >= piece.begin else "")
            at = min(stop, end)
        piece.holder[piece.key] = kept + whole.text[at:end]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


def _clean(value: Any, secrets: Secrets, name: str = "") -> Any:
    if isinstance(value, str):
        return REMOVED if value and names_secret(name) else secrets.removed(value)
    if isinstance(value, list):
        return [_clean(each, secrets, name) for each in value]
    if isinstance(value, dict):
        return {secrets.removed(key): _clean(each, secrets, key) for key, each in value.items()}
    return value
