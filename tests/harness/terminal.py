"""A program at a terminal of its own: what it asks is waited for, and answered as a person would."""

import asyncio
import os
import pty
import sys
import termios
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.process import ROOT

SOON = 30.0
# which of a terminal's attributes has ECHO in it
LOCAL = 3


class Terminal:
    """`async with Terminal("setup", env=…, cwd=…) as terminal:` runs `llr setup`. `screen` is given all that is
    written; `size` is in rows and columns."""

    def __init__(
        self,
        *words: str,
        env: Mapping[str, str],
        cwd: Path,
        screen: Callable[[bytes], None] = lambda _: None,
        size: tuple[int, int] = (50, 120),
    ) -> None:
        self._words = words
        self._env = {**env, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        self._cwd = cwd
        self._screen = screen
        self._size = size
        self.seen = ""
        self._read = 0
        self._arrived = asyncio.Event()

    async def __aenter__(self) -> "Terminal":
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, self._size)
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "llr_cli.main", *self._words, env=self._env, cwd=self._cwd,
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._take)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        os.close(self._master)

    async def answer(self, question: str, said: str = "") -> None:
        """Waits until `question` is shown, after what was answered last; then types."""
        await self.until(question)
        os.write(self._master, f"{said}\n".encode())

    async def whisper(self, question: str, said: str) -> None:
        """Answers what is not to be shown: a person types no sooner than the terminal has stopped showing it."""
        await self.until(question)
        async with asyncio.timeout(SOON):
            while termios.tcgetattr(self._master)[LOCAL] & termios.ECHO:
                await asyncio.sleep(0.01)
        os.write(self._master, f"{said}\n".encode())

    async def until(self, text: str) -> None:
        try:
            async with asyncio.timeout(SOON):
                while (found := self.seen.find(text, self._read)) < 0:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(f"{text!r} is not shown; what is shown is:\n{self.seen}") from None
        self._read = found + len(text)

    async def end(self) -> int:
        return await asyncio.wait_for(self.process.wait(), SOON)

    def _take(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux: the other end is closed
            asyncio.get_running_loop().remove_reader(self._master)
            return
        self._screen(data)
        self.seen += data.decode(errors="replace")
        self._arrived.set()
