"""Specification of addons/edge/appended.py: a file of lines that several processes write."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from addons.edge.appended import Appended, Rotation, rotated
from harness.process import ROOT

LINE = b'{"n": 1}\n'
NEVER = Rotation(2**40, 5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "log.jsonl"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_file_and_folder_are_for_their_owner_alone(path: Path) -> None:
    """Promise 46."""
    umask = os.umask(0)
    try:
        Appended(path, NEVER).append(LINE)
    finally:
        os.umask(umask)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_wrong_mode_is_set_right(path: Path) -> None:
    """Promise 46."""
    path.parent.mkdir(mode=0o755)
    path.touch(mode=0o644)
    Appended(path, NEVER).append(LINE)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        Appended(path, NEVER).append(LINE)
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_without_a_reader_does_not_hold_anything_up(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(OSError):
        Appended(path, NEVER).append(LINE)


def test_a_full_file_is_renamed_and_a_new_one_begun(path: Path) -> None:
    file = Appended(path, Rotation(len(LINE) * 2, 2))
    for _ in range(3):
        file.append(LINE)
    assert (path.read_bytes(), rotated(path, 1).read_bytes()) == (LINE, LINE * 2)


def test_no_more_files_stay_than_are_wanted(path: Path) -> None:
    file = Appended(path, Rotation(1, 2))
    for n in range(5):
        file.append(b"%d\n" % n)
    kept = {each.name: each.read_bytes() for each in path.parent.iterdir() if not each.name.endswith(".lock")}
    assert kept == {"log.jsonl.1": b"4\n", "log.jsonl.2": b"3\n"}


def test_files_from_the_time_of_a_larger_number_go(path: Path) -> None:
    file = Appended(path, Rotation(1, 4))
    for n in range(4):
        file.append(b"%d\n" % n)
    Appended(path, Rotation(1, 1)).append(b"x\n")
    assert [n for n in range(1, 6) if rotated(path, n).exists()] == [1]


def test_without_any_to_keep_the_file_begins_anew(path: Path) -> None:
    file = Appended(path, Rotation(1, 0))
    for _ in range(2):
        file.append(LINE)
    assert not path.exists() and not rotated(path, 1).exists()


def test_who_did_not_rotate_follows_to_the_new_file(path: Path) -> None:
    one, two = Appended(path, Rotation(len(LINE) * 2, 1)), Appended(path, Rotation(len(LINE) * 2, 1))
    for file in (one, two, one):
        file.append(LINE)
    two.append(LINE)
    assert rotated(path, 1).read_bytes() == LINE * 2


def test_a_file_that_was_deleted_is_made_again(path: Path) -> None:
    file = Appended(path, NEVER)
    file.append(LINE)
    path.unlink()
    file.append(LINE)
    assert path.read_bytes() == LINE


def test_what_a_full_disk_has_cut_does_not_swallow_the_next_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Appended(path, NEVER)
    write = os.write
    monkeypatch.setattr(os, "write", lambda number, data: write(number, data[:4]))
    with pytest.raises(OSError):
        file.append(LINE)
    monkeypatch.setattr(os, "write", write)
    file.append(LINE)
    assert path.read_bytes() == LINE[:4] + b"\n" + LINE


WRITER = """
import sys
from pathlib import Path
from addons.edge.appended import Appended, Rotation
file = Appended(Path(sys.argv[1]), Rotation(4096, 1000))
for n in range(300):
    file.append(f"{sys.argv[2]} {n} {'x' * 200}\\n".encode())
"""


def test_several_processes_lose_and_mix_no_line_though_they_rotate(path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    running = [subprocess.Popen([*command, name], env={**os.environ, "PYTHONPATH": str(ROOT)}) for name in "abc"]
    assert [process.wait(30) for process in running] == [0, 0, 0]
    files = [each for each in path.parent.iterdir() if not each.name.endswith(".lock")]
    lines = [line for each in files for line in each.read_text().splitlines()]
    assert len(files) > 10
    assert sorted(lines) == sorted(f"{name} {n} {'x' * 200}" for name in "abc" for n in range(300))
