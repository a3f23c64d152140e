"""The way to Redis and back: one round trip after the other, and whatever is to be asked or told meanwhile goes with
the next one. So what this router has told is known when it asks, and a busy router needs few round trips. What cannot
wait for the next one goes at once, beside them (`try_now`).

While Redis cannot be asked nobody waits for it: only a task of its own tries again. What is told goes in numbered
batches that Redis takes once: one whose acknowledgement was lost is sent again.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from redis.exceptions import RedisError

from addons.edge.redis_outbox import Command, Outbox
from addons.edge.redis_scripts import LOOK, RAISE, SCRIPTS, TELL, digest
from addons.edge.redis_wire import Address, Wire, connect, pack
from addons.edge.redis_wire import Answers as Found
from addons.patience import Spawn

type Answers = list[Any] | None

# how long news may wait for a question to go with
NEWS_SECONDS = 0.02
TROUBLE = (RedisError, OSError, TimeoutError, ValueError, TypeError)


@dataclass(slots=True)
class _Ask:
    """Either reads, or one `change` (packed), which goes before all reads."""

    land: Callable[[Answers], None]
    reads: Sequence[Command] = ()
    change: bytes = b""


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
        self._address = Address.of(url)
        self._wire: Wire | None = None
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
        self._asking = asyncio.Event()
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
        self._asking.set()
        if self._pilot is not None:
            await self._pilot
        if not self.problem and (self.outbox or self._batch):
            await self._fly()
        self._end(self._asks)
        if self._wire is not None:
            self._wire.close()

    async def ask[T](self, reads: Sequence[Command], then: Callable[[Answers], T], change: bytes = b"") -> T:
        """What `then` makes of the answers to `reads` or to `change` (None: Redis cannot be asked). It is called even
        when nobody waits for it any more. A read is answered as by JSON: a hash with a list of names and values in
        turn, what there is not with False."""
        if self.problem or self._closing.is_set():
            return then(None)
        landed: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def land(answers: Answers) -> None:
            result = then(answers)
            if not landed.done():
                landed.set_result(result)

        self._asks.append(_Ask(land, reads, change))
        self._called.set()
        self._asking.set()
        return await landed

    def glance(self, reads: Sequence[Command], then: Callable[[Answers], None]) -> None:
        """Asks with the next news; nobody waits."""
        if self.problem or self._closing.is_set():
            then(None)
            return
        self._asks.append(_Ask(then, reads))
        self._called.set()

    def try_now(self, change: bytes, then: Callable[[Answers], None]) -> bool:
        """Asks beside all others, before what is still to be told. False when that cannot be: `ask` may be tried."""
        wire = self._wire
        if self.problem or self._fresh or self._closing.is_set() or wire is None or not wire.is_open:
            return False

        def land(found: Found) -> None:
            if isinstance(found, Exception):
                self._failed(found)
                then(None)
            else:
                then(found)

        wire.ask(change, 1, land)
        return True

    @property
    def has_news(self) -> bool:
        return bool(self.outbox)

    def tell(self, *, at_once: bool = False) -> None:
        """Something was put into the outbox."""
        self._called.set()
        if at_once:
            self._asking.set()

    async def _fly_on(self) -> None:
        try:
            while not self._closing.is_set():
                await self._rest()
                self._called.clear()
                self._asking.clear()
                if not self._closing.is_set():
                    await self._fly()
        finally:  # nobody may wait for a task that is gone
            self.problem = self.problem or ("" if self._closing.is_set() else "the state is not shared any more")
            self._end([])

    async def _rest(self) -> None:
        """Until there is something to do."""
        if self.problem:
            await _within(self._retry, self._closing)
            return
        await self._called.wait()
        if not self._asking.is_set():  # the news may wait a moment for somebody who asks
            self._called.clear()
            await _within(NEWS_SECONDS, self._asking)

    async def _fly(self) -> None:
        """There and back: the news, what changes something, and at last what only reads, each command once."""
        asks, self._asks = sorted(self._asks, key=lambda ask: not ask.change), []
        try:
            wire = await self._connected()
        except TROUBLE as error:
            self._failed(error)
            self._end(asks)
            return
        packed = [pack(command) for command in self._opening()]
        opening = len(packed)
        packed += [ask.change for ask in asks if ask.change]
        reads = {command: place for place, command in enumerate(_reads(asks))}
        if reads:
            packed.append(pack(("EVALSHA", digest(LOOK), 0, _json(reads))))
        if not packed:
            return
        back = asyncio.Event()

        def land(found: Found) -> None:
            """At once: what lands after it was asked after it."""
            try:
                if isinstance(found, Exception):
                    raise found
                self._landed(found, opening, asks, reads)
            except TROUBLE as error:
                self._failed(error)
                self._end(asks)
            back.set()

        wire.ask(b"".join(packed), len(packed), land)
        await back.wait()

    async def _connected(self) -> Wire:
        if self._wire is None or not self._wire.is_open:
            self._fresh = True
            self._wire = await connect(self._address, self._timeout)
        return self._wire

    def _landed(self, found: list[Any], opening: int, asks: list[_Ask], reads: Mapping[Command, int]) -> None:
        self._arrived(found)
        _, *answers = self._seen(found.pop()) if reads else (0,)
        changes = iter(found[opening:])
        while asks:
            each = asks[0]
            each.land([next(changes)] if each.change else [answers[reads[command]] for command in each.reads])
            asks.pop(0)

    def _opening(self) -> list[Command]:
        """What a round trip begins with."""
        commands: list[Command] = []
        if self._fresh:
            commands += [("TIME",), *(("SCRIPT", "LOAD", script) for script in SCRIPTS)]
            commands.append(("EVALSHA", digest(RAISE), 0, _json(self._returning())))
        if self._batch is None and self.outbox:
            self._batch, self.outbox = self.outbox, Outbox()
            self._number += 1
        if self._batch is not None:
            news = _json(self._batch.commands())
            commands.append(("EVALSHA", digest(TELL), 1, self._noted, self._number, news))
        return commands

    def _arrived(self, found: Sequence[Any]) -> None:
        if self._fresh:
            self.clock(found[0])
        self._fresh = False
        batch, self._batch = self._batch, None
        if batch is not None:
            self._told(batch)
        if self.outbox:
            self._called.set()
        if self.problem:
            self.problem = ""
            self._complain("the state is shared over Redis again")

    def _seen(self, text: str) -> list[Any]:
        found: list[Any] = json.loads(text)
        self.clock(found[0])
        return found

    def clock(self, time: Sequence[str | int]) -> None:
        """What Redis's own clock shows: seconds and microseconds."""
        self.ahead = int(time[0]) + int(time[1]) / 1e6 - self._now()

    def _failed(self, error: Exception) -> None:
        text = self._harmless(str(error)) or type(error).__name__
        if not self.problem:
            self._complain(
                f"the state is not shared, Redis cannot be asked ({text}); this router goes by what it knows"
            )
        self.problem = f"the state is not shared: Redis cannot be asked ({text})"
        self._fresh = True
        if self._wire is not None:
            self._wire.close(error)

    def _harmless(self, text: str) -> str:
        password = self._address.password
        return text.replace(password, "***") if password else text

    def _end(self, asks: list[_Ask]) -> None:
        """Nobody answers those that wait."""
        waiting, self._asks = [*asks, *self._asks], []
        for ask in waiting:
            ask.land(None)


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Until `event`, or for so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _reads(asks: Iterable[_Ask]) -> dict[Command, None]:
    return dict.fromkeys(command for ask in asks for command in ask.reads)


def _json(commands: Iterable[Command]) -> str:
    """In strings, all of it: Lua would round numbers."""
    return json.dumps([[str(word) for word in command] for command in commands])
