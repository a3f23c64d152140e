"""The thin addon between mitmproxy and the engine: a flow becomes an `Ask`, a `Reply` becomes its response."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Protocol

from mitmproxy import http
from mitmproxy.net.http import status_codes

from addons.closing import close
from addons.core.http import Ask, Headers, PassOn, Reply
from addons.core.upgrade import Upgrade
from addons.edge.tasks import Tasks
from addons.streamed_response import Streams

# where the router's own headers wait in a flow whose answer is not here yet
DECIDED = "llr-headers"
# where a flow says whom its client meant
ORIGIN = "llr-origin"
_OWN = "x-llm-router-"


@dataclass(frozen=True, slots=True)
class Origin:
    """The host that a client meant, and the path that the engine has for what it asks there."""

    host: str
    path: str


class Answerer(Protocol):
    """The engine, as far as the router knows it. Raises nothing but CancelledError."""

    @property
    def max_body(self) -> int:
        """Bytes that a request body may have."""
        ...

    def too_large(self, ask: Ask, size: int) -> Reply:
        """The refusal of a request with a body of at least `size` bytes."""
        ...

    async def answer(self, ask: Ask) -> Reply: ...


class Router:
    """Answers every request by `answerer`, but for those that mitmproxy itself passes on through the streams' door."""

    def __init__(self, answerer: Answerer, tasks: Tasks, streams: Streams) -> None:
        self.answerer = answerer
        self._tasks = tasks
        self._streams = streams
        self._closing = False
        streams.check_size = self._check_size

    async def request(self, flow: http.HTTPFlow) -> None:
        """Hook: a request is complete."""
        if flow.response is not None or self._streams.passes(flow):
            return
        with self._streams.asking(flow):
            reply = await self.answerer.answer(asked(flow))
            if isinstance(reply, Upgrade):
                if self._streams.upgrade(flow, reply):
                    return
                reply = reply.refusal
            if isinstance(reply, PassOn):
                flow.metadata[DECIDED] = own_headers(reply)
                if self._streams.pass_on(flow, reply.handed):
                    return
                reply = _unpassed(reply)
            flow.response = response(flow.request, reply, closing=self._closing)
            if not isinstance(reply.body, bytes) and not self._streams.stream(flow, reply.body, reply.pulse):
                flow.response.content = await _whole(reply.body)

    def _check_size(self, flow: http.HTTPFlow, size: int) -> http.Response | None:
        if size <= self.answerer.max_body:
            return None
        return response(flow.request, self.answerer.too_large(asked(flow), size), closing=True)

    async def shutdown(self, grace: float) -> bool:
        """Lets the requests in flight finish within `grace` seconds and ends those that do not; connections that are
        kept alive are closed after their current answer. Gives whether all finished."""
        self._closing = True
        self._streams.retire()
        finished = await self._streams.idle(grace)
        self._streams.end_all()
        await self._tasks.cancel_all()
        return finished


def asked(flow: http.HTTPFlow) -> Ask:
    """The request of `flow` as the engine sees it."""
    found, origin = ask(flow.request), flow.metadata.get(ORIGIN)
    return found if origin is None else replace(found, path=origin.path, origin=origin.host)


def ask(request: http.Request) -> Ask:
    """The request as the engine sees it, its body as it came (empty while it has not come)."""
    path, _, query = request.path.partition("?")
    headers = {
        name.decode("utf-8", "surrogateescape").lower(): value.decode("utf-8", "surrogateescape")
        for name, value in reversed(request.headers.fields)
    }
    return Ask(request.method, path, query, headers, request.raw_content or b"")


def _unpassed(reply: PassOn) -> Reply:
    """What the client gets when nobody takes the request."""
    refusal = reply.refusal
    if reply.handed is not None:
        reply.handed.refused(refusal.status, refusal.body if isinstance(refusal.body, bytes) else b"")
    return refusal


def own_headers(reply: Reply) -> Headers:
    """What the router says of its decisions."""
    return tuple((name, value) for name, value in reply.headers if name.startswith(_OWN))


def response(request: http.Request, reply: Reply, *, closing: bool = False) -> http.Response:
    """The head and, unless it is streamed, the body of `reply` as an answer to `request`."""
    fields = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in reply.headers]
    content = b""
    if isinstance(reply.body, bytes):
        fields.append((b"content-length", b"%d" % len(reply.body)))
        content = b"" if request.method == "HEAD" else reply.body
    elif request.http_version == "HTTP/1.1":  # HTTP/1.0 ends with the connection, HTTP/2 has its own frames
        fields.append((b"transfer-encoding", b"chunked"))
    if closing and not request.is_http2:
        fields.append((b"connection", b"close"))
    made = http.Response.__new__(http.Response)
    made.data = _Head(
        http_version=b"HTTP/2.0" if request.is_http2 else b"HTTP/1.1",
        status_code=reply.status,
        reason=status_codes.RESPONSES.get(reply.status, "").encode(),
        headers=http.Headers(fields),
        content=content,
        trailers=None,
        timestamp_start=request.timestamp_end or request.timestamp_start,
        timestamp_end=None,
    )
    return made


class _Head(http.ResponseData):
    """mitmproxy looks at the type of each field, which takes six times as long as all the rest; mypy has done so."""

    def __post_init__(self) -> None:
        pass


async def _whole(body: AsyncIterator[bytes]) -> bytes:
    try:
        return b"".join([data async for data in body])
    finally:
        await close(body)
