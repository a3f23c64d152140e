"""Requests without what they say: the only way into a capture (promise 45).

Two modes. A *signature* keeps how a request is built: every string is `[REDACTED LENGTH=n HASH=h]` but for the
discriminators (addons/core/discriminators.py). A *full* capture keeps what is said, too; secrets are removed from it
all the same. In both, headers and query parameters keep their values only where they say what a client is and can.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from addons.core import jsonio
from addons.core.discriminators import FIELD, QUERY, Place, inside, keeps_header, kept
from addons.core.gateway_key import carriers
from addons.core.redact_answer import answer_removed
from addons.core.secret_shapes import REMOVED, Secrets, is_label, looks_random, names_secret

HASH_DIGITS = 12
_SCHEME = re.compile(r"(?i)(bearer|basic|digest|token)\s+(.+)", re.DOTALL)
_NUMERAL = re.compile(r"-?\d{1,6}")
_SEAL = object()


class Mode(StrEnum):
    """How much of a request a capture keeps."""

    SIGNATURE = "signature"
    FULL = "full"


class Redacted[T]:
    """A value that has been through a Redactor, and could not have been made by anybody else."""

    __slots__ = ("value",)

    def __init__(self, value: T, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only a Redactor makes redacted values")
        self.value = value


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it came: `body` is decompressed, None when it could not be; `size` is that of the compressed one."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes | None
    size: int


class Redactor:
    """Makes the redacted forms. `key` makes the hashes, so that they cannot be looked up by others; `known` are the
    secrets of the configuration."""

    def __init__(self, mode: Mode, key: bytes, known: Iterable[str] = ()) -> None:
        self.mode = mode
        self._key = key
        self._secrets = Secrets(known)
        self._held: tuple[frozenset[str], Secrets] = (frozenset(), self._secrets)

    def know(self, known: frozenset[str]) -> None:
        """Also these are secrets from now on; old ones stay secret."""
        more = self._secrets.with_more(known)
        if more is not self._secrets:
            self._secrets, self._held = more, (frozenset(), more)

    def for_request(self, wire: Wire) -> "RequestRedactor":
        """One that knows the credentials of this request, too: what they are may be said again in its texts."""
        carried = frozenset(_credentials(wire))
        if carried != self._held[0]:
            self._held = carried, self._secrets.with_more(carried)
        echoed = tuple(_hidden(wire)) if self.mode is Mode.FULL else ()
        return RequestRedactor(self.mode, self._key, self._held[1], echoed)


class RequestRedactor:
    """The redacted forms of what belongs to one request."""

    def __init__(self, mode: Mode, key: bytes, secrets: Secrets, echoed: tuple[str, ...] = ()) -> None:
        """`echoed` may be keys, too: an answer that says them again says them without."""
        self.mode = mode
        self._key = key
        self._secrets = secrets
        self._echoed = echoed
        self._declared: frozenset[str] = frozenset()

    def sealed[T](self, value: T) -> Redacted[T]:
        """`value`, which must be made of nothing but what this object has given."""
        return Redacted(value, _SEAL)

    def hidden(self, text: str) -> str:
        """What stands for a text: how long it is, and a hash by which equal texts are seen to be equal."""
        data = text.encode("utf-8", "surrogatepass")
        mark = hmac.new(self._key, data, hashlib.sha256).hexdigest()[:HASH_DIGITS]
        return f"[REDACTED LENGTH={len(text)} HASH={mark}]"

    def label(self, text: str) -> str:
        """A name of something (a model, a field), or what stands for a text that is none."""
        return text if not text or self._safe(text) else self.hidden(text)

    def _safe(self, text: str) -> bool:
        return is_label(text) and not self._secrets.holds(text)

    def request(self, wire: Wire) -> dict[str, Any]:
        """The request as a tree of JSON."""
        return {
            "method": self.label(wire.method),
            "path": "/".join(self._segment(segment) for segment in wire.path.split("/")),
            "query": [[self._key_name(name), self._parameter(name, value)] for name, value in _pairs(wire.query)],
            "headers": [[self.label(name), self._header(name, value)] for name, value in wire.headers.items()],
            "body": self.body(wire.body),
            "bytes": wire.size,
        }

    def body(self, data: bytes | None) -> Any:
        """A body as a tree: JSON, or one string; None: there is none, or it cannot be read."""
        if not data:
            return None
        try:
            value = jsonio.loads(data)
        except ValueError:
            text = data.decode("utf-8", "replace")
            return self._secrets.removed(text) if self.mode is Mode.FULL else self.hidden(text)
        if self.mode is Mode.FULL:
            return self._without_secrets(value)
        self._declared = frozenset(_declared(value))
        return self._shape(value, Place.WIRE, "", "", 0, None)

    def answer(self, data: bytes) -> str | None:
        """The answer's text without secrets; nothing of it in a signature."""
        if self.mode is Mode.SIGNATURE:
            return None
        return answer_removed(data.decode("utf-8", "replace"), self._secrets.with_more(self._echoed))

    def _segment(self, segment: str) -> str:
        text = unquote(segment)
        return segment if not text or self._safe(text) else quote(self.hidden(text), safe="[]= ")

    def _parameter(self, name: str, value: str) -> str:
        return value if not value or (name in QUERY and self._safe(value)) else self.hidden(value)

    def words(self, text: str) -> str:
        """A list of labels, each by itself."""
        return "".join(self._said(part) for part in re.split(r"([,; ]+)", text))

    def _header(self, name: str, value: str) -> str:
        if keeps_header(name):
            return self.words(value)
        scheme = _SCHEME.fullmatch(value) if name in ("authorization", "proxy-authorization") else None
        return f"{scheme[1]} {self.hidden(scheme[2])}" if scheme else self.hidden(value)

    def _said(self, word: str) -> str:
        return word if not word.strip(",; ") or self._safe(word) else self.hidden(word)

    def _key_name(self, key: str) -> str:
        return key if FIELD.fullmatch(key) and self._safe(key) else self.hidden(key)

    def _shape(
        self, value: Any, place: Place, key: str, home: str, depth: int, holder: Mapping[str, Any] | None
    ) -> Any:
        """`value`, which stands under `key` of `holder`; `home` is the key that `holder` itself stands under."""
        if isinstance(value, str):
            return value if kept(place, key, value, holder, home) and self._safe(value) else self._leaf(value)
        if isinstance(value, list):
            return [self._shape(each, place, key, home, depth + 1, holder) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            self._member(name, place): self._shape(each, inside(place, name, depth), name, key, depth + 1, value)
            for name, each in value.items()
        }

    def _leaf(self, text: str) -> str:
        return self.hidden(text) if text else ""

    def _member(self, name: str, place: Place) -> str:
        if _NUMERAL.fullmatch(name):
            return name
        if place is Place.FREE:
            # what a tool declares, it may be called with; other names are the caller's own words
            return name if name in self._declared and self._safe(name) else self.hidden(name)
        return self._key_name(name)

    def _without_secrets(self, value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return REMOVED if value and names_secret(name) else self._secrets.removed(value)
        if isinstance(value, list):
            return [self._without_secrets(each, name) for each in value]
        if isinstance(value, dict):
            return {self._secrets.removed(key): self._without_secrets(each, key) for key, each in value.items()}
        return value


def _declared(value: Any) -> Iterator[str]:
    """The names of arguments that the tools of a body declare; Codex also has tools among its messages."""
    pending = [held.get("tools") for held in _with_tools(value)]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            members = node.get("properties")
            if isinstance(members, dict):
                yield from members
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def _with_tools(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        items = value.get("input")
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and item.get("type") == "additional_tools":
                yield item


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, errors="replace") if query else []


def _hidden(wire: Wire) -> Iterator[str]:
    """What stands in the head of a request and looks like no word. A server that gets it may say it again."""
    pairs = (text for pair in _pairs(wire.query) for text in pair)
    values = (word for value in wire.headers.values() for word in value.split())
    yield from filter(looks_random, (*pairs, *values, *map(unquote, wire.path.split("/"))))


def _credentials(wire: Wire) -> Iterator[str]:
    """What the request shows to be let in."""
    yield from carriers(wire.headers, wire.query)
    for name, value in (*wire.headers.items(), *_pairs(wire.query)):
        if names_secret(name) and value:
            scheme = _SCHEME.fullmatch(value)
            yield scheme[2] if scheme else value
