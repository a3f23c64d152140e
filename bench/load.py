"""The load generator: raw keep-alive HTTP/1.1 connections that send one prepared request again and again."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`path` and `body` of the request; `expect` is what its answer must contain."""

    path: str
    body: bytes
    expect: bytes

    def on_the_wire(self, port: int) -> bytes:
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
            f"anthropic-version: 2023-06-01\r\nx-api-key: k\r\ncontent-length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


class WrongAnswer(Exception):
    """A subject did not answer as it should: its numbers would mean nothing."""


async def load(port: int, case: Case, count: int, connections: int) -> list[float]:
    """Seconds that each of `count` requests took, spread over `connections`. Raises WrongAnswer."""
    shares = [count // connections + (number < count % connections) for number in range(connections)]
    parts = await asyncio.gather(*(_one_connection(port, case, share) for share in shares))
    return [seconds for part in parts for seconds in part]


async def _one_connection(port: int, case: Case, count: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    request = case.on_the_wire(port)
    took = []
    for _ in range(count):
        begin = time.perf_counter()
        writer.write(request)
        head, body = await _read(reader)
        took.append(time.perf_counter() - begin)
        if not head.startswith(b"HTTP/1.1 200") or case.expect not in body:
            raise WrongAnswer(f"{case.path} on port {port}: {head.splitlines()[0]!r} {body[:300]!r}")
    writer.close()
    return took


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower().replace(b"http/1.1", b"HTTP/1.1", 1)
    _, found, rest = head.partition(b"content-length:")
    if found:
        return head, await reader.readexactly(int(rest.split(b"\r\n")[0]))
    body = bytearray()
    while not body.endswith(b"\r\n0\r\n\r\n"):
        chunk = await reader.read(65536)
        if not chunk:
            raise WrongAnswer("the connection closed in the middle of a stream")
        body += chunk
    return head, bytes(body)
