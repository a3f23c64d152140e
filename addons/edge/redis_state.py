"""The state shared by several routers, in Redis: quotas, cooldowns, rotations, conversations.

A request asks twice: once for what others know (`refresh`), once for its place in every bucket (`reserve`, one Lua
script, so that no two routers can both take the last place). Everything else is told without waiting. Places among
concurrent requests are leases that end by themselves when their router is gone. While Redis cannot be asked, each
router goes on by what it knows, and says so; what it has used meanwhile is told when Redis is back, and a Redis that
came back empty learns what was known.

The windows of limits go by the clocks of the routers, which should agree to a second.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import isfinite
from typing import Literal
from uuid import uuid4

from addons.core.cooldowns import Cooling
from addons.core.limits import Claim, Lease, Measure, Row, Shortage, Spent
from addons.core.provider_limits import SubscriptionWindow
from addons.core.strategy import Currents
from addons.core.tally import NOTHING, Amounts
from addons.edge import facts
from addons.edge.facts import Elsewhere, Fact
from addons.edge.redis_claims import KEEP_SECONDS, Held, Keys, Part
from addons.edge.redis_link import Answers, Link
from addons.edge.redis_outbox import Command, Outbox
from addons.ledger import Ledger, State
from addons.patience import Spawn

log = logging.getLogger("llr")

TIMEOUT_SECONDS = 0.5
RETRY_SECONDS = 1.0
# a reservation is made this early in its timeout or not at all: its answer must find somebody
IN_TIME = 0.8
LEASE_SECONDS = 30.0
# a rest that is over is removed by whoever finds it; clocks differ
OVER_SECONDS = 60.0
MEASURES: tuple[Measure, ...] = ("requests", "input_tokens", "output_tokens")


class RedisState(State):
    """`url` is that of the server; `now` gives Unix seconds. `lease` is how long a router that died keeps its places,
    `timeout` how long a request may wait for Redis, `retry` how often one that is away is asked; all in seconds."""

    backend = "redis"

    def __init__(
        self,
        ledger: Ledger,
        url: str,
        now: Callable[[], float],
        spawn: Spawn,
        prefix: str = "llr",
        complain: Callable[[str], None] = log.warning,
        *,
        lease: float = LEASE_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
        retry: float = RETRY_SECONDS,
    ) -> None:
        super().__init__(ledger)
        self._link = Link(url, prefix, now, spawn, complain, self._told, self._returning, timeout=timeout, retry=retry)
        self._now = now
        self._spawn = spawn
        self._keys = Keys(prefix)
        self._lease = lease
        self._timeout = timeout
        self._held: dict[int, Held] = {}
        # what reservations that Redis does not know of hold, by key and label
        self._alone: dict[tuple[str, str], Amounts] = {}
        # what Redis knows of the counts, as far as this router has heard: by key, with the claim's end
        self._heard: dict[str, tuple[Amounts, float]] = {}
        self._rests: dict[str, Cooling] = {}
        self._elsewhere = Elsewhere(ledger)
        self._beat: asyncio.Task[None] | None = None

    @property
    def problem(self) -> str:
        return self._link.problem

    async def open(self) -> None:
        await self._link.open()
        self._beat = self._spawn(self._keep_leases(), "keep the leases")

    async def aclose(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
        for held in self._held.values():
            self._free(held)
        await self._link.aclose()

    # --- what is asked ---

    async def refresh(self, groups: Sequence[str], conversation: Sequence[str], claims: Sequence[Claim]) -> None:
        now = self._now()
        counted = {part.counts: part for part in self._keys.parts(claims, now) if part.label is not None}
        commands: list[Command] = [("HGETALL", self._keys.cooling), ("HGETALL", self._keys.windows)]
        if conversation:
            commands.append(("MGET", *(self._keys.binding(key) for key in conversation)))
        commands += [("HGETALL", self._keys.rotation(group)) for group in groups]
        commands += [("HMGET", key, *MEASURES) for key in counted]

        def then(answers: Answers) -> None:
            if answers is not None:
                coolings, windows, *rest = answers
                self._hear(_pairs(coolings), _pairs(windows), now)
                if conversation:
                    self._bound(conversation, rest.pop(0), now)
                self._rotated(groups, [_pairs(levels) for levels in rest[: len(groups)]])
                self._counted(tuple(counted.values()), rest[len(groups) :])

        await self._link.ask(commands, then)

    async def reserve(self, claims: Sequence[Claim], now: float) -> Lease | Shortage:
        lease = await super().reserve(claims, now)
        shared = [claim for claim in claims if claim.bucket.caps]
        if isinstance(lease, Shortage) or not shared:
            return lease
        held = self._held[lease.id] = Held(uuid4().hex, self._keys.parts(shared, now))
        for part in held.parts:
            self._take_alone(part, part.claim.amounts)
        try:
            found = await self._asked(held)
            if found is not None and found[0] < 0:  # too late by a clock that was set: that is known now
                found = await self._asked(held)
        except asyncio.CancelledError:
            self.settle(lease, None, now)
            raise
        if found is None or found[0] < 0:
            return lease
        self.settle(lease, None, now)
        index, measure = found
        return held.parts[index - 1].shortage(measure, now)

    async def _asked(self, held: Held) -> tuple[int, int] | None:
        deadline = self._now() + self._link.ahead + IN_TIME * self._timeout
        command = held.command(deadline, self._lease)
        return await self._link.ask([command], lambda answers: self._granted(held, answers), first=True)

    # --- what is told ---

    def sent(self, lease: Lease) -> None:
        super().sent(lease)
        held = self._held.get(lease.id)
        if held is None or held.sent:
            return
        held.sent = True
        if not held.shared:
            for part in held.parts:
                self._take_alone(part, Amounts(-1))
                self._count(part, Amounts(1))

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        super().settle(lease, spent, now)
        held = self._held.pop(lease.id, None)
        if held is None:
            return
        held.over = True
        used = NOTHING if spent is None else Amounts(1, max(spent.input_tokens, 0), max(spent.output_tokens, 0))
        counted = Amounts(int(held.sent))
        for part in held.parts:
            wanted = part.claim.amounts
            if held.shared:
                self._count(part, used.minus(wanted))
            else:
                self._take_alone(part, counted.minus(wanted))
                self._count(part, used.minus(counted))
        if held.leased:
            self._free(held)

    def rotate(self, moved: Mapping[str, Currents]) -> None:
        """The others' turns are not undone: what goes out is by how much each level has moved."""
        for group, currents in moved.items():
            before, key = self.ledger.rotations.get(group, {}), self._keys.rotation(group)
            for name in before.keys() - currents.keys():
                self._link.outbox.moves.pop((key, name), None)
                self._link.outbox.set(("rotation", key, name), "HDEL", key, name)
            for name, level in currents.items():
                if level != before.get(name):
                    self._link.outbox.move(key, name, level - before.get(name, 0.0), KEEP_SECONDS)
        super().rotate(moved)
        self._link.tell()

    def bind(self, keys: tuple[str, ...], ref: str, now: float, ttl: float) -> None:
        super().bind(keys, ref, now, ttl)
        for key in keys:
            text, milliseconds = f"{now + ttl} {ref}", max(1, int(ttl * 1000))
            self._link.outbox.set(("binding", key), "SET", self._keys.binding(key), text, "PX", milliseconds)
        self._link.tell()

    def cooled(self, coolings: Sequence[Cooling]) -> None:
        super().cooled(coolings)
        for cooling in coolings:
            self._rests[cooling.key] = cooling
            self._tell_rest(cooling)
        self._link.tell(at_once=True)

    def recovered(self, key: str) -> None:
        super().recovered(key)
        self._rests.pop(key, None)
        self._link.outbox.set(("cooling", key), "HDEL", self._keys.cooling, key)
        self._link.tell()

    def observed(self, credential: str, windows: tuple[SubscriptionWindow, ...]) -> None:
        super().observed(credential, windows)
        self._tell_windows(credential, windows)
        self._link.tell()

    def _tell_rest(self, cooling: Cooling) -> None:
        text = f"{cooling.until} {cooling.cls}"
        self._link.outbox.set(("cooling", cooling.key), "HSET", self._keys.cooling, cooling.key, text)

    def _tell_windows(self, credential: str, windows: tuple[SubscriptionWindow, ...]) -> None:
        text = json.dumps(facts.windows(windows).value)
        self._link.outbox.set(("windows", credential), "HSET", self._keys.windows, credential, text)

    def _count(self, part: Part, more: Amounts) -> None:
        if part.label is not None:
            for measure, by in zip(MEASURES, more, strict=True):
                if by:
                    self._link.outbox.count(part.counts, measure, by, part.keep)
        self._link.tell()

    def _free(self, held: Held) -> None:
        for part in held.parts:
            if part.is_leased:
                key = part.leases
                self._link.outbox.set(("lease", key, held.name), "ZREM", key, held.name)
        self._link.tell()

    async def _keep_leases(self) -> None:
        """As long as a request runs it has its place, also in a Redis that came back without it."""
        while True:
            await asyncio.sleep(self._lease / 3)
            for held in self._held.values():
                for part in held.parts:
                    if part.is_leased:
                        self._tell_lease(held, part)
            now = self._now()
            self._heard = {key: heard for key, heard in self._heard.items() if heard[1] > now}
            self._link.tell()

    def _tell_lease(self, held: Held, part: Part) -> None:
        held.leased, key = True, part.leases
        self._link.outbox.set(("lease", key, held.name), "LEASE", key, held.name, self._lease)
        self._link.outbox.kept[key] = part.keep

    def _returning(self) -> list[Command]:
        """Redis is asked for the first time, or again."""
        now, raises = self._now(), list[Command]()
        for key, (amounts, end) in self._heard.items():
            if end > now:
                used = zip(MEASURES, amounts, strict=True)
                keep = KEEP_SECONDS + int(end - now)
                raises += [(key, measure, amount, keep) for measure, amount in used if amount > 0]
        for rest in self.ledger.health.resting(now):
            if self._rests.get(rest.key) == rest:
                self._tell_rest(rest)
        for credential, windows in self.ledger.windows.items():
            self._tell_windows(credential, windows)
        return raises

    # --- what is heard ---

    def _told(self, outbox: Outbox) -> None:
        """Redis knows what was in `outbox`."""
        for (key, measure), by in outbox.counts.items():
            amounts, end = self._heard.get(key, (NOTHING, 0.0))
            self._heard[key] = amounts.plus(Amounts(**{measure: by})), end
        self._elsewhere.told_others(
            str(place[1]) for place, command in outbox.sets.items() if (place[0], command[0]) == ("cooling", "HSET")
        )

    def _granted(self, held: Held, answers: Answers) -> tuple[int, int] | None:
        """None when there is room, or nobody to say that there is not; else what the script says."""
        if answers is None:
            return None
        index, measure, *time = (int(each) for each in answers[0])
        if index < 0:
            self._link.clock(time)
        if index:
            return index, measure
        for part in held.parts:
            if part.label is not None:
                amounts, _ = self._heard.get(part.counts, (NOTHING, 0.0))
                self._heard[part.counts] = amounts.plus(part.claim.amounts), part.end
        held.shared = held.leased = True
        if held.over:  # who asked has left
            for part in held.parts:
                self._count(part, NOTHING.minus(part.claim.amounts))
            self._free(held)
            return None
        for part in held.parts:
            self._take_alone(part, NOTHING.minus(part.claim.amounts))
        return None

    def _hear(self, coolings: Mapping[str, str], windows: Mapping[str, str], now: float) -> None:
        found = []
        for key, text in coolings.items():
            until, _, cls = text.partition(" ")
            with suppress(ValueError):
                found += facts.coolings(key, Fact(cls, float(until)))
                if float(until) < now - OVER_SECONDS and ("cooling", key) not in self._link.outbox.sets:
                    self._link.outbox.set(("cooling", key), "HDEL", self._keys.cooling, key)
        mine = {str(place[1]) for place in self._link.outbox.sets if place[0] == "cooling"}
        self._elsewhere.told(found, mine, now)
        for credential, text in windows.items():
            if ("windows", credential) not in self._link.outbox.sets:
                with suppress(ValueError, TypeError, KeyError):
                    self.ledger.windows[credential] = facts.said_windows(text)

    def _bound(self, keys: Sequence[str], bindings: Sequence[str | Literal[False]], now: float) -> None:
        for key, text in zip(keys, bindings, strict=True):
            until, _, ref = (text or "").partition(" ")
            with suppress(ValueError):
                if ref and float(until) > now and ("binding", key) not in self._link.outbox.sets:
                    self.ledger.bindings.bind((key,), ref, now, float(until) - now)

    def _rotated(self, groups: Sequence[str], rotations: Sequence[Mapping[str, str]]) -> None:
        """What everybody has moved, and on top what this router has moved since it asked."""
        for group, found in zip(groups, rotations, strict=True):
            key, levels = self._keys.rotation(group), dict[str, float]()
            for name, level in found.items():
                with suppress(ValueError):
                    if isfinite(float(level)) and ("rotation", key, name) not in self._link.outbox.sets:
                        levels[name] = float(level)
            for (moved, name), by in self._link.outbox.moves.items():
                if moved == key:
                    levels[name] = levels.get(name, 0.0) + by
            self.ledger.rotations[group] = levels

    def _counted(self, parts: Sequence[Part], counts: Sequence[Sequence[str | Literal[False]]]) -> None:
        """What all routers have used or reserved together, and on top what this one has used since it asked. What its
        own reservations hold of that is in its ledger already."""
        counters, rows = self.ledger.counters, []
        counters.changes()  # nothing is reported by it: what is unreported is in the outbox
        for part, found in zip(parts, counts, strict=True):
            assert part.label is not None
            there = Amounts(*(int(used or 0) for used in found))
            self._heard[part.counts] = there, part.end
            held = counters.held(part.claim.key, part.label)
            mine = held.minus(self._alone.get((part.claim.key, part.label), NOTHING))
            for measure in MEASURES:
                fresh = self._link.outbox.counts.get((part.counts, measure), 0)
                used = there.of(measure) + fresh - mine.of(measure)
                rows.append(Row(part.claim.key, part.label, measure, used, part.end))
        counters.observe(rows)

    def _take_alone(self, part: Part, more: Amounts) -> None:
        if part.label is not None:
            place = part.claim.key, part.label
            self._alone[place] = self._alone.get(place, NOTHING).plus(more)
            if self._alone[place] == NOTHING:
                del self._alone[place]


def _pairs(found: Sequence[str]) -> dict[str, str]:
    """A hash. An empty one comes as an empty object."""
    return dict(zip(found[::2], found[1::2], strict=True)) if found else {}
