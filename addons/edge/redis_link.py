"""The way to Redis and back: one round trip after the other, and whatever is to be asked or told meanwhile goes with
the next one. So what this router has told is known when it asks, and a busy router needs few round trips.

While Redis cannot be asked nobody waits for it: only a task of its own tries again. What is told goes in numbered
batches that Redis takes once: one whose acknowledgement was lost is sent again.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from addons.edge.redis_scripts import RAISE, RESERVE, TELL
from addons.patience import Spawn

type Command = tuple[str | int | float, ...]
type Answers = list[Any] | None

# places in the outbox that wait while Redis is away; the oldest are given up
WAITING = 20_000
SCRIPTS = (RESERVE, TELL, RAISE)
RESERVE_ID, TELL_ID, RAISE_ID = (sha1(script.encode(), usedforsecurity=False).hexdigest() for script in SCRIPTS)


@dataclass(slots=True)
class Outbox:
    """What is to be told. `sets` are commands of which the last one of a place holds; `moves` and `counts` add up."""

    sets: dict[Command, Command] = field(default_factory=dict)
    moves: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    # keys to be kept, and for how many seconds
    kept: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sets or self.moves or self.counts)

    def set(self, place: Command, *command: str | int | float) -> None:
        self.sets.pop(place, None)
        self.sets[place] = command
        if len(self.sets) > WAITING:
            del self.sets[next(iter(self.sets))]

    def move(self, key: str, name: str, by: float, keep: int) -> None:
        self.moves[key, name] = self.moves.get((key, name), 0.0) + by
        self.kept[key] = keep

    def count(self, key: str, measure: str, by: int, keep: int) -> None:
        self.counts[key, measure] = self.counts.get((key, measure), 0) + by
        self.kept[key] = keep

    def commands(self) -> Iterable[Command]:
        yield from self.sets.values()
        for (key, name), by in self.moves.items():
            yield "HINCRBYFLOAT", key, name, repr(by)
        for (key, measure), more in self.counts.items():
            yield "HINCRBY", key, measure, more
        for key, seconds in self.kept.items():
            yield "EXPIRE", key, seconds


@dataclass(slots=True)
class _Ask:
    commands: Sequence[Command]
    land: Callable[[Answers], None]
    first: bool


class Link:
    """`url` is that of the server. `told` hears which outbox has arrived. `returning` is asked before the first round
    trip and after every failure, when Redis may have lost what it knew: it may add to the outbox, and gives the counts
    that are at least so high (key, field, value, seconds to keep). `timeout` and `retry` are in seconds."""

    def __init__(
        self,
        url: str,
        prefix: str,
        now: Callable[[], float],
        spawn: Spawn,
        complain: Callable[[str], None],
        told: Callable[[Outbox], None],
        returning: Callable[[], list[Command]],
        *,
        timeout: float,
        retry: float,
    ) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),  # what was sent may have been done: the library must not send it again
        )
        self._noted = f"{prefix}:told:{uuid4().hex}"
        self._now = now
        self._spawn = spawn
        self._complain = complain
        self._told = told
        self._returning = returning
        self._timeout = timeout
        self._retry = retry
        self._asks: list[_Ask] = []
        self.outbox = Outbox()
        self._batch: Outbox | None = None  # sent, or about to be, and not acknowledged
        self._number = 0
        self._fresh = True
        self._called = asyncio.Event()
        self._closing = asyncio.Event()
        self._pilot: asyncio.Task[None] | None = None
        # how far Redis's clock is ahead of ours
        self.ahead = 0.0
        self.problem = ""

    async def open(self) -> None:
        await self._fly()
        self._pilot = self._spawn(self._fly_on(), "talk to Redis")

    async def aclose(self) -> None:
        """Tells what is left to be told."""
        self._closing.set()
        self._called.set()
        if self._pilot is not None:
            await self._pilot
        if not self.problem and (self.outbox or self._batch):
            await self._fly()
        self._end(self._asks)
        with suppress(RedisError, OSError):
            await self._redis.aclose()

    async def ask[T](self, commands: Sequence[Command], then: Callable[[Answers], T], *, first: bool = False) -> T:
        """What `then` makes of the answers (None: Redis cannot be asked). It is called even when nobody waits for it
        any more. What changes something goes `first`, so that who asks the same together gets one answer, the latest.
        """
        if self.problem or self._closing.is_set():
            return then(None)
        landed: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def land(answers: Answers) -> None:
            result = then(answers)
            if not landed.done():
                landed.set_result(result)

        self._asks.append(_Ask(commands, land, first))
        self._called.set()
        return await landed

    def tell(self) -> None:
        """Something was put into the outbox."""
        self._called.set()

    async def _fly_on(self) -> None:
        try:
            while not self._closing.is_set():
                await self._rest()
                self._called.clear()
                if not self._closing.is_set():
                    await self._fly()
        finally:  # nobody may wait for a task that is gone
            self.problem = self.problem or ("" if self._closing.is_set() else "the state is not shared any more")
            self._end([])

    async def _rest(self) -> None:
        """Until there is something to do."""
        if not self.problem:
            await self._called.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._retry):
                await self._closing.wait()

    async def _fly(self) -> None:
        """There and back."""
        asks, self._asks = sorted(self._asks, key=lambda ask: not ask.first), []
        commands = self._opening()
        places: dict[Command, int] = {}
        for command in (command for ask in asks for command in ask.commands):
            if places.setdefault(command, len(commands)) == len(commands):
                commands.append(command)
        try:
            found = await self._sent(commands)
            self._arrived(found)
            while asks:
                asks[0].land([found[places[command]] for command in asks[0].commands])
                asks.pop(0)
        except (RedisError, OSError, TimeoutError, ValueError, TypeError) as error:
            self._failed(error)
            self._end(asks)

    def _opening(self) -> list[Command]:
        """What every round trip begins with."""
        commands: list[Command] = [("TIME",)]
        if self._fresh:
            commands += [("SCRIPT", "LOAD", script) for script in SCRIPTS]
            commands.append(("EVALSHA", RAISE_ID, 0, _json(self._returning())))
        if self._batch is None and self.outbox:
            self._batch, self.outbox = self.outbox, Outbox()
            self._number += 1
        if self._batch is not None:
            news = _json(self._batch.commands())
            commands.append(("EVALSHA", TELL_ID, 1, self._noted, self._number, news))
        return commands

    async def _sent(self, commands: Sequence[Command]) -> list[Any]:
        pipe = self._redis.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        async with asyncio.timeout(self._timeout):
            found: list[Any] = await pipe.execute(raise_on_error=False)
        for answer in found:
            if isinstance(answer, RedisError):
                raise answer
        return found

    def _arrived(self, found: Sequence[Any]) -> None:
        seconds, micros = found[0]
        self.ahead = int(seconds) + int(micros) / 1e6 - self._now()
        self._fresh = False
        batch, self._batch = self._batch, None
        if batch is not None:
            self._told(batch)
        if self.outbox:
            self._called.set()
        if self.outbox:
            self._called.set()
        if self.problem:
            self.problem = ""
            self._complain("the state is shared over Redis again")

    def _failed(self, error: Exception) -> None:
        text = self._harmless(str(error)) or type(error).__name__
        if not self.problem:
            self._complain(
                f"the state is not shared, Redis cannot be asked ({text}); this router goes by what it knows"
            )
        self.problem = f"the state is not shared: Redis cannot be asked ({text})"
        self._fresh = True

    def _harmless(self, text: str) -> str:
        password = self._redis.connection_pool.connection_kwargs.get("password")
        return text.replace(password, "***") if password else text

    def _end(self, asks: list[_Ask]) -> None:
        """Nobody answers those that wait."""
        waiting, self._asks = [*asks, *self._asks], []
        for ask in waiting:
            ask.land(None)


def _json(commands: Iterable[Command]) -> str:
    """In strings, all of it: Lua would round numbers."""
    return json.dumps([[str(word) for word in command] for command in commands])


def _json(commands: Iterable[Command]) -> str:
    """In strings, all of it: Lua would round numbers."""
    return json.dumps([[str(word) for word in command] for command in commands])
