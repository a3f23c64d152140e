"""The state shared by several routers, in Redis: quotas, cooldowns, rotations, conversations.

A request asks twice: once for what others know (`refresh`), once for its place in every bucket (`reserve`, one Lua
script, so that no two routers can both take the last place). Everything else is told without waiting. Places among
concurrent requests are leases that end by themselves when their router is gone. While Redis cannot be asked, each
router goes on by what it knows, and says so.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from addons.core.cooldowns import Cooling
from addons.core.errors import ErrorClass
from addons.core.limits import Claim, Lease, Measure, Row, Shortage, Spent
from addons.core.provider_limits import SubscriptionWindow
from addons.core.strategy import Currents
from addons.core.windows import span
from addons.ledger import Ledger, State
from addons.patience import Spawn

log = logging.getLogger("llr")

TIMEOUT_SECONDS = 0.5
RETRY_SECONDS = 1.0
LEASE_SECONDS = 30.0
BEAT_SECONDS = 10.0
KEEP_SECONDS = 2 * 86_400
MEASURES: tuple[Measure, ...] = ("requests", "input_tokens", "output_tokens")

# Room in every bucket, or nothing. Gives 0, or the number of the claim that has none and of its measure.
# KEYS: for each claim, the hash of its counts and the set of its leases.
# ARGV: now, lease, end of the lease; for each claim: the caps of requests, tokens, input_tokens, output_tokens and
# concurrent (-1: none), the tokens wanted (in, out), seconds to keep.
RESERVE = """
local now, lease, ends = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local claims = #KEYS / 2
for i = 0, claims - 1 do
  local counts, leases, at = KEYS[2 * i + 1], KEYS[2 * i + 2], 4 + i * 8
  local cap = {}
  for n = 0, 4 do cap[n] = tonumber(ARGV[at + n]) end
  local input, output = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local used = redis.call('HMGET', counts, 'requests', 'input_tokens', 'output_tokens')
  local requests, gone_in, gone_out = tonumber(used[1]) or 0, tonumber(used[2]) or 0, tonumber(used[3]) or 0
  if cap[0] >= 0 and requests + 1 > cap[0] then return {i + 1, 0} end
  if cap[1] >= 0 and gone_in + gone_out + input + output > cap[1] then return {i + 1, 1} end
  if cap[2] >= 0 and gone_in + input > cap[2] then return {i + 1, 2} end
  if cap[3] >= 0 and gone_out + output > cap[3] then return {i + 1, 3} end
  if cap[4] >= 0 then
    redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
    if redis.call('ZCARD', leases) + 1 > cap[4] then return {i + 1, 4} end
  end
end
for i = 0, claims - 1 do
  local counts, leases, at = KEYS[2 * i + 1], KEYS[2 * i + 2], 4 + i * 8
  redis.call('HINCRBY', counts, 'requests', 1)
  redis.call('HINCRBY', counts, 'input_tokens', ARGV[at + 5])
  redis.call('HINCRBY', counts, 'output_tokens', ARGV[at + 6])
  redis.call('EXPIRE', counts, ARGV[at + 7])
  if tonumber(ARGV[at + 4]) >= 0 then
    redis.call('ZADD', leases, ends, lease)
    redis.call('EXPIRE', leases, ARGV[at + 7])
  end
end
return {0, 0}
"""
ORDER: tuple[Measure, ...] = ("requests", "tokens", "input_tokens", "output_tokens", "concurrent")


class RedisState(State):
    """`url` is that of the server; `now` gives Unix seconds (the routers' clocks should agree to a second)."""

    def __init__(
        self,
        ledger: Ledger,
        url: str,
        now: Callable[[], float],
        spawn: Spawn,
        prefix: str = "llr",
        complain: Callable[[str], None] = log.warning,
    ) -> None:
        super().__init__(ledger)
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, decode_responses=True
        )
        self._reserve = self._redis.register_script(RESERVE)
        self._now = now
        self._spawn = spawn
        self._prefix = prefix
        self._complain = complain
        self._problem = ""
        self._retry_at = 0.0
        self._claims: dict[int, tuple[str, Sequence[Claim], float]] = {}
        self._open: dict[int, str] = {}
        self._beat: asyncio.Task[None] | None = None
        self._shared: set[str] = set()

    @property
    def problem(self) -> str:
        return self._problem

    async def open(self) -> None:
        await self._asked(self._redis.ping())
        self._beat = self._spawn(self._keep_leases(), "keep the leases")

    async def refresh(self, groups: Sequence[str], conversation: Sequence[str], claims: Sequence[Claim]) -> None:
        now = self._now()
        windowed = (claim for claim in claims if claim.bucket.window is not None)
        counted = list({self._counts(claim, now): claim for claim in windowed}.items())
        pipe = self._redis.pipeline(transaction=False)
        pipe.hgetall(self._key("cooling"))
        pipe.hgetall(self._key("windows"))
        for group in groups:
            pipe.hgetall(self._key("rotation", group))
        for key in conversation:
            pipe.get(self._key("binding", key))
        for key, _ in counted:
            pipe.hmget(key, *MEASURES)
        found = await self._asked(pipe.execute())
        if found is None:
            return
        coolings, windows, *rest = found
        self._cool(coolings, now)
        self._observe(windows)
        rotations, rest = rest[: len(groups)], rest[len(groups) :]
        bindings, counts = rest[: len(conversation)], rest[len(conversation) :]
        for group, levels in zip(groups, rotations, strict=True):
            self.ledger.rotations[group] = {name: float(level) for name, level in levels.items()}
        self._bind(conversation, bindings, now)
        self._count(counted, counts, now)

    async def reserve(self, claims: Sequence[Claim], now: float) -> Lease | Shortage:
        lease = await super().reserve(claims, now)
        shared = [claim for claim in claims if claim.bucket.caps]
        if isinstance(lease, Shortage) or not shared:
            return lease
        name = uuid4().hex
        keys = [key for claim in shared for key in (self._counts(claim, now), self._leases(claim))]
        numbers = [number for claim in shared for number in _numbers(claim, now)]
        found = await self._asked(self._reserve(keys=keys, args=[now, name, now + LEASE_SECONDS, *numbers]))
        if found is None:
            return lease
        index, measure = (int(number) for number in found)
        if index:
            self.ledger.counters.settle(lease, None, now)
            return _shortage(shared[index - 1], ORDER[measure], now)
        self._claims[lease.id] = name, shared, now
        return lease

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        super().settle(lease, spent, now)
        held = self._claims.pop(lease.id, None)
        if held is None:
            return
        name, claims, since = held
        pipe = self._redis.pipeline(transaction=False)
        for claim in claims:
            wanted = (1, max(claim.input_tokens, 0), max(claim.output_tokens, 0))
            used = (0, 0, 0) if spent is None else (1, spent.input_tokens, spent.output_tokens)
            key = self._counts(claim, since)
            for measure, before, after in zip(MEASURES, wanted, used, strict=True):
                if before != after:
                    pipe.hincrby(key, measure, after - before)
            if "concurrent" in claim.bucket.caps:
                pipe.zrem(self._leases(claim), name)
        self._tell(pipe.execute())

    def rotate(self, moved: Mapping[str, Currents]) -> None:
        """The others' turns are not undone: what goes out is by how much each level has moved."""
        pipe = self._redis.pipeline(transaction=False)
        for group, currents in moved.items():
            before = self.ledger.rotations.get(group, {})
            for name, level in currents.items():
                pipe.hincrbyfloat(self._key("rotation", group), name, level - before.get(name, 0.0))
            pipe.expire(self._key("rotation", group), KEEP_SECONDS)
        super().rotate(moved)
        self._tell(pipe.execute())

    def bind(self, keys: tuple[str, ...], ref: str, now: float, ttl: float) -> None:
        super().bind(keys, ref, now, ttl)
        pipe = self._redis.pipeline(transaction=False)
        for key in keys:
            pipe.set(self._key("binding", key), f"{now + ttl} {ref}", px=max(1, int(ttl * 1000)))
        self._tell(pipe.execute())

    def cooled(self, coolings: Sequence[Cooling]) -> None:
        super().cooled(coolings)
        self._shared |= {cooling.key for cooling in coolings}
        for cooling in coolings:
            self._tell(self._redis.hset(self._key("cooling"), cooling.key, f"{cooling.until} {cooling.cls}"))

    def recovered(self, key: str) -> None:
        super().recovered(key)
        self._shared.discard(key)
        self._tell(self._redis.hdel(self._key("cooling"), key))

    def observed(self, credential: str, windows: tuple[SubscriptionWindow, ...]) -> None:
        super().observed(credential, windows)
        text = json.dumps([asdict(window) for window in windows])
        self._tell(self._redis.hset(self._key("windows"), credential, text))

    async def aclose(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
        for name, claims, _ in self._claims.values():
            for claim in claims:
                await self._asked(self._redis.zrem(self._leases(claim), name))
        await self._redis.aclose()

    def _key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    def _counts(self, claim: Claim, now: float) -> str:
        """The counts of the window of `now`; those of a bucket without a window are never looked at."""
        window = claim.bucket.window
        return self._key("count", claim.key, "none" if window is None else span(window, now).label)

    def _leases(self, claim: Claim) -> str:
        return self._key("leases", claim.key)

    async def _asked(self, answer: Awaitable[Any]) -> Any:
        """What Redis says; None while it cannot be asked."""
        if self._problem and self._now() < self._retry_at:
            _drop(answer)
            return None
        try:
            found = await answer
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
            return None
        if self._problem:
            self._complain("the state is shared over Redis again")
            self._problem = ""
        return found

    def _tell(self, answer: Awaitable[Any]) -> None:
        self._spawn(self._asked(answer), "tell Redis")

    def _failed(self, error: Exception) -> None:
        text = f"the state is not shared: Redis cannot be asked ({str(error) or type(error).__name__})"
        if not self._problem:
            self._complain(f"{text}; this router goes on by what it knows")
        self._problem, self._retry_at = text, self._now() + RETRY_SECONDS

    def _cool(self, coolings: Mapping[str, str], now: float) -> None:
        known = set()
        for key, text in coolings.items():
            until, _, cls = text.partition(" ")
            with suppress(ValueError):
                if float(until) > now:
                    known.add(key)
                    self.ledger.health.cool(Cooling(key, float(until), ErrorClass(cls)), now)
                else:
                    self._tell(self._redis.hdel(self._key("cooling"), key))
        for key in self._shared - known:
            self.ledger.health.warm(key)
        self._shared = known

    def _observe(self, windows: Mapping[str, str]) -> None:
        for credential, text in windows.items():
            with suppress(ValueError, TypeError):
                self.ledger.windows[credential] = tuple(SubscriptionWindow(**window) for window in json.loads(text))

    def _bind(self, keys: Sequence[str], bindings: Sequence[str | None], now: float) -> None:
        for key, text in zip(keys, bindings, strict=True):
            until, _, ref = (text or "").partition(" ")
            with suppress(ValueError):
                if ref and float(until) > now:
                    self.ledger.bindings.bind((key,), ref, now, float(until) - now)

    def _count(self, claims: Sequence[tuple[str, Claim]], counts: Sequence[Sequence[str | None]], now: float) -> None:
        """What all routers have used together, less what this one holds itself: that is counted already."""
        for (_, claim), found in zip(claims, counts, strict=True):
            assert claim.bucket.window is not None
            label, _, end = span(claim.bucket.window, now)
            held = self.ledger.counters.held(claim.key, label)
            rows = [
                Row(claim.key, label, measure, max(0, int(used or 0) - held.of(measure)), end)
                for measure, used in zip(MEASURES, found, strict=True)
            ]
            self.ledger.counters.observe(rows)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            pipe = self._redis.pipeline(transaction=False)
            for name, claims, _ in self._claims.values():
                for claim in claims:
                    if "concurrent" in claim.bucket.caps:
                        pipe.zadd(self._leases(claim), {name: self._now() + LEASE_SECONDS}, xx=True)
            await self._asked(pipe.execute())


def _numbers(claim: Claim, now: float) -> list[int]:
    caps = [claim.bucket.caps.get(measure, -1) for measure in ORDER]
    return [*caps, max(claim.input_tokens, 0), max(claim.output_tokens, 0), KEEP_SECONDS + _length(claim)]


def _length(claim: Claim) -> int:
    return 0 if claim.bucket.window is None else claim.bucket.window.seconds


def _shortage(claim: Claim, measure: Measure, now: float) -> Shortage:
    window = claim.bucket.window
    ends = None if measure == "concurrent" or window is None else span(window, now).end - now
    return Shortage(claim.bucket.id, measure, ends)


def _drop(answer: Awaitable[Any]) -> None:
    """An answer that nobody waits for must not be reported as never awaited."""
    close = getattr(answer, "close", None)
    if close is not None:
        close()
