"""The fake upstream does what a test asks of it, seen from a raw client."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from harness.replies import CLOSED, HANDSHAKE_DEATH, NEVER, RESET, End, Framing, Reply, json_reply, sse
from harness.upstream import FakeUpstream

REQUEST = b'POST /v1/x?q=1 HTTP/1.1\r\nHost: h\r\nX-A: b\r\nContent-Length: 7\r\n\r\n{"a":1}'
EVENTS = [b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n"]


@pytest.fixture
async def up() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as upstream:
        yield upstream


async def connect(up: FakeUpstream) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", up.port)


async def ask(up: FakeUpstream) -> tuple[bytes, type[BaseException] | None]:
    """Everything that arrives until the connection ends, and how it ended."""
    reader, writer = await connect(up)
    writer.write(REQUEST.replace(b"Host", b"Connection: close\r\nHost"))
    data = b""
    try:
        while chunk := await reader.read(65536):
            data += chunk
    except ConnectionError as error:
        return data, type(error)
    finally:
        writer.close()
    return data, None


async def test_a_request_is_recorded_whole(up: FakeUpstream) -> None:
    up.script(json_reply({"ok": True}, headers={"x-id": "7"}))
    reader, writer = await connect(up)
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")

    received = await up.request()

    assert (received.method, received.path, received.query) == ("POST", "/v1/x", "q=1")
    assert (received.headers["x-a"], received.json) == ("b", {"a": 1})
    assert b"x-id: 7" in head
    assert json.loads(await reader.readexactly(12)) == {"ok": True}
    writer.close()


async def test_a_connection_serves_one_request_after_another(up: FakeUpstream) -> None:
    up.script(sse(EVENTS), json_reply({}))
    reader, writer = await connect(up)
    for end in (b"0\r\n\r\n", b"{}"):
        writer.write(REQUEST)
        await reader.readuntil(end)

    assert (len(up.requests), up.connections) == (2, 1)
    writer.close()


async def test_a_chunked_request_is_read(up: FakeUpstream) -> None:
    up.script(json_reply({}))
    _, writer = await connect(up)
    writer.write(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    assert (await up.request()).body == b"abcde"
    writer.close()


async def test_a_stream_cut_by_fin_lacks_its_last_chunk(up: FakeUpstream) -> None:
    up.script(sse(EVENTS, after=2, end=End.FIN))

    data, error = await ask(up)

    assert data.endswith(b"9\r\ndata: 2\n\n\r\n")
    assert error is None


async def test_a_stream_cut_by_rst_still_delivers_what_was_sent(up: FakeUpstream) -> None:
    up.script(sse(EVENTS, after=1, end=End.RESET))

    data, error = await ask(up)

    assert data.endswith(b"data: 1\n\n\r\n")
    assert error is ConnectionResetError


async def test_a_close_delimited_stream_has_no_framing(up: FakeUpstream) -> None:
    up.script(sse(EVENTS, framing=Framing.CLOSE))

    data, _ = await ask(up)

    assert data.endswith(b"connection: close\r\n\r\ndata: 1\n\ndata: 2\n\ndata: 3\n\n")


@pytest.mark.parametrize("reply", [HANDSHAKE_DEATH, RESET], ids=["handshake", "after the request"])
async def test_a_reset_gives_nothing(up: FakeUpstream, reply: Reply) -> None:
    up.script(reply)

    assert await ask(up) == (b"", ConnectionResetError)


async def test_a_connection_may_close_without_an_answer(up: FakeUpstream) -> None:
    up.script(CLOSED)

    assert await ask(up) == (b"", None)


async def test_a_client_that_leaves_is_noticed(up: FakeUpstream) -> None:
    up.script(NEVER)
    _, writer = await connect(up)
    writer.write(REQUEST)
    received = await up.request()
    assert not received.lost.is_set()

    writer.close()

    await received.gone()


async def test_a_gate_holds_the_event_behind_it(up: FakeUpstream) -> None:
    gate = asyncio.Event()
    up.script(sse(EVENTS, gates={1: gate}))
    reader, writer = await connect(up)
    writer.write(REQUEST)
    await reader.readuntil(b"data: 1\n\n\r\n")
    assert (await up.request()).sent == 1

    gate.set()

    await reader.readuntil(b"data: 3\n\n\r\n0\r\n\r\n")
    writer.close()


async def test_a_dribbled_stream_is_the_same_stream(up: FakeUpstream) -> None:
    up.script(sse(EVENTS, dribble=1, framing=Framing.CLOSE))

    data, _ = await ask(up)

    assert data.endswith(b"".join(EVENTS))


async def test_what_nobody_scripted_is_an_error_that_says_so(up: FakeUpstream) -> None:
    data, _ = await asyncio.wait_for(_one(up), 5)

    assert b"nothing is scripted for /v1/x?q=1" in data


async def _one(up: FakeUpstream) -> tuple[bytes, None]:
    reader, writer = await connect(up)
    writer.write(REQUEST)
    data = await reader.readuntil(b"}}")
    writer.close()
    return data, None
