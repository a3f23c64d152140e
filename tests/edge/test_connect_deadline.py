"""A server that does not take a connection is given up."""

import asyncio
from unittest.mock import create_autospec

import pytest
from mitmproxy import tls
from mitmproxy.connection import Client, Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from addons.edge.connect_deadline import ConnectDeadline


def connecting(*, with_tls: bool = False) -> ServerConnectionHookData:
    client = Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=1.0)
    server = Server(address=("amp.example", 443))
    server.tls = with_tls
    return ServerConnectionHookData(server, client)


def tls_of(data: ServerConnectionHookData) -> tls.TlsData:
    made: tls.TlsData = create_autospec(tls.TlsData, instance=True)
    made.conn = data.server
    return made


async def attempt(deadline: ConnectDeadline, data: ServerConnectionHookData, steps: list[str]) -> str:
    """What becomes of a task that connects: hears `steps`, and then waits. Gives the reason for which it ended."""

    async def connect() -> None:
        deadline.server_connect(data)
        for step in steps:
            getattr(deadline, step)(tls_of(data) if step.startswith("tls") else data)
        await asyncio.Event().wait()

    task = asyncio.ensure_future(connect())
    done, _ = await asyncio.wait([task], timeout=0.3)
    if not done:
        task.cancel("it still waits")
    try:
        await task
    except asyncio.CancelledError as error:
        return str(error)
    raise AssertionError("a task that waits for ever has ended")


async def test_a_connection_that_is_not_taken_is_given_up() -> None:
    assert await attempt(ConnectDeadline(0.01), connecting(), []) == "no connection within 0.01 seconds"


async def test_so_is_a_handshake_that_is_not_answered() -> None:
    data = connecting(with_tls=True)
    assert await attempt(ConnectDeadline(0.01), data, ["server_connected"]) == "no connection within 0.01 seconds"


@pytest.mark.parametrize(
    ("with_tls", "steps"),
    [
        (False, ["server_connected"]),
        (True, ["server_connected", "tls_established_server"]),
        (False, ["server_connect_error"]),
        (True, ["server_connected", "server_disconnected"]),
    ],
)
async def test_what_has_come_to_its_end_is_left_alone(*, with_tls: bool, steps: list[str]) -> None:
    assert await attempt(ConnectDeadline(0.01), connecting(with_tls=with_tls), steps) == "it still waits"
