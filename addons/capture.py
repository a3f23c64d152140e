"""Captures: what tools ask for, written down. Observe, redact, queue, store: in this order (promise 45).

The observer redacts in the moment a request ends, before anything is queued; a bounded queue takes nothing but
redacted lines; a thread writes. No request waits for the disk, and one that cannot be queued is counted as lost.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from addons.core.capture_line import Answer, Line, Verdict, line_of
from addons.core.http import Ask
from addons.core.redact import Mode, Redacted, Redactor, Wire
from addons.encodings import TooLarge, Undecodable, decoded
from addons.observed import Listener, Record

WAITING = 1_000  # lines; a disk that hangs must not fill the memory
CLOSING_SECONDS = 5.0
ANSWER_LIMIT = 8 * 1024 * 1024
# of a body that goes by, and of an answer without its content coding
BODY_LIMIT = 8 * 1024 * 1024
EXPANDED_LIMIT = 64 * 1024 * 1024
TELL_SECONDS = 1.0

_END = object()

type Judge = Callable[[Record], Verdict | None]
type Told = Callable[[Redacted[Line]], None]


class Store(Protocol):
    """What the writer writes to, in its own thread."""

    def append(self, line: Redacted[Line]) -> None: ...

    def tell(self) -> None: ...

    def close(self) -> None: ...


class CaptureWriter:
    """The queue and its thread. `complain` is told of a disk that fails, once until it works again; it is called from
    the thread."""

    def __init__(self, store: Store, complain: Callable[[str], None]) -> None:
        self._store = store
        self._complain = complain
        self._queue: queue.Queue[Redacted[Line] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="the capture", daemon=True)
        self._failing = False
        self.lost = 0
        self._thread.start()

    def put(self, line: Redacted[Line]) -> None:
        """Never waits; with too many lines waiting, this one is lost."""
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            self.lost += 1

    def close(self) -> None:
        """Writes what is waiting, as long as the disk takes it. Blocks for a short time at most."""
        try:
            self._queue.put(None, timeout=CLOSING_SECONDS)
        except queue.Full:  # the disk hangs
            return
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        news = False
        while (found := self._next(TELL_SECONDS if news else None)) is not _END:
            if isinstance(found, Redacted):
                self._write(found)
            # without a line for a while: nothing waits, so this is the time to tell
            news = isinstance(found, Redacted) or not self._guarded(self._store.tell)
        self._guarded(self._store.tell)
        self._store.close()

    def _next(self, patience: float | None) -> Redacted[Line] | object | None:
        """The next line; None when none came for a while; `_END` at the end."""
        try:
            return self._queue.get(timeout=patience) or _END
        except queue.Empty:
            return None

    def _write(self, line: Redacted[Line]) -> None:
        if not self._guarded(lambda: self._store.append(line)):
            self.lost += 1

    def _guarded(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except OSError as error:
            if not self._failing:
                self._failing = True
                self._complain(f"the capture cannot be written, requests go on: {error.strerror or error}")
            return False
        self._failing = False
        return True


class Capture:
    """An observer. `judge` says what the configuration makes of a model's name; `told` hears of each redacted line, for
    who shows them as they come. `wanted` says of which tools requests are kept (empty: of all).
    `known` gives the secrets of the configuration as it is now."""

    def __init__(
        self,
        redactor: Redactor,
        writer: CaptureWriter,
        judge: Judge = lambda record: None,
        told: Told = lambda line: None,
        known: Callable[[], frozenset[str]] = frozenset,
        *,
        wanted: frozenset[str] = frozenset(),
        body_limit: int = 64 * 1024 * 1024,
    ) -> None:
        self._redactor = redactor
        self._writer = writer
        self._judge = judge
        self._told = told
        self._known = known
        self._wanted = wanted
        self._body_limit = body_limit

    def opened(self, ask: Ask, request_id: str) -> Listener | None:
        return _Heard(self, ask, keeps=self._redactor.mode is Mode.FULL)

    def done(self, ask: Ask, record: Record, answer: Answer, *, unkept: int = 0) -> None:
        """A request is over. `unkept` is the size of a body that is too large to be kept."""
        if self._wanted and record.tool not in self._wanted:
            return
        self._redactor.know(self._known())
        wire = wire_of(ask, self._body_limit, unkept)
        verdict = self._judge(record)
        line = line_of(self._redactor.for_request(wire), wire, record, answer, verdict)
        self._writer.put(line)
        self._told(line)


def wire_of(ask: Ask, limit: int, unkept: int = 0) -> Wire:
    """The request as a redactor takes it: without its content coding, and without a body that has more than `limit`
    bytes then. `unkept` is the size of a body that was not kept."""
    body = None if unkept else without_coding(ask.body, ask.headers.get("content-encoding", ""), limit)
    return Wire(ask.method, ask.path, ask.query, ask.headers, body, unkept or len(ask.body))


def without_coding(data: bytes, coding: str, limit: int) -> bytes | None:
    """None: it is no such data, or expands to more than `limit` bytes."""
    try:
        return decoded(data, coding, limit)
    except (Undecodable, TooLarge):
        return None


class _Gathered:
    """Bytes as they come, as long as there are not too many of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data: list[bytes] = []
        self.size = 0

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if self.size <= self._limit:
            self._data.append(data)
        else:
            self._data.clear()

    @property
    def data(self) -> bytes | None:
        """None: there were too many."""
        return b"".join(self._data) if self.size <= self._limit else None


class _Heard:
    """Listens to one request."""

    def __init__(self, capture: Capture, ask: Ask, *, keeps: bool) -> None:
        self._capture = capture
        self._ask = ask
        self._body = _Gathered(BODY_LIMIT)
        self._answer = _Gathered(ANSWER_LIMIT if keeps else 0)

    def sent(self, data: bytes) -> None:
        self._body.add(data)

    def said(self, data: bytes) -> None:
        self._answer.add(data)

    def done(self, record: Record) -> None:
        said = self._answer.data
        data = None if said is None else without_coding(said, record.coding, EXPANDED_LIMIT)
        body = self._body.data
        ask = replace(self._ask, body=self._ask.body + body) if body else self._ask
        self._capture.done(
            ask, record, Answer(data, self._answer.size), unkept=0 if body is not None else self._body.size
        )
