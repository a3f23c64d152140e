"""Runs the real AMP, headless; `tests/clients/install amp-1777897475` and the like put it where it is looked for."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from clients import tools

from harness.process import isolated

KEY = "sgamp_user_mine"
DEADLINE = 90.0
# a file in the folder that AMP works in: what it holds shows that somebody has read it
FILE = "notes.txt"
HELD = "mock-file-seen-7"


@dataclass(frozen=True)
class Ran:
    """How AMP ended, and what it showed."""

    code: int
    said: str


def binary(version: str) -> Path:
    """Where AMP of that version is, by the last part of its number."""
    return tools.clients_root() / f"amp-{version}" / "node_modules" / ".bin" / "amp"


def installed(version: str) -> bool:
    return binary(version).exists()


def folder(home: Path) -> Path:
    """Where an AMP of that home works."""
    return home / "work"


def prepared(url: str, home: Path, more: Mapping[str, object] | None = None) -> dict[str, str]:
    """The environment of an AMP with a home of its own, and with `url` for its server; `more` are further settings."""
    settings = home / ".config" / "amp" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    said = {"amp.url": url, "amp.updates.mode": "disabled", "amp.dangerouslyAllowAll": True, **(more or {})}
    settings.write_text(json.dumps(said))
    work = folder(home)
    work.mkdir(exist_ok=True)
    (work / FILE).write_text(f"{HELD}\n")
    # where it puts the pictures that it was painted
    pictures = home / "tmp"
    pictures.mkdir(exist_ok=True)
    base = {**isolated(home), "TMPDIR": str(pictures)}
    path = os.pathsep.join([str(tools.binary("node").parent), base["PATH"]])
    return {**base, "PATH": path, "AMP_URL": url, "AMP_API_KEY": KEY, "AMP_SKIP_UPDATE_CHECK": "1"}


async def run(
    version: str,
    words: Sequence[str],
    url: str,
    home: Path,
    *,
    env: Mapping[str, str] | None = None,
    settings: Mapping[str, object] | None = None,
    deadline: float = DEADLINE,
) -> Ran:
    """AMP with these `words` of its command line and `url` for its server; `env` are further variables, and
    `settings` what it is told besides. Raises TimeoutError when it does not end."""
    if not installed(version):
        pytest.fail(f"AMP {version} is not installed; run tests/clients/install amp-{version}")
    process = await asyncio.create_subprocess_exec(
        str(binary(version)),
        "--dangerously-allow-all",
        *words,
        cwd=folder(home),
        env={**prepared(url, home, settings), **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), deadline)
    finally:
        if process.returncode is None:
            # the session is our child's own: its helpers end with it
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return Ran(process.returncode or 0, said.decode("utf-8", "replace"))
