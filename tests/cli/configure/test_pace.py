"""Specification of llr_cli/configure/pace.py."""

import pytest

from llr_cli.configure.pace import Pace


@pytest.mark.parametrize("rpm", [1, 2, 30])
async def test_never_more_calls_in_a_minute(rpm: int) -> None:
    now, taken = [0.0], []

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(rpm, lambda: now[0], sleep)
    for _ in range(3 * rpm + 1):
        await pace.turn()
        taken.append(now[0])
    assert all(later - sooner >= 60 for sooner, later in zip(taken, taken[rpm:], strict=False))
    assert taken[rpm - 1] == 0 and now[0] == 180
