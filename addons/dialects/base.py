"""What a dialect is: one file that exports one `Dialect` value.

Request:   client body -> parse_request -> Request -> render_request -> provider body
Answer:    provider bytes -> Decoder -> events -> Encoder -> client bytes
           (not streamed: parse_response -> events -> fold -> render_response)
Failure:   provider error -> parse_error -> ErrorInfo -> render_error -> client body

Decoders and encoders are sans-io: one object an answer, fed in order, never shared. A decoder keeps the law of
`addons.core.events` whatever the provider sends; an encoder may rely on it and ends every stream well-formed.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from addons.core import jsonio
from addons.core.accumulate import Answer
from addons.core.checked import checked, counted
from addons.core.errors import ErrorClass, ErrorInfo, RemoteDataError
from addons.core.events import (
    Aside,
    Begin,
    Cause,
    Cited,
    Event,
    Failed,
    Finish,
    PartClose,
    PartDelta,
    PartOpen,
    Usage,
)
from addons.core.model import DialectName, Loss, Rendered, Request
from addons.core.sse import SseEvent, SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits

type Body = dict[str, Any]


class Decoder(Protocol):
    """Provider bytes to events. Never raises for what the provider sent: that becomes `Failed`."""

    def feed(self, data: bytes) -> list[Event]: ...

    def finish(self, cause: Cause) -> list[Event]:
        """The bytes have ended. Gives the terminal event unless it was given before."""
        ...


class Encoder(Protocol):
    """Events to client bytes (whole SSE events; b"" when an event shows nothing)."""

    def feed(self, event: Event) -> bytes: ...

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What the client was not shown of the answer so far; of a whole one `addons.core.unshown` knows."""
        ...


class Look(StrEnum):
    """What one SSE event of a forwarded (not translated) stream means to the router."""

    QUIET = "quiet"  # pings and openings: nothing is lost by asking another provider instead
    CONTENT = "content"
    COMPLETE = "complete"  # content that makes the answer whole; usage or an end mark may or may not follow
    DONE = "done"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Peek:
    """`error` is set for Look.ERROR; `usage` when the event reports any."""

    look: Look
    error: ErrorInfo | None = None
    usage: Usage | None = None


def _no_residue(raw: bytes, body: Body) -> tuple[Body, list[Loss]]:
    return {}, []


def _no_usage(body: Body) -> Usage:
    return Usage()


def usage_at(member: str, usage_of: Callable[[Mapping[str, Any]], Usage]) -> Callable[[Body], Usage]:
    """Reads the usage that stands in a body under `member`."""

    def read(body: Body) -> Usage:
        found = body.get(member)
        try:
            return counted(usage_of(found)) if isinstance(found, dict) else Usage()
        except (AttributeError, TypeError, ValueError, LookupError):
            return Usage()

    return read


@dataclass(frozen=True, slots=True)
class Dialect:
    """The members of a dialect.

    parse_request(body)                   -> Request; raises BadRequest naming the field
    render_request(request, model, names) -> Rendered; `model` is the provider's, `names` the wire tool names
    decoder()                             -> Decoder of one streamed answer
    encoder(request, model)               -> Encoder of one streamed answer; `request` is the client's, `model` the
                                             name that the client sees
    parse_response(body)                  -> events of a whole answer, lawful like a decoder's
    render_response(answer, request, model) -> body of a whole answer
    parse_error(status, headers, body)    -> ErrorInfo; header names are lower-case, `body` any bytes
    render_error(info)                    -> body of an error answer (its status is `info.status`)
    peek(event)                           -> what an event of a forwarded stream means
    marks                                 -> after the commit point only events that match it are peeked at
    residue(raw, body)                    -> of a body that stays in this dialect, the top-level members to replace
                                             because they hold what only llr could read, and what is lost by it
    keepalive                             -> bytes that a waiting client may see between two events, or before any
    usage(body)                           -> what a whole answer says of its usage; raises nothing for any body
    """

    name: DialectName
    parse_request: Callable[[Body], Request]
    render_request: Callable[[Request, Traits, ToolNames], Rendered]
    decoder: Callable[[], Decoder]
    encoder: Callable[[Request, str], Encoder]
    parse_response: Callable[[Body], list[Event]]
    render_response: Callable[[Answer, Request, str], Body]
    parse_error: Callable[[int, Mapping[str, str], bytes], ErrorInfo]
    render_error: Callable[[ErrorInfo], Body]
    peek: Callable[[SseEvent], Peek]
    marks: re.Pattern[bytes]
    residue: Callable[[bytes, Body], tuple[Body, list[Loss]]] = _no_residue
    keepalive: bytes = b": keep-alive\n\n"
    usage: Callable[[Body], Usage] = _no_usage


class Lawful:
    """Keeps the law of `addons.core.events` for a decoder: a missing Begin is added, parts left open are closed
    before the end, what comes after the terminal event is dropped, and values have their types (RemoteDataError where
    an answer is nothing without them)."""

    def __init__(self) -> None:
        self.began = False
        self.ended = False
        self._open: dict[int, None] = {}

    def feed(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if self.ended:
                return
            yield from self._one(checked(event))

    def _one(self, event: Event) -> Iterator[Event]:
        if isinstance(event, Begin):
            if self.began:
                return
            self.began = True
        elif not self.began and not isinstance(event, Failed):
            self.began = True
            yield Begin()
        match event:
            case PartOpen():
                if event.index in self._open:
                    raise RemoteDataError(f"part {event.index} is opened twice")
                self._open[event.index] = None
            case PartDelta():
                if event.index not in self._open:
                    raise RemoteDataError(f"something is added to part {event.index!r:.40}, which is not open")
            case PartClose():
                if event.index not in self._open:
                    return
                del self._open[event.index]
            case Cited():
                if event.index not in self._open:
                    yield Aside("citations", content=True)
                    return
            case Finish() | Failed():
                for index in list(self._open):
                    yield PartClose(index)
                self._open.clear()
                self.ended = True
            case _:
                pass
        yield event


_ENDINGS: Mapping[Cause, tuple[ErrorClass, str]] = {
    Cause.COMPLETE: (ErrorClass.TRUNCATED, "the provider closed the stream before it was complete"),
    Cause.TRUNCATED: (ErrorClass.TRUNCATED, "the connection to the provider broke before the stream was complete"),
    Cause.TIMEOUT: (ErrorClass.TIMEOUT, "the provider fell silent in the middle of the stream"),
}


def ending(cause: Cause) -> Failed:
    """The terminal event of a stream that ended without one of its own."""
    cls, message = _ENDINGS[cause]
    return Failed(ErrorInfo(cls, message, status=504 if cls is ErrorClass.TIMEOUT else 502))


# what code that reads a provider's JSON raises where that is not as it should be
UNKNOWN_SHAPE = (KeyError, TypeError, AttributeError, ValueError, IndexError)


class SseDecoder(ABC):
    """The common half of every decoder: SSE framing, JSON, the law. A dialect adds `on_event`."""

    def __init__(self) -> None:
        self._parser = SseParser()
        self._law = Lawful()

    @abstractmethod
    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        """The events that one SSE event stands for; `name` is its `event` field ("" without one)."""

    def on_end(self, cause: Cause) -> Iterable[Event]:
        """The stream ended without a terminal event (also at `[DONE]`, with Cause.COMPLETE): what it amounts to."""
        return (ending(cause),)

    def feed(self, data: bytes) -> list[Event]:
        try:
            found = self._parser.feed(data)
        except RemoteDataError as error:
            return self._malformed(error)
        return self._decode(found)

    def finish(self, cause: Cause) -> list[Event]:
        events = self._decode(self._parser.finish()) if cause is Cause.COMPLETE else []
        return events if self._law.ended else events + self._end(cause)

    def _end(self, cause: Cause) -> list[Event]:
        try:
            return list(self._law.feed(self.on_end(cause)))
        except (*UNKNOWN_SHAPE, RemoteDataError) as error:
            return self._malformed(RemoteDataError(f"the answer has an unknown shape ({error!r})"))

    def _decode(self, found: list[SseEvent]) -> list[Event]:
        events: list[Event] = []
        for sse in found:
            if self._law.ended:
                break
            if sse.data == b"[DONE]":
                events += self._end(Cause.COMPLETE)
                continue
            try:
                body = jsonio.loads(sse.data)
                if not isinstance(body, dict):
                    raise RemoteDataError("an event is not a JSON object", sse.offset)
                events += self._law.feed(self.on_event(sse.name, body))
            except jsonio.JsonError as error:
                events += self._malformed(RemoteDataError(f"an event is not JSON: {error}", sse.offset))
            except UNKNOWN_SHAPE as error:
                problem = RemoteDataError(f"an event has an unknown shape ({error!r})", sse.offset)
                events += self._malformed(problem)
            except RemoteDataError as error:
                events += self._malformed(error)
        return events

    def _malformed(self, error: RemoteDataError) -> list[Event]:
        return list(self._law.feed([Failed(ErrorInfo(ErrorClass.MALFORMED, f"provider stream: {error}"))]))


def lawful(events: Iterable[Event]) -> list[Event]:
    """The events of a whole answer with the law kept; without a terminal event they end as truncated."""
    law = Lawful()
    kept = list(law.feed(events))
    return kept if law.ended else kept + list(law.feed([ending(Cause.COMPLETE)]))


def malformed_peek(event: SseEvent, error: Exception) -> Peek:
    """What an event that cannot be read means."""
    problem = RemoteDataError(f"an event is unreadable: {error}", event.offset)
    return Peek(Look.ERROR, ErrorInfo(ErrorClass.MALFORMED, f"provider stream: {problem}"))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or a numeric `retry-after` (RFC 9110 §10.2.3); None for anything else.
    The HTTP-date form needs a clock and is turned into seconds where the headers are received."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,12}(\.\d+)?", value):
            return min(float(value) / unit, 86400.0)
    return None


# What an error type inside a 200 stream would have been as an HTTP status. Anthropic's "Errors" page; OpenAI's and
# the compatible providers' codes as seen in the wild.
STATUS_OF_TYPE: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    "overloaded": 529,
    "server_is_overloaded": 529,
    "context_length_exceeded": 400,
    "model_not_found": 404,
}


def status_of(*words: object, default: int = 500) -> int:
    """The HTTP status that an error event's type or code stands for; a number is taken as a status itself."""
    for word in words:
        if isinstance(word, str) and word in STATUS_OF_TYPE:
            return STATUS_OF_TYPE[word]
        if isinstance(word, str) and re.fullmatch(r"[45]\d\d", word):
            return int(word)
        if isinstance(word, int) and 400 <= word <= 599:
            return word
    return default
