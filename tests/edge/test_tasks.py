"""Tasks are held, and their failures are seen."""

import asyncio
import logging

import pytest

from addons.edge.tasks import Tasks


async def test_a_failure_is_logged_with_the_name_of_the_task(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise KeyError("gone")

    tasks = Tasks()
    with caplog.at_level(logging.ERROR, "llr"):
        tasks.spawn(fails(), "the mender")
        assert await tasks.wait(1.0)
    assert "the mender" in caplog.text
    assert "KeyError" in caplog.text


async def test_cancel_all_waits_for_the_end_of_each() -> None:
    ended: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("tidied")

    tasks = Tasks()
    tasks.spawn(tidy(), "tidy")
    await asyncio.sleep(0)
    await tasks.cancel_all()
    assert (ended, len(tasks)) == (["tidied"], 0)


async def test_waiting_says_whether_all_ended() -> None:
    tasks = Tasks()
    tasks.spawn(asyncio.Event().wait(), "endless")
    assert not await tasks.wait(0.01)
    await tasks.cancel_all()
    assert await tasks.wait(0.01)


async def test_a_task_that_ends_at_once_leaves_nothing() -> None:
    async def instant() -> int:
        return 7

    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    tasks = Tasks()
    assert await tasks.spawn(instant(), "instant") == 7
    assert len(tasks) == 0
