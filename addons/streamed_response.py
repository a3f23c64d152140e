"""The one file that knows mitmproxy's HTTP layers: responses whose body is pushed from outside.

mitmproxy can stream a response only from a server connection of its own, through a synchronous callable that is not
called when the server breaks off. The router's answers come from an async iterator instead: the `request` hook sets
`flow.response` with headers only and calls `start`; the stream sends the headers, waits in `state_pushed`, and a
pump feeds it `Pushed` events, with mitmproxy's own `drain_writers` as backpressure.

A client that goes away shows up here as `RequestProtocolError`, also while the hook is still running (the stream
itself is paused then): the work registered with `watch`, or the pump, is cancelled at once.

Leans on internals of mitmproxy 12.2; tests/contract pins what it leans on.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from mitmproxy import ctx, http
from mitmproxy import flow as mflow
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.layers.http import DropStream, HttpLayer, HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import RequestProtocolError, ResponseData, ResponseHeaders
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook

from addons.edge.tasks import Tasks

_BODY = "llr_body"
_WORK = "llr_work"


@dataclass
class Pushed(events.Event):
    """More of a body, or its end (None)."""

    stream_id: int
    data: bytes | None


class PushedBody:
    """A body on its way: the pump waits for `started`, the layer may `cancel` it."""

    def __init__(self) -> None:
        self.started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


class LlrStream(HttpStream):
    """An HTTP stream that can take its response body from `Pushed` events."""

    body: PushedBody | None = None

    def send_response(self, already_streamed: bool = False) -> layer.CommandGenerator[None]:
        body = self.flow.metadata.get(_BODY)
        if body is None or already_streamed:
            yield from super().send_response(already_streamed)
            return
        self.body = body
        assert self.flow.response
        yield SendHttp(ResponseHeaders(self.stream_id, self.flow.response, end_stream=False), self.context.client)
        self.server_state = self.state_pushed
        body.started.set_result(self.stream_id)

    def state_pushed(self, event: events.Event) -> layer.CommandGenerator[None]:
        assert isinstance(event, Pushed)
        if event.data is None:
            self.body = None
            yield from super().send_response(already_streamed=True)
        else:
            yield SendHttp(ResponseData(self.stream_id, event.data), self.context.client)

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, Pushed):
            if self.body is not None:
                yield from self.state_pushed(event)
        elif isinstance(event, RequestProtocolError) and self.body is not None:
            yield from self._client_left(self.body, event)
        else:
            yield from super()._handle_event(event)

    def _client_left(self, body: PushedBody, event: RequestProtocolError) -> layer.CommandGenerator[None]:
        body.cancel()
        self.body = None
        self.flow.error = mflow.Error(event.message)
        yield HttpErrorHook(self.flow)
        self.flow.live = False
        self.client_state = self.server_state = self.state_errored
        yield DropStream(self.stream_id)

    def abandon(self) -> None:
        """The client is gone: whatever works for it stops, also while this stream is paused in a hook."""
        flow: http.HTTPFlow | None = getattr(self, "flow", None)
        if flow is None:
            return
        work = flow.metadata.get(_WORK)
        if isinstance(work, asyncio.Task):
            work.cancel()


class LlrHttpLayer(HttpLayer):
    """Makes LlrStreams, and routes `Pushed` events to them."""

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, Pushed):
            stream = self.streams.get(event.stream_id)
            if stream is not None:
                yield from self.event_to_child(stream, event)
        else:
            yield from super()._handle_event(event)

    def event_to_child(self, child: Any, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, RequestProtocolError) and isinstance(child, LlrStream):
            child.abandon()
        yield from super().event_to_child(child, event)

    def make_stream(self, stream_id: int) -> layer.CommandGenerator[None]:
        stream = LlrStream(self.context.fork(), stream_id)
        self.streams[stream_id] = stream
        yield from self.event_to_child(stream, events.Start())


class SwapLayers:
    """An addon: turns mitmproxy's HTTP layers into ours as they are made. With TLS the HTTP layer is stacked below
    the TLS layer already, so the whole chain is walked."""

    def next_layer(self, data: NextLayer) -> None:
        current: Any = data.layer
        while current is not None:
            if type(current) is HttpLayer:
                current.__class__ = LlrHttpLayer
            current = getattr(current, "child_layer", None)


def watch(flow: http.HTTPFlow, work: asyncio.Task[Any]) -> None:
    """From now on `work` is cancelled when the client of `flow` goes away."""
    flow.metadata[_WORK] = work


def unwatch(flow: http.HTTPFlow) -> None:
    flow.metadata.pop(_WORK, None)


def start(flow: http.HTTPFlow, body: AsyncIterator[bytes], tasks: Tasks) -> None:
    """Streams `body` as the content of `flow.response`, which must be set, without a content-length. The iterator's
    `aclose` is called in every case."""
    assert flow.response
    if not flow.request.is_http2:
        flow.response.headers["transfer-encoding"] = "chunked"
    pushed = flow.metadata[_BODY] = PushedBody()
    pushed.task = tasks.spawn(_pump(flow, pushed, body), f"stream {flow.request.path}")


async def _pump(flow: http.HTTPFlow, pushed: PushedBody, body: AsyncIterator[bytes]) -> None:
    try:
        stream_id = await pushed.started
        handler = ctx.master.addons.get("proxyserver").connections.get(flow.client_conn.id)
        if handler is None:
            return
        async for chunk in body:
            await handler.server_event(Pushed(stream_id, chunk))
            await handler.drain_writers()
        await handler.server_event(Pushed(stream_id, None))
    finally:
        close = getattr(body, "aclose", None)
        if close is not None:
            await close()
