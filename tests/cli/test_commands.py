"""Specification of the commands that need no running router. Black box: real processes, a HOME of their own."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest


def llr(home: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llr_cli.main", *words],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert llr(tmp_path, "config", "init").returncode == 0
    return tmp_path


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, runpy\nsys.argv = ['llr', '--help']\n"
        "try: runpy.run_module('llr_cli.main', run_name='__main__')\nexcept SystemExit: pass\n"
        "print({'mitmproxy', 'httpx', 'pydantic', 'aiohttp'} & sys.modules.keys())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30).stdout
    assert out.rstrip().endswith("set()") and "start" in out


def test_version() -> None:
    assert llr(Path("/"), "--version").stdout.startswith("llr ")


def test_init_writes_a_private_file_that_validates(home: Path) -> None:
    path = home / ".llm-router.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    done = llr(home, "config", "validate", OPENAI_API_KEY="x", ANTHROPIC_API_KEY="y")
    assert done.returncode == 0 and done.stderr == ""


def test_init_never_overwrites(home: Path) -> None:
    before = (home / ".llm-router.json").read_text()
    done = llr(home, "config", "init")
    assert done.returncode == 1 and "exists" in done.stderr
    assert (home / ".llm-router.json").read_text() == before


def test_validate_without_a_file_says_how_to_make_one(tmp_path: Path) -> None:
    done = llr(tmp_path, "config", "validate")
    assert done.returncode == 1 and "llr config init" in done.stderr and "Traceback" not in done.stderr


def test_validate_masks_keys(home: Path) -> None:
    done = llr(home, "config", "validate", "--json", OPENAI_API_KEY="sk-0123456789abcdef", ANTHROPIC_API_KEY="short")
    keys = [each["key"] for each in json.loads(done.stdout)["providers"]]
    assert keys == ["…cdef", "set"]


def test_validate_tells_problems_as_json(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"providers":[{"id":"p","baseUrl":"x","format":"openai","models":["m"]}]}')
    done = llr(tmp_path, "config", "validate", "--config", str(path), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"][0].startswith("providers[0].baseUrl")


def test_explain_shows_the_engines_decision(home: Path) -> None:
    """Promise 66."""
    words = ("route", "explain", "claude-haiku-4-5-20251001", "--format", "openai", "--json")
    done = llr(home, *words, OPENAI_API_KEY="x", ANTHROPIC_API_KEY="y")
    found = json.loads(done.stdout)
    assert [(each["ref"], each["dialect"]) for each in found["candidates"]] == [
        ("anthropic/claude-haiku-5-5", "claude"),
        ("openai/gpt-5.4-nano", "openai"),
    ]


def test_explain_of_an_unknown_name_lists_the_nearest(home: Path) -> None:
    done = llr(home, "route", "explain", "mian", OPENAI_API_KEY="x", ANTHROPIC_API_KEY="y")
    assert done.returncode == 1 and "main" in done.stderr


def test_a_wrong_format_is_a_usage_error(home: Path) -> None:
    assert llr(home, "route", "explain", "main", "--format", "cobol").returncode == 2
