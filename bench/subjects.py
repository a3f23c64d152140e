"""The processes that are measured: the fake provider itself, a bare mitmdump in front of it, and llr in front of it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

START_LIMIT = 30.0
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Subject:
    name: str
    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU, user and system, that the process has used so far."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def provider(gap: float, delay: float = 0.0) -> Iterator[Subject]:
    port = free_port()
    command = [sys.executable, str(HERE / "provider.py"), str(port), str(gap), str(delay)]
    with _process("direct", port, command) as subject:
        yield subject


@contextmanager
def bare_mitmdump(upstream: int, *options: str) -> Iterator[Subject]:
    """mitmdump as it comes, but for its log: a reverse proxy that does nothing. `options` are further ones."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("mitmdump")), "--quiet", "--listen-host", "127.0.0.1"]
    command += ["--listen-port", str(port), "--mode", f"reverse:http://127.0.0.1:{upstream}", *options]
    with _process("mitmdump", port, command) as subject:
        yield subject


@contextmanager
def llr(
    upstream: int, name: str = "llr", settings: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Subject]:
    """`llr start` with one provider of each kind at the same address, and a folder of its own. `settings` are further
    members of the configuration, or of every provider (`providers`)."""
    port = free_port()
    own = dict(settings or {})
    common = {"baseUrl": f"http://127.0.0.1:{upstream}/v1", "apiKey": "k", "models": ["m", "paced"]}
    common |= own.pop("providers", {})
    providers = [{**common, "id": "same", "format": "claude"}, {**common, "id": "other", "format": "openai"}]
    config = {"version": 2, "providers": providers, **own}
    command = [sys.executable, "-m", "llr_cli.main", "start", "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="llr-bench-") as folder:
        places = {"LLM_ROUTER_CONFIG_JSON": json.dumps(config), "LLM_ROUTER_STATE_DIR": folder}
        with _process(name, port, command, {**places, **(env or {})}) as subject:
            yield subject


@contextmanager
def _process(name: str, port: int, command: list[str], env: dict[str, str] | None = None) -> Iterator[Subject]:
    process = subprocess.Popen(
        command, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _listening(name, port, process)
        yield Subject(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _listening(name: str, port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{name} did not start")
