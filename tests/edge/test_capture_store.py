"""Specification of addons/edge/capture_store.py and capture_files.py: what a capture keeps, and for how long."""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addons.core import jsonio
from addons.core.capture_line import Answer, Line, line_of
from addons.core.model import DialectName
from addons.core.redact import Mode, Redacted, Redactor, Wire
from addons.edge.capture_files import NoCapture, captured
from addons.edge.capture_store import CaptureStore, Limits, limits_of, locked, purge, trim
from addons.observed import Record

START = 1_800_000_000.0
DAY = 86_400.0


class Kept:
    """A store whose clock the test moves."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.path, self.state, self.now = folder / "capture", folder / "state", START
        self.limits = limits or Limits()
        self.open()

    def open(self) -> None:
        self.store = CaptureStore(self.path, self.state, self.limits, lambda: self.now)

    def put(self, *texts: str, mode: Mode = Mode.FULL, status: int = 200) -> Redacted[Line]:
        """A request with these messages."""
        body = jsonio.dumps({"model": "m", "messages": [{"role": "user", "content": text} for text in texts]})
        wire = Wire("POST", "/v1/messages", "", {}, body, len(body))
        record = Record("req_1", self.now, "curl", "POST", "/v1/messages", DialectName.ANTHROPIC, "m", status=status)
        line = line_of(Redactor(mode, self.store.key).for_request(wire), wire, record, Answer(b"", 0), None)
        self.store.append(line)
        return line

    def requests(self) -> list[dict[str, Any]]:
        return list(self.store.folder.requests())

    def said(self) -> list[list[str]]:
        return [[each["content"] for each in value["request"]["body"]["messages"]] for value in self.requests()]

    def parts(self) -> int:
        return len(list(self.store.folder.parts()))

    def size(self) -> int:
        return sum(each.stat().st_size for each in self.path.rglob("*") if each.is_file())


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


@pytest.fixture
def no_umask() -> Iterator[None]:
    old = os.umask(0)
    yield
    os.umask(old)


def test_what_was_put_is_read_again(kept: Kept) -> None:
    kept.put("one", "two")
    assert kept.said() == [["one", "two"]]


def test_each_message_of_a_growing_conversation_is_kept_once(kept: Kept) -> None:
    texts = [f"message {n}" for n in range(30)]
    for length in range(1, 31):
        kept.put(*texts[:length])
    assert kept.parts() == 30
    assert kept.said()[-1] == texts and len(kept.requests()) == 30


def test_it_takes_redacted_values_only(kept: Kept) -> None:
    """Promise 45."""
    with pytest.raises(TypeError, match="redacted"):
        kept.store.append(Line({"secret": 1}, {}))  # type: ignore[arg-type]
    assert kept.requests() == []


def test_everything_is_for_its_owner_alone(tmp_path: Path, no_umask: None) -> None:
    """Promise 46."""
    kept = Kept(tmp_path)
    kept.put("one")
    kept.store.tell()
    for root in (kept.path, kept.state):
        modes = {each: stat.S_IMODE(each.stat().st_mode) for each in (root, *root.rglob("*"))}
        assert {each: mode for each, mode in modes.items() if mode != (0o700 if each.is_dir() else 0o600)} == {}


def test_a_folder_that_is_open_to_others_is_closed(tmp_path: Path) -> None:
    """Promise 46."""
    (tmp_path / "capture").mkdir(mode=0o755)
    kept = Kept(tmp_path)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o700


def test_a_folder_that_is_opened_again_goes_on_with_its_key_and_its_counts(kept: Kept) -> None:
    kept.put("one", mode=Mode.SIGNATURE)
    kept.store.close()
    kept.open()
    kept.put("one", mode=Mode.SIGNATURE)
    first, second = kept.said()
    assert first == second
    assert kept.store.summary.requests == 2


def test_the_key_of_the_hashes_is_not_in_the_capture(kept: Kept) -> None:
    files = [each.read_bytes() for each in kept.path.rglob("*") if each.is_file()]
    assert len(kept.store.key) == 32 and not any(kept.store.key in data for data in files)


def test_old_requests_are_deleted_with_their_parts(kept: Kept) -> None:
    """Promise 48."""
    kept.put("old", "both")
    kept.now += 8 * DAY
    kept.put("new", "both")
    kept.store.enforce()
    assert kept.said() == [["new", "both"]]
    assert kept.parts() == 2
    assert kept.store.summary.requests == 1


def test_age_is_looked_at_when_a_folder_is_opened(kept: Kept) -> None:
    """Promise 48."""
    kept.put("old")
    kept.store.close()
    kept.now += 8 * DAY
    kept.open()
    assert kept.requests() == []


def test_a_capture_says_what_it_was_made_to_keep(tmp_path: Path) -> None:
    """Promise 48."""
    kept = Kept(tmp_path, Limits(age=60.0, size=1234))
    assert limits_of(kept.store.folder) == Limits(age=60.0, size=1234)
    kept.limits = Limits(age=90.0, size=4321)
    kept.open()
    assert limits_of(kept.store.folder) == Limits(age=90.0, size=4321)


@pytest.mark.parametrize("about", ["", "[]", '{"id": "a"}', '{"maxAge": "7d", "maxSize": null}'])
def test_a_capture_that_does_not_say_it_keeps_what_is_usual(kept: Kept, about: str) -> None:
    kept.store.folder.about.write_text(about)
    assert limits_of(kept.store.folder) == Limits()


def test_nothing_is_left_of_the_folders_of_parts(kept: Kept) -> None:
    kept.put("old")
    trim(kept.store.folder, kept.now + 1, 2**40)
    assert list((kept.path / "parts").iterdir()) == []


def test_the_size_is_kept_within_its_limit(tmp_path: Path) -> None:
    """Promise 48."""
    kept = Kept(tmp_path, Limits(size=40_000))
    for number in range(200):
        kept.put(f"{number} {'x' * 1000}")
    assert kept.size() < 60_000
    assert kept.said()[-1][0].startswith("199 ")


def test_purging_by_age_leaves_what_is_younger(kept: Kept) -> None:
    kept.put("old")
    kept.now += 2 * DAY
    kept.put("new")
    assert trim(kept.store.folder, kept.now - DAY, 2**40) == 1
    assert kept.said() == [["new"]]


def test_a_purge_leaves_nothing_not_even_the_key(kept: Kept) -> None:
    """Promise 48."""
    kept.put("one")
    kept.store.tell()
    kept.store.close()
    assert purge(kept.store.folder, kept.state) == 1
    assert not kept.path.exists()
    assert [each for each in kept.state.rglob("*") if each.is_file()] == []


def test_a_purge_leaves_other_peoples_files(kept: Kept) -> None:
    (kept.path / "mine.txt").write_text("mine")
    purge(kept.store.folder, kept.state)
    assert [each.name for each in kept.path.iterdir()] == ["mine.txt"]


def test_a_purge_beside_a_running_writer_loses_no_part_of_what_comes_later(kept: Kept) -> None:
    kept.put("both")
    with locked(kept.store.folder):
        trim(kept.store.folder, float("inf"), 0)
    kept.put("both")
    assert kept.said() == [["both"]]


def test_a_line_that_a_full_disk_cut_is_passed_over(kept: Kept) -> None:
    kept.put("one")
    with (kept.path / "requests.jsonl").open("ab") as file:
        file.write(b'{"v":1,"id":"x"\n')
    kept.put("two")
    assert kept.said() == [["one"], ["two"]]


def test_the_summary_counts_and_the_models_are_listed(kept: Kept) -> None:
    kept.put("one")
    kept.put("two", status=503)
    kept.store.tell()
    summary = jsonio.loads((kept.path / "summary.json").read_bytes())
    assert (summary["requests"], summary["failed"], summary["statuses"]) == (2, 1, {"200": 1, "503": 1})
    (model,) = jsonio.loads((kept.path / "observed-models.json").read_bytes())["models"]
    assert (model["tool"], model["model"], model["requests"], model["failed"]) == ("curl", "m", 2, 1)


@pytest.mark.parametrize("missing", [True, False], ids=["no folder", "another folder"])
def test_what_is_no_capture_is_told(tmp_path: Path, missing: bool) -> None:
    with pytest.raises(NoCapture):
        captured(tmp_path / "x" if missing else tmp_path)


def test_a_part_that_cannot_be_named_is_not_looked_for(kept: Kept) -> None:
    line = kept.put("one")
    value = jsonio.loads(jsonio.dumps(dict(line.value.value)))
    value["request"]["body"]["messages"] = {"$parts": ["../../../etc/passwd"]}
    redactor = Redactor(Mode.FULL, b"").for_request(Wire("", "", "", {}, None, 0))
    kept.store.append(redactor.sealed(replace(line.value, value=value)))
    assert kept.requests()[-1]["request"]["body"]["messages"] == [None]
