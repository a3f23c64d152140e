"""The engine: a client's request in, an answer out, whatever happens in between.

It knows no mitmproxy and no HTTP library. What it refuses to do: send anything twice after the commit point, follow
a redirect, or answer in another dialect than the client's.
"""

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from addons.call import AttemptFailed, Job, Outcome, call
from addons.core import endpoints, listing
from addons.core.attempt import Attempts, GiveUp
from addons.core.debug import debug_headers
from addons.core.endpoints import Endpoint, Kind
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo, with_tried
from addons.core.gateway_key import admits
from addons.core.http import Ask, Headers, Reply, Upstream
from addons.core.model import DialectName
from addons.core.plan import Plan, Route
from addons.core.resolve import NoCandidate, UnknownModel, resolve
from addons.core.splice import JsonObject
from addons.core.upgrade import wanted
from addons.dialects import DIALECTS
from addons.refusal import json_reply, refuse
from addons.responses_socket import open_socket

log = logging.getLogger("llr")

REQUEST_ID = "x-llm-router-request-id"


def _new_id() -> str:
    return f"req_{uuid.uuid4().hex}"


@dataclass(slots=True)
class _Trace:
    """What one request went through, for its debug headers and its refusal."""

    request_id: str
    dialect: DialectName
    route: Route | None = None
    attempts: Attempts | None = None
    outcome: Outcome | None = None
    tried: tuple[str, ...] = field(default=())


class Exchange:
    """Answers requests by `plan`, which may be swapped at any time: a request keeps the one it began with."""

    def __init__(
        self,
        plan: Plan,
        upstream: Upstream,
        *,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        new_id: Callable[[], str] = _new_id,
        websocket: bool = True,
    ) -> None:
        self.plan = plan
        self._upstream = upstream
        self._chance = chance
        self._sleep = sleep
        self._new_id = new_id
        self._websocket = websocket

    async def answer(self, ask: Ask) -> Reply:
        """Never raises but for cancellation: every failure is an answer in the client's dialect."""
        plan = self.plan
        trace = _Trace(self._new_id(), endpoints.error_dialect(ask.path, ask.headers))
        try:
            reply = await self._dispatch(plan, ask, trace)
        except BadRequest as error:
            reply = self._refuse(error.info(), trace)
        except Exception:
            log.exception("request %s failed inside the router", trace.request_id)
            failure = ErrorInfo(ErrorClass.UNKNOWN, "the router failed; its log has the details", status=500)
            reply = self._refuse(failure, trace)
        return _with_headers(reply, plan, trace)

    async def _dispatch(self, plan: Plan, ask: Ask, trace: _Trace) -> Reply:
        endpoint = endpoints.find(ask.method, ask.path)
        if endpoint is not None and endpoint.kind is Kind.HEALTH:
            return json_reply(listing.health(plan, datetime.now(UTC).isoformat()))
        if plan.require_auth and not (plan.master_key and admits(plan.master_key, ask.headers, ask.query)):
            return self._refuse(_UNAUTHORIZED, trace)
        if wanted(ask.headers):
            return self._upgrade(plan, ask, trace)
        if endpoint is None:
            return self._no_endpoint(ask, trace)
        match endpoint.kind:
            case Kind.CARD:
                return json_reply(listing.card())
            case Kind.MODELS:
                return json_reply(listing.models(plan, endpoint.dialect or trace.dialect))
            case _:
                return await self._generate(plan, ask, endpoint, trace)

    def _upgrade(self, plan: Plan, ask: Ask, trace: _Trace) -> Reply:
        """Only what `POST` answers in the Responses dialect has a WebSocket form."""
        refusal = self._refuse(_NO_WEBSOCKET, trace, (("upgrade", "HTTP/1.1"),))
        posted = endpoints.find("POST", ask.path)
        served = posted is not None and posted.dialect is DialectName.RESPONSES
        if not (self._websocket and served and ask.method == "GET"):
            return refusal
        return open_socket(ask, self.answer, plan.max_body, refusal)

    async def _generate(self, plan: Plan, ask: Ask, endpoint: Endpoint, trace: _Trace) -> Reply:
        if len(ask.body) > plan.max_body:
            message = f"the body has {len(ask.body)} bytes; at most {plan.max_body} are accepted"
            return self._refuse(ErrorInfo(ErrorClass.CLIENT, message, status=413), trace)
        if not _is_json(ask.headers.get("content-type", "")):
            return self._refuse(_NOT_JSON, trace)
        body = JsonObject(ask.body)
        trace.dialect = endpoint.dialect or endpoints.detect(body.value, ask.headers)
        model = body.value.get("model")
        if model is not None and not isinstance(model, str):
            raise BadRequest("model", "a model name (a string) is expected")
        try:
            trace.route = resolve(plan, model, trace.dialect)
        except UnknownModel as error:
            return self._refuse(_unknown_model(error), trace)
        except NoCandidate as error:
            return self._refuse(ErrorInfo(ErrorClass.CONFIGURATION, str(error), status=503), trace)
        job = Job(ask, DIALECTS[trace.dialect], body, body.value.get("stream") is True)
        return await self._attempt(plan, job, trace.route, trace)

    async def _attempt(self, plan: Plan, job: Job, route: Route, trace: _Trace) -> Reply:
        """Tries candidates until one commits or nothing is left."""
        attempts = trace.attempts = Attempts(route.candidates, plan.retry, self._chance)
        failures: list[AttemptFailed] = []
        step = attempts.first()
        while True:
            if step.delay:
                await self._sleep(step.delay)
            try:
                trace.outcome = await call(job, step.candidate, self._upstream)
            except AttemptFailed as failure:
                failures.append(failure)
                following = attempts.failed(failure.info)
                log.info("%s %s: %s", trace.request_id, attempts.log[-1], failure.info.message)
            else:
                return trace.outcome.reply
            if isinstance(following, GiveUp):
                verbatim = failures[following.index].verbatim
                trace.tried = tuple(str(attempt) for attempt in attempts.log)
                return verbatim if verbatim is not None else self._refuse(following.error, trace)
            step = following

    def _no_endpoint(self, ask: Ask, trace: _Trace) -> Reply:
        methods = endpoints.allowed(ask.path)
        if methods:
            message = f"{ask.method} is not answered at {ask.path}; {' and '.join(methods)} are"
            return self._refuse(_client_error(message, 405), trace, (("allow", ", ".join(methods)),))
        return self._refuse(_client_error(f"there is nothing at {ask.method} {ask.path}", 404), trace)

    def _refuse(self, info: ErrorInfo, trace: _Trace, headers: Headers = ()) -> Reply:
        return refuse(with_tried(info, trace.tried, trace.request_id), trace.dialect, headers)


_UNAUTHORIZED = ErrorInfo(
    ErrorClass.AUTH,
    "this router wants its key",
    status=401,
    hint="Send the masterKey as `Authorization: Bearer …` or `x-api-key`.",
)
_NO_WEBSOCKET = ErrorInfo(
    ErrorClass.CLIENT, "WebSocket is not served here; use HTTPS streaming", status=426, hint="The client falls back."
)
_NOT_JSON = ErrorInfo(ErrorClass.CLIENT, "the body must be application/json", status=415)


def _client_error(message: str, status: int) -> ErrorInfo:
    return ErrorInfo(ErrorClass.CLIENT, message, status=status, hint="GET / lists the endpoints.")


def _unknown_model(error: UnknownModel) -> ErrorInfo:
    return ErrorInfo(ErrorClass.MODEL_NOT_FOUND, str(error), status=404, code="model_not_found", param="model")


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "application/json") or kind.endswith("+json")


def _with_headers(reply: Reply, plan: Plan, trace: _Trace) -> Reply:
    added: Headers = ((REQUEST_ID, trace.request_id),)
    if plan.debug:
        losses = trace.outcome.losses if trace.outcome else ()
        log_lines = trace.attempts.log if trace.attempts else []
        selected = trace.attempts.current if trace.attempts and trace.outcome else None
        added += debug_headers(trace.route, log_lines, selected, losses)
    return replace(reply, headers=reply.headers + added)
