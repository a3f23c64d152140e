"""The circuit breaker of one target.

    closed ──(failures in a row, or a bad share of enough outcomes)──▶ open ──(cooldown over)──▶ half-open
    half-open: exactly one probe; it succeeds ▶ closed, it fails ▶ open, it tells nothing or is never heard of ▶ the
    next request is the probe; its answer begins ▶ on trial.
    on trial: everybody may ask; the next failure ▶ open, a success ▶ closed.

An answer that has begun is no success yet, for it may break off: only one that has ended well is, and closes it from
every state. But nobody waits for the end of a probe's answer, which may take minutes: that is what the trial is for.
Only failures of the provider are told to it (POLICY): neither the client's errors nor those with a cooldown of their
own.
"""

from addons.core.cooldowns import Policy
from addons.core.rolling import Rolling


class Circuit:
    """`now` is monotonic."""

    __slots__ = ("_outcomes", "_policy", "_probe", "_row", "_until")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._row = 0
        self._outcomes = Rolling(policy.circuit_window)
        self._until: float | None = None  # None: closed
        self._probe: tuple[int, float] | None = None  # which attempt it is, and when it began

    def closed_until(self, now: float) -> float | None:
        """Until when nobody may ask; None when somebody may. While a probe runs: until it is given up."""
        if self._until is None:
            return None
        if now < self._until:
            return self._until
        given_up = None if self._probe is None else self._probe[1] + self._policy.probe_patience
        return given_up if given_up is not None and now < given_up else None

    def enter(self, attempt: int, now: float) -> None:
        """An attempt starts that may; it is the probe when the circuit is half-open."""
        if self._until is not None and now >= self._until:
            self._probe = attempt, now

    def leave(self, attempt: int) -> None:
        """An attempt has ended and told nothing of the target: its probe, if it was one, is free again."""
        if self._is_probe(attempt):
            self._probe = None

    def began(self, started: float) -> None:
        """The answer to an attempt that started then has begun: a trial, unless it started before the circuit opened,
        as those may have that have broken off since."""
        if self._until is not None and started > self._until - self._policy.circuit_cooldown:
            self._outcomes.clear()
            self._until = self._probe = None
            self._row = max(0, self._policy.circuit_failures - 1)

    def succeeded(self, now: float) -> None:
        """An answer has ended well."""
        if self._until is not None:
            self._outcomes.clear()
        self._until = self._probe = None
        self._row = 0
        self._outcomes.add(now, 1, 0)

    def failed(self, attempt: int, now: float) -> None:
        if self._is_probe(attempt):
            self._open(now)
            return
        if self._until is not None:
            return  # an attempt from before it opened, or one that was made regardless
        self._row += 1
        self._outcomes.add(now, 0, 1)
        if self._is_bad(now):
            self._open(now)

    def _is_probe(self, attempt: int) -> bool:
        return self._probe is not None and self._probe[0] == attempt

    def _is_bad(self, now: float) -> bool:
        if not self._policy.circuit_failures:
            return False
        good, bad = self._outcomes.totals(now)
        share = bad >= self._policy.circuit_share * (good + bad) and good + bad >= self._policy.circuit_volume
        return share or self._row >= self._policy.circuit_failures

    def _open(self, now: float) -> None:
        self._until, self._probe = now + self._policy.circuit_cooldown, None
