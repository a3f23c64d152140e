"""What the WebSocket towards a client leans on in mitmproxy and in wsproto, driven without a socket.

When one of these fails after an update, addons/websocket_layer.py has to be read again before the update is taken.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import h2.config
import h2.connection
import pytest
from mitmproxy.proxy import events
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.layers.http._http1 import Http1Server
from wsproto import events as ws
from wsproto.connection import Connection, ConnectionState, ConnectionType

from addons.core.http import Ask, Reply
from addons.core.upgrade import Closing, Socket, Upgrade
from addons.edge.master import REQUEST_HOOKS
from addons.http_layer import LlrStream
from addons.router import Router
from addons.websocket_layer import WAITING
from harness.wire import Wire, wired

ASK = b"GET /v1/responses HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
HEAD = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n"
REFUSAL = Reply(426, (("content-type", "text/plain"),), b"no")
LIMIT = 1000


class Echo:
    """A session that answers each message with itself, until it is told to end."""

    def __init__(self, wait: asyncio.Event | None = None) -> None:
        self.heard: list[str | bytes | None] = []
        self.left = asyncio.Event()
        self._wait = wait

    async def run(self, socket: Socket) -> Closing:
        try:
            if self._wait is not None:
                await self._wait.wait()
            while True:
                message = await socket.receive()
                self.heard.append(message)
                if message is None:
                    return Closing(1001, "the end")
                await socket.send(f"heard {message!s}")
        except asyncio.CancelledError:
            self.left.set()
            raise


class Broken:
    async def run(self, socket: Socket) -> Closing:
        raise RuntimeError("a mistake of ours")


class Upgrading:
    """An engine that upgrades everything."""

    def __init__(self, session: Any) -> None:
        self.session = session

    async def answer(self, ask: Ask) -> Reply:
        headers = (("upgrade", "websocket"), ("connection", "Upgrade"))
        return Upgrade(101, headers, session=self.session, max_message=LIMIT, refusal=REFUSAL)


class Handler:
    """The connection of the client, as the streams find it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def server_event(self, event: events.Event) -> None:
        self._wire.feed(event)

    async def drain_writers(self) -> None:
        await asyncio.sleep(0)


class Browser:
    """The client's side of the frames."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._ws = Connection(ConnectionType.CLIENT)
        self._read = len(wire.sent)

    def sends(self, *what: ws.Event) -> None:
        self._wire.receives(b"".join(self._ws.send(event) for event in what))

    def sees(self) -> list[ws.Event]:
        data, self._read = self._wire.sent[self._read :], len(self._wire.sent)
        self._ws.receive_data(data)
        return list(self._ws.events())

    def texts(self) -> list[str]:
        return [event.data for event in self.sees() if isinstance(event, ws.TextMessage)]


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as made:
        made.streams.unheard = REQUEST_HOOKS
        made.server.connections[made.client.id] = Handler(made)  # type: ignore[assignment]
        yield made


async def upgraded(wire: Wire, session: Any, ask: bytes = ASK) -> Browser:
    """Brings a request to the state in which frames are exchanged."""
    wire.receives(ask)
    await Router(Upgrading(session), wire.streams.tasks, wire.streams).request(wire.flow)
    wire.complete()
    assert wire.sent == HEAD
    browser = Browser(wire)
    await settle()
    return browser


async def settle() -> None:
    """Lets every task run until it waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_is_overridden_and_used_is_there() -> None:
    assert list(inspect.signature(HttpStream.flow_done).parameters) == ["self"]
    assert callable(HttpStream.passthrough)
    assert HttpStream.child_layer is None
    assert callable(Http1Server.make_pipe)
    assert issubclass(events.Wakeup, events.CommandCompleted)


async def test_a_message_reaches_the_session_and_its_answer_the_client(wire: Wire) -> None:
    session = Echo()
    browser = await upgraded(wire, session)
    browser.sends(ws.TextMessage("one"))
    browser.sends(ws.BytesMessage(b"two"))
    await settle()
    assert session.heard == ["one", b"two"]
    assert browser.texts() == ["heard one", "heard b'two'"]


async def test_what_comes_with_the_request_itself_is_not_lost(wire: Wire) -> None:
    session = Echo()
    early = Connection(ConnectionType.CLIENT).send(ws.TextMessage("early"))
    browser = await upgraded(wire, session, ASK + early)
    assert session.heard == ["early"]
    assert browser.texts() == ["heard early"]


async def test_a_fragmented_message_is_one(wire: Wire) -> None:
    session = Echo()
    browser = await upgraded(wire, session)
    browser.sends(ws.TextMessage("o", message_finished=False), ws.TextMessage("n", message_finished=False))
    await settle()
    assert session.heard == []
    browser.sends(ws.Ping(b"between"), ws.TextMessage("e"))
    await settle()
    assert session.heard == ["one"]


async def test_a_character_may_be_split_between_reads(wire: Wire) -> None:
    session = Echo()
    await upgraded(wire, session)
    for byte in Connection(ConnectionType.CLIENT).send(ws.TextMessage("\u00e9\U0001f600")):
        wire.receives(bytes([byte]))
    await settle()
    assert session.heard == ["\u00e9\U0001f600"]


async def test_a_ping_is_answered_without_the_session(wire: Wire) -> None:
    browser = await upgraded(wire, Echo())
    browser.sends(ws.Ping(b"there?"))
    assert browser.sees() == [ws.Pong(b"there?")]


async def test_the_clients_close_is_answered_and_ends_the_session(wire: Wire) -> None:
    """Promise 8."""
    session = Echo()
    browser = await upgraded(wire, session)
    browser.sends(ws.CloseConnection(1000, "bye"))
    assert browser.sees() == [ws.CloseConnection(1000, "bye")]
    assert wire.closed
    await asyncio.wait_for(session.left.wait(), 1)
    assert len(wire.streams) == 0


async def test_a_client_that_leaves_without_a_word_ends_the_session(wire: Wire) -> None:
    """Promise 8."""
    session = Echo()
    await upgraded(wire, session)
    flow = wire.flow
    wire.leaves()
    await asyncio.wait_for(session.left.wait(), 1)
    assert (len(wire.streams), flow.live, wire.closed) == (0, False, True)


async def test_a_session_that_ends_closes_and_waits_for_the_client(wire: Wire) -> None:
    browser = await upgraded(wire, Echo())
    wire.streams.retire()
    await settle()
    assert browser.sees() == [ws.CloseConnection(1001, "the end")]
    assert not wire.closed
    assert len(wire.streams) == 0
    browser.sends(ws.CloseConnection(1001))
    assert wire.closed


async def test_a_client_that_never_answers_the_close_is_cut_off(wire: Wire) -> None:
    await upgraded(wire, Echo())
    wire.streams.retire()
    await settle()
    (wakeup,) = wire.wakeups
    wire.feed(events.Wakeup(wakeup))
    assert wire.closed


async def test_a_connection_that_comes_after_the_end_was_told_ends_too(wire: Wire) -> None:
    """Promise 58."""
    wire.streams.retire()
    browser = await upgraded(wire, Echo())
    assert browser.sees() == [ws.CloseConnection(1001, "the end")]


async def test_a_session_that_breaks_closes_with_a_reason(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    browser = await upgraded(wire, Broken())
    (seen,) = browser.sees()
    assert isinstance(seen, ws.CloseConnection)
    assert seen.code == 1011
    assert "a mistake of ours" in caplog.text
    assert len(wire.streams) == 0


@pytest.mark.parametrize("sizes", [[LIMIT + 1], [LIMIT, 1]], ids=["at once", "in fragments"])
async def test_a_message_that_is_too_large_closes_and_ends_the_session(wire: Wire, sizes: list[int]) -> None:
    session = Echo()
    browser = await upgraded(wire, session)
    browser.sends(*(ws.TextMessage("x" * size, message_finished=False) for size in sizes))
    (seen,) = browser.sees()
    assert isinstance(seen, ws.CloseConnection)
    assert (seen.code, seen.reason) == (1009, f"a message may have {LIMIT} bytes")
    await asyncio.wait_for(session.left.wait(), 1)


async def test_the_limit_counts_bytes_and_starts_anew_with_each_message(wire: Wire) -> None:
    session = Echo()
    browser = await upgraded(wire, session)
    for _ in range(3):
        browser.sends(ws.TextMessage("\u00e9" * (LIMIT // 2)))
    await settle()
    assert len(session.heard) == 3
    browser.sends(ws.TextMessage("\u00e9" * (LIMIT // 2 + 1)))
    assert browser.sees()[-1] == ws.CloseConnection(1009, f"a message may have {LIMIT} bytes")


async def test_a_client_that_sends_faster_than_it_is_served_is_closed(wire: Wire) -> None:
    session = Echo(wait=asyncio.Event())
    browser = await upgraded(wire, session)
    browser.sends(*(ws.TextMessage("x") for _ in range(WAITING)))
    assert browser.sees() == []
    browser.sends(ws.TextMessage("x"))
    assert browser.sees() == [ws.CloseConnection(1008, "too many messages wait")]
    await asyncio.wait_for(session.left.wait(), 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x01a", 1002),  # not masked
        (b"\xc1\x81\0\0\0\0a", 1002),  # compressed, which was not agreed on
        (b"\x81\x81\0\0\0\0\xff", 1007),  # not UTF-8
        (b"\x83\x80\0\0\0\0", 1002),  # an opcode that does not exist
    ],
)
async def test_bytes_that_are_no_frames_end_the_connection(wire: Wire, data: bytes, code: int) -> None:
    session = Echo()
    browser = await upgraded(wire, session)
    wire.receives(data)
    (seen,) = browser.sees()
    assert isinstance(seen, ws.CloseConnection)
    assert (seen.code, wire.closed) == (code, True)
    await asyncio.wait_for(session.left.wait(), 1)
    wire.receives(b"more")
    assert session.heard == []


async def test_nothing_is_sent_to_a_client_that_said_close(wire: Wire) -> None:
    gate = asyncio.Event()
    session = Echo(wait=gate)
    browser = await upgraded(wire, session)
    browser.sends(ws.TextMessage("one"), ws.CloseConnection(1000))
    gate.set()
    await settle()
    assert browser.sees() == [ws.CloseConnection(1000, "")]


async def test_a_client_that_left_before_the_answer_gets_no_session(wire: Wire) -> None:
    session = Echo()
    wire.receives(ASK)
    flow = wire.flow
    wire.streams.upgrade(flow, Upgrade(101, (), session=session, max_message=LIMIT, refusal=REFUSAL))
    wire.leaves()
    wire.complete()
    await settle()
    assert (session.heard, len(wire.streams), flow.live) == ([], 0, False)


async def test_the_hooks_of_the_upgrade_are_told_to_those_who_listen(wire: Wire) -> None:
    wire.streams.unheard = frozenset()
    wire.receives(ASK)
    wire.complete()
    flow = wire.flow
    wire.streams.upgrade(flow, Upgrade(101, (), session=Echo(), max_message=LIMIT, refusal=REFUSAL))
    wire.complete()
    wire.complete()
    assert wire.names == ["requestheaders", "request", "responseheaders", "response"]
    wire.complete()
    (stream,) = wire.layer.streams.values()
    assert isinstance(stream, LlrStream)
    assert stream.line is not None


async def test_http_2_is_refused() -> None:
    """RFC 8441 is not spoken: a request that asks all the same gets the refusal of the engine."""
    async with wired(b"h2") as wire:
        wire.streams.unheard = REQUEST_HOOKS
        client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        client.initiate_connection()
        fields = [(":method", "GET"), (":scheme", "https"), (":path", "/v1/responses"), (":authority", "localhost")]
        client.send_headers(1, fields, end_stream=True)
        wire.receives(client.data_to_send())
        await Router(Upgrading(Echo()), wire.streams.tasks, wire.streams).request(wire.flow)
        assert wire.flow.response is not None
        assert (wire.flow.response.status_code, wire.flow.response.content) == (426, b"no")


async def test_wsproto_answers_a_close_once() -> None:
    far = Connection(ConnectionType.SERVER)
    far.receive_data(Connection(ConnectionType.CLIENT).send(ws.CloseConnection(1000)))
    (event,) = far.events()
    assert isinstance(event, ws.CloseConnection)
    assert far.state is ConnectionState.REMOTE_CLOSING
    far.send(event.response())
    assert far.state is ConnectionState.CLOSED
