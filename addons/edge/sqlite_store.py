"""The file of the state: a SQLite database in WAL mode. Several routers of one machine may share it, so what is written
of a count is by how much it grew. Everything here blocks, and is for one thread.
"""

import json
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from addons.core.limits import KEEP, Row
from addons.edge.facts import Fact, Place
from addons.edge.places import new_dir, private_dir

BUSY_SECONDS = 0.25
PURGE_SECONDS = 600.0
SET_ASIDE = 5  # older ones are removed: a disk that ruins every file must not be filled with them
SIDES = ("-wal", "-shm")
APPLICATION = 0x6C6C7231  # "llr1": the file is ours
MOST = 1 << 53  # what a provider says it has counted may be nonsense

# Each entry brings the file one version further.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE counts (
        key TEXT NOT NULL, label TEXT NOT NULL, measure TEXT NOT NULL, used INTEGER NOT NULL, ends REAL NOT NULL,
        PRIMARY KEY (key, label, measure)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE facts (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, until REAL NOT NULL, PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID
    """,
)
_RAISE = (
    "INSERT INTO counts VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (key, label, measure) DO UPDATE SET used = max(used, excluded.used)"
)
_ADD = (
    "INSERT INTO counts VALUES (?1, ?2, ?3, max(?4, 0), ?5) "
    "ON CONFLICT (key, label, measure) DO UPDATE SET used = max(0, min(used + ?4, 1 << 53))"
)
_FACT = (
    "INSERT INTO facts VALUES (?, ?, ?, ?) "
    "ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, until = excluded.until"
)
_FORGET = "DELETE FROM facts WHERE kind = ? AND key = ?"
_COUNTS = "SELECT key, label, measure, used, ends FROM counts WHERE ends > ?"
_FACTS = "SELECT kind, key, value, until FROM facts WHERE until > ? ORDER BY until"
_LEARNT = "SELECT kind, key, value, until FROM facts WHERE until > ? AND kind IN ('cooling', 'windows')"


class NotOurs(sqlite3.Error):
    """The file is a database that must not be written to."""


@dataclass(slots=True)
class Batch:
    """What is to be written: counts that are at least so high, increments, and facts (None: it is over)."""

    raises: list[Row] = field(default_factory=list)
    counts: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    facts: dict[Place, Fact | None] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            place = row.key, row.label, row.measure
            before = self.counts.get(place)
            self.counts[place] = row if before is None else row._replace(used=before.used + row.used)

    def __bool__(self) -> bool:
        return bool(self.raises or self.counts or self.facts)


class Contents(NamedTuple):
    """What a file says."""

    counts: list[Row]
    facts: list[tuple[Place, Fact]]


class Store:
    """The file at `path`. `ours`: its folder is llr's own, and is closed to others."""

    def __init__(self, path: Path, *, ours: bool) -> None:
        self.path = path
        self._ours = ours
        self._database: sqlite3.Connection | None = None
        self._identity: object = None
        self._version = 0
        self._purged = 0.0
        self._notes: list[str] = []

    def notes(self) -> list[str]:
        """What a person has to be told since the last call."""
        told, self._notes = self._notes, []
        return told

    def attach(self, now: float) -> Contents | None:
        """Sees to an open file. None: it was open, and is still the one at `path`; else all that is in it. Raises
        sqlite3.Error and OSError."""
        if self._database is not None and self._identity == self._found():
            return None
        self.close()
        try:
            self._database = self._open()
        except sqlite3.DatabaseError as error:
            if not is_ruined(error):
                raise
            self._set_aside()
            self._database = self._open()
        self._identity = self._found()
        self._purged = 0.0
        return self._read(_FACTS, now, now - KEEP)

    def write(self, batch: Batch, now: float) -> Contents | None:
        """Writes to the attached file, all or nothing. Gives what others have written since the last time, if
        anything. Raises sqlite3.Error and OSError."""
        database = self._database
        assert database is not None, "attached"
        try:
            database.execute("BEGIN IMMEDIATE")
            _write(database, batch)
            self._purge(database, now)
            found = self._read(_LEARNT, now, now) if self._has_changed(database) else None
            database.execute("COMMIT")
        except sqlite3.Error:
            self.close()  # what is wrong with the file shows when it is opened anew
            raise
        return found

    def changed(self, now: float) -> Contents | None:
        """What others have written to the attached file since the last time. Raises sqlite3.Error."""
        assert self._database is not None, "attached"
        return self._read(_LEARNT, now, now) if self._has_changed(self._database) else None

    def close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()

    def _has_changed(self, database: sqlite3.Connection) -> bool:
        (version,) = database.execute("PRAGMA data_version").fetchone()
        before, self._version = self._version, version
        return bool(before != version)

    def _read(self, which: str, now: float, since: float) -> Contents:
        """The facts that still hold, and the windows that ended after `since`."""
        assert self._database is not None
        counts = [Row(*row) for row in self._database.execute(_COUNTS, (since,))]
        rows = self._database.execute(which, (now,))
        return Contents(counts, [((kind, key), Fact(_loads(value), until)) for kind, key, value, until in rows])

    def _purge(self, database: sqlite3.Connection, now: float) -> None:
        if now - self._purged >= PURGE_SECONDS:
            database.execute("DELETE FROM facts WHERE until < ?", (now,))
            database.execute("DELETE FROM counts WHERE ends < ?", (now - KEEP,))
            self._purged = now

    def _open(self) -> sqlite3.Connection:
        self._prepare()
        with self.path.open("rb") as file:
            if file.read(16).lstrip().startswith(b"{"):  # the predecessor kept its state under the same name, in JSON
                raise NotOurs("the file is no database, but looks like JSON of another program")
        # other routers wait for a migration, and it for them
        database = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _check(database)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            _migrate(database)
            (self._version,) = database.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _prepare(self) -> None:
        """A file for its owner alone, whatever the umask (promise 46), without the log of one that was there before:
        SQLite would play it back."""
        if self._ours:
            private_dir(self.path.parent)
        else:
            new_dir(self.path.parent)
        if not self.path.exists() or self._is_left_over():
            for side in self._sides():
                side.unlink(missing_ok=True)
        self.path.touch(mode=0o600)
        if self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)

    def _is_left_over(self) -> bool:
        """Whether the log beside the file is that of the file that was open before."""
        if not isinstance(self._identity, tuple):
            return False
        (file, log), (now_file, now_log) = self._identity, self._found()
        return log is not None and log == now_log and file != now_file

    def _found(self) -> tuple[object, object]:
        """Which file and which log are at `path` now."""
        return _identity(self.path), _identity(self._sides()[0])

    def _sides(self) -> list[Path]:
        return [self.path.with_name(self.path.name + side) for side in SIDES]

    def _set_aside(self) -> None:
        stamp = f"corrupt-{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 1_000_000_000:09}"
        kept = self.path.with_name(f"{self.path.name}.{stamp}")
        for side in (*self._sides(), self.path):
            with suppress(FileNotFoundError):
                side.replace(side.with_name(f"{side.name}.{stamp}"))
        for old in sorted(self.path.parent.glob(f"{self.path.name}.corrupt-*"))[:-SET_ASIDE]:
            old.unlink(missing_ok=True)
        self._notes.append(f"the state in {self.path} was no usable database; it was set aside as {kept.name}")


def is_ruined(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, rather than locked, full or closed to us."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or isinstance(error, _Malformed)


class _Malformed(sqlite3.DatabaseError):
    """SQLite's own check of the file has found something."""


def _identity(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check(database: sqlite3.Connection) -> None:
    """Raises NotOurs for what another program has written, or a newer llr; sqlite3.DatabaseError for what is broken."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION and (application or version or tables):
        raise NotOurs("the file is the database of another program")
    if version > len(MIGRATIONS):
        raise NotOurs(f"a newer llr has written the file (version {version}; this one knows {len(MIGRATIONS)})")
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise _Malformed(found)


def _migrate(database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version >= len(MIGRATIONS):
        return
    database.execute("BEGIN IMMEDIATE")
    (version,) = database.execute("PRAGMA user_version").fetchone()  # another router may have been quicker
    for statements in MIGRATIONS[version:]:
        for statement in statements.split(";"):
            database.execute(statement)
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    database.execute("COMMIT")


def _write(database: sqlite3.Connection, batch: Batch) -> None:
    database.executemany(_RAISE, map(_row, batch.raises))
    database.executemany(_ADD, map(_row, batch.counts.values()))
    kept = [(kind, _text(key), json.dumps(fact.value), fact.until) for (kind, key), fact in batch.facts.items() if fact]
    database.executemany(_FACT, kept)
    database.executemany(_FORGET, [(kind, _text(key)) for (kind, key), fact in batch.facts.items() if fact is None])


def _row(row: Row) -> tuple[str, str, str, int, float]:
    return _text(row.key), row.label, row.measure, max(-MOST, min(row.used, MOST)), row.end


def _text(text: str) -> str:
    """Names come from JSON, which can write half a character; SQLite cannot."""
    return text.encode(errors="replace").decode() if any("\ud800" <= each <= "\udfff" for each in text) else text


def _loads(value: str) -> Any:
    """None for what is no JSON: no kind of fact has it for a value."""
    try:
        return json.loads(value)
    except ValueError:
        return None
