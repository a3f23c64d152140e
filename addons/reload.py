"""Hot reload: a changed configuration becomes the plan; a bad one leaves the plan as it is, and says why.

The file is looked at instead of watched: a look is a `stat` of microseconds, works on every file system, and sees a
replaced file as well as a rewritten one. A file that is still being written changes between two looks, so the second
look that finds the same is the one that counts.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from addons.config.document import ConfigProblem, config_path, is_inline
from addons.core.plan import Plan
from addons.patience import Spawn

log = logging.getLogger("llr")

LOOK_SECONDS = 0.1

type Mark = tuple[int, int, int, int] | None


def mark(path: Path) -> Mark:
    """What changes whenever a file does; None while there is none. The name may be a link: what it leads to counts."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size, found.st_dev


@dataclass(frozen=True, slots=True)
class Watched:
    """A configuration file, and its mark from just before it was read."""

    path: Path
    mark: Mark

    @classmethod
    def now(cls, path: Path) -> Self:
        return cls(path, mark(path))


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where a plan comes from, and comes from anew. `read` raises ConfigProblem; `tell` and `complain` show a line to
    a person."""

    file: Watched | None
    read: Callable[[], Plan]
    tell: Callable[[str], None]
    complain: Callable[[str], None]


def watched(explicit: Path | None) -> Watched | None:
    """The configuration file as it is now; None when the configuration does not come from a file."""
    return None if is_inline(explicit, os.environ) else Watched.now(config_path(explicit, os.environ))


class Reload:
    """An addon. `read` gives the plan anew or raises ConfigProblem; `swap` puts it in place, and `refused` takes the
    reason why one was not."""

    def __init__(
        self,
        file: Watched | None,
        read: Callable[[], Plan],
        swap: Callable[[Plan], None],
        refused: Callable[[str], None],
        spawn: Spawn,
        interval: float = LOOK_SECONDS,
    ) -> None:
        """`file` None: there is nothing to look at; a reload on demand is possible all the same."""
        self._file = file
        self._read = read
        self._swap = swap
        self._refused = refused
        self._spawn = spawn
        self._interval = interval

    def running(self) -> None:
        """Hook: the proxy serves."""
        if self._file is not None:
            self._spawn(self.watch(self._file), "watch the configuration")
        with suppress(NotImplementedError, AttributeError, ValueError):  # Windows; not the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._on_demand)

    async def watch(self, file: Watched) -> None:
        """Reloads whenever the file has changed; never ends."""
        loaded = before = file.mark
        while True:
            await asyncio.sleep(self._interval)
            now = mark(file.path)
            settled, before = now == before, now
            if settled and now not in (loaded, None):
                loaded = now
                await self.reload()

    async def reload(self) -> bool:
        """Whether the configuration was taken."""
        try:
            plan = await asyncio.to_thread(self._read)
        except ConfigProblem as problem:
            log.error("the configuration was not reloaded; the old one stays: %s", problem)
            self._refused(str(problem))
            return False
        self._swap(plan)
        log.info("the configuration was reloaded")
        return True

    def _on_demand(self) -> None:
        self._spawn(self.reload(), "reload on demand")
