"""The file that a router without a terminal writes to: bounded, and for its owner alone."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from addons.edge.places import private_dir, state_dir

LIMIT_BYTES = 4 * 1024 * 1024
LOOK_SECONDS = 5.0
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC

type Say = Callable[[str], None]


def log_file(port: int) -> Path:
    """Where the output of the router at `port` goes."""
    return state_dir(os.environ) / "log" / f"router-{port}.log"


def older(path: Path) -> Path:
    """The name that a full file is given; the one that had it before is gone then."""
    return path.with_name(f"{path.name}.1")


def opened(path: Path) -> int:
    """The file, ready to be appended to; a full one is put aside first. Raises OSError."""
    private_dir(path.parent)
    if path.is_file() and path.stat().st_size >= LIMIT_BYTES:
        path.replace(older(path))
    file = os.open(path, FLAGS, 0o600)
    os.fchmod(file, 0o600)
    return file


def bound(path: Path, *, limit: int = LIMIT_BYTES, every: float = LOOK_SECONDS) -> None:
    """From now on, as long as this process lives, what it writes is put aside whenever it is more than `limit`."""
    threading.Thread(target=_watch, args=(path, limit, every), name="log", daemon=True).start()


def _watch(path: Path, limit: int, every: float) -> None:
    while True:
        time.sleep(every)
        try:
            turn(path, limit)
        except OSError:
            continue  # a full disk, say: the next look may do better


def turn(path: Path, limit: int, outputs: tuple[int, ...] = (1, 2)) -> None:
    """Puts the file that `outputs` lead to aside, when it has more than `limit` bytes. Raises OSError."""
    found = os.fstat(outputs[0])
    if found.st_size <= limit:
        return
    if path.exists() and os.path.samestat(found, path.stat()):
        path.replace(older(path))
    file = opened(path)
    try:
        for output in outputs:
            os.dup2(file, output)
    finally:
        os.close(file)


def stamped(say: Say) -> Say:
    """`say` with the time before each text: a file has no reader who sees when it comes."""
    return lambda text: say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")
