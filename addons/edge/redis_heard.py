"""What other routers have told Redis, on its way into the ledger of this one.

What a choice needs to know is `FRESH_SECONDS` old at the most: a request waits for it only where it is older, or where
nothing is known of its conversation. Long before, a request that does not wait has it asked for with the next news.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal

from addons.core.buckets import Claim
from addons.core.limits import Row
from addons.core.tally import NOTHING, Amounts, Measure
from addons.edge import facts
from addons.edge.facts import Elsewhere, Fact
from addons.edge.redis_claims import Held, Keys, Part, Place
from addons.edge.redis_link import Answers, Link
from addons.edge.redis_outbox import Command, Outbox
from addons.ledger import Ledger

FRESH_SECONDS = 0.1
# a rest that is over is removed by whoever finds it; clocks differ
OVER_SECONDS = 60.0
MEASURES: tuple[Measure, ...] = ("requests", "input_tokens", "output_tokens")
# conversations that are looked after together
MANY = 200

# what a choice is made among: the groups of an alias, and the counts of its limits
type Scope = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, and of what."""

    groups: tuple[str, ...]
    conversation: tuple[str, ...]
    places: tuple[Place, ...]
    commands: list[Command]


class Heard:
    """`held` are the reservations of this router. `ticks` gives seconds that never go back, `fresh` is how old
    knowledge may be; `now` gives Unix seconds."""

    def __init__(
        self,
        ledger: Ledger,
        keys: Keys,
        link: Link,
        held: Mapping[int, Held],
        now: Callable[[], float],
        ticks: Callable[[], float],
        fresh: float,
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._link = link
        self._held = held
        self._now = now
        self._ticks = ticks
        self._fresh = fresh
        self._elsewhere = Elsewhere(ledger)
        # what Redis knows of the counts, as far as this router has heard: by key, with the claim's end
        self.counts: dict[str, tuple[Amounts, float]] = {}
        self._at: dict[Scope, float] = {}
        self._asked: dict[Scope, float] = {}
        self._conversations: dict[str, None] = {}

    async def refresh(self, groups: Sequence[str], conversation: Sequence[str], claims: Sequence[Claim]) -> None:
        """Sees to it that the ledger knows what a choice needs to."""
        scope = tuple(groups), tuple(claim.key for claim in claims if claim.bucket.caps)
        ticks = self._ticks()
        age = ticks - self._at.get(scope, -inf)
        bound = not conversation or self._ledger.bindings.find(tuple(conversation), self._now()) is not None
        if age >= self._fresh or not bound:
            question = self._question(scope, conversation, claims)
            await self._link.ask(question.commands, lambda answers: self._hear(scope, question, ticks, answers))
            return
        if len(self._conversations) < MANY:
            self._conversations.update(dict.fromkeys(conversation))
        if ticks - self._asked.get(scope, -inf) >= self._fresh / 2:
            self._asked[scope] = ticks
            question = self._question(scope, self._conversations, claims)
            self._conversations = {}
            self._link.glance(question.commands, lambda answers: self._hear(scope, question, ticks, answers))

    def forget(self) -> None:
        """What is known has turned out to be wrong: the next choice waits for what is right."""
        self._at.clear()

    def clean(self) -> None:
        now = self._now()
        self.counts = {key: heard for key, heard in self.counts.items() if heard[1] > now}
        if len(self._at) > MANY:
            self._at.clear()
            self._asked.clear()

    def told(self, outbox: Outbox) -> None:
        """Redis knows what was in `outbox`."""
        for (key, measure), by in outbox.counts.items():
            amounts, end = self.counts.get(key, (NOTHING, 0.0))
            self.counts[key] = amounts.plus(Amounts(**{measure: by})), end
        self._elsewhere.told_others(
            str(place[1]) for place, command in outbox.sets.items() if (place[0], command[0]) == ("cooling", "HSET")
        )

    def reserved(self, part: Part) -> None:
        """Redis has counted what a request holds."""
        place = part.place
        if place.label is not None:
            amounts, _ = self.counts.get(place.counts, (NOTHING, 0.0))
            self.counts[place.counts] = amounts.plus(part.wanted), place.end

    def _question(
        self, scope: Scope, conversation: Sequence[str] | Mapping[str, None], claims: Sequence[Claim]
    ) -> "_Question":
        keys, places = self._keys, self._keys.places(claims, self._now())
        commands: list[Command] = [("HGETALL", keys.cooling), ("HGETALL", keys.windows)]
        if conversation:
            commands.append(("MGET", *(keys.binding(key) for key in conversation)))
        commands += [("HGETALL", keys.rotation(group)) for group in scope[0]]
        commands += [("HMGET", place.counts, *MEASURES) for place in places]
        return _Question(scope[0], tuple(conversation), places, commands)

    def _hear(self, scope: Scope, question: _Question, asked: float, answers: Answers) -> None:
        if answers is None:
            return
        coolings, windows, *rest = answers
        now = self._now()
        self._rests(_pairs(coolings), now)
        self._windows(_pairs(windows))
        if question.conversation:
            self._bound(question.conversation, rest.pop(0), now)
        self._rotated(question.groups, [_pairs(levels) for levels in rest[: len(question.groups)]])
        self._counted(question.places, rest[len(question.groups) :])
        self._at[scope] = max(asked, self._at.get(scope, asked))

    def _rests(self, coolings: Mapping[str, str], now: float) -> None:
        found, outbox = [], self._link.outbox
        for key, text in coolings.items():
            until, _, cls = text.partition(" ")
            with suppress(ValueError):
                found += facts.coolings(key, Fact(cls, float(until)))
                if float(until) < now - OVER_SECONDS and ("cooling", key) not in outbox.sets:
                    outbox.set(("cooling", key), "HDEL", self._keys.cooling, key)
        mine = {str(place[1]) for place in outbox.sets if place[0] == "cooling"}
        self._elsewhere.told(found, mine, now)

    def _windows(self, windows: Mapping[str, str]) -> None:
        for credential, text in windows.items():
            if ("windows", credential) not in self._link.outbox.sets:
                with suppress(ValueError, TypeError, KeyError):
                    self._ledger.windows[credential] = facts.said_windows(text)

    def _bound(self, keys: Sequence[str], bindings: Sequence[str | Literal[False]], now: float) -> None:
        for key, text in zip(keys, bindings, strict=True):
            until, _, ref = (text or "").partition(" ")
            with suppress(ValueError):
                if ref and float(until) > now and ("binding", key) not in self._link.outbox.sets:
                    self._ledger.bindings.bind((key,), ref, now, float(until) - now)

    def _rotated(self, groups: Sequence[str], rotations: Sequence[Mapping[str, str]]) -> None:
        """What everybody has moved, and on top what this router has moved since it asked."""
        outbox = self._link.outbox
        for group, found in zip(groups, rotations, strict=True):
            key, levels = self._keys.rotation(group), dict[str, float]()
            for name, level in found.items():
                with suppress(ValueError):
                    if isfinite(float(level)) and ("rotation", key, name) not in outbox.sets:
                        levels[name] = float(level)
            for (moved, name), by in outbox.moves.items():
                if moved == key:
                    levels[name] = levels.get(name, 0.0) + by
            self._ledger.rotations[group] = levels

    def _counted(self, places: Sequence[Place], counts: Sequence[Sequence[str | Literal[False]]]) -> None:
        """What all routers have used or reserved together, and on top what this one has used since it asked. What its
        own reservations hold of that is in its ledger already."""
        counters, rows = self._ledger.counters, []
        counters.changes()  # nothing is reported by it: what is unreported is in the outbox
        alone = self._alone()
        for place, found in zip(places, counts, strict=True):
            assert place.label is not None
            there = Amounts(*(int(used or 0) for used in found))
            self.counts[place.counts] = there, place.end
            mine = counters.held(place.key, place.label).minus(alone.get(place.counts, NOTHING))
            for measure in MEASURES:
                fresh = self._link.outbox.counts.get((place.counts, measure), 0)
                used = there.of(measure) + fresh - mine.of(measure)
                rows.append(Row(place.key, place.label, measure, used, place.end))
        counters.observe(rows)

    def _alone(self) -> dict[str, Amounts]:
        """What reservations hold that Redis does not know of. That a request was sent it is told."""
        found: dict[str, Amounts] = {}
        for held in self._held.values():
            if not held.shared:
                for part in held.parts:
                    more = part.wanted.minus(Amounts(int(held.sent)))
                    found[part.place.counts] = found.get(part.place.counts, NOTHING).plus(more)
        return found


def _pairs(found: Sequence[str]) -> dict[str, str]:
    """A hash. An empty one comes as an empty object."""
    return dict(zip(found[::2], found[1::2], strict=True)) if found else {}
