"""Specification of addons/core/windows.py."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.windows import Unit, Window, parse, span, unit_of

UNITS: tuple[Unit, ...] = ("second", "minute", "hour", "day", "week", "month")
MOMENTS = st.floats(min_value=-1e9, max_value=4e9)
WINDOWS = st.builds(Window, st.sampled_from(UNITS), st.integers(1, 400))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("window", "label", "start", "end"),
    [
        (Window("second", 10), "second:10:2026-11-21T08:16:50Z", "2026-11-21T08:16:50", "2026-11-21T08:17:00"),
        (Window("minute", 1), "minute:1:2026-11-21T08:16Z", "2026-11-21T08:16", "2026-11-21T08:17"),
        (Window("hour", 6), "hour:6:2026-11-21T06Z", "2026-11-21T06:00", "2026-11-21T12:00"),
        (Window("day", 1), "day:1:2026-11-21", "2026-11-21", "2026-11-22"),
        (Window("week", 1), "week:1:2026-W47", "2026-11-16", "2026-11-23"),
        (Window("month", 1), "month:1:2026-11", "2026-11-01", "2026-12-01"),
        (Window("month", 3), "month:3:2026-10", "2026-10-01", "2027-01-01"),
        (Window("month", 12), "month:12:2026-01", "2026-01-01", "2027-01-01"),
    ],
)
def test_windows_are_those_of_the_calendar_in_utc(window: Window, label: str, start: str, end: str) -> None:
    assert span(window, at("2026-11-21T08:16:51.5")) == (label, at(start), at(end))


def test_groups_of_days_are_counted_from_the_epoch() -> None:
    assert span(Window("day", 7), at("1970-01-07T23:59:59")).start == 0
    assert span(Window("day", 7), at("1970-01-08")).start == at("1970-01-08")


def test_groups_of_weeks_are_counted_from_the_first_monday() -> None:
    assert span(Window("week", 2), at("1970-01-05")).start == at("1970-01-05")
    assert span(Window("week", 2), at("1970-01-18T23:59:59")).start == at("1970-01-05")
    assert span(Window("week", 2), at("1970-01-19")).start == at("1970-01-19")


def test_the_days_before_the_first_monday_belong_to_a_week_as_well() -> None:
    assert span(Window("week"), 0.0) == ("week:1:1970-W01", at("1969-12-29"), at("1970-01-05"))


def test_the_week_that_holds_new_year_is_named_as_iso_names_it() -> None:
    assert span(Window("week"), at("2027-01-01")).label == "week:1:2026-W53"


def test_a_leap_day_belongs_to_its_month() -> None:
    february = span(Window("month"), at("2028-02-29T12:00"))
    assert (february.start, february.end) == (at("2028-02-01"), at("2028-03-01"))


@given(WINDOWS, MOMENTS)
def test_a_window_holds_its_moment_and_begins_the_next_one(window: Window, now: float) -> None:
    found = span(window, now)
    assert found.start <= now < found.end
    assert span(window, found.start) == found
    assert span(window, found.end).start == found.end


@given(WINDOWS, MOMENTS, MOMENTS)
def test_two_moments_share_a_label_exactly_when_they_share_a_window(window: Window, one: float, other: float) -> None:
    first, second = span(window, one), span(window, other)
    assert (first.label == second.label) == (first == second)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("month:1", Window("month")), ("1w", Window("week")), ("7day", Window("day", 7)), ("hour/6", Window("hour", 6)),
        ("5m", Window("minute", 5)), ("5mo", Window("month", 5)), ("2mon", Window("month", 2)),
        ("wk/2", Window("week", 2)),
        ("30 seconds", Window("second", 30)), ("sec:30", Window("second", 30)), ("30s", Window("second", 30)),
        ("2hrs", Window("hour", 2)), ("hr:2", Window("hour", 2)), ("3h", Window("hour", 3)), ("14d", Window("day", 14)),
        ("Month:2", Window("month", 2)), (" day : 1 ", Window("day")), ("day", Window("day")),
        ("m:1", Window("minute")),
        ("1min", Window("minute")), ("minutes:15", Window("minute", 15)),
    ],
)  # fmt: skip
def test_every_spelling_of_the_command_line_is_read(text: str, window: Window) -> None:
    assert parse(text) == window


@pytest.mark.parametrize(
    "text",
    ["", "5", "5 parsecs", "day:0", "0d", "-1d", "day:-1", "1.5h", "day:10001", "1M", "d:" + "9" * 400, "٣d", "6/hour"],
)
def test_anything_else_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match=r"month:1, hour/6, 7day or 1w; units are second"):
        parse(text)


@given(st.text())
def test_only_value_errors_escape(text: str) -> None:
    with suppress(ValueError):
        parse(text)


@given(WINDOWS)
def test_the_name_of_a_window_is_read_back(window: Window) -> None:
    assert parse(window.name) == window


def test_units_are_read_alone_too() -> None:
    assert unit_of("weeks") == "week"


@pytest.mark.parametrize("size", [0, -1, 10_001])
def test_a_window_without_a_sane_size_cannot_be_made(size: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 10000"):
        Window("day", size)
