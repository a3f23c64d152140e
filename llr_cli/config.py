"""`llr config`: make, find and check the configuration."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.config import Loaded
    from addons.core.plan import Provider

app = typer.Typer(help="Make, find and check the configuration.", no_args_is_help=True)

File = Annotated[Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

STARTER = """\
{
  "version": 2,
  "providers": [
    {
      "id": "openai",
      "name": "OpenAI",
      "baseUrl": "https://api.openai.com/v1",
      "apiKeyEnv": "OPENAI_API_KEY",
      "formats": ["openai-responses", "openai"],
      "models": ["gpt-5.5", "gpt-5.4-nano"]
    },
    {
      "id": "anthropic",
      "name": "Anthropic",
      "baseUrl": "https://api.anthropic.com",
      "apiKeyEnv": "ANTHROPIC_API_KEY",
      "format": "claude",
      "models": ["claude-opus-5-5", "claude-haiku-5-5"]
    }
  ],
  "defaultModel": "alias:main",
  "modelAliases": {
    "main": {
      "strategy": "ordered",
      "targets": ["anthropic/claude-opus-5-5"],
      "fallbackTargets": ["openai/gpt-5.5"]
    },
    "claude-opus-*": { "targets": ["main"] },
    "claude-sonnet-*": { "targets": ["main"] },
    "claude-haiku-*": {
      "targets": ["anthropic/claude-haiku-5-5"],
      "fallbackTargets": ["openai/gpt-5.4-nano"]
    },
    "claude-*": { "targets": ["main"] },
    "gpt-*": { "targets": ["main"] }
  }
}
"""


@app.command()
def init(config_file: File = None) -> None:
    """Write a first configuration (never over an existing one)."""
    from addons.config import config_path

    path = config_path(config_file, os.environ)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        render.error(f"{path} exists already; it stays as it is")
        raise typer.Exit(Exit.FAILURE) from None
    except OSError as error:
        render.error(f"{path} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(STARTER)
    render.line(f"{path} is made. Set OPENAI_API_KEY or ANTHROPIC_API_KEY (or edit the file), then: llr start")


@app.command()
def path(config_file: File = None) -> None:
    """Print the path of the configuration file."""
    from addons.config import config_path

    render.line(str(config_path(config_file, os.environ)))


@app.command()
def validate(config_file: File = None, as_json: AsJson = False) -> None:
    """Check the configuration and show what it says."""
    from addons.config import ConfigProblem, load

    try:
        loaded = load(config_file, os.environ)
    except ConfigProblem as problem:
        if as_json:
            render.json({"ok": False, "source": problem.source, "problems": problem.problems})
        else:
            render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    if as_json:
        render.json(_summary(loaded))
    else:
        _show(loaded)


def _summary(loaded: "Loaded") -> dict[str, Any]:
    plan = loaded.plan
    return {
        "ok": True,
        "source": loaded.source,
        "providers": [
            {
                "id": provider.id,
                "endpoints": {str(dialect): url for dialect, url in provider.endpoints.items()},
                "key": _key(provider),
                "models": [model.id for model in provider.models],
            }
            for provider in plan.providers
        ],
        "aliases": {
            name: {
                "targets": [target.ref for target in alias.targets],
                "fallbackTargets": [target.ref for target in alias.fallbacks],
            }
            for name, alias in plan.aliases.items()
        },
        "defaultModel": plan.default_model,
        "masterKey": plan.master_key is not None,
        "warnings": list(loaded.warnings),
    }


def _show(loaded: "Loaded") -> None:
    summary = _summary(loaded)
    render.line(f"{loaded.source} is valid.")
    render.table(
        ("provider", "format", "endpoint", "key", "models"),
        [
            (each["id"], dialect, url, each["key"], ", ".join(each["models"]))
            for each in summary["providers"]
            for dialect, url in each["endpoints"].items()
        ],
    )
    if summary["aliases"]:
        render.table(
            ("alias", "targets", "fallback targets"),
            [
                (name, ", ".join(alias["targets"]), ", ".join(alias["fallbackTargets"]))
                for name, alias in summary["aliases"].items()
            ],
        )
    render.line(f"default model: {summary['defaultModel'] or 'none'}")
    render.line(f"master key: {'set' if summary['masterKey'] else 'none'}")
    for warning in loaded.warnings:
        render.warning(warning)


def _key(provider: "Provider") -> str:
    """Whether there is a key; at most its last four characters are shown."""
    if provider.key_problem:
        return f"missing: {provider.key_problem}"
    if provider.key is None:
        return "none"
    return f"…{provider.key[-4:]}" if len(provider.key) >= 16 else "set"
