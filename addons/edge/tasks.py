"""The only place that starts tasks: each is held, named, and its failure logged."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("llr")


class Tasks:
    """A set of running tasks. asyncio itself keeps only weak references: a bare task may vanish while it runs."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn[T](self, coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Runs `coro`; an exception that it raises is logged (cancellation is none)."""
        task = asyncio.create_task(coro, name=name)
        if task.done():  # an eager task factory has run it to its end
            self._done(task)
        else:
            self._tasks.add(task)
            task.add_done_callback(self._done)
        return task

    async def wait(self, seconds: float) -> bool:
        """Whether all tasks ended within `seconds`."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return not self._tasks

    async def cancel_all(self) -> None:
        """Cancels every task and waits until each has ended."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)
