"""Specification of addons/edge/master.py: what comes before the first request."""

import os
import signal
import socket

import pytest

from addons.core.plan import Plan
from addons.edge.master import PortTaken, run
from addons.llr import build


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_ROUTER_STATE_BACKEND", "memory")


class Prepared:
    """An addon that needs a moment before the first request; it looks whether anybody could send one already."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.found: list[bool] = []

    async def open(self) -> None:
        with socket.socket() as client:
            self.found.append(client.connect_ex(("127.0.0.1", self.port)) == 0)


def ended(port: int) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_no_request_comes_before_everything_is_open() -> None:
    """A router that does not know yet who rests would ask whom its predecessor had learnt to leave alone."""
    prepared = Prepared(free_port())
    await run([*build(Plan()), prepared], host="127.0.0.1", port=prepared.port, ready=ended)
    assert prepared.found == [False]


async def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(PortTaken) as raised:
        port = server.getsockname()[1]
        await run(build(Plan()), host="127.0.0.1", port=port)
    assert raised.value.port == port
