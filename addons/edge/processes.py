"""Processes of this machine, told apart by their id and their start, because ids are used again. Everything blocks."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PS_SECONDS = 5.0
POLL_SECONDS = 0.05
_ENDED = frozenset("ZX")


def start_of(pid: int) -> str:
    """What tells a process from another that gets its id later: its start, in ticks since boot where there is a /proc,
    else as `ps` writes it. "" for one that has ended, be it that nobody has asked for its exit code yet.
    Sources: proc(5), fields 3 and 22 of `stat`; POSIX `ps`."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _told_by_ps(pid)
    state, *fields = text.rpartition(")")[2].split()
    return "" if state in _ENDED else fields[18]


def _told_by_ps(pid: int) -> str:
    state, _, start = _ps(pid, "state=,lstart=").partition(" ")
    return "" if state[:1] in _ENDED else start.strip()


def _ps(pid: int, columns: str) -> str:
    """What `ps` says of a process; "" when there is none, or no `ps`."""
    try:
        done = subprocess.run(
            ["ps", "-o", columns, "-p", str(pid)],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PS_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def is_running(pid: int, started: str) -> bool:
    """Whether the process that began at `started` still runs."""
    return bool(started) and start_of(pid) == started


def send(pid: int, started: str, number: int) -> bool:
    """Signals the process that began at `started`, and no other. Gives whether it was there. Raises PermissionError for
    somebody else's."""
    if not is_running(pid, started):
        return False
    try:
        if not hasattr(os, "pidfd_open"):
            os.kill(pid, number)
            return True
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        # only now is it certain that the id leads to the process that was looked at
        if not is_running(pid, started):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def wait(pid: int, started: str, seconds: float, waiting: Callable[[], None] = lambda: None) -> bool:
    """Whether the process has ended within `seconds`; `waiting` is called between looks."""
    end = time.monotonic() + seconds
    while is_running(pid, started):
        if time.monotonic() >= end:
            return False
        waiting()
        time.sleep(POLL_SECONDS)
    return True


def command_of(pid: int) -> tuple[str, ...]:
    """The words that a process was started with; empty when nobody says."""
    try:
        data = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return tuple(_ps(pid, "args=").split()) if not Path("/proc/self/stat").exists() else ()
    return tuple(word.decode("utf-8", "replace") for word in data.rstrip(b"\0").split(b"\0") if word)


def environment_of(pid: int) -> dict[str, str]:
    """The variables that a process of this person was started with; empty where the system does not say."""
    try:
        data = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (os.fsdecode(entry).partition("=") for entry in data.split(b"\0") if b"=" in entry)
    return {name: value for name, _, value in pairs if name}


def parent_of(pid: int) -> int:
    """The id of the process that started `pid`, or has adopted it; 0 when nobody knows."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        said = _ps(pid, "ppid=") if not Path("/proc/self/stat").exists() else ""
        return int(said) if said.isdecimal() else 0
    return int(text.rpartition(")")[2].split()[1])


def ancestors(pid: int) -> frozenset[int]:
    """`pid` and everybody above it."""
    found: set[int] = set()
    while pid > 0 and pid not in found:
        found.add(pid)
        pid = parent_of(pid)
    return frozenset(found)
