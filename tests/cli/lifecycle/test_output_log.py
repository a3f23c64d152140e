"""Specification of llr_cli/lifecycle/output_log.py: a log that neither grows for ever nor is read by others."""

import os
import stat
from pathlib import Path

import pytest

from llr_cli.lifecycle.output_log import LIMIT_BYTES, older, opened, stamped, turn


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log" / "router-1.log"


def test_what_was_there_stays(log: Path) -> None:
    for text in (b"one\n", b"two\n"):
        file = opened(log)
        os.write(file, text)
        os.close(file)
    assert log.read_bytes() == b"one\ntwo\n"


def test_a_full_one_is_put_aside_at_the_start(log: Path) -> None:
    os.close(opened(log))
    log.write_bytes(b"x" * LIMIT_BYTES)
    os.close(opened(log))
    assert (log.stat().st_size, older(log).stat().st_size) == (0, LIMIT_BYTES)


def test_a_full_one_is_put_aside_while_it_is_written_to(log: Path) -> None:
    """Promise 46: the new one is closed to others too."""
    file = opened(log)
    os.write(file, b"old\n")
    turn(log, 2, (file,))
    os.write(file, b"new\n")
    os.close(file)
    assert (older(log).read_bytes(), log.read_bytes()) == (b"old\n", b"new\n")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_one_that_is_not_full_stays(log: Path) -> None:
    file = opened(log)
    os.write(file, b"old\n")
    turn(log, 100, (file,))
    os.close(file)
    assert log.read_bytes() == b"old\n" and not older(log).exists()


def test_one_that_somebody_has_removed_is_made_anew(log: Path) -> None:
    file = opened(log)
    os.write(file, b"old\n")
    log.unlink()
    turn(log, 2, (file,))
    os.write(file, b"new\n")
    os.close(file)
    assert log.read_bytes() == b"new\n" and not older(log).exists()


def test_a_link_is_not_followed(log: Path, tmp_path: Path) -> None:
    log.parent.mkdir()
    log.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        opened(log)


def test_lines_begin_with_the_time() -> None:
    said: list[str] = []
    stamped(said.append)("text")
    assert said[0].endswith(" text") and said[0][:2] == "20"
