"""One attempt: its place in every bucket, its turn at the target, and the duty to say what became of them.

No call is made before its place is sure: until then the request is prepared (`BookedUpstream` sees to it). Most
attempts are one call to the provider. One whose request was mended, or that searched the web for its model, is
several, one after the other: each has a place of its own in every bucket (`again`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from addons.core.affinity import Keys
from addons.core.buckets import Claim, Lease, Shortage, Spent
from addons.core.context import prompt_tokens
from addons.core.cooldowns import Where
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Usage
from addons.core.health import Turn
from addons.core.http import Upstream, UpstreamReply, UpstreamRequest
from addons.core.model import Request
from addons.core.plan import Candidate, Credential
from addons.core.provider_limits import limits_of
from addons.ledger import State
from addons.needs import Needs

KEPT = 4096  # pairs of a target and a key whose names are kept


class NoRoom(Exception):
    """The candidate cannot take the request now. `rests`: because it fails, of late."""

    def __init__(self, info: ErrorInfo, why: str, *, rests: bool = False) -> None:
        super().__init__(info.message)
        self.info = info
        self.why = why
        self.rests = rests


def no_room(candidate: Candidate, shortage: Shortage) -> NoRoom:
    measure = shortage.measure.replace("_", " ")
    message = f"{candidate.ref} has no room: the limit {shortage.bucket_id!r} of {measure} is used up"
    info = ErrorInfo(ErrorClass.RATE_LIMITED, message, status=429, retry_after=shortage.retry_after)
    return NoRoom(info, f"{candidate.ref}:quota-exhausted:{shortage.bucket_id}")


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
        claims: Callable[[Needs], Sequence[Claim]],
        needs: Needs,
        conversation: Keys,
        affinity: float,
    ) -> None:
        """`lease`, which is still to be confirmed, holds what `claims` says of `needs`."""
        self.candidate = candidate
        self._state = state
        self._now = now
        self._turn = turn
        self._lease: Lease | None = lease
        self._placed = False
        self._claims = claims
        self._needs = needs
        self._settled = Usage()
        self._committed = False
        self._over = False
        self._short: ErrorInfo | None = None
        self._conversation = conversation
        self._affinity = affinity

    async def place(self) -> None:
        """The provider is about to be asked. Raises NoRoom: it must not be."""
        lease = self._lease
        if lease is None or self._placed:
            return
        found = await self._state.confirm(lease, self._now())
        if isinstance(found, Shortage):
            self._lease = None
            raise self._refused(found)
        self._placed = True
        self._state.sent(lease)

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

    async def again(self, used: Usage, headers: Mapping[str, str] | None, request: Request | None) -> None:
        """The provider has answered, with `headers`, and is about to be asked once more, `request` (None: what it was
        asked before, mended). `used` is what all its answers have used so far. Raises NoRoom."""
        if headers is not None:
            self.answered(headers)
        self._settle(used)
        needs = self._needs
        if request is not None and needs.input_tokens:
            needs = replace(needs, input_tokens=prompt_tokens(request))
        found = self._state.take(self._claims(needs), self._now())
        if isinstance(found, Shortage):
            raise self._refused(found)
        self._lease, self._placed = found, False

    def committed(self) -> None:
        """The answer has begun."""
        now = self._now()
        self._committed = True
        for key in self._state.ledger.health.answered(self._turn, now, now - self._turn.began):
            self._state.recovered(key)
        if self._affinity:
            self._state.bind(self._conversation.hold, self._turn.where.pair, now, self._affinity)

    def failed(self, info: ErrorInfo, *, taken: bool) -> None:
        """There was no answer; `taken` says whether the provider had the request all the same, and counts it."""
        self._blame(info)
        self.ended(Usage() if taken else None)

    def ended(self, usage: Usage | None, broken: ErrorInfo | None = None, *, left: bool = False) -> None:
        """The answer is over. `usage` is that of all its calls, None: the provider never had the last one; `broken` is
        what cut it short, `left` whether nobody waited for its end: then it tells nothing of the target."""
        if self._over:
            return
        self._over = True
        # that there was no room for another call is no fault of the provider's
        if broken is not None and broken != self._short:
            self._blame(broken)
        elif self._committed and broken is None and not left:
            self._state.ledger.health.succeeded(self._turn)
        self._settle(usage)
        self._state.ledger.health.end(self._turn)

    def _refused(self, shortage: Shortage) -> NoRoom:
        refusal = no_room(self.candidate, shortage)
        self._short = refusal.info
        return refusal

    def _settle(self, used: Usage | None) -> None:
        """The last call is over, and with it all of them have used so much. One that was not made has used nothing."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        before = self._settled
        self._settled = used or before
        spent = None
        if used is not None and self._placed:
            spent = Spent(_more(used.input, before.input), _more(used.output, before.output))
        self._state.settle(lease, spent, self._now())

    def _blame(self, info: ErrorInfo) -> None:
        coolings = self._state.ledger.health.failed(self._turn, info, self._now(), begun=self._committed)
        if coolings:
            self._state.cooled(coolings)


def _more(now: int | None, before: int | None) -> int:
    return max(0, (now or 0) - (before or 0))


@dataclass(frozen=True, slots=True)
class BookedUpstream:
    """The providers, as an attempt may ask them: its place is sure before each call."""

    upstream: Upstream
    booking: Booking

    async def open(self, request: UpstreamRequest) -> UpstreamReply:
        """Raises what `upstream` raises, and NoRoom."""
        await self.booking.place()
        return await self.upstream.open(request)


def where_of(candidate: Candidate, credential: Credential) -> Where:
    return _where(candidate.provider.id, candidate.model.id, credential.id)


_where = lru_cache(maxsize=KEPT)(Where)


def reported(where: Where) -> str:
    """What the provider's own counts go by."""
    return f"{where.pair}:reported"
