"""mitmproxy's HTTP layer, into which responses are streamed from outside.

mitmproxy sends a response that an addon sets as a whole. Here, the HTTP layer is replaced by a subclass that takes
chunks pushed from outside, and that notices a client who leaves while an answer is still being sought.

Theory of operation, one stream (= one request):

    reading ──the body is too large──> discarding ──RequestEndOfMessage──> done
       └─────RequestEndOfMessage─────> asking ──the hook sets a response──> answered
                                       │  └──the hook calls stream()────> pushing ──Pushed(None)──> done
                                       │  └──the hook calls upgrade()───> talking ──either end closes──> done
                                       └──RequestProtocolError (client gone)── worker cancelled ──> dropped

While the `request` hook runs, mitmproxy pauses the stream and queues its events, so the client's leaving is looked at
before it is queued (`LlrStream.handle_event`). It refuses to contact a server, unless the request has a passage (see
addons/passing_stream.py): what was not answered is an error.
The contract tests in tests/contract pin everything that is leaned on.
"""

import asyncio
from collections.abc import AsyncIterator
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mitmproxy import flow as mitm_flow
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import DropStream, HttpLayer, SendHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._hooks import (
    HttpErrorHook,
    HttpRequestHeadersHook,
    HttpRequestHook,
    HttpResponseHeadersHook,
    HttpResponseHook,
)
from mitmproxy.proxy.layers.tcp import TCPLayer

from addons.client_connection import connection
from addons.closing import close
from addons.core.http import Pulse
from addons.core.upgrade import Upgrade
from addons.joined_sends import joined
from addons.passing_stream import PassingStream
from addons.request_framing import frame_client, frame_server
from addons.websocket_layer import Line, Outgoing, SocketLayer

if TYPE_CHECKING:
    from addons.streamed_response import Streams

# in the metadata of a flow that asks for a tunnel: nobody shall look into it
UNTOUCHED = "llr-untouched"


@dataclass
class Pushed(events.Event):
    """A chunk for the client; `data` None ends the response, and `broken` cuts it off instead."""

    stream_id: int
    data: bytes | None
    broken: bool = False


_FROM_OUTSIDE = (Pushed, Outgoing)


def adopt(found: Any, in_flight: "Streams") -> None:
    """Turns a layer of mitmproxy's into ours; it has no state that ours lacks."""
    found.__class__ = LlrHttpLayer
    found.in_flight = in_flight


class LlrStream(PassingStream):
    """One request. `worker` is the task that seeks its answer, then the one that pumps it."""

    def __init__(self, context: Context, stream_id: int, in_flight: "Streams") -> None:
        super().__init__(context, stream_id)
        self.in_flight = in_flight
        self.check_size = in_flight.check_size
        self.door = in_flight.door
        self.worker: asyncio.Task[Any] | None = None
        self.body: AsyncIterator[bytes] | None = None
        self.pulse: Pulse | None = None
        self.upgrade: Upgrade | None = None
        self.line: Line | None = None
        self.gone = False

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, RequestProtocolError):
            self.gone = True
            self.release()
        return super().handle_event(event)

    def release(self) -> None:
        """Ends all work for this request, whichever state it is in. May be called more than once."""
        worker, self.worker = self.worker, None
        body, self.body = self.body, None
        if worker is not None:
            worker.cancel()
        if body is not None:  # never begun: there is no pump to close it
            self.in_flight.tasks.spawn(close(body), "close an unsent stream")
        self.end_passage(left=True)
        self.in_flight.left(self)

    def end_passage(self, *, left: bool) -> None:
        super().end_passage(left=left)
        if self.passes:
            self.in_flight.left(self)

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, Pushed):
            return self.state_pushing(event)
        if isinstance(event, RequestProtocolError) and self.server_state == self.state_pushing:
            return self.drop(event.message)
        return self._without_unheard_hooks(super()._handle_event(event))

    def _without_unheard_hooks(self, generator: layer.CommandGenerator[None]) -> layer.CommandGenerator[None]:
        reply = None
        while True:
            try:
                command = generator.send(reply)
            except StopIteration:
                return
            reply = None
            if isinstance(command, commands.StartHook):
                self._before(command)
                if command.name in self.in_flight.unheard:
                    continue
            reply = yield command

    def _before(self, hook: commands.StartHook) -> None:
        """What is ours to do where mitmproxy runs a hook."""
        match hook:
            case HttpRequestHeadersHook():
                self.begin_passage()
                if self.passes:  # its body is not waited for
                    self.in_flight.entered(self)
            case HttpRequestHook():
                self.in_flight.entered(self)
            case HttpResponseHeadersHook():
                self.head_arrived()
            case HttpResponseHook():
                self.body_arrived()
            case _:
                pass

    def send_response(self, already_streamed: bool = False) -> layer.CommandGenerator[None]:
        if self.body is None:
            yield from super().send_response(already_streamed)
            if self.line is None:
                self.end_passage(left=False)
                self.in_flight.left(self)
            return
        body, self.body = self.body, None
        assert self.flow.response is not None
        yield SendHttp(ResponseHeaders(self.stream_id, self.flow.response, end_stream=False), self.context.client)
        self.server_state = self.state_pushing
        self.worker = self.in_flight.tasks.spawn(self.in_flight.pump(self, body), "pump a stream")

    def flow_done(self) -> layer.CommandGenerator[None]:
        if self.upgrade is None:
            yield from super().flow_done()
            return
        upgrade, self.upgrade = self.upgrade, None
        self.line = Line(self.stream_id, self._push)
        if self.in_flight.retired:
            self.line.retire()
        self.child_layer = SocketLayer(self.context, self.line, upgrade.max_message, self._hung_up)
        self._handle_event = self.passthrough  # type: ignore[method-assign]
        yield from self.child_layer.handle_event(events.Start())
        # the child is there before what the client has sent already
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)
        self.worker = self.in_flight.tasks.spawn(self.in_flight.talk(self, self.line, upgrade), "talk over WebSocket")

    async def _push(self, event: Outgoing) -> None:
        client = connection(self.context.client.id)
        if client is not None:
            await client.server_event(event)
            await client.drain_writers()

    def _hung_up(self) -> None:
        self.flow.live = False
        self.release()

    def state_pushing(self, event: events.Event) -> layer.CommandGenerator[None]:
        assert isinstance(event, Pushed)
        if self.server_state != self.state_pushing:
            return
        if event.data is not None:
            yield SendHttp(ResponseData(self.stream_id, event.data), self.context.client)
        elif event.broken:
            error = ResponseProtocolError(self.stream_id, "the stream broke", ErrorCode.GENERIC_SERVER_ERROR)
            yield SendHttp(error, self.context.client)
            yield from self.drop(error.message)
        else:
            yield from self._without_unheard_hooks(super().send_response(already_streamed=True))

    def drop(self, message: str) -> layer.CommandGenerator[None]:
        """Ends a stream whose head was sent and whose end never will be."""
        self.client_state = self.server_state = self.state_errored
        self.flow.error = mitm_flow.Error(message)
        self.flow.live = False
        if "error" not in self.in_flight.unheard:
            yield HttpErrorHook(self.flow)
        yield DropStream(self.stream_id)

    def check_killed(self, emit_error_hook: bool) -> layer.CommandGenerator[bool]:
        killed = yield from super().check_killed(emit_error_hook)
        if killed:
            self.release()
        return killed

    def handle_connect_regular(self) -> layer.CommandGenerator[None]:
        if self.flow.response is None and self.flow.metadata.get(UNTOUCHED):
            self.child_layer = TCPLayer(self.context, ignore=True)
            yield from self.handle_connect_finish()  # type: ignore[no-untyped-call]
        else:
            yield from super().handle_connect_regular()  # type: ignore[no-untyped-call]

    def make_server_connection(self) -> layer.CommandGenerator[bool]:
        if self.passes:
            return (yield from super().make_server_connection())
        self.release()
        error = ResponseProtocolError(self.stream_id, "The router did not answer.", ErrorCode.CONNECT_FAILED)
        yield from self.handle_protocol_error(error)
        return False


class LlrHttpLayer(HttpLayer):
    """mitmproxy's HTTP layer with our streams."""

    in_flight: "Streams"

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, _FROM_OUTSIDE):
            stream = self.streams.get(event.stream_id)
            if stream is not None:
                yield from self.event_to_child(stream, event)
            return
        if isinstance(event, events.Start):
            frame_client(self)
        elif isinstance(event, events.DataReceived) and event.connection is not self.context.client:
            frame_server(self.connections.get(event.connection))
        yield from joined(super()._handle_event(event))

    def make_stream(self, stream_id: int) -> layer.CommandGenerator[None]:
        stream = self.streams[stream_id] = LlrStream(forked(self.context), stream_id, self.in_flight)
        yield from self.event_to_child(stream, events.Start())


def forked(context: Context) -> Context:
    """What `context.fork()` gives. That makes a connection to a server first, and throws it away."""
    found = copy(context)
    found.layers = context.layers.copy()
    return found
