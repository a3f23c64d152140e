"""The state on disk: SQLite, written behind the requests by a thread of its own.

What has changed is written every few hundredths of a second, in one transaction: a killed router loses that much of
its counts and nothing else. Reservations are never written. A file that is no database is set aside; a file that cannot
be written to, or is gone, is tried again, and meanwhile the router goes on by what it has in memory.

Routers on different ports of one machine share the file: their counts add up, and a rest or a quota that one of them
learns of is known to the others within a second (tenths of one, under load). That is no lock: together they may
overshoot a cap by what they let through at the same moment. Redis is exact.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from addons.core.buckets import Lease, Spent
from addons.core.cooldowns import Cooling
from addons.core.limits import Row
from addons.core.provider_limits import SubscriptionWindow
from addons.core.strategy import Currents
from addons.edge import facts
from addons.edge.facts import WEEK, Elsewhere, Fact
from addons.edge.sqlite_store import Batch, Contents, Store
from addons.ledger import Ledger, State
from addons.patience import Spawn

log = logging.getLogger("llr")

FLUSH_SECONDS = 0.05
RETRY_SECONDS = 2.0
# how long others' news may go unheard while there is nothing to write
POLL_SECONDS = 1.0
OPEN_SECONDS = 3.0
CLOSE_SECONDS = 3.0
# facts that wait for a disk that cannot be written to; the oldest are given up
WAITING = 20_000


class SqliteState(State):
    """`path` is the database file, `ours` whether its folder is llr's own; `now` gives Unix seconds; `complain` shows a
    person a line; `retry` is in seconds."""

    backend = "sqlite"

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        now: Callable[[], float],
        spawn: Spawn,
        complain: Callable[[str], None] = log.warning,
        *,
        ours: bool = True,
        retry: float = RETRY_SECONDS,
    ) -> None:
        super().__init__(ledger)
        self._store = Store(path, ours=ours)
        self._now = now
        self._spawn = spawn
        self._complain = complain
        self._retry = retry
        self._thread = ThreadPoolExecutor(1, "llr-state")
        self._pending = Batch()
        self._rotated: set[str] = set()
        self._elsewhere = Elsewhere(ledger)
        self._dirty = asyncio.Event()
        self._closing = asyncio.Event()
        self._read = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        return self._problem

    async def open(self) -> None:
        """Reads what is kept; a disk that hangs is not waited for."""
        self._writer = self._spawn(self._write_behind(), "write the state")
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_SECONDS):
                await self._read.wait()

    def sent(self, lease: Lease) -> None:
        super().sent(lease)
        self._dirty.set()

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        super().settle(lease, spent, now)
        self._dirty.set()

    def rotate(self, moved: Mapping[str, Currents]) -> None:
        super().rotate(moved)
        self._rotated |= moved.keys()
        self._dirty.set()

    def bind(self, keys: tuple[str, ...], ref: str, now: float, ttl: float) -> None:
        super().bind(keys, ref, now, ttl)
        for key in keys:
            self._learnt("binding", key, Fact(ref, now + ttl))

    def cooled(self, coolings: Sequence[Cooling]) -> None:
        super().cooled(coolings)
        for cooling in coolings:
            self._learnt("cooling", cooling.key, facts.cooling(cooling))

    def recovered(self, key: str) -> None:
        super().recovered(key)
        self._learnt("cooling", key, None)

    def observed(self, credential: str, windows: tuple[SubscriptionWindow, ...]) -> None:
        super().observed(credential, windows)
        self._learnt("windows", credential, facts.windows(windows))

    async def aclose(self) -> None:
        """Writes what is not written yet; a disk that hangs is not waited for."""
        self._closing.set()
        self._dirty.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                if self._writer is not None:
                    await self._writer
                await self._flush()
                await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _learnt(self, kind: str, key: str, fact: Fact | None) -> None:
        self._pending.facts.pop((kind, key), None)  # the newest come last
        self._pending.facts[kind, key] = fact
        self._dirty.set()

    async def _write_behind(self) -> None:
        await self._flush()
        self._read.set()
        while not self._closing.is_set():
            if not self._problem:
                await _within(POLL_SECONDS, self._dirty)
            await _within(self._retry if self._problem else FLUSH_SECONDS, self._closing)
            self._dirty.clear()
            await self._flush()

    async def _flush(self) -> None:
        """Writes what has changed, and reads what others have; what could not be written waits for the next time."""
        batch = self._collected()
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._thread, self._store.attach, self._now())
            if found is not None:
                self._join(found, batch)
            news = await loop.run_in_executor(self._thread, self._exchange, batch)
        except (sqlite3.IntegrityError, sqlite3.DataError) as error:
            self._failed(error)  # something in the batch can never be written: it must not keep all the rest away
        except (sqlite3.Error, OSError) as error:
            self._keep(batch)
            self._failed(error)
        else:
            self._elsewhere.told_others(key for (kind, key), fact in batch.facts.items() if kind == "cooling" and fact)
            if news is not None:
                self._hear(news)
            self._succeeded()
        for note in self._store.notes():
            self._complain(note)

    def _exchange(self, batch: Batch) -> Contents | None:
        """In the thread."""
        return self._store.write(batch, self._now()) if batch else self._store.changed(self._now())

    def _collected(self) -> Batch:
        batch, self._pending = self._pending, Batch()
        batch.add(self.ledger.counters.changes())
        until = self._now() + WEEK
        for group in self._rotated:
            batch.facts["rotation", group] = Fact(self.ledger.rotations[group], until)
        self._rotated = set()
        return batch

    def _keep(self, batch: Batch) -> None:
        newer, self._pending = self._pending, batch
        batch.add(newer.counts.values())
        batch.raises = []
        for place, fact in newer.facts.items():
            batch.facts.pop(place, None)
            batch.facts[place] = fact
        for place in list(batch.facts)[: max(0, len(batch.facts) - WAITING)]:
            del batch.facts[place]

    def _join(self, found: Contents, batch: Batch) -> None:
        """A file was opened: the first one, or another one than before."""
        self._join_counts(found.counts, batch)
        now, there = self._now(), dict(found.facts)
        for place, fact in there.items():
            if place not in batch.facts:
                facts.restore(self.ledger, place, fact, now)
        for place, fact in facts.known(self.ledger, now):
            if place not in batch.facts and (place not in there or there[place].value != fact.value):
                batch.facts[place] = fact

    def _join_counts(self, rows: list[Row], batch: Batch) -> None:
        """What both know of a count is the higher number; what `batch` brings comes on top."""
        there = {(row.key, row.label, row.measure): row for row in rows}
        fresh = {place: row.used for place, row in batch.counts.items()}
        batch.raises = []
        for row in self.ledger.counters.reported():
            place = row.key, row.label, row.measure
            base, its = row.used - fresh.get(place, 0), there.get(place)
            if base > 0 and (its is None or its.used < base):
                there[place] = row._replace(used=base)
                batch.raises.append(there[place])
        merged = (row._replace(used=row.used + fresh.get(place, 0)) for place, row in there.items())
        self.ledger.counters.restore(merged, self._now())

    def _hear(self, news: Contents) -> None:
        """What all routers have used together, and what they say of their providers."""
        now = self._now()
        self.ledger.counters.observe(news.counts)
        coolings = []
        for (kind, key), fact in news.facts:
            if kind == "windows" and (kind, key) not in self._pending.facts:
                self.ledger.windows.pop(key, None)
                facts.restore(self.ledger, (kind, key), fact, now)
            elif kind == "cooling":
                coolings += facts.coolings(key, fact)
        mine = {key for kind, key in self._pending.facts if kind == "cooling"}
        self._elsewhere.told(coolings, mine, now)

    def _failed(self, error: Exception) -> None:
        text = f"the state cannot be kept in {self._store.path} ({error}); the router goes on without"
        if not self._problem:
            self._complain(text)
        self._problem = text

    def _succeeded(self) -> None:
        if self._problem:
            self._complain(f"the state is kept in {self._store.path} again")
        self._problem = ""


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Until `event`, or for so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
