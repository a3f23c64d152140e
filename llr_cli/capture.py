"""`llr capture`: records what tools ask for, without what they say; and what can be made of such records."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from llr_cli import render, units
from llr_cli.address import DEFAULT_PORT
from llr_cli.capture_source import opened, source, usual_plan
from llr_cli.capture_tools import Tool
from llr_cli.exits import Exit
from llr_cli.front import Entrance, Mode

if TYPE_CHECKING:
    from addons.amp.plan import Schema
    from addons.core.plan import Plan


class RunsCommands(TyperGroup):
    """A group whose own options may be followed by `--` and a command to run."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        ctx.meta["command"] = args[end + 1 :]
        return super().parse_args(ctx, args[:end])


app = typer.Typer(
    cls=RunsCommands,
    invoke_without_command=True,
    help="Record what coding tools ask for.\n\nHow it is built, not what it says: `llr capture -- claude -p hi`.",
)


def _age(text: str) -> float:
    try:
        return units.span(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Dir = Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A capture's folder, or a file of mitmproxy's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")
]


@app.callback(options_metavar="[OPTIONS] [-- COMMAND…]")
def capture(
    context: typer.Context,
    tool: Annotated[Tool, typer.Option(help="Whose requests are recorded, and who the command is.")] = Tool.ANY,
    out: Annotated[Path | None, typer.Option(help="The folder to record into; default: a new one of state.")] = None,
    observe: Annotated[
        bool, typer.Option("--observe", help="Route nothing: pass everything to the tool's own provider, untouched.")
    ] = False,
    upstream: Annotated[
        str | None, typer.Option(metavar="URL", help="With --observe: the provider, if it is not the tool's usual one.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Keep texts too, for replay; secrets are removed all the same.")
    ] = False,
    mode: Annotated[
        Mode, typer.Option(help="A router; or a forward proxy as well, for what tools send to their vendors.")
    ] = Mode.REVERSE,
    config_file: ConfigFile = None,
    port: Annotated[
        int | None,
        typer.Option(help="The port to listen on; 0: any. Default: 8376, for a command any.", min=0, max=65535),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show decisions in x-llm-router-* headers and on stderr.")
    ] = False,
    grace: Annotated[float, typer.Option(help="Seconds that running streams get at the end.", min=0)] = 5.0,
    max_age: Annotated[
        float, typer.Option(parser=_age, metavar="AGE", help="Older requests are deleted: 12h, 7d …")
    ] = "7d",  # type: ignore[assignment]
    max_size: Annotated[
        int, typer.Option(metavar="MB", help="The oldest requests are deleted beyond it.", min=1)
    ] = 256,
) -> None:
    """Run the router and record its requests; with a command after `--`, run it in front of the router.

    The command finds the router by the variables of its tool (ANTHROPIC_BASE_URL and the like), and its exit code is
    passed on. Without a command, point a tool to the address that is shown.
    """
    if context.invoked_subcommand is not None:
        return
    if upstream and not observe:
        render.error("--upstream names whom to pass requests to, so it needs --observe")
        raise typer.Exit(Exit.USAGE)
    from llr_cli.capture_run import Options, run

    command = context.meta["command"]
    if port is None:
        port = 0 if command else DEFAULT_PORT
    chosen = Options(
        tool, out, full, observe, upstream, config_file, port, grace, max_age, max_size * 1024 * 1024, debug, command,
        Entrance(mode),
    )  # fmt: skip
    raise typer.Exit(run(chosen))


@app.command()
def report(folder: Dir, as_json: AsJson = False) -> None:
    """Show what was captured: the counts, and the model names by tool, mode and feature."""
    from addons.edge.capture_store import summed
    from llr_cli import capture_show

    found = summed(source(folder))
    if as_json:
        render.json({"summary": found.as_json(), **found.models_as_json()})
    else:
        capture_show.report(found.as_json(), found.models_as_json()["models"])


@app.command()
def suggest(folder: Dir, config_file: ConfigFile = None) -> None:
    """Print configuration for what nothing answers to: routes for AMP's modes and helpers, aliases for other names."""
    from addons.core.capture_suggest import suggest as suggested
    from addons.edge.capture_store import summed
    from llr_cli import capture_show

    plan = _plan(config_file)
    found = summed(source(folder, plan=plan))
    offered = [] if plan is None else [f"{each.id}/{model.id}" for each in plan.providers for model in each.models]
    schema: Schema = "routes" if plan is None else plan.amp.schema_in_use
    capture_show.suggestion(suggested(found.models_as_json()["models"], offered, schema))


def _plan(config_file: Path | None) -> "Plan | None":
    """The configuration; none is needed unless it is named."""
    from addons.config import ConfigProblem, load

    if config_file is None:
        return usual_plan()
    try:
        return load(config_file, os.environ).plan
    except ConfigProblem as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None


@app.command()
def diff(earlier: Dir, later: Dir, as_json: AsJson = False) -> None:
    """Show what changed on the wire between two captures: paths, headers, betas, fields, tools and models."""
    from addons.core.capture_diff import changes
    from llr_cli import capture_show

    found = changes(source(earlier).requests(), source(later).requests())
    if as_json:
        render.json([{"kind": each.kind, "what": each.what, "added": each.added} for each in found])
    else:
        capture_show.changes(found)


@app.command()
def purge(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="One capture; default: all of yours.")] = None,
    older_than: Annotated[
        float | None, typer.Option(parser=_age, metavar="AGE", help="Only requests older than this: 12h, 7d …")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete captures, or what is old in them. It is gone for good."""
    from llr_cli.capture_files import own_captures, purged

    chosen = own_captures() if folder is None else [opened(folder)]
    if folder is None and older_than is None and chosen and not yes and sys.stdin.isatty():
        typer.confirm(f"Delete {_captures(len(chosen))} for good?", abort=True)
    render.line(f"{purged(chosen, older_than)} requests deleted, of {_captures(len(chosen))}")


def _captures(count: int) -> str:
    return f"{count} capture" if count == 1 else f"{count} captures"


@app.command()
def export(folder: Dir, har: Annotated[Path, typer.Option(metavar="FILE", help="The HAR file to write.")]) -> None:
    """Write a capture as a HAR file, with nothing in it that the capture does not have."""
    from llr_cli.capture_files import write_har

    count = write_har(source(folder), har)
    render.line(f"{count} requests written to {har}")
