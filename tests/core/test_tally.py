"""Specification of addons/core/tally.py."""

from addons.core.tally import REMEMBERED, Amounts, Tally
from addons.core.windows import Window

MINUTE = Window("minute")


def test_tokens_are_the_sum_of_both_kinds() -> None:
    amounts = Amounts(1, 20, 3)
    assert [amounts.of("requests"), amounts.of("tokens"), amounts.of("concurrent")] == [1, 23, 0]


def test_amounts_are_added_and_taken_away_each_for_itself() -> None:
    assert Amounts(1, 2, 3).plus(Amounts(10, 20, 30)) == Amounts(11, 22, 33)
    assert Amounts(11, 22, 33).minus(Amounts(1, 2, 3)) == Amounts(10, 20, 30)


def test_spent_and_open_are_both_used() -> None:
    tally = Tally()
    count = tally.count("w", 60.0)
    count.spent, count.open = Amounts(1, 2, 3), Amounts(1)
    assert tally.used("w") == Amounts(2, 2, 3)
    assert tally.used("another") == Amounts()


def test_a_day_of_minutes_is_remembered_and_no_more_than_that_is_kept() -> None:
    tally = Tally()
    labels = [tally.span(MINUTE, 60.0 * minute).label for minute in range(REMEMBERED + 10)]
    for label in labels:
        tally.count(label, 0.0)
    assert REMEMBERED >= 24 * 60
    assert list(tally.counts) == labels[10:]


def test_a_window_in_which_a_request_still_runs_is_never_forgotten() -> None:
    tally = Tally()
    tally.count("running", 0.0).open = Amounts(1)
    for number in range(REMEMBERED + 10):
        tally.count(str(number), 0.0)
    assert tally.used("running") == Amounts(1)
    assert len(tally.counts) == REMEMBERED


def test_a_window_that_is_used_again_is_not_counted_anew() -> None:
    tally = Tally()
    tally.count("w", 60.0).spent = Amounts(1)
    assert tally.count("w", 60.0).spent == Amounts(1)


def test_the_window_follows_the_clock_in_both_directions() -> None:
    tally = Tally()
    starts = [tally.span(MINUTE, now).start for now in (61.0, 119.9, 120.0, 59.0)]
    assert starts == [60.0, 60.0, 120.0, 0.0]


def test_another_window_on_the_same_bucket_is_another_count() -> None:
    tally = Tally()
    assert tally.span(MINUTE, 61.0).label != tally.span(Window("hour"), 61.0).label
