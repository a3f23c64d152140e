"""The commands of llr as processes: a home of their own, and whatever they leave running is ended."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from typer.testing import CliRunner

from addons.edge.processes import start_of
from harness.process import ROOT, free_port, isolated

CANARY = "k-canary-1234567890"
CONFIG: Mapping[str, Any] = {
    "version": 2,
    "providers": [
        {
            "id": "p",
            "baseUrl": "http://127.0.0.1:1/v1",
            "apiKey": "k-canary-1234567890",
            "format": "openai",
            "models": ["m"],
        },
    ],
    "modelAliases": {"fast": {"targets": ["p/m"]}},
}
SECONDS = 60


class Home:
    """`with Home(tmp_path) as home:` runs commands there; `env` are further variables."""

    def __init__(self, folder: Path, config: Mapping[str, Any] = CONFIG, **env: str) -> None:
        self.folder = folder
        self.config = folder / "llr.json"
        self.port = free_port()
        self.env = {**isolated(folder), "NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": str(ROOT), **env}
        self.write(config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for found in self.instances():
            self._end(found)

    def write(self, config: Mapping[str, Any]) -> None:
        self.config.write_text(json.dumps(config))

    @property
    def state(self) -> Path:
        return self.folder / ".local" / "state" / "llr"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "llr_cli.main", *words]

    def llr(self, *words: str, input: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        return subprocess.run(
            self.command(*words),
            env={**self.env, **env},
            cwd=self.folder,
            **({"stdin": subprocess.DEVNULL} if input is None else {"input": input}),  # type: ignore[arg-type]
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def within(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A command in this process, which is ten times as fast: for those that end nothing and keep nothing."""
        from llr_cli.main import app

        wiped: dict[str, str | None] = dict.fromkeys(os.environ)
        runner = CliRunner(env={**wiped, **self.env, **env})
        with contextlib.chdir(self.folder):
            done = runner.invoke(app, list(words), prog_name="llr")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(list(words), done.exit_code, done.stdout, done.stderr)

    def start(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """A router in the background."""
        named = ("--config", str(self.config), "--port", str(self.port))
        return self.llr("start", "--detach", *named, *words, **env)

    def instances(self) -> list[dict[str, Any]]:
        """What the files of running routers say, the dead ones' among them."""
        files = sorted((self.state / "run").glob("*.json"))
        return [json.loads(file.read_text()) for file in files]

    def instance(self) -> dict[str, Any]:
        """The only router."""
        (found,) = self.instances()
        return found

    def _end(self, found: Mapping[str, Any]) -> None:
        """Ends a router, if it is still the one that was started here."""
        pid = int(found["pid"])
        if start_of(pid) == found["started"]:
            os.kill(pid, signal.SIGKILL)


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def ended(pid: int, seconds: float = 10.0) -> bool:
    """Whether a process ends within `seconds`."""
    end = time.monotonic() + seconds
    while runs(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
