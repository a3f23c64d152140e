"""A real redis-server for tests: its own process, port and folder, nothing kept. `.ci/redis` installs the server."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
import time
from types import TracebackType
from typing import Self

import pytest

from harness.process import free_port

START_LIMIT = 10.0


class RedisServer:
    """`async with RedisServer() as server:` gives one that answers at `server.url`. It can be ended and started again
    (empty, for it keeps nothing), and stopped in the middle of whatever it does."""

    def __init__(self, *options: str, password: str = "") -> None:
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is missing: .ci/redis installs it")
        self.port = free_port()
        self._password = password
        self._options = (*options, *(("--requirepass", password) if password else ()))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{f':{self._password}@' if self._password else ''}127.0.0.1:{self.port}/0"

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="llr-redis-")
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.kill()
        self._folder.cleanup()

    async def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [*command, "--dir", self._folder.name, *self._options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return
        raise RuntimeError("redis-server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It takes what is sent, and does nothing with it until it thaws."""
        assert self._process is not None, "started"
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None, "started"
        self._process.send_signal(signal.SIGCONT)
