"""Specification of addons/core/provider_limits.py. The headers are those that the providers are known to send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.provider_limits import ROWS, Reported, SubscriptionWindow, limits_of, urgency

NOW = 1_795_248_611.0  # 2026-11-21T08:10:11Z
HOUR, DAY = 3600.0, 86_400.0


def measures(headers: dict[str, str]) -> set[tuple[str, int | None, int, float | None]]:
    """With the seconds until the reset in the last place."""
    found = limits_of(headers, NOW).measures
    return {
        (one.measure, one.limit, one.remaining, None if one.resets_at is None else round(one.resets_at - NOW, 3))
        for one in found
    }


# --- limits ---


def test_anthropic_tells_four_measures_with_resets_in_rfc_3339() -> None:
    headers = {
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "anthropic-ratelimit-requests-reset": "2026-11-21T08:10:12Z",
        "anthropic-ratelimit-tokens-limit": "2480000",
        "anthropic-ratelimit-tokens-remaining": "2479000",
        "anthropic-ratelimit-tokens-reset": "2026-11-21T08:10:13Z",
        "anthropic-ratelimit-input-tokens-limit": "2000000",
        "anthropic-ratelimit-input-tokens-remaining": "1999000",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-21T08:10:14Z",
        "anthropic-ratelimit-output-tokens-limit": "480000",
        "anthropic-ratelimit-output-tokens-remaining": "480000",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-21T08:10:15Z",
    }
    assert measures(headers) == {
        ("requests", 4000, 3999, 1.0),
        ("tokens", 2_480_000, 2_479_000, 2.0),
        ("input_tokens", 2_000_000, 1_999_000, 3.0),
        ("output_tokens", 480_000, 480_000, 4.0),
    }


def test_openai_tells_requests_and_tokens_with_durations_as_go_writes_them() -> None:
    headers = {
        "x-ratelimit-limit-requests": "5000",
        "x-ratelimit-limit-tokens": "160000",
        "x-ratelimit-remaining-requests": "4999",
        "x-ratelimit-remaining-tokens": "159984",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-reset-tokens": "6m30s",
    }
    assert measures(headers) == {("requests", 5000, 4999, 0.012), ("tokens", 160_000, 159_984, 390.0)}


def test_azure_tells_minus_one_when_it_does_not_know() -> None:
    headers = {
        "x-ratelimit-limit-tokens": "-1",
        "x-ratelimit-remaining-tokens": "-1",
        "x-ratelimit-reset-tokens": "0",
    }
    assert measures(headers) == set()


def test_of_a_minutes_and_a_days_limit_the_one_with_less_left_is_told() -> None:
    cerebras = {
        "x-ratelimit-limit-requests-day": "14400",
        "x-ratelimit-remaining-requests-day": "12",
        "x-ratelimit-reset-requests-day": "33011.38",
        "x-ratelimit-limit-tokens-minute": "60000",
        "x-ratelimit-remaining-tokens-minute": "50",
        "x-ratelimit-reset-tokens-minute": "26.5",
        "x-ratelimit-limit-tokens-day": "1000000",
        "x-ratelimit-remaining-tokens-day": "900000",
        "x-ratelimit-reset-tokens-day": "33011.38",
    }
    assert measures(cerebras) == {("requests", 14_400, 12, 33_011.38), ("tokens", 60_000, 50, 26.5)}


def test_of_two_limits_that_are_used_up_the_later_reset_is_told() -> None:
    headers = {
        "x-ratelimit-remaining-tokens-minute": "0",
        "x-ratelimit-reset-tokens-minute": "10",
        "x-ratelimit-remaining-tokens-day": "0",
        "x-ratelimit-reset-tokens-day": "5000",
    }
    assert measures(headers) == {("tokens", None, 0, 5000.0)}


def test_a_limit_without_a_reset_resets_within_the_period_that_it_is_named_for() -> None:
    mistral = {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "59"}
    assert measures(mistral) == {("requests", 60, 59, 60.0)}


def test_a_limit_without_any_word_of_its_reset_has_none() -> None:
    assert measures({"x-ratelimit-remaining-requests": "3"}) == {("requests", None, 3, None)}


def test_openrouter_tells_its_reset_in_milliseconds() -> None:
    headers = {
        "X-RateLimit-Limit": "20",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1795248640000",
    }
    assert measures(headers) == {("requests", 20, 0, 29.0)}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "40", "ratelimit-reset": "12"},
            ("requests", 100, 40, 12.0),
        ),
        ({"ratelimit": "limit=100, remaining=40, reset=12"}, ("requests", 100, 40, 12.0)),
        (
            {"ratelimit": '"burst";r=40;t=12', "ratelimit-policy": '"burst";q=100;w=60, "daily";q=1000;w=86400'},
            ("requests", 100, 40, 12.0),
        ),
        ({"ratelimit": '"burst";r=0', "ratelimit-policy": '"burst";q=100;w=60'}, ("requests", 100, 0, 60.0)),
        (
            {"ratelimit": 'default;r=400;t=30;pk=:Zm9v:', "ratelimit-policy": 'default;q=500;w=60;qu="tokens"'},
            ("tokens", 500, 400, 30.0),
        ),
        (
            {"ratelimit": '"burst";r=40;t=12, "daily";r=3;t=5000', "ratelimit-policy": '"daily";q=1000;w=86400'},
            ("requests", 1000, 3, 5000.0),
        ),
    ],
)  # fmt: skip
def test_the_drafts_of_the_ietf_are_read(headers: dict[str, str], expected: tuple[str, int, int, float]) -> None:
    assert measures(headers) == {expected}


def test_a_draft_that_counts_bytes_says_nothing_of_ours() -> None:
    assert measures({"ratelimit": '"b";r=40;t=12', "ratelimit-policy": '"b";q=100;w=60;qu="content-bytes"'}) == set()


def test_absolute_resets_are_corrected_by_the_providers_clock() -> None:
    """Promise 52."""
    headers = {
        "date": "Sat, 21 Nov 2026 09:10:11 GMT",
        "anthropic-ratelimit-requests-remaining": "1",
        "anthropic-ratelimit-requests-reset": "2026-11-21T09:10:21Z",
    }
    assert measures(headers) == {("requests", None, 1, 10.0)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name("*"))
def test_garbage_is_ignored_in_every_row(row: object) -> None:
    name = getattr(row, "name")  # noqa: B009  # the rows' own type is private
    assert limits_of({name("remaining"): "many", name("limit"): "7", name("reset"): "1s"}, NOW) == Reported()
    found = limits_of({name("remaining"): "5", name("limit"): "x", name("reset"): "x"}, NOW).measures
    assert [(one.limit, one.remaining) for one in found] == [(None, 5)]


def test_ordinary_headers_say_nothing() -> None:
    assert limits_of({"content-type": "text/event-stream", "date": "Sat, 21 Nov 2026 09:10:11 GMT"}, NOW) == Reported()


def test_retry_after_is_told_as_well() -> None:
    """Promise 24."""
    assert limits_of({"Retry-After": "7835"}, NOW).retry_after == 7835.0


NAMES = st.sampled_from(
    [row.name(part) for row in ROWS for part in ("limit", "remaining", "reset")]
    + ["ratelimit", "ratelimit-policy", "date", "retry-after", "retry-after-ms"]
    + [f"anthropic-ratelimit-unified-{part}" for part in ("status", "reset", "representative-claim")]
    + [f"anthropic-ratelimit-unified-5h-{part}" for part in ("status", "reset", "utilization")]
    + [f"x-codex-primary-{part}" for part in ("used-percent", "window-minutes", "reset-at", "reset-after-seconds")]
)
VALUES = (
    st.text() | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["rejected", "5h", '"a";r=1;t=', "1m"])
)


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_is_said_nothing_escapes_and_nothing_is_out_of_bounds(headers: dict[str, str]) -> None:
    found = limits_of(headers, NOW)
    assert all(one.remaining >= 0 and (one.limit is None or one.limit >= 0) for one in found.measures)
    assert len({one.measure for one in found.measures}) == len(found.measures)
    assert all(0.0 <= window.used <= 1.0 for window in found.windows)
    assert 0.0 <= urgency(found.windows, NOW) <= 10.0


# --- subscriptions ---


def window(name: str, used: float, left: float | None, length: float | None) -> SubscriptionWindow:
    return SubscriptionWindow(name, used, None if left is None else NOW + left, length)


def test_anthropics_subscription_tells_its_windows_as_fractions() -> None:
    headers = {
        "anthropic-ratelimit-unified-status": "allowed",
        "anthropic-ratelimit-unified-5h-status": "allowed",
        "anthropic-ratelimit-unified-5h-utilization": "0.17",
        "anthropic-ratelimit-unified-5h-reset": "1795255811",
        "anthropic-ratelimit-unified-7d-status": "allowed_warning",
        "anthropic-ratelimit-unified-7d-utilization": "0.81",
        "anthropic-ratelimit-unified-7d-reset": "2026-11-23T08:10:11Z",
        "anthropic-ratelimit-unified-overage-status": "allowed",
        "anthropic-ratelimit-unified-overage-utilization": "0.0",
        "anthropic-ratelimit-unified-representative-claim": "seven_day",
        "anthropic-ratelimit-unified-fallback-percentage": "0.5",
    }
    assert limits_of(headers, NOW) == Reported(
        windows=(window("5h", 0.17, 2 * HOUR, 5 * HOUR), window("7d", 0.81, 2 * DAY, 7 * DAY))
    )


def test_a_window_that_refuses_is_used_up_and_utilisation_beyond_the_whole_is_the_whole() -> None:
    headers = {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-utilization": "0.98",
        "anthropic-ratelimit-unified-7d-status": "allowed",
        "anthropic-ratelimit-unified-7d-utilization": "1.01",
        "retry-after": "7835",
    }
    found = limits_of(headers, NOW)
    assert found.windows == (window("5h", 1.0, None, 5 * HOUR), window("7d", 1.0, None, 7 * DAY))
    assert found.retry_after == 7835.0


def test_a_refusal_that_names_only_its_claim_is_a_window_used_up() -> None:
    headers = {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
        "anthropic-ratelimit-unified-reset": "1795255811",
    }
    assert limits_of(headers, NOW).windows == (window("5h", 1.0, 2 * HOUR, 5 * HOUR),)


def test_a_window_of_one_family_of_models_keeps_its_name() -> None:
    headers = {
        "anthropic-ratelimit-unified-7d_opus-utilization": "1",
        "anthropic-ratelimit-unified-7d_opus-reset": "junk",
    }
    (found,) = limits_of(headers, NOW).windows
    assert found == window("7d_opus", 1.0, None, 7 * DAY)
    assert not found.of_all_models


def test_codex_tells_two_windows_in_percent() -> None:
    headers = {
        "x-codex-plan-type": "pro",
        "x-codex-primary-used-percent": "42.5",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-after-seconds": "7200",
        "x-codex-primary-reset-at": "1795255800",
        "x-codex-secondary-used-percent": "7",
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-at": "1795334011",
        "x-codex-bengalfox-primary-used-percent": "99",
    }
    assert limits_of(headers, NOW).windows == (
        window("5h", 0.425, 2 * HOUR, 5 * HOUR),
        window("7d", 0.07, 85_400.0, 7 * DAY),
    )


def test_codex_windows_are_named_by_length_because_plans_differ_in_which_is_the_week() -> None:
    headers = {
        "x-codex-primary-used-percent": "48",
        "x-codex-primary-window-minutes": "10080",
        "x-codex-primary-resets-in-seconds": "340319",
        "x-codex-secondary-used-percent": "0",
        "x-codex-secondary-window-minutes": "0",
    }
    assert limits_of(headers, NOW).windows == (window("7d", 0.48, 340_319.0, 7 * DAY),)


def test_a_codex_window_of_unknown_length_keeps_its_place_as_its_name() -> None:
    assert limits_of({"x-codex-primary-used-percent": "100"}, NOW).windows == (window("primary", 1.0, None, None),)


# --- use it or lose it ---


def test_nothing_known_is_neither_urgent_nor_slow() -> None:
    assert urgency([], NOW) == 1.0


@pytest.mark.parametrize(
    ("used", "left", "expected"),
    [(0.5, 3.5 * DAY, 1.0), (0.5, DAY, 3.5), (0.9, 3.5 * DAY, 0.2), (0.0, HOUR, 10.0), (0.999, 7 * DAY, 0.1)],
)
def test_urgent_is_what_has_more_left_than_time_to_use_it_in(used: float, left: float, expected: float) -> None:
    assert urgency([window("7d", used, left, 7 * DAY)], NOW) == pytest.approx(expected)


def test_the_subscription_that_resets_soonest_is_drained_first() -> None:
    soon = [window("5h", 0.2, 2 * HOUR, 5 * HOUR), window("7d", 0.5, DAY, 7 * DAY)]
    later = [window("5h", 0.0, 5 * HOUR, 5 * HOUR), window("7d", 0.1, 6 * DAY, 7 * DAY)]
    assert urgency(soon, NOW) > urgency(later, NOW)


@pytest.mark.parametrize("used_up", ["5h", "7d"])
def test_a_window_that_is_used_up_stops_the_subscription(used_up: str) -> None:
    windows = [window("5h", 0.1, HOUR, 5 * HOUR), window("7d", 0.1, DAY, 7 * DAY)]
    changed = [window(one.name, 1.0, HOUR, one.length) if one.name == used_up else one for one in windows]
    assert urgency(changed, NOW) == 0.0


def test_a_short_window_slows_the_long_one_down_and_never_spurs_it_on() -> None:
    week = window("7d", 0.5, 3.5 * DAY, 7 * DAY)
    assert urgency([window("5h", 0.9, 2.5 * HOUR, 5 * HOUR), week], NOW) == pytest.approx(0.2)
    assert urgency([window("5h", 0.0, 60.0, 5 * HOUR), week], NOW) == pytest.approx(1.0)


def test_a_window_that_was_reset_since_says_nothing_any_more() -> None:
    assert urgency([window("5h", 1.0, -1.0, 5 * HOUR)], NOW) == 1.0


def test_a_window_used_up_without_a_known_reset_slows_down_and_does_not_stop_for_ever() -> None:
    assert urgency([window("primary", 1.0, None, None)], NOW) == 0.1


def test_the_window_of_one_family_of_models_does_not_stop_the_others() -> None:
    assert urgency([window("7d_opus", 1.0, DAY, 7 * DAY), window("7d", 0.5, 3.5 * DAY, 7 * DAY)], NOW) == 1.0
