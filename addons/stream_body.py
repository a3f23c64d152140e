"""The body of a streamed reply after the commit point."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Protocol, Self

from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Cause, Usage
from addons.core.http import UpstreamFailure, UpstreamReply
from addons.core.model import Loss
from addons.relay import Relay

# How long a provider may take to close after its last event; an orderly end lets the connection be used again.
CLOSING_GRACE = 0.2
_FAULT = ErrorInfo(ErrorClass.UNKNOWN, "the router failed; its log has the details", status=500)

log = logging.getLogger("llr")


class Ended(Protocol):
    def __call__(self, usage: Usage, broken: ErrorInfo | None, /, *, left: bool) -> None: ...


class StreamBody:
    """An async iterator of client bytes. `aclose()` releases the upstream; it must be called in every case, and may
    be called at any time, also before the first byte was taken. `ended` hears once of the end: what was used, what
    the answer broke off by, and (`left`) whether its end was not waited for."""

    def __init__(self, first: bytes, relay: Relay, chunks: AsyncIterator[bytes], reply: UpstreamReply) -> None:
        self._first = first
        self._relay = relay
        self._chunks = chunks
        self._reply = reply
        self.ended: Ended | None = None
        self._faulty = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        while not self._relay.done:
            data = await self._next()
            if data:
                return data
        await self._drain()
        await self.aclose()
        raise StopAsyncIteration

    @property
    def usage(self) -> Usage:
        """What the provider has reported so far."""
        return self._relay.usage

    @property
    def broken(self) -> ErrorInfo | None:
        """What the answer broke off by."""
        return self._relay.broken

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What the client was not shown so far."""
        return self._relay.losses

    async def _next(self) -> bytes:
        try:
            return self._relay.feed(await anext(self._chunks))
        except StopAsyncIteration:
            return self._relay.finish(Cause.COMPLETE)
        except UpstreamFailure as failure:
            return self._relay.finish(Cause.TIMEOUT if failure.cls is ErrorClass.TIMEOUT else Cause.TRUNCATED)
        except Exception:  # a fault of ours: the client is told in its own dialect, as of any other
            log.exception("a translation failed in the middle of an answer")
            self._faulty = True
            return self._relay.fail(_FAULT)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(CLOSING_GRACE):
                async for _ in self._chunks:
                    pass
        except (TimeoutError, UpstreamFailure):
            return

    async def aclose(self) -> None:
        ended, self.ended = self.ended, None
        if ended is not None:
            relay = self._relay
            if self._faulty:  # the provider has done nothing wrong
                ended(relay.usage, None, left=True)
            else:
                ended(relay.usage, relay.broken, left=not relay.done)
        await self._reply.aclose()
