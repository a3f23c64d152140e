"""The state shared by several routers, in Redis: quotas, cooldowns, rotations, conversations.

A request waits once, for its place in every bucket, and meanwhile it is translated: one Lua script, so that no two
routers can both take the last place. Where its target has no limits it waits for nothing. What others know is asked for
beside the requests, and is a tenth of a second old at the most (redis_heard.py). Everything else is told without
waiting. Places among concurrent requests are leases that end by themselves when their router is gone. While Redis
cannot be asked, each router goes on by what it knows, and says so; what it has used meanwhile is told when Redis is
back, and a Redis that came back empty learns what was known.

The windows of limits go by the clocks of the routers, which should agree to a second.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from addons.core.buckets import Claim, Lease, Shortage, Spent
from addons.core.cooldowns import Cooling
from addons.core.provider_limits import SubscriptionWindow
from addons.core.strategy import Currents
from addons.core.tally import NOTHING, Amounts
from addons.edge import facts
from addons.edge.redis_claims import KEEP_SECONDS, Held, Keys, Part, Place, Refused
from addons.edge.redis_heard import FRESH_SECONDS, MEASURES, Heard
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


class RedisState(State):
    """`url` is that of the server; `now` gives Unix seconds. `lease` is how long a router that died keeps its places,
    `timeout` how long a request may wait for Redis, `retry` how often one that is away is asked, `fresh` how old may be
    what is known of others; all in seconds."""

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
        fresh: float = FRESH_SECONDS,
    ) -> None:
        super().__init__(ledger)
        self._link = Link(url, prefix, now, spawn, complain, self._told, self._returning, timeout=timeout, retry=retry)
        self._now = now
        self._spawn = spawn
        self._keys = Keys(prefix)
        self._lease = lease
        self._timeout = timeout
        self._name = uuid4().hex
        self._held: dict[int, Held] = {}
        self._heard = Heard(ledger, self._keys, self._link, self._held, now, time.monotonic, fresh)
        self._rests: dict[str, Cooling] = {}
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
        await self._heard.refresh(groups, conversation, claims)

    def take(self, claims: Sequence[Claim], now: float) -> Lease | Shortage:
        lease = super().take(claims, now)
        parts = () if isinstance(lease, Shortage) else self._keys.parts(claims, now)
        if isinstance(lease, Shortage) or not parts:
            return lease
        held = self._held[lease.id] = Held(f"{self._name}:{lease.id}", parts)
        answer: asyncio.Future[Refused | None] = asyncio.get_running_loop().create_future()

        def land(answers: Answers) -> None:
            found = self._granted(held, answers)
            if not answer.done():
                answer.set_result(found)

        if self._link.try_now(self._command(held), land):
            held.answer = answer
        return lease

    async def confirm(self, lease: Lease, now: float) -> Lease | Shortage:
        held = self._held.get(lease.id)
        if held is None:
            return lease
        try:
            found = await self._asked(held)
        except asyncio.CancelledError:
            self.settle(lease, None, now)
            raise
        if found is None or found[0] < 0:
            return lease
        self.settle(lease, None, now)
        self._heard.forget()
        index, measure = found
        return held.parts[index - 1].shortage(measure, now)

    async def _asked(self, held: Held) -> Refused | None:
        """What the script says; None when there is room, or nobody to say that there is not. It is asked again, behind
        the news, where they may make room, and where it was too late by a clock that was set: that is known now."""
        if held.answer is not None:
            found = await held.answer
            if found is None or (found[0] > 0 and not self._link.has_news):
                return found
        found = await self._behind_the_news(held)
        if found is not None and found[0] < 0:
            found = await self._behind_the_news(held)
        return found

    def _command(self, held: Held) -> bytes:
        return held.command(self._now() + self._link.ahead + IN_TIME * self._timeout, self._lease)

    async def _behind_the_news(self, held: Held) -> Refused | None:
        return await self._link.ask((), lambda answers: self._granted(held, answers), self._command(held))

    # --- what is told ---

    def sent(self, lease: Lease) -> None:
        super().sent(lease)
        held = self._held.get(lease.id)
        if held is None or held.sent:
            return
        held.sent = True
        if not held.shared:
            for part in held.parts:
                self._count(part, Amounts(1))
            self._link.tell()

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        super().settle(lease, spent, now)
        held = self._held.pop(lease.id, None)
        if held is None:
            return
        held.over = True
        used = NOTHING if spent is None else Amounts(1, max(spent.input_tokens, 0), max(spent.output_tokens, 0))
        counted = Amounts(int(held.sent))
        for part in held.parts:
            self._count(part, used.minus(part.wanted if held.shared else counted))
        if held.leased:
            self._free(held)
        self._link.tell()

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
        place = part.place
        if place.label is not None:
            for measure, by in zip(MEASURES, more, strict=True):
                if by:
                    self._link.outbox.count(place.counts, measure, by, place.keep)

    def _told(self, outbox: Outbox) -> None:
        self._heard.told(outbox)

    def _free(self, held: Held) -> None:
        for part in held.parts:
            if part.place.is_leased:
                key = part.place.leases
                self._link.outbox.set(("lease", key, held.name), "ZREM", key, held.name)

    async def _keep_leases(self) -> None:
        """As long as a request runs it has its place, also in a Redis that came back without it."""
        while True:
            await asyncio.sleep(self._lease / 3)
            for held in self._held.values():
                for part in held.parts:
                    if part.place.is_leased:
                        self._tell_lease(held, part.place)
            self._heard.clean()
            self._link.tell()

    def _tell_lease(self, held: Held, place: Place) -> None:
        held.leased, key = True, place.leases
        self._link.outbox.set(("lease", key, held.name), "LEASE", key, held.name, self._lease)
        self._link.outbox.kept[key] = place.keep

    def _returning(self) -> list[Command]:
        """Redis is asked for the first time, or again."""
        now, raises = self._now(), list[Command]()
        for key, (amounts, end) in self._heard.counts.items():
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

    def _granted(self, held: Held, answers: Answers) -> Refused | None:
        """None when there is room, or nobody to say that there is not; else what the script says."""
        if answers is None:
            return None
        index, measure, *time = (int(each) for each in answers[0])
        if index < 0:
            self._link.clock(time)
        if index:
            return index, measure
        for part in held.parts:
            self._heard.reserved(part)
        held.shared = held.leased = True
        if held.over:  # who asked has left
            for part in held.parts:
                self._count(part, NOTHING.minus(part.wanted))
            self._free(held)
            self._link.tell()
        return None
