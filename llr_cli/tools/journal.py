"""The undo journal: whatever llr writes into a tool's file can be taken out again, byte by byte.

Before a file is written, a record says what was there, what will be there, and that it is under way; the file is then
replaced in one step, and the record says so. So `kill -9` at any moment leaves the old file or the new one, and the
next run knows which (promise 30). A record remembers the file as it was before llr came, with what a person has changed
since; writing again changes that only where the person did.

It refuses: a symlink in the home folder that leads out of it, and what is no regular file (promise 31).
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from llr_cli.tools import records
from llr_cli.tools.disk import Disk, Snapshot, draft_of, put
from llr_cli.tools.edits import FileEdits, edited, taken_back
from llr_cli.tools.records import Record


class JournalProblem(Exception):
    """An edit is refused; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an operation does (or would do) to one file."""

    file: Path
    before: bytes | None
    after: bytes | None
    changed: bool


class Journal:
    """`folder` is llr's own, `home` the person's. Its methods raise JournalProblem, edits.Unreadable and OSError; an
    error leaves the file at hand as it was."""

    def __init__(self, folder: Path, home: Path, disk: Disk | None = None) -> None:
        self._folder = folder
        self._home = home
        self._disk = disk or Disk()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One llr at a time; what another one left unfinished is finished or taken back first."""
        for folder in self._missing_folders(self._folder):
            self._disk.make_folder(folder)
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._replay()
            yield
        finally:
            os.close(descriptor)

    def records(self) -> list[Record]:
        """What llr has written and not yet taken back. Raises JournalProblem for a damaged record."""
        return [self._read(path) for path in self._disk.list(self._folder) if path.suffix == ".json"]

    def planned(self, tool: str, change: FileEdits) -> Step:
        """What `write` would do."""
        record = self._planned(tool, change)
        return _step(change.file, record.prior, record.after)

    def write(self, tool: str, change: FileEdits) -> Step:
        """Makes the file say what `change` says; what an earlier change of the tool wrote and this one does not, goes
        back."""
        record = self._planned(tool, change)
        if record.prior == record.after:
            if record.earlier is not None and replace(record, prior=record.earlier.prior).settled() != record.earlier:
                self._note(record.settled())
            return _step(change.file, record.prior, record.after)
        self._note(record)
        for folder in self._missing_folders(record.real.parent):
            self._disk.make_folder(folder)
        put(self._disk, record.real, record.after)
        self._note(record.settled())
        return _step(change.file, record.prior, record.after)

    def planned_undo(self, record: Record) -> Step:
        """What `undo` would do."""
        now = self._disk.read(record.real)
        return _step(record.change.file, now, _reverted(record, now))

    def undo(self, record: Record) -> Step:
        """Takes out of the file what is still as llr wrote it, and forgets it."""
        reals = [record.real]
        # a symlink may have been replaced by a file of its own since: llr's values leave both
        with contextlib.suppress(JournalProblem):
            reals = list(dict.fromkeys([*reals, self._resolved(record.change.file)]))
        targets = {real: (now := self._disk.read(real), _reverted(record, now)) for real in reals}
        if any(now != wanted for now, wanted in targets.values()):
            self._note(replace(record, state="restoring"))
        for real, (now, wanted) in targets.items():
            if now != wanted:
                put(self._disk, real, wanted)
        self._remove_folders(record)
        self._forget(record)
        return _step(record.change.file, *targets[record.real])

    def _planned(self, tool: str, change: FileEdits) -> Record:
        real = self._resolved(change.file)
        now = self._disk.read(real)
        others = self.records()
        earlier = next((each for each in others if each.real == real), None)
        data = now.data
        # a folder that was made for several files goes with the last of them
        made = [folder for each in others for folder in each.folders if real.is_relative_to(folder)]
        folders = tuple(dict.fromkeys((*made, *self._missing_folders(real.parent))))
        if earlier is not None:
            stale = tuple(
                edit for edit in earlier.change.edits if all(edit.path != other.path for other in change.edits)
            )
            if data is not None and stale:
                data = taken_back(replace(earlier.change, edits=stale), earlier.before.data, data)
        mode = 0o600 if now.mode is None else now.mode & 0o700 if change.secret else now.mode
        return Record(
            tool=tool,
            change=change,
            real=real,
            link=os.fspath(change.file.readlink()) if change.file.is_symlink() else None,
            state="writing",
            before=now if earlier is None else _reverted(earlier, now),
            after=Snapshot(edited(change, data), mode),
            prior=now,
            folders=folders,
            earlier=earlier,
        )

    def _resolved(self, file: Path) -> Path:
        """Where `file` really is. Raises JournalProblem when a symlink leads out of the home folder."""
        file = Path(os.path.abspath(file))
        real, home = self._disk.resolve(file), self._disk.resolve(self._home)
        inside = file.is_relative_to(self._home) or file.is_relative_to(home)
        if inside and not real.is_relative_to(home):
            raise JournalProblem(f"{file} leads out of the home folder, to {real}: edit that file by hand")
        if not inside and file.is_symlink():
            raise JournalProblem(f"{file} is a symlink outside the home folder: name {real} itself")
        return real

    def _replay(self) -> None:
        for path in self._disk.list(self._folder):
            if path.name.endswith(".llr-draft"):
                self._disk.remove(path)
        for record in self.records():
            if record.state == "done":
                continue
            draft = draft_of(record.real)
            if self._disk.is_folder(draft.parent):
                self._disk.remove(draft)
            if record.state == "restoring":
                self.undo(record)
            else:
                self._settle(record)

    def _settle(self, record: Record) -> None:
        """Decides whether an interrupted write took place. What a person wrote since is told apart at undo."""
        now = self._disk.read(record.real)
        if now != record.prior or now == record.after:
            self._note(record.settled())
        elif record.earlier is not None:
            self._note(record.earlier)
        else:
            self._remove_folders(record)
            self._forget(record)

    def _remove_folders(self, record: Record) -> None:
        """The folders that were made for the file, as far as they are empty."""
        for folder in reversed(record.folders):
            if self._disk.is_folder(folder) and not self._disk.list(folder):
                self._disk.remove_folder(folder)

    def _missing_folders(self, folder: Path) -> list[Path]:
        missing: list[Path] = []
        while not self._disk.is_folder(folder):
            missing.append(folder)
            folder = folder.parent
        return missing[::-1]

    def _path(self, real: Path) -> Path:
        return self._folder / f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:24]}.json"

    def _note(self, record: Record) -> None:
        put(self._disk, self._path(record.real), Snapshot(records.written(record), 0o600))

    def _forget(self, record: Record) -> None:
        put(self._disk, self._path(record.real), Snapshot())

    def _read(self, path: Path) -> Record:
        try:
            return records.read(self._disk.read(path).data or b"")
        except (ValueError, KeyError, TypeError) as error:
            raise JournalProblem(
                f"{path} is damaged ({error}): move it away, and mend the tool's file by hand"
            ) from error


def _step(file: Path, before: Snapshot, after: Snapshot) -> Step:
    return Step(file, before.data, after.data, before != after)


def _reverted(record: Record, now: Snapshot) -> Snapshot:
    """What the file would be without llr: as it was, or as it is now without llr's values."""
    if now.data is None:
        return now
    if now.data == record.after.data:
        data = record.before.data
    else:
        data = taken_back(record.change, record.before.data, now.data)
    if data is None:
        return Snapshot()
    mode = record.before.mode if now.mode == record.after.mode and record.before.mode is not None else now.mode
    return Snapshot(data, mode)
