"""Specification of llr_cli/configure/store.py: promises 27, 30, 31 and 46."""

import contextlib
import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import threading
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from harness.disks import Faulty, Killed, Unsynced
from llr_cli.configure.refusal import Refused
from llr_cli.configure.store import TRIES, Change, Store, lock_of
from llr_cli.configure.text import Config

OLD = '\ufeff{\r\n  // mine\r\n  "version": 2, /* two */\r\n  "mine": [1.50, 2],\r\n}\r\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "home" / ".llm-router.json"
    path.parent.mkdir()
    path.write_bytes(OLD.encode())
    path.chmod(0o640)
    return path


def store(file: Path, disk: Unsynced | None = None) -> Store:
    return Store(file, {"HOME": str(file.parent)}, disk or Unsynced())


def added(name: str = "masterKey", value: object = "a-key-of-some-length") -> Change:
    return lambda config: config.set((name,), value)


def test_only_what_changes_is_written(file: Path) -> None:
    """Promise 27: comments, line ends, the byte order mark and the trailing comma stay."""
    store(file).edit(added())
    text = file.read_bytes().decode()
    assert text == OLD.replace("2],\r\n", '2],\r\n  "masterKey": "a-key-of-some-length",\r\n')


def test_the_mode_of_the_file_stays_and_a_new_one_is_its_owners(file: Path) -> None:
    """Promise 46."""
    store(file).edit(added())
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    file.unlink()
    store(file).edit(added())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == {"version": 2, "masterKey": "a-key-of-some-length"}


def test_an_edit_that_changes_nothing_writes_nothing(file: Path) -> None:
    before = file.stat()
    assert not store(file).edit(lambda config: config).changed
    assert not store(file).edit(added("version", 2)).changed
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_dry_edit_leaves_nothing_behind(file: Path) -> None:
    outcome = store(file).edit(added(), dry=True)
    assert outcome.changed and '+  "masterKey": "…ngth",' in outcome.diff
    assert os.listdir(file.parent) == [file.name] and file.read_bytes() == OLD.encode()


def test_an_edit_that_the_router_would_refuse_is_not_made(file: Path) -> None:
    with pytest.raises(Refused) as refused:
        store(file).edit(added("defaultModel", "nobody/nothing"))
    assert refused.value.problems[0].startswith("defaultModel: expected a provider/model")
    assert file.read_bytes() == OLD.encode()


def test_a_broken_configuration_can_be_mended_step_by_step(file: Path) -> None:
    """What was wrong before is told, and is no reason to refuse."""
    alias = '"modelAliases": {"a": {"targets": ["no/one"]}, "b": {"targets": ["no/two"]}}'
    file.write_text(f"{{{alias}}}")
    outcome = store(file).edit(lambda config: config.without(("modelAliases", "a")))
    assert outcome.changed and [problem.partition(":")[0] for problem in outcome.problems] == [
        "modelAliases.b.targets[0]"
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"{", "line 1, column 2"), (b"[]", "expected a JSON object"), (b"\xff", "no UTF-8 text (at byte 0)")],
)
def test_what_is_no_configuration_is_not_edited(file: Path, data: bytes, words: str) -> None:
    file.write_bytes(data)
    with pytest.raises(Refused) as refused:
        store(file).edit(lambda config: added()(Config(config.text)) if config.data is not None else config)
    assert words in f"{refused.value.text} {refused.value.problems}" and file.read_bytes() == data


def test_a_symlink_stays_and_the_file_behind_it_is_edited(file: Path) -> None:
    """Promise 31: as long as it stays in the home folder."""
    real = file.parent / "dotfiles" / "router.json"
    real.parent.mkdir()
    file.rename(real)
    file.symlink_to("dotfiles/router.json")
    store(file).edit(added())
    assert file.is_symlink() and b"masterKey" in real.read_bytes()


def test_a_symlink_out_of_the_home_folder_is_refused(file: Path, tmp_path: Path) -> None:
    """Promise 31."""
    outside = tmp_path / "outside.json"
    file.rename(outside)
    file.symlink_to(outside)
    with pytest.raises(Refused, match="leads out of the home folder"):
        store(file).edit(added())
    assert outside.read_bytes() == OLD.encode()


def test_what_is_no_regular_file_is_refused(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(Refused, match="no regular file"):
        store(file).edit(added())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no folder"):
        store(tmp_path / "none" / "c.json").edit(added())


def test_an_inline_configuration_is_not_edited(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="stands in the variable LLM_ROUTER_JSON"):
        Store.of(None, {"HOME": str(tmp_path), "LLM_ROUTER_JSON": "{}"})


@pytest.mark.parametrize("fault", [lambda: OSError(28, "No space left on device"), Killed])
def test_a_fault_at_any_operation_leaves_the_old_file_or_the_new_one(file: Path, fault: type[BaseException]) -> None:
    """Promise 30; and the next edit goes on as if nothing had been."""
    for n in range(1, 100):
        file.write_bytes(OLD.encode())
        disk = Faulty(n, fault)
        with contextlib.suppress(Refused, Killed):
            store(file, disk).edit(added())
        done = disk.left > 0
        text = file.read_bytes().decode()
        assert text == OLD or Config(text).data["masterKey"] == "a-key-of-some-length"
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        store(file).edit(added("masterKey", "another-key-of-length"))
        assert "another-key-of-length" in file.read_text()
        assert {path.name for path in file.parent.iterdir()} <= {file.name, lock_of(file).name}
        if done:
            assert n > 8, "an edit is made of more operations than that"
            return
    raise AssertionError("an edit never ends")


def test_a_refusal_by_the_disk_says_that_the_file_is_as_it_was(file: Path) -> None:
    disk = Faulty(6, lambda: OSError(28, "No space left on device"))
    with pytest.raises(Refused, match="No space left on device; it stays as it was"):
        store(file, disk).edit(added())
    assert [path.name for path in file.parent.iterdir() if "draft" in path.name] == []


def test_two_edits_at_once_lose_none(file: Path) -> None:
    """Every thread adds members of its own."""
    names = [f"n{thread}-{turn}" for thread in range(4) for turn in range(5)]

    def work(thread: int) -> None:
        for turn in range(5):
            store(file).edit(added(f"n{thread}-{turn}", turn))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) <= Config(file.read_text(encoding="utf-8-sig")).data.keys()


def test_two_processes_at_once_lose_none(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    workers = [context.Process(target=_add_many, args=(str(file), worker, start)) for worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = Config(file.read_text(encoding="utf-8-sig")).data
    assert {f"w{worker}-{turn}" for worker in range(2) for turn in range(25)} <= found.keys()


def _add_many(file: str, worker: int, start: Barrier) -> None:
    start.wait()
    for turn in range(25):
        store(Path(file)).edit(added(f"w{worker}-{turn}", turn))


class Meddled(Unsynced):
    """While an edit is planned, an editor that knows of no lock saves the file: so many times."""

    def __init__(self, file: Path, times: int) -> None:
        self.file = file
        self.times = times

    def read(self, path: Path):  # type: ignore[no-untyped-def]
        found = super().read(path)
        if path == self.file and self.times:
            self.times -= 1
            self.file.write_text(json.dumps({"version": 2, "theirs": self.times}))
        return found


def test_what_an_editor_saves_meanwhile_is_kept(file: Path) -> None:
    store(file, Meddled(file, 1)).edit(added())
    assert json.loads(file.read_text()) == {"version": 2, "theirs": 0, "masterKey": "a-key-of-some-length"}


def test_a_file_that_never_rests_is_not_fought_over(file: Path) -> None:
    with pytest.raises(Refused, match="again and again"):
        store(file, Meddled(file, 2 * TRIES + 1)).edit(added())


EDITOR = """
import sys
from llr_cli.configure.store import Store
from pathlib import Path
file = Path(sys.argv[1])
store = Store(file, {"HOME": str(file.parent)})
print("ready", flush=True)
turn = 0
while True:
    turn += 1
    store.edit(lambda config: config.set(("pad",), "x" * 20000).set(("turn",), turn))
"""


def test_kill_at_any_moment_leaves_a_whole_file(file: Path) -> None:
    """Promise 30, with a real process and a real SIGKILL; the lock goes with its owner."""
    for round_ in range(10):
        process = subprocess.Popen([sys.executable, "-c", EDITOR, str(file)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            # at another moment each time
            process.wait(timeout=0.01 + 0.013 * round_)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        data = Config(file.read_text(encoding="utf-8-sig")).data
        assert data["mine"] == [1.5, 2] and len(data.get("pad", "")) in (0, 20000)
    store(file).edit(added())
    assert "turn" in Config(file.read_text(encoding="utf-8-sig")).data, "no process ever came to write"
    assert not [path for path in file.parent.iterdir() if "draft" in path.name]
