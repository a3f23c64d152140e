"""Server-sent events, sans-io: bytes in, whole events out.

Source: WHATWG HTML, "Parsing an event stream". Two points where other parsers err: a byte-order mark at the start
is dropped (and the first event kept), and a block without `data` makes no event. Only LF, CR and CRLF end a line:
U+2028, U+2029 and U+0085 inside JSON strings do not.
"""

from dataclasses import dataclass

from addons.core.errors import RemoteDataError

EVENT_LIMIT = 32 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SseEvent:
    """`name` is "" when the block has no `event` field; `data` joins its `data` lines with LF. `offset`: where the
    block began, in bytes from the start of the stream."""

    name: str
    data: bytes
    offset: int = 0


class SseParser:
    """`feed(data)` gives the events that `data` completed; `finish()` the one that lacks its last blank line."""

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self._limit = limit
        self._tail: list[bytes] = []  # an unfinished line, in pieces: joining once keeps huge events linear
        self._tail_size = 0
        self._after_cr = False
        self._start = True
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0
        self._offset = 0  # of the line that is being read
        self._block: int | None = None

    def feed(self, data: bytes) -> list[SseEvent]:
        """Raises `RemoteDataError` when one event grows beyond the limit."""
        if self._start:
            data = self._skip_bom(data)
        if self._after_cr and data:
            self._after_cr = False
            if data[:1] == b"\n":
                self._offset += 1
                data = data[1:]
        events: list[SseEvent] = []
        # bytes, unlike str, split at LF, CR and CRLF only
        for piece in data.splitlines(keepends=True):
            self._piece(piece, events)
        return events

    def finish(self) -> list[SseEvent]:
        """The stream has ended: an event whose blank line is missing still counts."""
        events: list[SseEvent] = []
        if self._tail:
            self._line(self._joined(b""), events)
        self._line(b"", events)
        return events

    def _skip_bom(self, data: bytes) -> bytes:
        data = self._joined(data)
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._tail = [data]
            return b""
        self._start = False
        if data.startswith(_BOM):
            self._offset = len(_BOM)
        return data.removeprefix(_BOM)

    def _joined(self, end: bytes) -> bytes:
        if not self._tail:
            return end
        line = b"".join([*self._tail, end])
        self._tail.clear()
        self._tail_size = 0
        return line

    def _piece(self, piece: bytes, events: list[SseEvent]) -> None:
        line = piece.rstrip(b"\r\n")
        self._after_cr = piece.endswith(b"\r")
        if len(line) == len(piece):
            self._tail.append(line)
            self._tail_size += len(line)
            self._check(self._size + self._tail_size)
            return
        ending = len(piece) - len(line)
        line = self._joined(line)
        self._line(line, events)
        self._offset += len(line) + ending

    def _line(self, line: bytes, events: list[SseEvent]) -> None:
        if not line:
            if self._data:
                name = self._name.decode("utf-8", "replace")
                events.append(SseEvent(name, b"\n".join(self._data), self._block or 0))
            self._name, self._data, self._size, self._block = b"", [], 0, None
            return
        if self._block is None:
            self._block = self._offset
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value) + 1
            self._check(self._size)
        elif field == b"event":
            self._name = value

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise RemoteDataError(f"one event is larger than {self._limit} bytes", self._offset)


def event_bytes(data: bytes, name: str | None = None) -> bytes:
    """One event on the wire; `data` must not contain line ends (compact JSON never does)."""
    if name is None:
        return b"data: " + data + b"\n\n"
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"


def comment_bytes(text: str = "") -> bytes:
    """A keep-alive that every SSE parser ignores."""
    return f": {text}\n\n".encode()
