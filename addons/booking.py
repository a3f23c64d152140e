"""One attempt: its place in every bucket, its turn at the target, and the duty to say what became of them."""

from collections.abc import Callable, Mapping

from addons.core.affinity import Keys
from addons.core.cooldowns import Where
from addons.core.errors import ErrorInfo
from addons.core.events import Usage
from addons.core.health import Turn
from addons.core.limits import Lease, Spent
from addons.core.plan import Candidate, Credential
from addons.core.provider_limits import limits_of
from addons.ledger import State


class Booking:
    """One attempt at `candidate`. What becomes of it is said by `failed`, or by `committed` and later `ended`; a
    client that leaves by `ended` too. Each counts once."""

    def __init__(
        self,
        state: State,
        now: Callable[[], float],
        candidate: Candidate,
        turn: Turn,
        lease: Lease,
        conversation: Keys,
        affinity: float,
    ) -> None:
        self.candidate = candidate
        self._state = state
        self._now = now
        self._turn = turn
        self._lease: Lease | None = lease
        self._conversation = conversation
        self._affinity = affinity
        state.sent(lease)

    def answered(self, headers: Mapping[str, str]) -> None:
        """The provider has answered, well or badly, and its headers say how much is left."""
        now = self._now()
        said = limits_of(headers, now)
        key = reported(self._turn.where)
        for each in said.measures:
            if each.resets_at is not None:
                self._state.ledger.counters.teach(key, each.measure, each.remaining, each.limit, each.resets_at, now)
        if said.windows:
            self._state.observed(self._turn.where.account, said.windows)

    def committed(self) -> None:
        """The answer has begun."""
        now = self._now()
        for key in self._state.ledger.health.succeeded(self._turn, now, now - self._turn.began):
            self._state.recovered(key)
        if self._affinity:
            self._state.bind(self._conversation.hold, self._turn.where.pair, now, self._affinity)

    def failed(self, info: ErrorInfo, *, taken: bool) -> None:
        """There was no answer; `taken` says whether the provider had the request all the same, and counts it."""
        self._blame(info)
        self.ended(Usage() if taken else None)

    def ended(self, usage: Usage | None, broken: ErrorInfo | None = None) -> None:
        """The answer is over. `usage` None: the provider never had the request; `broken` is what cut it short."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        if broken is not None:
            self._blame(broken)
        spent = None if usage is None else Spent(usage.input or 0, usage.output or 0)
        self._state.settle(lease, spent, self._now())
        self._state.ledger.health.end(self._turn)

    def _blame(self, info: ErrorInfo) -> None:
        coolings = self._state.ledger.health.failed(self._turn, info, self._now())
        if coolings:
            self._state.cooled(coolings)


def where_of(candidate: Candidate, credential: Credential) -> Where:
    return Where(candidate.provider.id, candidate.model.id, credential.id)


def reported(where: Where) -> str:
    """What the provider's own counts go by."""
    return f"{where.pair}:reported"
