"""An attempt at a target that cannot search the web itself: the router searches for it, round after round.

To the client it is one answer. A failure of the first round, or of any round of an answer that is not streamed, is a
failed attempt like any other; once a stream has begun it ends as streams do.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from addons.booking import NoRoom
from addons.call import EVENT_STREAM, Edge, Outcome, Read, ask, call, replay
from addons.core.events import Event
from addons.core.http import Reply, UpstreamFailure, UpstreamReply
from addons.core.model import DialectName, Request
from addons.core.plan import Candidate, Plan
from addons.core.tool_of import tool_of
from addons.core.tools import Restorer
from addons.core.web_search import SearchService, WebSearch
from addons.dialects import DIALECTS
from addons.inline import NotFetched
from addons.job import Draft, Job
from addons.reading import AttemptFailed, all_events, commit, is_streamed
from addons.search.finder import Finder, SearchFailed
from addons.search.lookups import Looked, Lookup, shortened
from addons.search.loop import Loop
from addons.search.offer import Taken, taken, wanted
from addons.search.pages import page
from addons.search.relay import SearchRelay
from addons.search.service import Query
from addons.stream_body import CLOSING_GRACE, StreamBody

CLAUDE_CODE = "claude-code"


@dataclass(frozen=True, slots=True)
class Searching:
    """What the router searches with by one plan."""

    finder: Finder
    web: WebSearch
    loaded_at: float

    async def look(self, lookup: Lookup, first: SearchService | None) -> Looked:
        """Never raises: what was not found is told to the model."""
        if lookup.error is not None:
            return Looked(lookup, error=lookup.error)
        tool = lookup.tool
        if tool.kind == "fetch":
            return await self._fetch(lookup)
        query = Query(lookup.wanted, 0, tool.allowed, tool.blocked)
        try:
            found = await self.finder.search(self.web, query, loaded_at=self.loaded_at, first=first)
        except SearchFailed as failure:
            return Looked(lookup, error=failure.code)
        return Looked(lookup, results=found.results)

    async def _fetch(self, lookup: Lookup) -> Looked:
        try:
            found = await page(self.finder.pages, lookup.wanted)
        except NotFetched:
            return Looked(lookup, error="url_not_accessible")
        now = datetime.fromtimestamp(self.finder.now(), UTC).isoformat(timespec="seconds")
        return Looked(lookup, page=shortened(found, lookup.tool.chars), at=now)


def searching(plan: Plan, finder: Finder) -> Searching | None:
    """None when the plan has nothing to search with."""
    web = plan.web_search
    if not web.services and web.claude_code is None:
        return None
    return Searching(finder if plan.fetches else replace(finder, pages=None), web, plan.loaded_at)


async def attempt(job: Job, candidate: Candidate, edge: Edge, by: Searching | None) -> Outcome:
    """What `call` does; with searches for a target that has none. Raises what `call` raises."""
    found = taken_over(job, candidate, by.web) if by is not None else None
    if by is None or found is None:
        return await call(job, candidate, edge)
    return await _Attempt(job, candidate, edge, by, found).outcome()


def taken_over(job: Job, candidate: Candidate, web: WebSearch) -> Taken | None:
    """What the router searches itself when `candidate` is asked; None: nothing. Raises BadRequest."""
    if not web.services and _first(job, web) is None:
        return None
    model = candidate.model.traits
    if not wanted(job.value.get("tools"), job.dialect.name, candidate.dialect, model) or _is_stored(job, candidate):
        return None
    return taken(job.request(), candidate.dialect, model)


def _is_stored(job: Job, candidate: Candidate) -> bool:
    """Whether the provider keeps the conversation by the id of its answer, which one of several rounds has not. What
    no provider keeps the router does."""
    own = candidate.dialect is DialectName.RESPONSES and job.stays_in_dialect(candidate)
    return own and candidate.memory == "keeps" and job.value.get("store") is not False


def _first(job: Job, web: WebSearch) -> SearchService | None:
    return web.claude_code if tool_of(job.ask.path, job.ask.headers) == CLAUDE_CODE else None


@dataclass(frozen=True, slots=True)
class _Begun:
    """The first round: the stream of all of them, or its events."""

    prepared: Draft
    headers: Mapping[str, str]
    stream: StreamBody | None = None
    events: Sequence[Event] = ()


class _Attempt:
    """One attempt at one candidate."""

    def __init__(self, job: Job, candidate: Candidate, edge: Edge, by: Searching, found: Taken) -> None:
        self._job = job
        self._candidate = candidate
        self._edge = edge
        self._by = by
        self._first = _first(job, by.web)
        self._taken = found
        self._loop = Loop(found)

    async def outcome(self) -> Outcome:
        begun = await ask(self._job, self._candidate, self._edge, self._taken.request, self._begin)
        losses = begun.prepared.losses + self._taken.losses
        if begun.stream is not None:
            reply = Reply(200, EVENT_STREAM, begun.stream)
            return Outcome(reply, losses, begun.headers, stream=begun.stream)
        events = await self._whole(begun.events)
        return replace(replay(self._job, self._candidate, events, losses), headers=begun.headers)

    async def _begin(self, prepared: Draft, reply: UpstreamReply) -> tuple[_Begun, bool]:
        if not (self._job.stream and is_streamed(reply.headers.get("content-type", ""), True)):
            return _Begun(prepared, reply.headers, events=await self._events(prepared, reply)), False
        encoder = self._job.dialect.encoder(self._job.request(), self._candidate.model.id)
        relay = SearchRelay(self._loop, DIALECTS[self._candidate.dialect].decoder(), encoder, prepared.names)
        body = await commit(relay, _Rounds(reply, relay, self._look, self._next))
        return _Begun(prepared, reply.headers, stream=body), True

    async def _whole(self, first: Sequence[Event]) -> list[Event]:
        shown = [each for event in first for each in self._loop.feed(event)]
        while self._loop.waiting:
            shown += self._loop.tell(await self._look(self._loop.waiting))
            if self._loop.request is None:
                break
            events = await self._ask(self._loop.request, self._read)
            shown += [each for event in events for each in self._loop.feed(event)]
        return shown

    async def _read(self, prepared: Draft, reply: UpstreamReply) -> tuple[list[Event], bool]:
        return await self._events(prepared, reply), False

    async def _events(self, prepared: Draft, reply: UpstreamReply) -> list[Event]:
        streamed = is_streamed(reply.headers.get("content-type", ""), self._job.stream)
        restorer = Restorer(prepared.names)
        events = await all_events(reply, self._candidate, streamed)
        return [restored for event in events for restored in restorer.feed(event)]

    async def _look(self, lookups: Sequence[Lookup]) -> list[Looked]:
        return await asyncio.gather(*(self._by.look(lookup, self._first) for lookup in lookups))

    async def _next(self, request: Request, relay: SearchRelay) -> UpstreamReply:
        """The answer of the next round. Raises AttemptFailed, and NoRoom."""

        async def read(prepared: Draft, reply: UpstreamReply) -> tuple[UpstreamReply, bool]:
            relay.go_on(DIALECTS[self._candidate.dialect].decoder(), prepared.names)
            return reply, True

        return await self._ask(request, read)

    async def _ask[T](self, request: Request, read: Read[T]) -> T:
        """A round after the first."""
        used = self._loop.usage
        await self._edge.again(used, None, request)
        return await ask(self._job, self._candidate, self._edge, request, read, used)


class _Rounds:
    """The bytes of all rounds as the answer to the first request; see `UpstreamReply`."""

    def __init__(
        self,
        first: UpstreamReply,
        relay: SearchRelay,
        look: Callable[[Sequence[Lookup]], Awaitable[list[Looked]]],
        following: Callable[[Request, SearchRelay], Awaitable[UpstreamReply]],
    ) -> None:
        self._reply = first
        self._relay = relay
        self._look = look
        self._following = following
        self._first = first
        self._bytes = self._all()

    @property
    def status(self) -> int:
        return self._first.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._first.headers

    def chunks(self) -> AsyncIterator[bytes]:
        """Nothing at all stands for what the relay has to say between two rounds."""
        return self._bytes

    async def read(self, limit: int) -> bytes:
        return await self._first.read(limit)

    async def aclose(self) -> None:
        # a reader that was cancelled in the middle of it has ended it already
        with contextlib.suppress(RuntimeError):
            await self._bytes.aclose()
        await self._reply.aclose()

    async def _all(self) -> AsyncGenerator[bytes]:
        request: Request | None = None
        while True:
            async for data in self._round():
                yield data
            if not self._relay.waiting:
                return
            request = self._relay.tell(await self._look(self._relay.waiting))
            yield b""
            if request is None:
                return
            try:
                self._reply = await self._following(request, self._relay)
            except (AttemptFailed, NoRoom) as failure:
                self._relay.break_off(failure.info)
                yield b""
                return

    async def _round(self) -> AsyncGenerator[bytes]:
        """One answer up to its end, or up to what it wants looked up."""
        chunks = self._reply.chunks()
        async for data in chunks:
            yield data
            if self._relay.waiting:
                await _drain(chunks)
                break
        else:
            self._relay.ended()
            yield b""
        if self._relay.waiting:
            await self._reply.aclose()


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """An orderly end lets the connection be used again."""
    try:
        async with asyncio.timeout(CLOSING_GRACE):
            async for _ in chunks:
                pass
    except (TimeoutError, UpstreamFailure):
        return
