"""A WebSocket as the router sees it, free of any library: the answer that opens one, and the two ends of its talk."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from addons.core.http import Headers, Reply

# RFC 6455 §1.3: what the server adds to the client's key
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_VERSION = "13"


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a connection is closed: a code of RFC 6455 §7.4.1, and a short text."""

    code: int
    reason: str = ""


class Socket(Protocol):
    """The client's end."""

    async def receive(self) -> str | bytes | None:
        """The next message, whole. None: finish what runs, no more messages are taken."""
        ...

    async def send(self, text: str) -> None:
        """Sends one text message, and waits until the client keeps up."""
        ...


class Session(Protocol):
    """Our end. Cancelled when the client goes away."""

    async def run(self, socket: Socket) -> Closing:
        """Talks until there is a reason to close."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade(Reply):
    """Status 101: `session` talks over the connection from now on, with messages of at most `max_message` bytes.
    `refusal` is for a connection that cannot be upgraded after all."""

    session: Session
    max_message: int
    refusal: Reply


def accepted(headers: Mapping[str, str]) -> Headers | None:
    """The headers that complete the handshake (RFC 6455 §4.2); None when the client's do not ask for one. HTTP/2 has
    no `Connection` header, so its requests never do. Extensions and subprotocols are declined: compressing on
    loopback costs more than it saves, and an expansion bomb needs no cap then."""
    tokens = {token.strip().lower() for token in headers.get("connection", "").split(",")}
    key = headers.get("sec-websocket-key", "").strip()
    if not wanted(headers) or "upgrade" not in tokens or headers.get("sec-websocket-version", "").strip() != _VERSION:
        return None
    if not _is_nonce(key):
        return None
    proof = base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()).decode()
    return (("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", proof))


def wanted(headers: Mapping[str, str]) -> bool:
    """Whether the client names WebSocket at all."""
    return "websocket" in {token.strip().lower() for token in headers.get("upgrade", "").split(",")}


def _is_nonce(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except ValueError:
        return False


def without_handshake(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an upgrade request as those of an ordinary one."""
    kept = {name: value for name, value in headers.items() if not name.startswith("sec-websocket-")}
    for name in ("connection", "upgrade", "content-length", "transfer-encoding", "content-encoding"):
        kept.pop(name, None)
    return kept
