"""What is remembered of failures and successes: who rests, whose circuit is open, who is well, who is busy.

Every `now` here is monotonic, in seconds: a wall clock that jumps neither prolongs a rest nor ends one. What leaves
this process (Cooling) is shifted to the wall clock by whoever stores it, and `cool` bounds what comes back, so that a
clock that was wrong closes nothing for longer than the longest rest.
"""

from dataclasses import dataclass, field

from addons.core.circuit import Circuit
from addons.core.cooldowns import Cooling, Policy, Where, cooling_for
from addons.core.errors import POLICY, ErrorClass, ErrorInfo
from addons.core.rolling import Rolling

# the provider was at fault, and no rest of its own says how long it will be
COUNTED = frozenset(cls for cls, action in POLICY.items() if not action.client_fault and not action.cooldown)

LOWEST_SCORE = 0.05
# successes that a target is credited with: the first failure costs a third, as it did in the predecessor
CREDIT = 2
FRESH = 0.3  # how much of the smoothed latency the newest one makes up


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt, from `begin` to `end`."""

    id: int
    where: Where
    began: float


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why nobody should be asked, and until when. When everybody is excluded, the one that is `revivable` and recovers
    the soonest is asked regardless."""

    reason: str
    until: float
    revivable: bool = True


@dataclass(slots=True)
class _Rested:
    until: float
    cls: ErrorClass
    since: float


@dataclass(slots=True)
class _Target:
    """What is known of a target, or of one credential of it."""

    circuit: Circuit
    outcomes: Rolling
    latency: float | None = None
    latency_at: float = 0.0
    turns: set[int] = field(default_factory=set)


class Health:
    """One process's memory. A turn is begun; it reports its first event, and later whether the answer ended well or
    failed, or it reports a failure at once; or nothing (the client left); and it is ended, which frees its place and
    its probe."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._targets: dict[str, _Target] = {}
        self._resting: dict[str, _Rested] = {}
        self._next = 0

    def begin(self, where: Where, now: float, *, revived: bool = False) -> Turn | None:
        """An attempt starts. None: it must not, the circuit is open or another attempt is its probe. With `revived` it
        starts regardless (nobody else is left to ask), as the probe when there is none."""
        target = self._target(where.target)
        closed = target.circuit.closed_until(now) is not None
        if closed and not revived:
            return None
        self._next += 1
        turn = Turn(self._next, where, now)
        if not closed:
            target.circuit.enter(turn.id, now)
        for key in (where.target, where.pair):
            self._target(key).turns.add(turn.id)
        return turn

    def end(self, turn: Turn) -> None:
        """The attempt is over, however it went; a probe without an outcome makes room for the next. Harmless twice."""
        for key in (turn.where.target, turn.where.pair):
            self._target(key).turns.discard(turn.id)
        self._target(turn.where.target).circuit.leave(turn.id)

    def answered(self, turn: Turn, now: float, first_event: float) -> tuple[str, ...]:
        """The answer has begun, after `first_event` seconds. Gives the keys whose rest is over early: the state backend
        has to forget them too. A rest that began after this attempt did stays."""
        self._target(turn.where.target).circuit.began(turn.began, now)
        for key in (turn.where.target, turn.where.pair):
            known = self._target(key)
            known.outcomes.add(now, 1, 0)
            previous = self._latency(known, now)
            known.latency = first_event if previous is None else previous + FRESH * (first_event - previous)
            known.latency_at = now
        ended = [key for key in _keys(turn.where) if key in self._resting and self._resting[key].since <= turn.began]
        for key in ended:
            del self._resting[key]
        return tuple(ended)

    def succeeded(self, turn: Turn) -> None:
        """The answer has ended well."""
        self._target(turn.where.target).circuit.succeeded()

    def failed(self, turn: Turn, info: ErrorInfo, now: float, *, begun: bool = False) -> tuple[Cooling, ...]:
        """The attempt has failed, after its answer had `begun` or without one. Gives the rests that follow from it, for
        the state backend to share and persist."""
        circuit = self._target(turn.where.target).circuit
        if info.cls in COUNTED:
            circuit.failed(turn.id, now, begun=begun)
        else:
            circuit.leave(turn.id)
        if not POLICY[info.cls].client_fault:
            for key in (turn.where.target, turn.where.pair):
                self._target(key).outcomes.add(now, -1 if begun else 0, 1)
        cooling = cooling_for(turn.where, info, self._policy, now)
        if cooling is None:
            return ()
        self.cool(cooling, now)
        return (cooling,)

    def cool(self, cooling: Cooling, now: float) -> None:
        """A rest, learnt here or elsewhere (shifted to this clock). Of two rests the one that ends later holds."""
        until = min(cooling.until, now + self._policy.longest_cooldown)
        known = self._resting.get(cooling.key)
        if until > now and (known is None or known.until < until):
            self._resting[cooling.key] = _Rested(until, cooling.cls, now)

    def warm(self, key: str) -> None:
        """A rest was ended elsewhere."""
        self._resting.pop(key, None)

    def excluded(self, where: Where, now: float) -> Exclusion | None:
        """Why `where` should not be asked now: of several reasons the one that lasts longest."""
        found = []
        for key in _keys(where):
            resting = self._resting.get(key)
            if resting is not None and resting.until > now:
                found.append(Exclusion(f"cooling:{resting.cls}", resting.until))
            elif resting is not None:
                del self._resting[key]
        target = self._targets.get(where.target)
        closed = None if target is None else target.circuit.closed_until(now)
        if closed is not None:
            found.append(Exclusion("circuit-open", closed))
        return max(found, key=lambda exclusion: exclusion.until, default=None)

    def score(self, where: Where, now: float) -> float:
        """How well it is, 0.05 to 1: the share of successes in the window, less when the first event takes longer than
        `Policy.slow`. 1 when nothing is known."""
        known = self._targets.get(where.pair)
        if known is None:
            return 1.0
        good, bad = known.outcomes.totals(now)
        good = max(0, good)  # what broke off may have begun before the window
        share = (good + CREDIT) / (good + bad + CREDIT)
        latency = self._latency(known, now)
        slowness = 1.0 if latency is None else min(1.0, self._policy.slow / max(latency, 1e-9))
        return max(share * slowness, LOWEST_SCORE)

    def latency(self, where: Where, now: float) -> float | None:
        """The smoothed time to the first event of a target; None when it is not known of late."""
        known = self._targets.get(where.target)
        return None if known is None else self._latency(known, now)

    def busy(self, where: Where) -> int:
        """How many attempts run at a target, over all its keys."""
        known = self._targets.get(where.target)
        return 0 if known is None else len(known.turns)

    def resting(self, now: float) -> tuple[Cooling, ...]:
        """All rests that still hold, for a status page."""
        return tuple(Cooling(key, rest.until, rest.cls) for key, rest in self._resting.items() if rest.until > now)

    def _latency(self, known: _Target, now: float) -> float | None:
        return known.latency if now - known.latency_at <= self._policy.window else None

    def _target(self, key: str) -> _Target:
        known = self._targets.get(key)
        if known is None:
            known = self._targets[key] = _Target(Circuit(self._policy), Rolling(self._policy.window))
        return known


def _keys(where: Where) -> tuple[str, str, str]:
    return where.target, where.account, where.pair
