"""What addons/passing_stream.py, addons/tunnel_layer.py and addons/edge/upstream_tls.py lean on in mitmproxy.

When one of these fails after an update of mitmproxy, those files have to be read again before the update is taken.
"""

import inspect
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from mitmproxy import http, tls
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.net import tls as net_tls
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.server import ConnectionHandler, TimeoutWatchdog
from mitmproxy.proxy.server_hooks import ServerConnectHook
from OpenSSL import SSL

from addons.core.http import Handed
from addons.edge.master import REQUEST_HOOKS
from addons.passing_stream import REMEMBERED, Passage
from harness.wire import Wire, wired

HEAD = b"POST /there HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 4\r\n\r\n"
GET = b"GET /there HTTP/1.1\r\nhost: localhost\r\n\r\n"
UPGRADE = (
    b"GET /there HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\n\r\n"
)
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"


@dataclass
class Through:
    """A passage to one server, which notes what it is told."""

    told: list[str] = field(default_factory=list)
    peeks: bool = False
    streams: bool = True

    def request(self, flow: http.HTTPFlow) -> None:
        flow.request.scheme = "http"
        flow.request.data.host, flow.request.data.port = "amp.example", 8080
        flow.request.headers.pop("connection", None)
        if "upgrade" in flow.request.headers:
            flow.request.headers["connection"] = "upgrade"
        self.told.append("request")

    def refusal(self, flow: http.HTTPFlow, reason: str) -> http.Response:
        self.told.append(f"refusal: {reason}")
        return http.Response.make(502, b"nobody", {"connection": "close"})

    def head(self, flow: http.HTTPFlow) -> bool:
        assert flow.response is not None
        flow.response.stream = self.streams
        self.told.append("head")
        return self.peeks

    def first(self, flow: http.HTTPFlow, data: bytes) -> None:
        assert flow.response is not None
        flow.response.headers["x-first"] = data.decode()
        self.told.append("first")

    def whole(self, flow: http.HTTPFlow) -> None:
        assert flow.response is not None
        flow.response.content = (flow.response.content or b"").upper()
        self.told.append("whole")

    def ended(self, flow: http.HTTPFlow, *, left: bool) -> None:
        self.told.append("left" if left else "ended")


@dataclass
class Door:
    found: Passage | http.Response | None

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        return self.found

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        assert self.found is not None
        return self.found


class Far:
    """The wire's other end: what the layer opens, sends and closes there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.sent = b""
        self.closed = False
        self._opening: commands.OpenConnection | None = None
        inner = wire.layer.handle_event

        def watched(event: events.Event) -> object:
            for command in inner(event):
                match command:
                    case commands.OpenConnection():
                        self._opening = command
                    case commands.SendData() if isinstance(command.connection, Server):
                        self.sent += command.data
                        continue
                    case commands.CloseConnection() if isinstance(command.connection, Server):
                        self.closed = True
                        command.connection.state = ConnectionState.CLOSED
                        continue
                    case _:
                        pass
                yield command

        wire.layer.handle_event = watched  # type: ignore[method-assign,assignment]

    @property
    def server(self) -> Server:
        assert self._opening is not None
        assert isinstance(self._opening.connection, Server)
        return self._opening.connection

    def accepts(self) -> None:
        self.sent, self.closed = b"", False
        self.server.timestamp_start = time.time()
        self.server.state = ConnectionState.OPEN
        self._completes(None)

    def fails(self, reason: str) -> None:
        self.server.error = reason
        self._completes(reason)

    def _completes(self, reason: str | None) -> None:
        assert self._opening is not None
        self._wire.feed(events.OpenConnectionCompleted(self._opening, reason))

    def sends(self, data: bytes) -> None:
        self._wire.feed(events.DataReceived(self.server, data))

    def closes(self) -> None:
        self.server.state &= ~ConnectionState.CAN_READ
        self._wire.feed(events.ConnectionClosed(self.server))


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as made:
        made.streams.unheard = REQUEST_HOOKS | {"request"}
        yield made


@pytest.fixture
def passage(wire: Wire) -> Through:
    made = Through()
    wire.streams.door = Door(made)
    return made


@pytest.fixture
def far(wire: Wire) -> Far:
    return Far(wire)


@pytest.mark.parametrize(
    "name",
    [
        "check_body_size", "flow_done", "handle_protocol_error", "passthrough", "send_response", "start_request_stream",
        "start_response_stream", "state_consume_response_body", "state_done", "state_errored",
        "state_stream_request_body", "state_uninitialized", "state_wait_for_response_headers",
    ],
)  # fmt: skip
def test_what_is_overridden_or_compared_is_there(name: str) -> None:
    assert callable(getattr(HttpStream, name))


async def test_a_body_goes_up_before_it_is_whole(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(HEAD + b"12")
    assert far.server.address == ("amp.example", 8080)
    far.accepts()
    assert far.sent == b"POST /there HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\n12"
    wire.receives(b"34")
    assert far.sent.endswith(b"1234")


async def test_an_answer_comes_down_before_it_is_whole(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(GET)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")
    assert wire.sent.endswith(b"\r\n\r\nab")
    far.sends(b"cd")
    assert wire.sent.endswith(b"\r\n\r\nabcd")
    assert passage.told == ["request", "head", "ended"]
    assert (wire.layer.streams, len(wire.streams), wire.closed) == ({}, 0, False)


async def test_trailers_are_dropped_both_ways(wire: Wire, passage: Through, far: Far) -> None:
    """Promise 42."""
    wire.receives(b"POST /there HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
    far.accepts()
    wire.receives(b"2\r\n{}\r\n0\r\nx-a: b\r\n\r\n")
    assert far.sent.endswith(b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
    far.sends(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-c: d\r\n\r\n")
    assert wire.sent.endswith(b"\r\n\r\n2\r\nok\r\n0\r\n\r\n")
    assert (wire.layer.streams, wire.closed) == ({}, False)


async def test_the_clients_connection_goes_by_the_request_that_came(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(HEAD + b"1234")
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    assert (wire.closed, far.closed) == (True, False)


async def test_a_head_waits_for_the_first_bytes_when_they_are_wanted(wire: Wire, passage: Through, far: Far) -> None:
    passage.peeks = True
    wire.receives(GET)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n")
    assert wire.sent == b""
    far.sends(b"ab")
    assert wire.sent.endswith(b"x-first: ab\r\n\r\nab")
    far.sends(b"cd")
    assert passage.told == ["request", "head", "first", "ended"]


async def test_a_body_that_is_not_streamed_is_given_whole(wire: Wire, passage: Through, far: Far) -> None:
    passage.streams = False
    wire.receives(GET)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")
    assert wire.sent == b""
    far.sends(b"cd")
    assert wire.sent.endswith(b"\r\n\r\nABCD")
    assert passage.told == ["request", "head", "whole", "ended"]


@pytest.mark.parametrize("request_bytes", [GET, HEAD, HEAD + b"1234"])
async def test_a_server_that_is_not_there_is_the_passages_word(
    wire: Wire, passage: Through, far: Far, request_bytes: bytes
) -> None:
    wire.receives(request_bytes)
    far.fails("nobody there")
    assert wire.sent.startswith(b"HTTP/1.1 502 ")
    assert passage.told == ["request", "refusal: nobody there", "ended"]
    assert len(wire.streams) == 0


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 2", b"SSH-2.0\r\n\r\n"])
async def test_so_is_one_that_gives_no_answer(wire: Wire, passage: Through, far: Far, said: bytes) -> None:
    wire.receives(GET)
    far.accepts()
    far.sends(said)
    if not far.closed:
        far.closes()
    assert wire.sent.startswith(b"HTTP/1.1 502 ")
    assert passage.told[-1] == "ended"


@pytest.mark.parametrize("request_bytes", [GET, HEAD.replace(b"connection: close\r\n", b"") + b"1234"])
async def test_a_kept_connection_that_the_server_closes_is_replaced_once(
    wire: Wire, passage: Through, far: Far, request_bytes: bytes
) -> None:
    """Promise 59."""
    wire.receives(request_bytes)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    whole, wire.sent = far.sent, b""
    first = far.server
    wire.receives(request_bytes)
    assert far.sent == whole * 2
    far.closes()
    assert far.server is not first
    far.accepts()
    assert far.sent == whole
    far.closes()
    assert wire.sent.startswith(b"HTTP/1.1 502 ")


async def test_a_new_connection_that_the_server_closes_is_not_replaced(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(GET)
    far.accepts()
    far.closes()
    assert wire.sent.startswith(b"HTTP/1.1 502 ")


async def test_a_large_body_is_not_kept_for_another_connection(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(GET)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    wire.receives(b"POST /there HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % (REMEMBERED + 1))
    wire.receives(b"x" * (REMEMBERED + 1))
    wire.sent = b""
    far.closes()
    assert wire.sent.startswith(b"HTTP/1.1 502 ")


async def test_an_early_answer_is_kept_though_the_server_goes(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(HEAD + b"1")
    far.accepts()
    far.sends(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
    far.closes()
    assert wire.sent.endswith(b"\r\n\r\nno")
    assert not wire.closed
    wire.receives(b"234")
    assert wire.layer.streams == {}


async def test_a_client_that_leaves_closes_the_connection_to_the_server(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(GET)
    far.accepts()
    wire.leaves()
    assert far.closed
    assert passage.told == ["request", "left"]
    assert len(wire.streams) == 0


async def test_a_refusal_of_the_door_needs_no_server(wire: Wire, far: Far) -> None:
    wire.streams.door = Door(http.Response.make(403, b"no"))
    wire.receives(HEAD + b"1")
    assert wire.sent.endswith(b"\r\n\r\nno")
    wire.receives(b"234")
    assert not wire.opened
    assert wire.layer.streams == {}


async def test_a_refusal_without_a_body_to_wait_for_is_the_answer(wire: Wire) -> None:
    wire.streams.door = Door(http.Response.make(403, b"no"))
    wire.receives(GET)
    assert wire.sent.endswith(b"\r\n\r\nno")
    assert not wire.opened


async def test_without_a_passage_no_server_is_contacted(wire: Wire) -> None:
    wire.streams.door = Door(None)
    wire.receives(GET)
    assert not wire.opened
    assert wire.closed


async def test_a_whole_request_can_be_passed_on_by_the_router(wire: Wire, far: Far) -> None:
    passage = Through()
    wire.streams.unheard = REQUEST_HOOKS
    wire.receives(HEAD + b"1234")
    wire.streams.door = Door(passage)
    assert wire.streams.pass_on(wire.flow)
    wire.complete()
    far.accepts()
    assert far.sent.endswith(b"\r\n\r\n1234")


async def test_bytes_of_a_switched_connection_are_relayed_as_they_are(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(UPGRADE)
    far.accepts()
    far.sends(SWITCHED + b"\x81\x02hi")
    assert wire.sent == SWITCHED + b"\x81\x02hi"
    before = len(far.sent)
    wire.receives(b"not a frame")
    assert far.sent[before:] == b"not a frame"
    far.closes()
    assert wire.closed


async def test_a_client_that_leaves_a_switched_connection_closes_it(wire: Wire, passage: Through, far: Far) -> None:
    wire.receives(UPGRADE)
    far.accepts()
    far.sends(SWITCHED)
    wire.leaves()
    assert (far.closed, wire.closed, passage.told[-1]) == (True, True, "ended")


def test_silence_is_measured_by_a_watchdog_with_a_timeout() -> None:
    assert "timeout" in inspect.signature(TimeoutWatchdog).parameters
    assert "self.timeout" in inspect.getsource(TimeoutWatchdog.watch)
    assert "timeout_watchdog" in inspect.get_annotations(ConnectionHandler)


def test_the_server_is_told_of_before_it_is_connected_to() -> None:
    assert ServerConnectHook.name == "server_connect"


def test_tls_is_given_by_a_hook() -> None:
    assert {"ssl_conn", "context"} <= set(inspect.signature(tls.TlsData).parameters)
    wanted = {
        "method", "min_version", "max_version", "cipher_list", "ecdh_curve", "verify", "ca_path", "ca_pemfile",
        "client_cert", "legacy_server_connect",
    }  # fmt: skip
    assert set(inspect.signature(net_tls.create_proxy_server_context).parameters) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "SSL_get0_param", "X509_VERIFY_PARAM_set_hostflags", "X509_VERIFY_PARAM_set1_host", "X509_VERIFY_PARAM_set1_ip",
    ],
)  # fmt: skip
def test_openssl_binds_a_connection_to_a_name(name: str) -> None:
    assert hasattr(SSL._lib, name)  # type: ignore[attr-defined]


def test_the_flags_of_openssl_are_what_they_are_taken_for() -> None:
    assert SSL._lib.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS == 0x4  # type: ignore[attr-defined]
    assert SSL._lib.X509_CHECK_FLAG_NEVER_CHECK_SUBJECT == 0x20  # type: ignore[attr-defined]


class Heard:
    """Writes down what goes by a passage."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def takes(self, handed: Handed) -> bool:
        return False

    def sent(self, data: bytes) -> None:
        self.told.append(f"sent {data.decode()}")

    def broke(self) -> None:
        self.told.append("broke")

    def relayed(self, data: bytes, *, from_client: bool) -> None:
        self.told.append(f"{'client' if from_client else 'server'} {data.decode()}")

    def closed(self) -> None:
        self.told.append("closed")


@dataclass
class WatchedThrough(Through):
    watch: Heard = field(default_factory=Heard)


@pytest.fixture
def watched(wire: Wire) -> WatchedThrough:
    made = WatchedThrough()
    wire.streams.door = Door(made)
    return made


async def test_a_body_that_goes_up_is_heard(wire: Wire, watched: WatchedThrough, far: Far) -> None:
    wire.receives(HEAD + b"12")
    far.accepts()
    wire.receives(b"34")
    assert watched.watch.told == ["sent 12", "sent 34"]


async def test_what_goes_over_a_websocket_is_heard_to_its_end(wire: Wire, watched: WatchedThrough, far: Far) -> None:
    wire.receives(UPGRADE)
    far.accepts()
    far.sends(SWITCHED + b"from server")
    wire.receives(b"from client")
    assert watched.told[-1] == "ended"
    far.closes()
    assert watched.watch.told == ["server from server", "client from client", "closed"]


async def test_an_answer_that_breaks_off_is_heard_to_break(wire: Wire, watched: WatchedThrough, far: Far) -> None:
    wire.receives(GET)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")
    far.closes()
    assert (watched.watch.told, watched.told[-1]) == (["broke"], "left")


async def test_a_client_that_leaves_breaks_nothing(wire: Wire, watched: WatchedThrough, far: Far) -> None:
    wire.receives(GET)
    far.accepts()
    far.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")
    wire.leaves()
    assert (watched.watch.told, watched.told[-1]) == ([], "left")
