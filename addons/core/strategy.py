"""The balancing strategies: who of several members is tried first, and who after it. Pure functions over a flat list.

Rotation is nginx's smooth weighted round-robin: each member gains its share, the one with the most is picked, and the
picked one loses a whole round. Shares are parts of 1, so that what is kept of a member (its level) means the same
after its weight has changed, or everybody's. A member that is away keeps its level, but none is taken for further than
`REACH` from the middle of those present: whoever returns is owed, or owes, a pick or two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

type Strategy = Literal[
    "ordered", "round-robin", "weighted-rr", "quota-aware-weighted-rr", "auto", "least-latency", "least-busy"
]
type Chance = Callable[[], float]
type Currents = Mapping[str, float]

# The words for a strategy (looked up stripped and in lower case). Source: the predecessor's synonyms, except that
# `auto` is a strategy of its own here; the names other balancers have for the newer ones.
STRATEGY_NAMES: Mapping[str, Strategy] = {
    "": "ordered",
    "ordered": "ordered",
    "fallback": "ordered",
    "failover": "ordered",
    "priority": "ordered",
    "auto": "auto",
    "automatic": "auto",
    "smart": "auto",
    "rr": "round-robin",
    "round-robin": "round-robin",
    "round_robin": "round-robin",
    "roundrobin": "round-robin",
    "weighted": "weighted-rr",
    "weighted-rr": "weighted-rr",
    "weighted_rr": "weighted-rr",
    "weighted-round-robin": "weighted-rr",
    "weighted_round_robin": "weighted-rr",
    "quota-aware": "quota-aware-weighted-rr",
    "quota_aware": "quota-aware-weighted-rr",
    "quota-aware-weighted-rr": "quota-aware-weighted-rr",
    "quota_aware_weighted_rr": "quota-aware-weighted-rr",
    "quota-aware-weighted-round-robin": "quota-aware-weighted-rr",
    "quota_aware_weighted_round_robin": "quota-aware-weighted-rr",
    "latency": "least-latency",
    "least-latency": "least-latency",
    "least_latency": "least-latency",
    "lowest-latency": "least-latency",
    "lowest_latency": "least-latency",
    "fastest": "least-latency",
    "least-busy": "least-busy",
    "least_busy": "least-busy",
    "least-connections": "least-busy",
    "least_connections": "least-busy",
    "least-conn": "least-busy",
    "least_conn": "least-busy",
}

# how often another member than the fastest is tried, so that stale knowledge of it heals
EXPLORATION = 0.05
# how far a level may stray from the middle, in picks. With steady weights of up to a hundred members none was seen to
# get beyond 1.7, so the bound does not touch a rotation that merely runs.
REACH = 2.0
# the place behind which differences are the rounding of floats, not a lead
PLACES = 9


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one member at the moment of choice. `key` is `provider/model`, or that of a nested alias.

    `weight` is the configured one (0: only after the others), `capacity` what is left of its tightest bucket (0 to 1).
    `urgency` is above 1 for quota that is lost unless it is used before its window ends, below 1 for one to be spared.
    `health` runs from 0.05 to 1. `latency` is the smoothed time to the first event in seconds, None when unknown, and
    `busy` the number of requests that run now.
    """

    key: str
    weight: float = 1.0
    capacity: float = 1.0
    urgency: float = 1.0
    health: float = 1.0
    latency: float | None = None
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """`order` holds indices into the members: the first is to be tried first, the others are the fallbacks in order.
    `currents` is the rotation afterwards, to be kept when the first was really tried (the very mapping that was given,
    when nothing moves)."""

    order: tuple[int, ...]
    currents: Currents


def rank(strategy: Strategy, members: Sequence[Standing], currents: Currents, chance: Chance) -> Ranking:
    """The order in which `members` are to be tried; none may be excluded any more.

    `currents` is what the last pick left behind ({} at first); keys of members that are away stay in it. `chance`
    gives numbers from 0 up to 1, and is asked by `least-latency` alone.
    """
    if strategy == "ordered" or len(members) < 2:
        return Ranking(tuple(range(len(members))), currents)
    if strategy == "least-latency":
        return _by_latency(members, currents, chance)
    weigh = _WEIGHTS[strategy]
    weights = _positive([weigh(member) for member in members])
    loads = [_load(*each) for each in zip(members, weights, strict=True)] if strategy == "least-busy" else None
    return _rotated(members, weights, loads, currents)


# what a member's share of the rotation is in proportion to
_WEIGHTS: Mapping[Strategy, Callable[[Standing], float]] = {
    "round-robin": lambda member: 1.0,
    "weighted-rr": lambda member: member.weight,
    "quota-aware-weighted-rr": lambda member: member.weight * member.capacity,
    "auto": lambda member: member.weight * member.capacity * member.health * member.urgency,
    "least-busy": lambda member: member.weight,
}


def _positive(weights: list[float]) -> list[float]:
    """Where nobody has a weight, everybody has the same."""
    return [max(0.0, weight) for weight in weights] if max(weights) > 0 else [1.0] * len(weights)


def _load(member: Standing, weight: float) -> float:
    return round(member.busy / weight, PLACES) if weight > 0 else inf


def _rotated(
    members: Sequence[Standing], weights: Sequence[float], loads: Sequence[float] | None, currents: Currents
) -> Ranking:
    """The lowest of `loads` first, if there are any; the highest level decides among equals."""
    total = sum(weights)
    levels = [level + weight / total for level, weight in zip(_levels(members, currents), weights, strict=True)]
    # the highest level first; a stable sort leaves equals in the order of the configuration
    falls = [-round(level, PLACES) for level in levels]
    order = sorted(range(len(members)), key=falls.__getitem__)
    if loads is not None:
        order.sort(key=loads.__getitem__)
    if min(weights) <= 0:
        order.sort(key=lambda index: weights[index] <= 0)
    levels[order[0]] -= 1.0
    moved = dict(currents)
    for member, level in zip(members, levels, strict=True):
        moved[member.key] = level
    return Ranking(tuple(order), moved)


def _levels(members: Sequence[Standing], currents: Currents) -> list[float]:
    """A newcomer starts in the middle: it neither waits for the others to come down nor has anything to catch up."""
    kept = [currents.get(member.key) for member in members]
    known = [level for level in kept if level is not None]
    middle = sum(known) / len(known) if known else 0.0
    levels = known if len(known) == len(kept) else [middle if level is None else level for level in kept]
    low, high = middle - REACH, middle + REACH
    if min(levels) >= low and max(levels) <= high:
        return levels
    return [min(max(level, low), high) for level in levels]


def _by_latency(members: Sequence[Standing], currents: Currents, chance: Chance) -> Ranking:
    """Here `currents` marks the members that had their first try and showed no latency yet: they come last, or one
    that fails without ever answering would be explored for good."""

    def place(index: int) -> tuple[bool, int, float, int, int]:
        member = members[index]
        stage = 1 if member.latency is not None else 2 if member.key in currents else 0
        return member.weight <= 0, stage, member.latency or 0.0, member.busy, index

    order = sorted(range(len(members)), key=place)
    others = sum(member.weight > 0 for member in members) - 1
    settled = members[order[0]].latency is not None or members[order[0]].key in currents
    if settled and others > 0 and chance() < EXPLORATION:
        order.insert(0, order.pop(1 + min(int(chance() * others), others - 1)))
    return Ranking(tuple(order), _marked(members, members[order[0]], currents))


def _marked(members: Sequence[Standing], first: Standing, currents: Currents) -> Currents:
    seen = {member.key for member in members if member.latency is not None and member.key in currents}
    fresh = first.latency is None and first.key not in currents
    if not seen and not fresh:
        return currents
    kept = {key: mark for key, mark in currents.items() if key not in seen}
    return kept | {first.key: 1.0} if fresh else kept
