"""Specification of addons/core/activity_stats.py: what the log adds up to."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.activity import Entry
from addons.core.activity_stats import BY, NOBODY, OWN, Wanted, percentile, summed
from addons.core.events import Usage

GOOD = Entry(
    "req_1", 0.0, "codex", "openai", "fast", served="p/m", first_event=1.0, total=2.0, usage=Usage(100, 10, 60, 5, 3)
)
FELL_BACK = replace(GOOD, served="q/n", attempts=("p/m:529/overloaded#1",))
REFUSED = replace(GOOD, tool="pi", served="", status=429, error="rate_limited", attempts=("p/m:429/rate_limited#1",))
LEFT = replace(GOOD, left=True, total=99.0, usage=Usage())
ALL = (GOOD, FELL_BACK, REFUSED, LEFT)


def test_requests_are_counted_by_what_became_of_them() -> None:
    whole, groups = summed(ALL, None)
    assert (whole.requests, whole.failures, whole.left, whole.fallbacks, whole.refusals) == (4, 1, 1, 1, 2)
    assert groups == {}


def test_tokens_are_summed_as_far_as_they_were_reported() -> None:
    whole, _ = summed((GOOD, LEFT, replace(GOOD, usage=Usage(7))), None)
    assert (whole.input, whole.output, whole.cached, whole.written, whole.reasoning) == (107, 10, 60, 5, 3)


@pytest.mark.parametrize(
    ("by", "requests"),
    [
        ("tool", {"codex": 3, "pi": 1}),
        ("model", {"p/m": 2, NOBODY: 1, "q/n": 1}),
        ("provider", {"p": 2, NOBODY: 1, "q": 1}),
    ],
)
def test_groups_are_by_what_is_shared_the_most_requests_first(by: str, requests: dict[str, int]) -> None:
    _, groups = summed(ALL, by)
    assert {name: group.requests for name, group in groups.items()} == requests
    assert list(groups) == list(requests)


@pytest.mark.parametrize(
    ("by", "refusals"), [("model", {"p/m": 2}), ("provider", {"p": 2}), ("tool", {"codex": 1, "pi": 1})]
)
def test_a_failed_attempt_counts_for_whom_it_failed_at(by: str, refusals: dict[str, int]) -> None:
    _, groups = summed(ALL, by)
    assert {name: group.refusals for name, group in groups.items() if group.refusals} == refusals


def test_whoever_never_answers_is_in_the_table_all_the_same() -> None:
    _, groups = summed((FELL_BACK,), "provider")
    assert (groups["p"].requests, groups["p"].refusals) == (0, 1)


@pytest.mark.parametrize("by", ["model", "provider"])
def test_what_was_passed_on_has_a_row_of_its_own(by: str) -> None:
    whole, groups = summed((replace(GOOD, served="", status=0, passed_on=True),), by)
    assert groups[OWN].requests == 1 and whole.total(50) is None


def test_latencies_are_those_of_whole_answers() -> None:
    whole, _ = summed(ALL, None)
    assert (whole.first_event(50), whole.total(95)) == (1.0, 2.0)


def test_without_a_whole_answer_there_is_no_latency() -> None:
    whole, _ = summed((REFUSED, LEFT), None)
    assert (whole.first_event(50), whole.total(95)) == (None, None)


def test_percentiles_are_by_nearest_rank() -> None:
    values = [15.0, 20.0, 35.0, 40.0, 50.0]
    assert [percentile(values, percent) for percent in (5, 30, 40, 50, 95, 100)] == [15.0, 20.0, 20.0, 35.0, 50.0, 50.0]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)


def test_costs_are_summed_and_what_has_no_price_is_counted() -> None:
    prices = {"p/m": Decimal("0.5"), "q/n": None}
    whole, groups = summed(ALL, "model", lambda entry: prices[entry.served])
    assert (whole.cost, whole.unpriced) == (Decimal("0.5"), 1)
    assert (groups["p/m"].cost, groups["q/n"].cost) == (Decimal("0.5"), None)


def test_without_a_price_list_there_are_no_costs() -> None:
    whole, _ = summed(ALL, "model")
    assert (whole.cost, whole.unpriced) == (None, 0)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [GOOD, FELL_BACK, REFUSED, LEFT]),
        (Wanted(failed=True), [REFUSED]),
        (Wanted(tool="PI"), [REFUSED]),
        (Wanted(tool="cod*"), [GOOD, FELL_BACK, LEFT]),
        (Wanted(tool="od*"), []),
        (Wanted(model="q/"), [FELL_BACK]),
        (Wanted(model="fast"), [GOOD, FELL_BACK, REFUSED, LEFT]),
        (Wanted(model="?/m"), [GOOD, LEFT]),
        (Wanted(failed=True, tool="codex"), []),
    ],
)
def test_names_are_parts_or_globs(wanted: Wanted, found: list[Entry]) -> None:
    assert [entry for entry in ALL if wanted.fits(entry)] == found


def test_every_word_of_by_has_a_test() -> None:
    assert set(BY) == {"tool", "model", "provider"}
