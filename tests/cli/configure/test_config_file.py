"""Specification of the commands on the file as a whole: set, unset, migrate, edit, schema, validate, path."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.configuring import DOCUMENT, Cli, Provider


def test_any_value_by_its_path(cli: Cli) -> None:
    cli.config("set", "webSearch.count", "7")
    cli.config("set", "providers[0].deadlines.idleMs", "1000")
    cli.config("set", 'modelAliases."claude-3.5".targets', '["p/m"]')
    cli.config("set", "metadata.localServer.requireAuth", "true")
    document = cli.document
    assert document["webSearch"] == {"count": 7} and document["providers"][0]["deadlines"] == {"idleMs": 1000}
    assert document["modelAliases"]["claude-3.5"] == {"targets": ["p/m"]}
    cli.config("unset", "webSearch")
    assert "webSearch" not in cli.document


@pytest.mark.parametrize("path", ["", "a..b", "a[x]", ".a"])
def test_a_path_that_is_none_is_a_mistake_of_the_command(cli: Cli, path: str) -> None:
    assert cli.run("config", "set", path, "1").exit_code == 2


def test_a_value_that_the_router_refuses_is_not_set(cli: Cli) -> None:
    done = cli.run("config", "set", "defaultModel", "nobody")
    assert done.exit_code == 1 and "defaultModel" in done.stderr and cli.document == DOCUMENT
    assert cli.run("config", "unset", "nothing.here").exit_code == 1
    assert cli.run("config", "set", "version.a", "1").exit_code == 1


@pytest.mark.parametrize(
    "words", [("list",), ("default", "set", "p/m"), ("provider", "list"), ("--operation=snapshot",)]
)
def test_a_file_that_cannot_be_read_is_named_with_the_place(cli: Cli, words: tuple[str, ...]) -> None:
    cli.file.write_text('{\n  "version": }')
    done = cli.run("config", *words)
    assert done.exit_code == 1 and f"{cli.file}: line 2, column 14: expected a value" in done.stderr


def test_an_older_file_is_migrated_with_a_copy(cli: Cli) -> None:
    old = {"version": 1, "providers": [DOCUMENT["providers"][0]], "mine": 1.50}
    cli.have(old)
    before = cli.file.read_bytes()
    cli.op("migrate-config")
    expected = {**old, "version": 2, "providers": [{**DOCUMENT["providers"][0], "rateLimits": []}], "modelAliases": {}}
    assert cli.document == expected and "1.5" in cli.file.read_text()
    (copy,) = cli.home.glob(".llm-router.json.bak.*")
    assert copy.read_bytes() == before and copy.stat().st_mode == cli.file.stat().st_mode
    cli.config("migrate")
    assert cli.document == expected


def test_a_migration_without_a_copy_and_to_a_version_that_is_none(cli: Cli) -> None:
    cli.have({"version": 1, "providers": []})
    cli.op("migrate-config", "--create-backup=false", "--target-version=2")
    assert not list(cli.home.glob("*.bak.*")) and cli.document["version"] == 2
    done = cli.run("config", "migrate", "--target-version", 3)
    assert done.exit_code == 2 and "expected 1 to 2" in done.stderr


def test_a_newer_file_stays(cli: Cli) -> None:
    cli.have({"version": 3, "providers": []})
    cli.config("migrate")
    assert cli.document == {"version": 3, "providers": []}


def editor(cli: Cli, script: str) -> None:
    """`$EDITOR` is a program that runs `script` with the text in `t` and its path in `p`."""
    file = cli.home / "editor.py"
    file.write_text(f"import pathlib, sys\np = pathlib.Path(sys.argv[1]); t = p.read_text()\n{script}\n")
    cli.env["VISUAL"] = None
    cli.env["EDITOR"] = f"{sys.executable} {file}"


def test_an_editor_gets_a_copy_for_its_owner_alone(cli: Cli) -> None:
    editor(cli, 'assert p.stat().st_mode & 0o777 == 0o600\np.write_text(t.replace("fast", "quick"))')
    assert "is saved" in cli.config("edit").stdout
    assert cli.document["defaultModel"] == "quick"


def test_an_editor_that_changes_nothing(cli: Cli) -> None:
    editor(cli, "")
    before = cli.file.stat().st_mtime_ns
    assert "as it was" in cli.config("edit").stdout and cli.file.stat().st_mtime_ns == before


@pytest.mark.parametrize("change", ["'{'", 't.replace("p/m\\"", "p/x\\"")'])
def test_what_comes_back_invalid_is_kept_elsewhere(cli: Cli, change: str) -> None:
    editor(cli, f"p.write_text({change})")
    done = cli.run("config", "edit")
    assert done.exit_code == 1 and "your text is kept in" in done.stderr and cli.document == DOCUMENT
    kept = Path(done.stderr.partition("your text is kept in ")[2].partition(")")[0].strip().replace("\n", ""))
    assert kept.read_text() != cli.file.read_text()


def test_a_file_that_changed_meanwhile_is_not_overwritten(cli: Cli) -> None:
    editor(cli, f'p.write_text(t.replace("fast", "quick"))\npathlib.Path({str(cli.file)!r}).write_text("{{}}")')
    done = cli.run("config", "edit")
    assert done.exit_code == 1 and "changed meanwhile" in done.stderr and cli.document == {}


@pytest.mark.parametrize("command", ["false", "no-such-editor-anywhere"])
def test_an_editor_that_fails(cli: Cli, command: str) -> None:
    cli.env |= {"VISUAL": command}
    done = cli.run("config", "edit")
    assert done.exit_code == 1 and cli.document == DOCUMENT


def test_the_schema_knows_every_spelling_and_is_json(cli: Cli) -> None:
    found = json.loads(cli.config("schema").stdout)
    assert {"providers", "modelAliases", "model-aliases", "masterKey", "amp"} <= found["properties"].keys()
    assert {"baseUrl", "base-url", "endpoint"} <= found["$defs"]["ProviderNode"]["properties"].keys()
    assert {"type": "string"} in found["$defs"]["ModelNode"]["anyOf"]
    assert "required" not in found


def test_context_windows_are_looked_up(cli: Cli, provider: Provider) -> None:
    provider.answers["/prices.json"] = lambda _: (
        200,
        {
            "gpt-x": {"max_input_tokens": 400},
            "azure/glm-5": {"max_input_tokens": 100},
            "zai/glm-5": {"max_input_tokens": 300},
            "old": {"max_tokens": 5},
            "none": {"mode": "image"},
        },
    )
    flags = (f"--catalog-url={provider.url}/prices.json", "--json")
    found = json.loads(cli.op("litellm-context-lookup", "--models=gpt-x,my/glm-5,old,gpt-xx", *flags).stdout)["models"]
    assert [each.get("contextWindow") for each in found] == [400, 200, 5, None]
    assert found[3]["suggestions"] == ["gpt-x"]
    done = cli.run("config", "--op=litellm-context-lookup", "--models=x", f"--catalog-url={provider.url}/nothing")
    assert done.exit_code == 1 and "cannot be read" in done.stderr


def real(cli: Cli, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {"HOME": str(cli.home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "llr_cli.main", "config", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, input=stdin, check=False, timeout=60)


def test_a_real_process_from_nothing_to_a_valid_configuration(fresh: Cli) -> None:
    steps: list[tuple[str, ...]] = [
        ("provider", "add", "groq", "--models", "m,n", "--api-key", "-"),
        ("alias", "add", "main", "--targets", "groq/m@2,groq/n", "--strategy", "weighted-rr"),
        ("--operation=set-provider-rate-limits", "--provider-id=groq", "--bucket-requests=30", "--bucket-window=1m"),
        ("default", "set", "main"),
        ("key", "generate"),
        ("validate",),
    ]
    for words in steps:
        done = real(fresh, *words, stdin="gsk-canary-0123456789\n")
        assert done.returncode == 0 and done.stderr == "" and "canary" not in done.stdout, (words, done)
    assert fresh.document["providers"][0]["apiKey"] == "gsk-canary-0123456789"


@pytest.mark.parametrize(
    ("words", "code"),
    [(("validate",), 1), (("--operation=nothing",), 2), (("provider", "add"), 2), (("alias", "remove", "x"), 1),
     (("list",), 0)],
)  # fmt: skip
def test_exit_codes_of_a_real_process_without_a_traceback(fresh: Cli, words: tuple[str, ...], code: int) -> None:
    done = real(fresh, *words)
    assert done.returncode == code and "Traceback" not in done.stderr


def test_nothing_heavy_is_imported_for_help(fresh: Cli) -> None:
    script = "import sys; from llr_cli.main import app\ntry:\n app(['--help'])\nexcept SystemExit: pass\n"
    heavy = ("pydantic", "httpx", "aiohttp", "mitmproxy", "llr_cli.configure.store")
    script += f"print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_subcommand_has_help(cli: Cli) -> None:
    import typer

    from llr_cli.config import app

    group: Any = typer.main.get_command(app)
    context = group.make_context("config", [], resilient_parsing=True)
    seen = 0
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = command.list_commands(context) if hasattr(command, "list_commands") else [None]
        for each in inner:
            words = [word for word in (name, each) if word]
            if name != "operation":
                done = cli.run("config", *words, "--help")
                assert done.exit_code == 0 and "Usage: " in done.stdout, words
                seen += 1
    assert seen > 40
