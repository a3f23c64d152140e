"""Arguments of a function call that come in pieces, each with the JSON path that it belongs to.

Source: Vertex AI, "Function calling: streaming function call arguments", and the type `PartialArg` of Google's SDK: a
text whose piece says `willContinue` is continued by the next piece of the same path.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from addons.core import jsonio
from addons.core.errors import RemoteDataError

type Key = str | int

_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]""")
# no real call skips places in a list
GAP_LIMIT = 1000


class PartialCall:
    """One call in pieces. `add` takes `functionCall` objects, `arguments` is the JSON text so far."""

    def __init__(self, index: int) -> None:
        self.index = index
        self._args: dict[str, Any] = {}
        self._continued: str | None = None

    @property
    def arguments(self) -> str:
        return jsonio.text(self._args)

    def add(self, call: Mapping[str, Any]) -> None:
        """Raises `RemoteDataError` for a path that cannot be followed."""
        whole = call.get("args")
        if isinstance(whole, Mapping):
            self._args |= whole
        for piece in call.get("partialArgs") or ():
            self._piece(piece)

    def _piece(self, piece: Mapping[str, Any]) -> None:
        path = str(piece.get("jsonPath") or "$")
        value = _value(piece)
        keys = _keys(path)
        place, last = self._place(keys, path)
        if isinstance(value, str) and self._continued == path:
            old = place.get(last) if isinstance(place, dict) else place[_at(last)]
            value = f"{old}{value}" if isinstance(old, str) else value
        _put(place, last, value)
        self._continued = path if piece.get("willContinue") and isinstance(value, str) else None

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


def _at(key: Key) -> int:
    return key if isinstance(key, int) else 0


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
