"""A router in memory whose clock the test moves, over providers that speak Chat Completions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from addons.core.cooldowns import Policy
from addons.core.health import Health
from addons.core.http import Ask, Reply
from addons.core.plan import Alias, Plan, Provider, RetryPolicy, Target
from addons.exchange import Exchange
from addons.ledger import Ledger, State
from harness.asks import CHAT, begun, stream
from harness.asks import ask as asked
from harness.engine import offered, read
from harness.memory import MemoryUpstream, Scripted, json_answer

START = 1_800_000_000.0


def good(text: str = "Hello") -> Scripted:
    return Scripted(tuple(stream(CHAT, text)))


def running(gate: asyncio.Event) -> Scripted:
    """An answer that has begun and goes on when `gate` is set."""
    return Scripted((*begun(CHAT), gate, *stream(CHAT)[len(begun(CHAT)) :]))


def failing(status: int, **headers: str) -> Scripted:
    return json_answer(b'{"error":{"message":"no"}}', status, **headers)


@dataclass
class Routed:
    """`alias` is what every request asks for. Sleeping moves the clock."""

    providers: tuple[Provider, ...]
    upstream: MemoryUpstream
    strategy: Any = "ordered"
    weights: Mapping[str, float] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    now: float = START
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        targets = tuple(
            Target(f"{each.id}/{model.id}", self.weights.get(each.id, 1.0))
            for each in self.providers
            for model in each.models
        )
        alias = replace(Alias("all", self.strategy, targets), **self.more)
        settings = {"retry": RetryPolicy(attempts=1), "debug": True, **self.settings}
        self.plan = replace(Plan(self.providers, {"all": alias}), **settings)
        self.state = State(Ledger(Health(self.settings.get("cooldowns", Policy()))))
        self.exchange = Exchange(
            self.plan, self.upstream, chance=lambda: 0.5, sleep=self._sleep, new_id=lambda: "req_1",
            state=self.state, clock=lambda: self.now,
        )  # fmt: skip

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    async def ask(self, *, stream: bool = True, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.exchange.answer(asked(CHAT, "all", stream=stream, headers=named))

    async def send(self, ask: Ask) -> Reply:
        return await self.exchange.answer(ask)

    async def done(self, **headers: str) -> int:
        """Asks, and reads the answer to its end; gives the status."""
        reply = await self.ask(**headers)
        await read(reply)
        return reply.status


def routed(*names: str, **more: Any) -> Routed:
    """Providers that always answer, unless `scripts` says otherwise."""
    scripts = {name: [good()] for name in names} | more.pop("scripts", {})
    changes: Mapping[str, Mapping[str, Any]] = more.pop("providers", {})
    providers = tuple(replace(offered(name, CHAT), **changes.get(name, {})) for name in names)
    return Routed(providers, MemoryUpstream(**scripts), **more)
