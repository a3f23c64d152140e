"""JSON that is written while its values come in, each with the place that it belongs to.

What is written is never taken back: as long as every value belongs behind the one before it, the text is always the
beginning of the whole object. A value that belongs elsewhere (into what is closed already, or in the place of another)
makes its topmost member *stale*: that member is written once more, whole, at the end. JSON readers let the last of two
members of one name count (ECMAScript's `JSON.parse` must, RFC 8259 §4 calls it common).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addons.core import jsonio

type Key = str | int


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet: an object with the names that it has, or a list with so many items."""

    is_list: bool
    names: set[str] = field(default_factory=set)
    count: int = 0

    @property
    def empty(self) -> bool:
        return not (self.count or self.names)

    def has(self, key: Key) -> bool:
        return key < self.count if isinstance(key, int) else key in self.names

    def beginning(self, key: Key) -> str:
        """What stands before the value of `key`; items of a list that were left out are null."""
        comma = "" if self.empty else ","
        if isinstance(key, int):
            left_out, self.count = "null," * (key - self.count), key + 1
            return comma + left_out
        self.names.add(key)
        return f"{comma}{jsonio.text(key)}:"

    @property
    def end(self) -> str:
        return "]" if self.is_list else "}"


class Written:
    """One object. Every method gives what is to be written next."""

    def __init__(self) -> None:
        self._containers: list[_Open] = []
        self._keys: list[Key] = []  # where the innermost container is
        self._text_open = False
        self._stale: dict[str, None] = {}

    def put(self, keys: Sequence[Key], value: Any) -> str:
        """`value` at `keys`, of which there is at least one, the first a name. A text may go on (`more`) until it is
        settled."""
        out = self.settled() if self._containers else self._opened(is_list=False)
        shared = self._shared(keys)
        if self._containers[shared].has(keys[shared]):
            self._stale[str(keys[0])] = None
            return out
        out += self._closed(shared)
        for key, following in zip(keys[shared:-1], keys[shared + 1 :], strict=True):
            out += self._containers[-1].beginning(key) + self._opened(is_list=isinstance(following, int))
            self._keys.append(key)
        out += self._containers[-1].beginning(keys[-1])
        if isinstance(value, str):
            self._text_open = True
            return f'{out}"{_inside(value)}'
        return out + jsonio.text(value)

    def more(self, text: str) -> str:
        """More of the text that was put last."""
        return _inside(text) if self._text_open else ""

    def settled(self) -> str:
        """No more of the text that was put last will come."""
        if not self._text_open:
            return ""
        self._text_open = False
        return '"'

    def end(self, whole: Mapping[str, Any]) -> str:
        """The rest, given what all of it amounts to."""
        if not self._containers:
            return jsonio.text(whole)
        out = self.settled() + self._closed(0)
        out += "".join(f",{jsonio.text(name)}:{jsonio.text(whole[name])}" for name in self._stale)
        return out + "}"

    def _opened(self, *, is_list: bool) -> str:
        self._containers.append(_Open(is_list))
        return "[" if is_list else "{"

    def _shared(self, keys: Sequence[Key]) -> int:
        """How many of the open containers below the outermost one lie on the way to `keys`."""
        shared = 0
        for own, wanted in zip(self._keys, keys[:-1], strict=False):
            if own != wanted:
                break
            shared += 1
        return shared

    def _closed(self, depth: int) -> str:
        out = "".join(each.end for each in reversed(self._containers[depth + 1 :]))
        del self._containers[depth + 1 :], self._keys[depth:]
        return out


def _inside(text: str) -> str:
    """As it stands between the quotes."""
    return jsonio.text(text)[1:-1]
