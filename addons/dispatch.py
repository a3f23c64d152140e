"""Who is asked: conditions are gathered, the strategy orders, and what a request takes is reserved before it is sent.

A *lineup* is the order of asking for one request, a *booking* one attempt: a credential, a place in every bucket, and
the duty to say what became of them.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from addons.booking import Booking, NoRoom, no_room, reported, where_of
from addons.core.affinity import Keys, keys
from addons.core.buckets import Bucket, Claim, Shortage
from addons.core.context import TOO_SMALL, fits
from addons.core.cooldowns import Where
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo
from addons.core.health import Turn
from addons.core.ordering import Condition, Group, order
from addons.core.plan import Candidate, Credential, Route
from addons.job import Job
from addons.ledger import State
from addons.needs import Needs, needs_of

# what a provider says of its own limits is counted under this bucket, which caps nothing by itself
REPORTED = Bucket("reported", {})
NOBODY = Credential("", "")

# what a request wants of a candidate, by credential
type Claims = Mapping[str, Sequence[Claim]]


@dataclass(frozen=True, slots=True)
class Lineup:
    """The order of asking. `returns` is in how many seconds the soonest comes back, when nobody is to be had;
    `bound` the credential that the conversation is bound to. `last_resort` rests, and recovers before all others that
    do."""

    candidates: tuple[Candidate, ...]
    skipped: tuple[str, ...] = ()
    returns: float | None = None
    overridden: bool = False
    needs: Needs = Needs()
    conversation: Keys = Keys()
    affinity: float = 0.0
    bound: str | None = None
    last_resort: Candidate | None = None


class Dispatcher:
    """One a router. `now` gives Unix seconds, `chance` numbers from 0 up to 1."""

    def __init__(self, state: State, now: Callable[[], float], chance: Callable[[], float]) -> None:
        self.state = state
        self._now = now
        self._chance = chance

    async def line_up(self, job: Job, route: Route) -> Lineup:
        """Whom to ask for `job`, given what is known now."""
        group = route.group or Group(route.ref, "ordered", ())
        candidates = {candidate.ref: candidate for candidate in route.candidates}
        needs = needs_of(job, route.candidates)
        claims = {each.ref: self._all_claims(each, needs) for each in route.candidates}
        ttl = route.alias.affinity if route.alias is not None else 0.0
        conversation = _conversation(job, route.ref) if ttl else Keys()
        everything = [claim for found in claims.values() for own in found.values() for claim in own]
        await self.state.refresh(list(_groups(group)), conversation.seek, everything)
        now = self._now()
        bound = self.state.ledger.bindings.find(conversation.seek, now)
        ref, _, credential = (bound or "").rpartition("#")
        conditions = self._conditions(candidates.values(), claims, needs, now)
        found = order(group, conditions, self.state.ledger.rotations, self._chance, ref or None)
        # at once: requests that come in the same moment would all be given the same turn
        self.state.rotate(found.currents)
        chosen = {each.ref: candidates[each.ref] for each in found.candidates if each.ref in candidates}
        return Lineup(
            _largest_first(tuple(chosen.values()), needs.context),
            found.skipped,
            found.returns,
            found.overridden,
            needs,
            conversation,
            ttl,
            credential or None,
            _soonest(candidates, conditions, chosen),
        )

    def book(self, lineup: Lineup, candidate: Candidate, *, revived: bool = False) -> "Booking":
        """A place for one attempt, still to be confirmed, although the candidate rests if `revived`. Raises NoRoom when
        there is none any more."""
        now = self._now()
        credential = self._credential(candidate, lineup, now)
        where = where_of(candidate, credential)
        turn = self._turn(candidate, where, now, revived=revived or lineup.overridden)
        claims = partial(self._claims, candidate, credential)
        found = self.state.take(claims(lineup.needs), now)
        if isinstance(found, Shortage):
            self.state.ledger.health.end(turn)
            raise no_room(candidate, found)
        self.state.ledger.used[where.account] = now
        own = candidate if credential is NOBODY else replace(candidate, credential=credential)
        return Booking(
            self.state, self._now, own, turn, found, claims, lineup.needs, lineup.conversation, lineup.affinity
        )

    def _turn(self, candidate: Candidate, where: Where, now: float, *, revived: bool) -> Turn:
        health, limit = self.state.ledger.health, candidate.provider.concurrency
        if limit is not None and health.busy(where) >= limit:
            raise NoRoom(_closed(candidate, f"{limit} requests run at it already"), f"{candidate.ref}:busy")
        turn = health.begin(where, now, revived=revived)
        if turn is None:
            raise NoRoom(
                _closed(candidate, "it fails, and is being probed"), f"{candidate.ref}:circuit-open", rests=True
            )
        return turn

    def _conditions(
        self, candidates: Iterable[Candidate], claims: Mapping[str, Claims], needs: Needs, now: float
    ) -> dict[str, Condition]:
        candidates = tuple(candidates)
        anyone_fits = any(fits(needs.context, each.model.context_window) for each in candidates)
        context = needs.context if anyone_fits else 0
        return {each.ref: self._condition(each, claims[each.ref], context, now) for each in candidates}

    def _condition(self, candidate: Candidate, claims: Claims, context: int, now: float) -> Condition:
        """`context`: a smaller window is too small."""
        known = _best([self._standing(candidate, each, claims[each.id], now) for each in _credentials(candidate)])
        if not fits(context, candidate.model.context_window):
            return replace(known, excluded=TOO_SMALL, returns=None, revivable=False)
        limit = candidate.provider.concurrency
        if known.excluded is None and limit is not None and known.busy >= limit:
            return replace(known, excluded="busy", returns=None, revivable=False)
        return known

    def _standing(self, candidate: Candidate, credential: Credential, claims: Sequence[Claim], now: float) -> Condition:
        """How one credential of a candidate stands."""
        ledger, where = self.state.ledger, where_of(candidate, credential)
        standing = Condition(
            capacity=min(ledger.counters.remaining(claim.key, claim.bucket, now) for claim in claims),
            urgency=ledger.urgency(where.account, now),
            health=ledger.health.score(where, now),
            latency=ledger.health.latency(where, now),
            busy=ledger.health.busy(where),
        )
        exclusion = ledger.health.excluded(where, now)
        if exclusion is not None:
            back = exclusion.until - now
            return replace(standing, excluded=exclusion.reason, returns=back, revivable=exclusion.revivable)
        for claim in claims:
            wait = ledger.counters.room_at(claim, now)
            if wait != 0.0:
                return replace(standing, excluded=f"quota-exhausted:{claim.bucket.id}", returns=wait)
        return standing

    def _credential(self, candidate: Candidate, lineup: Lineup, now: float) -> Credential:
        """The one that the conversation is bound to; else the one whose quota is lost soonest, else the one that has
        rested longest."""
        found = _credentials(candidate)
        if len(found) == 1:
            return found[0]
        claims = self._all_claims(candidate, lineup.needs)
        standings = {each.id: self._standing(candidate, each, claims[each.id], now) for each in found}
        used = self.state.ledger.used

        def place(each: Credential) -> tuple[bool, float, bool, float, float]:
            now_ = standings[each.id]
            closed = now_.excluded is not None
            back = (now_.returns or 0.0) if closed else 0.0
            return (
                closed,
                back,
                each.id != lineup.bound,
                -now_.urgency,
                used.get(where_of(candidate, each).account, 0.0),
            )

        return min(found, key=place)

    def _all_claims(self, candidate: Candidate, needs: Needs) -> Claims:
        return {each.id: self._claims(candidate, each, needs) for each in _credentials(candidate)}

    def _claims(self, candidate: Candidate, credential: Credential, needs: Needs) -> list[Claim]:
        provider, where = candidate.provider, where_of(candidate, credential)
        claims = [Claim(reported(where), REPORTED, needs.input_tokens, needs.output_tokens)]
        for bucket in provider.buckets:
            if bucket.covers(candidate.model.id):
                key = f"{where.account if bucket.per_key else provider.id}:{bucket.id}"
                claims.append(Claim(key, bucket, needs.input_tokens, _output(bucket, needs)))
        return claims


def _credentials(candidate: Candidate) -> Sequence[Credential]:
    return candidate.provider.keys or (NOBODY,)


def _best(standings: Sequence[Condition]) -> Condition:
    """How a candidate stands whose credentials stand like this: as the best of those that may be used."""
    if len(standings) == 1:
        return standings[0]
    best = max(standings, key=lambda each: (each.excluded is None, each.revivable, -(each.returns or 0.0)))
    free = [each for each in standings if each.excluded is None]
    return replace(
        best,
        capacity=max((each.capacity for each in free), default=0.0),
        urgency=max((each.urgency for each in free), default=0.0),
        health=max((each.health for each in free), default=0.0),
    )


def _groups(group: Group) -> Iterable[str]:
    yield group.key
    for member in (*group.members, *group.fallbacks):
        if isinstance(member.node, Group):
            yield from _groups(member.node)


def _output(bucket: Bucket, needs: Needs) -> int:
    """What is held for the answer. Clients ask for far more than they use: a request that could use up the whole
    window has to wait for an empty one, but not for ever."""
    room = [bucket.caps["output_tokens"]] if "output_tokens" in bucket.caps else []
    if "tokens" in bucket.caps:
        room.append(bucket.caps["tokens"] - needs.input_tokens)
    return max(0, min(needs.output_tokens, *room)) if room else needs.output_tokens


def _conversation(job: Job, scope: str) -> Keys:
    try:
        return keys(scope, job.ask.headers, job.body.value, job.request)
    except BadRequest:
        return Keys()


def _soonest(
    candidates: Mapping[str, Candidate], conditions: Mapping[str, Condition], chosen: Container[str]
) -> Candidate | None:
    resting = [ref for ref in candidates if ref not in chosen and conditions[ref].revivable]
    soonest = min(resting, key=lambda ref: conditions[ref].returns or 0.0, default=None)
    return None if soonest is None else candidates[soonest]


def _largest_first(candidates: tuple[Candidate, ...], context: int) -> tuple[Candidate, ...]:
    """When the request is too large for everybody, the largest window is asked first."""
    if any(fits(context, each.model.context_window) for each in candidates):
        return candidates
    return tuple(sorted(candidates, key=lambda each: each.model.context_window or 0, reverse=True))


def _closed(candidate: Candidate, why: str) -> ErrorInfo:
    return ErrorInfo(ErrorClass.OVERLOADED, f"{candidate.ref} is not asked now: {why}", status=503, retry_after=1.0)
