"""Specification of addons/edge/redis_wire.py: the protocol, and a connection that is answered, refused or dropped."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ResponseError

from addons.edge.redis_wire import Address, Answers, Wire, connect, pack, parse
from harness.certificates import Authority
from harness.process import free_port

ANSWERS: dict[bytes, object] = {
    b":0\r\n": 0,
    b":-7\r\n": -7,
    b"+OK\r\n": "OK",
    b"$0\r\n\r\n": "",
    b"$4\r\na\r\nb\r\n": "a\r\nb",
    "$2\r\né\r\n".encode(): "é",
    b"$-1\r\n": None,
    b"*-1\r\n": None,
    b"*0\r\n": [],
    b"*3\r\n:1\r\n$1\r\nx\r\n*1\r\n:2\r\n": [1, "x", [2]],
}
PONG = b"+PONG\r\n"


@pytest.mark.parametrize("data", ANSWERS)
def test_answers_are_read(data: bytes) -> None:
    assert parse(data + b"+more\r\n") == (ANSWERS[data], len(data))


def test_an_error_is_an_answer_too() -> None:
    found, _ = parse(b"-NOSCRIPT there is none\r\n")
    assert isinstance(found, ResponseError) and "NOSCRIPT" in str(found)


def test_a_command_is_packed_word_by_word() -> None:
    assert pack(("SET", "é", 1.5)) == "*3\r\n$3\r\nSET\r\n$2\r\né\r\n$3\r\n1.5\r\n".encode()


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def abort(self) -> None:
        return None


def wired(timeout: float = 1.0) -> tuple[Wire, Transport]:
    wire, transport = Wire(timeout), Transport()
    wire.connection_made(transport)
    return wire, transport


@given(st.lists(st.sampled_from(list(ANSWERS)), max_size=8), st.data())
def test_however_the_bytes_come_everybody_gets_his_answers_in_order(found: list[bytes], data: st.DataObject) -> None:
    async def run() -> None:
        wire, _ = wired()
        landed: list[Answers] = []
        for _ in found:
            wire.ask(b"", 1, landed.append)
        whole = b"".join(found)
        while whole:
            size = data.draw(st.integers(1, len(whole)))
            wire.data_received(whole[:size])
            whole = whole[size:]
        assert landed == [[ANSWERS[each]] for each in found]
        wire.close()

    asyncio.run(run())


async def test_one_error_among_several_answers_is_what_is_said() -> None:
    wire, _ = wired()
    landed: list[Answers] = []
    wire.ask(b"", 3, landed.append)
    wire.data_received(b":1\r\n-OOM no room\r\n:3\r\n")
    assert isinstance(landed[0], ResponseError)
    assert wire.is_open
    wire.close()


async def test_what_is_no_answer_ends_the_connection_for_everybody() -> None:
    wire, _ = wired()
    landed: list[Answers] = []
    for _ in range(3):
        wire.ask(b"", 1, landed.append)
    wire.data_received(b"HTTP/1.1 400 Bad Request\r\n")
    assert [type(each) for each in landed] == [ValueError] * 3
    assert not wire.is_open


async def test_a_connection_that_is_lost_answers_everybody_and_takes_no_more() -> None:
    wire, transport = wired()
    landed: list[Answers] = []
    wire.ask(b"one", 1, landed.append)
    wire.connection_lost(ConnectionResetError("reset"))
    wire.ask(b"two", 1, landed.append)
    assert [type(each) for each in landed] == [ConnectionResetError] * 2
    assert transport.written == b"one"


async def test_silence_is_waited_for_no_longer_than_allowed() -> None:
    wire, _ = wired(timeout=0.05)
    landed: list[Answers] = []
    wire.ask(b"", 1, landed.append)
    wire.data_received(b":1\r\n")
    wire.ask(b"", 1, landed.append)
    async with asyncio.timeout(2):
        while len(landed) < 2:
            await asyncio.sleep(0.005)
    assert landed[0] == [1] and isinstance(landed[1], TimeoutError)


async def test_a_router_that_stood_still_itself_looks_before_it_gives_up() -> None:
    """The answer has come meanwhile, and is read after the timers."""
    wire, _ = wired(timeout=0.02)
    landed: list[Answers] = []
    wire.ask(b"", 1, landed.append)
    time.sleep(0.05)
    asyncio.get_running_loop().call_later(0, wire.data_received, b":1\r\n")
    async with asyncio.timeout(2):
        while not landed:
            await asyncio.sleep(0)
    assert landed == [[1]]
    wire.close()


# --- connecting ---


@asynccontextmanager
async def server(
    answer: Callable[[bytes], bytes], context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers each read; gives its port and what it was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            heard.append(data)
            writer.write(answer(data))
        writer.close()

    serving = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with serving:
        yield serving.sockets[0].getsockname()[1], heard
        serving.close_clients()


async def test_a_connection_begins_with_who_asks_and_where() -> None:
    async with server(lambda _: b"+OK\r\n+OK\r\n") as (port, heard):
        wire = await connect(Address.of(f"redis://me:my%20word@127.0.0.1:{port}/3"), 1.0)
        assert heard == [pack(("AUTH", "me", "my word")) + pack(("SELECT", 3))]
        wire.close()


async def test_who_is_not_let_in_is_told_so() -> None:
    async with server(lambda _: b"-WRONGPASS no\r\n") as (port, _):
        with pytest.raises(ResponseError, match="WRONGPASS"):
            await connect(Address.of(f"redis://:word@127.0.0.1:{port}"), 1.0)


async def test_nobody_there_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError):
        await connect(Address.of(f"redis://127.0.0.1:{free_port()}"), 1.0)


async def test_a_socket_in_the_file_system_will_do(tmp_path: object) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(PONG)
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, f"{tmp_path}/redis.sock"):
        wire = await connect(Address.of(f"unix://{tmp_path}/redis.sock"), 1.0)
        assert await wire.answers([("PING",)]) == ["PONG"]
        wire.close()


@pytest.mark.parametrize(("host", "trusted"), [("localhost", True), ("redis.test", False)])
async def test_a_server_shows_who_it_is_where_the_url_says_rediss(tmp_path: Path, host: str, trusted: bool) -> None:
    """`host` is what its certificate says."""
    authority = Authority(tmp_path)
    async with server(lambda _: PONG, authority.server_context(host)) as (port, _):
        asked = connect(Address.of(f"rediss://localhost:{port}?ssl_ca_certs={authority.file}"), 5.0)
        if trusted:
            wire = await asked
            assert await wire.answers([("PING",)]) == ["PONG"]
            wire.close()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                await asked


@pytest.mark.parametrize(
    ("url", "secure", "checks_host"),
    [
        ("redis://h", False, False),
        ("rediss://h", True, True),
        ("rediss://h?ssl_check_hostname=false", True, False),
        ("rediss://h?ssl_cert_reqs=none", True, False),
    ],
)
def test_a_url_says_how_the_server_shows_who_it_is(url: str, secure: bool, checks_host: bool) -> None:
    context = Address.of(url).trust()
    assert (context is not None) is secure
    assert context is None or context.check_hostname is checks_host
