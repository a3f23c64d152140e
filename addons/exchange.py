"""The engine: a client's request in, an answer out, whatever happens in between.

It knows no mitmproxy and no HTTP library. What it refuses to do: send anything twice after the commit point, follow
a redirect, or answer in another dialect than the client's.
"""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from addons import amp_route, asked, counting
from addons.array_form import WHITE_SPACE, ArrayForm, one
from addons.asked import (
    NO_EMBEDDINGS,
    NO_WEBSOCKET,
    UNAUTHORIZED,
    UPGRADE,
    Refused,
    job_of,
    no_endpoint,
    one_model,
    route_of,
)
from addons.booking import BookedUpstream, Booking
from addons.call import EVENT_STREAM, Edge, Outcome
from addons.core import endpoints, listing
from addons.core.budget import RetryBudget
from addons.core.debug import REQUEST_ID, Decision, debug_headers, tool_types
from addons.core.endpoints import Endpoint, Kind
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo, with_tried
from addons.core.events import Failed
from addons.core.gateway_key import admits
from addons.core.health import Health
from addons.core.http import Ask, Headers, PassOn, Pulse, Reply, Upstream
from addons.core.model import DialectName, Request
from addons.core.plan import Candidate, Plan, Route
from addons.core.rectify import Remembered
from addons.core.response_store import ResponseStore
from addons.core.upgrade import wanted
from addons.dialects import DIALECTS
from addons.dispatch import Dispatcher
from addons.edge.clock import Clock
from addons.edge.tasks import Tasks
from addons.embeddings import embed, embedding
from addons.inline import Fetcher
from addons.job import Job
from addons.join import Joins, sameness
from addons.ledger import Ledger, State
from addons.observed import Handover, Observed, Observer
from addons.patience import Found, Spawn, patiently
from addons.records import asks_a_model, record_of
from addons.refusal import hinted, json_reply, refuse
from addons.responses_socket import open_socket
from addons.routes import Routes
from addons.search.finder import Finder
from addons.search.internal import answer_internal, intercepts
from addons.search.rounds import attempt as searched
from addons.search.rounds import searching
from addons.searcher import Searcher
from addons.seek import Trace, Unanswered
from addons.stateful import Conversations

log = logging.getLogger("llr")


type Attempt = Callable[[Job, Candidate, Edge], Awaitable[Outcome]]


def _new_id() -> str:
    return f"req_{secrets.token_hex(16)}"


class Exchange:
    """Answers requests by `plan`, which may be swapped at any time: a request keeps the one it began with."""

    def __init__(
        self,
        plan: Plan,
        upstream: Upstream,
        *,
        fetcher: Fetcher | None = None,
        pages: Fetcher | None = None,
        spawn: Spawn | None = None,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] = _new_id,
        state: State | None = None,
        observers: Sequence[Observer] = (),
        clock: Callable[[], float] | None = None,
    ) -> None:
        """`clock` gives Unix seconds."""
        self.plan = plan
        self._edge = Edge(upstream, fetcher, Remembered(now))
        self._kept = ResponseStore(plan.responses_age, plan.responses_bytes, now)
        self._conversations = Conversations(self._kept)
        self._spawn = spawn or Tasks().spawn
        self._new_id = new_id
        clock = clock or Clock()
        self.state = state or State(Ledger(Health(plan.cooldowns)))
        self._finder = Finder(self.state, upstream, pages, clock)
        dispatcher = Dispatcher(self.state, clock, chance)
        budget = RetryBudget(plan.retry.ratio)
        self._searcher = Searcher(dispatcher, budget, clock, chance, sleep, self._spawn)
        self._joins = Joins(self._spawn)
        self._routes = Routes(plan)
        self._clock = clock
        self._observers = observers

    @property
    def max_body(self) -> int:
        """Bytes that a request body may have."""
        return self.plan.max_body

    def too_large(self, ask: Ask, size: int) -> Reply:
        """The refusal of a request with a body of at least `size` bytes, which need not have come."""
        trace = self._trace(ask)
        info = hinted(with_tried(asked.too_large(size, self.plan.max_body), (), trace.request_id))
        return self._with_headers(refuse(info, trace.dialect), self.plan, trace)

    def _trace(self, ask: Ask) -> Trace:
        return Trace(self._new_id(), endpoints.error_dialect(ask.path, ask.headers), begun=self._clock())

    async def answer(self, ask: Ask) -> Reply:
        """Never raises but for cancellation: every failure is an answer in the client's dialect."""
        plan = self.plan
        trace = self._trace(ask)
        observed = Observed(self._observers if asks_a_model(ask) else (), ask, trace.request_id)
        try:
            found = await self._guarded(self._dispatch(plan, ask, trace), trace)
        except asyncio.CancelledError:
            observed.done(record_of(trace, ask, None, self._clock(), left=True))
            raise
        reply = self._with_headers(found.reply, plan, trace)
        if isinstance(reply, PassOn):
            return replace(reply, handed=Handover(observed, record_of(trace, ask, reply, self._clock())))
        return observed.watch(reply, lambda left: record_of(trace, ask, reply, self._clock(), left=left))

    def _with_headers(self, reply: Reply, plan: Plan, trace: Trace) -> Reply:
        added: Headers = ((REQUEST_ID, trace.request_id),)
        if plan.debug:
            added += debug_headers(_decision(trace, self._clock() - trace.begun))
        return replace(reply, headers=reply.headers + added)

    async def _guarded(self, work: Awaitable[Reply], trace: Trace) -> Found:
        """What comes of `work`: its reply, or its failure in the client's dialect."""
        try:
            return Found(await work)
        except Refused as refused:
            info, headers, verbatim = refused.info, refused.headers, None
        except BadRequest as error:
            info, headers, verbatim = error.info(), (), None
        except Unanswered as failure:
            info, headers, verbatim = failure.info, (), failure.verbatim
        except Exception:
            log.exception("request %s failed inside the router", trace.request_id)
            info = ErrorInfo(ErrorClass.UNKNOWN, "the router failed; its log has the details", status=500)
            headers, verbatim = (), None
        trace.error = info.cls
        told = hinted(with_tried(info, trace.tried, trace.request_id))
        reply = verbatim if verbatim is not None else refuse(told, trace.dialect, headers)
        return Found(reply, partial(_told_in_a_stream, trace.dialect, told))

    async def _dispatch(self, plan: Plan, ask: Ask, trace: Trace) -> Reply:
        endpoint = endpoints.find(ask.method, ask.path)
        if endpoint is not None and endpoint.kind is Kind.HEALTH:
            now, state = datetime.now(UTC).isoformat(), self.state
            return json_reply(listing.health(plan, now, state.backend, state.problem))
        if plan.require_auth and not _is_admitted(plan, ask):
            raise Refused(UNAUTHORIZED)
        if wanted(ask.headers):
            return self._upgrade(plan, ask, trace)
        if endpoint is None and endpoints.is_amp(ask.path):
            return amp_route.passed_on(trace.dialect, trace.request_id, no_endpoint(ask).info)
        if endpoint is None:
            return await self._amp_internal(plan, ask, trace)
        match endpoint.kind:
            case Kind.CARD:
                return json_reply(listing.card())
            case Kind.MODELS:
                return json_reply(listing.models(plan, endpoint.dialect or trace.dialect))
            case Kind.MODEL:
                return one_model(plan, endpoint.model or "", endpoint.dialect or trace.dialect)
            case _:
                return await self._known(plan, ask, endpoint, trace)

    async def _known(self, plan: Plan, ask: Ask, endpoint: Endpoint, trace: Trace) -> Reply:
        """What was meant for another host goes on to it when nothing here has the name, or it cannot be read."""
        try:
            return await self._generate(plan, ask, endpoint, trace)
        except (Refused, BadRequest) as error:
            if not ask.origin or trace.route is not None:
                raise
            info = error.info if isinstance(error, Refused) else error.info()
            return amp_route.passed_on(trace.dialect, trace.request_id, info)

    async def _amp_internal(self, plan: Plan, ask: Ask, trace: Trace) -> Reply:
        """A search that AMP asks its own server for, answered here; else that server shall have it after all."""
        missing = no_endpoint(ask)
        if not intercepts(plan, ask):
            raise missing
        found = await answer_internal(plan, ask, self._finder)
        refusal = refuse(hinted(with_tried(missing.info, (), trace.request_id)), trace.dialect)
        return found or PassOn(status=refusal.status, refusal=refusal)

    def _upgrade(self, plan: Plan, ask: Ask, trace: Trace) -> Reply:
        """Only what `POST` answers in the Responses dialect has a WebSocket form. What was meant for another host has
        none: its frames, which name the model, come too late for going on to it."""
        refusal = refuse(hinted(with_tried(NO_WEBSOCKET, (), trace.request_id)), trace.dialect, UPGRADE)
        posted = endpoints.find("POST", ask.path)
        served = posted is not None and posted.dialect is DialectName.RESPONSES
        if not (plan.websocket and served and ask.method == "GET") or ask.origin:
            return refusal
        return open_socket(ask, self.answer, self._kept, plan.max_body, refusal)

    async def _generate(self, plan: Plan, ask: Ask, endpoint: Endpoint, trace: Trace) -> Reply:
        job = job_of(plan, ask, endpoint, trace)
        trace.tools = tool_types(job.body.value) if plan.debug else ()
        amp = trace.amp = amp_route.decide(plan, job, endpoint) if amp_route.is_from_amp(ask, endpoint) else None
        if amp is None:
            route = route_of(plan, job, trace.dialect, self._routes.find)
        elif amp.route is None:
            return amp_route.unrouted(amp, trace.dialect, trace.request_id)
        else:
            job, route = amp_route.prepared(job, amp), amp.route
        trace.route, trace.demanded = route, job.at_least
        if endpoint.kind not in (Kind.COUNT, Kind.EMBEDDINGS):
            job, route = self._conversations.continued(plan, job, route, trace.request_id.removeprefix("req_"))
            trace.route = route
        match endpoint.kind:
            case Kind.COUNT:
                return await counting.count(job, route, self._edge, self._searcher.dispatcher)
            case Kind.EMBEDDINGS:
                return await self._sought(plan, job, embedding(route), embed, trace)
            case _:
                reply = await self._streamed(plan, job, route, trace)
        if amp is not None:
            reply = amp_route.shaped(reply, job, amp)
        if job.stream and trace.dialect is DialectName.GEMINI and endpoint.stream and "alt=sse" not in ask.query:
            return _in_array_form(reply)
        return reply

    async def _streamed(self, plan: Plan, job: Job, route: Route, trace: Trace) -> Reply:
        """The answer; a stream begins without it when it is long in coming."""

        def begin() -> Coroutine[Any, Any, Found]:
            attempt = partial(searched, by=searching(plan, self._finder))
            remembered = partial(self._conversations.call, attempt=attempt)
            return self._guarded(self._sought(plan, job, route, remembered, trace), trace)

        joins = route.alias is not None and route.alias.joins
        search = self._joined(job, begin, trace) if joins else begin()
        if not (job.stream and plan.keepalive):
            return (await search).reply
        pulse = Pulse(plan.keepalive, job.dialect.keepalive)
        found, body = await patiently(search, self._spawn, pulse)
        if found is not None:
            return replace(found.reply, pulse=pulse)
        assert body is not None
        return Reply(200, EVENT_STREAM, body, pulse)

    async def _joined(self, job: Job, begin: Callable[[], Coroutine[Any, Any, Found]], trace: Trace) -> Found:
        """The answer of an equal request that is under way, else that of the search that `begin` begins."""
        found, trace.joined = await self._joins.attend(sameness(job.ask), begin)
        return found

    async def _sought(self, plan: Plan, job: Job, route: Route, attempt: Attempt, trace: Trace) -> Reply:
        if not route.candidates:
            raise Refused(ErrorInfo(ErrorClass.NOT_SUPPORTED, NO_EMBEDDINGS, status=400, param="model"))
        fetcher = self._edge.fetcher if plan.fetches else None

        def booked(booking: Booking) -> Awaitable[Outcome]:
            upstream = BookedUpstream(self._edge.upstream, booking)
            edge = replace(self._edge, upstream=upstream, fetcher=fetcher, again=booking.again)
            return attempt(job, booking.candidate, edge)

        found = await self._searcher.find(plan, job, route, booked, trace)
        return found.reply


def _is_admitted(plan: Plan, ask: Ask) -> bool:
    """Who comes through the forward proxy has shown the key there; the headers are for the host that is meant."""
    return bool(ask.origin) or bool(plan.master_key and admits(plan.master_key, ask.headers, ask.query))


def _in_array_form(reply: Reply) -> Reply:
    if reply.status != 200:
        return reply
    body = one(reply.body) if isinstance(reply.body, bytes) else reply.body
    headers = tuple((name, value) for name, value in reply.headers if name != "content-type")
    pulse = None if reply.pulse is None else Pulse(reply.pulse.seconds, WHITE_SPACE)
    return replace(reply, headers=(("content-type", "application/json"), *headers), body=ArrayForm(body), pulse=pulse)


def _told_in_a_stream(dialect: DialectName, info: ErrorInfo) -> bytes:
    """A failure for a client whose stream has begun already."""
    return DIALECTS[dialect].encoder(Request(dialect, "", (), stream=True), "").feed(Failed(info))


def _decision(trace: Trace, seconds: float) -> Decision:
    return Decision(
        route=trace.route,
        client=trace.dialect,
        failed=trace.attempts.log if trace.attempts else (),
        selected=trace.selected,
        losses=trace.outcome.losses if trace.outcome else (),
        skipped=trace.skipped,
        context=trace.context,
        tools=trace.tools,
        overridden=trace.overridden,
        joined=trace.joined,
        seconds=seconds,
        amp=trace.amp,
        demanded=trace.demanded,
    )
