"""What a client sees on the wire, through a real `llr start`: no buffering, and nothing left behind when it leaves."""

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest

from harness.process import RouterProcess
from harness.replies import NEVER, End, Reply, json_reply
from harness.upstream import FakeUpstream

SSE = {"content-type": "text/event-stream"}
PATH = "/v1/chat/completions"
MEBIBYTE = 1024 * 1024


def event(text: str) -> bytes:
    chunk = {
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}],
    }  # fmt: skip
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


LAST = (
    b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


def config(upstream: FakeUpstream) -> dict[str, Any]:
    provider = {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
    return {"version": 2, "providers": [provider]}


@asynccontextmanager
async def routed(*options: str) -> AsyncIterator[tuple[FakeUpstream, RouterProcess]]:
    async with FakeUpstream() as upstream, RouterProcess(config(upstream), *options) as router:
        yield upstream, router


class Client:
    """One raw connection to the router."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ask(self, *, stream: bool = True, body: bytes | None = None, version: str = "1.1", **headers: str) -> None:
        sent = body or json.dumps({"model": "p/m", "stream": stream, "messages": []}).encode()
        port = self.writer.get_extra_info("peername")[1]
        lines = [f"POST {PATH} HTTP/{version}", f"host: localhost:{port}", "content-type: application/json"]
        lines += [f"content-length: {len(sent)}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + sent)

    async def until(self, mark: bytes, timeout: float = 10.0) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(mark), timeout)

    async def rest(self, timeout: float = 10.0) -> bytes:
        return await asyncio.wait_for(self.reader.read(), timeout)

    async def status(self) -> int:
        return int((await self.until(b"\r\n\r\n")).split()[1])

    def reset(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def connected(router: RouterProcess, limit: int = 2**16) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", router.port, limit=limit)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def test_the_first_event_arrives_before_the_second_is_written() -> None:
    """Promise 7."""
    go = asyncio.Event()
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("one"), go, event("two"), LAST]))
        client.ask()
        await client.until(b"one")
        assert upstream.requests[0].sent == 1
        go.set()
        assert b"two" in await client.until(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("leave", ["reset", "half-close"])
async def test_a_client_that_leaves_before_the_first_byte_ends_the_search(stream: bool, leave: str) -> None:
    """Promise 8."""
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(NEVER)
        client.ask(stream=stream)
        received = await upstream.request()
        client.reset() if leave == "reset" else client.writer.write_eof()
        await received.gone(1.0)
        assert router.stderr == ""


@pytest.mark.parametrize("leave", ["reset", "half-close"])
async def test_a_client_that_leaves_in_the_middle_ends_the_stream(leave: str) -> None:
    """Promise 8."""
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("one")], end=End.HANG))
        client.ask()
        await client.until(b"one")
        client.reset() if leave == "reset" else client.writer.write_eof()
        await upstream.closed(1.0)
        assert router.stderr == ""


async def test_the_router_serves_on_after_clients_have_left() -> None:
    """Promise 54: connections and file descriptors come back."""
    async with routed() as (upstream, router):
        async with connected(router) as client:
            upstream.script(json_reply({"choices": []}))
            client.ask(stream=False)
            await client.status()
        before = psutil.Process(router.pid).num_fds()
        for index in range(20):
            async with connected(router) as client:
                upstream.script(NEVER if index % 2 else Reply(200, SSE, [event("one")], end=End.HANG))
                client.ask()
                received = await upstream.request(1 + index)
                if not index % 2:
                    await client.until(b"one")
            await received.gone(1.0)
        async with connected(router) as client:
            upstream.script(Reply(200, SSE, [event("still here"), LAST]))
            client.ask()
            await client.until(b"still here")
        assert psutil.Process(router.pid).num_fds() <= before + 2
        assert router.stderr == ""


async def test_a_slow_reader_holds_the_provider_back() -> None:
    """Promise 56."""
    piece = event("x" * 64 * 1024)
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("go")] + [piece] * 2000 + [LAST]))
        client.ask()
        await client.until(b"go")
        before = psutil.Process(router.pid).memory_info().rss
        received = upstream.requests[0]
        settled = -1
        while received.sent != settled:
            settled = received.sent
            await asyncio.sleep(0.5)
        assert settled < 1000, "the provider was read as if the client had taken it all"
        assert psutil.Process(router.pid).memory_info().rss - before < 40 * MEBIBYTE


async def test_a_provider_that_breaks_in_the_middle_leaves_a_proper_end() -> None:
    """Promise 3."""
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("one")], end=End.RESET))
        client.ask()
        seen = await client.until(b"\r\n0\r\n\r\n")
        assert b'"error"' in seen


async def test_one_connection_carries_streams_and_whole_answers_in_turn() -> None:
    async with routed() as (upstream, router), connected(router) as client:
        for _ in range(3):
            upstream.script(Reply(200, SSE, [event("one"), LAST]), json_reply({"choices": [], "id": "whole"}))
            client.ask()
            await client.until(b"\r\n0\r\n\r\n")
            client.ask(stream=False)
            assert await client.status() == 200
            await client.until(b'"whole"}')


async def test_an_http_1_0_stream_ends_with_the_connection() -> None:
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("one"), LAST]))
        client.ask(version="1.0")
        seen = await client.rest()
        assert b"transfer-encoding" not in seen
        assert seen.endswith(b"data: [DONE]\n\n")


async def test_a_compressed_request_is_understood() -> None:
    """Promise 21."""
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(json_reply({"choices": []}))
        client.ask(body=gzip.compress(b'{"model":"p/m","messages":[]}'), content_encoding="gzip")
        assert await client.status() == 200
        assert upstream.requests[0].json["model"] == "m"


@pytest.mark.parametrize(("encoding", "status"), [("gzip", b" 400 "), ("unheard-of", b" 415 ")])
async def test_a_body_that_cannot_be_decoded_is_refused_in_json(encoding: str, status: bytes) -> None:
    """Promise 21."""
    async with routed() as (upstream, router), connected(router) as client:
        client.ask(body=b"not packed", content_encoding=encoding)
        head = await client.until(b"\r\n\r\n")
        assert status in head
        assert b"application/json" in head
        assert upstream.requests == []


async def test_a_websocket_is_refused_without_asking_anybody() -> None:
    async with routed() as (upstream, router), connected(router) as client:
        client.writer.write(
            f"GET /v1/messages HTTP/1.1\r\nhost: localhost:{router.port}\r\n".encode()
            + b"connection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
        )
        assert await client.status() == 426
        assert upstream.connections == 0


@pytest.mark.parametrize(
    "sent",
    [b"\x00\x01garbage\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"CONNECT a.invalid:443 HTTP/1.1\r\nhost: a\r\n\r\n"],
    ids=["bytes", "ssh", "connect"],
)
async def test_what_is_no_request_ends_there(sent: bytes) -> None:
    async with routed() as (_, router), connected(router) as client:
        client.writer.write(sent)
        seen = await client.rest()
        assert b" 200 " not in seen.partition(b"\r\n")[0]


async def test_a_search_that_outlives_the_grace_asks_nobody_else() -> None:
    """Promise 58."""
    async with routed("--grace", "0.2") as (upstream, router), connected(router) as client:
        upstream.script(NEVER)
        client.ask()
        await upstream.request()
        router.terminate()
        assert await router.wait(5.0) == 0
        await upstream.closed(1.0)
        assert len(upstream.requests) == 1
        assert router.stderr == ""


async def test_tls_is_refused_at_once() -> None:
    async with routed() as (_, router):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", router.port, ssl=True, ssl_handshake_timeout=5.0)


async def test_a_stop_lets_a_running_stream_finish() -> None:
    """Promise 58."""
    go = asyncio.Event()
    async with routed() as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("one"), go, event("two"), LAST]))
        client.ask()
        await client.until(b"one")
        router.terminate()
        await _refuses(router.port)
        go.set()
        assert (await client.rest()).endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert await router.wait() == 0


@pytest.mark.parametrize(("grace", "signals"), [("0.2", 1), ("60", 2)], ids=["grace over", "second signal"])
async def test_a_stop_ends_what_does_not_finish(grace: str, signals: int) -> None:
    """Promise 58."""
    async with routed("--grace", grace) as (upstream, router), connected(router) as client:
        upstream.script(Reply(200, SSE, [event("one")], end=End.HANG))
        client.ask()
        await client.until(b"one")
        router.terminate()
        await _refuses(router.port)
        if signals == 2:
            router.terminate()
        assert await router.wait(5.0) == 0
        await upstream.closed(1.0)
        assert router.stderr == ""


async def _refuses(port: int) -> None:
    """Waits until nobody accepts connections at `port` any more."""
    async with asyncio.timeout(5.0):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:  # refused, or reset by a listener that closes this very moment
                return
            writer.transport.abort()
            await asyncio.sleep(0.01)
