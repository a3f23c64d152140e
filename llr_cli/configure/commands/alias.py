"""`llr config alias`."""

from typing import Annotated, Any

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, do

app = typer.Typer(help="Aliases: names of your own, and who answers for them.", no_args_is_help=True)

AliasId = Annotated[str, typer.Argument(metavar="ALIAS", help="The alias; with * and ? a glob.")]
Targets = Annotated[
    str | None, typer.Option("--targets", help="provider/model or another alias, as ref or ref@weight, by commas.")
]
Strategy = Annotated[
    str | None,
    typer.Option(help="ordered, auto, round-robin, weighted-rr, quota-aware-weighted-rr, least-latency, least-busy."),
]
Fallbacks = Annotated[str | None, typer.Option("--fallbacks", help="Who answers when no target can.")]
Metadata = Annotated[str | None, typer.Option(help="Anything, as JSON.")]
Hedge = Annotated[int | None, typer.Option(min=0, help="After how many milliseconds a silent target gets company.")]
Hold = Annotated[bool | None, typer.Option("--hold/--no-hold", help="Wait for a limit to reset.")]
Join = Annotated[bool | None, typer.Option("--join/--no-join", help="Join a request that runs already.")]
Affinity = Annotated[bool | None, typer.Option("--affinity/--no-affinity", help="Keep a conversation with its target.")]


@app.command()
def add(
    alias: AliasId,
    targets: Targets = None,
    strategy: Strategy = None,
    fallbacks: Fallbacks = None,
    metadata: Metadata = None,
    hedge_ms: Hedge = None,
    hold: Hold = None,
    join: Join = None,
    affinity: Affinity = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add an alias."""
    given = _given(alias, targets, strategy, fallbacks, metadata, hedge_ms, hold, join, affinity)
    do("create-model-alias", given, config_file, dry_run, as_json)


@app.command()
def edit(
    alias: AliasId,
    targets: Targets = None,
    strategy: Strategy = None,
    fallbacks: Fallbacks = None,
    clear_fallbacks: Annotated[bool, typer.Option("--clear-fallbacks", help="Take the fallbacks away.")] = False,
    metadata: Metadata = None,
    hedge_ms: Hedge = None,
    hold: Hold = None,
    join: Join = None,
    affinity: Affinity = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change an alias; what is not said stays."""
    given = _given(alias, targets, strategy, fallbacks, metadata, hedge_ms, hold, join, affinity)
    do("change-model-alias", {**given, "clear-fallback-targets": clear_fallbacks}, config_file, dry_run, as_json)


@app.command()
def remove(alias: AliasId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remove an alias that nothing refers to."""
    do("remove-model-alias", {"alias-id": alias}, config_file, dry_run, as_json)


@app.command("list")
def listed(config_file: File = None, as_json: AsJson = False) -> None:
    """List aliases."""
    do("list-aliases", {}, config_file, False, as_json)


def _given(
    alias: str,
    targets: str | None,
    strategy: str | None,
    fallbacks: str | None,
    metadata: str | None,
    hedge_ms: int | None,
    hold: bool | None,
    join: bool | None,
    affinity: bool | None,
) -> dict[str, Any]:
    return {
        "alias-id": alias,
        "targets": targets,
        "strategy": strategy,
        "fallback-targets": fallbacks,
        "alias-metadata": metadata,
        "hedge-ms": hedge_ms,
        "hold-until-reset": hold,
        "join-duplicates": join,
        "affinity": affinity,
    }
