"""The same request again, while its answer still runs: it is given the same answer instead of being paid for twice.

Clients send again what they have given up waiting for. Where an alias allows it, a request that is equal in every
byte and comes from the same client joins the answer that is under way, from its beginning. An answer that nobody
listens to any more goes on for a moment, because whoever gives up comes back at once; then it is ended.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Self

from addons.closing import close
from addons.core.http import Ask
from addons.patience import Found, Spawn

log = logging.getLogger("llr")

LINGER_SECONDS = 0.5
# who is asking: two people's requests are never the same
IDENTITY = ("authorization", "x-api-key", "x-goog-api-key", "accept", "anthropic-beta", "anthropic-version")


def sameness(ask: Ask) -> str:
    """Equal for requests that are one and the same."""
    digest = blake2b(ask.body, digest_size=16)
    for part in (ask.method, ask.path, ask.query, *(ask.headers.get(name, "") for name in IDENTITY)):
        digest.update(b"\0" + part.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


class Joins:
    """The answers under way that can be joined."""

    def __init__(self, spawn: Spawn, linger: float = LINGER_SECONDS) -> None:
        self._spawn = spawn
        self._linger = linger
        self._running: dict[str, _Shared] = {}

    def __len__(self) -> int:
        return len(self._running)

    async def attend(self, key: str, begin: Callable[[], Coroutine[Any, Any, Found]]) -> tuple[Found, bool]:
        """What the search for `key` finds, begun by `begin` unless it is under way; and whether it was joined."""
        shared = self._running.get(key)
        joined = shared is not None
        if shared is None:
            shared = self._running[key] = _Shared(begin(), self._spawn, self._linger, lambda: self._ended(key))
        return await shared.join(), joined

    def _ended(self, key: str) -> None:
        self._running.pop(key, None)


class _Shared:
    """One answer and whoever listens to it. `ended` hears when it cannot be joined any more."""

    def __init__(
        self, search: Coroutine[Any, Any, Found], spawn: Spawn, linger: float, ended: Callable[[], None]
    ) -> None:
        self._spawn = spawn
        self._linger = linger
        self._ended = ended
        self._search: asyncio.Task[Found] = spawn(search, "seek an answer for several")
        self._pump: asyncio.Task[None] | None = None
        self._listeners = 0
        self._chunks: list[bytes] = []
        self._more = asyncio.Event()
        self._done = False
        self._error: Exception | None = None

    async def join(self) -> Found:
        self._listeners += 1
        try:
            found = await asyncio.shield(self._search)
        except BaseException:
            self.leave()
            raise
        if isinstance(found.reply.body, bytes):
            self.leave()
            self._ended()
            return found
        if self._pump is None:
            self._pump = self._spawn(self._gather(found.reply.body), "gather an answer for several")
        return replace(found, reply=replace(found.reply, body=_Listener(self)))

    async def at(self, index: int) -> bytes:
        """Chunk number `index`. Raises StopAsyncIteration behind the last one, and what broke the answer."""
        while index >= len(self._chunks):
            if self._error is not None:
                raise self._error
            if self._done:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        return self._chunks[index]

    def leave(self) -> None:
        """Somebody listens no more."""
        self._listeners -= 1
        if not self._listeners and not self._done:
            asyncio.get_running_loop().call_later(self._linger, self._end)

    def _end(self) -> None:
        if self._listeners or self._done:
            return
        self._ended()
        self._done = True
        self._search.cancel()
        if self._pump is not None:
            self._pump.cancel()
        else:
            self._spawn(self._give_back(), "give back an answer that nobody wants")

    async def _give_back(self) -> None:
        (found,) = await asyncio.gather(self._search, return_exceptions=True)
        if isinstance(found, Found) and not isinstance(found.reply.body, bytes):
            await close(found.reply.body)

    async def _gather(self, body: AsyncIterator[bytes]) -> None:
        try:
            async for data in body:
                self._chunks.append(data)
                self._more.set()
        except Exception as error:  # every listener has to hear of it, whatever it is
            log.exception("an answer for several broke")
            self._error = error
        finally:
            self._done = True
            self._ended()
            self._more.set()
            await close(body)


class _Listener:
    """The answer from its beginning, for one client. `aclose()` must be called in every case."""

    def __init__(self, shared: _Shared) -> None:
        self._shared: _Shared | None = shared
        self._index = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._shared is None:
            raise StopAsyncIteration
        data = await self._shared.at(self._index)
        self._index += 1
        return data

    async def aclose(self) -> None:
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.leave()
