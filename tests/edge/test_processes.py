"""Specification of addons/edge/processes.py: whoever gets a process's id later is never taken for it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from addons.edge import processes
from addons.edge.processes import (
    ancestors,
    command_of,
    environment_of,
    is_running,
    parent_of,
    send,
    start_of,
    wait,
)


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    code = "print('up', flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "WHO": "child"}
    )
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    yield process
    process.kill()
    process.communicate()


def test_a_process_is_told_by_its_id_and_start(child: "subprocess.Popen[bytes]") -> None:
    assert is_running(child.pid, start_of(child.pid))
    assert not is_running(child.pid, "1")


def test_one_that_has_ended_does_not_run_even_if_nobody_has_asked_for_its_exit_code(
    child: "subprocess.Popen[bytes]",
) -> None:
    started = start_of(child.pid)
    assert send(child.pid, started, signal.SIGKILL)
    assert wait(child.pid, started, 5.0)
    assert start_of(child.pid) == "" and child.returncode is None


def test_a_signal_reaches_nobody_who_began_at_another_time(child: "subprocess.Popen[bytes]") -> None:
    assert not send(child.pid, "1", signal.SIGKILL)
    assert not send(child.pid, "", signal.SIGKILL)
    assert is_running(child.pid, start_of(child.pid))


def test_waiting_has_an_end(child: "subprocess.Popen[bytes]") -> None:
    assert not wait(child.pid, start_of(child.pid), 0.1)


def test_what_a_process_was_started_with(child: "subprocess.Popen[bytes]") -> None:
    assert command_of(child.pid)[:2] == (sys.executable, "-c")
    assert environment_of(child.pid)["WHO"] == "child"
    assert parent_of(child.pid) == os.getpid() and os.getpid() in ancestors(child.pid)


def test_nothing_is_known_of_nobody() -> None:
    gone = 2**22 + 1
    assert (start_of(gone), command_of(gone), environment_of(gone), parent_of(gone)) == ("", (), {}, 0)


def test_ps_says_the_same_where_there_is_no_proc(
    child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS."""
    started = processes._told_by_ps(child.pid)
    assert started and started == processes._told_by_ps(child.pid)
    assert processes._told_by_ps(2**22 + 1) == ""
