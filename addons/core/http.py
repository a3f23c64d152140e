"""HTTP as the router sees it, free of any library: what a client asks, what it gets, what goes upstream."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from addons.core.errors import ErrorClass
from addons.core.plan import Deadlines

type Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A client's request. `path` has no query; `query` has no question mark; header names are lower-case and the
    first of repeated headers counts; `body` is as it came, in the content coding that the headers name. `origin` is the
    host that the client meant, when it meant another than the router."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a client sees of a stream that is silent for `seconds`: bytes that mean nothing between two events."""

    seconds: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The router's answer. `body` is whole, or a stream of whole events whose iterator releases everything when it is
    closed or its reader is cancelled; `pulse` is for the silences of a stream."""

    status: int
    headers: Headers = ()
    body: bytes | AsyncIterator[bytes] = b""
    pulse: Pulse | None = None


class Handed(Protocol):
    """Who hears what becomes of a request that is passed on."""

    def refused(self, status: int, body: bytes) -> None:
        """It could not be: this is what the client got."""

    def gone(self) -> None:
        """Somebody else says what becomes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn(Reply):
    """The request is none of the engine's: the host that was meant (AMP's own server, or the one that a forward proxy
    was asked for) shall answer it as it came. `refusal` is for a request that cannot be passed on."""

    refusal: Reply
    handed: Handed | None = None


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """What is sent to a provider. `headers` are complete but for Host, Content-Length and hop-by-hop ones."""

    url: str
    headers: Headers
    body: bytes
    deadlines: Deadlines = Deadlines()
    method: str = "POST"


class UpstreamFailure(Exception):
    """No (further) answer from a provider: `cls` is NETWORK, TIMEOUT or TRUNCATED."""

    def __init__(self, cls: ErrorClass, message: str) -> None:
        super().__init__(message)
        self.cls = cls
        self.message = message


class UpstreamReply(Protocol):
    """An answer whose headers have arrived. Header names are lower-case. Must be closed in every case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, content encoding undone. Raises UpstreamFailure (idle deadline, reset, truncation)."""
        ...

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises UpstreamFailure, also when it is larger than `limit` bytes."""
        ...

    async def aclose(self) -> None: ...


class Upstream(Protocol):
    """The door to the providers."""

    async def open(self, request: UpstreamRequest) -> UpstreamReply:
        """Sends the request and waits for the headers. Raises UpstreamFailure. Redirects are never followed."""
        ...
