"""AMP's requests on their way through the engine: taken for what they are, routed, and their answers shaped."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Self

from addons.amp import demands
from addons.amp.answers import Shape, Shaper
from addons.amp.hints import is_amp, read_hints
from addons.amp.resolve import AmpDecision, resolve_amp
from addons.asked import Refused
from addons.closing import close
from addons.core import endpoints
from addons.core.endpoints import Endpoint
from addons.core.errors import ErrorClass, ErrorInfo, with_tried
from addons.core.http import Ask, PassOn, Reply
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.job import Job
from addons.refusal import hinted, refuse

NO_UPSTREAM = ErrorInfo(
    ErrorClass.CONFIGURATION,
    "this request is for AMP's own server, and there is none in the configuration",
    status=503,
    hint='Set amp.defaultRoute or amp.routes; or amp.upstreamUrl, for example to "https://ampcode.com".',
)


def is_from_amp(ask: Ask, endpoint: Endpoint) -> bool:
    """Whether a request for a model is one of AMP's: by its path, or by its headers."""
    return endpoint.provider is not None or is_amp(ask.headers)


def decide(plan: Plan, job: Job, endpoint: Endpoint) -> AmpDecision:
    """Whom the request goes to."""
    native = endpoints.is_amp(job.ask.path)
    hints = read_hints(job.ask.headers, job.body.value, endpoint.provider, job.model, native=native)
    return resolve_amp(plan.amp, plan, hints, job.model, job.dialect.name)


def prepared(job: Job, decision: AmpDecision) -> Job:
    """`job`, with what AMP expects without saying so."""
    hints, mode = decision.hints, decision.mode
    window = demands.window(hints, mode, job.model, job.ask.headers)
    return replace(job, at_least=window, effort=demands.effort(hints, mode))


def unrouted(decision: AmpDecision, dialect: DialectName, request_id: str) -> Reply:
    """What becomes of a request that nobody here answers. Raises Refused when it is nobody's at all."""
    if decision.upstream:
        return passed_on(dialect, request_id)
    raise Refused(_unknown(decision))


def _unknown(decision: AmpDecision) -> ErrorInfo:
    message = f"AMP's model {decision.requested!r} maps to nothing: {'; '.join(decision.steps)}"
    hint = "Give it a route (amp.routes, amp.rawModelRoutes) or amp.defaultRoute; `llr route explain --amp` shows more."
    return ErrorInfo(ErrorClass.MODEL_NOT_FOUND, message, 404, code="model_not_found", param="model", hint=hint)


def passed_on(dialect: DialectName, request_id: str, info: ErrorInfo = NO_UPSTREAM) -> PassOn:
    """The request goes to AMP's own server; where that cannot be, `info` is said in the client's dialect."""
    refusal = refuse(hinted(with_tried(info, (), request_id)), dialect)
    return PassOn(refusal.status, refusal.headers, refusal.body, refusal=refusal)


def shaped(reply: Reply, job: Job, decision: AmpDecision) -> Reply:
    """The answer as AMP wants it."""
    if reply.status != 200:
        return reply
    shaper = Shaper(Shape(decision.requested, decision.hints.tools, decision.hints.forced))
    if isinstance(reply.body, bytes):
        return replace(reply, body=shaper.events(reply.body) if job.stream else shaper.whole(reply.body))
    return replace(reply, body=_Shaped(reply.body, shaper))


class _Shaped:
    """An async iterator over a stream of whole events. `aclose()` closes it."""

    def __init__(self, body: AsyncIterator[bytes], shaper: Shaper) -> None:
        self._body = body
        self._shaper = shaper

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return self._shaper.events(await anext(self._body))

    async def aclose(self) -> None:
        await close(self._body)
