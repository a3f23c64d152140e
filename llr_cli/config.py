"""`llr config`: make, change, check and show the configuration."""

import os
from typing import Annotated

import typer

from llr_cli import render
from llr_cli.configure.commands.options import AsJson, DryRun, File, do
from llr_cli.configure.group import ConfigGroup
from llr_cli.exits import Exit

__all__ = ["AsJson", "File", "app"]

app = typer.Typer(
    cls=ConfigGroup, help="Make, change, check and show the configuration.", no_args_is_help=True, rich_markup_mode=None
)

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
def init(config_file: File = None, as_json: AsJson = False) -> None:
    """Write a first configuration (never over an existing one)."""
    from addons.config import config_path

    path = config_path(config_file, os.environ)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _failed(f"{path} exists already; it stays as it is", as_json) from None
    except OSError as error:
        raise _failed(f"{path} cannot be written: {error.strerror}", as_json) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(STARTER)
    if as_json:
        render.json({"ok": True, "file": str(path)})
    else:
        render.line(f"{path} is made. Set OPENAI_API_KEY or ANTHROPIC_API_KEY (or edit the file), then: llr start")


def _failed(text: str, as_json: bool) -> typer.Exit:
    if as_json:
        render.json({"ok": False, "error": text})
    else:
        render.error(text)
    return typer.Exit(Exit.FAILURE)


@app.command()
def path(config_file: File = None, as_json: AsJson = False) -> None:
    """Print the path of the configuration file."""
    from addons.config import config_path

    found = config_path(config_file, os.environ)
    if as_json:
        render.json({"ok": True, "file": str(found), "exists": found.exists()})
    else:
        render.line(str(found))


@app.command()
def validate(config_file: File = None, as_json: AsJson = False) -> None:
    """Check the configuration and show what it says."""
    from llr_cli.configure.validate import validate as command

    raise typer.Exit(command(config_file, as_json=as_json))


@app.command("list")
def listed(config_file: File = None, as_json: AsJson = False) -> None:
    """Show everything that routes: providers, aliases, limits, fallbacks, AMP."""
    do("list", {}, config_file, False, as_json)


@app.command("set")
def set_value(
    where: Annotated[str, typer.Argument(metavar="PATH", help="webSearch.count, providers[0].deadlines.idleMs, …")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="JSON, or a text.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set any value by its path."""
    do("set-value", {"path": where, "value": value}, config_file, dry_run, as_json)


@app.command()
def unset(
    where: Annotated[str, typer.Argument(metavar="PATH", help="webSearch.count, providers[0].deadlines, …")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take any value away by its path."""
    do("unset-value", {"path": where}, config_file, dry_run, as_json)


@app.command()
def migrate(
    target_version: Annotated[int | None, typer.Option(help="The version to come to; the newest.")] = None,
    backup: Annotated[bool, typer.Option("--backup/--no-backup", help="Keep a copy beside the file.")] = True,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring the file to the newest version of the schema."""
    given = {"target-version": target_version, "create-backup": backup}
    do("migrate-config", given, config_file, dry_run, as_json)


@app.command()
def edit(config_file: File = None, as_json: AsJson = False) -> None:
    """Open the file in $VISUAL or $EDITOR; what the router would refuse is not taken."""
    from llr_cli.configure import report
    from llr_cli.configure.editor import edit as command
    from llr_cli.configure.refusal import Refused

    try:
        outcome = command(config_file, os.environ)
    except Refused as refused:
        report.refusal(refused, as_json=as_json)
        raise typer.Exit(refused.exit) from None
    report.edited(outcome, as_json=as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the file, for editors that check while you type."""
    from llr_cli.configure.schema import schema as made

    render.json(made())


@app.command()
def operations(as_json: AsJson = False) -> None:
    """List the operations of `llr config --operation=NAME`, with their flags."""
    from llr_cli.configure.operations_shown import show

    show(as_json=as_json)


@app.command(
    hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
def operation(context: typer.Context) -> None:
    """The predecessor's `llr config --operation=NAME --flags`."""
    from llr_cli.configure.perform import from_words

    raise typer.Exit(from_words(context.args))
