"""Which of this person's routers a command means."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.edge.instance import Instance

Port = Annotated[int | None, typer.Option(help="The port of the router.", min=1, max=65535)]
Every = Annotated[bool, typer.Option("--all", help="Every router of yours.")]


def chosen(port: int | None, every: bool) -> "list[Instance]":
    """The routers that are meant; none when none runs. Ends the command when that is not clear."""
    from addons.edge.instance import instances

    if port is not None and every:
        render.error("--port names one router, --all means every one: only one of them, please")
        raise typer.Exit(Exit.USAGE)
    running = instances(os.environ)
    if port is not None:
        return [each for each in running if each.port == port]
    if len(running) > 1 and not every:
        known = ", ".join(str(each.port) for each in running)
        render.error(f"several routers run, at the ports {known}: name one with --port, or take --all")
        raise typer.Exit(Exit.USAGE)
    return running


def nobody(port: int | None) -> str:
    """That no router runs, in words."""
    return f"no router of yours runs{'' if port is None else f' at port {port}'}"
