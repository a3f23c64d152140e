"""The state on disk: SQLite in WAL mode, written behind the requests by a thread of its own.

What has changed is written every few hundredths of a second, in one transaction: a killed router loses that much of
its counts and nothing else. Reservations are never written. A file that is no database is set aside; a disk that
cannot be written to is tried again, and meanwhile the router goes on by what it has in memory.
"""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from addons.core.cooldowns import Cooling
from addons.core.errors import ErrorClass
from addons.core.limits import Lease, Row, Spent
from addons.core.provider_limits import SubscriptionWindow
from addons.core.strategy import Currents
from addons.edge.places import private_dir
from addons.ledger import Ledger, State
from addons.patience import Spawn

log = logging.getLogger("llr")

FLUSH_SECONDS = 0.05
RETRY_SECONDS = 2.0
BUSY_MS = 250
WEEK = 7 * 86_400.0

# Each entry brings the file one version further.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE counts (
        key TEXT NOT NULL, label TEXT NOT NULL, measure TEXT NOT NULL, used INTEGER NOT NULL, ends REAL NOT NULL,
        PRIMARY KEY (key, label, measure)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE facts (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, until REAL NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID;
    """,
)
_COUNT = (
    "INSERT INTO counts VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (key, label, measure) DO UPDATE SET used = excluded.used, ends = excluded.ends"
)
_FACT = (
    "INSERT INTO facts VALUES (?, ?, ?, ?) "
    "ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, until = excluded.until"
)
_FORGET = "DELETE FROM facts WHERE kind = ? AND key = ?"

type Fact = tuple[str, float] | None  # JSON and when it ends; None: it is over
type Batch = tuple[dict[tuple[str, str, str], Row], dict[tuple[str, str], Fact]]


class SqliteState(State):
    """`path` is the database file; `now` gives Unix seconds; `complain` shows a person a line."""

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        now: Callable[[], float],
        spawn: Spawn,
        complain: Callable[[str], None] = log.warning,
    ) -> None:
        super().__init__(ledger)
        self._path = path
        self._now = now
        self._spawn = spawn
        self._complain = complain
        self._thread = ThreadPoolExecutor(1, "llr-state")
        self._database: sqlite3.Connection | None = None
        self._counts: dict[tuple[str, str, str], Row] = {}
        self._facts: dict[tuple[str, str], Fact] = {}
        self._dirty = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        return self._problem

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            counts, facts = await loop.run_in_executor(self._thread, self._load)
        except (sqlite3.Error, OSError) as error:
            self._failed(error)
        else:
            self.ledger.counters.restore(counts, self._now())
            for kind, key, value, until in facts:
                _restore(self.ledger, kind, key, value, until, self._now())
        self._writer = self._spawn(self._write_behind(), "write the state")

    def sent(self, lease: Lease) -> None:
        super().sent(lease)
        self._dirty.set()

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        super().settle(lease, spent, now)
        self._dirty.set()

    def rotate(self, moved: Mapping[str, Currents]) -> None:
        super().rotate(moved)
        for group, currents in moved.items():
            self._fact("rotation", group, dict(currents), self._now() + WEEK)

    def bind(self, keys: tuple[str, ...], ref: str, now: float, ttl: float) -> None:
        super().bind(keys, ref, now, ttl)
        for key in keys:
            self._fact("binding", key, ref, now + ttl)

    def cooled(self, coolings: Sequence[Cooling]) -> None:
        super().cooled(coolings)
        for cooling in coolings:
            self._fact("cooling", cooling.key, cooling.cls, cooling.until)

    def recovered(self, key: str) -> None:
        super().recovered(key)
        self._facts["cooling", key] = None
        self._dirty.set()

    def observed(self, credential: str, windows: tuple[SubscriptionWindow, ...]) -> None:
        super().observed(credential, windows)
        until = max((window.resets_at or 0.0 for window in windows), default=0.0)
        self._fact("windows", credential, [asdict(window) for window in windows], until)

    async def aclose(self) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self._flush()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _fact(self, kind: str, key: str, value: Any, until: float) -> None:
        self._facts[kind, key] = (json.dumps(value), until)
        self._dirty.set()

    async def _write_behind(self) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(RETRY_SECONDS if self._problem else FLUSH_SECONDS)
            self._dirty.clear()
            await self._flush()

    async def _flush(self) -> None:
        """Writes what has changed; what could not be written is kept for the next time."""
        self._counts |= {(row.key, row.label, row.measure): row for row in self.ledger.counters.changes()}
        batch: Batch = self._counts, self._facts
        self._counts, self._facts = {}, {}
        if not (batch[0] or batch[1]):
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)
        except (sqlite3.Error, OSError) as error:
            self._counts = {**batch[0], **self._counts}
            self._facts = {**batch[1], **self._facts}
            self._dirty.set()
            self._failed(error)
        else:
            self._succeeded()

    def _failed(self, error: Exception) -> None:
        text = f"the state cannot be kept in {self._path} ({error}); the router goes on without"
        if not self._problem:
            self._complain(text)
        self._problem = text

    def _succeeded(self) -> None:
        if self._problem:
            self._complain(f"the state is kept in {self._path} again")
        self._problem = ""

    # What follows runs in the thread.

    def _load(self) -> tuple[list[Row], list[tuple[str, str, str, float]]]:
        database = self._connected()
        now = self._now()
        with database:
            database.execute("DELETE FROM facts WHERE until < ?", (now,))
            database.execute("DELETE FROM counts WHERE ends < ?", (now - WEEK,))
        counts = [Row(*row) for row in database.execute("SELECT key, label, measure, used, ends FROM counts")]
        return counts, list(database.execute("SELECT kind, key, value, until FROM facts"))

    def _write(self, batch: Batch) -> None:
        counts, facts = batch
        database = self._connected()
        try:
            with database:
                database.executemany(_COUNT, counts.values())
                kept = [(kind, key, *fact) for (kind, key), fact in facts.items() if fact is not None]
                database.executemany(_FACT, kept)
                database.executemany(_FORGET, [place for place, fact in facts.items() if fact is None])
        except sqlite3.Error:
            self._close()  # a file that was replaced or taken away is found by opening it anew
            raise

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._database = _open(self._path)
            except sqlite3.DatabaseError as error:
                if not _is_ruined(error):
                    raise
                self._set_aside()
                self._database = _open(self._path)
        return self._database

    def _set_aside(self) -> None:
        kept = self._path.with_name(f"{self._path.name}.corrupt-{time.strftime('%Y%m%dT%H%M%S')}")
        self._path.replace(kept)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._complain(f"the state in {self._path} was no usable database; it was set aside as {kept.name}")

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()


def _open(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.Error or OSError."""
    private_dir(path.parent)
    path.touch(mode=0o600)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    database = sqlite3.connect(path, timeout=BUSY_MS / 1000)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        for number, migration in enumerate(MIGRATIONS[version:], version + 1):
            database.executescript(f"BEGIN; {migration} PRAGMA user_version = {number}; COMMIT;")
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"malformed: {found}")
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_ruined(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, rather than locked, full or closed to us."""
    return not isinstance(error, sqlite3.OperationalError) or "malformed" in str(error)


def _restore(ledger: Ledger, kind: str, key: str, value: str, until: float, now: float) -> None:
    """One fact of an earlier run; what makes no sense is left out."""
    with suppress(ValueError, TypeError, KeyError):
        known = json.loads(value)
        match kind:
            case "cooling":
                ledger.health.cool(Cooling(key, until, ErrorClass(known)), now)
            case "rotation":
                ledger.rotations[key] = {str(name): float(level) for name, level in known.items()}
            case "binding":
                ledger.bindings.bind((key,), str(known), now, until - now)
            case "windows":
                ledger.windows[key] = tuple(SubscriptionWindow(**window) for window in known)
