"""Signs of life in a running stream: bytes that are sent when nothing else was for a while."""

import asyncio
import math
from collections.abc import Awaitable, Callable

from addons.core.http import Pulse
from addons.patience import Spawn

NEVER = Pulse(math.inf, b"")


class Beats:
    """Beats by `pulse` through `send` whenever a stream is quiet. One timer a stream, set anew only when it goes off,
    so that a chunk costs no more than a look at the clock."""

    def __init__(self, pulse: Pulse | None, send: Callable[[bytes], Awaitable[None]], spawn: Spawn) -> None:
        self._pulse = pulse or NEVER
        self._send = send
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def quiet(self) -> None:
        """The client has everything that there was."""
        self._since = self._loop.time()
        if self._timer is None and self._pulse is not NEVER:
            self._timer = self._loop.call_at(self._since + self._pulse.seconds, self._due)

    def busy(self) -> None:
        """Something is being sent: a client that reads slowly needs no more of it."""
        self._since = None

    def stop(self) -> None:
        self._since = None
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> None:
        now = self._loop.time()
        if self._since is not None and now - self._since >= self._pulse.seconds:
            self._spawn(self._beat(), "beat")
            self._since = now
        start = now if self._since is None else self._since
        self._timer = self._loop.call_at(start + self._pulse.seconds, self._due)

    async def _beat(self) -> None:
        if self._since is not None:
            await self._send(self._pulse.data)
