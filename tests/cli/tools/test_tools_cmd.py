"""Specification of llr_cli/tools_cmd.py: black box, in a home folder of its own."""

import json
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from llr_cli.main import app

KEY = "mk-canary-0123456789"
ORIGIN = "http://127.0.0.1:9999"
DOCUMENT: dict[str, Any] = {
    "masterKey": KEY,
    "providers": [
        {
            "id": "p",
            "baseUrl": "https://p.example",
            "format": "openai",
            "apiKey": "sk-1",
            "models": [{"id": "m", "contextWindow": 123_456}, "n"],
        }
    ],
    "modelAliases": {"fast": {"targets": ["p/m"]}, "claude-*": {"targets": ["p/n"]}},
    "defaultModel": "fast",
}
NAMES = ("claude-code", "codex", "amp", "opencode", "factory", "gemini", "qwen")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a project in it, and nothing of whoever runs the tests."""
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    for name in list(os.environ):
        if name.startswith(
            ("XDG_", "ANTHROPIC_", "CLAUDE_", "CODEX_", "OPENAI_", "AMP_", "GEMINI_", "GOOGLE_", "OPENCODE")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("LLM_ROUTER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LLM_ROUTER_PORT", "9999")
    monkeypatch.chdir(home / "project")
    (home / ".llm-router.json").write_text(json.dumps(DOCUMENT))
    return home


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["tools", *map(str, words)])


def tree(home: Path) -> dict[str, tuple[int, bytes | None]]:
    return {
        str(path): (stat.S_IMODE(path.stat().st_mode), path.read_bytes() if path.is_file() else None)
        for path in sorted(home.rglob("*"))
    }


def status(*words: str) -> dict[str, Any]:
    found = json.loads(run("status", "--json", *words).stdout)
    return {each["tool"]: each for each in found["tools"]}


def filled(home: Path) -> None:
    """Settings as people have them."""
    for name, text in {
        ".claude/settings.json": '// mine\n{\n\t"env": {"ANTHROPIC_API_KEY": "sk-ant-canary-00001111",}, // keep\n}\n',
        ".codex/config.toml": '\ufeffmodel = "gpt" # mine\r\n\r\n[mcp_servers.x]\r\ncommand = "y"\r\n',
        ".config/amp/settings.json": '{"amp.url": "https://ampcode.com/", "amp.other": 1}',
        ".config/opencode/opencode.jsonc": '{\n    "theme": "x", // last\n}',
        ".factory/settings.json": '{"customModels": [{"model": "mine"}], "model": "custom:mine"}',
        ".gemini/.env": "OTHER=1",
        ".gemini/settings.json": '{"security":{"auth":{"selectedType":"oauth-personal"}}}',
        ".qwen/settings.json": "{}\n",
    }.items():
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        file.chmod(0o640)


@pytest.mark.parametrize("full", [True, False])
def test_undo_all_leaves_no_patched_file_behind(home: Path, full: bool) -> None:
    """Promise 67, and 28: bytes, modes and absence of every file and folder."""
    if full:
        filled(home)
    before = tree(home)
    assert run("on", *NAMES, "--model", "fast").exit_code == 0
    assert tree(home) != before
    assert run("undo", "--all").exit_code == 0
    assert tree(home) == before
    assert "nothing to do" in run("undo", "--all").stdout


def test_on_twice_is_on_once(home: Path) -> None:
    """Promise 29."""
    filled(home)
    run("on", *NAMES)
    once = tree(home)
    done = json.loads(run("on", *NAMES, "--json").stdout)
    assert tree(home) == once and not any(each["changed"] for each in done["files"])


def test_files_that_hold_the_key_are_their_owners_alone(home: Path) -> None:
    """Promise 46."""
    filled(home)
    run("on", *NAMES)
    holders = [path for path, (_, data) in tree(home).items() if data is not None and KEY.encode() in data]
    assert len(holders) == 8
    assert {stat.S_IMODE(Path(path).stat().st_mode) & 0o077 for path in holders if ".llm-router" not in path} == {0}


def test_claude_code_takes_the_router_for_its_environment(home: Path) -> None:
    run("on", "claude", "--model", "fast", "--role", "opus=p/n", "--effort", "high")
    assert json.loads((home / ".claude/settings.json").read_text())["env"] == {
        "ANTHROPIC_BASE_URL": f"{ORIGIN}/anthropic",
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "ANTHROPIC_MODEL": "fast",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "p/n",
        "CLAUDE_CODE_MAX_CONTEXT_TOKENS": "123456",
        "CLAUDE_CODE_EFFORT_LEVEL": "high",
    }


def test_claude_code_loses_the_key_that_would_win_and_gets_it_back(home: Path) -> None:
    filled(home)
    run("on", "claude-code")
    assert "ANTHROPIC_API_KEY" not in (home / ".claude/settings.json").read_text()
    run("off", "claude-code")
    assert "sk-ant-canary-00001111" in (home / ".claude/settings.json").read_text()


def test_codex_gets_a_provider_and_the_true_windows(home: Path) -> None:
    run("on", "codex", "--model", "fast", "--effort", "xhigh")
    config = tomllib.loads((home / ".codex/config.toml").read_text())
    assert (config["model_provider"], config["model"], config["model_reasoning_effort"]) == (
        "llm-router",
        "fast",
        "xhigh",
    )
    assert config["model_providers"]["llm-router"] == {
        "name": "LLM Router",
        "base_url": f"{ORIGIN}/openai/v1",
        "wire_api": "responses",
        "experimental_bearer_token": KEY,
    }
    models = json.loads(Path(config["model_catalog_json"]).read_text())["models"]
    assert {each["slug"]: each["context_window"] for each in models}["p/m"] == 123_456


def test_amp_gets_its_url_and_the_key_for_it(home: Path) -> None:
    run("on", "amp")
    assert json.loads((home / ".config/amp/settings.json").read_text()) == {"amp.url": ORIGIN}
    assert json.loads((home / ".local/share/amp/secrets.json").read_text())[f"apiKey@{ORIGIN}"] == KEY


def test_a_workspace_is_edited_only_when_asked(home: Path) -> None:
    """Promise 31."""
    run("on", *NAMES)
    assert list((home / "project").iterdir()) == []
    run("undo")
    run("on", "amp", "--workspace")
    assert json.loads((home / "project/.amp/settings.json").read_text()) == {"amp.url": ORIGIN}
    assert not (home / ".config/amp/settings.json").exists()


def test_the_other_tools_get_url_key_and_model(home: Path) -> None:
    run("on", "opencode", "droid", "gemini-cli", "qwen", "--model", "fast")
    opencode = json.loads((home / ".config/opencode/opencode.json").read_text())
    assert opencode["model"] == "llm-router/fast"
    provider = opencode["provider"]["llm-router"]
    assert provider["options"] == {"baseURL": f"{ORIGIN}/openai/v1", "apiKey": KEY}
    assert provider["models"]["p/m"]["limit"]["context"] == 123_456
    droid = json.loads((home / ".factory/settings.json").read_text())
    assert droid["model"] == droid["customModels"][0]["id"] == "custom:llm-alias-fast"
    assert {each["baseUrl"] for each in droid["customModels"]} == {f"{ORIGIN}/openai/v1"}
    assert (home / ".gemini/.env").read_text().splitlines() == [
        f"GOOGLE_GEMINI_BASE_URL={ORIGIN}",
        f"GEMINI_API_KEY={KEY}",
        "GEMINI_MODEL=fast",
    ]
    assert f"OPENAI_BASE_URL={ORIGIN}/openai/v1" in (home / ".qwen/.env").read_text()


def test_what_a_person_added_to_a_list_of_models_stays(home: Path) -> None:
    """Promise 29."""
    filled(home)
    run("on", "factory", "--model", "fast")
    file = home / ".factory/settings.json"
    file.write_text(file.read_text().replace("[", '[{"model": "new"}, ', 1))
    run("undo", "factory")
    assert json.loads(file.read_text()) == {
        "customModels": [{"model": "new"}, {"model": "mine"}],
        "model": "custom:mine",
    }


def test_a_dry_run_shows_the_difference_without_keys_and_changes_nothing(home: Path) -> None:
    filled(home)
    before = tree(home.parent)
    done = run("on", *NAMES, "--dry-run")
    assert done.exit_code == 0 and f'"ANTHROPIC_BASE_URL": "{ORIGIN}/anthropic"' in done.stdout
    assert "canary" not in done.output and "…6789" in done.stdout
    assert tree(home.parent) == before


def test_all_means_what_is_installed(home: Path) -> None:
    (home / ".codex").mkdir()
    done = json.loads(run("on", "--all", "--json").stdout)
    assert {each["tool"] for each in done["files"]} == {"codex"}


def test_status_tells_apart_who_wrote_what(home: Path) -> None:
    filled(home)
    assert status()["codex"]["state"] == "off" and status()["amp"]["state"] == "foreign"
    run("on", *NAMES)
    assert {each["state"] for each in status().values()} == {"on"}
    assert status()["claude-code"]["baseUrl"] == f"{ORIGIN}/anthropic"
    file = home / ".claude/settings.json"
    file.write_text(file.read_text().replace(ORIGIN, "http://elsewhere"))
    assert (status()["claude-code"]["state"], status("codex")["codex"]["state"]) == ("changed", "on")
    file.write_text("{")
    assert status()["claude-code"]["state"] == "unreadable"


@pytest.mark.parametrize(
    ("tool", "file", "text", "key"),
    [
        (
            "claude-code",
            ".claude/settings.json",
            '{"env": {"ANTHROPIC_BASE_URL": "http://evil"}}',
            "env.ANTHROPIC_BASE_URL",
        ),
        ("claude-code", ".claude/settings.local.json", '{"env": {"ANTHROPIC_MODEL": "x"}}', "env.ANTHROPIC_MODEL"),
        ("codex", ".codex/config.toml", 'model_provider = "other"', "model_provider"),
        ("amp", ".amp/settings.json", '{"amp.url": "http://evil"}', "amp.url"),
        ("opencode", "opencode.json", '{"model": "x/y"}', "model"),
        ("gemini", ".env", "GOOGLE_GEMINI_BASE_URL=http://evil", "GOOGLE_GEMINI_BASE_URL"),
        ("qwen", ".qwen/.env", "OPENAI_API_KEY=sk-canary-0123456789", "OPENAI_API_KEY"),
    ],
)
def test_status_tells_what_a_project_puts_over_it(home: Path, tool: str, file: str, text: str, key: str) -> None:
    """Promise 31: from the folder above too, and without keys."""
    path = home / "project" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (home / "project/deep").mkdir()
    os.chdir(home / "project/deep")
    before = tree(home)
    [found] = status()[tool]["overrides"]
    assert (found["source"], found["key"]) == (str(path), key)
    done = run("status")
    assert f"{path} wins: {key}" in done.stderr and "canary" not in done.output
    assert tree(home) == before


def test_status_tells_of_variables_that_win(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 31."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary-0123456789")
    assert status()["claude-code"]["overrides"] == [
        {"source": "$ANTHROPIC_API_KEY", "key": "ANTHROPIC_API_KEY", "value": "…6789"}
    ]


def test_a_symlink_out_of_the_home_folder_is_refused(home: Path, tmp_path: Path) -> None:
    """Promise 31."""
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").symlink_to(outside)
    done = run("on", "claude-code", "codex")
    assert done.exit_code == 1 and "out of the home folder" in done.stderr
    assert outside.read_text() == "{}" and (home / ".codex/config.toml").exists()


def test_a_broken_file_is_told_with_its_place_and_left_alone(home: Path) -> None:
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text("a = \n")
    done = run("on", "codex")
    assert done.exit_code == 1 and "config.toml: line 1, column 5" in done.stderr
    assert (home / ".codex/config.toml").read_text() == "a = \n"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("on",), 2, "which tool?"),
        (("off",), 2, "which tool?"),
        (("on", "vim"), 2, "claude-code, codex, amp"),
        (("on", "codex", "--model", "nope"), 1, "nope"),
        (("on", "codex", "--effort", "huge"), 2, "minimal, low, medium"),
        (("on", "codex", "--role", "opus=fast"), 2, "--role"),
        (("on", "claude", "--role", "opus"), 2, "NAME=REF"),
        (("on", "codex", "--config", "missing.json"), 1, "llr config init"),
    ],
)
def test_a_slip_of_the_pen_is_told(home: Path, words: tuple[str, ...], code: int, told: str) -> None:
    before = tree(home)
    done = run(*words)
    assert done.exit_code == code and told in done.stderr and isinstance(done.exception, SystemExit)
    assert tree(home) == before
