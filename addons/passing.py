"""Passes every request on to the tool's own provider, untouched: a capture of what a tool and its provider say to each
other. It answers in the router's place, and routes, translates and retries nothing.

WebSockets that ask a model are refused with 426, upon which the tools ask by HTTPS; others are relayed
(addons/passing_socket.py).
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from addons.amp.hints import is_amp, read_hints
from addons.amp.paths import is_management
from addons.amp.plan import AmpPlan
from addons.amp.resolve import AmpDecision, resolve_amp
from addons.core import endpoints, jsonio
from addons.core.endpoints import Endpoint
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.http import Ask, Headers, Reply, Upstream, UpstreamFailure, UpstreamReply, UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Deadlines, Plan
from addons.core.tool_of import UNKNOWN, tool_of
from addons.core.upgrade import wanted
from addons.encodings import TooLarge, Undecodable, decoded
from addons.guard import HEALTH
from addons.observed import Observed, Observer, Record
from addons.refusal import json_reply, refuse

MAX_BODY = 64 * 1024 * 1024
PATIENCE = Deadlines(connect=20.0, first_event=900.0, idle=900.0)
_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "host", "content-length",
    }
)  # fmt: skip
NO_WEBSOCKET = ErrorInfo(ErrorClass.CLIENT, "WebSocket is not observed; use HTTPS streaming", status=426)
TOO_LARGE = ErrorInfo(ErrorClass.CLIENT, "the body is too large to be observed", status=413)

AMP_TOOL = "amp"
AMP, CHATGPT = "https://ampcode.com", "https://chatgpt.com"
HOMES: Mapping[DialectName, str] = {
    DialectName.ANTHROPIC: "https://api.anthropic.com",
    DialectName.CHAT: "https://api.openai.com",
    DialectName.RESPONSES: "https://api.openai.com",
    DialectName.COMPLETIONS: "https://api.openai.com",
    DialectName.GEMINI: "https://generativelanguage.googleapis.com",
}
TOOLS: Mapping[str, str] = {"amp": AMP, "claude-code": HOMES[DialectName.ANTHROPIC]}


def home_of(ask: Ask) -> str:
    """The server that a request would have gone to, had the tool not been told another."""
    if ask.path.startswith("/backend-api/"):
        return CHATGPT
    known = TOOLS.get(tool_of(ask.path, ask.headers))
    if known is None and is_management(ask.path):
        return AMP
    return known or HOMES[endpoints.error_dialect(ask.path, ask.headers)]


class Passing:
    """An answerer. `home` gives the server of a request."""

    def __init__(
        self,
        upstream: Upstream,
        observers: Sequence[Observer],
        home: Callable[[Ask], str] = home_of,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._upstream = upstream
        self._observers = observers
        self._home = home
        self._now = now

    @property
    def max_body(self) -> int:
        return MAX_BODY

    def too_large(self, ask: Ask, size: int) -> Reply:
        return refuse(TOO_LARGE, endpoints.error_dialect(ask.path, ask.headers))

    async def answer(self, ask: Ask) -> Reply:
        """The server's own answer; 502 when it cannot be reached. The health that is asked for is our own."""
        if ask.path == HEALTH:
            return json_reply({"status": "ok", "observes": True})
        record = begun(ask, self._now())
        observed = Observed(self._observers, ask, record.id)
        if wanted(ask.headers):
            reply, record = refuse(NO_WEBSOCKET, record.client), replace(record, passed_on=False)
            return observed.watch(reply, lambda left: self._ended(record, reply.status, left=left))
        try:
            found = await self._upstream.open(_request(ask, self._home(ask)))
        except UpstreamFailure as failure:
            info = ErrorInfo(failure.cls, failure.message, status=502)
            record = replace(record, error=failure.cls)
            refusal = refuse(info, record.client)
            return observed.watch(refusal, lambda left: self._ended(record, 502, left=left))
        record = replace(record, first_event=self._now() - record.at)
        passed = _Passed(found)

        def ended(left: bool) -> Record:
            ended = self._ended(record, found.status, left=left and passed.broken is None)
            return replace(ended, broken=passed.broken)

        return observed.watch(Reply(found.status, _headers(found), passed), ended)

    def _ended(self, record: Record, status: int, *, left: bool) -> Record:
        return replace(record, status=status, left=left, total=self._now() - record.at)


class _Passed:
    """A body on its way; `broken` says what cut it short. `aclose()` must be called in every case."""

    def __init__(self, reply: UpstreamReply) -> None:
        self._reply = reply
        self._chunks = reply.chunks()
        self.broken: ErrorClass | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except UpstreamFailure as failure:
            self.broken = failure.cls
            raise

    async def aclose(self) -> None:
        await self._reply.aclose()


def _request(ask: Ask, home: str) -> UpstreamRequest:
    """`ask` as it came; only what belongs to one hop is left out, and the answer is asked for uncompressed."""
    headers = {name: value for name, value in ask.headers.items() if name not in _HOP}
    headers["accept-encoding"] = "identity"
    query = f"?{ask.query}" if ask.query else ""
    return UpstreamRequest(f"{home}{ask.path}{query}", tuple(headers.items()), ask.body, PATIENCE, ask.method)


def _headers(reply: UpstreamReply) -> Headers:
    gone = _HOP | {"content-encoding"}
    return tuple((name, value) for name, value in reply.headers.items() if name not in gone)


def begun(ask: Ask, now: float) -> Record:
    """What is known of a request that goes to its tool's own server, when it comes."""
    endpoint, body = endpoints.find(ask.method, ask.path), _body(ask)
    named = body.get("model")
    model = named if isinstance(named, str) else (endpoint.model if endpoint is not None else None) or ""
    dialect = _dialect(endpoint, ask)
    amp = None if endpoint is None else _of_amp(ask, endpoint, body, model, dialect)
    stream = endpoint is not None and endpoint.stream is True
    return Record(
        id=f"req_{uuid.uuid4().hex}",
        at=now,
        tool=_tool(ask),
        method=ask.method,
        path=ask.path,
        client=dialect,
        requested=model,
        stream=stream or body.get("stream") is True,
        passed_on=True,
        entity=(amp.entity if amp is not None else None) or "",
        mode=(amp.mode if amp is not None else None) or "",
    )


def _tool(ask: Ask) -> str:
    """Nobody but AMP asks below AMP's paths; not each of its requests says who sends it."""
    found = tool_of(ask.path, ask.headers)
    return AMP_TOOL if found == UNKNOWN and (is_management(ask.path) or is_amp(ask.headers)) else found


def _of_amp(
    ask: Ask, endpoint: Endpoint, body: Mapping[str, Any], model: str, dialect: DialectName
) -> AmpDecision | None:
    """What a request of AMP's would be taken for."""
    if not endpoints.is_amp(ask.path) and not is_amp(ask.headers):
        return None
    hints = read_hints(ask.headers, body, endpoint.provider, model)
    return resolve_amp(AmpPlan(), Plan(), hints, model, dialect)


def _dialect(endpoint: Endpoint | None, ask: Ask) -> DialectName:
    found = endpoint.dialect if endpoint is not None else None
    return found or endpoints.error_dialect(ask.path, ask.headers)


def _body(ask: Ask) -> dict[str, Any]:
    try:
        value = jsonio.loads(decoded(ask.body, ask.headers.get("content-encoding", ""), MAX_BODY))
    except (ValueError, Undecodable, TooLarge):
        return {}
    return value if isinstance(value, dict) else {}
