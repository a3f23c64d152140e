"""Which conversation a request belongs to, and which target that is bound to, so that prompt caches hit.

A client that names its conversation is believed. Otherwise the words themselves tell: the messages of a turn begin
with all those of the turn before, so a turn is known by the hash of all its messages, and looked up by the hashes of
its beginnings, the longest first. A first turn is never looked up: two conversations that open alike, as those of one
application often do, are still two, and have to be balanced.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from addons.core import jsonio
from addons.core.history import is_billing
from addons.core.model import Document, Image, Message, Opaque, Part, Request, Text, Thinking, ToolCall, ToolResult

# Headers that name a conversation, the narrowest first. Sources: recordings of Claude Code, Codex (its threads share
# a session), Pi, and AMP (which says x-session-affinity to some providers); opencode sends x-session-id.
HEADERS = (
    "x-amp-thread-id",
    "thread-id",
    "x-claude-code-session-id",
    "session-id",
    "session_id",
    "x-session-id",
    "x-session-affinity",
)
# The members of the body that do. Sources: Codex over WebSocket, AMP and Pi; the Responses API's `conversation` (an id
# or an object with one).
FIELDS = (
    ("client_metadata", "thread_id"),
    ("client_metadata", "session_id"),
    ("conversation", "id"),
    ("conversation",),
    ("prompt_cache_key",),
    ("session_id",),
)
# Claude Code's `metadata.user_id`: JSON text with a `session_id` in it, before that `user_…_account_…_session_<uuid>`
_SESSION = re.compile(r'"session_id"\s*:\s*"([^"]+)"|_session_([0-9a-fA-F-]{36})\b')

# Beginnings that are looked up: between two turns a client adds few messages, and never an old one.
BEGINNINGS = 16
DIGEST = 16
CAP = 10_000
TTL = 3600.0


@dataclass(frozen=True, slots=True)
class Keys:
    """`seek` are the keys that a bound target may be found under, the best first; `hold` those to bind after a
    success."""

    seek: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()


def keys(
    scope: str, headers: Mapping[str, str], body: Mapping[str, Any], request: Callable[[], Request] | None = None
) -> Keys:
    """The keys of the conversation. They are hashes behind `scope` (the alias: two of them share no binding).

    `headers` have lower-case names. `request` gives the canonical request and is asked only where neither headers nor
    body name the conversation; what it raises passes through.
    """
    name = named(headers, body)
    if name is not None:
        key = f"{scope}:{blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=DIGEST).hexdigest()}"
        return Keys((key,), (key,))
    if request is None:
        return Keys()
    found = request()
    hashes = tuple(f"{scope}:{digest}" for digest in chain(found))
    opening = all(message.role != "assistant" for message in found.messages)
    return Keys(() if opening else hashes, hashes[:1])


def named(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """What the client calls its conversation, if it says."""
    values = (*(headers.get(name) for name in HEADERS), *(_at(body, path) for path in FIELDS), _claude_session(body))
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), None)


def _at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _claude_session(body: Mapping[str, Any]) -> str | None:
    user = _at(body, ("metadata", "user_id"))
    found = _SESSION.search(user) if isinstance(user, str) else None
    return (found[1] or found[2]) if found else None


def chain(request: Request) -> tuple[str, ...]:
    """The hashes of the conversation's beginnings, the longest (all of it) first, at most `BEGINNINGS` of them.

    The leading instructions are in every hash but have none of their own: they belong to an application rather than
    to a conversation. Left out is what may differ from turn to turn: marks for caches (they are extras), reasoning,
    ids of calls, tools.
    """
    digest = blake2b(digest_size=DIGEST)
    said = [each for message in request.messages if (each := _said(message))[1]]
    lead = next((index for index, (role, _) in enumerate(said) if role not in ("system", "developer")), len(said))
    found: list[str] = []
    for index, (role, words) in enumerate(said):
        _feed(digest, role, words)
        if index >= max(lead, len(said) - BEGINNINGS):
            found.append(digest.hexdigest())
    return tuple(reversed(found))


def _said(message: Message) -> tuple[str, list[bytes]]:
    return message.role, [word for part in message.parts if not is_billing(part) for word in _words(part)]


def _feed(digest: "blake2b", role: str, words: list[bytes]) -> None:
    """Lengths go before the words, so that no two conversations spell the same bytes."""
    digest.update(f"{role} {len(words)}\n".encode())
    for word in words:
        digest.update(b"%d\n" % len(word))
        digest.update(word)


def _words(part: Part) -> list[bytes]:
    match part:
        case Text():
            return [b"text", _bytes(part.text)]
        case Thinking():
            return []
        case ToolCall():
            return [b"call", _bytes(part.name), _bytes(part.arguments)]
        case ToolResult():
            return [b"result %d" % len(part.content), *(word for item in part.content for word in _words(item))]
        case Image():
            return [b"image", _bytes(part.data or part.url or "")]
        case Document():
            return [b"document", _bytes(part.data or part.url or part.text or "")]
        case Opaque():
            return [b"opaque", jsonio.dumps(part.raw)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class _Binding:
    ref: str
    until: float


class Bindings:
    """Conversations and the refs of their targets: at most `cap`, the longest unused go first. Times are seconds of
    one monotonic clock."""

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        self._bound: OrderedDict[str, _Binding] = OrderedDict()

    def __len__(self) -> int:
        return len(self._bound)

    def bind(self, keys: tuple[str, ...], ref: str, now: float, ttl: float = TTL) -> None:
        """After each success: `ref` answers this conversation, for `ttl` seconds from `now`."""
        for key in keys:
            self._bound[key] = _Binding(ref, now + ttl)
            self._bound.move_to_end(key)
        while len(self._bound) > self._cap:
            self._bound.popitem(last=False)

    def find(self, keys: tuple[str, ...], now: float) -> str | None:
        """The target of the first key that is bound. Finding keeps a binding from being pushed out, but does not make
        it last longer."""
        for key in keys:
            binding = self._bound.get(key)
            if binding is None:
                continue
            if binding.until > now:
                self._bound.move_to_end(key)
                return binding.ref
            del self._bound[key]
        return None

    def items(self, now: float) -> Iterator[tuple[str, str, float]]:
        """All that is bound: the key, the ref, and until when. The longest unused come first."""
        return ((key, found.ref, found.until) for key, found in self._bound.items() if found.until > now)

    def forget(self, keys: tuple[str, ...]) -> None:
        """The target is gone, or is not to be had for this conversation."""
        for key in keys:
            self._bound.pop(key, None)
