"""Reads the activity log while routers write to it. Everything here blocks."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from addons.core.activity import Entry, from_line
from addons.edge.appended import rotated


def entries(path: Path, since: float = 0.0) -> Iterator[Entry]:
    """What the log says of requests that came in at `since` or later, the oldest file first. Raises OSError.

    A rotation in the meantime hides nothing: all files are opened before the first one is read."""
    with _opened(path, since) as files:
        for file in files:
            yield from _read(file, since)


def latest(path: Path, since: float, limit: int, fits: Callable[[Entry], bool]) -> list[Entry]:
    """The last `limit` (0: all) of those entries that fit, in their order. Reads no more files than it needs. Raises
    OSError."""
    found: list[Entry] = []
    with _opened(path, since) as files:
        for file in reversed(files):
            fitting = filter(fits, _read(file, since))
            found = [*deque(fitting, limit - len(found) if limit else None), *found]
            if limit and len(found) >= limit:
                break
    return found


def _read(file: BinaryIO, since: float) -> Iterator[Entry]:
    for line in file:
        entry = from_line(line)
        if entry is not None and entry.at >= since:
            yield entry


@contextmanager
def _opened(path: Path, since: float) -> Iterator[list[BinaryIO]]:
    files = _files(path, since)
    try:
        yield files
    finally:
        for file in files:
            file.close()


def _files(path: Path, since: float) -> list[BinaryIO]:
    """The files that may have something, the oldest first. The newest is opened first: a file that is renamed in the
    meantime is met twice rather than missed."""
    files: list[BinaryIO] = []
    seen: set[tuple[int, int]] = set()
    number = 0
    while True:
        try:
            file = (rotated(path, number) if number else path).open("rb")
        except FileNotFoundError:
            if number:
                break
            number += 1  # just renamed, and the new one is not made yet
            continue
        found = os.fstat(file.fileno())
        number += 1
        if (found.st_dev, found.st_ino) in seen:
            file.close()
            continue
        seen.add((found.st_dev, found.st_ino))
        files.append(file)
        if found.st_mtime < since:
            break
    return files[::-1]


class Follower:
    """Gives what is added to the log from now on, across rotations."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path
        self._files: list[_Tail] = []
        self._open(at_end=True)

    def poll(self) -> list[Entry]:
        """What was added since the last call. Raises OSError."""
        # another process may still write its last line into a file that was renamed: that is read once more
        leaving = self._files[:-1]
        self._open(at_end=False)
        found = [entry for tail in self._files for entry in tail.read()]
        for tail in leaving:
            tail.close()
            self._files.remove(tail)
        return found

    def close(self) -> None:
        while self._files:
            self._files.pop().close()

    def _open(self, *, at_end: bool) -> None:
        """Opens what was made since: the newest file, and those between it and the one that was read last."""
        found: list[_Tail] = []
        number = 0
        while True:
            try:
                tail = _Tail((rotated(self._path, number) if number else self._path).open("rb"))
            except FileNotFoundError:
                if number:
                    break
            else:
                known = [each for each in self._files if each.same(tail)]
                if known or any(each.same(tail) for each in found):
                    tail.close()
                    if known:
                        break
                else:
                    found.append(tail)
                if at_end or not self._files:
                    break
            number += 1
        if at_end:
            for tail in found:
                tail.to_end()
        self._files += found[::-1]


class _Tail:
    """One file, read as it grows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rest = b""

    def same(self, other: "_Tail") -> bool:
        return os.path.samestat(os.fstat(self._file.fileno()), os.fstat(other._file.fileno()))

    def to_end(self) -> None:
        self._file.seek(0, os.SEEK_END)

    def read(self) -> list[Entry]:
        """The entries of the whole lines; half a line waits for its other half."""
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        return [entry for line in lines if (entry := from_line(line)) is not None]

    def close(self) -> None:
        self._file.close()
