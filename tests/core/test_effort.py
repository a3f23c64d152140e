"""Efforts and budgets of thinking, each in terms of the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.effort import LADDER, MIN_BUDGET, budget, clamp, effort, effort_of
from addons.core.model import Reasoning


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("High", "high"), ("off", "none"), ("disabled", "none"), ("normal", "medium"), ("standard", "medium"),
        ("extra high", "xhigh"), ("ultra", "xhigh"), ("maximum", "max"), ("blue", None), (7, None), (None, None),
    ],
)  # fmt: skip
def test_the_words_of_clients(word, level):
    assert effort_of(word) == level


@pytest.mark.parametrize(
    ("share", "level"),
    [(0.97, "max"), (0.96, "xhigh"), (0.82, "xhigh"), (0.65, "high"), (0.30, "medium"), (0.29, "low")],
)
def test_a_budget_is_judged_by_its_share_of_the_limit(share, level):
    assert effort(Reasoning(budget=int(100_000 * share)), 100_000) == level


@pytest.mark.parametrize(
    ("tokens", "level"),
    [(31_999, "max"), (31_998, "xhigh"), (28_000, "xhigh"), (24_000, "high"), (6_000, "medium"), (5_999, "low")],
)
def test_a_budget_without_a_limit_is_judged_by_its_size(tokens, level):
    assert effort(Reasoning(budget=tokens), None) == level


def test_a_word_counts_more_than_a_budget_and_silence_is_silence():
    assert effort(Reasoning("low", budget=31_999), None) == "low"
    assert effort(Reasoning(enabled=False), None) == "none"
    assert effort(Reasoning(enabled=True, adaptive=True), 8_000) is None


@given(level=st.sampled_from(LADDER), limit=st.integers(1, 200_000))
def test_a_budget_fits_below_the_limit_or_is_none(level, limit):
    tokens = budget(Reasoning(level), limit)

    assert tokens is None or MIN_BUDGET <= tokens < limit


@pytest.mark.parametrize("level", ["none", "minimal"])
def test_no_wish_no_budget(level):
    assert budget(Reasoning(level), 32_000) is None


@pytest.mark.parametrize(
    ("wanted", "supported", "level"),
    [
        ("xhigh", ("low", "medium", "high", "max"), "high"),
        ("max", ("low", "medium", "high"), "high"),
        ("none", ("low", "high"), "low"),
        ("medium", ("high",), "high"),
        ("minimal", ("none", "low"), "none"),
    ],
)
def test_the_highest_level_that_is_not_above_the_wish(wanted, supported, level):
    assert clamp(wanted, supported) == level
