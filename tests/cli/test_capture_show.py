"""Specification of llr_cli/capture_show.py: captures as people see them."""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from harness.captures import line
from llr_cli import capture_show

BODY = {"model": "m", "messages": []}


@pytest.fixture(autouse=True)
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC-3")
    time.tzset()
    yield
    monkeypatch.undo()
    os.environ.setdefault("TZ", "")
    time.tzset()


def shown(**changes: Any) -> dict[str, str]:
    value = line(BODY)
    for name, change in changes.items():
        value[name] = {**value[name], **change} if isinstance(change, dict) else change
    return dict(zip(capture_show.COLUMNS, capture_show.row(value), strict=True))


def test_a_row_says_who_asked_whom_and_what_came_of_it() -> None:
    assert shown() == {
        "time": "03:00:00", "tool": "curl", "mode": "", "asked for": "m", "answered by": "a/m", "status": "200",
        "total": "1.5 s",
    }  # fmt: skip


def test_what_asks_no_model_is_known_by_its_path_without_the_marks_of_what_is_hidden() -> None:
    path = "/api/threads/[REDACTED LENGTH=38 HASH=0123456789ab]/x"
    found = shown(requested="", request={"path": path}, routed={"passedOn": True})
    assert (found["asked for"], found["answered by"]) == ("/api/threads/…/x", "its own server")


@pytest.mark.parametrize(
    ("response", "status"),
    [
        ({"status": 429, "error": "rate_limited"}, "429 rate_limited"),
        ({"broken": "truncated"}, "200 truncated"),
        ({"status": 499, "left": True}, "499 the client left"),
        ({"status": 0}, "-"),
        ({"status": 101, "socket": {"sent": {"messages": 2}, "received": {"messages": 5}}},
         "101 2 messages sent, 5 received"),
    ],
)  # fmt: skip
def test_the_status_says_how_it_ended(response: dict[str, Any], status: str) -> None:
    assert shown(response=response)["status"] == status


@pytest.mark.parametrize(
    ("last", "span"),
    [
        ("2026-11-21T12:30:00.000Z", "2026-11-21 15:20:15 to 15:30:00"),
        ("2026-11-21T22:30:00.000Z", "2026-11-21 15:20:15 to 2026-11-22 01:30:00"),
    ],
)
def test_a_report_says_when_by_the_clock_of_whoever_reads_it(
    last: str, span: str, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = {name: {} for name in (*capture_show.COUNTED, "tokens")}
    capture_show.report({**summary, "requests": 3, "failed": 1, "first": "2026-11-21T12:20:15.681Z", "last": last}, [])
    assert f"3 requests, 1 failed, {span}\n" in capsys.readouterr().out


def test_a_clock_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert shown(time="yesterday")["time"] == "yesterday"
