"""`llr config default`."""

from typing import Annotated

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, do

app = typer.Typer(help="What answers a request that names no model.", no_args_is_help=True)


@app.command("set")
def set_default(
    ref: Annotated[str, typer.Argument(metavar="REF", help="provider/model, or an alias.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set the default model."""
    do("set-default-model", {"default-model": ref}, config_file, dry_run, as_json)


@app.command()
def clear(config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Have no default model."""
    do("set-default-model", {"clear": True}, config_file, dry_run, as_json)


@app.command()
def show(config_file: File = None, as_json: AsJson = False) -> None:
    """Show the default model."""
    do("show-default-model", {}, config_file, False, as_json)
