"""Where llr keeps what it writes: one folder of its own, closed to others."""

import os
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
    """`path` as a folder for its owner alone, whatever the umask (promise 46). Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


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
