"""Which state a router keeps, and where: chosen by the environment."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from addons.config.document import ConfigProblem
from addons.edge.places import state_dir
from addons.edge.sqlite_state import SqliteState
from addons.ledger import Ledger, State
from addons.patience import Spawn

log = logging.getLogger("llr")

BACKEND = "LLM_ROUTER_STATE_BACKEND"
FILE = "LLM_ROUTER_STATE_FILE_PATH"
REDIS_URL = "LLM_ROUTER_REDIS_URL"
REDIS_PREFIX = "LLM_ROUTER_REDIS_PREFIX"
DEFAULT_URL = "redis://127.0.0.1:6379/0"
URL_FORM = "expected redis://[[user]:password@]host[:port][/number], rediss://… or unix://path, with %-escapes in them"
# `file` is the predecessor's word
WORDS = {"": "sqlite", "sqlite": "sqlite", "file": "sqlite", "memory": "memory", "redis": "redis"}


def state_of(
    env: Mapping[str, str],
    ledger: Ledger,
    now: Callable[[], float],
    spawn: Spawn,
    complain: Callable[[str], None] = log.warning,
) -> State:
    """The state that the environment asks for, still to be opened. Raises ConfigProblem."""
    word = env.get(BACKEND, "").strip().lower()
    match WORDS.get(word):
        case "sqlite":
            named = env.get(FILE, "").strip()
            path = Path(named).expanduser() if named else state_dir(env) / "state.db"
            return SqliteState(ledger, path, now, spawn, complain, ours=not named)
        case "memory":
            return State(ledger)
        case "redis":
            return _redis(env, ledger, now, spawn, complain)
        case _:
            raise ConfigProblem(BACKEND, [f"expected sqlite (the default), memory or redis, got {word!r}"])


def _redis(
    env: Mapping[str, str], ledger: Ledger, now: Callable[[], float], spawn: Spawn, complain: Callable[[str], None]
) -> State:
    try:
        from addons.edge.redis_state import RedisState
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        hint = "the library `redis` is not installed: install llr with its extra, as in `uv tool install 'llr[redis]'`"
        raise ConfigProblem(BACKEND, [hint]) from error
    url = env.get(REDIS_URL, "").strip() or DEFAULT_URL
    _check(url)
    try:
        return RedisState(ledger, url, now, spawn, env.get(REDIS_PREFIX, "").strip() or "llr", complain)
    except ValueError:
        raise ConfigProblem(REDIS_URL, [URL_FORM]) from None


def _check(url: str) -> None:
    """Raises ConfigProblem. Nothing of `url` is shown: it may hold a password. The library takes what is no number of
    a database for 0."""
    try:
        found = urlsplit(url)
        number = found.path.strip("/")
        on_a_host = found.scheme in ("redis", "rediss") and bool(found.hostname) and found.port != 0
        fits = found.scheme == "unix" or (on_a_host and (number.isdecimal() or not number))
    except ValueError:
        fits = False
    if not fits:
        raise ConfigProblem(REDIS_URL, [URL_FORM])
