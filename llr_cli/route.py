"""`llr route`: what the router would do, without doing it."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.config import AsJson, File
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.core.plan import Route

app = typer.Typer(help="Explain routing decisions.", no_args_is_help=True)


@app.callback()
def root() -> None:
    pass


@app.command()
def explain(
    model: Annotated[str, typer.Argument(help="The model name that a client would ask for.")],
    client_format: Annotated[
        str, typer.Option("--format", help="The client's format: claude, openai, openai-responses, gemini …")
    ] = "claude",
    config_file: File = None,
    as_json: AsJson = False,
) -> None:
    """Show the candidates for MODEL in the order of trying, and why."""
    from addons.config import ConfigProblem, load
    from addons.config.models import FORMATS
    from addons.core.resolve import NoCandidate, UnknownModel, resolve

    if client_format not in FORMATS:
        render.error(f"--format: one of {', '.join(sorted(FORMATS))} is expected, not {client_format!r}")
        raise typer.Exit(Exit.USAGE)
    try:
        route = resolve(load(config_file, os.environ).plan, model, FORMATS[client_format])
    except (ConfigProblem, UnknownModel, NoCandidate) as problem:
        if as_json:
            render.json({"ok": False, "error": str(problem), "nearest": getattr(problem, "nearest", [])})
        else:
            render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    if as_json:
        render.json(_summary(route))
    else:
        _show(route)


def _summary(route: "Route") -> dict[str, Any]:
    return {
        "ok": True,
        "requested": route.requested,
        "type": route.kind,
        "ref": route.ref,
        "strategy": route.strategy,
        "candidates": [
            {
                "ref": candidate.ref,
                "dialect": str(candidate.dialect),
                "url": candidate.url(),
                "tier": candidate.tier,
                "why": candidate.why,
            }
            for candidate in route.candidates
        ],
        "skipped": list(route.skipped),
    }


def _show(route: "Route") -> None:
    render.line(f"{route.requested!r} is {route.kind} {route.ref} (strategy: {route.strategy})")
    render.table(
        ("#", "candidate", "tier", "dialect", "endpoint", "why"),
        [
            (str(n), candidate.ref, candidate.tier, str(candidate.dialect), candidate.url(), candidate.why)
            for n, candidate in enumerate(route.candidates, 1)
        ],
    )
    for skipped in route.skipped:
        render.warning(f"skipped {skipped}")
