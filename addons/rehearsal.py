"""A request without a router: detected, resolved and translated by the functions that the engine uses, and not sent.

What depends on the moment is left out: rests, limits and the order of a strategy, what was learnt from refusals, and
conversations that are kept for `previous_response_id`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from addons import amp_route
from addons.amp.resolve import AmpDecision
from addons.asked import Refused, job_of, no_endpoint, route_of
from addons.call import with_query
from addons.core import endpoints
from addons.core.endpoints import Endpoint, Kind
from addons.core.errors import BadRequest, ErrorInfo
from addons.core.headers import upstream_headers
from addons.core.http import Ask
from addons.core.model import DialectName, Loss, Request, Tool
from addons.core.plan import Candidate, Plan, Route
from addons.core.rectify import Remembered
from addons.core.tool_of import tool_of
from addons.core.tools import Origin, ToolNames
from addons.inline import inlined
from addons.job import Draft, Job, draft
from addons.search.rounds import taken_over
from addons.seek import Trace

CONTINUED = "previous_response_id: the conversation that it continues is known to the running router alone"
PASSED_ON = "nobody here is asked: the request goes to AMP's own server as it came (amp.upstreamUrl), if there is one"
NOT_GENERATED = "requests of this kind are not translated like others: only the route is shown"


@dataclass(frozen=True, slots=True)
class Change:
    """A member of the body that is replaced; None: it is not there."""

    member: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Sent:
    """What one candidate would be sent first. Of a body that stays in its dialect, `changes` are its only members that
    differ, and the first `head` and the last `tail` bytes are the client's own. `headers` are names: a value may be a
    key. `tools` are the client's tools whose names are not legal on the wire, `searches` are the functions that the
    router answers itself, `fetched` the URLs that would be fetched. `refusal` says why it would not be sent at all."""

    candidate: Candidate
    url: str
    as_it_came: bool
    body: bytes = b""
    value: Mapping[str, Any] | None = None
    headers: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    head: int = 0
    tail: int = 0
    tools: Mapping[str, str] | None = None
    searches: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    fetched: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The steps as far as they went; `problem` is what the client would be told then."""

    ask: Ask
    tool: str
    endpoint: Endpoint | None = None
    dialect: DialectName | None = None
    detected: bool = False
    model: str = ""
    stream: bool = False
    amp: AmpDecision | None = None
    route: Route | None = None
    sent: tuple[Sent, ...] = ()
    notes: tuple[str, ...] = ()
    problem: ErrorInfo | None = None


async def rehearse(plan: Plan, ask: Ask) -> Rehearsal:
    """What the router would do with `ask`. Never raises for what the client sent."""
    found = Rehearsal(ask, tool_of(ask.path, ask.headers))
    endpoint = endpoints.find(ask.method, ask.path)
    if endpoint is None:
        return replace(found, problem=no_endpoint(ask).info)
    found = replace(found, endpoint=endpoint)
    trace = Trace("", endpoints.error_dialect(ask.path, ask.headers))
    try:
        job = job_of(plan, ask, endpoint, trace)
        detected = endpoint.dialect is None
        found = replace(found, dialect=trace.dialect, detected=detected, model=job.model, stream=job.stream)
        found = replace(found, notes=(CONTINUED,) if job.body.value.get("previous_response_id") else ())
        amp = amp_route.decide(plan, job, endpoint) if amp_route.is_from_amp(ask, endpoint) else None
        found = replace(found, amp=amp)
        job, route = (job, route_of(plan, job, trace.dialect)) if amp is None else _of_amp(job, amp, trace)
    except _PassedOn:
        return replace(found, notes=(*found.notes, PASSED_ON))
    except Refused as refused:
        return replace(found, problem=refused.info)
    except BadRequest as error:
        return replace(found, problem=error.info())
    found = replace(found, route=route)
    if endpoint.kind not in (Kind.GENERATE, Kind.UNIFIED):
        return replace(found, notes=(*found.notes, NOT_GENERATED))
    return replace(found, sent=tuple([await _sent(plan, job, candidate) for candidate in route.candidates]))


class _PassedOn(Exception):
    """The request is for AMP's own server."""


def _of_amp(job: Job, amp: AmpDecision, trace: Trace) -> tuple[Job, Route]:
    """As the engine takes a request of AMP's. Raises Refused, and _PassedOn."""
    if amp.route is None:
        amp_route.unrouted(amp, trace.dialect, trace.request_id)
        raise _PassedOn
    return amp_route.prepared(job, amp), amp.route


async def _sent(plan: Plan, job: Job, candidate: Candidate) -> Sent:
    same = job.stays_in_dialect(candidate)
    known = Sent(candidate, with_query(candidate.url(stream=job.stream), job, candidate), same)
    noted = _Noted()
    try:
        taken = taken_over(job, candidate, plan.web_search)
        request = taken.request if taken is not None else None if same else job.request()
        if request is not None:
            request = await inlined(request, candidate.dialect, noted if plan.fetches else None)
        made = draft(job, candidate, request, Remembered(lambda: 0.0))
    except BadRequest as error:
        return replace(known, refusal=f"the client is told 400, {error}")
    headers = upstream_headers(candidate, job.ask.headers, job.dialect.name, stream=job.stream, needed=made.headers)
    found = replace(
        known,
        as_it_came=request is None,
        body=made.data(),
        value=made.value,
        headers=tuple(name for name, _ in headers),
        searches=tuple(taken.tools) if taken is not None else (),
        losses=made.losses + (taken.losses if taken is not None else ()),
        fetched=tuple(noted.urls),
        refusal=_refusal(candidate, made),
    )
    return _compared(found, job, made) if request is None else replace(found, tools=_renamed(request, made.names))


def _refusal(candidate: Candidate, made: Draft) -> str:
    lost = [loss.path for loss in made.losses if loss.content]
    if not lost or candidate.model.drops_content:
        return ""
    return f"{', '.join(lost)}: content that it cannot be sent, and that is not dropped without `dropContent`"


def _compared(found: Sent, job: Job, made: Draft) -> Sent:
    before, after = job.body.value, made.value
    members = [key for key in {**before, **after} if before.get(key, _ABSENT) != after.get(key, _ABSENT)]
    changes = tuple(Change(key, before.get(key), after.get(key)) for key in members)
    head = _common(job.body.raw, found.body)
    tail = min(_common(job.body.raw[::-1], found.body[::-1]), min(len(job.body.raw), len(found.body)) - head)
    return replace(found, changes=changes, head=head, tail=tail)


_ABSENT = object()


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin with in common."""
    end = min(len(one), len(other))
    if one[:end] == other[:end]:
        return end
    return next(n for n in range(end) if one[n] != other[n])


def _renamed(request: Request, names: ToolNames) -> dict[str, str]:
    """The client's tools by the names that they have on the wire, where those differ."""
    offered = [tool for tool in request.tools if isinstance(tool, Tool)]
    found = {_full(tool): names.wire(tool.name, tool.namespace) for tool in offered}
    if names.answer is not None:
        found["(the answer in the wanted form)"] = names.answer
    return {name: wire for name, wire in found.items() if name != wire or names.origin(wire) != Origin(wire)}


def _full(tool: Tool) -> str:
    return tool.name if tool.namespace is None else f"{tool.namespace}.{tool.name}"


class _Noted:
    """Fetches nothing, and notes what would be; without userinfo and query, which may hold secrets."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        split = urlsplit(url)
        self.urls.append(f"{split.scheme}://{split.netloc.rpartition('@')[2]}{split.path}")
        return ("application/pdf" if "application/pdf" in kinds else "image/png"), b"(not fetched)"
