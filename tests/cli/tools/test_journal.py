"""Specification of llr_cli/tools/journal.py: promises 28 to 31."""

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.disks import Faulty, Killed, Unsynced
from llr_cli.tools.disk import Disk
from llr_cli.tools.edits import Edit, FileEdits, Unreadable
from llr_cli.tools.journal import Journal, JournalProblem
from llr_cli.tools.spans.common import MISSING, Item

OLD = '\ufeff// mine\r\n{\r\n\t"model": "old", // keep\r\n\t"gone": 1.50,\r\n}\r\n'.encode()


class Home:
    def __init__(self, root: Path) -> None:
        self.root = root / "home"
        self.root.mkdir(mode=0o700)
        self.file = self.root / ".tool" / "settings.json"
        self.state = root / "state" / "tools"

    def have(self, data: bytes, mode: int = 0o644) -> Path:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(data)
        self.file.chmod(mode)
        return self.file

    def journal(self, disk: Disk | None = None) -> Journal:
        return Journal(self.state, self.root, disk or Unsynced())

    def change(self, model: str = "ours") -> FileEdits:
        edits = (Edit(("model",), model), Edit(("env", "URL"), "http://r"), Edit(("gone",), MISSING))
        return FileEdits(self.file, "jsonc", edits, secret=True)

    def on(self, model: str = "ours", disk: Disk | None = None) -> bool:
        journal = self.journal(disk)
        with journal.locked():
            return journal.write("tool", self.change(model)).changed

    def undo(self, disk: Disk | None = None) -> list[bool]:
        journal = self.journal(disk)
        with journal.locked():
            return [journal.undo(record).changed for record in journal.records()]

    def tree(self) -> dict[str, Any]:
        """Everything below the home folder: kinds, modes, bytes, and where symlinks lead."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            if path.is_symlink():
                found[str(path)] = os.readlink(path)
            else:
                mode = stat.S_IMODE(path.stat().st_mode)
                found[str(path)] = (mode, path.read_bytes() if path.is_file() else None)
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_undo_gives_back_the_bytes_and_the_mode(home: Home) -> None:
    """Promise 28; and promise 46: a file that holds a key is its owner's alone meanwhile."""
    home.have(OLD)
    before = home.tree()
    assert home.on()
    assert home.file.read_bytes() != OLD and stat.S_IMODE(home.file.stat().st_mode) == 0o600
    assert home.undo() == [True]
    assert home.tree() == before


def test_undo_gives_back_that_there_was_nothing(home: Home) -> None:
    """Promise 28: the file goes, and the folders that were made for it."""
    old = os.umask(0)
    try:
        home.on()
        assert [stat.S_IMODE(path.stat().st_mode) for path in (home.file.parent, home.file)] == [0o700, 0o600]
        assert stat.S_IMODE(home.state.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in home.state.iterdir()} == {0o600}
    finally:
        os.umask(old)
    home.undo()
    assert home.tree() == {}


def test_a_folder_made_for_several_files_goes_with_the_last(home: Home) -> None:
    """Promise 67."""
    journal = home.journal()
    other = FileEdits(home.file.with_name("other.json"), "jsonc", (Edit(("a",), 1),))
    with journal.locked():
        journal.write("tool", home.change())
        journal.write("other", other)
        for record in sorted(journal.records(), key=lambda record: record.tool, reverse=True):
            journal.undo(record)
    assert home.tree() == {}


@pytest.mark.parametrize("there", [True, False])
def test_a_symlink_stays_and_the_file_behind_it_is_edited(home: Home, there: bool) -> None:
    """Promise 28."""
    home.file.parent.mkdir()
    real = home.root / "dotfiles" / "settings.json"
    real.parent.mkdir()
    if there:
        real.write_bytes(OLD)
    home.file.symlink_to("../dotfiles/settings.json")
    before = home.tree()
    home.on()
    assert home.file.is_symlink() and b"ours" in real.read_bytes()
    home.undo()
    assert home.tree() == before


def test_a_file_that_took_the_place_of_a_symlink_loses_our_values_too(home: Home) -> None:
    """Promise 28: some tools replace the link when they save."""
    home.have(b"{}")
    real = home.root / "real.json"
    home.file.rename(real)
    home.file.symlink_to(real)
    home.on()
    text = real.read_bytes()
    home.file.unlink()
    home.file.write_bytes(text.replace(b"\n}", b',\n  "theirs": 1\n}'))
    home.undo()
    assert real.read_bytes() == b"{}" and json.loads(home.file.read_bytes()) == {"theirs": 1}


def test_on_twice_is_on_once_and_undo_twice_is_undo_once(home: Home) -> None:
    """Promise 29."""
    home.have(OLD)
    assert home.on()
    once = home.file.read_bytes()
    assert not home.on()
    assert home.file.read_bytes() == once
    assert home.undo() == [True] and home.undo() == []
    assert home.file.read_bytes() == OLD


def test_another_model_does_not_make_the_first_one_the_persons(home: Home) -> None:
    """Promise 29: the predecessor took its own values for the original ones."""
    home.on("one")
    home.on("two")
    home.undo()
    assert home.tree() == {}


def test_what_an_earlier_change_wrote_and_this_one_does_not_goes_back(home: Home) -> None:
    """Promise 29."""
    home.have(OLD)
    home.on()
    journal = home.journal()
    with journal.locked():
        journal.write("tool", FileEdits(home.file, "jsonc", (Edit(("env", "URL"), "http://r"),)))
    text = home.file.read_text()
    assert '"old"' in text and "1.50" in text and "http://r" in text
    home.undo()
    assert home.file.read_bytes() == OLD


def test_what_a_person_changed_in_between_is_kept(home: Home) -> None:
    """Promise 29: only our keys go back."""
    home.have(OLD)
    home.on()
    text = home.file.read_text(encoding="utf-8").replace('"old"', '"x"')
    home.file.write_bytes(text.replace('"ours"', '"theirs"').replace("// keep", "// kept").encode())
    home.undo()
    text = home.file.read_bytes().decode()
    assert '"model": "theirs", // kept' in text and '"gone": 1.50' in text
    assert "URL" not in text and "env" not in text


def test_what_a_person_changed_between_two_runs_is_theirs(home: Home) -> None:
    """Promise 29."""
    home.have(OLD)
    home.on()
    home.file.write_bytes(home.file.read_bytes().replace(b'"ours"', b'"theirs"').replace(b"// mine", b"// new"))
    home.on()
    assert b'"ours"' in home.file.read_bytes()
    home.undo()
    assert b'"model": "theirs"' in home.file.read_bytes() and b"// new" in home.file.read_bytes()


def test_a_file_that_a_person_removed_stays_removed(home: Home) -> None:
    """Promise 29."""
    home.have(OLD)
    home.on()
    home.file.unlink()
    home.undo()
    assert not home.file.exists() and home.undo() == []


def test_a_mode_that_a_person_changed_is_kept(home: Home) -> None:
    """Promise 29."""
    home.have(OLD)
    home.on()
    home.file.chmod(0o640)
    home.undo()
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o640


def test_an_element_of_an_array_is_told_apart_by_its_id(home: Home) -> None:
    """Promise 29: a person may have put another one before it."""
    home.have(b'{"models": [{"id": "theirs"}]}')
    journal = home.journal()
    with journal.locked():
        edits = (Edit(("models", Item("id", "ours")), {"id": "ours", "url": "u"}),)
        journal.write("tool", FileEdits(home.file, "jsonc", edits))
    home.file.write_bytes(home.file.read_bytes().replace(b"[", b'[{"id": "first"}, '))
    home.undo()
    assert home.file.read_bytes() == b'{"models": [{"id": "first"}, {"id": "theirs"}]}'


def test_a_file_that_a_person_broke_is_told_and_left_alone(home: Home) -> None:
    """Promise 29."""
    home.have(OLD)
    home.on()
    home.file.write_bytes(b'{\n"a" 1}')
    with pytest.raises(Unreadable, match=r"settings\.json: line 2, column 5: .*colon"):
        home.undo()
    assert home.file.read_bytes() == b'{\n"a" 1}'
    home.file.write_bytes(b'{\n"a": 1}')
    assert home.undo() == [True]


def operations(act: Callable[[Disk], Any]) -> int:
    """How many file operations `act` takes."""
    counting = Faulty(0, Killed)
    act(counting)
    return -counting.left


def scenes() -> list[str]:
    return ["new", "old", "again", "undo new", "undo old", "undo edited"]


def prepared(home: Home, scene: str) -> Callable[[Disk], Any]:
    """Brings the home into the scene's first state; gives what is then interrupted."""
    if scene.endswith(("old", "edited")) or scene == "again":
        home.have(OLD)
    if scene == "again" or scene.startswith("undo"):
        home.on("first")
    if scene == "undo edited":
        home.file.write_bytes(home.file.read_bytes().replace(b"// keep", b"// kept"))
    return home.undo if scene.startswith("undo") else lambda disk: home.on(disk=disk)


@pytest.mark.parametrize("scene", scenes())
@pytest.mark.parametrize("fault", [Killed, lambda: OSError(28, "No space left on device")], ids=["killed", "refused"])
def test_whatever_operation_fails_the_file_is_the_old_or_the_new_one(
    tmp_path: Path, scene: str, fault: Callable[[], BaseException]
) -> None:
    """Promise 30: at every file operation of an edit; the next run carries on, and undo is exact still."""
    (tmp_path / "count").mkdir()
    whole = Home(tmp_path / "count")
    act = prepared(whole, scene)
    old = whole.file.read_bytes() if whole.file.exists() else None
    count = operations(act)
    new = whole.file.read_bytes() if whole.file.exists() else None
    assert count > 10 and old != new
    for n in range(1, count + 1):
        (tmp_path / str(n)).mkdir()
        home = Home(tmp_path / str(n))
        act = prepared(home, scene)
        with pytest.raises((Killed, OSError)):
            act(Faulty(n, fault))
        assert (home.file.read_bytes() if home.file.exists() else None) in (old, new), n
        if not scene.startswith("undo"):
            home.on()
            assert home.file.read_bytes() == new, n
        home.undo()
        expected = OLD.replace(b"// keep", b"// kept") if scene == "undo edited" else OLD
        assert (home.file.read_bytes() if home.file.exists() else None) == (None if "new" in scene else expected), n
        assert not list(tmp_path.joinpath(str(n)).rglob("*draft*")), n
        assert list(home.state.glob("*.json")) == [], n
        if "new" in scene:
            assert home.tree() == {}, n


def test_a_write_that_never_took_place_is_forgotten(home: Home) -> None:
    """Promise 30: replay at the next run."""
    home.have(OLD)
    before = home.tree()

    class Stops(Unsynced):
        def replace(self, draft: Path, path: Path) -> None:
            if path.name == "settings.json":
                raise Killed
            super().replace(draft, path)

    with pytest.raises(Killed):
        home.on(disk=Stops())
    with home.journal().locked():
        assert home.journal().records() == []
    assert home.tree() == before


def test_an_undo_that_was_interrupted_is_finished_by_the_next_run(home: Home) -> None:
    """Promise 30."""
    home.have(OLD)
    home.on()

    class Stops(Unsynced):
        def replace(self, draft: Path, path: Path) -> None:
            if path.name == "settings.json":
                raise Killed
            super().replace(draft, path)

    with pytest.raises(Killed):
        home.undo(disk=Stops())
    assert home.file.read_bytes() != OLD
    with home.journal().locked():
        assert home.journal().records() == []
    assert home.file.read_bytes() == OLD


def test_two_at_once_wait_for_each_other(home: Home) -> None:
    """Promise 30."""
    home.have(OLD)
    journal, second = home.journal(), threading.Thread(target=home.on, args=("second",))
    with journal.locked():
        second.start()
        journal.write("tool", home.change("first"))
        assert b"first" in home.file.read_bytes()
    second.join(10)
    assert b"second" in home.file.read_bytes()
    home.undo()
    assert home.file.read_bytes() == OLD


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_symlink_out_of_the_home_folder_is_refused(home: Home, tmp_path: Path, which: str) -> None:
    """Promise 31."""
    outside = tmp_path / "outside"
    outside.mkdir()
    if which == "file":
        home.file.parent.mkdir()
        home.file.symlink_to(outside / "settings.json")
    else:
        home.file.parent.symlink_to(outside)
    with pytest.raises(JournalProblem, match="out of the home folder"):
        home.on()
    assert list(outside.iterdir()) == [] and home.journal().records() == []


def test_what_is_no_regular_file_is_refused(home: Home) -> None:
    """Promise 31."""
    home.file.parent.mkdir()
    os.mkfifo(home.file)
    with pytest.raises(OSError, match="no regular file"):
        home.on()


def test_a_damaged_record_is_named(home: Home) -> None:
    home.on()
    record = next(home.state.glob("*.json"))
    record.write_text("{}")
    with pytest.raises(JournalProblem, match=record.name):
        home.undo()


def test_a_look_leaves_nothing_behind(home: Home) -> None:
    step = home.journal().planned("tool", home.change())
    assert step.changed and step.before is None and b"ours" in (step.after or b"")
    assert home.tree() == {} and not home.state.exists()
