"""`llr config fallbacks`."""

from typing import Annotated

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, ModelId, ProviderId, do

app = typer.Typer(help="Fallbacks of single models.", no_args_is_help=True)


@app.command("set")
def set_fallbacks(
    provider: ProviderId,
    model: ModelId,
    fallbacks: Annotated[list[str], typer.Argument(metavar="REF…", help="provider/model, the first one first.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say who answers when a model cannot."""
    given = {"provider-id": provider, "model": model, "fallback-models": ",".join(fallbacks)}
    do("set-model-fallbacks", given, config_file, dry_run, as_json)


@app.command()
def clear(
    provider: ProviderId, model: ModelId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Take the fallbacks of a model away."""
    given = {"provider-id": provider, "model": model, "clear-fallbacks": True}
    do("set-model-fallbacks", given, config_file, dry_run, as_json)


@app.command("list")
def listed(config_file: File = None, as_json: AsJson = False) -> None:
    """List the models that have fallbacks."""
    do("list-fallbacks", {}, config_file, False, as_json)
