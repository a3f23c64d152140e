"""Where llr keeps what it writes: one folder of its own, closed to others."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

STATE_DIR = "LLM_ROUTER_STATE_DIR"


def state_dir(env: Mapping[str, str]) -> Path:
    """The folder of state: `LLM_ROUTER_STATE_DIR`, else `llr` below XDG_STATE_HOME. It need not exist.
    Source: XDG Base Directory Specification 0.8."""
    if env.get(STATE_DIR):
        return Path(env[STATE_DIR]).expanduser()
    home = Path(env.get("HOME") or Path.home())
    # a relative path is to be ignored, says the specification
    named = env.get("XDG_STATE_HOME", "")
    return (Path(named) if named.startswith("/") else home / ".local" / "state") / "llr"


def private_dir(path: Path) -> Path:
    """`path` as a folder for its owner alone, whatever the umask (promise 46). Raises OSError.

    One that everybody shares (its sticky bit is set, as that of the system's folder for temporary files) stays as it
    is."""
    new_dir(path)
    mode = path.stat().st_mode
    if mode & 0o077 and not mode & stat.S_ISVTX:
        path.chmod(0o700)
    return path


def new_dir(path: Path) -> None:
    """Makes `path` and what is missing above it, for their owner alone; what is there stays as it is. Raises
    OSError."""
    if not path.is_dir():
        new_dir(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def private_file(path: Path, data: bytes) -> None:
    """Replaces `path` in one step by a file for its owner alone. Raises OSError; the old file stays then."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
