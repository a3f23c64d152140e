"""Specification of addons/edge/activity_files.py: reading the log while it is written and rotated."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from addons.core.activity import Entry, as_line
from addons.edge.activity_files import Follower, entries, latest
from addons.edge.appended import Appended, Rotation

START = 1_700_000_000.0  # before the files are written


def line(n: int) -> bytes:
    return as_line(Entry(f"req_{n}", START + n))


def ids(found: Iterable[Entry]) -> list[int]:
    return [int(each.id.removeprefix("req_")) for each in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "activity.jsonl"


def written(path: Path, numbers: Iterable[int], a_file: int = 3) -> Appended:
    file = Appended(path, Rotation(len(line(0)) * a_file, 100))
    for n in numbers:
        file.append(line(n))
    return file


def test_the_oldest_comes_first_from_whichever_file(path: Path) -> None:
    written(path, range(10))
    assert ids(entries(path)) == list(range(10))


def test_no_log_is_an_empty_log(path: Path) -> None:
    assert ids(entries(path)) == []


def test_what_is_older_is_left_out(path: Path) -> None:
    written(path, range(10))
    assert ids(entries(path, START + 7)) == [7, 8, 9]


def test_lines_that_cannot_be_read_are_passed_over(path: Path) -> None:
    path.write_bytes(line(0) + b'{"v":1,"id":"re\n' + line(1) + line(2)[:30])
    assert ids(entries(path)) == [0, 1]


def test_a_moment_without_a_newest_file_hides_nothing(path: Path) -> None:
    written(path, range(6))
    assert not path.exists()
    assert ids(entries(path)) == list(range(6))


def test_a_rotation_while_it_is_read_hides_nothing(path: Path) -> None:
    file = written(path, range(8))
    reading = entries(path)
    first = next(reading)
    for n in range(8, 12):
        file.append(line(n))
    assert ids([first, *reading])[:8] == list(range(8))


@pytest.mark.parametrize(
    ("limit", "found"), [(1, [9]), (4, [6, 7, 8, 9]), (5, [5, 6, 7, 8, 9]), (50, [*range(10)]), (0, [*range(10)])]
)
def test_the_latest_are_found_from_the_end(path: Path, limit: int, found: list[int]) -> None:
    written(path, range(10))
    assert ids(latest(path, 0.0, limit, lambda _: True)) == found


def test_the_latest_are_those_that_fit(path: Path) -> None:
    written(path, range(10))
    assert ids(latest(path, 0.0, 3, lambda entry: entry.at % 2 == 0)) == [4, 6, 8]


def test_the_latest_are_found_without_reading_older_files(path: Path) -> None:
    written(path, range(10))
    looked: list[Entry] = []

    def fits(entry: Entry) -> bool:
        looked.append(entry)
        return True

    latest(path, 0.0, 2, fits)
    assert sorted(ids(looked)) == [6, 7, 8, 9]


def test_a_follower_begins_at_the_end(path: Path) -> None:
    file = written(path, range(2))
    follower = Follower(path)
    assert ids(follower.poll()) == []
    file.append(line(2))
    assert ids(follower.poll()) == [2]
    assert ids(follower.poll()) == []
    follower.close()


def test_a_follower_waits_for_a_log_that_is_not_there(path: Path) -> None:
    follower = Follower(path)
    assert ids(follower.poll()) == []
    written(path, range(8))
    assert ids(follower.poll()) == list(range(8))
    follower.close()


@pytest.mark.parametrize("between", [1, 3, 4, 10])
def test_a_follower_misses_nothing_across_rotations(path: Path, between: int) -> None:
    file = written(path, range(2))
    follower, found = Follower(path), list[Entry]()
    for n in range(2, 32):
        file.append(line(n))
        if n % between == 0:
            found += follower.poll()
    found += follower.poll()
    follower.close()
    assert ids(found) == list(range(2, 32))


def test_a_number_without_a_file_in_the_middle_of_a_rotation_hides_nothing(path: Path) -> None:
    file = written(path, range(2))
    follower = Follower(path)
    for n in range(2, 11):
        file.append(line(n))
    path.with_name("activity.jsonl.1").rename(path.with_name("activity.jsonl.hidden"))
    assert ids(entries(path)) == [0, 1, 2, 3, 4, 5, 9, 10]
    assert ids(follower.poll()) == [2, 3, 4, 5, 9, 10]
    follower.close()


def test_the_last_line_of_another_process_in_a_renamed_file_is_seen(path: Path) -> None:
    written(path, range(2))
    late = path.open("ab", buffering=0)
    follower = Follower(path)
    path.rename(path.with_name("activity.jsonl.1"))
    path.write_bytes(line(3))
    assert ids(follower.poll()) == [3]
    late.write(line(2))
    assert ids(follower.poll()) == [2]
    late.close()
    follower.close()


def test_half_a_line_waits_for_its_other_half(path: Path) -> None:
    follower = Follower(path)
    path.write_bytes(line(0)[:20])
    assert ids(follower.poll()) == []
    with path.open("ab") as file:
        file.write(line(0)[20:])
    assert ids(follower.poll()) == [0]
    follower.close()
