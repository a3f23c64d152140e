"""The store of a capture: a folder for its owner alone, that takes nothing but what a Redactor made (promise 45).

Everything here blocks, and is for one thread. The key of the hashes lies in the folder of state and not in the
capture: who is given a capture cannot look up what its hashes stand for.
"""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from addons.core import jsonio
from addons.core.capture_line import Line, at_of, named_parts
from addons.core.capture_summary import Summary
from addons.core.redact import Redacted
from addons.edge.appended import Appended, Rotation
from addons.edge.capture_files import ABOUT, MODELS, PARTS_DIR, REQUESTS, SUMMARY, Folder, lines_of
from addons.edge.places import private_dir, private_file

KEYS_DIR = "capture-keys"
LOCK = ".lock"
SEGMENT_BYTES = 4 * 1024 * 1024
SEGMENTS = 500
# what is written between two looks at the limits, as a share of the size that is allowed
LOOK_SHARE = 0.1
LOOK_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is kept: seconds, and bytes in all."""

    age: float = 7 * 86_400.0
    size: int = 256 * 1024 * 1024


class CaptureStore:
    """A folder that is written to. `now` gives Unix seconds."""

    def __init__(self, path: Path, state: Path, limits: Limits, now: Callable[[], float]) -> None:
        """Makes the folder when it is missing; `state` is the folder of state. Raises OSError."""
        self.folder = Folder(path)
        self._limits = limits
        self._now = now
        private_dir(path)
        private_dir(path / PARTS_DIR)
        self.key = _key(_id_of(self.folder, limits), state)
        segment = max(min(SEGMENT_BYTES, limits.size // 8), 1)
        self._file = Appended(path / REQUESTS, Rotation(segment, SEGMENTS))
        self._written = 0
        self._looked = now()
        self.summary = Summary()
        self.enforce()

    def append(self, line: Redacted[Line]) -> None:
        """Keeps a line and its parts. Raises OSError, and TypeError for what no Redactor has made."""
        if not isinstance(line, Redacted):
            raise TypeError("a capture keeps redacted values only")
        data = jsonio.dumps(line.value.value) + b"\n"
        with locked(self.folder):
            for name, text in line.value.parts.items():
                self._keep(name, text)
            self._file.append(data)
        self._written += len(data)
        self.summary.add(line.value.value)
        now = self._now()
        if self._written > self._limits.size * LOOK_SHARE or now - self._looked > LOOK_SECONDS:
            self.enforce()

    def _keep(self, name: str, text: bytes) -> None:
        path = self.folder.part(name)
        if not path.exists():
            private_dir(path.parent)
            private_file(path, text)
            self._written += len(text)

    def tell(self) -> None:
        """Brings `summary.json` and `observed-models.json` up to date. Raises OSError."""
        _write(self.folder.path / SUMMARY, self.summary.as_json())
        _write(self.folder.path / MODELS, self.summary.models_as_json())

    def enforce(self) -> None:
        """Deletes what is too old or too much, and counts what is left. Raises OSError."""
        self._written, self._looked = 0, self._now()
        self._file.close()
        with locked(self.folder):
            trim(self.folder, self._looked - self._limits.age, self._limits.size)
        self.summary = summed(self.folder)

    def close(self) -> None:
        self._file.close()


@contextmanager
def locked(folder: Folder) -> Iterator[None]:
    """Alone with the folder: between a part and the line that names it nobody sweeps. Raises OSError."""
    file = os.open(folder.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


class Lines(Protocol):
    """What can be counted."""

    def lines(self) -> Iterator[dict[str, Any]]: ...


def summed(found: Lines) -> Summary:
    """The counts of what is there."""
    summary = Summary()
    for value in found.lines():
        summary.add(value)
    return summary


def trim(folder: Folder, since: float, size: int) -> int:
    """Deletes the requests from before `since` (Unix seconds) and the oldest ones until all takes at most `size` bytes;
    with them what nothing names any more. Gives how many were deleted. Raises OSError."""
    deleted = 0
    for segment in folder.segments():
        deleted += _trim_lines(segment, since)
    _sweep(folder)
    while _size(folder) > size and (segments := folder.segments()):
        deleted += _shorten(segments[0], alone=len(segments) == 1)
        _sweep(folder)
    return deleted


def purge(folder: Folder, state: Path) -> int:
    """Deletes the whole capture, and the key of its hashes; other files in the folder stay. Gives how many requests it
    had. Raises OSError."""
    deleted = trim(folder, float("inf"), 0)
    name = _read_id(folder)
    if name:
        (state / KEYS_DIR / name).unlink(missing_ok=True)
    for each in (SUMMARY, MODELS, ABOUT, f"{REQUESTS}.lock", LOCK):
        (folder.path / each).unlink(missing_ok=True)
    for each_dir in (*folder.path.glob(f"{PARTS_DIR}/*"), folder.path / PARTS_DIR, folder.path):
        if each_dir.is_dir() and not any(each_dir.iterdir()):
            each_dir.rmdir()
    return deleted


def _trim_lines(segment: Path, since: float) -> int:
    values = list(lines_of(segment))
    young = [value for value in values if at_of(value) >= since]
    if len(young) < len(values):
        _rewrite(segment, young)
    return len(values) - len(young)


def _shorten(segment: Path, *, alone: bool) -> int:
    """Deletes a whole file of lines; of the only one the older half."""
    values = list(lines_of(segment))
    kept = values[(len(values) + 1) // 2 :] if alone else []
    _rewrite(segment, kept)
    return len(values) - len(kept)


def _rewrite(segment: Path, values: list[dict[str, Any]]) -> None:
    if values:
        private_file(segment, b"".join(jsonio.dumps(value) + b"\n" for value in values))
    else:
        segment.unlink(missing_ok=True)


def _sweep(folder: Folder) -> None:
    """Deletes the parts that no line names."""
    named = {name for value in folder.lines() for name in named_parts(value)}
    for part in folder.parts():
        if part.name not in named:
            part.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others are in it
                part.parent.rmdir()


def _size(folder: Folder) -> int:
    return sum(each.stat().st_size for each in (*folder.segments(), *folder.parts()))


def _write(path: Path, value: Any) -> None:
    private_file(path, json.dumps(value, indent=2).encode() + b"\n")


def _id_of(folder: Folder, limits: Limits) -> str:
    """The folder's own name for itself, which is made when there is none; `limits` are written beside it."""
    found = _read_id(folder) or secrets.token_hex(16)
    _write(folder.about, {"v": 1, "id": found, "maxAge": limits.age, "maxSize": limits.size})
    return found


def _read_id(folder: Folder) -> str:
    found = _about(folder).get("id")
    return found if isinstance(found, str) and found.isalnum() else ""


def limits_of(folder: Folder) -> Limits:
    """What the capture was made to keep."""
    about, usual = _about(folder), Limits()
    age, size = about.get("maxAge"), about.get("maxSize")
    return Limits(
        float(age) if isinstance(age, int | float) else usual.age, size if isinstance(size, int) else usual.size
    )


def _about(folder: Folder) -> dict[str, Any]:
    try:
        value = jsonio.loads(folder.about.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _key(name: str, state: Path) -> bytes:
    private_dir(state)
    path = private_dir(state / KEYS_DIR) / name
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        found = path.read_bytes()
        if len(found) == 32:
            return found
        path.unlink()
        return _key(name, state)
    with os.fdopen(file, "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        made = secrets.token_bytes(32)
        opened.write(made)
    return made
