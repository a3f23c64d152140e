"""Specification of addons/edge/clock.py."""

import time

import pytest

from addons.edge.clock import Clock


def test_it_begins_with_the_wall_clock() -> None:
    assert Clock()() == pytest.approx(time.time(), abs=0.5)


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0, -2e9])
def test_a_wall_clock_that_is_set_moves_nothing(monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    """Promise 52."""
    clock = Clock()
    before, wall = clock(), time.time()
    monkeypatch.setattr(time, "time", lambda: wall + jump)
    assert 0 <= clock() - before < 5


def test_it_never_goes_back() -> None:
    clock = Clock()
    seen = [clock() for _ in range(1000)]
    assert seen == sorted(seen)


def test_it_counts_the_time_that_a_machine_sleeps_where_the_system_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that ended while the lid was closed has ended."""
    clock_of_boot = getattr(time, "CLOCK_BOOTTIME", None)
    if clock_of_boot is None:
        pytest.skip("this system has no such clock")
    clock = Clock()
    before, real = clock(), time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: real(which) + 3600 * (which == clock_of_boot))
    assert clock() - before == pytest.approx(3600, abs=5)
