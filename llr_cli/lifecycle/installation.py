"""How this llr was installed, and what brings it up to date: read from what the installers leave behind.

Sources: PEP 610 (`direct_url.json`), PEP 376 (`INSTALLER`), uv's `uv-receipt.toml` and pipx's `pipx_metadata.json` in
the environment of a tool.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "llr"

type Manager = Literal["uv tool", "pipx", "uv pip", "pip", "unknown"]
# checkout: a folder that is run from where it is; folder: one that was built from; repository: git; index: by its name
type Source = Literal["checkout", "folder", "repository", "index"]
type Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """`place` is the folder or the URL that it was installed from; "" for an index."""

    version: str
    summary: str
    manager: Manager
    source: Source
    place: str = ""

    @property
    def described(self) -> str:
        whence = {"index": "", "checkout": " from the checkout", "folder": " from", "repository": " from"}[self.source]
        return f"llr {self.version}, installed by {self.manager}{whence}{f' {self.place}' if self.place else ''}"


def installation(found: Distribution | None = None, prefix: Path | None = None) -> Installation:
    """What is installed here."""
    found = found or distribution(NAME)
    source, place = _source(json.loads(found.read_text("direct_url.json") or "{}"))
    return Installation(
        version=found.version,
        summary=found.metadata["Summary"] or "",
        manager=_manager(prefix or Path(sys.prefix), (found.read_text("INSTALLER") or "").strip()),
        source=source,
        place=place,
    )


def _manager(prefix: Path, installer: str) -> Manager:
    if (prefix / "uv-receipt.toml").is_file():
        return "uv tool"
    if (prefix / "pipx_metadata.json").is_file():
        return "pipx"
    known: Mapping[str, Manager] = {"uv": "uv pip", "pip": "pip"}
    return known.get(installer, "unknown")


def _source(direct: Mapping[str, Any]) -> tuple[Source, str]:
    url = str(direct.get("url", ""))
    if "vcs_info" in direct:
        return "repository", f"{direct['vcs_info'].get('vcs', 'git')}+{url}"
    if "dir_info" in direct:
        place = url2pathname(urlsplit(url).path)
        return ("checkout" if direct["dir_info"].get("editable") else "folder"), place
    return ("folder", url) if url else ("index", "")


def updating(found: Installation, python: str = sys.executable) -> tuple[Command, ...]:
    """The commands that bring it up to date, in their order; none when nobody knows them."""
    steps: list[Command] = []
    if found.source in ("checkout", "folder") and Path(found.place, ".git").exists():
        steps.append(("git", "-C", found.place, "pull", "--ff-only"))
    again = _installing(found, python)
    return (*steps, again) if again else ()


def _installing(found: Installation, python: str) -> Command | None:
    # the tools remember what they were asked for, extras included; a folder's version need not change with its content
    if found.manager == "uv tool":
        return ("uv", "tool", "upgrade", *(() if found.source == "index" else ("--reinstall",)), NAME)
    if found.manager == "pipx":
        return ("pipx", "upgrade", *(() if found.source == "index" else ("--force",)), NAME)
    wanted = ("--editable", found.place) if found.source == "checkout" else (found.place or NAME,)
    if found.manager == "uv pip":
        return ("uv", "pip", "install", "--python", python, "--upgrade", *wanted)
    if found.manager == "pip":
        return (python, "-m", "pip", "install", "--upgrade", *wanted)
    return None


def is_newer(one: str, other: str) -> bool:
    """Whether release `one` comes after release `other`; what is no plain release never does."""
    first, second = _numbers(one), _numbers(other)
    return first is not None and second is not None and first > second


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
