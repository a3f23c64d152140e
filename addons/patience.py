"""Long silences: a client that waits for a stream sees signs of life before the first event, without the router
having committed itself to a provider.

The search goes on in a task of its own. When it takes longer than the interval, the stream begins with a keep-alive
of the client's dialect (more follow by the pulse of the reply); what is found then follows, and a failure follows as
the dialect's error event.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, Self

from addons.closing import close
from addons.core.http import Pulse, Reply


class Spawn(Protocol):
    """Starts a task that is held until it ends."""

    def __call__(self, coro: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a search: the reply, and, for a failure, how it is told inside a stream."""

    reply: Reply
    failure: Callable[[], bytes] | None = None


async def patiently(
    search: Coroutine[Any, Any, Found], spawn: Spawn, pulse: Pulse
) -> tuple[Found | None, "PatientBody | None"]:
    """What `search` finds within an interval of `pulse`, or a body that waits for it."""
    task: asyncio.Task[Found] = spawn(search, "seek an answer")
    try:
        await asyncio.wait((task,), timeout=pulse.seconds)
    except asyncio.CancelledError:
        await _abandon(task)
        raise
    if task.done():
        return task.result(), None
    return None, PatientBody(task, pulse.data)


async def _abandon(task: asyncio.Task[Found]) -> None:
    """Ends a search; an answer that it found in the last moment is given back."""
    task.cancel()
    (found,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(found, Found) and not isinstance(found.reply.body, bytes):
        await close(found.reply.body)


class PatientBody:
    """An async iterator of client bytes that begins with a keep-alive. `aclose()` ends the search or the answer; it
    must be called in every case."""

    def __init__(self, task: asyncio.Task[Found], keepalive: bytes) -> None:
        self._task = task
        self._keepalive = keepalive
        self._begun = False
        self._body: AsyncIterator[bytes] | None = None
        self._done = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._body is not None:
            return await anext(self._body)
        if self._done:
            raise StopAsyncIteration
        if not self._begun:
            self._begun = True
            return self._keepalive
        await asyncio.wait((self._task,))
        return await self._found(self._task.result())

    async def _found(self, found: Found) -> bytes:
        if found.failure is not None:
            self._done = True
            return found.failure()
        if isinstance(found.reply.body, bytes):
            self._done = True
            return found.reply.body
        self._body = found.reply.body
        return await anext(self._body)

    async def aclose(self) -> None:
        await _abandon(self._task)
