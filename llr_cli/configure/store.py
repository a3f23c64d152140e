"""The file of the configuration: read, edited under a lock, checked by the router's own loader, replaced in one step.

It refuses: inline configurations, a symlink in the home folder that leads out of it, and an edit after which the
router would not take the configuration any more.
"""

import contextlib
import difflib
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from addons.config import ConfigProblem, config_path, is_inline, load
from addons.config.document import INLINE
from llr_cli.configure.masking import masked_text
from llr_cli.configure.refusal import Refused
from llr_cli.configure.text import Config
from llr_cli.tools.disk import Disk, Snapshot, put
from llr_cli.tools.spans.common import BOM

# how often an edit starts anew because somebody else wrote the file in between, without a lock
TRIES = 5
NEW = '{\n  "version": 2\n}\n'

type Change = Callable[[Config], Config]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit did, or would do. `problems` are those that were there before, and still are."""

    file: Path
    before: str | None
    after: str
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def diff(self) -> str:
        """Unified, keys masked; empty when nothing changes."""
        before, after = masked_text(self.before or "").splitlines(), masked_text(self.after).splitlines()
        old = "/dev/null" if self.before is None else str(self.file)
        found = list(difflib.unified_diff(before, after, old, str(self.file), lineterm=""))
        # two keys can look the same when they are masked
        return "\n".join(found) if found or not self.changed else f"{self.file}: only masked values or line ends differ"


class Store:
    """The configuration file at `path`; `env` is what the loader reads beside it. Methods raise Refused."""

    def __init__(self, path: Path, env: Mapping[str, str], disk: Disk | None = None) -> None:
        self.file = path
        self._env = env
        self._disk = disk or Disk()

    @classmethod
    def of(cls, explicit: Path | None, env: Mapping[str, str], disk: Disk | None = None) -> "Store":
        """The file that the router would read."""
        if is_inline(explicit, env):
            name = next(name for name in INLINE if env.get(name))
            raise Refused(f"the configuration stands in the variable {name}: unset it, or name a file with --config")
        return cls(config_path(explicit, env), env, disk)

    def read(self) -> Config:
        """Empty when there is no file."""
        with _told(self.file):
            return Config(_decoded(self.file, self._disk.read(self._real()).data) or "")

    def edit(self, change: Change, *, dry: bool = False) -> Outcome:
        """Makes the file say what `change` makes of it; with `dry` only says what it would say."""
        with _told(self.file):
            real = self._real()
            if dry:
                return self._planned(self._disk.read(real), change)
            with self._locked(real):
                for _ in range(TRIES):
                    now = self._disk.read(real)
                    outcome = self._planned(now, change)
                    if not outcome.changed:
                        return outcome
                    # an editor that knows of no lock may have saved meanwhile
                    if self._disk.read(real) == now:
                        put(self._disk, real, Snapshot(outcome.after.encode("utf-8", "surrogatepass"), now.mode))
                        return outcome
        raise Refused(f"{self.file} is written again and again by something else: stop that, and try once more")

    def _planned(self, now: Snapshot, change: Change) -> Outcome:
        before = _decoded(self.file, now.data)
        start = Config(before if before is not None and before.strip(BOM).strip() else (before or "") + NEW)
        after = change(start).text
        if after == start.text:
            after = before or ""
        if after == (before or ""):
            return Outcome(self.file, after, after, *checked(after, self._env))
        warnings, problems = checked(after, self._env)
        old = {_placeless(problem) for problem in checked(before or "", self._env)[1]}
        new = [problem for problem in problems if _placeless(problem) not in old]
        if new:
            raise Refused(f"{self.file} stays as it is: with this edit the router would refuse it", problems=new)
        return Outcome(self.file, before, after, warnings, problems)

    def _real(self) -> Path:
        """Where the file really is. Source: promise 31."""
        file = Path(os.path.abspath(self.file))
        real = self._disk.resolve(file)
        home = Path(os.path.abspath(self._env.get("HOME") or Path.home()))
        real_home = self._disk.resolve(home)
        inside = file.is_relative_to(home) or file.is_relative_to(real_home)
        if inside and not real.is_relative_to(real_home):
            raise Refused(f"{self.file} leads out of the home folder: name {real} itself with --config")
        return real

    @contextlib.contextmanager
    def _locked(self, real: Path) -> Iterator[None]:
        """One edit at a time. The lock is a file of its own, because the configuration is replaced."""
        if not self._disk.is_folder(real.parent):
            raise Refused(f"{real.parent} is no folder: make it, or name another file with --config")
        descriptor = os.open(lock_of(real), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def lock_of(file: Path) -> Path:
    """Hidden, as the file itself usually is."""
    return file.with_name(f".{file.name.removeprefix('.')}.lock")


def checked(text: str, env: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The warnings and the problems that the router's own loader has with a configuration of this text."""
    text = text.removeprefix(BOM)
    if not text.strip():
        return (), ()
    try:
        return load(None, {**env, INLINE[0]: text}).warnings, ()
    except ConfigProblem as problem:
        return (), tuple(problem.problems)


def _placeless(problem: str) -> str:
    """Without the places in lists, which an edit moves."""
    return re.sub(r"\[\d+\]|line \d+, column \d+", "", problem)


def _decoded(file: Path, data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is no UTF-8 text (at byte {error.start}): save it as such") from error


@contextlib.contextmanager
def _told(file: Path) -> Iterator[None]:
    """Errors of the file system as refusals."""
    try:
        yield
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}; it stays as it was") from error
