"""Stands between a tool and the router: the first line of every connection, and the frames that the tool sends.

async with Tap(router.port) as tap:
    await tools.codex(f"{tap.url}/v1", model, websockets=True)
    assert tap.frames[0]["generate"] is False
"""

import asyncio
import json
from typing import Any, Self

UPGRADE = b"upgrade: websocket"
TEXT, CONTINUATION = 1, 0


class Tap:
    def __init__(self, port: int) -> None:
        self._port = port
        self.lines: list[str] = []
        self._sent: list[Frames] = []

    @property
    def frames(self) -> list[Any]:
        """What the tool sent over WebSocket, every connection's messages in order."""
        return [json.loads(message) for frames in self._sent for message in frames.messages()]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.lines.append(head.split(b"\r\n", 1)[0].decode())
        sent = Frames()
        if UPGRADE in head.lower():
            self._sent.append(sent)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        far_writer.write(head)
        await asyncio.gather(_copy(reader, far_writer, sent.raw), _copy(far_reader, writer, bytearray()))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    try:
        while data := await reader.read(65536):
            kept += data
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Frames:
    """The masked frames of a client (RFC 6455, section 5.2), no extension agreed on."""

    def __init__(self) -> None:
        self.raw = bytearray()

    def messages(self) -> list[bytes]:
        found: list[bytes] = []
        at = 0
        while at + 2 <= len(self.raw):
            kind, length = self.raw[at] & 0x0F, self.raw[at + 1] & 0x7F
            wide = {126: 2, 127: 8}.get(length, 0)
            start = at + 2 + wide
            length = int.from_bytes(self.raw[at + 2 : start]) if wide else length
            mask, payload = self.raw[start : start + 4], self.raw[start + 4 : start + 4 + length]
            if kind == TEXT:
                found.append(_unmasked(payload, mask))
            elif kind == CONTINUATION:
                found[-1] += _unmasked(payload, mask)
            at = start + 4 + length
        return found


def _unmasked(payload: bytearray, mask: bytearray) -> bytes:
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))
