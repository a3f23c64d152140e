"""Specification of addons/reload.py: when a configuration is read again, and what becomes of a bad one."""

import asyncio
import os
from pathlib import Path

import pytest

from addons.config import ConfigProblem
from addons.core.plan import Plan
from addons.edge.tasks import Tasks
from addons.reload import Reload, Watched

SOON = 0.005
OLD, NEW = "old", "new, and longer"


class Reloading:
    """A configuration file whose text is the `source` of its plan; "bad" is no configuration."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.taken: list[str] = []
        self.refused: list[str] = []
        self.happened = asyncio.Event()
        self.tasks = Tasks()
        self.reload = Reload(Watched.now(file), self._read, self._swap, self._refuse, self.tasks.spawn, SOON)

    def _read(self) -> Plan:
        text = self.file.read_text()
        if text.startswith("bad"):
            raise ConfigProblem(str(self.file), [text])
        return Plan(source=text)

    def _swap(self, plan: Plan) -> None:
        self.taken.append(plan.source)
        self.happened.set()

    def _refuse(self, problem: str) -> None:
        self.refused.append(problem)
        self.happened.set()

    async def next(self) -> None:
        await asyncio.wait_for(self.happened.wait(), 5)
        self.happened.clear()

    async def looks(self, count: int) -> None:
        """Waits until the file was looked at `count` times more."""
        await asyncio.sleep(SOON * (count + 1))


@pytest.fixture
async def reloading(tmp_path: Path) -> Reloading:
    file = tmp_path / "llr.json"
    file.write_text(OLD)
    made = Reloading(file)
    made.reload.running()
    return made


async def test_a_rewritten_file_is_read_again(reloading: Reloading) -> None:
    reloading.file.write_text(NEW)
    await reloading.next()
    assert reloading.taken == [NEW]
    await reloading.tasks.cancel_all()


async def test_a_replaced_file_is_read_again(reloading: Reloading) -> None:
    """Editors write a new file and move it over the old one; size and time may be the same."""
    before = reloading.file.stat()
    draft = reloading.file.with_suffix(".new")
    draft.write_text("wen")
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    draft.replace(reloading.file)
    await reloading.next()
    assert reloading.taken == ["wen"]
    await reloading.tasks.cancel_all()


async def test_a_file_behind_a_link_is_read_again(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text(OLD)
    link.symlink_to(real)
    reloading = Reloading(link)
    reloading.reload.running()
    real.write_text(NEW)
    await reloading.next()
    assert reloading.taken == [NEW]
    await reloading.tasks.cancel_all()


async def test_a_change_between_reading_and_watching_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "llr.json"
    file.write_text(OLD)
    reloading = Reloading(file)
    file.write_text(NEW)
    reloading.reload.running()
    await reloading.next()
    assert reloading.taken == [NEW]
    await reloading.tasks.cancel_all()


async def test_a_bad_file_is_told_and_changes_nothing(reloading: Reloading) -> None:
    """Promise 32."""
    reloading.file.write_text("bad: providers[0].id")
    await reloading.next()
    assert reloading.taken == [] and "providers[0].id" in reloading.refused[0]
    await reloading.tasks.cancel_all()


async def test_a_mended_file_is_taken(reloading: Reloading) -> None:
    reloading.file.write_text("bad")
    await reloading.next()
    reloading.file.write_text(NEW)
    await reloading.next()
    assert reloading.taken == [NEW]
    await reloading.tasks.cancel_all()


async def test_a_file_that_is_away_for_a_moment_is_no_change(reloading: Reloading) -> None:
    kept = reloading.file.with_suffix(".kept")
    reloading.file.rename(kept)
    await reloading.looks(4)
    kept.rename(reloading.file)
    await reloading.looks(4)
    assert (reloading.taken, reloading.refused) == ([], [])
    await reloading.tasks.cancel_all()


async def test_a_reload_on_demand_reads_an_unchanged_file(reloading: Reloading) -> None:
    assert await reloading.reload.reload()
    assert reloading.taken == [OLD]
    await reloading.tasks.cancel_all()
