"""Specification of addons/edge/listeners.py: exactly whoever listens at a port, and nobody who only talks to it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from addons.edge import listeners as module
from addons.edge.listeners import is_taken, listeners
from addons.edge.processes import start_of


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::1"])
def taken(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        server = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {request.param}")
    with server:
        yield server


def test_whoever_listens_is_named_with_start_and_command(taken: socket.socket) -> None:
    (found,) = listeners(taken.getsockname()[1])
    assert (found.pid, found.started) == (os.getpid(), start_of(os.getpid()))
    assert found.command[0].endswith(Path(sys.executable).name) or "python" in found.command[0]


def test_a_child_that_holds_the_socket_is_named_too(taken: socket.socket) -> None:
    code = "print('up', flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(taken.fileno(),)) as child:
        assert child.stdout is not None and child.stdout.readline() == b"up\n"
        found = {each.pid for each in listeners(taken.getsockname()[1])}
        child.kill()
    assert found == {os.getpid(), child.pid}


def test_nobody_listens_at_a_port_that_was_given_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert is_taken("127.0.0.1", port)
    assert listeners(port) == [] and not is_taken("127.0.0.1", port)


def test_whoever_only_talks_to_a_port_does_not_listen_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        own = client.getsockname()[1]
        assert listeners(own) == []


def test_a_socket_that_is_bound_but_does_not_listen_takes_the_port_from_others() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert is_taken("127.0.0.1", bound.getsockname()[1]) and listeners(bound.getsockname()[1]) == []


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError):
        is_taken("192.0.2.1", 9)


def test_lsof_is_asked_where_there_is_no_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS."""
    program = tmp_path / "lsof"
    program.write_text(f'#!/bin/sh\ncase "$*" in *-iTCP:8376*-sTCP:LISTEN*) echo {os.getpid()};; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(module._by_lsof(8376)) == [os.getpid()]
    assert list(module._by_lsof(8377)) == []
    monkeypatch.setenv("PATH", "/nowhere")
    assert list(module._by_lsof(8376)) == []
