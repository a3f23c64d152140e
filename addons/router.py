"""The request hook: a flow becomes an Ask, a Reply becomes the flow's response. Nothing else happens here."""

import asyncio
from typing import Protocol

from mitmproxy import http

from addons import streamed_response
from addons.core.http import Ask, Headers, Reply
from addons.edge.tasks import Tasks

# nginx's status for a client that has gone; nobody reads it
CLIENT_GONE = 499
UNREADABLE = Reply(
    415,
    (("content-type", "application/json"),),
    b'{"error":{"message":"the content-encoding of the body cannot be undone","type":"invalid_request_error"}}',
)


class Answerer(Protocol):
    """The engine, as the router sees it."""

    async def answer(self, ask: Ask) -> Reply: ...


class Router:
    """Answers every flow by itself: mitmproxy never contacts a server."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self.tasks = Tasks()

    async def request(self, flow: http.HTTPFlow) -> None:
        reply = await self._reply(flow)
        body = b"" if not isinstance(reply.body, bytes) else reply.body
        flow.response = http.Response.make(reply.status, body, _fields(reply.headers))
        if not isinstance(reply.body, bytes):
            flow.response.headers.pop("content-length", None)
            streamed_response.start(flow, reply.body, self.tasks)

    async def _reply(self, flow: http.HTTPFlow) -> Reply:
        """The engine's answer, unless the client leaves before it is there."""
        ask = _ask(flow)
        if ask is None:
            return UNREADABLE
        work = self.tasks.spawn(self._answerer.answer(ask), f"{ask.method} {ask.path}")
        streamed_response.watch(flow, work)
        try:
            return await work
        except asyncio.CancelledError:
            if not work.cancelled():
                work.cancel()
                raise
            return Reply(CLIENT_GONE)
        finally:
            streamed_response.unwatch(flow)


def _ask(flow: http.HTTPFlow) -> Ask | None:
    """The request, its content encoding undone; None when that fails."""
    path, _, query = flow.request.path.partition("?")
    try:
        body = flow.request.content or b""
    except ValueError:
        return None
    headers: dict[str, str] = {}
    for name, value in flow.request.headers.items(multi=True):
        headers.setdefault(name.lower(), value)
    return Ask(flow.request.method, path, query, headers, body)


def _fields(headers: Headers) -> http.Headers:
    return http.Headers([(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers])
