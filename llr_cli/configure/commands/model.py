"""`llr config model`."""

from typing import Annotated

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, ModelId, ProviderId, Windows, do

app = typer.Typer(help="The models of a provider.", no_args_is_help=True)


@app.command()
def add(
    provider: ProviderId,
    models: Annotated[list[str], typer.Argument(metavar="MODEL…", help="Names of models.")],
    windows: Windows = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add models beside those that the provider has."""
    given = {"provider-id": provider, "models": ",".join(models), "model-context-windows": windows}
    do("add-models", given, config_file, dry_run, as_json)


@app.command()
def edit(
    provider: ProviderId,
    model: ModelId,
    context_window: Annotated[int | None, typer.Option(min=0, help="In tokens; 0 takes it away.")] = None,
    formats: Annotated[str | None, typer.Option(help="What the model speaks; empty: what its provider does.")] = None,
    aliases: Annotated[str | None, typer.Option(help="Other names of the model, separated by commas.")] = None,
    capabilities: Annotated[str | None, typer.Option(help='As in {"supportsThinking": false}.')] = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether the model is used.")] = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a model."""
    given = {
        "provider-id": provider,
        "model": model,
        "context-window": context_window,
        "formats": formats,
        "model-aliases": aliases,
        "capabilities": capabilities,
        "enabled": enabled,
    }
    do("edit-model", given, config_file, dry_run, as_json)


@app.command()
def remove(
    provider: ProviderId, model: ModelId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Remove a model that nothing refers to."""
    do("remove-model", {"provider-id": provider, "model": model}, config_file, dry_run, as_json)
