"""One attempt: a request to one candidate, up to the commit point or to its failure."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.client_words import in_client_words
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Event, Usage
from addons.core.gateway_key import without_keys
from addons.core.headers import client_headers, upstream_headers
from addons.core.http import Headers, Reply, Upstream, UpstreamFailure, UpstreamReply, UpstreamRequest
from addons.core.model import Loss, Request
from addons.core.plan import Candidate
from addons.core.rectify import ROUNDS, Remembered
from addons.core.tools import Restorer, ToolNames
from addons.core.unshown import unshown
from addons.dialects import DIALECTS
from addons.dialects._chat_legacy import is_legacy
from addons.inline import Fetcher, NotFetched, inlined
from addons.job import Draft, Job, draft, remedied, target
from addons.reading import (
    AttemptFailed,
    all_events,
    commit,
    failure_info,
    forward_whole,
    is_streamed,
    refusal,
    usage_of,
)
from addons.relay import Forward, Relay, Translation
from addons.stream_body import StreamBody

_NOTHING = Usage()
EVENT_STREAM: Headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A committed attempt. `headers` are the provider's. A whole answer has its `usage`, and what the client was not
    shown of it is among its `losses`; of a stream both are known at the end of `stream`."""

    reply: Reply
    losses: tuple[Loss, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: Usage = Usage()
    stream: StreamBody | None = None
    candidate: Candidate | None = None


# reads an answer; the second value says whether its bytes are still being read
type Read[T] = Callable[[Draft, UpstreamReply], Awaitable[tuple[T, bool]]]


# the same attempt asks once more: what was used so far, the headers of the last answer, and what is asked now (None:
# the same). Raises NoRoom when it must not.
type Again = Callable[[Usage, Mapping[str, str] | None, Request | None], Awaitable[None]]


async def _always(used: Usage, headers: Mapping[str, str] | None, request: Request | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Edge:
    """What an attempt needs of the world outside: providers, the places that images are fetched from, what was learnt
    from refusals, and leave to ask more than once."""

    upstream: Upstream
    fetcher: Fetcher | None = None
    remembered: Remembered = field(default_factory=lambda: Remembered(lambda: 0.0))
    again: Again = _always


async def call(job: Job, candidate: Candidate, edge: Edge) -> Outcome:
    """Asks `candidate`, again when a mend may make it accept the request. Raises AttemptFailed, BadRequest when the
    client's body cannot be translated, and NoRoom when the mended request finds no place in the candidate's limits:
    then it is another candidate's turn."""
    request = None if job.stays_in_dialect(candidate) else job.request()
    return await ask(job, candidate, edge, request, partial(_answer, job, candidate))


async def ask[T](
    job: Job, candidate: Candidate, edge: Edge, request: Request | None, read: Read[T], used: Usage = _NOTHING
) -> T:
    """What `read` makes of the answer of `candidate` to `request` (None: to the client's own body, as it is). `used` is
    what earlier calls of this attempt have used. Raises what `call` raises."""
    if request is not None:
        request = await _with_files(request, candidate, edge.fetcher)
    prepared = draft(job, candidate, request, edge.remembered)
    rounds, learnt = ROUNDS, list[tuple[str, str]]()
    while True:
        _refuse_lost_content(prepared, candidate)
        try:
            answer = await _once(job, candidate, prepared, edge.upstream, read)
        except AttemptFailed as failure:
            found = remedied(prepared, job, candidate, failure.info, edge.remembered) if rounds else None
            if found is None:
                raise
            await edge.again(used, failure.headers, None)
            rounds -= 1
            learnt += found[1]
            prepared = found[0]
        else:
            edge.remembered.add(target(candidate), learnt)
            return answer


async def _with_files(request: Request, candidate: Candidate, fetcher: Fetcher | None) -> Request:
    try:
        return await inlined(request, candidate.dialect, fetcher)
    except NotFetched as problem:
        text = f"{candidate.ref} takes files only as bytes, and one that is named by its URL was not fetched: {problem}"
        field = in_client_words(Loss("messages", text), request.dialect).path
        info = ErrorInfo(ErrorClass.NOT_SUPPORTED, text, status=400, param=field, hint=_FETCH_HINT)
        raise AttemptFailed(info) from problem


_FETCH_HINT = "Send the file itself, as base64."


def _refuse_lost_content(prepared: Draft, candidate: Candidate) -> None:
    """What the model should have read is not dropped without its owner's leave; another candidate may take it."""
    lost = [loss for loss in prepared.losses if loss.content]
    if not lost or candidate.model.drops_content:
        return
    message = "; ".join(f"{loss.path}: {loss.why}" for loss in lost)
    hint = 'Ask a model that takes it, or set "dropContent": true on this model to send the request without.'
    text = f"{candidate.ref} cannot be sent all of this request: {message}"
    raise AttemptFailed(ErrorInfo(ErrorClass.NOT_SUPPORTED, text, status=400, param=lost[0].path, hint=hint))


async def _once[T](job: Job, candidate: Candidate, prepared: Draft, upstream: Upstream, read: Read[T]) -> T:
    same = job.stays_in_dialect(candidate)
    sent = UpstreamRequest(
        with_query(candidate.url(stream=job.stream), job, candidate),
        _headers(job, candidate, prepared),
        prepared.data(),
        candidate.deadlines,
    )
    try:
        reply = await upstream.open(sent)
    except UpstreamFailure as failure:
        raise AttemptFailed(failure_info(failure)) from failure
    kept = False
    try:
        if reply.status != 200:
            raise await refusal(reply, candidate, same)
        found, kept = await read(prepared, reply)
        return found
    except UpstreamFailure as failure:
        raise AttemptFailed(failure_info(failure), headers=reply.headers) from failure
    except AttemptFailed as failure:
        failure.headers = reply.headers
        raise
    finally:
        if not kept:
            await reply.aclose()


# Google's system parameter, in all its spellings
_ALT = frozenset({"alt", "$alt", "%24alt"})


def with_query(url: str, job: Job, candidate: Candidate) -> str:
    """`url` with the client's query, when that is of the provider's dialect; never with the gateway's key, nor with
    Gemini's way of answering (`alt`): the router asks for events, whatever the client wants."""
    query = without_keys(job.ask.query) if job.stays_in_dialect(candidate) else ""
    if "alt=" in query:
        query = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in _ALT)
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _headers(job: Job, candidate: Candidate, prepared: Draft) -> Headers:
    return upstream_headers(candidate, job.ask.headers, job.dialect.name, stream=job.stream, needed=prepared.headers)


async def _answer(job: Job, candidate: Candidate, prepared: Draft, reply: UpstreamReply) -> tuple[Outcome, bool]:
    outcome = await _outcome(job, candidate, prepared, reply)
    return outcome, outcome.stream is not None


async def _outcome(job: Job, candidate: Candidate, prepared: Draft, reply: UpstreamReply) -> Outcome:
    streamed = is_streamed(reply.headers.get("content-type", ""), job.stream)
    same = job.stays_in_dialect(candidate)
    if job.stream and streamed:
        relay = _relay(job, candidate, prepared.names)
        body = await commit(relay, reply)
        headers = _stream_headers(reply) if same else EVENT_STREAM
        return Outcome(Reply(200, headers, body), prepared.losses, reply.headers, stream=body)
    if not job.stream and not streamed and same:
        whole = await forward_whole(reply, candidate)
        return Outcome(whole, prepared.losses, reply.headers, usage_of(whole, candidate))
    events = await all_events(reply, candidate, streamed)
    restorer = Restorer(prepared.names)
    events = [restored for event in events for restored in restorer.feed(event)]
    return replace(replay(job, candidate, events, prepared.losses), headers=reply.headers)


def _stream_headers(reply: UpstreamReply) -> Headers:
    """Clients tell a stream by its type."""
    headers = client_headers(reply.headers)
    if reply.headers.get("content-type", "").lower().startswith("text/event-stream"):
        return headers
    return (EVENT_STREAM[0], *((name, value) for name, value in headers if name != "content-type"))


def _relay(job: Job, candidate: Candidate, names: ToolNames) -> Relay:
    if job.stays_in_dialect(candidate):
        bare = Request(job.dialect.name, candidate.model.id, (), stream=True)
        return Forward(job.dialect, job.dialect.encoder(bare, candidate.model.id))
    encoder = job.dialect.encoder(job.request(), candidate.model.id)
    return Translation(DIALECTS[candidate.dialect].decoder(), encoder, names)


def replay(job: Job, candidate: Candidate, events: list[Event], losses: tuple[Loss, ...]) -> Outcome:
    """A whole answer in the way that the client asked for: as one body or as a stream. `losses` are the request's."""
    model, answer = candidate.model.id, fold(events)
    if job.stream:
        encoder = job.dialect.encoder(job.request(), model)
        reply = Reply(200, EVENT_STREAM, b"".join(encoder.feed(event) for event in events))
    else:
        body = job.dialect.render_response(answer, job.request(), model)
        reply = Reply(200, (("content-type", "application/json"),), jsonio.dumps(body))
    lost = unshown(job.dialect.name, answer, one_call=is_legacy(job.request().tools))
    return Outcome(reply, losses + lost, usage=answer.usage)
