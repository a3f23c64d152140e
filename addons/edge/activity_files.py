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
    """The files that may have something, the oldest first."""
    files: list[BinaryIO] = []
    for file in _newest_first(path):
        if any(_same(file, each) for each in files):
            file.close()
            continue
        files.append(file)
        if os.fstat(file.fileno()).st_mtime < since:
            break
    return files[::-1]


def _newest_first(path: Path) -> Iterator[BinaryIO]:
    """Opens the files, the newest first: one that is renamed in the meantime is met twice rather than missed. While
    they are renamed, a number in the middle has no file for a moment."""
    for number in range(_highest(path) + 2):
        try:
            file = (rotated(path, number) if number else path).open("rb")
        except FileNotFoundError:
            continue
        yield file


def _highest(path: Path) -> int:
    """The highest number of a renamed file."""
    endings = [each.name.removeprefix(f"{path.name}.") for each in path.parent.glob(f"{path.name}.*")]
    return max((int(each) for each in endings if each.isdecimal()), default=0)


def _same(one: BinaryIO, other: BinaryIO) -> bool:
    return os.path.samestat(os.fstat(one.fileno()), os.fstat(other.fileno()))


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
        for file in _newest_first(self._path):
            if any(_same(file, each.file) for each in self._files):
                file.close()
                break
            if any(_same(file, each.file) for each in found):
                file.close()
                continue
            found.append(_Tail(file))
            if at_end:
                file.seek(0, os.SEEK_END)
                break
        self._files += found[::-1]


class _Tail:
    """One file, read as it grows."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._rest = b""

    def read(self) -> list[Entry]:
        """The entries of the whole lines; half a line waits for its other half."""
        *lines, self._rest = (self._rest + self.file.read()).split(b"\n")
        return [entry for line in lines if (entry := from_line(line)) is not None]

    def close(self) -> None:
        self.file.close()
