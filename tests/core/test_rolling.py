"""Specification of addons/core/rolling.py."""

from hypothesis import given
from hypothesis import strategies as st

from addons.core.rolling import Rolling


def test_both_counts_are_summed_over_the_window() -> None:
    rolling = Rolling(10.0)
    rolling.add(0.0, 1, 2)
    rolling.add(5.0, 10, 20)
    assert rolling.totals(9.9) == (11, 22)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    rolling = Rolling(10.0)
    rolling.add(0.0, 1)
    rolling.add(5.0, 1)
    assert rolling.totals(10.0) == (1, 0)
    assert rolling.totals(15.0) == (0, 0)


def test_a_clock_that_goes_back_loses_and_doubles_nothing() -> None:
    rolling = Rolling(10.0)
    rolling.add(100.0, 1)
    rolling.add(50.0, 1)
    assert rolling.totals(100.0) == (2, 0)


def test_it_can_be_cleared() -> None:
    rolling = Rolling(10.0)
    rolling.add(0.0, 1, 1)
    rolling.clear()
    assert rolling.totals(0.0) == (0, 0)


@given(st.lists(st.floats(0, 30), max_size=50))
def test_it_counts_at_least_the_last_nine_tenths_and_at_most_the_whole_window(gaps: list[float]) -> None:
    rolling, moments, now = Rolling(10.0), list[float](), 0.0
    for gap in gaps:
        now += gap
        rolling.add(now, 1)
        moments.append(now)
        surely = sum(now - moment < 9.0 - 1e-6 for moment in moments)
        possibly = sum(now - moment <= 10.0 + 1e-6 for moment in moments)
        assert surely <= rolling.totals(now)[0] <= possibly
