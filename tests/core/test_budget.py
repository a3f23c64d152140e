"""Specification of addons/core/budget.py."""

from collections import Counter
from random import Random

import pytest

from addons.core.budget import RetryBudget

ATTEMPTS = 3


def retries(budget: RetryBudget, requests: int, now: float = 0.0, target: str = "t") -> int:
    """How many retries `requests` requests get, that fail at every attempt, all at once."""
    for _ in range(requests):
        budget.request(now)
        budget.asked(target, now)
    return sum(budget.retry(target, now) for _ in range(requests * (ATTEMPTS - 1)))


def test_one_retry_comes_with_ten_requests() -> None:
    """Promise 25."""
    assert retries(RetryBudget(floor=0), 1000) == 100


def test_a_single_users_tool_keeps_its_retries() -> None:
    """Promise 25."""
    assert retries(RetryBudget(), 4) == 8


def test_the_floor_holds_for_all_targets_together() -> None:
    budget = RetryBudget()
    assert [retries(budget, 5, target=name) for name in "abc"] == [10, 0, 0]


def test_retries_come_back_as_the_window_slides() -> None:
    budget = RetryBudget(window=30.0)
    assert retries(budget, 10) == 10
    assert not budget.allowed("t", 20.0)
    assert budget.allowed("t", 31.0)


def test_asking_whether_takes_nothing() -> None:
    budget = RetryBudget(floor=1)
    assert [budget.allowed("t", 0.0) for _ in range(5)] == [True] * 5
    assert [budget.retry("t", 0.0), budget.retry("t", 0.0)] == [True, False]


def test_a_small_target_is_not_retried_on_the_account_of_the_others() -> None:
    """Promise 25."""
    budget = RetryBudget(floor=0)
    for _ in range(10_000):
        budget.request(0.0)
        budget.asked("large", 0.0)
    for _ in range(100):
        budget.request(0.0)
        budget.asked("small", 0.0)
    assert sum(budget.retry("small", 0.0) for _ in range(1000)) == 10


def test_a_budget_of_nothing_allows_nothing() -> None:
    assert retries(RetryBudget(ratio=0.0, floor=0), 100) == 0


@pytest.mark.parametrize("per_second", [20, 200])
def test_a_provider_that_always_fails_gets_a_tenth_more_than_its_load(per_second: int) -> None:
    """Promise 25. Ten minutes of random arrivals, three attempts each, every one of which fails; the fallback fails as
    well and is still asked once for every request."""
    budget, rng, calls, now = RetryBudget(), Random(7), Counter[str](), 0.0
    requests = 600 * per_second
    for _ in range(requests):
        now += rng.expovariate(per_second)
        budget.request(now)
        for target in ("origin", "fallback"):
            budget.asked(target, now)
            calls[target] += 1
            for _ in range(ATTEMPTS - 1 if target == "origin" else 0):
                calls[target] += budget.retry(target, now)
    assert 1.05 * requests < calls["origin"] <= 1.1 * requests
    assert calls["fallback"] == requests


def test_a_healthy_fleet_with_a_few_failures_is_retried_freely() -> None:
    """Promise 25."""
    budget, rng, now, refused = RetryBudget(), Random(7), 0.0, 0
    for _ in range(20_000):
        now += rng.expovariate(50)
        budget.request(now)
        budget.asked("t", now)
        if rng.random() < 0.02:
            refused += not budget.retry("t", now)
    assert refused == 0
