"""`llr config alias`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, do

app = typer.Typer(help="Aliases: names of your own, and who answers for them.", no_args_is_help=True)

COMMON = frozenset({"config_file", "dry_run", "as_json"})
FLAGS = {
    "alias": "alias-id",
    "fallbacks": "fallback-targets",
    "clear_fallbacks": "clear-fallback-targets",
    "metadata": "alias-metadata",
    "hedge_ms": "hedge-ms",
    "hold": "hold-until-reset",
    "join": "join-duplicates",
}

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
    context: typer.Context,
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
    given = _given(context.params)
    do("create-model-alias", given, config_file, dry_run, as_json)


@app.command()
def edit(
    context: typer.Context,
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
    given = _given(context.params)
    do("change-model-alias", given, config_file, dry_run, as_json)


@app.command()
def remove(alias: AliasId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remove an alias that nothing refers to."""
    do("remove-model-alias", {"alias-id": alias}, config_file, dry_run, as_json)


@app.command()
def rename(
    alias: AliasId,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="The name that it gets.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give an alias another name, and change whatever refers to it."""
    do("rename-model-alias", {"alias-id": alias, "new-name": new_name}, config_file, dry_run, as_json)


@app.command("list")
def listed(config_file: File = None, as_json: AsJson = False) -> None:
    """List aliases."""
    do("list-aliases", {}, config_file, False, as_json)


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    """Options by the names of the flags."""
    return {FLAGS.get(name, name): value for name, value in said.items() if name not in COMMON}
