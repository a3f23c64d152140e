"""Specification of llr_cli/config.py and llr_cli/route.py, inside this process."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from llr_cli.main import app

PROVIDER = {"id": "p", "baseUrl": "https://p.example", "format": "openai", "apiKey": "sk-canary-0123456789"}
DOCUMENT: dict[str, Any] = {
    "providers": [
        {**PROVIDER, "models": ["m"]},
        {"id": "q", "baseUrl": "https://q.example", "format": "claude", "models": ["n"], "apiKeyEnv": "NOT_SET"},
    ],
    "modelAliases": {"fast": {"targets": ["p/m", "q/n"], "strategy": "rr"}},
    "defaultModel": "fast",
    "unknown": 1,
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"NOT_SET": None})


def test_validate_shows_what_was_found_and_warns(config: Path) -> None:
    done = run("config", "validate", "--config", config)
    assert done.exit_code == 0
    for words in (str(config), "https://p.example/v1/chat/completions", "missing: the variable NOT_SET", "p/m, q/n"):
        assert words in done.stdout
    for words in ("unknown: unknown key", "providers[1].apiKeyEnv"):
        assert words in done.stderr


def test_validate_never_shows_a_key(config: Path) -> None:
    done = run("config", "validate", "--config", config)
    assert "canary" not in done.output and "…6789" in done.stdout


@pytest.mark.parametrize("json_too", [(), ("--json",)], ids=["for people", "JSON"])
@pytest.mark.parametrize(
    "words", [("config", "validate"), ("config", "list"), ("route", "explain", "fast")], ids=lambda words: words[-1]
)
def test_no_key_in_a_url_is_shown(config: Path, words: tuple[str, ...], json_too: tuple[str, ...]) -> None:
    """Promise 44."""
    url = "https://me:canary1@p.example/v1?api_key=canary2&code=canary3&api-version=2024-10-21"
    config.write_text(json.dumps({**DOCUMENT, "providers": [{**PROVIDER, "baseUrl": url, "models": ["m", "n"]}]})
                      .replace("q/n", "p/n"))  # fmt: skip
    done = run(*words, "--config", config, *json_too)
    assert done.exit_code == 0 and "p.example" in done.stdout and "canary" not in done.output


def test_validate_as_json_says_the_same(config: Path) -> None:
    found = json.loads(run("config", "validate", "--config", config, "--json").stdout)
    assert found["ok"] and found["defaultModel"] == "fast" and len(found["warnings"]) == 2
    assert found["providers"][0]["endpoints"] == {"openai": "https://p.example/v1/chat/completions"}


def test_problems_are_told_together_without_a_traceback(config: Path) -> None:
    config.write_text(json.dumps({**DOCUMENT, "defaultModel": "slow", "masterKey": " "}))
    done = run("config", "validate", "--config", config)
    assert done.exit_code == 1 and done.exception.__class__ is SystemExit
    assert str(config) in done.stderr and "masterKey: " in done.stderr and "defaultModel: " in done.stderr


def test_path_is_that_of_the_option_and_need_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    assert run("config", "path", "--config", path).stdout == f"{path}\n"


def test_init_says_how_to_go_on_and_covers_the_families_of_claude_code(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    assert "llr start" in run("config", "init", "--config", path).stdout
    aliases = json.loads(path.read_text())["modelAliases"]
    assert {"claude-opus-*", "claude-sonnet-*", "claude-haiku-*"} <= aliases.keys()


def test_init_into_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    done = run("config", "init", "--config", tmp_path / "none" / "new.json")
    assert done.exit_code == 1 and "cannot be written" in done.stderr


def test_explain_shows_candidates_and_what_was_skipped(config: Path) -> None:
    done = run("route", "explain", "fast", "--config", config)
    assert done.exit_code == 0
    for words in ("alias fast", "p/m", "https://p.example/v1/chat/completions", "translated: claude -> openai"):
        assert words in done.stdout
    assert "skipped q/n: the variable NOT_SET is not set" in done.stderr


def test_explain_says_when_nothing_is_translated(config: Path) -> None:
    done = run("route", "explain", "p/m", "--format", "openai", "--config", config, "--json")
    (candidate,) = json.loads(done.stdout)["candidates"]
    assert candidate["why"].startswith("same dialect: forwarded unchanged")


def test_explain_of_what_cannot_be_asked_says_why(config: Path) -> None:
    done = run("route", "explain", "q/n", "--config", config)
    assert done.exit_code == 1 and "NOT_SET" in done.stderr


def test_explain_of_an_unknown_name_as_json_lists_the_nearest(config: Path) -> None:
    done = run("route", "explain", "fats", "--config", config, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["ok"], found["nearest"]) == (1, False, ["fast"])


NESTED = {
    **DOCUMENT,
    "modelAliases": {
        "out": {"targets": ["p/m@3", "in"], "fallbackTargets": ["p/m"], "strategy": "auto"},
        "in": {"targets": ["p/m"], "strategy": "rr"},
    },
    "defaultModel": "out",
}


def test_explain_shows_how_nested_aliases_are_balanced(config: Path) -> None:
    """Promise 66: it is the tree that the router orders by."""
    config.write_text(json.dumps(NESTED))
    done = run("route", "explain", "out", "--config", config)
    assert "out, auto: p/m (3), in (1); then p/m" in done.stdout and "in, round-robin: p/m" in done.stdout
    found = json.loads(run("route", "explain", "out", "--config", config, "--json").stdout)["groups"]
    assert [(each["ref"], each["strategy"]) for each in found] == [("out", "auto"), ("in", "round-robin")]
