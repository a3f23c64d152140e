"""The clock that limits and cooldowns go by."""

import time


def _elapsed() -> float:
    """Seconds that also pass while the machine sleeps, where the system counts them."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class Clock:
    """Unix seconds that only ever go forward: the wall clock is asked once, at the start, and what has passed is added.
    Somebody who sets the wall clock moves nothing here (promise 52)."""

    def __init__(self) -> None:
        self._offset = time.time() - _elapsed()

    def __call__(self) -> float:
        return self._offset + _elapsed()
