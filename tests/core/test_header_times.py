"""Specification of addons/core/header_times.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.header_times import moment, retry_after, skew

NOW = 1_795_248_611.0  # 2026-11-21T08:10:11Z
HTTP_NOW = "Sat, 21 Nov 2026 08:10:11 GMT"
HTTP_LATER = "Sat, 21 Nov 2026 08:11:41 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6ms", 0.006), ("1s", 1.0), ("1m30s", 90.0), ("6m0s", 360.0), ("2m59.56s", 179.56), ("1h0m0s", 3600.0),
        ("120µs", 0.00012), ("24h1m2s", 86_462.0), ("1d2h", 93_600.0), ("0s", 0.0), ("26.5", 26.5), ("60", 60.0),
        (" 7 ", 7.0), ("1795248641", 30.0), ("1795248641500", 30.5), ("2026-11-21T08:10:41Z", 30.0),
        ("2026-11-21T09:10:41.250+01:00", 30.25), ("2026-11-21T08:10:41", 30.0), ("2026-11-21T08:10:01Z", -10.0),
    ],
)  # fmt: skip
def test_every_way_to_tell_a_reset_becomes_a_moment(text: str, seconds: float) -> None:
    found = moment(text, NOW)
    assert found is not None and found - NOW == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "-1", "1m30", "m", "1w", "NaN", "inf", "1e9", "2026-13-41T99:00:00Z", "2026-11-21",
     "9999-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "253402300000", "9" * 400, "1970-01-01T00:00:00Z", "９"],
)  # fmt: skip
def test_what_makes_no_sense_is_no_moment(text: str | None) -> None:
    assert moment(text, NOW) is None


def test_a_moment_is_told_in_our_time_and_a_duration_needs_no_correction() -> None:
    assert moment("1795252241", NOW, ahead=3600.0) == NOW + 30.0
    assert moment("30s", NOW, ahead=3600.0) == NOW + 30.0


def test_clocks_that_differ_by_seconds_are_taken_for_the_same() -> None:
    assert skew(HTTP_NOW, NOW) == 0.0
    assert skew(HTTP_NOW, NOW + 5.0) == 0.0
    assert skew(HTTP_LATER, NOW) == 90.0
    assert skew("no date", NOW) == skew(None, NOW) == 0.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "junk", "retry-after": "2"}, 2.0),
        ({"retry-after": HTTP_LATER}, 90.0),
        ({"retry-after": HTTP_LATER, "date": HTTP_LATER}, 0.0),
        ({"retry-after": "Fri, 20 Nov 2026 08:10:11 GMT"}, 0.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_400.0),
        ({"retry-after": "99999999999999999999"}, 86_400.0),
        ({"retry-after": "9" * 400}, 86_400.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "garbage"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Promise 24."""
    assert retry_after(headers, NOW) == seconds


@given(st.text() | st.from_regex(r"[0-9]{0,30}[a-zA-Z.:,+-]{0,5}[0-9]{0,30}", fullmatch=True))
def test_nothing_escapes_and_nothing_is_out_of_bounds(text: str) -> None:
    """Promise 24."""
    found = moment(text, NOW)
    assert found is None or abs(found - NOW) <= 400 * 86_400.0
    waited = retry_after({"retry-after": text, "date": text}, NOW)
    assert waited is None or 0.0 <= waited <= 86_400.0
