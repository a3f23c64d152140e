"""The attempt engine: which candidate is tried next, and when to give up. Pure: no clock, no chance of its own.

One machine for every dialect and mode. It decides from three facts about a failure alone: its class (POLICY), its
Retry-After, and how often was tried already. The first candidate (the origin) may be tried again; every other one
has a single try. A request that was too long is not sent to a window that is no larger. Nothing is tried after the
commit point: the caller simply stops asking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from addons.core.context import roomier
from addons.core.errors import POLICY, ErrorClass, ErrorInfo, most_useful
from addons.core.plan import Candidate, RetryPolicy


@dataclass(frozen=True, slots=True)
class Try:
    """Send to `candidate` after `delay` seconds; `number` counts the tries of this candidate from 1. `revived`: it
    rests, and is asked all the same."""

    candidate: Candidate
    number: int = 1
    delay: float = 0.0
    revived: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing is left to try; `error` is the most useful failure and `index` its place among all failures."""

    error: ErrorInfo
    index: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One failed attempt, as the debug header shows it."""

    ref: str
    status: int
    cls: str
    number: int

    def __str__(self) -> str:
        return f"{self.ref}:{self.status}/{self.cls}#{self.number}"


class Attempts:
    """`first()` gives the first step, `failed(info)` the next one after a failure of the current step."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        retry: RetryPolicy,
        chance: Callable[[], float],
        may_retry: Callable[[Candidate], bool] = lambda _: True,
        last_resort: Candidate | None = None,
    ) -> None:
        """`candidates` must not be empty; `chance` gives numbers from 0 up to 1; `may_retry` is asked before a target
        is tried again. `last_resort` rests, and is asked when nobody else is left."""
        assert candidates, "nobody is asked for nothing"
        self._candidates = tuple(candidates)
        self._retry = retry
        self._chance = chance
        self._may_retry = may_retry
        self._last_resort = last_resort
        self._position = 0
        self._number = 1
        self._resorted = False
        self._failures: list[ErrorInfo] = []
        self.log: list[Attempt] = []

    @property
    def current(self) -> Candidate:
        return self._candidates[self._position]

    def first(self) -> Try:
        return Try(self.current)

    def failed(self, info: ErrorInfo) -> Try | GiveUp:
        """The current attempt has failed with `info`."""
        self._failures.append(info)
        self.log.append(Attempt(self.current.ref, info.status, info.cls, self._number))
        action = POLICY[info.cls]
        if len(self.log) >= self._retry.limit:
            return self._give_up()
        delay = self._retry_delay(info) if action.retry else None
        if delay is not None:
            self._number += 1
            return Try(self.current, self._number, delay)
        if info.cls is ErrorClass.CONTEXT:
            behind = self._position + 1
            self._candidates = self._candidates[:behind] + roomier(self._candidates[behind:], self.current)
        if action.next_target or (info.cls is ErrorClass.POLICY and self._retry.policy_fallback):
            return self._next()
        return self._give_up()

    def passed_over(self, info: ErrorInfo, *, rests: bool = False) -> Try | GiveUp:
        """The current candidate was not asked, because of `info`: there was no room, or it rests by now."""
        self._failures.append(info)
        if rests and self._last_resort is None and not self._resorted:
            self._last_resort = self.current
        return self._next()

    @property
    def following(self) -> Candidate | None:
        """Who comes after the current candidate."""
        behind = self._position + 1
        return self._candidates[behind] if behind < len(self._candidates) else None

    def accompanied(self) -> None:
        """The following candidate is asked beside the current one, which is not tried again."""
        self._number = self._retry.attempts

    def _next(self) -> Try | GiveUp:
        if self._position + 1 >= len(self._candidates):
            return self._last()
        self._position += 1
        self._number = 1
        return Try(self.current)

    def _last(self) -> Try | GiveUp:
        """Everybody is down: whoever recovers soonest is asked all the same, once."""
        last, self._last_resort = self._last_resort, None
        if last is None:
            return self._give_up()
        self._resorted = True
        self._candidates += (last,)
        self._position = len(self._candidates) - 1
        self._number = 1
        return Try(last, revived=True)

    def _retry_delay(self, info: ErrorInfo) -> float | None:
        """Seconds before the origin is tried again; None when it is not: another candidate has its turn, the tries
        are used up, or the provider asks for more patience than a waiting client has."""
        if self._position > 0 or self._number >= self._retry.attempts:
            return None
        wait = min(self._retry.base * 2.0 ** (self._number - 1), self._retry.cap)
        if info.retry_after is not None:
            wait = info.retry_after
            return wait if wait <= self._retry.cap and self._may_retry(self.current) else None
        if not self._may_retry(self.current):
            return None
        return wait * (0.5 + 0.5 * self._chance())

    def _give_up(self) -> GiveUp:
        error = most_useful(self._failures)
        return GiveUp(error, self._failures.index(error))
