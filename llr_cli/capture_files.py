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
from addons.edge.capture_store import locked, purge, trim
from addons.edge.places import private_file, state_dir
from llr_cli.capture_run import CAPTURES
from llr_cli.capture_source import Source


def purged(chosen: Sequence[Folder] | None, older_than: float | None) -> int:
    """Deletes; of captures that are not named those in the folder of state. Gives how many requests went."""
    state = state_dir(os.environ)
    folders = _all(state) if chosen is None else chosen
    if older_than is None:
        return sum(purge(folder, state) for folder in folders)
    deleted = 0
    for folder in folders:
        with locked(folder):
            deleted += trim(folder, time.time() - older_than, sys.maxsize)
        if not folder.segments():
            purge(folder, state)
    return deleted


def _all(state: Path) -> list[Folder]:
    return [Folder(each.parent) for each in sorted((state / CAPTURES).glob(f"*/{ABOUT}"))]


def write_har(source: Source, path: Path) -> int:
    """Gives how many requests were written. Raises OSError."""
    value = har(source.requests(), version("llr"))
    private_file(path, json.dumps(value, indent=2, ensure_ascii=True).encode())
    return len(value["log"]["entries"])
