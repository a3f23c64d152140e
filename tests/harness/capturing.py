"""A real `llr capture` for system tests."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from addons.edge.capture_files import Folder
from harness.process import POLL, ROOT, START_LIMIT, RouterProcess, free_port, health


class CapturingProcess(RouterProcess):
    """As RouterProcess, but what it is asked is captured into `folder`. `options` are those of `llr capture`."""

    def __init__(self, config: Mapping[str, Any], *options: str, env: Mapping[str, str] | None = None) -> None:
        super().__init__(config, *options, env=env)
        self.folder = Folder(self.home / "capture")

    async def spawn(self) -> None:
        command = [sys.executable, "-m", "llr_cli.main", "capture", "--config", str(self.config_file)]
        command += ["--port", str(self.port), "--out", str(self.folder.path), *self._options]
        with (self.home / "stdout").open("wb") as out, (self.home / "stderr").open("wb") as err:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                env={**self.env, "PYTHONPATH": str(ROOT)},
                cwd=self.home,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    async def run(self, *words: str) -> str:
        """The output of another command of llr with the same configuration. Raises RuntimeError when it fails."""
        return (await self.shown(*words, "--config", str(self.config_file))).decode()

    async def shown(self, *words: str) -> bytes:
        """The output of another command of llr, run in the router's home. Raises RuntimeError when it fails."""
        process = await self._command(*words, out=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{words}: {process.returncode}")
        return out

    @asynccontextmanager
    async def serving(self, *words: str) -> AsyncIterator[str]:
        """The URL of another server of llr."""
        port = free_port()
        process = await self._command(*words, "--port", str(port), out=asyncio.subprocess.DEVNULL)
        try:
            async with asyncio.timeout(START_LIMIT):
                while await health(port) != 200:
                    await asyncio.sleep(POLL)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            await process.wait()

    async def _command(self, *words: str, out: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "llr_cli.main", *words),
            env={**self.env, "PYTHONPATH": str(ROOT)},
            cwd=self.home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
        )

    async def ended(self) -> list[dict[str, Any]]:
        """Ends it; gives what was captured."""
        self.terminate()
        assert await self.wait() == 0, self.stderr
        return list(self.folder.requests())

    def written(self) -> dict[Path, bytes]:
        """Everything that it wrote, but not its configuration."""
        files = (each for each in self.home.rglob("*") if each.is_file() and each != self.config_file)
        return {each.relative_to(self.home): each.read_bytes() for each in files}
