"""Specification of addons/activity_log.py: requests become lines of a file, and wait for none."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from addons.activity_log import FILE, ActivityLog
from addons.core.activity import Entry
from addons.edge import appended, line_writer
from addons.edge.activity_files import entries
from addons.edge.appended import Rotation
from harness.asks import CLAUDE, ask
from harness.engine import read
from harness.memory import RESET, Scripted
from harness.routed import Routed, failing, good, routed, running


class Logged:
    """A router whose requests are logged below `folder`."""

    def __init__(self, folder: Path, router: Routed) -> None:
        self.folder = folder
        self.router = router
        self.wanted = True
        self.complaints: list[str] = []
        self.log = ActivityLog(folder, Rotation(2**20, 1), lambda: self.wanted, self.complaints.append)
        router.exchange._observers = (self.log,)

    def lines(self) -> list[Entry]:
        self.log.close()
        return list(entries(self.folder / FILE))


def logged(folder: Path, *names: str, **more: Any) -> Logged:
    return Logged(folder, routed(*names, **more))


async def test_a_streamed_answer_is_a_line(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a")
    await logs.router.done(user_agent="claude-cli/2.0.1")
    (entry,) = logs.lines()
    assert (entry.tool, entry.client, entry.provider) == ("claude-code", "openai", "openai")
    assert (entry.requested, entry.served, entry.status, entry.stream) == ("all", "a/m", 200, True)
    assert (entry.usage.input, entry.usage.output, entry.failed) == (7, 3, False)


async def test_a_fallback_shows_whom_it_was_from(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a", "b", scripts={"a": [failing(503)], "b": [good()]})
    await logs.router.done()
    (entry,) = logs.lines()
    assert entry.fell_back and entry.served == "b/m" and entry.attempts[0].startswith("a/m:503/")


async def test_a_refusal_is_a_line_with_its_class_alone(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a", scripts={"a": [failing(401)]})
    await logs.router.done()
    assert [(each.status, each.error, each.served) for each in logs.lines()] == [(401, "auth_failed", "")]
    assert b"error" not in (tmp_path / FILE).read_bytes().replace(b'"error":"auth_failed"', b"")


async def test_an_answer_that_breaks_is_a_failure(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a", scripts={"a": [Scripted((*good().body[:2], RESET))]})
    await logs.router.done()
    assert [(each.broken, each.failed) for each in logs.lines()] == [("truncated", True)]


async def test_a_client_that_leaves_is_a_line_and_no_failure(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a", scripts={"a": [running(asyncio.Event())]})
    reply = await logs.router.ask()
    await reply.body.aclose()  # type: ignore[union-attr]
    assert [(each.left, each.failed) for each in logs.lines()] == [(True, False)]


async def test_losses_are_named(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a")
    request = ask(CLAUDE, "all")
    await read(await logs.router.send(type(request)(
        request.method, request.path, "", request.headers, request.body.replace(b"{", b'{"top_k": 3, ', 1)
    )))  # fmt: skip
    assert "top_k" in logs.lines()[0].losses


async def test_nothing_of_a_conversation_is_written(tmp_path: Path) -> None:
    """Promise 45."""
    logs = logged(tmp_path, "a", scripts={"a": [good("canary-answer")]})
    request = ask(CLAUDE, "all", headers={"x-api-key": "canary-key", "user-agent": "canary-agent"})
    body = request.body.replace(b'"hi"', b'"canary-question"')
    await read(await logs.router.send(type(request)("POST", request.path, "key=canary-query", request.headers, body)))
    assert len(logs.lines()) == 1
    assert b"canary" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


async def test_a_reload_can_switch_it_off_and_on(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a", scripts={"a": [good()] * 3})
    for logs.wanted in (True, False, True):
        await logs.router.done()
    assert len(logs.lines()) == 2


async def test_without_a_request_there_is_no_file_and_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    logs = logged(tmp_path / "state", "a")
    assert threading.active_count() == before and logs.lines() == []
    assert not (tmp_path / "state").exists()


async def test_a_disk_that_hangs_holds_no_request_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, write = threading.Event(), appended.Appended.append

    def hang(self: appended.Appended, line: bytes) -> None:
        go.wait()
        write(self, line)

    monkeypatch.setattr(appended.Appended, "append", hang)
    monkeypatch.setattr(line_writer, "WAITING", 2)
    logs = logged(tmp_path, "a", scripts={"a": [good()] * 10})
    for _ in range(10):
        assert await logs.router.done() == 200
    go.set()
    assert 2 <= len(logs.lines()) <= 3 and logs.log._writer.lost >= 7


async def test_a_disk_that_fails_is_told_once_and_traffic_goes_on(tmp_path: Path) -> None:
    """Promise 51, for the log."""
    place = tmp_path / "state"
    place.write_text("a file where the folder should be")
    logs = logged(place, "a", scripts={"a": [good()] * 4})
    for _ in range(3):
        assert await logs.router.done() == 200
    logs.log.close()
    assert len(logs.complaints) == 1 and "the activity log" in logs.complaints[0]
    place.unlink()
    await logs.router.done()
    assert len(logs.lines()) == 1


async def test_what_was_put_before_the_end_is_written(tmp_path: Path) -> None:
    logs = logged(tmp_path, "a", scripts={"a": [good()] * 50})
    for _ in range(50):
        await logs.router.done()
    assert len(logs.lines()) == 50
