"""The file operations of an edit, one system call each, so that a test can stop between any two of them."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

NEW_FILE = 0o600
NEW_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file's bytes and mode; both None when there is no file."""

    data: bytes | None = None
    mode: int | None = None


class NotAFile(OSError):
    """Something stands there that is no regular file."""


class Disk:
    """The real one. Every method raises OSError."""

    def read(self, path: Path) -> Snapshot:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return Snapshot()
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise NotAFile(f"{path} is no regular file")
            return Snapshot(file.read(), stat.S_IMODE(mode))

    def resolve(self, path: Path) -> Path:
        """`path` with every symlink followed, those that lead to nothing too."""
        return Path(os.path.realpath(path))

    def is_folder(self, path: Path) -> bool:
        return path.is_dir()

    def list(self, folder: Path) -> list[Path]:
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def create(self, path: Path) -> int:
        """An empty file for its owner alone, open for writing; never through a symlink."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, NEW_FILE)

    def write(self, descriptor: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def set_mode(self, descriptor: int, mode: int) -> None:
        os.fchmod(descriptor, mode)

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def replace(self, draft: Path, path: Path) -> None:
        draft.replace(path)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        path.mkdir(mode=NEW_FOLDER, exist_ok=True)
        # whatever the umask (promise 46)
        path.chmod(NEW_FOLDER)

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def sync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.llr-draft")


def put(disk: Disk, path: Path, wanted: Snapshot) -> None:
    """Makes the file at `path` be `wanted` in one step, or be gone. After an OSError the old file is there still, and
    no draft."""
    if wanted.data is None:
        disk.remove(path)
        disk.sync_folder(path.parent)
        return
    draft = draft_of(path)
    try:
        descriptor = disk.create(draft)
        try:
            disk.set_mode(descriptor, NEW_FILE if wanted.mode is None else wanted.mode)
            disk.write(descriptor, wanted.data)
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
        disk.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    disk.sync_folder(path.parent)
