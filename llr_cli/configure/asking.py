"""Asks providers: paced, patient with rate limits, and careful not to repeat a key that an answer repeats."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from addons.core.http import Upstream, UpstreamFailure, UpstreamRequest
from addons.core.plan import Deadlines
from addons.core.secret_shapes import Secrets
from llr_cli.configure.pace import Pace

# Source: the predecessor's budget
RPM = 30
RETRIES = 3
SECONDS = 10.0
# a provider that wants to rest longer than this is not waited for
LONGEST_REST = 30.0
FIRST_REST = 2.0
MAX_ANSWER = 16 * 1024 * 1024
TOO_MANY = 429

DEADLINES = Deadlines(connect=SECONDS, first_event=SECONDS, idle=SECONDS, total=SECONDS)


@dataclass(frozen=True, slots=True)
class Answered:
    """`status` 0: there was no answer, and `text` says why."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    text: str = ""
    seconds: float = 0.0


class Asker:
    """Sends one request after the other. `secrets` are kept out of every text that it gives."""

    def __init__(
        self,
        upstream: Upstream,
        pace: Pace,
        secrets: tuple[str, ...] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._upstream = upstream
        self._pace = pace
        self._secrets = Secrets(secrets)
        self._sleep = sleep

    async def ask(self, request: UpstreamRequest) -> Answered:
        """The answer; after a rate limit it is asked again, up to three times."""
        for attempt in range(RETRIES + 1):
            found = await self.once(request)
            rest = _rest(found, attempt)
            if rest is None or attempt == RETRIES:
                return found
            await self._sleep(rest)
        raise AssertionError("the last attempt returns")

    def without_secrets(self, text: str) -> str:
        return self._secrets.removed(text)

    async def once(self, request: UpstreamRequest) -> Answered:
        """The answer, whatever it is."""
        await self._pace.turn()
        begun = asyncio.get_running_loop().time()
        try:
            reply = await self._upstream.open(request)
            try:
                body = await reply.read(MAX_ANSWER)
            finally:
                await reply.aclose()
        except UpstreamFailure as failure:
            return Answered(0, {}, text=self.without_secrets(failure.message))
        return Answered(reply.status, dict(reply.headers), body, seconds=asyncio.get_running_loop().time() - begun)


def _rest(found: Answered, attempt: int) -> float | None:
    """Seconds until it makes sense to ask again; None when it does not."""
    if found.status != TOO_MANY:
        return None
    try:
        rest = float(found.headers.get("retry-after", FIRST_REST * 2**attempt))
    except ValueError:
        rest = FIRST_REST
    return rest if 0 <= rest <= LONGEST_REST else None


@contextlib.asynccontextmanager
async def asker(rpm: float, secrets: tuple[str, ...] = ()) -> AsyncIterator[Asker]:
    """One over the router's own door to the providers."""
    from addons.edge.upstream import HttpxUpstream

    upstream = HttpxUpstream()
    try:
        yield Asker(upstream, Pace(rpm), secrets)
    finally:
        await upstream.aclose()
