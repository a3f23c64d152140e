"""Specification of llr_cli/main.py: what reaches `start`, and what is refused as a mistake of usage."""

from typing import Any

import pytest
from typer.testing import CliRunner

import llr_cli.start
from llr_cli.front import ROUTER
from llr_cli.main import app


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []

    def start(**options: Any) -> int:
        calls.append(options)
        return 0

    monkeypatch.setattr(llr_cli.start, "start", start)
    return calls


def run(*words: str, **env: str) -> int:
    return CliRunner().invoke(app, list(words), env=env).exit_code


def test_start_without_options_takes_the_defaults(started: list[dict[str, Any]]) -> None:
    assert run("start") == 0
    assert started == [
        {
            "config": None,
            "host": "127.0.0.1",
            "port": 8376,
            "require_auth": None,
            "debug": False,
            "grace": 10.0,
            "mitmdump_args": [],
            "words": (),
            "log_file": None,
            "watch_config": True,
            "entrance": ROUTER,
        }
    ]


def test_what_follows_the_dashes_goes_on_to_mitmdump(started: list[dict[str, Any]]) -> None:
    assert run("start", "--port", "9", "--", "--set", "x=y", "--port", "7", "~u a") == 0
    assert (started[0]["port"], started[0]["mitmdump_args"]) == (9, ["--set", "x=y", "--port", "7", "~u a"])


def test_the_port_comes_from_the_environment_unless_it_is_given(started: list[dict[str, Any]]) -> None:
    run("start", LLM_ROUTER_PORT="9")
    run("start", "--port", "7", LLM_ROUTER_PORT="9")
    assert [call["port"] for call in started] == [9, 7]


@pytest.mark.parametrize(("word", "value"), [("--require-auth", True), ("--no-require-auth", False)])
def test_authentication_can_be_switched_either_way(started: list[dict[str, Any]], word: str, value: bool) -> None:
    run("start", word)
    assert started[0]["require_auth"] is value


def test_the_predecessors_way_of_switching_works(started: list[dict[str, Any]]) -> None:
    run("start", "--watch-config=false", "--require-auth", "true", "--watch-binary=true")
    assert (started[0]["watch_config"], started[0]["require_auth"]) == (False, True)


@pytest.mark.parametrize(
    "words",
    [
        ("start", "stray"),
        ("start", "--unknown"),
        ("start", "--port", "70000"),
        ("start", "--port", "x"),
        ("start", "--grace", "-1"),
        ("nothing",),
        ("config", "nothing"),
        ("route", "explain"),
    ],
)
def test_a_mistake_of_usage_is_exit_code_2(started: list[dict[str, Any]], words: tuple[str, ...]) -> None:
    assert run(*words) == 2 and not started


def test_the_exit_code_of_start_is_that_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llr_cli.start, "start", lambda **_: 1)
    assert run("start") == 1
