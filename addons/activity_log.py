"""Writes every request that was for a model into the activity log, one line each.

No request waits for the disk: lines go through a queue to a thread. What is put into the queue is what
`addons.core.activity` lets through, and nothing else (promise 45).
"""

from collections.abc import Callable
from pathlib import Path

from addons.core.activity import as_line, entry_of
from addons.core.http import Ask
from addons.edge.appended import Appended, Rotation
from addons.edge.line_writer import LineWriter
from addons.observed import Listener, Record

FILE = "activity.jsonl"


class ActivityLog:
    """An observer. `wanted` says whether requests are logged now: a reload may change it."""

    def __init__(
        self, folder: Path, rotation: Rotation, wanted: Callable[[], bool], complain: Callable[[str], None]
    ) -> None:
        """`folder` is made when the first line is written."""
        self._writer = LineWriter(Appended(folder / FILE, rotation), complain, "the activity log")
        self._listener = _Entries(self._writer)
        self._wanted = wanted

    def opened(self, ask: Ask, request_id: str) -> Listener | None:
        return self._listener if self._wanted() else None

    def close(self) -> None:
        """Writes what is waiting. Blocks for a short time."""
        self._writer.close()


class _Entries:
    """One for all requests: it keeps nothing of any."""

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer

    def sent(self, data: bytes) -> None:
        """Of no interest."""

    def said(self, data: bytes) -> None:
        """Of no interest."""

    def done(self, record: Record) -> None:
        self._writer.put(as_line(entry_of(record)))
