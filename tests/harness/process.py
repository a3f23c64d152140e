"""A real `llr start` for system tests: its own process, port, home and configuration."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

START_LIMIT = 30.0
END_LIMIT = 20.0
POLL = 0.05
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of loopback that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def isolated(home: Path) -> dict[str, str]:
    """The environment with a home of its own, no proxies but loopback, and nothing that configures a router or a tool.

    Keys and endpoints of the person who runs the tests must not reach a tested process.
    """
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
        if name in os.environ
    }
    places = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_STATE_HOME": home / ".local/state",
    }
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), "")
    loopback = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    return {**kept, **{name: str(place) for name, place in places.items()}, **proxies, **loopback}


async def health(port: int) -> int | None:
    """The status of GET /health; None while nobody answers."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return None
    try:
        writer.write(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 5)
        return int(line.split()[1]) if line else None
    except (OSError, TimeoutError):
        return None
    finally:
        writer.close()


class RouterProcess:
    """`async with RouterProcess(config) as router:` gives a router that answers at `router.url`.

    `options` are further command-line options of `llr start`, `env` further variables. The configuration can be
    rewritten while it runs (`write_config`). Ends only the process that it started.
    """

    def __init__(self, config: Mapping[str, Any], *options: str, env: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="llr-test-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.config_file = self.home / "llr.json"
        self.port = free_port()
        self._options = options
        self.env = {**isolated(self.home), **(env or {})}
        self._process: asyncio.subprocess.Process | None = None
        self.write_config(config)

    @property
    def state_dir(self) -> Path:
        return Path(self.env.get("LLM_ROUTER_STATE_DIR") or self.home / ".local" / "state" / "llr")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "not started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stderr(self) -> str:
        return self._output("stderr")

    @property
    def stdout(self) -> str:
        return self._output("stdout")

    def _output(self, name: str) -> str:
        file = self.home / name
        return file.read_text(errors="replace") if file.exists() else ""

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Replaces the file in one step, as editors do."""
        draft = self.config_file.with_suffix(".new")
        draft.write_text(json.dumps(config, indent=2))
        draft.replace(self.config_file)

    async def __aenter__(self) -> Self:
        await self.spawn()
        try:
            await self.ready()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def spawn(self) -> None:
        """Starts the process without waiting for it to answer."""
        command = [sys.executable, "-m", "llr_cli.main", "start"]
        command += ["--config", str(self.config_file), "--port", str(self.port), *self._options]
        with (self.home / "stdout").open("wb") as out, (self.home / "stderr").open("wb") as err:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                env={**self.env, "PYTHONPATH": str(ROOT)},
                cwd=self.home,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    async def ready(self, limit: float = START_LIMIT) -> None:
        """Waits until /health answers 200. Raises RuntimeError with the process's own words when it never does."""
        end = asyncio.get_running_loop().time() + limit
        while asyncio.get_running_loop().time() < end and self.process.returncode is None:
            if await health(self.port) == 200:
                return
            await asyncio.sleep(POLL)
        raise RuntimeError(f"the router did not start (exit code {self.process.returncode}):\n{self.stderr}")

    def terminate(self) -> None:
        """Asks the process to end (SIGTERM); nothing when it has ended."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)

    async def wait(self, limit: float = END_LIMIT) -> int:
        """The exit code. Raises TimeoutError when the process still runs after `limit` seconds."""
        return await asyncio.wait_for(self.process.wait(), limit)

    async def stop(self) -> None:
        """Ends the process, by force when it does not go by itself, and removes its folder."""
        try:
            self.terminate()
            await self.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        finally:
            self._folder.cleanup()
