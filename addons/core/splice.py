"""A JSON object that can be changed in places without touching a byte elsewhere.

Requests that stay in their dialect are forwarded as the client wrote them: numbers, key order, white space and
escapes survive, and so does the provider's prompt cache.
"""

import json
import re
from typing import Any, NamedTuple

from addons.core.errors import BadRequest
from addons.core.jsonio import DECODER

_SPACE = re.compile(r"[ \t\n\r]*").match
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*").match
_NEXT = re.compile(r"[ \t\n\r]*,[ \t\n\r]*").match
_BOM = "\ufeff"


class _Member(NamedTuple):
    """Where one member of the object stands in the text."""

    key: str
    start: int
    value: int
    end: int


class JsonObject:
    """`value` is the parsed object; `bytes_with` gives the original bytes with some members changed."""

    def __init__(self, raw: bytes) -> None:
        """Raises BadRequest when `raw` is not one JSON object in UTF-8. An empty body is the empty object."""
        self._raw = raw
        try:
            self._text = raw.decode().removeprefix(_BOM)
        except UnicodeDecodeError as error:
            raise BadRequest("", f"the body must be UTF-8 JSON (byte {error.start} is not)") from error
        if not self._text.strip():
            self._text = "{}"
        try:
            self.value, self._members = _scan_object(self._text)
        except RecursionError as error:
            raise BadRequest("", "the JSON body is nested too deeply") from error

    @property
    def raw(self) -> bytes:
        """The bytes that were given."""
        return self._raw

    def bytes_with(self, changes: dict[str, Any], without: frozenset[str] = frozenset()) -> bytes:
        """The bytes with the top-level members of `changes` replaced (added at the front when absent) and those of
        `without` removed."""
        changes = {key: new for key, new in changes.items() if key not in self.value or self.value[key] != new}
        if not changes and not without & self.value.keys():
            return self._raw or b"{}"
        present = {member.key for member in self._members}
        pieces = [f"{json.dumps(key)}:{json.dumps(new)}" for key, new in changes.items() if key not in present]
        added = ",".join(pieces)
        return self._rebuild(changes, without, added).encode("utf-8", "surrogatepass")

    def around(self, key: str) -> tuple[bytes, bytes, bytes] | None:
        """The bytes before, of, and after the value of a top-level member; None when there is none. Of repeated
        members the last counts, as in `value`."""
        found = next((member for member in reversed(self._members) if member.key == key), None)
        if found is None:
            return None
        pieces = (self._text[: found.value], self._text[found.value : found.end], self._text[found.end :])
        before, value, after = (piece.encode("utf-8", "surrogatepass") for piece in pieces)
        return before, value, after

    def _rebuild(self, changes: dict[str, Any], without: frozenset[str], added: str) -> str:
        text, kept = self._text, [member for member in self._members if member.key not in without]
        if not kept:
            return "{" + added + "}"
        first = self._members[0].start
        out = [text[:first], added, "," if added else ""]
        for position, member in enumerate(kept):
            new = json.dumps(changes[member.key]) if member.key in changes else text[member.value : member.end]
            out += [text[member.start : member.value], new]
            if position + 1 < len(kept):
                out.append(text[member.end : self._after(member).start])
        out.append(text[self._members[-1].end :])
        return "".join(out)

    def _after(self, member: _Member) -> _Member:
        return self._members[self._members.index(member) + 1]


def _scan_object(text: str) -> tuple[dict[str, Any], list[_Member]]:
    position = _skip(text, 0)
    if text[position : position + 1] != "{":
        raise BadRequest("", "the body must be a JSON object")
    value: dict[str, Any] = {}
    members: list[_Member] = []
    position = _skip(text, position + 1)
    if text[position : position + 1] == "}":
        return _closed(text, position, value, members)
    while True:
        start = position
        key, position = _scan(text, position)
        if not isinstance(key, str):
            raise BadRequest("", f"invalid JSON: a key was expected at character {start}")
        colon = _COLON(text, position)
        if colon is None:
            raise _expected(":", text, position)
        where = colon.end()
        item, position = _scan(text, where)
        value[key] = item
        members.append(_Member(key, start, where, position))
        comma = _NEXT(text, position)
        if comma is not None:
            position = comma.end()
            continue
        position = _skip(text, position)
        if text[position : position + 1] == "}":
            return _closed(text, position, value, members)
        raise _expected(",", text, position)


def _closed(
    text: str, position: int, value: dict[str, Any], members: list[_Member]
) -> tuple[dict[str, Any], list[_Member]]:
    if _skip(text, position + 1) != len(text):
        raise BadRequest("", f"invalid JSON: something follows the object at character {position + 1}")
    return value, members


def _scan(text: str, position: int) -> tuple[Any, int]:
    try:
        return DECODER.raw_decode(text, position)
    except ValueError as error:
        raise BadRequest("", f"invalid JSON: {error}") from error


def _expected(mark: str, text: str, position: int) -> BadRequest:
    return BadRequest("", f"invalid JSON: '{mark}' was expected at character {_skip(text, position)}")


def _skip(text: str, position: int) -> int:
    match = _SPACE(text, position)
    return match.end() if match else position
