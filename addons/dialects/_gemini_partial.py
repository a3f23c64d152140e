"""Arguments of a function call that come in pieces, each with the JSON path that it belongs to.

Source: Vertex AI, "Function calling: streaming function call arguments", and the type `PartialArg` of Google's SDK: a
text goes on with the next piece of the same path (its `willContinue` says so, where it is said at all).
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from addons.core.errors import RemoteDataError
from addons.dialects._gemini_written import Key, Written

_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]""")
# no real call skips places in a list
GAP_LIMIT = 1000


class PartialCall:
    """One call in pieces. `add` takes `functionCall` objects and gives the JSON text that they add, `end` the rest."""

    def __init__(self, index: int) -> None:
        self.index = index
        self._args: dict[str, Any] = {}
        self._written = Written()
        # the text that may go on: its path, its place, and its pieces (joined once, to keep long texts linear)
        self._path: str | None = None
        self._end: tuple[Any, Key, list[str]] | None = None

    def add(self, call: Mapping[str, Any]) -> str:
        """Raises `RemoteDataError` for a path that cannot be followed."""
        out = ""
        whole = call.get("args")
        if isinstance(whole, Mapping):
            self._settle()
            self._args |= whole
            out = "".join(self._written.put([name], value) + self._written.settled() for name, value in whole.items())
        return out + "".join(map(self._piece, call.get("partialArgs") or ()))

    def end(self) -> str:
        self._settle()
        return self._written.end(self._args)

    def _piece(self, piece: Mapping[str, Any]) -> str:
        path, value = str(piece.get("jsonPath") or "$"), _value(piece)
        if self._end is not None and self._path == path:
            if isinstance(value, str):
                self._end[2].append(value)
                return self._written.more(value)
            if value is None and "nullValue" not in piece:
                return ""  # it ends the text
        self._settle()
        keys = _keys(path)
        place, last = self._place(keys, path)
        _put(place, last, value)
        if isinstance(value, str):
            self._path, self._end = path, (place, last, [value])
        return self._written.put(keys, value)

    def _settle(self) -> None:
        """The text that went on so far is whole."""
        if self._end is not None:
            place, last, pieces = self._end
            _put(place, last, "".join(pieces))
            self._path = self._end = None

    def _place(self, keys: list[Key], path: str) -> tuple[Any, Key]:
        """The container that the last key of a path is of; containers on the way are made."""
        place: Any = self._args
        for key, following in pairwise(keys):
            found = _get(place, key)
            if found is None:
                found = [] if isinstance(following, int) else {}
                _put(place, key, found)
            place = found
        if not isinstance(place, list if isinstance(keys[-1], int) else dict):
            raise RemoteDataError(f"a function call has two shapes at {path}")
        if isinstance(keys[-1], int) and _get(place, keys[-1]) is None:
            _put(place, keys[-1], None)
        return place, keys[-1]


def _value(piece: Mapping[str, Any]) -> Any:
    for name in ("stringValue", "numberValue", "boolValue"):
        if name in piece:
            value = piece[name]
            return int(value) if isinstance(value, float) and value.is_integer() else value
    return None


def _keys(path: str) -> list[Key]:
    keys: list[Key] = []
    at = 1 if path.startswith("$") else 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise RemoteDataError(f"a function call has the unknown path {path[:100]}")
        name, number, single, double = step.groups()
        keys.append(int(number) if number is not None else next(k for k in (name, single, double) if k is not None))
        at = step.end()
    if not keys:
        raise RemoteDataError("a function call has an empty path")
    return keys


def _get(place: Any, key: Key) -> Any:
    if isinstance(place, dict) and isinstance(key, str):
        return place.get(key)
    if isinstance(place, list) and isinstance(key, int):
        return place[key] if key < len(place) else None
    raise RemoteDataError("a function call has two shapes at one path")


def _put(place: Any, key: Key, value: Any) -> None:
    if isinstance(place, list) and isinstance(key, int):
        if key > len(place) + GAP_LIMIT:
            raise RemoteDataError("a function call leaves a list with holes")
        place.extend([None] * (key + 1 - len(place)))
    place[key] = value
