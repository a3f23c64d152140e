"""Specification of addons/edge/states.py: the words of the environment, and what is said of those that are none."""

import sys
from pathlib import Path

import pytest

from addons.config.document import ConfigProblem
from addons.edge.redis_state import RedisState
from addons.edge.sqlite_state import SqliteState
from addons.edge.states import BACKEND, FILE, REDIS_PREFIX, REDIS_URL, state_of
from addons.edge.tasks import Tasks
from addons.ledger import State
from harness.states import NOW, ledger


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def state(env: dict[str, str]) -> State:
    return state_of(env, ledger(), lambda: NOW, Tasks().spawn)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        (None, SqliteState),
        ("", SqliteState),
        ("sqlite", SqliteState),
        (" SQLite ", SqliteState),
        ("file", SqliteState),  # the predecessor's word
        ("memory", State),
        ("redis", RedisState),
        ("Redis", RedisState),
    ],
)
async def test_every_word(home: dict[str, str], word: str | None, kind: type[State]) -> None:
    assert type(state(home | ({} if word is None else {BACKEND: word}))) is kind


@pytest.mark.parametrize("word", ["postgres", "sqlite3", "true", "redis://127.0.0.1"])
async def test_another_word_is_refused_with_those_that_are_known(home: dict[str, str], word: str) -> None:
    with pytest.raises(ConfigProblem, match=BACKEND) as refused:
        state(home | {BACKEND: word})
    assert all(each in str(refused.value) for each in (word, "sqlite", "memory", "redis"))


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, ".local/state/llr/state.db"),
        ({"LLM_ROUTER_STATE_DIR": "{home}/own"}, "own/state.db"),
        ({FILE: "{home}/some/where.db"}, "some/where.db"),
        ({FILE: "~/tilde.db"}, "tilde.db"),
        ({FILE: " "}, ".local/state/llr/state.db"),
    ],
    ids=str,
)
async def test_where_the_file_is(
    home: dict[str, str], env: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home["HOME"])
    named = {key: value.format(home=home["HOME"]) for key, value in env.items()}
    kept = state(home | named)
    await kept.open()
    await kept.aclose()
    assert kept.problem == ""
    assert (Path(home["HOME"]) / expected).is_file()


async def test_memory_leaves_nothing_behind(home: dict[str, str]) -> None:
    kept = state(home | {BACKEND: "memory"})
    await kept.open()
    await kept.aclose()
    assert list(Path(home["HOME"]).iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "redis://127.0.0.1",
        "redis://user:s%23cret@redis.test:7000/3",
        "rediss://redis.test/1",
        "redis://[::1]:6379",
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=2",
        "",
    ],
)
async def test_the_urls_of_redis(home: dict[str, str], url: str) -> None:
    assert isinstance(state(home | {BACKEND: "redis", REDIS_URL: url, REDIS_PREFIX: "mine"}), RedisState)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:6379",
        "http://redis.test/0",
        "redis://",
        "redis://user:hush@redis.test:port/0",
        "redis://user:hush@redis.test:99999/0",
        "redis://user:hush@redis.test/sessions",
        "redis://user:hush/hush@redis.test/0",
        "redis://user:hush#hush@redis.test/0",
        "redis://[::1/0",
    ],
)
async def test_what_is_no_url_of_redis_is_refused_and_no_password_is_shown(home: dict[str, str], url: str) -> None:
    with pytest.raises(ConfigProblem, match=REDIS_URL) as refused:
        state(home | {BACKEND: "redis", REDIS_URL: url})
    assert "redis://" in str(refused.value)
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_redis_without_its_library_says_what_to_install(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == "redis" or name.startswith("redis.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("addons.edge.redis_state", "addons.edge.redis_link"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigProblem, match=BACKEND) as refused:
        state(home | {BACKEND: "redis"})
    assert "llr[redis]" in str(refused.value)


async def test_a_fault_of_ours_is_not_taken_for_a_missing_library(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("addons.edge.redis_state", "addons.edge.redis_link"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "addons.edge.redis_scripts", None)
    with pytest.raises(ModuleNotFoundError, match="redis_scripts"):
        state(home | {BACKEND: "redis"})
