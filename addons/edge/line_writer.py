"""Lines on their way to a disk: whoever puts one waits for nothing; a thread writes."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable

from addons.edge.appended import Appended

WAITING = 10_000  # lines; a disk that hangs must not fill the memory
CLOSING_SECONDS = 2.0
GATHER_SECONDS = 0.03  # a thread that wakes for every line costs a busy router more than the lines do


class LineWriter:
    """Writes to `file` in a thread of its own, which begins with the first line. `complain` is told of a disk that
    fails, once until it works again; it is called from that thread."""

    def __init__(self, file: Appended, complain: Callable[[str], None], name: str) -> None:
        self._file = file
        self._complain = complain
        self._name = name
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failing = False
        self.lost = 0

    def put(self, line: bytes) -> None:
        """Never waits and never raises; with too many lines waiting, this one is lost."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        if self._queue.qsize() < WAITING:
            self._queue.put(line)
        else:
            self.lost += 1

    def close(self) -> None:
        """Writes what is waiting, as long as the disk takes it. Blocks for a short time at most."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._queue.put(None)
        thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        line = self._queue.get()
        while line is not None:
            time.sleep(GATHER_SECONDS)
            lines, line = self._gathered(line)
            self._write(lines)
            if line is not None:
                line = self._queue.get()
        self._file.close()

    def _gathered(self, first: bytes) -> tuple[list[bytes], bytes | None]:
        """`first` and all that wait behind it; and None instead of a line when that is the end."""
        lines = [first]
        with contextlib.suppress(queue.Empty):
            while (line := self._queue.get_nowait()) is not None:
                lines.append(line)
            return lines, None
        return lines, first

    def _write(self, lines: list[bytes]) -> None:
        try:
            self._file.append(b"".join(lines))
        except OSError as error:
            self.lost += len(lines)
            if not self._failing:
                self._failing = True
                self._complain(f"{self._name} cannot be written, requests go on without it: {error.strerror or error}")
        else:
            self._failing = False
