"""Specification of llr_cli/units.py."""

from decimal import Decimal

import pytest

from llr_cli import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172_800), ("1w", 604_800), (" 1H ", 3600), ("0s", 0)],
)
def test_a_span_is_numbers_with_units(text: str, seconds: float) -> None:
    assert units.span(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "h", "1 h", "-1h", "1.5h", "1y", "99999999999d"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1h30m"):
        units.span(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0.0, "0 ms"),
        (0.4124, "412 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (12.34, "12.3 s"),
        (99.96, "1m40s"),
        (185.0, "3m05s"),
        (3599.7, "1h00m"),
        (7800.0, "2h10m"),
    ],
)
def test_durations_are_short(seconds: float | None, shown: str) -> None:
    assert units.duration(seconds) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "-"),
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (12_345, "12.3k"),
        (999_960, "1.0M"),
        (4_500_000_000, "4.5G"),
    ],
)
def test_counts_are_short(number: int | None, shown: str) -> None:
    assert units.count(number) == shown


def test_a_share_of_nothing_is_none() -> None:
    assert (units.share(1, 4), units.share(0, 0)) == ("25%", "-")


@pytest.mark.parametrize(
    ("amount", "shown"), [(None, "-"), (Decimal("0.00123"), "$0.0012"), (Decimal("1234.567"), "$1,234.57")]
)
def test_small_amounts_are_seen(amount: Decimal | None, shown: str) -> None:
    assert units.money(amount) == shown
