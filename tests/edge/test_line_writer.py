"""Specification of addons/edge/line_writer.py: lines that nobody waits for."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from addons.edge import line_writer
from addons.edge.appended import Appended, Rotation
from addons.edge.line_writer import LineWriter

ROTATION = Rotation(2**30, 1)


class Disk(Appended):
    """Remembers what it was given; fails as long as `broken`, and waits for `go` before anything."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, ROTATION)
        self.given: list[bytes] = []
        self.broken = False
        self.go = threading.Event()
        self.go.set()
        self.at_work = threading.Event()

    def append(self, line: bytes) -> None:
        self.at_work.set()
        self.go.wait()
        self.given.append(line)
        if self.broken:
            raise OSError(28, "No space left on device")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "log")


def writing(disk: Disk, complain: Callable[[str], None] = lambda _: None) -> LineWriter:
    return LineWriter(disk, complain, "the log")


def numbered(count: int) -> list[bytes]:
    return [b"%d\n" % n for n in range(count)]


def test_lines_are_written_in_their_order_and_together_where_many_wait(disk: Disk) -> None:
    writer, lines = writing(disk), numbered(1000)
    for line in lines:
        writer.put(line)
    writer.close()
    assert b"".join(disk.given) == b"".join(lines) and len(disk.given) < 500


def test_a_line_is_written_though_no_other_comes(disk: Disk) -> None:
    writer = writing(disk)
    writer.put(b"1\n")
    assert disk.at_work.wait(10)
    writer.close()
    assert disk.given == [b"1\n"]


def test_without_a_line_there_is_no_thread_and_nothing_to_close(disk: Disk) -> None:
    before = threading.active_count()
    writer = writing(disk)
    writer.close()
    assert threading.active_count() == before and disk.given == []


def test_a_disk_that_hangs_costs_lines_and_no_time(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_writer, "WAITING", 3)
    disk.go.clear()
    writer = writing(disk)
    writer.put(b"0\n")
    assert disk.at_work.wait(10)
    for line in numbered(10)[1:]:
        writer.put(line)
    assert writer.lost == 6
    disk.go.set()
    writer.close()
    assert b"".join(disk.given) == b"0\n1\n2\n3\n"


def test_a_failure_is_told_once_until_the_disk_works_again(disk: Disk) -> None:
    complaints: list[str] = []
    for expected in (1, 2):
        writer = writing(disk, complaints.append)
        disk.broken = True
        for line in numbered(3):
            disk.at_work.clear()
            writer.put(line)
            assert disk.at_work.wait(10)
        writer.close()
        assert len(complaints) == expected and writer.lost == 3
        disk.broken = False
    assert complaints[0] == "the log cannot be written, requests go on without it: No space left on device"


def test_after_its_end_it_can_begin_again(disk: Disk) -> None:
    writer = writing(disk)
    for line in numbered(2):
        writer.put(line)
        writer.close()
    assert disk.given == numbered(2)
