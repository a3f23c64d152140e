"""The record of a request, from what the search left in its trace."""

from addons.core import endpoints
from addons.core.debug_meanings import is_ours
from addons.core.endpoints import Kind
from addons.core.events import Usage
from addons.core.http import Ask, PassOn, Reply
from addons.core.model import Loss
from addons.core.tool_of import tool_of
from addons.observed import Record
from addons.seek import Trace

CANCELLED = 499  # what proxies log for a client that went away; no client ever sees it
ASKING = frozenset({Kind.GENERATE, Kind.UNIFIED, Kind.COUNT, Kind.EMBEDDINGS})


def asks_a_model(ask: Ask) -> bool:
    """Whether a request is for a model, rather than for a list or the health."""
    endpoint = endpoints.find(ask.method, ask.path)
    return endpoint is not None and endpoint.kind in ASKING


def record_of(trace: Trace, ask: Ask, reply: Reply | None, now: float, *, left: bool = False) -> Record:
    """`reply` None: there was none. `now` is the end, in Unix seconds; `left`: the client did not wait for it."""
    outcome, selected, route = trace.outcome, trace.selected, trace.route
    stream = outcome.stream if outcome is not None else None
    broken = stream.broken if stream is not None else None
    return Record(
        id=trace.request_id,
        at=trace.begun,
        tool=tool_of(ask.path, ask.headers),
        method=ask.method,
        path=ask.path,
        client=trace.dialect,
        requested=trace.requested,
        route=route.ref if route is not None else "",
        strategy=route.strategy if route is not None else "",
        served=selected.ref if selected is not None else "",
        provider=selected.dialect if selected is not None else None,
        credential=selected.credential.id if selected is not None and selected.credential is not None else "",
        stream=trace.stream,
        entity=(trace.amp.entity if trace.amp is not None else None) or "",
        mode=(trace.amp.mode if trace.amp is not None else None) or "",
        status=_status(reply),
        error=trace.error,
        attempts=tuple(str(each) for each in trace.attempts.log) if trace.attempts is not None else (),
        skipped=tuple(trace.skipped),
        losses=_losses(trace),
        joined=trace.joined,
        told=() if reply is None else tuple(each for each in reply.headers if is_ours(each[0])),
        first_event=None if trace.answered is None else trace.answered - trace.begun,
        total=now - trace.begun,
        usage=_usage(trace),
        broken=None if broken is None else broken.cls,
        left=left,
        passed_on=isinstance(reply, PassOn),
    )


def _status(reply: Reply | None) -> int:
    if reply is None:
        return CANCELLED
    return 0 if isinstance(reply, PassOn) else reply.status


def _losses(trace: Trace) -> tuple[Loss, ...]:
    """The request's, then the answer's; of a stream those are known at its end."""
    outcome = trace.outcome
    if outcome is None:
        return ()
    return outcome.losses if outcome.stream is None else outcome.losses + outcome.stream.losses


def _usage(trace: Trace) -> Usage:
    if trace.outcome is None:
        return Usage()
    return trace.outcome.usage if trace.outcome.stream is None else trace.outcome.stream.usage
