"""Specification of llr_cli/capture_files.py: what becomes of captures that nobody opens again."""

from pathlib import Path

import pytest

from addons.core import jsonio
from addons.core.capture_line import Answer, line_of
from addons.core.model import DialectName
from addons.core.redact import Mode, Redactor, Wire
from addons.edge.capture_files import Folder
from addons.edge.capture_store import CaptureStore, Limits
from addons.observed import Record
from llr_cli.capture_files import CAPTURES, expired, own_captures, purged

START, DAY = 1_800_000_000.0, 86_400.0


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_ROUTER_STATE_DIR", str(tmp_path))
    return tmp_path


def captured(state: Path, name: str, *days: float, age: float = 7 * DAY) -> Folder:
    """A capture with requests of these days."""
    store = CaptureStore(state / CAPTURES / name, state, Limits(age=age), lambda: START)
    wire = Wire("POST", "/v1/messages", "", {}, jsonio.dumps({"messages": [{"role": "user"}]}), 2)
    for day in days:
        at = START + day * DAY
        record = Record("req_1", at, "curl", "POST", "/v1/messages", DialectName.ANTHROPIC, "m")
        redactor = Redactor(Mode.SIGNATURE, store.key).for_request(wire)
        store.append(line_of(redactor, wire, record, Answer(b"", 0), None))
    store.close()
    return store.folder


def test_what_is_too_old_is_deleted_whoever_captured_it(state: Path) -> None:
    """Promise 48."""
    old, half, new = captured(state, "a", 0, 1), captured(state, "b", 1, 5), captured(state, "c", 6)
    expired(START + 9 * DAY)
    assert not old.path.exists()
    assert (len(list(half.lines())), len(list(new.lines()))) == (1, 1)


def test_a_capture_is_kept_for_as_long_as_it_was_made_for(state: Path) -> None:
    short, long = captured(state, "a", 0, age=DAY), captured(state, "b", 0, age=30 * DAY)
    expired(START + 9 * DAY)
    assert not short.path.exists() and len(list(long.lines())) == 1


def test_a_capture_that_has_heard_of_no_request_yet_stays(state: Path) -> None:
    waiting = captured(state, "a")
    expired(START + 99 * DAY)
    assert waiting.about.exists()


def test_with_the_last_request_the_key_goes_too(state: Path) -> None:
    """Promise 48."""
    captured(state, "a", 0)
    expired(START + 9 * DAY)
    assert [each for each in state.rglob("*") if each.is_file()] == []


def test_all_captures_are_purged(state: Path) -> None:
    captured(state, "a", 0, 1)
    captured(state, "b", 0)
    assert purged(own_captures(), None) == 3
    assert own_captures() == []
