"""Specification of llr_cli/logs.py: what `llr logs` shows of the activity log."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from addons.core.activity import Entry, as_json, as_line
from addons.core.events import Usage
from addons.core.frames import Frames, Talk
from addons.edge.appended import Appended, Rotation
from harness.process import ROOT, isolated
from llr_cli.main import app

NOW = time.time()
GOOD = Entry(
    "req_good", NOW - 7200, "codex", "openai-responses", "gpt-5.5", "main", "p/m", "openai",
    first_event=0.412, total=2.5, usage=Usage(12_345, 678),
)  # fmt: skip
FAILED = Entry(
    "req_failed", NOW - 30, "claude-code", "claude", "claude-opus-4-8", status=429, error="rate_limited",
    attempts=("p/m:429/rate_limited#1",), skipped=("q/n:cooldown",),
)  # fmt: skip
LOSSY = Entry("req_lossy", NOW - 10, "pi", "claude", "fast", served="q/n", losses=("top_k",), left=True, joined=True)


class Log:
    """The log of a folder of state of its own."""

    def __init__(self, folder: Path) -> None:
        self.env = {"LLM_ROUTER_STATE_DIR": str(folder), "NO_COLOR": "1"}
        self.path = folder / "activity.jsonl"

    def add(self, *found: Entry, size: int = 2**30) -> None:
        file = Appended(self.path, Rotation(size, 50))
        for entry in found:
            file.append(as_line(entry))
        file.close()

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=self.env)

    def ids(self, *words: str) -> list[str]:
        done = self.run("logs", "--json", *words)
        assert done.exit_code == 0, done.output
        return [json.loads(line)["id"].removeprefix("req_") for line in done.stdout.splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "state")


@pytest.fixture
def three(log: Log) -> Log:
    log.add(GOOD, FAILED, LOSSY)
    return log


def test_what_was_passed_on_says_so(log: Log) -> None:
    log.add(Entry("req_1", NOW, "amp", requested="big", status=0, passed_on=True))
    shown = log.run("logs").stdout
    assert "big → its own server" in shown


def test_what_asks_no_model_is_known_by_its_path(log: Log) -> None:
    talk = Talk(Frames(3, 2, 10), Frames(9, 8, 90))
    log.add(Entry("req_1", NOW, "amp", status=101, passed_on=True, path="/actors/gateway", talk=talk))
    shown = log.run("logs").stdout
    assert "/actors/gateway → its own server" in shown and "2 messages sent, 8 received" in shown


def test_an_empty_log_says_so_and_where_it_would_be(log: Log) -> None:
    done = log.run("logs")
    assert done.exit_code == 0 and "empty" in done.stdout and str(log.path) in done.stdout


def test_nothing_that_fits_is_no_empty_log(three: Log) -> None:
    assert "No request" in three.run("logs", "--tool", "amp").stdout


def test_a_row_has_what_people_ask_for(three: Log) -> None:
    row = next(line for line in three.run("logs").stdout.splitlines() if "codex" in line)
    for words in ("gpt-5.5 → p/m", "200", "412 ms", "2.5 s", "12.3k", "678"):
        assert words in row


def test_what_is_not_as_usual_is_told(three: Log) -> None:
    shown = three.run("logs").stdout
    for words in ("nobody", "rate_limited", "failed: p/m:429/rate_limited#1", "skipped: q/n:cooldown"):
        assert words in shown
    for words in ("the client left", "joined an equal request", "lost: top_k"):
        assert words in shown


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["good", "failed", "lossy"]),
        (("--failed",), ["failed"]),
        (("--tool", "claude"), ["failed"]),
        (("--model", "gpt*"), ["good"]),
        (("--model", "q/n"), ["lossy"]),
        (("--since", "1h"), ["failed", "lossy"]),
        (("--limit", "1"), ["lossy"]),
        (("--limit", "0"), ["good", "failed", "lossy"]),
        (("--failed", "--limit", "1"), ["failed"]),
    ],
)
def test_options_choose(three: Log, words: tuple[str, ...], found: list[str]) -> None:
    assert three.ids(*words) == found


def test_json_is_what_the_file_says(three: Log) -> None:
    line = three.run("logs", "--json", "--limit", "1").stdout
    assert json.loads(line) == as_json(LOSSY)


def test_every_member_of_a_line_is_explained(three: Log) -> None:
    explained = [line.split()[0] for line in three.run("logs", "--fields").stdout.splitlines() if line.strip()]
    line = json.loads(three.run("logs", "--json", "--limit", "1").stdout)
    assert set(line) <= set(explained)


def test_json_of_an_empty_log_is_nothing(log: Log) -> None:
    assert log.run("logs", "--json").stdout == ""


def test_the_last_ones_are_found_across_rotations(log: Log) -> None:
    log.add(*(Entry(f"req_{n}", NOW - 20 + n) for n in range(20)), size=900)
    assert len(list(log.path.parent.glob("activity.jsonl.*"))) > 3
    assert log.ids("--limit", "12") == [str(n) for n in range(8, 20)]


def test_a_wrong_span_is_a_usage_error_with_an_example(log: Log) -> None:
    done = log.run("logs", "--since", "yesterday")
    assert done.exit_code == 2 and "1h30m" in done.output


def test_a_log_that_cannot_be_read_is_an_error_without_a_traceback(log: Log) -> None:
    log.path.mkdir(parents=True)
    done = log.run("logs")
    assert done.exit_code == 1 and "cannot be read" in done.stderr and isinstance(done.exception, SystemExit)


class Following:
    """`llr logs -f` in a process of its own."""

    def __init__(self, log: Log, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "llr_cli.main", "logs", "-f", *words],
            env={**isolated(log.path.parent), **log.env, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def __enter__(self) -> "Following":
        return self

    def __exit__(self, *_: Any) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)


def test_following_shows_what_comes_across_rotations(log: Log) -> None:
    log.add(GOOD)
    with Following(log, "--json") as following:
        assert json.loads(following.line())["id"] == "req_good"
        for n in range(30):
            log.add(Entry(f"req_{n}", NOW), size=900)
        assert [json.loads(following.line())["id"] for _ in range(30)] == [f"req_{n}" for n in range(30)]
        following.process.send_signal(signal.SIGINT)
        assert following.process.wait(10) == os.EX_OK


def test_following_chooses_too(log: Log) -> None:
    log.add(GOOD)
    with Following(log, "--tool", "codex") as following:
        assert "gpt-5.5 → p/m" in following.line()
        log.add(LOSSY, Entry("req_2", NOW, "codex", requested="next"))
        assert "next → nobody" in following.line()
