"""Which router serves which port: a small file a port, so that other commands find the process.

The file names a process by its id and its start, because ids are used again.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from addons.edge.places import private_dir, private_file, state_dir


@dataclass(frozen=True, slots=True)
class Instance:
    """`started` is what the system says of the process's start ("" where it says nothing); `config` the source of the
    configuration; `since` Unix seconds."""

    pid: int
    host: str
    port: int
    config: str
    since: float
    started: str = ""

    @property
    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return self.started == start_of(self.pid)
        return self.started == start_of(self.pid)


def start_of(pid: int) -> str:
    """The start of a process in ticks since boot, where there is a /proc. Source: proc(5), field 22 of `stat`."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def announce(instance: Instance, env: Mapping[str, str]) -> Path:
    """Writes the file of `instance`; gives its path. Raises OSError."""
    path = private_dir(state_dir(env) / "run") / f"{instance.port}.json"
    private_file(path, json.dumps(asdict(instance)).encode())
    return path


def withdraw(path: Path, pid: int) -> None:
    """Removes the file, unless another process has replaced it."""
    found = _read(path)
    if found is not None and found.pid == pid:
        path.unlink(missing_ok=True)


def instances(env: Mapping[str, str]) -> list[Instance]:
    """The routers that run, by port. Files of dead ones are left alone: the next router at the port replaces them."""
    folder = state_dir(env) / "run"
    found = [_read(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    return sorted((each for each in found if each is not None and each.alive), key=lambda each: each.port)


def _read(path: Path) -> Instance | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return Instance(
            pid=int(value["pid"]),
            host=str(value["host"]),
            port=int(value["port"]),
            config=str(value["config"]),
            since=float(value["since"]),
            started=str(value.get("started", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
