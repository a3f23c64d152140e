"""`llr config amp`."""

from typing import Annotated

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, do

app = typer.Typer(help="AMP: whom its requests go to, and its own server.", no_args_is_help=True)

Entity = Annotated[
    str, typer.Argument(metavar="ENTITY", help="smart, rush, deep, oracle, search, @signature and so on.")
]
Ref = Annotated[str, typer.Argument(metavar="REF", help="provider/model, or an alias.")]
Pattern = Annotated[str, typer.Argument(metavar="PATTERN", help="A model's name, a glob, or /regex/flags.")]


@app.command()
def upstream(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="AMP's own server.")] = None,
    api_key: Annotated[str | None, typer.Option(help="Its key; - reads it from standard input.")] = None,
    local_only: Annotated[
        bool | None, typer.Option("--local-only/--all-clients", help="Pass management on for local clients only.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take URL and key away.")] = False,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set AMP's own server, which management requests are passed on to."""
    given = {
        "amp-upstream-url": url,
        "amp-upstream-api-key": api_key,
        "amp-restrict-management-to-localhost": local_only,
        "clear-amp-upstream-url": clear or None,
        "clear-amp-upstream-api-key": clear or None,
    }
    do("set-amp-config", given, config_file, dry_run, as_json)


@app.command()
def default(ref: Ref, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Set whom requests go to that nothing else says."""
    do("set-amp-config", {"amp-default-route": ref}, config_file, dry_run, as_json)


@app.command()
def preset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="builtin, or none.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set whether AMP's built-in modes and agents are known."""
    do("set-amp-config", {"amp-preset": name}, config_file, dry_run, as_json)


@app.command()
def route(entity: Entity, ref: Ref, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Send a mode, an agent or a helper somewhere."""
    do("set-amp-config", {"amp-routes": f"{entity} => {ref}"}, config_file, dry_run, as_json)


@app.command()
def unroute(entity: Entity, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take a route away."""
    do("set-amp-config", {"amp-routes": f"{entity} => "}, config_file, dry_run, as_json)


@app.command("route-model")
def route_model(
    pattern: Pattern, ref: Ref, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Send the models of a pattern somewhere."""
    do("set-amp-config", {"amp-raw-model-routes": f"{pattern} => {ref}"}, config_file, dry_run, as_json)


@app.command()
def clear(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="routes, raw-model-routes, overrides, default-route, …")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a part of the block away."""
    from llr_cli.configure.amp import CLEARED
    from llr_cli.configure.refusal import nearest

    known = [flag.removeprefix("amp-") for flag in CLEARED]
    if what not in known:
        raise typer.BadParameter(f"{what!r} is none of {', '.join(known)}{nearest(what, known)}")
    do("set-amp-config", {f"clear-amp-{what}": True}, config_file, dry_run, as_json)


@app.command()
def show(config_file: File = None, as_json: AsJson = False) -> None:
    """Show the block."""
    do("show-amp", {}, config_file, False, as_json)
