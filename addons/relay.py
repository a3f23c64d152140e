"""The way of a streamed answer from provider to client, sans-io, with the commit gate.

A relay holds everything back until the first content: an error event, an empty stream or a break before it counts
as a failed attempt, and another candidate may be asked without the client noticing. From the commit point on
nothing is held, and a failure becomes the client dialect's own error event.
"""

import re
from typing import Protocol

from addons.core.accumulate import merge_usage
from addons.core.errors import ErrorClass, ErrorInfo, RemoteDataError
from addons.core.events import Cause, Event, Failed, Finish, PartDelta, PartOpen, Usage, UsageReport
from addons.core.model import Loss
from addons.core.sse import EVENT_LIMIT, SseEvent, SseParser
from addons.core.tools import Restorer, ToolNames
from addons.dialects.base import Decoder, Dialect, Encoder, Look, ending

# one byte less than the longest end of a block
EDGE = 3
_BLOCK_END = re.compile(rb"\r\n\r\n|\r\n\n|\n\r\n|\n\n|\r\r")


class Relay(Protocol):
    """`feed` and `finish` give the bytes for the client (b"" before the commit point). `error` is set when the
    attempt failed before the commit point; `done` when the client's stream is complete, well or badly. `usage` is
    what the provider has reported so far, `broken` what ended the stream after the commit point, `losses` what of it
    the client was not shown."""

    committed: bool
    done: bool
    error: ErrorInfo | None
    usage: Usage
    broken: ErrorInfo | None

    @property
    def losses(self) -> tuple[Loss, ...]: ...

    def feed(self, data: bytes) -> bytes: ...

    def finish(self, cause: Cause) -> bytes: ...

    def fail(self, info: ErrorInfo) -> bytes:
        """The router itself cannot go on, because of `info`."""
        ...


class Translation:
    """A relay between two dialects."""

    def __init__(self, decoder: Decoder, encoder: Encoder, names: ToolNames) -> None:
        self._decoder = decoder
        self._encoder = encoder
        self._restorer = Restorer(names) if names.needed else None
        self._held: list[bytes] = []
        self.committed = False
        self.done = False
        self.error: ErrorInfo | None = None
        self.usage = Usage()
        self.broken: ErrorInfo | None = None

    @property
    def losses(self) -> tuple[Loss, ...]:
        return self._encoder.losses

    def feed(self, data: bytes) -> bytes:
        return self._pass_on(self._decoder.feed(data))

    def finish(self, cause: Cause) -> bytes:
        return self._pass_on(self._decoder.finish(cause))

    def fail(self, info: ErrorInfo) -> bytes:
        return self._pass_on([Failed(info)])

    def _pass_on(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        for event in events:
            if self.done:
                break
            if isinstance(event, UsageReport):
                self.usage = merge_usage(self.usage, event.usage)
            if not self.committed and self._settle(event):
                return b""
            if isinstance(event, Failed):
                self.broken = event.error
            restored = self._restorer.feed(event) if self._restorer else (event,)
            out += map(self._encoder.feed, restored)
            self.done = isinstance(event, (Finish, Failed))
        data = b"".join(out)
        if not self.committed:
            self._held.append(data)
            return b""
        if self._held:
            data = b"".join(self._held) + data
            self._held.clear()
        return data

    def _settle(self, event: Event) -> bool:
        """Looks whether `event` commits; True when it ends the attempt instead."""
        if isinstance(event, Failed):
            self.error = event.error
            self.done = True
            return True
        self.committed = _is_content(event)
        return False


def _is_content(event: Event) -> bool:
    match event:
        case PartDelta():
            return bool(event.text) or event.signature is not None
        case PartOpen():
            return event.kind in ("tool_call", "opaque")
        case Finish():
            return True
        case _:
            return False


class Forward:
    """A relay within one dialect: the provider's bytes as they are, whole events only, so that an error event can
    follow at any time. Events are looked at until the commit point, and after it only where a mark is found."""

    def __init__(self, dialect: Dialect, encoder: Encoder) -> None:
        self._dialect = dialect
        self._encoder = encoder
        self._tail: list[bytes] = []  # an unfinished event, in pieces: joining once keeps huge ones linear
        self._tail_size = 0
        self._edge = b""  # its last bytes: a block may end across two reads
        self._held: list[bytes] = []
        self._complete = False
        self.losses: tuple[Loss, ...] = ()
        self.committed = False
        self.done = False
        self.error: ErrorInfo | None = None
        self.usage = Usage()
        self.broken: ErrorInfo | None = None

    def feed(self, data: bytes) -> bytes:
        cut = _last_block_end(self._edge + data) - len(self._edge)
        if cut <= 0:
            self._keep(data)
            if self._tail_size > EVENT_LIMIT:
                return self._fail(ErrorInfo(ErrorClass.MALFORMED, f"an event is larger than {EVENT_LIMIT} bytes"))
            return b""
        whole = self._take() + data[:cut]
        self._keep(data[cut:])
        return self._whole(whole)

    def finish(self, cause: Cause) -> bytes:
        tail = self._take()
        out = self._whole(tail + b"\n\n") if cause is Cause.COMPLETE and tail.strip() else b""
        if self._complete and cause is Cause.COMPLETE:
            self.done = True
        return out if self.done else out + self._fail(ending(cause).error)

    def fail(self, info: ErrorInfo) -> bytes:
        return self._fail(info)

    def _keep(self, data: bytes) -> None:
        if data:
            self._tail.append(data)
            self._tail_size += len(data)
            self._edge = (self._edge + data)[-EDGE:]

    def _take(self) -> bytes:
        tail = b"".join(self._tail)
        self._tail.clear()
        self._tail_size, self._edge = 0, b""
        return tail

    def _whole(self, data: bytes) -> bytes:
        if self.committed and self._dialect.marks.search(data) is None:
            return data
        try:
            for event in _events(data):
                if not self.committed or self._dialect.marks.search(event.data):
                    self._look_at(event)
        except RemoteDataError as error:
            return self._fail(ErrorInfo(ErrorClass.MALFORMED, f"provider stream: {error}"))
        if self.error is not None:
            self.done = True
            return b""
        if not self.committed:
            self._held.append(data)
            return b""
        if self._held:
            data = b"".join(self._held) + data
            self._held.clear()
        return data

    def _look_at(self, event: SseEvent) -> None:
        peek = self._dialect.peek(event)
        if peek.usage is not None:
            self.usage = merge_usage(self.usage, peek.usage)
        match peek.look:
            case Look.QUIET:
                pass
            case Look.CONTENT:
                self.committed = True
            case Look.COMPLETE:
                self.committed = self._complete = True
            case Look.DONE:
                self.committed = True
                self.done = True
            case Look.ERROR if self.committed:
                self.broken = peek.error or ErrorInfo(ErrorClass.UNKNOWN, "the provider reported an error")
                self.done = True
            case Look.ERROR:
                self.error = peek.error or ErrorInfo(ErrorClass.UNKNOWN, "the provider reported an error")

    def _fail(self, info: ErrorInfo) -> bytes:
        self.done = True
        if not self.committed:
            self.error = info
            return b""
        self.broken = info
        return self._encoder.feed(Failed(info))


def _last_block_end(data: bytes) -> int:
    """Where the last whole SSE block ends (0: none has ended)."""
    plain = data.rfind(b"\n\n")
    if b"\r" not in data:
        return plain + 2 if plain >= 0 else 0
    end = 0
    for match in _BLOCK_END.finditer(data):
        end = match.end()
    return end


def _events(data: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [*parser.feed(data), *parser.finish()]
