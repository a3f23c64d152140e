"""The attempt engine: which candidate is tried next, and when to give up. Pure: no clock, no chance of its own.

One machine for every dialect and mode. It decides from three facts about a failure alone: its class (POLICY), its
Retry-After, and how often was tried already. The first candidate (the origin) may be tried again; every other one
has a single try. Nothing is tried after the commit point: the caller simply stops asking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from addons.core.errors import POLICY, ErrorInfo, most_useful
from addons.core.plan import Candidate, RetryPolicy


@dataclass(frozen=True, slots=True)
class Try:
    """Send to `candidate` after `delay` seconds; `number` counts the tries of this candidate from 1."""

    candidate: Candidate
    number: int = 1
    delay: float = 0.0


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

    def __init__(self, candidates: Sequence[Candidate], retry: RetryPolicy, chance: Callable[[], float]) -> None:
        """`candidates` must not be empty; `chance` gives numbers from 0 up to 1."""
        assert candidates, "the resolver never gives an empty list"
        self._candidates = candidates
        self._retry = retry
        self._chance = chance
        self._position = 0
        self._number = 1
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
        if len(self._failures) >= self._retry.limit:
            return self._give_up()
        delay = self._retry_delay(info) if action.retry else None
        if delay is not None:
            self._number += 1
            return Try(self.current, self._number, delay)
        if not action.next_target or self._position + 1 >= len(self._candidates):
            return self._give_up()
        self._position += 1
        self._number = 1
        return Try(self.current)

    def _retry_delay(self, info: ErrorInfo) -> float | None:
        """Seconds before the origin is tried again; None when it is not: another candidate has its turn, the tries
        are used up, or the provider asks for more patience than a waiting client has."""
        if self._position > 0 or self._number >= self._retry.attempts:
            return None
        wait = min(self._retry.base * 2.0 ** (self._number - 1), self._retry.cap)
        if info.retry_after is not None:
            return info.retry_after if info.retry_after <= self._retry.cap else None
        return wait * (0.5 + 0.5 * self._chance())

    def _give_up(self) -> GiveUp:
        error = most_useful(self._failures)
        return GiveUp(error, self._failures.index(error))
