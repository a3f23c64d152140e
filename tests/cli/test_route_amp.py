"""Specification of llr_cli/route_amp.py, as `llr route explain --amp` shows it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from llr_cli.main import app

DOCUMENT: dict[str, Any] = {
    "providers": [{"id": "p", "baseUrl": "https://p.example", "format": "openai", "models": ["m", "n"]}],
    "amp": {"routes": {"rush": "p/m", "title": "p/n", "painter": "p/n"}, "fallback": {"onUnknown": "upstream"}},
}
HAIKU = "claude-haiku-4-5-20251001"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["route", "explain", *words, "--config", str(config)])


def told(config: Path, *words: str) -> Any:
    return json.loads(run(config, *words, "--json").stdout)


def test_the_mode_decides(config: Path) -> None:
    found = told(config, HAIKU, "--amp", "--mode", "rush")
    assert (found["ok"], found["ref"], found["amp"]["entity"]) == (True, "p/m", "rush")
    assert (found["amp"]["matchedBy"], found["amp"]["matchedRef"]) == ("entity rush", "p/m")


def test_the_feature_decides(config: Path) -> None:
    found = told(config, "gemini-3-pro-image-preview", "--feature", "amp.painter")
    assert (found["ref"], found["amp"]["helper"]) == ("p/n", "painter")


def test_the_helper_decides(config: Path) -> None:
    assert told(config, HAIKU, "--helper", "titling")["ref"] == "p/n"


def test_every_step_is_shown(config: Path) -> None:
    done = run(config, HAIKU, "--mode", "rush")
    assert done.exit_code == 0
    for words in (f"AMP asks for '{HAIKU}'", "1. it is rush: x-amp-mode is rush", "2. entity rush: 'p/m'", "p/m"):
        assert words in done.stdout


def test_amps_own_server_is_an_answer_too(config: Path) -> None:
    done = run(config, "what", "--amp")
    assert done.exit_code == 0 and "AMP's own server answers" in done.stdout
    assert told(config, "what", "--amp") == {"ok": True, "amp": told(config, "what", "--amp")["amp"]}


def test_what_is_nobodys_fails(config: Path) -> None:
    config.write_text(json.dumps({**DOCUMENT, "amp": {"fallback": {"onUnknown": "none"}}}))
    done = run(config, "what", "--amp", "--json")
    assert done.exit_code == 1 and json.loads(done.stdout)["ok"] is False


def test_without_amp_the_name_alone_counts(config: Path) -> None:
    assert run(config, HAIKU).exit_code == 1
