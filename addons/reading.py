"""What a provider's answer amounts to, up to the commit point: a stream that has begun, a whole answer, a failure."""

from collections.abc import AsyncIterator, Mapping

from addons.core import jsonio
from addons.core.errors import ErrorClass, ErrorInfo, RemoteDataError
from addons.core.events import Cause, Event, Failed, Usage
from addons.core.headers import client_headers
from addons.core.http import Reply, UpstreamFailure, UpstreamReply
from addons.core.plan import Candidate
from addons.dialects import DIALECTS
from addons.dialects.base import UNKNOWN_SHAPE
from addons.relay import Relay
from addons.stream_body import StreamBody

ERROR_LIMIT = 1024 * 1024
ANSWER_LIMIT = 256 * 1024 * 1024

FAILURE_STATUS: Mapping[ErrorClass, int] = {ErrorClass.TIMEOUT: 504}


class AttemptFailed(Exception):
    """The attempt ended before the commit point. `verbatim` is the provider's own error answer, when the client can
    read it as it is (same dialect); `headers` are those of that answer, None when there was none."""

    def __init__(
        self, info: ErrorInfo, verbatim: Reply | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(info.message)
        self.info = info
        self.verbatim = verbatim
        self.headers = headers


def is_streamed(content_type: str, wanted: bool) -> bool:
    """Some servers stream under no type or a wrong one: where a stream is wanted, only what is plainly something else
    is read as a whole."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "text/event-stream" or (wanted and "json" not in kind and kind != "text/html")


async def commit(relay: Relay, reply: UpstreamReply) -> StreamBody:
    """Reads until the relay commits. Raises AttemptFailed when it fails instead."""
    chunks: AsyncIterator[bytes] = reply.chunks()
    first = b""
    while not relay.committed and not relay.done:
        try:
            first = relay.feed(await anext(chunks))
        except StopAsyncIteration:
            first = relay.finish(Cause.COMPLETE)
        except UpstreamFailure as failure:
            raise AttemptFailed(failure_info(failure)) from failure
    if relay.error is not None:
        raise AttemptFailed(relay.error)
    return StreamBody(first, relay, chunks, reply)


def usage_of(whole: Reply, candidate: Candidate) -> Usage:
    """What a forwarded answer says of its usage; nothing when it cannot be read."""
    assert isinstance(whole.body, bytes)
    try:
        return DIALECTS[candidate.dialect].usage(jsonio.loads(whole.body))
    except jsonio.JsonError:
        return Usage()


async def forward_whole(reply: UpstreamReply, candidate: Candidate) -> Reply:
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
    if not isinstance(body, dict):
        raise AttemptFailed(_unreadable(data))
    if isinstance(body.get("error"), dict) and not body.keys() & {"choices", "output", "content", "candidates"}:
        raise AttemptFailed(DIALECTS[candidate.dialect].parse_error(502, {}, data))


async def all_events(reply: UpstreamReply, candidate: Candidate, streamed: bool) -> list[Event]:
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
        try:
            events = dialect.parse_response(body)
        except (*UNKNOWN_SHAPE, RemoteDataError) as error:
            message = f"the provider's answer has an unknown shape ({error!r})"
            raise AttemptFailed(ErrorInfo(ErrorClass.MALFORMED, message)) from error
    if isinstance(events[-1], Failed):
        raise AttemptFailed(events[-1].error)
    return events


async def refusal(reply: UpstreamReply, candidate: Candidate, same: bool) -> AttemptFailed:
    """What an answer other than 200 amounts to."""
    data = await reply.read(ERROR_LIMIT)
    status = reply.status if reply.status >= 400 else 502
    info = DIALECTS[candidate.dialect].parse_error(status, reply.headers, data)
    readable = same and reply.status >= 400 and data.lstrip().startswith(b"{")
    verbatim = Reply(status, client_headers(reply.headers), data) if readable else None
    return AttemptFailed(info, verbatim, reply.headers)


def failure_info(failure: UpstreamFailure) -> ErrorInfo:
    return ErrorInfo(failure.cls, failure.message, status=FAILURE_STATUS.get(failure.cls, 502))


def _unreadable(data: bytes) -> ErrorInfo:
    seen = "an empty body" if not data.strip() else "a body that is not JSON"
    return ErrorInfo(ErrorClass.MALFORMED, f"the provider answered 200 with {seen}")
