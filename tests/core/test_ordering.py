"""Specification of addons/core/ordering.py."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.core.model import DialectName
from addons.core.ordering import Condition, Group, Member, Ordering, Rotations, order
from addons.core.plan import Candidate, Model, Provider
from addons.core.strategy import Strategy

CHAT = DialectName.CHAT
STRATEGIES: tuple[Strategy, ...] = (
    "ordered", "round-robin", "weighted-rr", "quota-aware-weighted-rr", "auto", "least-latency", "least-busy",
)  # fmt: skip


def never() -> float:
    return 0.999


def candidate(ref: str) -> Candidate:
    provider, _, model = ref.partition("/")
    return Candidate(Provider(provider, provider, (CHAT,), {CHAT: "http://x"}, ()), Model(model), CHAT)


def member(node: "str | Group | Member") -> Member:
    """`p/a` or `p/a@3`, or a group (with `.at` its weight)."""
    match node:
        case Member():
            return node
        case Group():
            return Member(node)
    ref, _, weight = node.partition("@")
    return Member(candidate(ref), float(weight or 1))


def group(
    key: str, strategy: Strategy, *targets: "str | Group | Member", fallbacks: "tuple[str | Group | Member, ...]" = ()
) -> Group:
    return Group(key, strategy, tuple(map(member, targets)), tuple(map(member, fallbacks)))


def refs(found: Ordering) -> list[str]:
    return [each.ref for each in found.candidates]


def out(reason: str = "busy", returns: float | None = None) -> Condition:
    return Condition(excluded=reason, returns=returns)


def cooling(returns: float | None) -> Condition:
    return Condition(excluded="cooling:rate_limited", returns=returns, revivable=True)


class Play:
    """A tree that is asked again and again; the rotations are kept."""

    def __init__(self, tree: Group, chance: Callable[[], float] = never) -> None:
        self.tree, self.chance = tree, chance
        self.currents: Rotations = {}

    def order(self, conditions: Mapping[str, Condition] | None = None, bound: str | None = None) -> Ordering:
        found = order(self.tree, conditions or {}, self.currents, self.chance, bound)
        self.currents = {**self.currents, **found.currents}
        return found

    def firsts(self, count: int, conditions: Mapping[str, Condition] | None = None) -> str:
        return "".join(refs(self.order(conditions))[0][-1] for _ in range(count))


# one level


def test_targets_come_before_fallbacks_and_each_candidate_once() -> None:
    tree = group("g", "ordered", "p/a", "p/b", "p/a", fallbacks=("p/b", "p/c"))
    assert refs(Play(tree).order()) == ["p/a", "p/b", "p/c"]


def test_a_group_rotates_by_its_strategy() -> None:
    assert Play(group("g", "weighted-rr", "p/a@3", "p/b")).firsts(8) == "aabaaaba"


def test_the_first_of_two_equal_members_counts() -> None:
    assert Play(group("g", "weighted-rr", "p/a@3", "p/b", "p/a@50")).firsts(4) == "aaba"


def test_a_group_that_stands_there_twice_takes_one_turn() -> None:
    inner = group("inner", "round-robin", "p/a", "p/b")
    assert Play(group("g", "round-robin", inner, "p/c", inner)).firsts(6) == "acbcac"


def test_fallbacks_keep_their_order_while_there_is_a_target() -> None:
    tree = group("g", "round-robin", "p/a", "p/b", fallbacks=("p/x", "p/y"))
    play = Play(tree)
    assert {tuple(refs(play.order())[2:]) for _ in range(4)} == {("p/x", "p/y")}


def test_fallbacks_are_balanced_when_they_stand_in_for_all_targets() -> None:
    tree = group("g", "weighted-rr", "p/a", fallbacks=("p/x@2", "p/y"))
    assert Play(tree).firsts(6, {"p/a": out()}) == "xyxxyx"


def test_an_excluded_candidate_is_skipped_with_its_reason() -> None:
    tree = group("g", "ordered", "p/a", "p/b", fallbacks=("p/c",))
    found = Play(tree).order({"p/a": out("quota-exhausted:daily", 60.0), "p/c": out("circuit-open", 5.0)})
    assert (refs(found), found.skipped) == (["p/b"], ("p/a:quota-exhausted:daily", "p/c:circuit-open"))
    assert (found.overridden, found.returns) == (False, None)


def test_conditions_reach_the_strategy() -> None:
    tree = group("g", "least-busy", "p/a", "p/b", "p/c")
    found = Play(tree).order({"p/a": Condition(busy=2), "p/b": Condition(busy=1)})
    assert refs(found) == ["p/c", "p/b", "p/a"]
    known = {"p/a": Condition(latency=3.0), "p/b": Condition(latency=0.1), "p/c": Condition(latency=1.0)}
    assert refs(Play(group("g", "least-latency", "p/a", "p/b", "p/c")).order(known)) == ["p/b", "p/c", "p/a"]


@pytest.mark.parametrize("strategy", ["weighted-rr", "quota-aware-weighted-rr", "auto"])
def test_when_a_target_fails_and_returns_the_others_share_and_then_all_do(strategy: Strategy) -> None:
    play = Play(group("g", strategy, "p/a@2", "p/b", "p/c"))
    play.firsts(9)
    assert Counter(play.firsts(100, {"p/a": out()})) == {"b": 50, "c": 50}
    back = play.firsts(40)
    assert Counter(back)["a"] in range(19, 22)
    assert "aaaa" not in back


# nested


def test_an_inner_group_keeps_its_strategy_and_its_fallbacks_inside_its_place() -> None:
    inner = group("inner", "round-robin", "p/b", "p/c", fallbacks=("p/d",))
    play = Play(group("outer", "ordered", "p/a", inner, "p/e", fallbacks=("p/f",)))
    conditions = {"p/a": out()}
    assert refs(play.order(conditions)) == ["p/b", "p/c", "p/d", "p/e", "p/f"]
    assert refs(play.order(conditions)) == ["p/c", "p/b", "p/d", "p/e", "p/f"]


def test_weights_multiply_along_the_path() -> None:
    deep = group("deep", "weighted-rr", "p/d@3", "p/e")
    inner = group("inner", "weighted-rr", "p/b", Member(deep, 2))
    play = Play(group("outer", "weighted-rr", "p/a", Member(inner, 3)))
    found = Counter(play.firsts(12_000))
    expected = {"a": 1 / 4, "b": 3 / 4 / 3, "d": 3 / 4 * 2 / 3 * 3 / 4, "e": 3 / 4 * 2 / 3 / 4}
    assert {key: count / 12_000 for key, count in found.items()} == pytest.approx(expected, abs=0.001)


def test_only_the_rotations_on_the_path_of_the_first_candidate_move() -> None:
    left = group("left", "round-robin", "p/a", "p/b")
    right = group("right", "round-robin", "p/c", "p/d")
    play = Play(group("outer", "round-robin", left, right))
    assert set(play.order().currents) == {"outer", "left"}
    assert set(play.order().currents) == {"outer", "right"}
    assert play.firsts(6) == "bdacbd"


def test_a_group_without_an_eligible_member_is_passed_over_and_does_not_move() -> None:
    left = group("left", "round-robin", "p/a", "p/b", fallbacks=("p/x",))
    play = Play(group("outer", "round-robin", left, "p/c", "p/d"))
    gone = {"p/a": out(), "p/b": out(), "p/x": out()}
    found = play.order(gone)
    assert refs(found) == ["p/c", "p/d"]
    assert "left" not in found.currents


def test_an_inner_group_whose_targets_are_out_stands_there_with_its_fallbacks() -> None:
    left = group("left", "ordered", "p/a", fallbacks=("p/x",))
    play = Play(group("outer", "ordered", left, "p/c"))
    assert refs(play.order({"p/a": out()})) == ["p/x", "p/c"]


def test_a_group_among_the_fallbacks_keeps_its_own_strategy() -> None:
    spare = group("spare", "round-robin", "p/x", "p/y")
    play = Play(group("outer", "ordered", "p/a", fallbacks=(spare, "p/z")))
    assert refs(play.order()) == ["p/a", "p/x", "p/y", "p/z"]
    assert play.firsts(4, {"p/a": out()}) == "xyxy"


def test_the_same_group_in_two_places_has_one_rotation() -> None:
    shared = group("shared", "round-robin", "p/a", "p/b")
    one = group("one", "ordered", shared)
    play = Play(group("outer", "round-robin", one, group("two", "ordered", shared)))
    assert play.firsts(4) == "abab"


def test_a_group_is_never_taken_for_a_candidate_of_the_same_name() -> None:
    inner = group("p/a", "ordered", "p/b")
    assert refs(Play(group("outer", "ordered", "p/a", inner)).order()) == ["p/a", "p/b"]


def test_a_group_stands_as_its_best_eligible_target_does() -> None:
    inner = group("inner", "ordered", "p/b", "p/c", "p/d", fallbacks=("p/x",))
    tree = group("outer", "auto", "p/a", inner)
    conditions = {
        "p/b": Condition(capacity=0.1),
        "p/c": Condition(capacity=0.5, health=0.5),
        "p/d": out(),
        "p/x": Condition(urgency=100),  # only looked at when it would be asked
    }
    found = Counter(Play(tree).firsts(300, conditions))
    assert found["a"] / 300 == pytest.approx(1 / 1.5, abs=0.01)


def test_a_group_is_as_busy_as_its_targets_together() -> None:
    inner = group("inner", "ordered", "p/b", "p/c")
    conditions = {"p/a": Condition(busy=3), "p/b": Condition(busy=2), "p/c": Condition(busy=2)}
    assert refs(Play(group("outer", "least-busy", inner, "p/a")).order(conditions))[0] == "p/a"


def test_a_group_is_as_fast_as_its_fastest_target() -> None:
    inner = group("inner", "least-latency", "p/b", "p/c")
    conditions = {ref: Condition(latency=seconds) for ref, seconds in {"p/a": 2.0, "p/b": 5.0, "p/c": 1.0}.items()}
    assert refs(Play(group("outer", "least-latency", "p/a", inner)).order(conditions)) == ["p/c", "p/b", "p/a"]


def test_what_a_reload_took_away_leaves_the_rotation() -> None:
    play = Play(group("g", "round-robin", "p/a", "p/b", "p/c"))
    play.firsts(2)
    play.tree = group("g", "round-robin", "p/a", "p/b")
    assert set(play.order().currents["g"]) == {"p/a", "p/b"}


def test_an_excluded_member_stays_in_the_rotation() -> None:
    play = Play(group("g", "round-robin", "p/a", "p/b", "p/c"))
    play.firsts(2)
    assert set(play.order({"p/c": out()}).currents["g"]) == {"p/a", "p/b", "p/c"}


# affinity


def test_the_bound_candidate_comes_first_and_nothing_rotates() -> None:
    play = Play(group("g", "round-robin", "p/a", "p/b", fallbacks=("p/c",)))
    for bound in ("p/b", "p/b", "p/c"):
        found = play.order(bound=bound)
        assert (refs(found)[0], dict(found.currents)) == (bound, {})
    assert refs(play.order(bound="p/c")) == ["p/c", "p/a", "p/b"]
    assert play.firsts(2) == "ab"


@pytest.mark.parametrize("bound", ["p/b", "p/gone"])
def test_a_bound_candidate_that_is_not_to_be_had_binds_nothing(bound: str) -> None:
    play = Play(group("g", "round-robin", "p/a", "p/b", "p/c"))
    assert [refs(play.order({"p/b": out()}, bound))[0] for _ in range(3)] == ["p/a", "p/c", "p/a"]


# everything is out


def test_when_everything_is_out_what_can_be_revived_comes_by_its_soonest_recovery() -> None:
    inner = group("inner", "round-robin", "p/b", "p/c")
    tree = group("g", "ordered", "p/a", inner, fallbacks=("p/d", "p/e"))
    conditions = {
        "p/a": cooling(30.0),
        "p/b": cooling(None),
        "p/c": cooling(2.0),
        "p/d": out("quota-exhausted:daily", 0.5),
        "p/e": cooling(2.0),
    }
    found = Play(tree).order(conditions)
    assert refs(found) == ["p/c", "p/e", "p/a", "p/b"]
    assert found.skipped == ("p/d:quota-exhausted:daily",)
    assert (found.overridden, found.returns, dict(found.currents)) == (True, 0.5, {})


def test_when_nothing_can_be_revived_the_answer_is_empty_and_says_when_to_come_back() -> None:
    tree = group("g", "round-robin", "p/a", "p/b", "p/c")
    found = Play(tree).order(
        {"p/a": out("busy"), "p/b": out("quota-exhausted:x", 9.0), "p/c": out("context-too-small")}
    )
    assert (refs(found), found.overridden, found.returns) == ([], False, 9.0)
    assert found.skipped == ("p/a:busy", "p/b:quota-exhausted:x", "p/c:context-too-small")


def test_nobody_knows_when_to_come_back() -> None:
    assert Play(group("g", "ordered", "p/a")).order({"p/a": out()}).returns is None


def test_an_empty_alias_gives_nothing() -> None:
    assert order(group("g", "auto"), {}, {}, never) == Ordering(())


# any tree

REFS = [f"p/{letter}" for letter in "abcdef"]
FEWER = settings(max_examples=60)

CANDIDATES = [candidate(ref) for ref in REFS]


@st.composite
def groups(draw: st.DrawFn, depth: int = 2) -> Group:
    nodes = st.sampled_from(CANDIDATES)
    if depth:
        nodes = nodes | groups(depth - 1)  # type: ignore[assignment]
    members = st.lists(st.builds(Member, nodes, st.sampled_from([0.0, 0.5, 1.0, 3.0])), max_size=3).map(tuple)
    key = draw(st.sampled_from("xyz")) + str(depth)
    return Group(key, draw(st.sampled_from(STRATEGIES)), draw(members), draw(members))


CONDITIONS = st.dictionaries(
    st.sampled_from(REFS),
    st.builds(
        Condition,
        capacity=st.floats(0, 1),
        urgency=st.floats(0.1, 5),
        health=st.floats(0.05, 1),
        latency=st.none() | st.floats(0, 60),
        busy=st.integers(0, 9),
        excluded=st.none() | st.sampled_from(["busy", "circuit-open"]),
        returns=st.none() | st.floats(0, 100),
        revivable=st.booleans(),
    ),
)


def leaves(tree: Group) -> set[str]:
    nodes = [each.node for each in (*tree.members, *tree.fallbacks)]
    return {ref for node in nodes for ref in (leaves(node) if isinstance(node, Group) else {node.ref})}


@FEWER
@given(groups(), CONDITIONS, st.none() | st.sampled_from(REFS), st.integers(0, 99))
def test_the_order_is_a_permutation_of_the_eligible(
    tree: Group, conditions: dict[str, Condition], bound: str | None, seed: int
) -> None:
    found = order(tree, conditions, {}, random.Random(seed).random, bound)
    excluded = {ref for ref in leaves(tree) if conditions.get(ref, Condition()).excluded}
    eligible = leaves(tree) - excluded
    assert len(refs(found)) == len(set(refs(found)))
    if eligible:
        assert set(refs(found)) == eligible
        assert not found.overridden and found.returns is None
    else:
        assert set(refs(found)) == {ref for ref in excluded if conditions[ref].revivable}
        assert found.overridden == bool(found.candidates) and not found.currents
    assert {entry.split(":")[0] for entry in found.skipped} == leaves(tree) - set(refs(found))
    if bound in eligible:
        assert refs(found)[0] == bound and not found.currents


@FEWER
@given(groups(), CONDITIONS, st.integers(0, 99))
def test_the_same_facts_give_the_same_order(tree: Group, conditions: dict[str, Condition], seed: int) -> None:
    one, two = random.Random(seed), random.Random(seed)
    before: Rotations = {}
    for _ in range(3):
        found = order(tree, conditions, before, one.random)
        assert found == order(tree, conditions, before, two.random)
        before = {**before, **found.currents}


@FEWER
@given(groups(), CONDITIONS)
def test_outer_fallbacks_come_after_everything_that_the_targets_hold(
    tree: Group, conditions: dict[str, Condition]
) -> None:
    found = refs(order(tree, conditions, {}, never))
    alone = order(replace(tree, fallbacks=()), conditions, {}, never)
    if alone.candidates and not alone.overridden:
        assert set(found[: len(alone.candidates)]) == set(refs(alone))
