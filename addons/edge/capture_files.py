"""The files of a capture's folder, for who reads them. Everything here blocks.

`requests.jsonl` and, older, `requests.jsonl.1` and so on hold the lines; `parts/` what they name; `capture.json` says
whose folder it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addons.core import jsonio
from addons.core.capture_line import from_line, named_parts, whole

REQUESTS = "requests.jsonl"
PARTS_DIR = "parts"
ABOUT = "capture.json"
MODELS = "observed-models.json"
SUMMARY = "summary.json"
_SEGMENT = re.compile(rf"{re.escape(REQUESTS)}\.(\d+)")
_PART = re.compile(r"[0-9a-f]{32}")


class NoCapture(Exception):
    """The folder or file holds no capture; the text says why."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A capture's folder."""

    path: Path

    @property
    def about(self) -> Path:
        return self.path / ABOUT

    def segments(self) -> list[Path]:
        """The files of lines, the oldest first."""
        numbered = [(int(match[1]), each) for each in self.path.glob(f"{REQUESTS}.*") if (match := _match(each))]
        current = self.path / REQUESTS
        return [each for _, each in sorted(numbered, reverse=True)] + ([current] if current.exists() else [])

    def part(self, name: str) -> Path:
        return self.path / PARTS_DIR / name[:2] / name

    def parts(self) -> Iterator[Path]:
        yield from (each for each in (self.path / PARTS_DIR).glob("??/*") if _PART.fullmatch(each.name))

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines as they stand in the files. Raises OSError."""
        for segment in self.segments():
            yield from lines_of(segment)

    def requests(self) -> Iterator[dict[str, Any]]:
        """The lines with their parts. Raises OSError."""
        kept: dict[str, Any] = {}
        for value in self.lines():
            for name in named_parts(value):
                if name not in kept:
                    kept[name] = self._read_part(name)
            yield whole(value, kept)

    def _read_part(self, name: str) -> Any:
        if not _PART.fullmatch(name):
            return None
        try:
            return jsonio.loads(self.part(name).read_bytes())
        except (FileNotFoundError, ValueError):
            return None


def captured(path: Path) -> Folder:
    """The capture at `path`: its folder, or one of its files. Raises NoCapture."""
    folder = Folder(path if path.is_dir() else path.parent)
    if not path.exists():
        raise NoCapture(f"{path} does not exist")
    if not folder.about.exists():
        raise NoCapture(f"{path} holds no capture: there is no {ABOUT}")
    return folder


def _match(path: Path) -> re.Match[str] | None:
    return _SEGMENT.fullmatch(path.name)


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of one file; what is none is passed over. Raises OSError."""
    with path.open("rb") as file:
        for line in file:
            value = from_line(line)
            if value is not None:
                yield value
