"""The circuit breaker of one target.

    closed ──(failures in a row, or a bad share of enough outcomes)──▶ open ──(cooldown over)──▶ half-open
    half-open: exactly one probe; it succeeds ▶ closed, it fails ▶ open, it tells nothing or is never heard of ▶ the
    next request is the probe; its answer begins ▶ on trial.
    on trial: everybody may ask; the next failure ▶ open, a success ▶ closed.

An answer that has begun is no success yet, for it may break off: only one that has ended well is, and closes it from
every state. But it shows that the target is there: answers that break off are counted apart from those that never
begin, and a few of these among many that run do not open it. As a share of all, what runs counts as good until it
breaks. Nobody waits for the end of a probe's answer, which may take minutes: that is what the trial is for. Only
failures of the provider are told to it (POLICY): neither the client's errors nor those with a cooldown of their own.
"""

from addons.core.cooldowns import Policy
from addons.core.rolling import Rolling


class Circuit:
    """`now` is monotonic."""

    __slots__ = ("_breaks", "_outcomes", "_policy", "_probe", "_row", "_until")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        # in a row: those that never began, and those that broke off
        self._row = self._breaks = 0
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

    def began(self, started: float, now: float) -> None:
        """The answer to an attempt that started then has begun. Where it is not closed, that is a trial, unless the
        attempt started before it opened, as those did that have broken off since."""
        if self._until is None:
            self._row = 0
        elif started > self._until - self._policy.circuit_cooldown:
            self._outcomes.clear()
            self._until = self._probe = None
            self._row = self._breaks = max(0, self._policy.circuit_failures - 1)
        self._outcomes.add(now, 1, 0)

    def succeeded(self) -> None:
        """An answer that has begun has ended well."""
        if self._until is not None:
            self._outcomes.clear()
        self._until = self._probe = None
        self._row = self._breaks = 0

    def failed(self, attempt: int, now: float, *, begun: bool = False) -> None:
        """`begun`: its answer had begun, and broke off."""
        if self._is_probe(attempt):
            self._open(now)
            return
        if self._until is not None:
            return  # an attempt from before it opened, or one that was made regardless
        if begun:
            self._breaks += 1
        else:
            self._row += 1
        self._outcomes.add(now, -1 if begun else 0, 1)
        if self._is_bad(now):
            self._open(now)

    def _is_probe(self, attempt: int) -> bool:
        return self._probe is not None and self._probe[0] == attempt

    def _is_bad(self, now: float) -> bool:
        if not self._policy.circuit_failures:
            return False
        good, bad = self._outcomes.totals(now)
        good = max(0, good)  # what broke off may have begun before the window
        share = bad >= self._policy.circuit_share * (good + bad) and good + bad >= self._policy.circuit_volume
        return share or max(self._row, self._breaks) >= self._policy.circuit_failures

    def _open(self, now: float) -> None:
        self._until, self._probe = now + self._policy.circuit_cooldown, None
