"""A file of lines that several processes append to, rotated by size. Everything here blocks, and is for one thread.

A line is written by one `write` in append mode, so lines of different processes never mix. Who finds the file too
large renames it under a lock; everybody looks before each line whether the name still leads to the open file.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from addons.edge.places import new_dir, private_dir


@dataclass(frozen=True, slots=True)
class Rotation:
    """A file that has reached `size` bytes is renamed; of renamed ones `keep` stay."""

    size: int
    keep: int


def rotated(path: Path, number: int) -> Path:
    """The name of the file that was renamed `number` rotations ago."""
    return path.with_name(f"{path.name}.{number}")


class Appended:
    """The file at `path`; it and its folder, unless that is not `ours`, are for their owner alone (promise 46)."""

    def __init__(self, path: Path, rotation: Rotation, *, ours: bool = True) -> None:
        self._path = path
        self._ours = ours
        self._rotation = rotation
        self._file: int | None = None
        self._torn = False

    def append(self, line: bytes) -> None:
        """Writes `line`, whose end is part of it. Raises OSError; the file is opened anew the next time."""
        try:
            file = self._current()
            # what a full disk has cut is ended first: it must not swallow this line
            data = b"\n" + line if self._torn else line
            written = os.write(file, data)
            self._torn = written < len(data)
            if self._torn:
                raise OSError(None, "the disk took only a part of a line")
            if os.fstat(file).st_size >= self._rotation.size:
                self._rotate(file)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _current(self) -> int:
        """The open file that the name leads to."""
        if self._file is not None and not _same(self._file, self._path):
            self.close()
        if self._file is None:
            (private_dir if self._ours else new_dir)(self._path.parent)
            self._file = _opened(self._path)
        return self._file

    def _rotate(self, file: int) -> None:
        with _locked(self._path.with_name(f"{self._path.name}.lock")):
            if _same(file, self._path):  # else another process was quicker
                _shift(self._path, self._rotation.keep)
        self.close()


def _shift(path: Path, keep: int) -> None:
    # more than one may be there from the time of another `keep`
    number = max(keep, 1)
    while rotated(path, number).exists():
        rotated(path, number).unlink()
        number += 1
    for number in range(keep - 1, 0, -1):
        if rotated(path, number).exists():
            rotated(path, number).replace(rotated(path, number + 1))
    if keep:
        path.replace(rotated(path, 1))
    else:
        path.unlink()


def _opened(path: Path) -> int:
    """Never through a link, nor anything but a file: the folder may be one that others can write to."""
    # not blocking: of a pipe, opening would wait for a reader
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(None, "it is not a regular file")
        if found.st_mode & 0o077:
            os.fchmod(file, 0o600)
    except OSError:
        os.close(file)
        raise
    return file


def _same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
