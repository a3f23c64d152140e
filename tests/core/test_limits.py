"""Specification of addons/core/limits.py."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from addons.core.buckets import Bucket, Claim, Lease, Shortage, Spent
from addons.core.limits import Counters, Row
from addons.core.tally import Measure
from addons.core.windows import Window

NOW = datetime(2026, 11, 21, 8, 16, 51, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
LEFT_OF_MINUTE, LEFT_OF_HOUR = 9.0, 2589.0


def bucket(name: str = "b", unit: str = "minute:1", **caps: int) -> Bucket:
    known: Mapping[Measure, int] = caps  # type: ignore[assignment]  # keyword names are plain strings
    windowed = any(measure != "concurrent" for measure in caps)
    word, _, size = unit.partition(":")
    return Bucket(name, known, Window(word, int(size)) if windowed else None)  # type: ignore[arg-type]


def claim(target: Bucket, tokens_in: int = 10, tokens_out: int = 5) -> Claim:
    return Claim(f"p:{target.id}", target, tokens_in, tokens_out)


def granted(answer: Lease | Shortage) -> Lease:
    assert isinstance(answer, Lease), answer
    return answer


def refused(answer: Lease | Shortage) -> Shortage:
    assert isinstance(answer, Shortage), answer
    return answer


# --- reserving ---


def test_twenty_requests_at_once_against_a_cap_of_two_let_two_through() -> None:
    counters, two = Counters(), bucket(requests=2)
    answers = [counters.reserve([claim(two)], NOW) for _ in range(20)]
    assert [isinstance(answer, Lease) for answer in answers] == [True, True] + [False] * 18


def test_a_shortage_names_bucket_and_measure_and_when_the_window_resets() -> None:
    counters, one = Counters(), bucket(requests=1)
    granted(counters.reserve([claim(one)], NOW))
    assert counters.reserve([claim(one)], NOW) == Shortage("b", "requests", LEFT_OF_MINUTE)


def test_the_next_window_has_room_again() -> None:
    counters, one = Counters(), bucket(requests=1)
    granted(counters.reserve([claim(one)], NOW))
    granted(counters.reserve([claim(one)], NOW + LEFT_OF_MINUTE))


@pytest.mark.parametrize(
    ("measure", "cap"), [("tokens", 30), ("input_tokens", 20), ("output_tokens", 10), ("concurrent", 2)]
)
def test_every_measure_is_capped(measure: Measure, cap: int) -> None:
    counters, capped = Counters(), bucket(**{measure: cap})
    granted(counters.reserve([claim(capped)], NOW))
    granted(counters.reserve([claim(capped)], NOW))
    assert refused(counters.reserve([claim(capped)], NOW)).measure == measure


def test_all_buckets_must_have_room_or_nothing_is_reserved_in_any() -> None:
    counters, wide, tight = Counters(), bucket("wide", requests=10), bucket("tight", requests=1)
    granted(counters.reserve([claim(wide), claim(tight)], NOW))
    assert refused(counters.reserve([claim(wide), claim(tight)], NOW)).bucket_id == "tight"
    assert counters.remaining("p:wide", wide, NOW) == 0.9
    assert counters.running("p:wide") == 1


def test_of_several_shortages_the_one_that_lasts_longest_is_told() -> None:
    counters, minute, hour = Counters(), bucket("minute", requests=1), bucket("hour", "hour:1", requests=1)
    granted(counters.reserve([claim(minute), claim(hour)], NOW))
    assert counters.reserve([claim(minute), claim(hour)], NOW) == Shortage("hour", "requests", LEFT_OF_HOUR)


def test_when_only_running_requests_are_in_the_way_no_reset_is_promised() -> None:
    counters, one = Counters(), bucket(concurrent=1)
    granted(counters.reserve([claim(one)], NOW))
    assert counters.reserve([claim(one)], NOW) == Shortage("b", "concurrent", None)


def test_a_request_larger_than_the_cap_itself_is_told_that_no_reset_helps() -> None:
    counters, small = Counters(), bucket(requests=1, tokens=14)
    granted(counters.reserve([claim(small, 1, 1)], NOW))
    assert counters.reserve([claim(small)], NOW) == Shortage("b", "tokens", None)


def test_a_cap_of_zero_lets_nothing_through() -> None:
    assert refused(Counters().reserve([claim(bucket(requests=0))], NOW)).retry_after is None


def test_keys_are_counted_apart() -> None:
    counters, one = Counters(), bucket(requests=1)
    granted(counters.reserve([Claim("p:b:first", one)], NOW))
    granted(counters.reserve([Claim("p:b:second", one)], NOW))


def test_nothing_claimed_is_granted() -> None:
    granted(Counters().reserve([], NOW))


# --- settling ---


def test_what_was_spent_replaces_the_estimate() -> None:
    counters, capped = Counters(), bucket(requests=10, tokens=100)
    lease = granted(counters.reserve([claim(capped, 40, 40)], NOW))
    assert counters.remaining("p:b", capped, NOW) == pytest.approx(0.2)
    counters.settle(lease, Spent(10, 20), NOW)
    assert counters.remaining("p:b", capped, NOW) == pytest.approx(0.7)


def test_more_may_be_spent_than_was_estimated_and_then_nothing_passes() -> None:
    counters, capped = Counters(), bucket(tokens=100)
    counters.settle(granted(counters.reserve([claim(capped)], NOW)), Spent(100, 50), NOW)
    assert counters.remaining("p:b", capped, NOW) == 0.0
    assert refused(counters.reserve([claim(capped, 1, 0)], NOW)).measure == "tokens"


def test_what_was_never_sent_is_given_back_whole() -> None:
    counters, capped = Counters(), bucket(requests=1, tokens=15, concurrent=1)
    counters.settle(granted(counters.reserve([claim(capped)], NOW)), None, NOW)
    assert counters.remaining("p:b", capped, NOW) == 1.0
    granted(counters.reserve([claim(capped)], NOW))


@pytest.mark.parametrize("spent", [None, Spent(1, 1)])
def test_settling_twice_is_harmless(spent: Spent | None) -> None:
    counters, capped = Counters(), bucket(requests=3, concurrent=3)
    first, second = (granted(counters.reserve([claim(capped)], NOW)) for _ in range(2))
    counters.settle(first, spent, NOW)
    once = counters.remaining("p:b", capped, NOW)
    counters.settle(first, None, NOW)
    counters.settle(first, Spent(9, 9), NOW)
    assert counters.remaining("p:b", capped, NOW) == once
    assert counters.running("p:b") == 1
    counters.settle(second, None, NOW)


def test_a_request_that_ends_in_the_next_window_is_settled_in_its_own() -> None:
    counters, capped = Counters(), bucket(tokens=100)
    lease = granted(counters.reserve([claim(capped, 50, 50)], NOW))
    later = NOW + MINUTE
    counters.settle(lease, Spent(10, 10), later)
    assert counters.remaining("p:b", capped, later) == 1.0
    assert counters.remaining("p:b", capped, NOW) == pytest.approx(0.8)


def test_a_request_that_runs_across_windows_keeps_its_place_among_the_concurrent_ones() -> None:
    counters, one = Counters(), bucket(concurrent=1)
    lease = granted(counters.reserve([claim(one)], NOW))
    refused(counters.reserve([claim(one)], NOW + DAY))
    counters.settle(lease, Spent(), NOW + DAY)
    granted(counters.reserve([claim(one)], NOW + DAY))


def test_a_provider_that_reports_nonsense_gives_nothing_back() -> None:
    counters, capped = Counters(), bucket(tokens=100)
    counters.settle(granted(counters.reserve([claim(capped)], NOW)), Spent(-50, -50), NOW)
    assert counters.remaining("p:b", capped, NOW) == 1.0


# --- what is left ---


def test_the_tightest_cap_decides_what_remains() -> None:
    counters, capped = Counters(), bucket(requests=10, tokens=20, concurrent=2)
    granted(counters.reserve([claim(capped, 10, 5)], NOW))
    assert counters.remaining("p:b", capped, NOW) == pytest.approx(0.25)


def test_all_remains_of_a_bucket_without_caps() -> None:
    assert Counters().remaining("p:b", bucket(), NOW) == 1.0


def test_room_comes_now_or_with_the_reset_or_with_no_reset() -> None:
    counters, one = Counters(), bucket(requests=1)
    assert counters.room_at(claim(one), NOW) == 0.0
    granted(counters.reserve([claim(one)], NOW))
    assert counters.room_at(claim(one), NOW) == LEFT_OF_MINUTE
    assert counters.room_at(claim(bucket("none", requests=0)), NOW) is None


# --- what the provider says ---


def test_no_more_passes_than_the_provider_said_until_its_reset() -> None:
    counters, wide = Counters(), bucket(unit="hour:1", requests=100)
    counters.teach("p:b", "requests", 1, 50, NOW + 20, NOW)
    granted(counters.reserve([claim(wide)], NOW))
    assert counters.reserve([claim(wide)], NOW + 5) == Shortage("b", "requests", 15.0)
    granted(counters.reserve([claim(wide)], NOW + 20))


def test_what_the_provider_said_holds_for_a_bucket_without_caps_too() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "tokens", 14, None, NOW + 20, NOW)
    assert refused(counters.reserve([claim(none)], NOW)).measure == "tokens"


def test_what_the_provider_said_counts_among_what_remains() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "requests", 10, 50, NOW + 20, NOW)
    assert counters.remaining("p:b", none, NOW) == pytest.approx(0.2)
    granted(counters.reserve([claim(none)], NOW))
    assert counters.remaining("p:b", none, NOW) == pytest.approx(0.18)


def test_of_one_reset_the_lower_report_holds_because_answers_overtake_each_other() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "requests", 0, 50, NOW + 20, NOW)
    counters.teach("p:b", "requests", 1, 50, NOW + 20, NOW)
    refused(counters.reserve([claim(none)], NOW))


def test_a_report_of_a_later_reset_replaces_the_one_before() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "requests", 0, 50, NOW + 20, NOW)
    counters.teach("p:b", "requests", 1, 50, NOW + 30, NOW + 10)
    granted(counters.reserve([claim(none)], NOW + 10))


def test_a_provider_never_widens_a_cap_of_ours() -> None:
    counters, one = Counters(), bucket(requests=1)
    counters.teach("p:b", "requests", 1000, 1000, NOW + 20, NOW)
    granted(counters.reserve([claim(one)], NOW))
    refused(counters.reserve([claim(one)], NOW))


def test_what_was_not_needed_is_given_back_to_what_the_provider_said() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "tokens", 15, 100, NOW + 20, NOW)
    lease = granted(counters.reserve([claim(none)], NOW))
    refused(counters.reserve([claim(none)], NOW))
    counters.settle(lease, None, NOW)
    granted(counters.reserve([claim(none)], NOW))


def test_what_the_provider_had_counted_already_is_not_given_back() -> None:
    counters, none = Counters(), bucket()
    lease = granted(counters.reserve([claim(none)], NOW))
    counters.teach("p:b", "requests", 0, 100, NOW + 20, NOW)
    counters.settle(lease, None, NOW)
    refused(counters.reserve([claim(none)], NOW))


@pytest.mark.parametrize("resets_at", [NOW, NOW - 5])
def test_a_report_of_a_window_that_is_over_is_ignored(resets_at: float) -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "requests", 0, 100, resets_at, NOW)
    granted(counters.reserve([claim(none)], NOW))


def test_a_reset_in_the_year_9999_closes_nothing_for_longer_than_a_month() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "requests", 0, 100, 253_402_300_000.0, NOW)
    wait = refused(counters.reserve([claim(none)], NOW)).retry_after
    assert wait is not None and wait <= 32 * DAY


def test_a_request_larger_than_the_providers_limit_is_told_that_no_reset_helps() -> None:
    counters, none = Counters(), bucket()
    counters.teach("p:b", "tokens", 10, 12, NOW + 20, NOW)
    assert refused(counters.reserve([claim(none)], NOW)).retry_after is None


# --- clocks that jump ---


@pytest.mark.parametrize("jump", [-MINUTE, -DAY, -400 * DAY])
def test_a_clock_put_back_does_not_reopen_a_window_that_was_used_up(jump: float) -> None:
    """Promise 52."""
    counters, one = Counters(), bucket(requests=1)
    granted(counters.reserve([claim(one)], NOW + jump))
    granted(counters.reserve([claim(one)], NOW))
    refused(counters.reserve([claim(one)], NOW + jump))
    refused(counters.reserve([claim(one)], NOW))


def test_a_clock_that_was_ahead_by_mistake_closes_nothing_when_it_is_put_right() -> None:
    """Promise 52."""
    counters, one = Counters(), bucket(requests=1)
    granted(counters.reserve([claim(one)], NOW))
    granted(counters.reserve([claim(one)], NOW + DAY))
    granted(counters.reserve([claim(one)], NOW + MINUTE))


def test_a_lease_is_settled_in_its_window_whatever_the_clock_did_since() -> None:
    """Promise 52."""
    counters, capped = Counters(), bucket(requests=5, concurrent=5)
    lease = granted(counters.reserve([claim(capped)], NOW))
    counters.settle(lease, None, NOW - DAY)
    assert counters.remaining("p:b", capped, NOW) == 1.0


def test_a_clock_put_back_by_a_day_does_not_make_the_providers_reset_a_day_longer() -> None:
    """Promise 52."""
    counters, none = Counters(), bucket()
    counters.teach("p:b", "requests", 0, 50, NOW + 20, NOW)
    assert refused(counters.reserve([claim(none)], NOW - DAY)).retry_after == 20.0
    granted(counters.reserve([claim(none)], NOW - DAY + 20))


def test_a_clock_that_was_never_set_stands_at_the_last_time_that_was_seen() -> None:
    """Promise 52."""
    counters, one = Counters(), bucket(unit="day:1", requests=1)
    granted(counters.reserve([claim(one)], NOW))
    refused(counters.reserve([claim(one)], 12.0))


def test_a_clock_that_was_never_set_stands_at_the_restored_time_after_a_restart() -> None:
    """Promise 52."""
    before, after, one = Counters(), Counters(), bucket(unit="day:1", requests=1)
    before.settle(granted(before.reserve([claim(one)], NOW)), Spent(), NOW)
    after.restore(before.changes(), 12.0)
    refused(after.reserve([claim(one)], 12.0))


# --- persistence ---


def test_only_what_was_spent_is_persisted_and_only_once() -> None:
    """Promise 50."""
    counters, capped = Counters(), bucket(requests=9, concurrent=9)
    first = granted(counters.reserve([claim(capped)], NOW))
    granted(counters.reserve([claim(capped)], NOW))
    assert counters.changes() == []
    counters.settle(first, Spent(7, 3), NOW)
    label, end = "minute:1:2026-11-21T08:16Z", NOW + LEFT_OF_MINUTE
    assert counters.changes() == [
        Row("p:b", label, "requests", 1, end),
        Row("p:b", label, "input_tokens", 7, end),
        Row("p:b", label, "output_tokens", 3, end),
    ]
    assert counters.changes() == []


def test_a_request_that_the_provider_has_is_persisted_while_it_runs() -> None:
    """Promise 50."""
    counters, capped = Counters(), bucket(requests=9, tokens=90)
    lease = granted(counters.reserve([claim(capped)], NOW))
    counters.sent(lease)
    counters.sent(lease)
    assert [(row.measure, row.used) for row in counters.changes()] == [("requests", 1)]
    counters.settle(lease, Spent(7, 3), NOW)
    assert [(row.measure, row.used) for row in counters.changes()] == [("input_tokens", 7), ("output_tokens", 3)]


def test_what_was_sent_and_not_taken_is_taken_back_from_what_is_persisted() -> None:
    counters, capped = Counters(), bucket(requests=9)
    lease = granted(counters.reserve([claim(capped)], NOW))
    counters.sent(lease)
    counters.changes()
    counters.settle(lease, None, NOW)
    assert [(row.measure, row.used) for row in counters.changes()] == [("requests", -1)]
    assert counters.remaining("p:b", capped, NOW) == 1.0


def test_restored_counts_hold_and_neither_reservations_nor_concurrency_come_back() -> None:
    """Promise 50."""
    before, after, capped = Counters(), Counters(), bucket(requests=2, concurrent=2)
    before.settle(granted(before.reserve([claim(capped)], NOW)), Spent(1, 1), NOW)
    granted(before.reserve([claim(capped)], NOW))
    after.restore(before.changes(), NOW)
    assert after.running("p:b") == 0
    assert after.changes() == []
    granted(after.reserve([claim(capped)], NOW))
    assert refused(after.reserve([claim(capped)], NOW)).measure == "requests"


def test_counts_go_on_from_where_they_were_restored() -> None:
    """Promise 50."""
    before, after, capped = Counters(), Counters(), bucket(requests=9)
    before.settle(granted(before.reserve([claim(capped)], NOW)), Spent(1, 1), NOW)
    after.restore(before.changes(), NOW)
    after.settle(granted(after.reserve([claim(capped)], NOW)), Spent(1, 1), NOW)
    assert next((row.measure, row.used) for row in after.changes()) == ("requests", 1)
    assert after.remaining("p:b", capped, NOW) == 7 / 9


def test_what_was_spent_before_the_counts_were_restored_comes_on_top() -> None:
    """Promise 50."""
    before, after, capped = Counters(), Counters(), bucket(requests=9)
    before.settle(granted(before.reserve([claim(capped)], NOW)), Spent(1, 1), NOW)
    after.settle(granted(after.reserve([claim(capped)], NOW)), Spent(1, 1), NOW)
    after.restore(before.changes(), NOW)
    assert next((row.measure, row.used) for row in after.changes()) == ("requests", 1)
    assert after.remaining("p:b", capped, NOW) == 7 / 9


def test_what_others_spent_is_observed_and_no_change() -> None:
    counters, capped = Counters(), bucket(requests=9)
    counters.settle(granted(counters.reserve([claim(capped)], NOW)), Spent(), NOW)
    (mine,) = counters.changes()
    counters.settle(granted(counters.reserve([claim(capped)], NOW)), Spent(), NOW)
    counters.observe([mine._replace(used=5)])
    assert counters.remaining("p:b", capped, NOW) == 3 / 9  # five of everybody's, and one that is not reported
    assert counters.reported() == [mine._replace(used=5)]
    assert counters.changes() == [mine]


def test_windows_long_past_are_not_restored() -> None:
    before, after, one = Counters(), Counters(), bucket(requests=1)
    before.settle(granted(before.reserve([claim(one)], NOW)), Spent(), NOW)
    after.restore(before.changes(), NOW + 3 * DAY)
    assert after.remaining("p:b", one, NOW) == 1.0


def test_rows_of_a_damaged_file_are_left_out() -> None:
    """Promise 51."""
    counters, one = Counters(), bucket(requests=1)
    end = NOW + LEFT_OF_MINUTE
    good = "minute:1:2026-11-21T08:16Z"
    counters.restore(
        [
            Row("p:b", good, "concurrent", 7, end),
            Row("p:b", good, "requests", -7, end),
            Row("p:b", good, "requests", 7, end + 1),
            Row("p:b", "minute:0:2026-11-21T08:16Z", "requests", 7, end),
            Row("p:b", "", "requests", 7, end),
            Row("p:b", good, "requests", 7, float("inf")),
            Row("p:b", good, "requests", 7, float("nan")),
        ],
        NOW,
    )
    assert counters.remaining("p:b", one, NOW) == 1.0
