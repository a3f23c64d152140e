"""One attempt: a request to one candidate, up to the commit point or to its failure."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Cause, Event, Failed
from addons.core.gateway_key import without_keys
from addons.core.headers import client_headers, upstream_headers
from addons.core.http import Ask, Headers, Reply, Upstream, UpstreamFailure, UpstreamReply, UpstreamRequest
from addons.core.model import DialectName, Loss, Request
from addons.core.plan import Candidate
from addons.core.splice import JsonObject
from addons.core.tools import Restorer, ToolNames
from addons.dialects import DIALECTS
from addons.dialects.base import Dialect
from addons.relay import Forward, Relay, Translation
from addons.stream_body import StreamBody

ERROR_LIMIT = 1024 * 1024
ANSWER_LIMIT = 256 * 1024 * 1024

# The fields that a capability switched off (`capabilities` of a model) takes out of the body.
CAPABILITY_FIELDS: Mapping[str, frozenset[str]] = {
    "supportsReasoning": frozenset({"reasoning_effort", "reasoning"}),
    "supportsThinking": frozenset({"thinking"}),
    "supportsResponseFormat": frozenset({"response_format"}),
    "supportsLogprobs": frozenset({"logprobs", "top_logprobs"}),
    "supportsServiceTier": frozenset({"service_tier"}),
    "supportsPrediction": frozenset({"prediction", "predicted_output"}),
    "supportsStreamOptions": frozenset({"stream_options"}),
}

FAILURE_STATUS: Mapping[ErrorClass, int] = {ErrorClass.TIMEOUT: 504}


class AttemptFailed(Exception):
    """The attempt ended before the commit point. `verbatim` is the provider's own error answer, when the client can
    read it as it is (same dialect)."""

    def __init__(self, info: ErrorInfo, verbatim: Reply | None = None) -> None:
        super().__init__(info.message)
        self.info = info
        self.verbatim = verbatim


@dataclass(slots=True)
class Job:
    """What a client asks for, as far as the router has understood it. The canonical request is parsed once, and only
    when some candidate speaks another dialect."""

    ask: Ask
    dialect: Dialect
    body: JsonObject
    stream: bool
    _parsed: Request | None = None

    def request(self) -> Request:
        """Raises BadRequest."""
        if self._parsed is None:
            self._parsed = self.dialect.parse_request(self.body.value)
        return self._parsed


@dataclass(frozen=True, slots=True)
class Outcome:
    """A committed attempt."""

    reply: Reply
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class _Prepared:
    body: bytes
    names: ToolNames
    losses: tuple[Loss, ...]


async def call(job: Job, candidate: Candidate, upstream: Upstream) -> Outcome:
    """Asks `candidate`. Raises AttemptFailed, or BadRequest when the client's body cannot be translated."""
    prepared = _prepare(job, candidate)
    same = job.dialect.name is candidate.dialect
    url = candidate.url(stream=job.stream)
    query = without_keys(job.ask.query) if same else ""
    if query:
        url += ("&" if "?" in url else "?") + query
    headers = upstream_headers(candidate, job.ask.headers, job.dialect.name, stream=job.stream)
    try:
        reply = await upstream.open(UpstreamRequest(url, headers, prepared.body, candidate.provider.deadlines))
    except UpstreamFailure as failure:
        raise AttemptFailed(_info(failure)) from failure
    kept = False
    try:
        if reply.status != 200:
            raise await _refusal(reply, candidate.dialect, same)
        outcome, kept = await _answer(job, candidate, prepared, reply)
        return outcome
    except UpstreamFailure as failure:
        raise AttemptFailed(_info(failure)) from failure
    finally:
        if not kept:
            await reply.aclose()


def _prepare(job: Job, candidate: Candidate) -> _Prepared:
    without = frozenset(
        name for capability in candidate.model.disabled_capabilities for name in CAPABILITY_FIELDS.get(capability, ())
    )
    if job.dialect.name is candidate.dialect:
        body = job.body.bytes_with({"model": candidate.model.id}, without)
        dropped = tuple(Loss(name, "the model's capabilities exclude it") for name in without & job.body.value.keys())
        return _Prepared(body, ToolNames(()), dropped)
    request = job.request()
    names = ToolNames.of(request)
    rendered = DIALECTS[candidate.dialect].render_request(request, candidate.model.traits, names)
    kept = {name: value for name, value in rendered.body.items() if name not in without}
    return _Prepared(jsonio.dumps(kept), names, rendered.losses)


async def _answer(job: Job, candidate: Candidate, prepared: _Prepared, reply: UpstreamReply) -> tuple[Outcome, bool]:
    """The outcome, and whether the upstream reply lives on in it."""
    streamed = reply.headers.get("content-type", "").partition(";")[0].strip() == "text/event-stream"
    if job.stream and streamed:
        relay = _relay(job, candidate, prepared.names)
        body = await _commit(relay, reply)
        headers = _stream_headers(job, candidate, reply)
        return Outcome(Reply(200, headers, body), prepared.losses), True
    if not job.stream and not streamed and job.dialect.name is candidate.dialect:
        return Outcome(await _forward_whole(reply, candidate), prepared.losses), False
    events = await _all_events(reply, candidate, streamed)
    restorer = Restorer(prepared.names)
    events = [restored for event in events for restored in restorer.feed(event)]
    return Outcome(_replay(job, candidate, events), prepared.losses), False


def _relay(job: Job, candidate: Candidate, names: ToolNames) -> Relay:
    if job.dialect.name is candidate.dialect:
        bare = Request(job.dialect.name, candidate.model.id, (), stream=True)
        return Forward(job.dialect, job.dialect.encoder(bare, candidate.model.id))
    encoder = job.dialect.encoder(job.request(), candidate.model.id)
    return Translation(DIALECTS[candidate.dialect].decoder(), encoder, names)


async def _commit(relay: Relay, reply: UpstreamReply) -> StreamBody:
    """Reads until the relay commits. Raises AttemptFailed when it fails instead."""
    chunks: AsyncIterator[bytes] = reply.chunks()
    first = b""
    while not relay.committed and not relay.done:
        try:
            first = relay.feed(await anext(chunks))
        except StopAsyncIteration:
            first = relay.finish(Cause.COMPLETE)
        except UpstreamFailure as failure:
            raise AttemptFailed(_info(failure)) from failure
    if relay.error is not None:
        raise AttemptFailed(relay.error)
    return StreamBody(first, relay, chunks, reply)


async def _forward_whole(reply: UpstreamReply, candidate: Candidate) -> Reply:
    """A whole answer within one dialect: its bytes as they are, once they look like an answer."""
    data = await reply.read(ANSWER_LIMIT)
    if not data.lstrip().startswith(b"{"):
        raise AttemptFailed(_unreadable(data))
    if b'"error"' in data[:4096]:
        _raise_if_error(data, candidate)
    return Reply(200, client_headers(reply.headers), data)


def _raise_if_error(data: bytes, candidate: Candidate) -> None:
    """Some gateways answer 200 with nothing but an error object."""
    try:
        body = jsonio.loads(data)
    except jsonio.JsonError as error:
        raise AttemptFailed(_unreadable(data)) from error
    if isinstance(body.get("error"), dict) and not body.keys() & {"choices", "output", "content"}:
        raise AttemptFailed(DIALECTS[candidate.dialect].parse_error(502, {}, data))


async def _all_events(reply: UpstreamReply, candidate: Candidate, streamed: bool) -> list[Event]:
    """The whole answer as events; raises AttemptFailed when it is a failure (nothing has been sent yet)."""
    dialect = DIALECTS[candidate.dialect]
    if streamed:
        decoder = dialect.decoder()
        events = [event async for chunk in reply.chunks() for event in decoder.feed(chunk)]
        events += decoder.finish(Cause.COMPLETE)
    else:
        data = await reply.read(ANSWER_LIMIT)
        _raise_if_error(data, candidate) if b'"error"' in data[:4096] else None
        try:
            body = jsonio.loads(data)
        except jsonio.JsonError as error:
            raise AttemptFailed(_unreadable(data)) from error
        if not isinstance(body, dict):
            raise AttemptFailed(_unreadable(data))
        events = dialect.parse_response(body)
    if isinstance(events[-1], Failed):
        raise AttemptFailed(events[-1].error)
    return events


def _replay(job: Job, candidate: Candidate, events: list[Event]) -> Reply:
    """A whole answer in the way that the client asked for: as one body or as a stream."""
    model = candidate.model.id
    if job.stream:
        encoder = job.dialect.encoder(job.request(), model)
        data = b"".join(encoder.feed(event) for event in events)
        return Reply(200, _EVENT_STREAM, data)
    body = job.dialect.render_response(fold(events), job.request(), model)
    return Reply(200, (("content-type", "application/json"),), jsonio.dumps(body))


_EVENT_STREAM: Headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))


def _stream_headers(job: Job, candidate: Candidate, reply: UpstreamReply) -> Headers:
    return client_headers(reply.headers) if job.dialect.name is candidate.dialect else _EVENT_STREAM


async def _refusal(reply: UpstreamReply, name: DialectName, same: bool) -> AttemptFailed:
    data = await reply.read(ERROR_LIMIT)
    status = reply.status if reply.status >= 400 else 502
    info = DIALECTS[name].parse_error(status, reply.headers, data)
    readable = same and reply.status >= 400 and data.lstrip().startswith(b"{")
    return AttemptFailed(info, Reply(status, client_headers(reply.headers), data) if readable else None)


def _info(failure: UpstreamFailure) -> ErrorInfo:
    return ErrorInfo(failure.cls, failure.message, status=FAILURE_STATUS.get(failure.cls, 502))


def _unreadable(data: bytes) -> ErrorInfo:
    seen = "an empty body" if not data.strip() else "a body that is not JSON"
    return ErrorInfo(ErrorClass.MALFORMED, f"the provider answered 200 with {seen}")
