"""Has mitmproxy itself pass a request on, streamed both ways: the layer code for what is none of the engine's.

    head ──a passage──> connecting ──> body going up, head awaited ──(peeking)──> body coming down ──> done
      │                      │                   │                                      └─101─> tunnel
      └──a refusal──┐        └──nobody answers───┴──> the passage's refusal
                    └──> discarding

A *passage* says where one request goes; a *door* gives it. Without a passage, no server is ever contacted. It is
decided as soon as the head is there, so that the body need not be gathered, or by the router for a whole request.

A server may close a connection that was kept alive in the moment it is used again. When not a byte of an answer has
come, and the request is small enough to be still there, it is sent once more over a new connection.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from mitmproxy import http
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.layers.http import SendHttp
from mitmproxy.proxy.layers.http._events import (
    RequestData,
    RequestEndOfMessage,
    RequestHeaders,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseProtocolError,
)

from addons.core.http import Handed
from addons.limited_stream import LimitedStream
from addons.tunnel_layer import TunnelLayer

# bytes of a body that are kept until its answer begins
REMEMBERED = 256 * 1024
# what mitmproxy says when a server has gone without a byte of an answer
GONE = "server closed connection"


class Sent:
    """A body on its way, and a copy of it as long as it is small. `told` hears of it."""

    def __init__(self, told: Callable[[bytes], None] | None = None) -> None:
        self.copy: bytearray | None = bytearray()
        self._told = told

    def __call__(self, data: bytes) -> bytes:
        if self._told is not None and data:
            self._told(data)
        if self.copy is not None:
            self.copy += data
            if len(self.copy) > REMEMBERED:
                self.copy = None
        return data


class Passage(Protocol):
    """How one request is passed on."""

    def request(self, flow: http.HTTPFlow) -> None:
        """Makes `flow.request` what the server shall get: its host, port and scheme are where it goes."""

    def refusal(self, flow: http.HTTPFlow, reason: str) -> http.Response:
        """The answer when the server gave none."""
        ...

    def head(self, flow: http.HTTPFlow) -> bool:
        """Makes `flow.response`, of which there is only the head, what the client shall get. Whether the first bytes
        of the body are to be looked at before it leaves."""
        ...

    def first(self, flow: http.HTTPFlow, data: bytes) -> None:
        """The first bytes of a body whose head is still here."""

    def whole(self, flow: http.HTTPFlow) -> None:
        """The body of an answer that is not streamed is there."""

    def ended(self, flow: http.HTTPFlow, *, left: bool) -> None:
        """The exchange is over, or the connection of a WebSocket is open; `left`: it broke before. Said once."""


class Watching(Protocol):
    """Who wants to hear of what goes by."""

    def takes(self, handed: Handed) -> bool:
        """Whether it tells those who heard of the request so far what becomes of it."""
        ...

    def sent(self, data: bytes) -> None:
        """A piece of the client's body."""

    def broke(self) -> None:
        """The server's answer ended before it was whole; `ended` follows."""

    def relayed(self, data: bytes, *, from_client: bool) -> None:
        """Bytes of an open WebSocket."""

    def closed(self) -> None:
        """The connection of a WebSocket is over. Said once, after `ended`."""


@runtime_checkable
class Watched(Protocol):
    """A passage that is watched."""

    watch: Watching


class Door(Protocol):
    """Who may pass. A response is a refusal, which is given at once."""

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        """For a request whose head is there; None: it is the engine's."""
        ...

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        """For a whole request that the engine does not want to answer."""
        ...


class PassingStream(LimitedStream):
    """One request, which may have a passage."""

    door: Door | None = None
    passage: Passage | None = None
    _found: Passage | http.Response | None = None
    _asked = False
    _over = False
    _from_server = False
    _peeks = False
    _sent: Sent | None = None
    _sent_again = False

    @property
    def passes(self) -> bool:
        """Whether the request is passed on."""
        return self.passage is not None

    @property
    def _watch(self) -> Watching | None:
        found: object = self.passage
        return found.watch if isinstance(found, Watched) else None

    def pass_on(self, passage: Passage) -> None:
        """Lets `passage` have the request."""
        self.passage = passage
        self.flow.request = self.flow.request.copy()  # the client's connection goes by the request that came
        passage.request(self.flow)

    def begin_passage(self) -> None:
        """With the head of the request there."""
        found = self._look()
        if isinstance(found, http.Response):
            self.flow.response = found
        elif found is not None:
            self.pass_on(found)
            self.flow.request.stream = self._sent = Sent(None if self._watch is None else self._watch.sent)

    def end_passage(self, *, left: bool) -> None:
        """No more is expected of the passage. May be called more than once."""
        if self.passage is not None and not self._over:
            self._over = True
            self.passage.ended(self.flow, left=left)

    def _look(self) -> Passage | http.Response | None:
        if self.door is not None and not self._asked:
            self._asked = True
            self._found = self.door.passage(self.flow)
        return self._found

    def check_body_size(self, request: bool) -> layer.CommandGenerator[bool]:
        found = self._look() if request else self.passage
        if isinstance(found, http.Response):
            yield from self.refuse(found)
            return True
        if found is not None:
            return False
        return (yield from super().check_body_size(request))

    def refuse(self, refusal: http.Response) -> layer.CommandGenerator[None]:
        """Answers, and throws away what the client may still send."""
        self.flow.response = refusal
        if self.client_state != self.state_done:
            self.client_state = self.state_discarding
        yield from self.send_response()

    def start_request_stream(self) -> layer.CommandGenerator[None]:
        yield from super().start_request_stream()
        if self.passes and self.client_state == self.state_errored and self.flow.response is not None:
            self.client_state = self.state_discarding  # refused, which is no error of the client's

    def handle_protocol_error(
        self, event: RequestProtocolError | ResponseProtocolError
    ) -> layer.CommandGenerator[None]:
        if isinstance(event, ResponseProtocolError) and self.passage is not None:
            if self._may_be_sent_again(event):
                yield from self._send_again()
                return
            if self.client_state not in (self.state_errored, self.state_discarding) and self._awaits_a_head():
                yield from self.refuse(self.passage.refusal(self.flow, event.message))
                return
            if self.server_state == self.state_done and self.client_state == self.state_stream_request_body:
                self.client_state = self.state_discarding  # the whole answer came before the whole request had left
                return
            if self._watch is not None:
                self._watch.broke()
        yield from super().handle_protocol_error(event)
        self.end_passage(left=True)

    def _may_be_sent_again(self, event: ResponseProtocolError) -> bool:
        opened, begun = self.flow.server_conn.timestamp_start, self.flow.request.timestamp_start
        reused = opened is not None and opened < begun
        small = self._sent is not None and self._sent.copy is not None
        waiting = self.server_state == self.state_wait_for_response_headers and self.client_state == self.state_done
        return event.message == GONE and waiting and reused and small and not self._sent_again

    def _send_again(self) -> layer.CommandGenerator[None]:
        assert self._sent is not None
        assert self._sent.copy is not None
        self._sent_again = True
        if not (yield from self.make_server_connection()):
            return
        body, server = bytes(self._sent.copy), self.context.server
        yield SendHttp(RequestHeaders(self.stream_id, self.flow.request, end_stream=not body), server)
        if body:
            yield SendHttp(RequestData(self.stream_id, body), server)
        yield SendHttp(RequestEndOfMessage(self.stream_id), server)

    def _awaits_a_head(self) -> bool:
        return self.server_state in (
            self.state_uninitialized,
            self.state_wait_for_response_headers,
            self.state_peeking,
        )

    def state_wait_for_response_headers(self, event: events.Event) -> layer.CommandGenerator[None]:
        self._from_server = True
        yield from super().state_wait_for_response_headers(event)

    def head_arrived(self) -> None:
        """With the head of an answer there, before it is given to the client."""
        if self.passage is not None and self._from_server:
            assert self.flow.response is not None
            self.flow.response = self.flow.response.copy()  # the server's connection goes by the answer that came
            self._peeks = self.passage.head(self.flow)

    def body_arrived(self) -> None:
        """With the whole of an answer there, before it is given to the client."""
        response, gathered = self.flow.response, self.server_state == self.state_consume_response_body
        if self.passage is None or not self._from_server or response is None:
            return
        if gathered and response.raw_content:
            self.passage.whole(self.flow)

    def start_response_stream(self) -> layer.CommandGenerator[None]:
        if self._peeks:
            self.server_state = self.state_peeking
        else:
            yield from super().start_response_stream()

    def state_peeking(self, event: events.Event) -> layer.CommandGenerator[None]:
        assert self.passage is not None
        if isinstance(event, ResponseData):
            self.passage.first(self.flow, event.data)
        yield from super().start_response_stream()
        yield from self.server_state(event)

    def flow_done(self) -> layer.CommandGenerator[None]:
        response = self.flow.response
        if not (self.passes and self._from_server and response is not None and response.status_code == 101):
            yield from super().flow_done()
            return
        self.flow.live = False
        self.child_layer = TunnelLayer(self.context, self._watch)
        self._handle_event = self.passthrough
        yield from self.child_layer.handle_event(events.Start())
        # the child is there before what the server has sent already
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)
