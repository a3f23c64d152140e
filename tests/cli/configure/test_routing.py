"""Specification of llr_cli/configure/routing.py: the predecessor's operations on coding tools."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from harness.configuring import DOCUMENT, Cli
from llr_cli.tools.masked import mask

KEY = "Gw_canary-0123456789-abcdef"
ORIGIN = "http://127.0.0.1:8376"


@pytest.fixture
def routed(cli: Cli) -> Cli:
    cli.have({**DOCUMENT, "masterKey": KEY})
    return cli


def settings(cli: Cli, name: str = ".claude/settings.json") -> dict[str, Any]:
    return dict(json.loads((cli.home / name).read_text()))


def test_claude_code_with_a_model_for_each_family(routed: Cli) -> None:
    done = routed.op(
        "set-claude-code-routing",
        "--enabled=true",
        "--primary-model=fast",
        "--default-opus-model=p/m",
        "--default-sonnet-model=q/n",
        "--default-haiku-model=p/m2",
        "--subagent-model=fast",
        "--thinking-level=high",
    )
    assert settings(routed)["env"] == {
        "ANTHROPIC_BASE_URL": f"{ORIGIN}/anthropic",
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "ANTHROPIC_MODEL": "fast",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "p/m",
        "ANTHROPIC_DEFAULT_SONNET_MODEL": "q/n",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "p/m2",
        "CLAUDE_CODE_SUBAGENT_MODEL": "fast",
        "CLAUDE_CODE_EFFORT_LEVEL": "high",
    }
    assert "written" in done.stdout and "canary" not in done.output


def test_what_was_there_comes_back(routed: Cli) -> None:
    """Promise 28, by the predecessor's words."""
    file = routed.home / ".claude/settings.json"
    file.parent.mkdir()
    before = b'{\r\n  // mine\r\n  "env": {"ANTHROPIC_API_KEY": "x"},\r\n}'
    file.write_bytes(before)
    routed.op("set-claude-code-routing", "--default-model=fast")
    routed.op("set-claude-code-effort-level", "--thinking-level=low")
    assert b"CLAUDE_CODE_EFFORT_LEVEL" in file.read_bytes()
    routed.op("set-claude-code-routing", "--enabled=false")
    assert file.read_bytes() == before


def test_the_effort_alone_keeps_the_routing(routed: Cli) -> None:
    routed.op("set-claude-code-routing", "--default-model=fast", "--thinking-level=low")
    routed.op("set-claude-code-effort-level", "--effort-level=max")
    env = settings(routed)["env"]
    assert env["CLAUDE_CODE_EFFORT_LEVEL"] == "max" and env["ANTHROPIC_MODEL"] == "fast"
    routed.op("set-claude-code-effort-level", "--thinking-level=")
    assert "CLAUDE_CODE_EFFORT_LEVEL" not in settings(routed)["env"]
    assert routed.run("config", "--op=set-claude-code-effort-level").exit_code == 2


def test_codex_with_files_of_other_names(routed: Cli) -> None:
    config, catalogue = routed.home / "c.toml", routed.home / "cat.json"
    flags = (f"--codex-config-file={config}", f"--codex-model-catalog-file={catalogue}", "--reasoning-effort=xhigh")
    routed.op("set-codex-cli-routing", "--default-model=fast", "--endpoint-url=http://127.0.0.1:9/", *flags)
    found = tomllib.loads(config.read_text())
    assert found["model"] == "fast" and found["model_reasoning_effort"] == "xhigh"
    assert found["model_catalog_json"] == str(catalogue)
    assert found["model_providers"]["llm-router"]["base_url"] == "http://127.0.0.1:9/openai/v1"
    assert json.loads(catalogue.read_text())["models"][0]["slug"] == "fast"
    assert not (routed.home / ".codex").exists()
    routed.op("set-codex-cli-routing", "--enabled=false")
    assert not config.exists() and not catalogue.exists()


def test_codex_that_asks_for_its_own_model(routed: Cli) -> None:
    routed.op("set-codex-cli-routing", "--default-model=__codex_cli_inherit__")
    found = tomllib.loads((routed.home / ".codex/config.toml").read_text())
    assert "model" not in found and found["model_provider"] == "llm-router"


def test_factory_droid_with_models_for_missions(routed: Cli) -> None:
    routed.op(
        "set-factory-droid-routing",
        "--default-model=fast",
        "--mission-orchestrator-model=p/m",
        "--mission-worker-model=p/m2",
        "--mission-validator-model=q/n",
        "--reasoning-effort=medium",
    )
    found = settings(routed, ".factory/settings.json")
    assert found["missionOrchestratorModel"] == "custom:llm-p-m"
    assert found["missionModelSettings"] == {
        "workerModel": "custom:llm-p-m2",
        "validationWorkerModel": "custom:llm-q-n",
    }
    assert found["model"] == "custom:llm-alias-fast" and found["reasoningEffort"] == "medium"
    assert {"custom:llm-alias-fast", "custom:llm-p-m"} <= {each["id"] for each in found["customModels"]}


def test_a_dry_run_shows_what_would_be_written(routed: Cli) -> None:
    done = routed.op("set-claude-code-routing", "--default-model=fast", "--dry-run")
    assert f"{ORIGIN}/anthropic" in done.stdout and mask(KEY) in done.stdout and "canary" not in done.output
    assert list(routed.home.iterdir()) == [routed.file]


@pytest.mark.parametrize(
    ("flag", "code", "said"),
    [
        ("--default-model=fats", 1, "fast"),
        ("--default-opus-model=p/x", 1, "p/m"),
        ("--thinking-level=hihg", 2, "perhaps 'high' is meant"),
        ("--endpoint-url=nonsense", 2, "expected an http(s) URL"),
        ("--enabled=perhaps", 2, "expected true or false"),
    ],
)
def test_mistakes_are_named(routed: Cli, flag: str, code: int, said: str) -> None:
    done = routed.run("config", "--operation=set-claude-code-routing", flag)
    assert done.exit_code == code and said in done.stderr and list(routed.home.iterdir()) == [routed.file]


def test_a_file_that_cannot_be_read_is_left_alone(routed: Cli) -> None:
    file = routed.home / ".claude/settings.json"
    file.parent.mkdir()
    file.write_text("{")
    done = routed.run("config", "--operation=set-claude-code-routing", "--default-model=fast")
    assert done.exit_code == 1 and str(file) in done.stderr and file.read_text() == "{"


def test_the_state_of_tools(routed: Cli) -> None:
    routed.op("set-claude-code-routing", "--default-model=fast")
    found = json.loads(routed.op("tool-status", "--json").stdout)
    states = {each["tool"]: each["state"] for each in found["tools"]}
    assert states["claude-code"] == "on" and states["codex"] == "off"
    assert "Coding Tool Routing Status" in routed.op("tool-status").stdout


def test_a_configuration_that_cannot_be_read_connects_nothing(cli: Cli, tmp_path: Path) -> None:
    cli.file.write_text("{")
    done = cli.run("config", "--operation=set-codex-cli-routing", "--default-model=x")
    assert done.exit_code == 1 and "cannot be used" in done.stderr and not (cli.home / ".codex").exists()
