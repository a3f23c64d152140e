"""What others may see of a request: who asked, what was decided, what became of it. For logs, captures and statistics.

An *observer* is told of each request that is answered by a model; what it gives back listens to the answer and hears
its end once. Observers must be quick, and must not fail: one that does is logged, and hears no more of that request.
"""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from addons.closing import close
from addons.core.errors import ErrorClass
from addons.core.events import Usage
from addons.core.frames import Talk
from addons.core.http import Ask, Headers, Reply
from addons.core.model import DialectName, Loss

log = logging.getLogger("llr")


@dataclass(frozen=True, slots=True)
class Record:
    """One request from its beginning to its end. Times: `at` in Unix seconds, `first_event` and `total` in seconds
    since then. `requested` is the model's name as the client gave it, `served` the `provider/model` that answered ("":
    nobody), `attempts` the failed ones as the debug header shows them. `broken` is what cut an answer short, `left`
    whether the client went away before the end; `passed_on`: the client's own server was given the request as it came
    (`status` 0: what it answered is not known here). `coding` is the content coding of the bytes that listeners heard,
    and `talk` what went over a WebSocket that was passed on."""

    id: str
    at: float
    tool: str
    method: str
    path: str
    client: DialectName
    requested: str = ""
    route: str = ""
    strategy: str = ""
    served: str = ""
    provider: DialectName | None = None
    credential: str = ""
    stream: bool = False
    # of AMP's requests: what one was taken for, and the mode that it is in
    entity: str = ""
    mode: str = ""
    status: int = 200
    error: ErrorClass | None = None
    attempts: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    joined: bool = False
    first_event: float | None = None
    total: float = 0.0
    usage: Usage = Usage()
    broken: ErrorClass | None = None
    left: bool = False
    passed_on: bool = False
    # the router's own headers of the answer
    told: Headers = ()
    coding: str = ""
    talk: Talk | None = None


class Listener(Protocol):
    """Hears one request."""

    def sent(self, data: bytes) -> None:
        """More of the client's body, that was not there yet when the request was opened."""

    def said(self, data: bytes) -> None:
        """Bytes that the client is given."""

    def done(self, record: Record) -> None:
        """The answer is over."""


class Observer(Protocol):
    """Hears of every request."""

    def opened(self, ask: Ask, request_id: str) -> Listener | None:
        """A request is about to be answered; None: it is of no interest."""


class Observed:
    """The listeners of one request."""

    def __init__(self, observers: Sequence[Observer], ask: Ask, request_id: str) -> None:
        self._listeners = [found for each in observers if (found := _opened(each, ask, request_id)) is not None]

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def watch(self, reply: Reply, record: Callable[[bool], Record]) -> Reply:
        """`reply`, whose end makes a record; `record` is told whether the client left before it."""
        if not self._listeners:
            return reply
        if isinstance(reply.body, bytes):
            self._each(lambda listener: listener.said(reply.body))  # type: ignore[arg-type]
            made = record(False)
            self._each(lambda listener: listener.done(made))
            return reply
        return replace(reply, body=_Body(reply.body, self, record))

    def sent(self, data: bytes) -> None:
        self._each(lambda listener: listener.sent(data))

    def said(self, data: bytes) -> None:
        self._each(lambda listener: listener.said(data))

    def done(self, record: Record) -> None:
        self._each(lambda listener: listener.done(record))

    def _each(self, tell: Callable[[Listener], None]) -> None:
        for listener in tuple(self._listeners):
            try:
                tell(listener)
            except Exception:
                log.exception("an observer failed")
                self._listeners.remove(listener)


class Handover:
    """Implements `Handed`: a request that another server shall answer, its listeners, and what is known of it."""

    def __init__(self, observed: Observed, record: Record) -> None:
        self.observed = observed
        self.record = record

    def refused(self, status: int, body: bytes) -> None:
        self.observed.said(body)
        self.observed.done(replace(self.record, status=status, passed_on=False))

    def gone(self) -> None:
        self.observed.done(self.record)


def _opened(observer: Observer, ask: Ask, request_id: str) -> Listener | None:
    try:
        return observer.opened(ask, request_id)
    except Exception:
        log.exception("an observer failed")
        return None


class _Body:
    """A streamed body that is listened to. `aclose()` must be called in every case."""

    def __init__(self, body: AsyncIterator[bytes], observed: Observed, record: Callable[[bool], Record]) -> None:
        self._body = body
        self._observed = observed
        self._record: Callable[[bool], Record] | None = record

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            data = await anext(self._body)
        except StopAsyncIteration:
            self._end(left=False)
            raise
        self._observed.said(data)
        return data

    async def aclose(self) -> None:
        self._end(left=True)
        await close(self._body)

    def _end(self, *, left: bool) -> None:
        record, self._record = self._record, None
        if record is not None:
            self._observed.done(record(left))
