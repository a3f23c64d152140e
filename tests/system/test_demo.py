"""Specification of `llr demo`: it succeeds only if everything that it shows happened."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from llr_cli import demo, demo_providers


def test_it_shows_every_dialect_and_every_attempt(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "llr_cli.main", "demo"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("busy/busy-model:429/rate_limited#1") == 4
    assert done.stdout.count("broken/broken-model:502/network_error#1") == 4
    assert done.stdout.count("Hello from the provider that works.") == 4


async def test_it_fails_when_the_last_provider_is_broken_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(demo_providers._HANDLERS, "works", demo_providers._HANDLERS["broken"])
    assert await asyncio.to_thread(demo.demo) == 1
    assert "not so: the third provider answered" in capsys.readouterr().err
