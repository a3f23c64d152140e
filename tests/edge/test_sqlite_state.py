"""Specification of addons/edge/sqlite_state.py and sqlite_store.py: what is kept, and what becomes of it when the disk
will not have it."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from pathlib import Path

import pytest

from addons.core.buckets import Lease, Shortage, Spent
from addons.core.cooldowns import Cooling, Where
from addons.core.errors import ErrorClass
from addons.core.provider_limits import SubscriptionWindow
from addons.edge import sqlite_state
from addons.edge.sqlite_state import SqliteState
from addons.edge.sqlite_store import SET_ASIDE, Store
from harness.states import HOURLY, NARROW, NOW, TOKENS, WIDTH, Router, eventually, router

TARGET = Where("p", "m", "k")
RESTING = Cooling(TARGET.target, NOW + 60, ErrorClass.OVERLOADED)
WEEKLY = SubscriptionWindow("7d", 0.5, NOW + 86_400, 604_800)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "llr" / "state.db"


def run(path: Path, retry: float = 0.02, now: float = NOW) -> AbstractAsyncContextManager[Router[SqliteState]]:
    return router(lambda ledger, spawn, told: SqliteState(ledger, path, lambda: now, spawn, told, retry=retry))


def rows(path: Path, table: str = "counts") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return list(database.execute(f"SELECT * FROM {table}"))


def written(path: Path, key: str = "p:hourly", measure: str = "requests") -> int:
    """What the file says of a count; 0 when it says nothing."""
    try:
        return next((row[3] for row in rows(path) if (row[0], row[2]) == (key, measure)), 0)  # type: ignore[return-value]
    except sqlite3.Error:
        return 0


# --- what is kept ---


async def test_counts_survive_a_restart(path: Path) -> None:
    """Promise 50."""
    async with run(path) as first:
        await first.serve(3, spent=Spent(100, 20))
    async with run(path) as second:
        assert second.used() == 3
        await second.serve(2)
    assert (written(path), written(path, measure="input_tokens")) == (5, 300)


async def test_a_rest_survives_a_restart(path: Path) -> None:
    async with run(path) as first:
        first.rest(RESTING)
    async with run(path) as second:
        assert second.state.ledger.health.resting(NOW) == (RESTING,)


async def test_a_rest_that_ended_early_does_not_come_back(path: Path) -> None:
    async with run(path) as first:
        first.rest(RESTING)
        await eventually(lambda: bool(path.exists() and rows(path, "facts")))
        first.recover(RESTING.key)
    async with run(path) as second:
        assert second.state.ledger.health.resting(NOW) == ()


async def test_rotations_go_on_where_they_were(path: Path) -> None:
    async with run(path) as first:
        first.state.rotate({"fast": {"p/a": -0.25, "p/b": 0.25}})
    async with run(path) as second:
        assert second.state.ledger.rotations == {"fast": {"p/a": -0.25, "p/b": 0.25}}


async def test_conversations_stay_bound(path: Path) -> None:
    async with run(path) as first:
        first.state.bind(("k",), "p/m#key", NOW, 3600.0)
    async with run(path, now=NOW + 1800) as second:
        assert second.state.ledger.bindings.find(("k",), NOW + 1800) == "p/m#key"
        assert second.state.ledger.bindings.find(("k",), NOW + 3601) is None


async def test_subscription_windows_are_kept(path: Path) -> None:
    async with run(path) as first:
        first.state.observed("p#k", (WEEKLY,))
    async with run(path) as second:
        assert second.state.ledger.windows == {"p#k": (WEEKLY,)}


async def test_what_is_over_is_forgotten(path: Path) -> None:
    async with run(path) as first:
        await first.serve()
        first.rest(RESTING)
        first.state.observed("p#k", (WEEKLY,))
    async with run(path, now=NOW + 9 * 86_400) as later:
        assert (later.state.ledger.windows, later.used()) == ({}, 0)
        later.state.rotate({"fast": {"p/a": 0.5}})
    assert [row[0] for row in rows(path, "facts")] == ["rotation"]
    assert rows(path) == []


async def test_neither_reservations_nor_concurrency_outlive_the_router(path: Path) -> None:
    """Promise 50: a reservation is never written."""
    async with run(path) as first:
        for bucket in (HOURLY, TOKENS, WIDTH):
            assert isinstance(await first.reserve(bucket, 2000), Lease)
    async with run(path) as second:
        assert all([isinstance(await second.reserve(WIDTH), Lease) for _ in range(5)])
        assert isinstance(await second.reserve(TOKENS, 2500), Lease)
        assert second.used() == 0


async def test_a_request_that_is_under_way_is_counted(path: Path) -> None:
    """Promise 50: the provider has it."""
    async with run(path) as first:
        lease = await first.reserve()
        assert isinstance(lease, Lease)
        first.state.sent(lease)
    async with run(path) as second:
        assert second.used() == 1


async def test_what_was_given_back_is_taken_back(path: Path) -> None:
    async with run(path) as first:
        lease = await first.reserve()
        assert isinstance(lease, Lease)
        first.state.sent(lease)
        await eventually(lambda: written(path) == 1)
        first.state.settle(lease, None, NOW)
    assert written(path) == 0


async def test_what_is_learnt_is_on_disk_within_a_tenth_of_a_second(path: Path) -> None:
    """Promise 50. (Generous here: the machine that tests may be busy.)"""
    async with run(path) as first:
        await first.serve()
        await eventually(lambda: written(path) == 1, 1.0)


# --- who may read it ---


async def test_file_and_folder_are_closed_to_others_under_any_umask(tmp_path: Path) -> None:
    """Promise 46."""
    path, before = tmp_path / "a" / "b" / "state.db", os.umask(0)
    try:
        async with run(path) as first:
            await first.serve()
            await eventually(lambda: written(path) == 1)
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    assert modes == {"a": 0o700, "b": 0o700, "state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


async def test_a_disk_that_hangs_holds_no_start_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The router serves without what it has not read yet, and knows it later."""
    async with run(path) as first:
        first.rest(RESTING)
    goes_on, attach = threading.Event(), Store.attach
    monkeypatch.setattr(sqlite_state, "OPEN_SECONDS", 0.01)
    monkeypatch.setattr(Store, "attach", lambda store, now: goes_on.wait(10) and attach(store, now))
    async with run(path) as second:
        assert second.state.ledger.health.resting(NOW) == ()
        goes_on.set()
        await eventually(lambda: second.state.ledger.health.resting(NOW) == (RESTING,))


async def test_an_open_file_is_closed(path: Path) -> None:
    """Promise 46."""
    async with run(path):
        pass
    path.chmod(0o644)
    async with run(path):
        assert path.stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_somebody_else_named_stays_as_it_is(tmp_path: Path) -> None:
    """It may be one that others need."""
    tmp_path.chmod(0o755)
    path = tmp_path / "state.db"
    async with router(lambda ledger, spawn, told: SqliteState(ledger, path, lambda: NOW, spawn, told, ours=False)):
        assert (tmp_path.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o755, 0o600)


# --- files that are broken ---


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all\n" * 1000)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zero_pages(path: Path) -> None:
    """The first page stands, what follows is gone."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))


DAMAGES = [garbage, truncated, zero_pages]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_a_broken_file_is_set_aside_and_said(path: Path, damage: object) -> None:
    """Promise 51."""
    async with run(path) as first:
        await first.serve(4)
        first.rest(RESTING)
    assert callable(damage)
    damage(path)
    broken = path.read_bytes()
    async with run(path) as second:
        assert await second.serve(2) == 2
        (kept,) = path.parent.glob("state.db.corrupt-*")
        assert kept.read_bytes() == broken
        assert [kept.name in line for line in second.told] == [True]
        assert second.state.problem == ""
    assert written(path) == 2


async def test_a_file_that_breaks_while_it_is_used_loses_nothing(path: Path) -> None:
    """Promise 51."""
    async with run(path) as first:
        await first.serve(4)
        first.rest(RESTING)
        first.state.bind(("k",), "p/m#", NOW, 3600.0)
        await eventually(lambda: written(path) == 4)
        draft = path.with_name("draft")
        garbage(draft)
        draft.replace(path)
        await first.serve(2)
        await eventually(lambda: written(path) == 6)
    async with run(path) as second:
        assert second.used() == 6
        assert second.state.ledger.health.resting(NOW) == (RESTING,)
        assert second.state.ledger.bindings.find(("k",), NOW) == "p/m#"


async def test_broken_files_do_not_fill_the_disk(path: Path) -> None:
    """Promise 51."""
    for _ in range(SET_ASIDE + 3):
        path.parent.mkdir(exist_ok=True)
        garbage(path)
        async with run(path):
            pass
    assert len(list(path.parent.glob("state.db.corrupt-*"))) == SET_ASIDE


# --- files that are not ours ---


async def test_the_file_of_a_newer_version_is_left_alone_and_said(path: Path) -> None:
    async with run(path) as first:
        await first.serve()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    async with run(path) as second:
        assert await second.serve(3) == 3
        assert "newer llr" in second.state.problem
        assert len(second.told) == 1
    assert path.read_bytes() == before


async def test_the_database_of_another_program_is_left_alone_and_said(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE photos (id)")
    before = path.read_bytes()
    async with run(path) as first:
        assert await first.serve() == 1
        assert "another program" in first.state.problem
    assert path.read_bytes() == before


async def test_the_state_of_the_predecessor_is_left_alone_and_said(path: Path) -> None:
    """It had the same variable for a file of JSON."""
    path.parent.mkdir()
    path.write_text('{"buckets": {}}')
    async with run(path) as first:
        assert await first.serve() == 1
        assert "JSON" in first.state.problem
    assert path.read_text() == '{"buckets": {}}'


# --- a disk that will not have it ---


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process is in the middle of writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    """Read-only, also for root, as which the tests may run. The file that SQLite maps into memory is left out: nothing
    that happens to disks makes a mapped page immutable but this very command, and it is answered by a SIGBUS."""
    targets = [str(each) for each in path.parent.iterdir() if not each.name.endswith("-shm")] + [str(path.parent)]
    if subprocess.run(["chattr", "+i", *targets], capture_output=True, check=False).returncode:
        pytest.skip("chattr +i is not to be had here")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *targets], check=True)


@contextmanager
def a_folder_in_its_place(path: Path) -> Iterator[None]:
    for each in path.parent.iterdir():
        each.unlink()
    path.mkdir()
    yield
    path.rmdir()


@contextmanager
def a_file_for_a_folder(path: Path) -> Iterator[None]:
    for each in path.parent.iterdir():
        each.unlink()
    path.parent.rmdir()
    path.parent.write_text("")
    yield
    path.parent.unlink()


OBSTACLES = [locked, immutable, a_folder_in_its_place, a_file_for_a_folder]


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda obstacle: obstacle.__name__)
async def test_a_file_that_cannot_be_written_stops_nothing_and_is_made_up_for(path: Path, obstacle: object) -> None:
    """Promise 51."""
    assert callable(obstacle)
    async with run(path) as first:
        await first.serve(2)
        await eventually(lambda: written(path) == 2)
        with obstacle(path):
            assert await first.serve(3) == 3
            first.rest(RESTING)
            await eventually(lambda: first.state.problem != "")
            assert str(path) in first.state.problem
            await asyncio.sleep(0.1)
            assert len(first.told) == 1
        await eventually(lambda: first.state.problem == "")
        assert len(first.told) == 2
        await eventually(lambda: written(path) == 5)
    async with run(path) as second:
        assert second.used() == 5
        assert second.state.ledger.health.resting(NOW) == (RESTING,)


@pytest.mark.parametrize("obstacle", [locked, immutable], ids=lambda obstacle: obstacle.__name__)
async def test_what_could_not_be_read_at_the_start_is_read_later(path: Path, obstacle: object) -> None:
    """Promise 51: the counts of before are neither lost nor overwritten."""
    assert callable(obstacle)
    async with run(path) as first:
        await first.serve(4)
    with closing(sqlite3.connect(path)) as database:  # so that a lock keeps readers out, too
        database.execute("PRAGMA journal_mode = DELETE")
    with obstacle(path):
        async with run(path) as second:
            assert second.state.problem
            assert await second.serve(3) == 3
    async with run(path, retry=0.02) as third:
        with obstacle(path):
            pass
        await third.serve(2)
        await eventually(lambda: written(path) == 6)


async def test_a_late_file_brings_its_counts(path: Path) -> None:
    """Promise 51."""
    async with run(path) as first:
        await first.serve(4)
    hidden = path.with_name("hidden")
    path.rename(hidden)
    path.mkdir()
    async with run(path) as second:
        await second.serve(3)
        assert second.used() == 3
        path.rmdir()
        hidden.rename(path)
        await eventually(lambda: written(path) == 7)
        assert second.used() == 7


FULL = """
import asyncio, resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from addons.edge.sqlite_state import SqliteState
from harness.states import NOW, Router, eventually, router

async def main(path):
    make = lambda ledger, spawn, told: SqliteState(ledger, path, lambda: NOW, spawn, told, retry=0.02)
    async with router(make) as first:
        await first.serve(2)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        await asyncio.sleep(0.2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(path.name + "-wal").stat().st_size, before[1]))
        assert await first.serve(3) == 3
        await eventually(lambda: first.state.problem != "")
        print(first.state.problem)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        await eventually(lambda: first.state.problem == "")

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_full_disk_stops_nothing_and_is_made_up_for(path: Path) -> None:
    """Promise 51. A limit on the size of files stands in for the disk."""
    command = [sys.executable, "-c", FULL, str(path), *sys.path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    assert "cannot be kept" in done.stdout
    assert written(path) == 5


# --- files that go away or change ---


async def test_a_file_that_is_deleted_is_written_anew_whole(path: Path) -> None:
    """Promise 51."""
    async with run(path) as first:
        await first.serve(3)
        first.rest(RESTING)
        first.state.rotate({"fast": {"p/a": 0.5}})
        await eventually(lambda: written(path) == 3 and len(rows(path, "facts")) == 2)
        path.unlink()
        await first.serve(1)
        await eventually(lambda: written(path) == 4)
    assert sorted(row[0] for row in rows(path, "facts")) == ["cooling", "rotation"]  # type: ignore[type-var]


async def test_a_log_that_is_deleted_loses_nothing(path: Path) -> None:
    async with run(path) as first:
        await first.serve(3)
        await eventually(lambda: written(path) == 3)
        path.with_name("state.db-wal").unlink()
        await first.serve(1)
        await eventually(lambda: written(path) == 4)


async def test_a_file_that_is_replaced_is_taken_up(path: Path, tmp_path: Path) -> None:
    """What both files know of a count is the higher number, not the sum."""
    other = tmp_path / "other" / "state.db"
    async with run(other) as first:
        await first.serve(7)
        await first.serve(2, NARROW)
    async with run(path) as second:
        await second.serve(3)
        await second.serve(3, NARROW)
        await eventually(lambda: (written(path), written(path, "p:narrow")) == (3, 3))
        other.replace(path)
        await second.serve(1)
        await eventually(lambda: (second.used(), second.used(NARROW)) == (8, 3))
        assert list(path.parent.glob("*corrupt*")) == []
    assert (written(path), written(path, "p:narrow")) == (8, 3)


# --- two routers and one file ---


async def test_the_counts_of_two_routers_add_up(path: Path) -> None:
    async with run(path) as first, run(path) as second:
        await first.serve(3)
        await second.serve(4)
        await eventually(lambda: written(path) == 7)
        await eventually(lambda: (first.used(), second.used()) == (7, 7))


async def test_what_one_router_used_up_is_refused_by_the_other(path: Path) -> None:
    async with run(path) as first, run(path) as second:
        await first.serve(5, NARROW)
        await eventually(lambda: second.used(NARROW) == 5)
        assert isinstance(await second.reserve(NARROW), Shortage)


async def test_rests_are_told_and_ended_among_routers(path: Path) -> None:
    async with run(path) as first, run(path) as second:
        first.rest(RESTING)
        await eventually(lambda: second.state.ledger.health.resting(NOW) == (RESTING,))
        second.recover(RESTING.key)
        await eventually(lambda: first.state.ledger.health.resting(NOW) == ())


async def test_two_routers_that_lose_their_file_do_not_count_twice(path: Path) -> None:
    async with run(path) as first, run(path) as second:
        await first.serve(3)
        await second.serve(4)
        await eventually(lambda: (first.used(), second.used()) == (7, 7))
        path.unlink()
        await first.serve(1)
        await second.serve(1)
        await eventually(lambda: written(path) == 9)
        await asyncio.sleep(0.15)
        assert written(path) == 9


async def test_two_routers_under_load_do_not_corrupt_the_file(path: Path) -> None:
    async def load(each: Router[SqliteState]) -> None:
        for _ in range(100):
            await each.serve(2, spent=Spent(10, 1))
            await asyncio.sleep(0.002)

    async with run(path) as first, run(path) as second:
        await asyncio.gather(load(first), load(second))
    assert (written(path), written(path, measure="input_tokens")) == (400, 4000)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# --- what makes no sense ---


async def test_facts_that_make_no_sense_are_left_out(path: Path) -> None:
    """Promise 51."""
    async with run(path) as first:
        await first.serve()
    bad = ["nonsense", "[", "null", "[1]", '{"a": "x"}', '{"a": NaN}', '"?"', '[{"name": 1}]', '[{"used": "x"}]']
    with closing(sqlite3.connect(path)) as database, database:
        for kind in ("cooling", "rotation", "windows", "unknown"):
            for number, value in enumerate(bad):
                database.execute("INSERT INTO facts VALUES (?, ?, ?, ?)", (kind, str(number), value, NOW + 60))
    async with run(path) as second:
        ledger = second.state.ledger
        assert (second.used(), ledger.rotations, ledger.windows, ledger.health.resting(NOW)) == (1, {}, {}, ())
        assert second.told == []


async def test_a_clock_that_was_ahead_binds_and_closes_nothing_for_long(path: Path) -> None:
    """Promise 52."""
    async with run(path, now=NOW + 400 * 86_400) as first:
        ahead = NOW + 400 * 86_400
        first.state.bind(("k",), "p/m#", ahead, 3600.0)
        first.rest(Cooling("p/m", ahead + 60, ErrorClass.OVERLOADED))
    async with run(path) as second:
        week = NOW + 8 * 86_400
        assert second.state.ledger.bindings.find(("k",), week) is None
        assert second.state.ledger.health.resting(week) == ()


async def test_numbers_and_names_that_sqlite_cannot_hold_break_nothing(path: Path) -> None:
    """Providers say anything, and JSON can write half a character."""
    async with run(path) as first:
        await first.serve(spent=Spent(10**30, 10**30))
        first.state.rotate({"half \ud83d": {"p/\ud83d": 1.0}})
        await eventually(lambda: written(path, measure="input_tokens") > 0)
        await first.serve(spent=Spent(10**30, 1))
    assert written(path) == 2


async def test_what_can_never_be_written_keeps_nothing_else_away(path: Path) -> None:
    async with run(path) as first:
        first.state.bind(("k",), "p/m#", NOW, float("nan"))
        await eventually(lambda: first.state.problem != "")
        await first.serve(2)
        await eventually(lambda: first.state.problem == "")
        await eventually(lambda: written(path) == 2)
