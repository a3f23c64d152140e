"""What the specifications of the router's state have in common: a state of a router, and what is done to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from addons.core.buckets import Bucket, Claim, Lease, Shortage, Spent
from addons.core.cooldowns import Cooling, Policy
from addons.core.health import Health
from addons.core.windows import Window
from addons.edge.tasks import Tasks
from addons.ledger import Ledger, State

# half past eight on a Saturday: no window of an hour or a day ends while a test runs
NOW = 1_795_249_800.0
HOURLY = Bucket("hourly", {"requests": 1000}, Window("hour"))
NARROW = Bucket("narrow", {"requests": 5}, Window("hour"))
TOKENS = Bucket("tokens", {"tokens": 5000}, Window("hour"))
WIDTH = Bucket("width", {"concurrent": 5})


@dataclass
class Router[S: State]:
    """A state, as one router has it, and what it told a person."""

    state: S
    tasks: Tasks
    told: list[str] = field(default_factory=list)

    async def serve(self, times: int = 1, bucket: Bucket = HOURLY, spent: Spent | None = None) -> int:
        """How many of `times` requests, one after the other, were let through; each ends at once."""
        return sum([await self.serve_one(bucket, spent) for _ in range(times)])

    async def serve_one(self, bucket: Bucket = HOURLY, spent: Spent | None = None) -> bool:
        found = await self.reserve(bucket)
        if isinstance(found, Shortage):
            return False
        self.state.sent(found)
        self.state.settle(found, spent or Spent(), NOW)
        return True

    async def reserve(self, bucket: Bucket = HOURLY, tokens: int = 0) -> Lease | Shortage:
        return await self.state.reserve([claim(bucket, tokens)], NOW)

    def rest(self, cooling: Cooling) -> None:
        """A failure has taught this router that somebody needs a rest."""
        self.state.ledger.health.cool(cooling, NOW)
        self.state.cooled([cooling])

    def recover(self, key: str) -> None:
        """A success has ended a rest."""
        self.state.ledger.health.warm(key)
        self.state.recovered(key)

    def used(self, bucket: Bucket = HOURLY) -> int:
        """Of an hourly cap of requests."""
        left = self.state.ledger.counters.remaining(f"p:{bucket.id}", bucket, NOW)
        return round((1 - left) * bucket.caps["requests"])


def claim(bucket: Bucket, tokens: int = 0) -> Claim:
    return Claim(f"p:{bucket.id}", bucket, tokens, tokens)


def ledger() -> Ledger:
    return Ledger(Health(Policy()))


@asynccontextmanager
async def router[S: State](
    make: Callable[[Ledger, Callable[[Coroutine[Any, Any, Any], str], asyncio.Task[Any]], Callable[[str], None]], S],
) -> AsyncIterator[Router[S]]:
    """A router with the state that `make(ledger, spawn, complain)` gives, open; closed as by SIGTERM."""
    tasks, told = Tasks(), list[str]()
    state = make(ledger(), tasks.spawn, told.append)
    await state.open()
    try:
        yield Router(state, tasks, told)
    finally:
        await state.aclose()
        await tasks.cancel_all()


async def eventually(holds: Callable[[], bool], limit: float = 5.0) -> None:
    """Waits until `holds`. Raises TimeoutError when it never does."""
    async with asyncio.timeout(limit):
        while not holds():
            await asyncio.sleep(0.005)
