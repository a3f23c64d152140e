"""Specification of addons/core/strategy.py: each strategy by simulation, and what a single choice looks like."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from math import ceil
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.strategy import EXPLORATION, STRATEGY_NAMES, Currents, Ranking, Standing, Strategy, rank

PICKS = 100_000
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy.__value__)
ROTATING: tuple[Strategy, ...] = ("round-robin", "weighted-rr", "quota-aware-weighted-rr", "auto")


def never() -> float:
    """A chance that leaves nothing to chance: no exploration."""
    return 0.999


def members(**weights: float) -> list[Standing]:
    return [Standing(key, weight) for key, weight in weights.items()]


class Play:
    """One rotation, picked from again and again."""

    def __init__(self, strategy: Strategy, chance: Callable[[], float] = never) -> None:
        self.strategy: Strategy = strategy
        self.chance = chance
        self.currents: Currents = {}

    def rank(self, standing: list[Standing]) -> Ranking:
        found = rank(self.strategy, standing, self.currents, self.chance)
        self.currents = found.currents
        return found

    def pick(self, standing: list[Standing]) -> str:
        return standing[self.rank(standing).order[0]].key

    def picks(self, standing: list[Standing], count: int) -> Iterator[str]:
        return (self.pick(standing) for _ in range(count))


def longest_run(picks: list[str], key: str) -> int:
    return max((len(list(run)) for each, run in groupby(picks) if each == key), default=0)


def shares(picks: list[str]) -> Mapping[str, float]:
    return {key: count / len(picks) for key, count in Counter(picks).items()}


# distribution


@pytest.mark.parametrize(
    ("strategy", "standing", "expected"),
    [
        ("round-robin", members(a=7, b=1, c=2), {"a": 1, "b": 1, "c": 1}),
        ("weighted-rr", members(a=3, b=1, c=0.5), {"a": 3, "b": 1, "c": 0.5}),
        (
            "quota-aware-weighted-rr",
            [Standing("a", 2, capacity=0.25, health=0.1), Standing("b", 1, urgency=5)],
            {"a": 0.5, "b": 1},
        ),
        (
            "auto",
            [Standing("a", 2, capacity=0.5, health=0.5, urgency=3), Standing("b"), Standing("c", health=0.05)],
            {"a": 1.5, "b": 1, "c": 0.05},
        ),
        ("least-busy", members(a=3, b=1), {"a": 3, "b": 1}),
    ],
)
def test_over_many_picks_each_member_gets_its_share(
    strategy: Strategy, standing: list[Standing], expected: dict[str, float]
) -> None:
    found = shares(list(Play(strategy).picks(standing, PICKS)))
    total = sum(expected.values())
    assert found == pytest.approx({key: part / total for key, part in expected.items()}, abs=0.0001)


def test_the_fastest_gets_everything_but_what_is_explored() -> None:
    standing = [Standing("slow", latency=3.0), Standing("fast", latency=0.2), Standing("middling", latency=0.9)]
    found = shares(list(Play("least-latency", random.Random(1).random).picks(standing, PICKS)))
    rest = EXPLORATION / 2
    assert found == pytest.approx({"fast": 1 - EXPLORATION, "slow": rest, "middling": rest}, abs=0.003)


def test_shares_follow_weights_that_change_all_the_time() -> None:
    rng, play = random.Random(2), Play("auto")
    got: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for _ in range(10_000):
        standing = [Standing(key, weight, health=0.05 + 0.95 * rng.random()) for key, weight in (("a", 3), ("b", 1))]
        total = sum(each.weight * each.health for each in standing)
        due.update({each.key: each.weight * each.health / total for each in standing})  # type: ignore[dict-item]
        got[play.pick(standing)] += 1
    assert got["a"] == pytest.approx(due["a"], abs=3)


def test_thousands_of_tokens_left_or_ten_the_proportion_alone_counts() -> None:
    play = Play("weighted-rr")
    before = "".join(play.picks(members(a=3000, b=1000), 6))
    assert before + "".join(play.picks(members(a=0.003, b=0.001), 6)) == "aabaaabaaaba"


# smoothness


@pytest.mark.parametrize(
    ("weights", "sequence"),
    [
        ({"a": 3, "b": 1}, "aaba"),
        ({"a": 5, "b": 1, "c": 1}, "aabacaa"),
        ({"a": 1, "b": 1, "c": 1}, "abc"),
        ({"a": 2, "b": 2, "c": 1}, "abcab"),
    ],
)
def test_weighted_is_smooth(weights: dict[str, float], sequence: str) -> None:
    rounds = 50
    assert "".join(Play("weighted-rr").picks(members(**weights), rounds * len(sequence))) == sequence * rounds


@given(st.lists(st.integers(1, 12), min_size=2, max_size=8))
def test_no_run_is_longer_than_its_share_demands(weights: list[int]) -> None:
    standing = [Standing(str(index), weight) for index, weight in enumerate(weights)]
    picks = list(Play("weighted-rr").picks(standing, 2 * sum(weights)))
    for each in standing:
        demanded = ceil(each.weight / (sum(weights) - each.weight))
        # among three or more, the end of one round may meet the beginning of the next
        assert longest_run(picks, each.key) <= demanded * (1 if len(weights) == 2 else 2)


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=8))
def test_at_no_time_is_anybody_far_from_its_share(weights: list[float]) -> None:
    standing = [Standing(str(index), weight) for index, weight in enumerate(weights)]
    play, got = Play("weighted-rr"), Counter[str]()
    for done in range(1, 150):
        got[play.pick(standing)] += 1
        assert all(abs(got[each.key] - done * each.weight / sum(weights)) < 2 for each in standing)


def test_rounding_does_not_unsettle_a_long_rotation() -> None:
    play, standing = Play("weighted-rr"), members(a=5, b=1, c=1)
    list(play.picks(standing, 70_000))
    assert "".join(play.picks(standing, 7)) == "aabacaa"


# members that go and come back


@pytest.mark.parametrize("strategy", ROTATING)
def test_a_member_that_was_away_for_long_is_given_no_burst(strategy: Strategy) -> None:
    play, all_of_them = Play(strategy), members(a=1, b=1, c=1)
    list(play.picks(all_of_them, 7))
    list(play.picks(all_of_them[1:], 10_000))
    back = list(play.picks(all_of_them, 30))
    assert longest_run(back, "a") <= 2
    assert Counter(back)["a"] in range(9, 13)


@pytest.mark.parametrize("strategy", ROTATING)
def test_a_member_that_was_alone_for_long_does_not_pay_for_it(strategy: Strategy) -> None:
    play, all_of_them = Play(strategy), members(a=1, b=1, c=1)
    list(play.picks(all_of_them, 7))
    list(play.picks(all_of_them[:1], 10_000))
    assert Counter(play.picks(all_of_them, 30))["a"] in range(8, 12)


def test_a_newcomer_starts_in_the_middle() -> None:
    play = Play("weighted-rr")
    list(play.picks(members(a=1, b=1), 1001))
    joined = list(play.picks(members(a=1, b=1, c=1), 9))
    assert Counter(joined) == {"a": 3, "b": 3, "c": 3}


def test_however_many_members_went_for_good_a_newcomer_is_not_starved() -> None:
    play, stays = Play("weighted-rr"), Standing("stays")
    for number in range(1000):  # each one leaves as soon as it has been picked, owing half a pick
        list(play.picks([Standing(f"gone-{number}"), stays], 1))
    assert "new" in list(play.picks([stays, Standing("new")], 4))


def test_a_newcomer_has_its_turn_although_the_others_have_risen_together() -> None:
    play = Play("weighted-rr")
    play.currents = {"a": 10.0, "b": 10.0}
    assert sorted(play.picks(members(a=1, b=1, c=1), 3)) == ["a", "b", "c"]


@pytest.mark.parametrize("level", [-1000.0, 1000.0])
def test_whatever_was_kept_of_a_member_it_neither_starves_nor_bursts(level: float) -> None:
    """Of another strategy, say, or by another process."""
    play = Play("weighted-rr")
    play.currents = {"a": level, "b": 0.0, "c": 0.0}
    picks = list(play.picks(members(a=1, b=1, c=1), 30))
    assert Counter(picks)["a"] in range(6, 15)
    assert longest_run(picks, "a") <= 5


def test_a_member_that_is_there_only_now_and_then_is_not_starved() -> None:
    """It would be if leaving cost it what it had gathered."""
    play, got = Play("weighted-rr"), Counter[str]()
    rare, often = members(rare=1, often=9)
    for turn in range(10_000):
        got[play.pick([rare, often] if turn % 5 else [often])] += 1
    assert got["rare"] == pytest.approx(10_000 * 0.8 * 0.1, rel=0.02)


def test_a_member_that_leaves_after_each_pick_does_not_get_more_than_its_share() -> None:
    play, got = Play("weighted-rr"), Counter[str]()
    rare, often = members(rare=1, often=9)
    away = False
    for _ in range(10_000):
        picked = play.pick([often] if away else [rare, often])
        away = picked == "rare"
        got[picked] += 1
    assert got["rare"] / 10_000 == pytest.approx(0.1, rel=0.1)


@given(st.integers(0, 1_000_000), st.integers(2, 6))
def test_whoever_is_there_gets_its_share_whatever_the_others_do(seed: int, count: int) -> None:
    rng, play, got, due = random.Random(seed), Play("weighted-rr"), 0, 0.0
    for _ in range(200):
        here = [Standing("0"), *(Standing(str(n), n) for n in range(1, count) if rng.random() < 0.5)]
        due += 1 / sum(each.weight for each in here)
        got += play.pick(here) == "0"
    assert got == pytest.approx(due, abs=5)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_choice_that_is_not_kept_moves_nothing(strategy: Strategy) -> None:
    play, standing = Play(strategy), members(a=3, b=1, c=1)
    list(play.picks(standing, 5))
    before = dict(play.currents)
    assert len({rank(strategy, standing, play.currents, never).order for _ in range(5)}) == 1
    assert play.currents == before


# the order after the first, and the edges


def test_the_others_follow_by_what_they_are_owed() -> None:
    play, standing = Play("weighted-rr"), members(a=3, b=1, c=2)
    assert [play.rank(standing).order for _ in range(3)] == [(0, 2, 1), (2, 1, 0), (0, 1, 2)]


@pytest.mark.parametrize("strategy", ["weighted-rr", "quota-aware-weighted-rr", "auto", "least-busy", "least-latency"])
def test_a_weight_of_zero_means_only_after_the_others(strategy: Strategy) -> None:
    standing = [Standing("never", 0, latency=0.1), Standing("a", latency=1.0), Standing("b", latency=1.0)]
    play = Play(strategy, random.Random(3).random)
    orders = [play.rank(standing).order for _ in range(200)]
    assert {order[-1] for order in orders} == {0}


@pytest.mark.parametrize("strategy", ROTATING)
def test_where_nobody_has_weight_everybody_has(strategy: Strategy) -> None:
    assert "".join(Play(strategy).picks(members(a=0, b=0), 4)) == "abab"


def test_ordered_is_as_given_and_keeps_no_rotation() -> None:
    assert rank("ordered", members(a=1, b=9, c=5), {}, never) == Ranking((0, 1, 2), {})


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_member_or_none_is_no_choice(strategy: Strategy) -> None:
    kept = {"other": 0.5}
    assert rank(strategy, [], kept, never) == Ranking((), kept)
    assert rank(strategy, members(a=2), kept, never) == Ranking((0,), kept)


@given(
    st.sampled_from(STRATEGIES),
    st.lists(
        st.builds(
            Standing,
            key=st.sampled_from("abcdefgh"),
            weight=st.floats(0, 100),
            capacity=st.floats(0, 1),
            urgency=st.floats(0.1, 10),
            health=st.floats(0.05, 1),
            latency=st.none() | st.floats(0, 300),
            busy=st.integers(0, 50),
        ),
        max_size=8,
        unique_by=lambda each: each.key,
    ),
    st.dictionaries(st.sampled_from("abcdefghij"), st.floats(-1e6, 1e6)),
    st.floats(0, 1, exclude_max=True),
)
def test_every_member_stands_in_the_order_once_whatever_was_kept(
    strategy: Strategy, standing: list[Standing], currents: dict[str, float], chance: float
) -> None:
    found = rank(strategy, standing, currents, lambda: chance)
    assert sorted(found.order) == list(range(len(standing)))
    assert found == rank(strategy, standing, currents, lambda: chance)


# latency


def test_each_unknown_latency_is_tried_first_once() -> None:
    play = Play("least-latency")
    standing = [Standing("known", latency=0.1), Standing("x"), Standing("y")]
    assert "".join(play.picks(standing, 4)) == "xyknownknown"


def test_what_was_tried_and_stays_unknown_comes_last() -> None:
    play = Play("least-latency")
    standing = [Standing("silent"), Standing("slow", latency=9.0), Standing("fast", latency=1.0)]
    assert play.rank(standing).order == (0, 2, 1)
    assert play.rank(standing).order == (2, 1, 0)


def test_unknown_ones_that_have_all_been_tried_share_by_what_runs() -> None:
    play = Play("least-latency")
    list(play.picks(members(a=1, b=1), 2))
    assert play.pick([Standing("a", busy=3), Standing("b", busy=2)]) == "b"


def test_a_latency_that_is_forgotten_is_explored_again() -> None:
    play = Play("least-latency")
    fast = Standing("fast", latency=0.1)
    assert play.pick([Standing("x"), fast]) == "x"
    assert play.pick([Standing("x", latency=5.0), fast]) == "fast"
    assert play.pick([Standing("x"), fast]) == "x"


def test_stale_knowledge_heals() -> None:
    """The slower one has become fast; nobody would know if it were never asked."""
    play, known = Play("least-latency", random.Random(4).random), {"a": 1.0, "b": 5.0}
    real = {"a": 1.0, "b": 0.2}
    picks = []
    for _ in range(300):
        picked = play.pick([Standing(key, latency=latency) for key, latency in known.items()])
        known[picked] = real[picked]
        picks.append(picked)
    assert Counter(picks[100:])["b"] > 150


# load


def test_the_least_busy_for_its_weight_comes_first() -> None:
    standing = [Standing("a", 1, busy=2), Standing("b", 4, busy=5), Standing("c", 1, busy=3)]
    assert rank("least-busy", standing, {}, never).order == (1, 0, 2)


def test_requests_of_any_length_keep_the_load_even() -> None:
    play, rng = Play("least-busy"), random.Random(5)
    weights, running = {"a": 2.0, "b": 1.0, "c": 1.0}, Counter[str]()
    lengths: list[tuple[int, str]] = []
    for turn in range(5_000):
        for over in [each for each in lengths if each[0] <= turn]:
            lengths.remove(over)
            running[over[1]] -= 1
        picked = play.pick([Standing(key, weight, busy=running[key]) for key, weight in weights.items()])
        running[picked] += 1
        lengths.append((turn + rng.randint(1, 80), picked))
        if turn > 100:
            loads = [running[key] / weight for key, weight in weights.items()]
            assert max(loads) - min(loads) <= 7
    assert running["a"] > 0


# names


def test_every_strategy_has_its_own_name_and_no_word_leads_elsewhere() -> None:
    assert all(STRATEGY_NAMES[name] == name for name in STRATEGIES)
    assert set(STRATEGY_NAMES.values()) == set(STRATEGIES)


@pytest.mark.parametrize(
    ("word", "strategy"),
    [
        ("automatic", "auto"),
        ("smart", "auto"),
        ("rr", "round-robin"),
        ("weighted-round-robin", "weighted-rr"),
        ("weighted_rr", "weighted-rr"),
        ("quota-aware-weighted-round-robin", "quota-aware-weighted-rr"),
        ("fastest", "least-latency"),
        ("least-connections", "least-busy"),
        ("failover", "ordered"),
        ("", "ordered"),
    ],
)
def test_synonyms(word: str, strategy: Strategy) -> None:
    assert STRATEGY_NAMES[word] == strategy
