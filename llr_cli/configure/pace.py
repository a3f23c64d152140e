"""So many calls a minute and no more."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

MINUTE = 60.0


class Pace:
    """`rpm` calls in any sixty seconds; `now` counts seconds, `sleep` waits for them."""

    def __init__(
        self,
        rpm: float,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = max(1, int(rpm))
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._sleep = sleep
        self._taken: deque[float] = deque(maxlen=self._most)

    async def turn(self) -> None:
        """Waits until the next call may go."""
        if len(self._taken) == self._most:
            wait = self._taken[0] + MINUTE - self._now()
            if wait > 0:
                await self._sleep(wait)
        self._taken.append(self._now())
