"""Specification of addons/capture.py: requests are redacted, queued and written, in this order."""

import gzip
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addons import capture
from addons.capture import Capture, CaptureWriter
from addons.core.capture_line import Line, Verdict
from addons.core.http import Ask
from addons.core.plan_secrets import secrets_of
from addons.core.redact import Mode, Redacted, Redactor
from addons.edge.capture_store import CaptureStore, Limits
from harness.asks import CLAUDE, ask
from harness.engine import read
from harness.routed import Routed, failing, good, routed

KEY = b"k" * 32


class Listed:
    """A store in memory."""

    def __init__(self) -> None:
        self.lines: list[Redacted[Line]] = []
        self.told = 0
        self.closed = False
        self.failing = False
        self.gate = threading.Event()
        self.gate.set()

    def append(self, line: Redacted[Line]) -> None:
        self.gate.wait(10)
        if self.failing:
            raise OSError(28, "no space left")
        self.lines.append(line)

    def tell(self) -> None:
        self.told += 1

    def close(self) -> None:
        self.closed = True


class Capturing:
    """A router whose requests are captured into memory."""

    def __init__(self, router: Routed, mode: Mode = Mode.SIGNATURE, **more: Any) -> None:
        self.router, self.store, self.complaints = router, Listed(), list[str]()
        self.writer = CaptureWriter(self.store, self.complaints.append)
        self.capture = Capture(Redactor(mode, KEY), self.writer, **more)
        router.exchange._observers = (self.capture,)

    def lines(self) -> list[dict[str, Any]]:
        self.writer.close()
        return [json.loads(json.dumps(dict(line.value.value))) for line in self.store.lines]

    def written(self) -> str:
        self.writer.close()
        return "".join(repr((line.value.value, line.value.parts)) for line in self.store.lines)


def capturing(*names: str, **more: Any) -> Capturing:
    own = {name: more.pop(name) for name in ("mode", "judge", "told", "known", "wanted") if name in more}
    return Capturing(routed(*names, **more), **own)


async def test_a_request_is_a_line() -> None:
    found = capturing("a")
    await found.router.done(user_agent="claude-cli/2.0.1", x_amp_mode="smart")
    (line,) = found.lines()
    assert (line["tool"], line["requested"], line["mode"], line["stream"]) == ("claude-code", "all", "signature", True)
    assert line["routed"]["served"] == "a/m" and line["response"]["status"] == 200
    assert line["response"]["tokens"] == {"in": 7, "out": 3, "cached": None, "written": None, "reasoning": None}
    assert line["context"] == {
        "mode": "smart", "feature": "", "forced": "", "agent": "claude-cli/2.0.1", "entity": "smart"
    }  # fmt: skip


async def test_a_failure_says_who_was_tried() -> None:
    found = capturing("a", "b", scripts={"a": [failing(503)], "b": [failing(503)]})
    await found.router.done()
    (line,) = found.lines()
    assert line["response"]["error"] and len(line["routed"]["attempts"]) == 2


async def test_nothing_that_was_said_is_in_a_signature() -> None:
    """Promise 45."""
    found = capturing("a", scripts={"a": [good("canary-answer")]})
    request = ask(CLAUDE, "all", headers={"x-api-key": "canary-key", "x-own": "canary-header"})
    body = request.body.replace(b'"hi"', b'"canary-question"')
    await read(await found.router.send(Ask("POST", request.path, "key=canary-query", request.headers, body)))
    assert "canary" not in found.written() and "[REDACTED" in found.written()


async def test_a_full_capture_keeps_both_sides() -> None:
    found = capturing("a", mode=Mode.FULL, scripts={"a": [good("Hello there")]})
    await found.router.done(authorization="Bearer canary-key-of-a-client")
    assert "Hello there" in found.written() and '\'content": "hi' not in found.written()
    assert "canary" not in found.written()


async def test_the_keys_of_the_configuration_are_removed_from_texts() -> None:
    found = capturing("a", mode=Mode.FULL)
    plan = found.router.exchange.plan
    found.router.exchange.plan = replace(plan, master_key="the canary of the master")
    found.capture._known = lambda: secrets_of(found.router.exchange.plan)
    request = ask(CLAUDE, "all")
    body = request.body.replace(b'"hi"', b'"say the canary of the master"')
    await read(await found.router.send(replace(request, body=body)))
    assert "canary" not in found.written()


async def test_a_compressed_body_is_read() -> None:
    found = capturing("a")
    request = ask(CLAUDE, "all", headers={"content-encoding": "gzip"})
    await read(await found.router.send(replace(request, body=gzip.compress(request.body))))
    (line,) = found.lines()
    assert line["request"]["body"]["model"] == "all"


async def test_a_body_that_cannot_be_read_is_a_line_all_the_same() -> None:
    found = capturing("a")
    request = ask(CLAUDE, "all", headers={"content-encoding": "gzip"})
    await found.router.send(request)
    (line,) = found.lines()
    assert line["request"]["body"] is None and line["response"]["status"] == 400


async def test_what_the_configuration_makes_of_a_name_is_kept() -> None:
    found = capturing("a", judge=lambda record: Verdict(True, "alias", record.requested, ("a/m",)))
    await found.router.done()
    assert found.lines()[0]["verdict"] == {"known": True, "kind": "alias", "ref": "all", "targets": ["a/m"]}


async def test_requests_of_other_tools_are_left_out() -> None:
    found = capturing("a", wanted=frozenset({"codex"}), scripts={"a": [good(), good()]})
    await found.router.done(user_agent="claude-cli/2.0.1")
    await found.router.done(user_agent="codex_exec/0.169.0")
    assert [line["tool"] for line in found.lines()] == ["codex"]


async def test_who_watches_hears_of_redacted_lines_alone() -> None:
    heard: list[Redacted[Line]] = []
    found = capturing("a", told=heard.append)
    await found.router.done()
    assert [type(each) for each in heard] == [Redacted]


async def test_a_disk_that_hangs_stops_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "WAITING", 2)
    found = capturing("a", scripts={"a": [good()] * 6})
    found.store.gate.clear()
    for _ in range(6):
        assert await found.router.done() == 200
    found.store.gate.set()
    lost = found.writer.lost
    assert lost >= 3 and len(found.lines()) == 6 - lost


async def test_a_disk_that_fails_is_told_once() -> None:
    found = capturing("a", scripts={"a": [good()] * 3})
    found.store.failing = True
    for _ in range(3):
        await found.router.done()
    assert found.lines() == [] and found.writer.lost == 3
    assert len(found.complaints) == 1 and "no space left" in found.complaints[0]


async def test_the_end_writes_what_is_waiting() -> None:
    found = capturing("a", scripts={"a": [good()] * 3})
    for _ in range(3):
        await found.router.done()
    assert len(found.lines()) == 3 and found.store.closed and found.store.told >= 1


async def test_an_answer_that_is_too_long_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "ANSWER_LIMIT", 10)
    found = capturing("a", mode=Mode.FULL)
    await found.router.done()
    (line,) = found.lines()
    assert line["response"]["body"] is None and line["response"]["bytes"] > 10


async def test_the_counts_on_disk_are_those_of_the_requests(tmp_path: Path) -> None:
    router = routed("a", scripts={"a": [good()] * 3})
    store = CaptureStore(tmp_path / "c", tmp_path / "s", Limits(), lambda: router.now)
    writer = CaptureWriter(store, pytest.fail)
    router.exchange._observers = (Capture(Redactor(Mode.SIGNATURE, store.key), writer),)
    for _ in range(3):
        await router.done()
    writer.close()
    assert json.loads((tmp_path / "c/summary.json").read_text())["requests"] == 3
