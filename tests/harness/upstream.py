"""A provider for tests: a raw HTTP/1.1 server in the test's own loop that answers as scripted, faults included.

    async with FakeUpstream() as up:
        up.script(sse(events, after=2, end=End.RESET), json_reply({"ok": True}))
        ...
        received = await up.request()
        await received.gone()

Each request takes the next reply of the script; when the script is used up, `up.default` answers. Raw sockets,
because the faults worth testing are the ones that a server library would not commit.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from harness.replies import HANDSHAKE_DEATH, End, Framing, Reply, head_bytes, json_reply

TIMEOUT = 10.0


@dataclass
class Received:
    """A request as it came, and what became of its answer."""

    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case; of repeated ones the last
    raw_headers: Sequence[tuple[str, str]]
    body: bytes = b""
    sent: int = 0  # pieces handed to the socket
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    async def gone(self, timeout: float = TIMEOUT) -> None:
        """Waits until the client has closed the connection. Raises TimeoutError."""
        await asyncio.wait_for(self.lost.wait(), timeout)

    async def done(self, timeout: float = TIMEOUT) -> None:
        """Waits until the whole answer is sent. Raises TimeoutError."""
        await asyncio.wait_for(self.answered.wait(), timeout)


type Answerer = Callable[[Received], Reply]


def _not_scripted(received: Received) -> Reply:
    return json_reply({"error": {"message": f"nothing is scripted for {received.target}", "type": "test"}}, 500)


class FakeUpstream:
    """`requests` are all that came; `connections` counts the accepted connections. `tls`: it speaks HTTPS."""

    def __init__(self, default: Answerer = _not_scripted, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self.default = default
        self._tls = tls
        self._script: deque[Reply] = deque()
        self._open: set[_Connection] = set()
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", port, ssl=self._tls)

    async def stop(self) -> None:
        assert self._server is not None, "not started"
        self._server.close()
        for connection in list(self._open):
            await connection.stop()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None, "not started"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def script(self, *replies: Reply) -> None:
        """What the next requests get, in this order."""
        self._script.extend(replies)

    async def request(self, index: int = 0, timeout: float = TIMEOUT) -> Received:
        """The request number `index` (from 0), as soon as it is there. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(lambda: len(self.requests) > index)
        return self.requests[index]

    async def closed(self, timeout: float = TIMEOUT) -> None:
        """Waits until the client of the last request has closed its connection. Raises TimeoutError."""
        await self.requests[-1].gone(timeout)

    def dies_in_handshake(self) -> bool:
        if self._script and self._script[0] is HANDSHAKE_DEATH:
            self._script.popleft()
            return True
        return False

    async def take(self, received: Received) -> Reply:
        async with self._news:
            self.requests.append(received)
            self._news.notify_all()
        return self._script.popleft() if self._script else self.default(received)

    def opened(self, connection: "_Connection") -> None:
        self.connections += 1
        self._open.add(connection)

    def lost(self, connection: "_Connection") -> None:
        self._open.discard(connection)


class _Connection(asyncio.Protocol):
    """One client connection: requests one after another. A protocol, not streams: it hears of a close at once."""

    def __init__(self, upstream: FakeUpstream) -> None:
        self._upstream = upstream
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()
        self._received: Received | None = None
        self._transport: asyncio.Transport
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        # "writable" then means that everything was handed to the kernel: `sent` is exact, a reset loses nothing
        # (over TLS it is so from one byte on: at 0, asyncio's protocol pauses a buffer that is empty)
        transport.set_write_buffer_limits(high=1 if transport.get_extra_info("sslcontext") else 0, low=0)
        self._upstream.opened(self)
        if self._upstream.dies_in_handshake():
            self._reset()
        else:
            self._task = asyncio.get_running_loop().create_task(self._serve(), name="fake upstream")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._arrived.set()

    def eof_received(self) -> None:
        self._lost()

    def connection_lost(self, _: Exception | None) -> None:
        self._upstream.lost(self)
        self._lost()

    def _lost(self) -> None:
        self._gone.set()
        self._arrived.set()
        self._writable.set()
        if self._received is not None:
            self._received.lost.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._transport.abort()

    def _reset(self) -> None:
        # linger on, for no time: closing sends RST instead of FIN
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def _serve(self) -> None:
        try:
            while not self._gone.is_set():
                self._received = await self._read_request()
                if not await self._answer(self._received, await self._upstream.take(self._received)):
                    return
        except ConnectionError:
            return

    async def _read_until(self, there: Callable[[], bool]) -> None:
        while not there():
            if self._gone.is_set():
                raise ConnectionError
            self._arrived.clear()
            await self._arrived.wait()

    async def _read_request(self) -> Received:
        await self._read_until(lambda: b"\r\n\r\n" in self._buffer)
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        self._buffer = bytearray(rest)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        received = Received(method, target, {name.lower(): value for name, value in fields}, fields)
        if "chunked" in received.headers.get("transfer-encoding", ""):
            received.body = await self._read_chunks()
        else:
            received.body = await self._read_bytes(int(received.headers.get("content-length", "0")))
        return received

    async def _read_bytes(self, size: int) -> bytes:
        await self._read_until(lambda: len(self._buffer) >= size)
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    async def _read_chunks(self) -> bytes:
        body = b""
        while True:
            await self._read_until(lambda: b"\r\n" in self._buffer)
            line = await self._read_bytes(self._buffer.index(b"\r\n") + 2)
            chunk = await self._read_bytes(int(line.split(b";")[0], 16) + 2)
            if chunk == b"\r\n":
                return body
            body += chunk[:-2]

    async def _answer(self, received: Received, reply: Reply) -> bool:
        """Whether the connection can be used for another request."""
        await self._wait(reply.before)
        if reply.head:
            self._transport.write(head_bytes(reply))
        for piece in reply.pieces:
            if not isinstance(piece, bytes):
                await self._wait(piece)
                continue
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if reply.framing is Framing.CHUNKED else piece
            await self._write(framed)
            received.sent += 1
        return await self._finish(received, reply)

    async def _wait(self, until: asyncio.Event | float | None) -> None:
        if isinstance(until, asyncio.Event):
            await until.wait()
        elif until is not None:
            await asyncio.sleep(until)

    async def _write(self, data: bytes) -> None:
        await self._writable.wait()
        if self._gone.is_set():
            raise ConnectionError
        self._transport.write(data)

    async def _finish(self, received: Received, reply: Reply) -> bool:
        if reply.end is End.HANG:
            received.answered.set()
            await self._gone.wait()
            return False
        if reply.end is End.COMPLETE and reply.framing is Framing.CHUNKED:
            await self._write(b"0\r\n\r\n")
        received.answered.set()
        if reply.end is End.RESET:
            await self._writable.wait()
            self._reset()
            return False
        if reply.end is End.FIN or reply.framing is Framing.CLOSE:
            self._transport.close()
            return False
        return True
