"""Three tiny providers for `llr demo`, on loopback: one is rate-limited, one hangs up, one works.

They speak just enough HTTP/1.1 and Chat Completions for the show, and count what they are asked.
"""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

WORDS = ("Hello ", "from ", "the ", "provider ", "that ", "works.")
PAUSE = 0.05


@dataclass(slots=True)
class FakeProvider:
    """`asked` counts the connections that were made to it."""

    name: str
    port: int = 0
    asked: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@asynccontextmanager
async def providers() -> AsyncIterator[dict[str, FakeProvider]]:
    """Starts the three and stops them at the end."""
    async with AsyncExitStack() as stack:
        running = {}
        for name, handler in _HANDLERS.items():
            running[name] = await stack.enter_async_context(_serve(name, handler))
        yield running


@asynccontextmanager
async def _serve(name: str, handler: Handler) -> AsyncIterator[FakeProvider]:
    provider = FakeProvider(name)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        provider.asked += 1
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()


async def _rate_limited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_request(reader)
    body = json.dumps({"error": {"message": "Too many requests, sorry.", "type": "rate_limit_error"}}).encode()
    head = f"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    writer.write(head.encode() + b"connection: close\r\n\r\n" + body)
    await writer.drain()


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A reset instead of an answer: what a crashing provider, or a broken handshake, looks like."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _works(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = await _read_request(reader)
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    for chunk in _chunks(str(request.get("model"))):
        data = f"data: {chunk}\n\n".encode()
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()
        await asyncio.sleep(PAUSE)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _chunks(model: str) -> list[str]:
    base = {"id": "chatcmpl-demo", "object": "chat.completion.chunk", "created": 1, "model": model}
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": word}, None) for word in WORDS]
    deltas.append(({}, "stop"))
    chunks = [{**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} for delta, finish in deltas]
    usage = {"prompt_tokens": 11, "completion_tokens": len(WORDS), "total_tokens": 11 + len(WORDS)}
    return [*map(json.dumps, chunks), json.dumps({**base, "choices": [], "usage": usage}), "[DONE]"]


async def _read_request(reader: asyncio.StreamReader) -> dict[str, object]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    body: dict[str, object] = json.loads(await reader.readexactly(length))
    return body


_HANDLERS: dict[str, Handler] = {"busy": _rate_limited, "broken": _hangs_up, "works": _works}
