"""The files of captures, for the commands that delete and export them."""

import json
import os
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from addons.core.har import har
from addons.edge.capture_files import ABOUT, Folder
from addons.edge.capture_store import limits_of, locked, purge, trim
from addons.edge.places import private_file, state_dir
from llr_cli.capture_source import Source

CAPTURES = "captures"


def own_captures() -> list[Folder]:
    """Those in the folder of state."""
    return [Folder(each.parent) for each in sorted((state_dir(os.environ) / CAPTURES).glob(f"*/{ABOUT}"))]


def expired(now: float) -> None:
    """Deletes of own captures what is older than they were made to keep, and captures of which nothing is left: nobody
    may open them again. Raises OSError."""
    state = state_dir(os.environ)
    for folder in own_captures():
        with locked(folder):
            deleted = trim(folder, now - limits_of(folder).age, sys.maxsize)
        if deleted and not folder.segments():
            purge(folder, state)


def purged(folders: Sequence[Folder], older_than: float | None) -> int:
    """Gives how many requests were deleted."""
    state = state_dir(os.environ)
    if older_than is None:
        return sum(purge(folder, state) for folder in folders)
    deleted = 0
    for folder in folders:
        with locked(folder):
            deleted += trim(folder, time.time() - older_than, sys.maxsize)
        if not folder.segments():
            purge(folder, state)
    return deleted


def write_har(source: Source, path: Path) -> int:
    """Gives how many requests were written. Raises OSError."""
    value = har(source.requests(), version("llr"))
    private_file(path, json.dumps(value, indent=2, ensure_ascii=True).encode())
    return len(value["log"]["entries"])
