"""Who listens at a port of this machine. Everything blocks.

Sources: proc_net(5) (`/proc/net/tcp`: the local address in hexadecimal, state 0A is LISTEN, the tenth column is the
socket's inode), proc(5) (`/proc/PID/fd`); lsof(8) where there is no /proc.
"""

import errno
import os
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from addons.edge.processes import command_of, start_of

LISTEN = "0A"
LSOF_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens; `started` tells it from whoever gets its id later, `command` is what it was started
    with."""

    pid: int
    started: str
    command: tuple[str, ...]


def is_taken(host: str, port: int) -> bool:
    """Whether nobody else could listen there now. Raises OSError for an address that is not one of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # a connection that has just ended is no listener
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def listeners(port: int) -> list[Listener]:
    """The processes that listen at `port`, as far as this person may know of them; their children may hold the socket,
    too."""
    pids = _by_proc(port) if Path("/proc/net/tcp").exists() else _by_lsof(port)
    found = (Listener(pid, start_of(pid), command_of(pid)) for pid in sorted(set(pids)))
    return [each for each in found if each.started]


def _by_proc(port: int) -> Iterable[int]:
    inodes = {inode for table in ("tcp", "tcp6") for inode in _inodes(Path("/proc/net", table), port)}
    wanted = {f"socket:[{inode}]" for inode in inodes}
    if not wanted:
        return
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and _holds(folder / "fd", wanted):
            yield int(folder.name)


def _inodes(table: Path, port: int) -> Iterable[str]:
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        if len(fields) > 9 and fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _holds(folder: Path, sockets: set[str]) -> bool:
    """Whether a process has one of `sockets` open; what nobody may look at counts as no."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return False
    for entry in entries:
        try:
            if os.readlink(entry.path) in sockets:
                return True
        except OSError:
            continue  # closed in the meantime
    return False


def _by_lsof(port: int) -> Iterable[int]:
    command = ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LSOF_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    yield from (int(word) for word in done.stdout.split() if word.isdecimal())
