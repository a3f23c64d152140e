"""Specification of `llr reclaim`: a port is freed from exactly whoever holds it, and not before that is wanted."""

import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.llr import Home, runs
from harness.process import free_port

LISTENS = """
import signal, socket, sys
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
taken = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("up", flush=True)
while True:
    taken.accept()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as found:
        yield found


class Occupants:
    def __init__(self) -> None:
        self.all: list[subprocess.Popen[str]] = []

    def __call__(self, port: int, kind: str = "polite") -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", LISTENS, str(port), kind]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        self.all.append(process)
        return process


@pytest.fixture
def occupant() -> Iterator[Occupants]:
    made = Occupants()
    yield made
    for process in made.all:
        process.kill()
        process.communicate()


def test_a_free_port_needs_nothing(home: Home) -> None:
    done = home.llr("reclaim", "--port", str(home.port))
    assert done.returncode == 0 and "Nobody" in done.stdout


def test_who_holds_the_port_is_named_and_ended(home: Home, occupant: Occupants) -> None:
    process = occupant(home.port)
    done = home.llr("reclaim", "--port", str(home.port), "--yes")
    assert done.returncode == 0 and f"pid {process.pid}" in done.stdout and sys.executable in done.stdout
    assert not runs(process.pid)


def test_nothing_is_ended_without_a_yes(home: Home, occupant: Occupants) -> None:
    process = occupant(home.port)
    done = home.llr("reclaim", "--port", str(home.port))
    assert done.returncode == 1 and f"pid {process.pid}" in done.stdout and "--yes" in done.stderr
    assert runs(process.pid)


@pytest.mark.parametrize(("answer", "code", "alive"), [("n\n", 1, True), ("\n", 1, True), ("y\n", 0, False)])
def test_at_a_terminal_it_asks(home: Home, occupant: Occupants, answer: str, code: int, alive: bool) -> None:
    process = occupant(home.port)
    ours, theirs = pty.openpty()
    command = home.command("reclaim", "--port", str(home.port))
    asked = subprocess.Popen(command, env=home.env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"[y/N]" not in seen:
        seen += os.read(ours, 4096)
    assert f"pid {process.pid}".encode() in seen
    os.write(ours, answer.encode())
    assert asked.wait(20) == code
    os.close(ours)
    assert runs(process.pid) is alive


def test_one_that_does_not_heed_is_made_to_end(home: Home, occupant: Occupants) -> None:
    process = occupant(home.port, "deaf")
    assert home.llr("reclaim", "--port", str(home.port), "-y").returncode == 0
    assert not runs(process.pid)


def test_whoever_listens_elsewhere_is_left_alone(home: Home, occupant: Occupants) -> None:
    process, other = occupant(home.port), occupant(free_port())
    assert home.llr("reclaim", "--port", str(home.port), "-y").returncode == 0
    assert (runs(process.pid), runs(other.pid)) == (False, True)


def test_whoever_is_connected_to_the_port_is_left_alone(home: Home, occupant: Occupants) -> None:
    occupant(home.port)
    with socket.create_connection(("127.0.0.1", home.port)):
        assert home.llr("reclaim", "--port", str(home.port), "-y").returncode == 0
        assert runs(os.getpid())


def test_a_process_that_the_command_runs_in_is_left_alone(home: Home) -> None:
    """The terminal of an editor that listens there, say."""
    with socket.create_server(("127.0.0.1", home.port)):
        done = home.llr("reclaim", "--port", str(home.port), "-y")
    assert done.returncode == 1 and "left alone" in done.stderr


def test_a_router_gets_the_time_that_it_was_started_with(home: Home) -> None:
    home.start()
    pid = home.instance()["pid"]
    done = home.llr("reclaim", "--port", str(home.port), "-y")
    assert done.returncode == 0 and "a router of yours" in done.stdout and home.instances() == []
    assert not runs(pid)


def test_the_port_becomes_usable(home: Home, occupant: Occupants) -> None:
    occupant(home.port)
    assert home.start().returncode == 1
    home.llr("reclaim", "--port", str(home.port), "-y")
    assert home.start().returncode == 0
