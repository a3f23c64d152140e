"""Which router serves which port: a small file a port, so that other commands find the process.

The file names a process by its id and its start, because ids are used again.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from addons.edge.places import private_dir, private_file, state_dir
from addons.edge.processes import start_of as start_of


@dataclass(frozen=True, slots=True)
class Instance:
    """`started` is what the system says of the process's start ("" where it says nothing); `config` the source of the
    configuration; `since` Unix seconds. `words` are what followed `llr start`, in `folder`; `log` is the file that its
    output goes to ("": a terminal), `service` the unit that started it, `grace` what running streams are given."""

    pid: int
    host: str
    port: int
    config: str
    since: float
    started: str = ""
    words: tuple[str, ...] = ()
    folder: str = ""
    log: str = ""
    service: str = ""
    grace: float = 10.0
    version: str = ""
    scheme: str = "http"

    @property
    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # somebody else's, by now
        return self.started == start_of(self.pid)


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
            words=tuple(str(word) for word in value.get("words", ())),
            folder=str(value.get("folder", "")),
            log=str(value.get("log", "")),
            service=str(value.get("service", "")),
            grace=float(value.get("grace", 10.0)),
            version=str(value.get("version", "")),
            scheme=str(value.get("scheme", "http")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
