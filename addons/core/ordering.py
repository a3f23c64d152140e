"""The order of asking over a whole alias: a tree of groups, each with its own strategy, weights and fallback tier.

To the outside a nested group is one member. Inside its place come its own targets in its own order, then its own
fallbacks, then the next outer member; so weights multiply along a path. Only the rotations that led to the first
candidate move, and only when the caller keeps them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from addons.core.plan import Candidate
from addons.core.strategy import Currents, Standing, Strategy, rank

type Rotations = Mapping[str, Currents]

# before the key of a group where it is a member, so that it never meets a `provider/model` of the same name
GROUP_MARK = "alias:"
STILL: Currents = {}
NO_MOVES: Rotations = {}


@dataclass(frozen=True, slots=True)
class Member:
    """A candidate or a nested alias, with the weight that it has in its group."""

    node: "Candidate | Group"
    weight: float = 1.0

    @property
    def key(self) -> str:
        """What the group's rotation calls it."""
        return GROUP_MARK + self.node.key if isinstance(self.node, Group) else self.node.ref


@dataclass(frozen=True, slots=True)
class Group:
    """An alias. `key` names its rotation: the same alias in two places has one."""

    key: str
    strategy: Strategy
    members: tuple[Member, ...]
    fallbacks: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of one candidate now; the first five are those of `Standing`.

    `excluded` says why it must not be asked ("quota-exhausted:ID", "cooling:rate_limited", "circuit-open", "busy",
    "context-too-small"), `returns` in how many seconds that is over, where known. A `revivable` one (a cooldown, an
    open circuit) may be asked all the same when nothing else is left.
    """

    capacity: float = 1.0
    urgency: float = 1.0
    health: float = 1.0
    latency: float | None = None
    busy: int = 0
    excluded: str | None = None
    returns: float | None = None
    revivable: bool = False


UNKNOWN = Condition()


@dataclass(frozen=True, slots=True)
class Ordering:
    """`candidates` are to be tried in this order; `skipped` are the others, as `ref:reason`.

    `currents` holds the rotations that move, by the key of their group: to be kept as soon as the first candidate is
    tried. `overridden`: nothing was eligible, and what could be revived comes by its soonest recovery. `returns` is
    the soonest recovery of all (seconds; None: unknown) when nothing was eligible.
    """

    candidates: tuple[Candidate, ...]
    skipped: tuple[str, ...] = ()
    currents: Rotations = field(default_factory=dict)
    overridden: bool = False
    returns: float | None = None


def order(
    group: Group,
    conditions: Mapping[str, Condition],
    currents: Rotations,
    chance: Callable[[], float],
    bound: str | None = None,
) -> Ordering:
    """Whom to ask for `group`, each candidate once, where it stands first.

    `conditions` go by `Candidate.ref`; a candidate without one is taken for healthy and idle. `currents` are the
    rotations that are kept, by group. `bound` is the ref that the conversation is bound to: it comes first while it
    is eligible, and then no rotation moves, for nothing was chosen.
    """
    walk = _Walk(conditions, currents, chance)
    found = walk.group(group)
    if found is None:
        return _revived(walk.leaves, conditions)
    out = tuple(f"{ref}:{why}" for ref in walk.leaves if (why := conditions.get(ref, UNKNOWN).excluded))
    candidates = found.candidates
    if bound is not None and bound in candidates:
        first = candidates.pop(bound)
        return Ordering((first, *candidates.values()), out)
    return Ordering(tuple(candidates.values()), out, found.moves)


def _revived(leaves: Mapping[str, Candidate], conditions: Mapping[str, Condition]) -> Ordering:
    """Nothing is eligible: those that may be asked all the same, the soonest to recover first."""
    known = {ref: conditions[ref] for ref in leaves}
    back = sorted((ref for ref in known if known[ref].revivable), key=lambda ref: _soon(known[ref]))
    out = tuple(f"{ref}:{condition.excluded}" for ref, condition in known.items() if not condition.revivable)
    soonest = min(map(_soon, known.values()), default=inf)
    returns = None if soonest == inf else soonest
    return Ordering(tuple(leaves[ref] for ref in back), out, overridden=bool(back), returns=returns)


def _soon(condition: Condition) -> float:
    return inf if condition.returns is None else condition.returns


@dataclass(slots=True)
class _Found:
    """What a member comes to: its candidates in order, how it stands, and the rotations that picking it moves."""

    standing: Standing
    candidates: dict[str, Candidate]
    moves: Rotations


@dataclass(slots=True)
class _Walk:
    """One walk over a tree. `leaves` gathers all its candidates, targets before fallbacks."""

    conditions: Mapping[str, Condition]
    currents: Rotations
    chance: Callable[[], float]
    leaves: dict[str, Candidate] = field(default_factory=dict)

    def group(self, group: Group, weight: float = 1.0) -> _Found | None:
        """None when nothing in it is eligible."""
        primaries = self._tier(group.members)
        fallbacks = self._tier(group.fallbacks)
        # the predecessor's rule: fallbacks are an order as long as there are targets, and are balanced in their stead
        active, rest = (primaries, fallbacks) if primaries else (fallbacks, [])
        if not active:
            return None
        before = self.currents.get(group.key, STILL)
        ranking = rank(group.strategy, [found.standing for found in active], before, self.chance)
        ranked = [active[index] for index in ranking.order] + rest
        candidates: dict[str, Candidate] = {}
        for found in ranked:
            for ref, candidate in found.candidates.items():
                candidates.setdefault(ref, candidate)
        moves = ranked[0].moves
        if ranking.currents is not before:
            moves = {**moves, group.key: _of_members(group, ranking.currents)}
        return _Found(_together(GROUP_MARK + group.key, weight, active), candidates, moves)

    def _tier(self, members: tuple[Member, ...]) -> list[_Found]:
        """The members with anything eligible. One that stands there twice (as `x` and as `alias:x`) is one."""
        tier: dict[str, _Found] = {}
        for member in members:
            node, weight = member.node, member.weight
            found = self.group(node, weight) if isinstance(node, Group) else self._candidate(node, weight)
            if found is None:
                continue
            twin = tier.setdefault(found.standing.key, found)
            if twin is not found:
                twin.candidates.update(
                    (ref, each) for ref, each in found.candidates.items() if ref not in twin.candidates
                )
        return list(tier.values())

    def _candidate(self, candidate: Candidate, weight: float) -> _Found | None:
        ref = candidate.ref
        candidate = self.leaves.setdefault(ref, candidate)
        now = self.conditions.get(ref, UNKNOWN)
        if now.excluded is not None:
            return None
        standing = Standing(ref, weight, now.capacity, now.urgency, now.health, now.latency, now.busy)
        return _Found(standing, {ref: candidate}, NO_MOVES)


def _together(key: str, weight: float, tier: list[_Found]) -> Standing:
    """A group stands as its best eligible member does: it is the one that would be asked."""
    standings = [found.standing for found in tier]
    return Standing(
        key,
        weight,
        max(each.capacity for each in standings),
        max(each.urgency for each in standings),
        max(each.health for each in standings),
        min((each.latency for each in standings if each.latency is not None), default=None),
        sum(each.busy for each in standings),
    )


def _of_members(group: Group, currents: Currents) -> Currents:
    """Without those that a reload took away."""
    keys = {member.key for member in (*group.members, *group.fallbacks)}
    return currents if keys.issuperset(currents) else {key: currents[key] for key in currents if key in keys}
