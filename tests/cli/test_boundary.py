"""Specification of llr_cli/boundary.py and of the whole command line: 0, 1 and 2, and never a traceback for a person's
mistake. Black box."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.llr import Home
from harness.process import ROOT

HEAVY = {"mitmproxy", "httpx", "pydantic", "aiohttp", "rich", "cryptography", "sqlite3", "asyncio"}
START_RATIO = 12
ROUNDS = 7


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as found:
        yield found


# what a person may get wrong: words, and what the file that they name holds (None: it is not there, "dir": a folder)
MISTAKES = [
    (("config", "validate", "--config", "FILE"), None),
    (("config", "validate", "--config", "FILE"), "dir"),
    (("config", "validate", "--config", "FILE"), "{"),
    (("config", "validate", "--config", "FILE"), "[1]"),
    (("config", "validate", "--config", "FILE"), "\udcff"),
    (("config", "validate", "--config", "FILE"), "[" * 20_000),
    (("route", "explain", "m", "--config", "FILE"), "{"),
    (("start", "--config", "FILE"), "dir"),
    (("start", "--detach", "--config", "FILE"), "{"),
    (("start", "--host", "no.such.host.invalid", "--config", "FILE"), "good"),
    (("tools", "on", "codex", "--config", "FILE"), "{"),
    (("certs", "show"), None),
    (("reload",), None),
    (("restart",), None),
    (("status",), None),
    (("debug", "headers", "FILE"), None),
    (("debug", "headers", "FILE"), "dir"),
    (("debug", "request", "FILE", "--path", "/v1/messages"), "{"),
    (("capture", "report", "FILE"), None),
    (("replay", "FILE"), None),
    (("mock", "FILE"), None),
    (("doctor", "--offline", "--config", "FILE"), "{"),
    (("startup", "install", "--config", "FILE"), "{"),
]


@pytest.mark.parametrize(("words", "content"), MISTAKES, ids=lambda value: str(value)[:60])
def test_what_cannot_be_done_is_told_in_words(home: Home, words: tuple[str, ...], content: str | None) -> None:
    file = home.folder / "file"
    if content == "dir":
        file.mkdir()
    elif content == "good":
        shutil.copy(home.config, file)
    elif content is not None:
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
    done = home.llr(*(str(file) if word == "FILE" else word for word in words))
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    assert done.stderr.strip() or done.stdout.strip()


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("start", "--port", "x"),
        ("stop", "--port", "1", "--all"),
        ("status", "--interval", "0"),
        ("reclaim", "--port", "0"),
        ("ai-help", "--live-test-timeout-ms", "1"),
        ("doctor", "stray"),
        ("startup", "nothing"),
    ],
)
def test_a_mistake_of_usage_is_2(home: Home, words: tuple[str, ...]) -> None:
    done = home.llr(*words)
    assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr


def test_a_home_that_cannot_be_written_is_told(home: Home) -> None:
    done = home.llr("config", "init", HOME="/proc/nowhere", XDG_STATE_HOME="/proc/nowhere")
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_traceback(home: Home) -> None:
    command = [*home.command("logs", "--fields")]
    process = subprocess.Popen(command, env=home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(30)
    assert b"Traceback" not in said


def test_the_version_is_that_of_the_package(home: Home) -> None:
    done = home.llr("--version")
    assert done.returncode == 0 and done.stdout.split() == ["llr", "0.1.0"]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import runpy, sys; sys.argv = ['llr', '--help']\n"
        "try: runpy.run_module('llr_cli.main', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"sys.stderr.write(str({HEAVY!r} & sys.modules.keys()))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "set()" and "doctor" in done.stdout


def test_help_is_there_at_once(home: Home) -> None:
    """By the time of the processor, which other tests beside this one do not change much: with 12 times a bare Python
    it is there within 300 ms on any machine where that takes 25."""

    def seconds(*command: str) -> float:
        process = os.posix_spawn(
            command[0], command, home.env, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)]
        )
        _, status, used = os.wait4(process, 0)
        assert status == 0
        return used.ru_utime + used.ru_stime

    bare = min(seconds(sys.executable, "-c", "pass") for _ in range(ROUNDS))
    ours = min(seconds(*home.command("--help")) for _ in range(ROUNDS))
    assert ours / bare < START_RATIO, f"{ours:.3f} s, and a bare Python {bare:.3f} s"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("llr", "sta"), {"start", "startup", "stats", "status"}),
        (("llr", "startup", "un"), {"uninstall"}),
        (("llr", "doctor", "--off"), {"--offline"}),
    ],
)
def test_a_shell_completes_commands_and_options(home: Home, typed: tuple[str, ...], expected: set[str]) -> None:
    script = Path(sys.executable).with_name("llr")
    env = {**home.env, "PATH": f"{script.parent}:/usr/bin:/bin"}
    told = subprocess.run(
        [str(script), "--show-completion", "bash"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert told.returncode == 0, told.stderr
    words = " ".join(typed)
    asked = f"COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _llr_completion llr"
    shell = f"{told.stdout}\n{asked}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", shell], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert expected <= set(done.stdout.split()), done.stderr


def test_json_is_json_also_when_something_is_wrong(home: Home) -> None:
    home.config.write_text("{")
    done = home.llr("doctor", "--offline", "--json", "--config", str(home.config))
    assert done.returncode == 1 and json.loads(done.stdout)["ok"] is False
