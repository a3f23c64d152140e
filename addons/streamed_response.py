"""Streams a response into a flow: the one file that knows mitmproxy's layers.

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
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy import ctx, http
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

from addons.closing import close
from addons.core.http import Handed, Pulse
from addons.core.upgrade import Closing, Upgrade
from addons.edge.tasks import Tasks
from addons.joined_sends import joined
from addons.limited_stream import SizeCheck, any_size
from addons.passing_stream import Door, PassingStream, Watched
from addons.pulse import Beats
from addons.request_framing import frame_client, frame_server
from addons.websocket_layer import Line, Outgoing, SocketLayer

log = logging.getLogger("llr")

# in the metadata of a flow that asks for a tunnel: nobody shall look into it
UNTOUCHED = "llr-untouched"
FOREVER = 10 * 365 * 86400.0  # seconds, and still a number that timers understand


@dataclass
class Pushed(events.Event):
    """A chunk for the client; `data` None ends the response, and `broken` cuts it off instead."""

    stream_id: int
    data: bytes | None
    broken: bool = False


class Streams:
    """The requests in flight. One addon a process, shared by the router and the layers."""

    def __init__(self, tasks: Tasks) -> None:
        self.tasks = tasks
        # Hooks of a request that no addon listens to: answered in the layer, they cost nothing.
        self.unheard: frozenset[str] = frozenset()
        self.check_size: SizeCheck = any_size
        self.door: Door | None = None
        self._by_flow: WeakKeyDictionary[http.HTTPFlow, LlrStream] = WeakKeyDictionary()
        self._active: set[LlrStream] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.retired = False

    def __len__(self) -> int:
        return len(self._active)

    @contextmanager
    def asking(self, flow: http.HTTPFlow) -> Iterator[None]:
        """Around the search for an answer: the task that runs it is cancelled when the client goes away, and that
        cancellation ends here. What is left of the block is skipped then."""
        stream = self._by_flow.get(flow)
        if stream is None:  # a replayed flow: nobody can leave
            yield
            return
        stream.worker = task = asyncio.current_task()
        assert task is not None
        try:
            yield
        except asyncio.CancelledError:
            if not stream.gone or task.uncancel():
                raise
        finally:
            stream.worker = None

    def stream(self, flow: http.HTTPFlow, body: AsyncIterator[bytes], pulse: Pulse | None = None) -> bool:
        """Sends `body` after the head that `flow.response` is, and `pulse` in its silences. The body is closed in
        every case, once this has said True; False says that the flow has no client to stream to."""
        stream = self._by_flow.get(flow)
        if stream is None:
            return False
        stream.body, stream.pulse = body, pulse
        if stream.gone:
            stream.release()
        return True

    def upgrade(self, flow: http.HTTPFlow, reply: Upgrade) -> bool:
        """Makes the connection of `flow` a WebSocket, on which the session of `reply` talks. False when it cannot be
        one: a replayed flow has no client, and HTTP/2 would need RFC 8441, which mitmproxy does not speak."""
        stream = self._by_flow.get(flow)
        if stream is None or flow.request.is_http2 or flow.request.is_http3:
            return False
        flow.response = http.Response.make(reply.status, b"")
        flow.response.headers = http.Headers([(name.encode(), value.encode()) for name, value in reply.headers])
        stream.upgrade = reply
        return True

    def passes(self, flow: http.HTTPFlow) -> bool:
        """Whether mitmproxy itself passes `flow` on."""
        stream = self._by_flow.get(flow)
        return stream is not None and stream.passes

    def pass_on(self, flow: http.HTTPFlow, handed: Handed | None = None) -> bool:
        """Has `flow`, a whole request, passed on by the door, which may refuse it; `handed` hears of it. False when
        there is no door, or no client to answer (a replayed flow)."""
        stream = self._by_flow.get(flow)
        if stream is None or self.door is None:
            return False
        found = self.door.onward(flow)
        if isinstance(found, http.Response):
            flow.response = found
            if handed is not None:
                handed.refused(found.status_code, found.raw_content or b"")
        else:
            if handed is not None and not (isinstance(found, Watched) and found.watch.takes(handed)):
                handed.gone()
            stream.pass_on(found)
        return True

    def retire(self) -> None:
        """Has the WebSockets end as soon as they have answered what they took: they would stay open for ever."""
        self.retired = True
        for stream in self._active:
            if stream.line is not None:
                stream.line.retire()

    async def idle(self, seconds: float) -> bool:
        """Whether every request in flight was finished within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def end_all(self) -> None:
        """Ends the work for every request in flight: a search that went on would ask the next provider."""
        for stream in tuple(self._active):
            stream.release()

    def next_layer(self, data: layer.NextLayer) -> None:
        """Hook: gives each HTTP layer our behaviour. With TLS it is stacked below the TLS layers already."""
        found: Any = data.layer
        while found is not None:
            if type(found) is HttpLayer:
                adopt(found, self)
            found = getattr(found, "child_layer", None)

    def entered(self, stream: "LlrStream") -> None:
        """`stream` has a whole request."""
        self._by_flow[stream.flow] = stream
        self._active.add(stream)
        self._idle.clear()

    def left(self, stream: "LlrStream") -> None:
        """`stream` needs no more work. May be said more than once."""
        self._active.discard(stream)
        if not self._active:
            self._idle.set()

    async def pump(self, stream: "LlrStream", body: AsyncIterator[bytes]) -> None:
        """Feeds `body` to the client, no faster than it reads."""
        client = connection(stream)
        beats = self._beats(stream, client)
        try:
            if client is None:
                return
            ending = Pushed(stream.stream_id, None)
            try:
                beats.quiet()
                async for data in body:
                    if data:
                        beats.busy()
                        await client.server_event(Pushed(stream.stream_id, data))
                        await client.drain_writers()
                        beats.quiet()
            except Exception:  # whatever it was: the client must see that the answer is not whole
                log.exception("the stream for %s broke", stream.flow.request.path.partition("?")[0])
                ending = Pushed(stream.stream_id, None, broken=True)
            beats.stop()
            await client.server_event(ending)
            await client.drain_writers()
        finally:
            beats.stop()
            self.left(stream)
            await close(body)

    def _beats(self, stream: "LlrStream", client: Any) -> Beats:
        async def send(data: bytes) -> None:
            await client.server_event(Pushed(stream.stream_id, data))

        return Beats(stream.pulse, send, self.tasks.spawn)

    async def talk(self, stream: "LlrStream", line: Line, upgrade: Upgrade) -> None:
        """Runs a session on `line` and closes it."""
        try:
            try:
                closing = await upgrade.session.run(line)
            except Exception:  # whatever it was: the client must not wait for an answer
                log.exception("the WebSocket at %s broke", stream.flow.request.path.partition("?")[0])
                closing = Closing(1011, "the router failed; its log has the details")
            await line.close(closing)
        finally:
            self.left(stream)


def connection(stream: "LlrStream") -> Any:
    """The client's connection: takes events, and drains. None when it is gone."""
    server: Any = ctx.master.addons.get("proxyserver")  # type: ignore[no-untyped-call]
    return server.connections.get(stream.context.client.id)


def keep_open(flow: http.HTTPFlow) -> None:
    """Lets the connection of `flow` be silent for as long as its ends like."""
    server: Any = ctx.master.addons.get("proxyserver")  # type: ignore[no-untyped-call]
    handler = server.connections.get(flow.client_conn.id)
    if handler is not None:
        handler.timeout_watchdog.timeout = FOREVER


def adopt(found: Any, in_flight: "Streams") -> None:
    """Turns a layer of mitmproxy's into ours; it has no state that ours lacks."""
    found.__class__ = LlrHttpLayer
    found.in_flight = in_flight


class LlrStream(PassingStream):
    """One request. `worker` is the task that seeks its answer, then the one that pumps it."""

    def __init__(self, context: Context, stream_id: int, in_flight: Streams) -> None:
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
            self._before(command)
            if not (isinstance(command, commands.StartHook) and command.name in self.in_flight.unheard):
                reply = yield command

    def _before(self, command: commands.Command) -> None:
        """What is ours to do where mitmproxy runs a hook."""
        match command:
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
        client = connection(self)
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

    in_flight: Streams

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, Pushed | Outgoing):
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
        stream = self.streams[stream_id] = LlrStream(self.context.fork(), stream_id, self.in_flight)
        yield from self.event_to_child(stream, events.Start())
