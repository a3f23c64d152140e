"""What the fake upstream answers: replies as data, the faulty ones included."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class End(StrEnum):
    """How an answer ends once its pieces (or the first `after` of them) are sent."""

    COMPLETE = "complete"  # as its framing says
    RESET = "reset"  # RST
    FIN = "fin"  # the connection closes in the middle: a chunked body lacks its last chunk
    HANG = "hang"  # nothing more, and the connection stays open


class Framing(StrEnum):
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"  # the body ends with the connection


@dataclass(frozen=True)
class Reply:
    """`pieces` are bytes to send, seconds to pause (float) or events to wait for (asyncio.Event)."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes | float | asyncio.Event] = ()
    framing: Framing = Framing.CHUNKED
    end: End = End.COMPLETE
    head: bool = True  # False: not even the status line is sent
    before: asyncio.Event | float | None = None  # what the status line waits for


# The client's connection is reset before its request is read.
HANDSHAKE_DEATH = Reply(head=False, end=End.RESET)
# The request is read; then nothing.
NEVER = Reply(head=False, end=End.HANG)
# The request is read; then RST.
RESET = Reply(head=False, end=End.RESET, before=0.0)
# The request is read; then the connection closes: what a keep-alive connection does when it times out.
CLOSED = Reply(head=False, end=End.FIN)


def json_reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    """A whole JSON answer; `more` are further fields of `Reply`."""
    return raw_reply(json.dumps(body).encode(), "application/json", status, headers, **more)


def raw_reply(
    data: bytes, content_type: str, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any
) -> Reply:
    head = {"content-type": content_type, **(headers or {})}
    return Reply(status, head, [data], **{"framing": Framing.LENGTH, **more})


def sse(
    events: Sequence[bytes],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    after: int | None = None,
    end: End = End.COMPLETE,
    gap: float = 0.0,
    gates: Mapping[int, asyncio.Event] | None = None,
    framing: Framing = Framing.CHUNKED,
    dribble: int | None = None,
) -> Reply:
    """A stream of events (whole, blank line included).

    Only the first `after` are sent before the `end`; `gap` seconds pass between two; `gates[n]` is waited for before
    event n; `dribble` cuts the bytes into pieces of that size.
    """
    pieces: list[bytes | float | asyncio.Event] = []
    for index, event in enumerate(events[:after]):
        if gates and index in gates:
            pieces.append(gates[index])
        if gap and index:
            pieces.append(gap)
        pieces += [event] if dribble is None else [event[at : at + dribble] for at in range(0, len(event), dribble)]
    head = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", **(headers or {})}
    return Reply(status, head, pieces, framing, end)


def head_bytes(reply: Reply) -> bytes:
    """The status line and the headers."""
    headers = dict(reply.headers)
    if reply.framing is Framing.LENGTH:
        headers.setdefault("content-length", str(sum(len(piece) for piece in reply.pieces if isinstance(piece, bytes))))
    elif reply.framing is Framing.CHUNKED:
        headers["transfer-encoding"] = "chunked"
    else:
        headers["connection"] = "close"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Scripted\r\n{lines}\r\n".encode("latin-1")
