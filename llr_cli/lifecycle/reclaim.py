"""`llr reclaim`: frees the router's port from whoever listens there, if its person wants that."""

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from llr_cli import render
from llr_cli.address import DEFAULT_PORT
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.edge.instance import Instance
    from addons.edge.listeners import Listener

TERM_SECONDS = 3.0
KILL_SECONDS = 2.0
SHOWN_CHARACTERS = 200

Port = Annotated[int, typer.Option(help="The port to free.", envvar="LLM_ROUTER_PORT", min=1, max=65535)]


def reclaim(
    port: Port = DEFAULT_PORT,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Free the router's port from whoever holds it.

    Who it is is shown, and nothing is ended before you say yes. It is asked to end (SIGTERM), and made to after
    three seconds.
    """
    from addons.edge.listeners import is_taken, listeners

    found = listeners(port)
    if not found:
        if not is_taken("127.0.0.1", port):
            render.line(f"Nobody listens at port {port}.")
            return
        render.error(f"port {port} is taken by a process that is not yours (or not on this system): it is left alone")
        raise typer.Exit(Exit.FAILURE)
    routers = _routers()
    for listener in found:
        _check(listener, port)
        render.line(f"port {port}: {_described(listener, routers)}")
    if not yes and not _agreed(len(found)):
        render.line("Nothing was ended.")
        raise typer.Exit(Exit.FAILURE)
    ended = [_end(listener, port, routers) for listener in found]
    if all(ended) and not is_taken("127.0.0.1", port):
        render.line(f"Port {port} is free.")
        return
    render.error(f"port {port} is still taken")
    raise typer.Exit(Exit.FAILURE)


def _routers() -> "dict[int, Instance]":
    from addons.edge.instance import instances

    return {each.pid: each for each in instances(os.environ)}


def _check(listener: "Listener", port: int) -> None:
    """Whoever runs this command, be it a terminal inside an editor, would end with it."""
    from addons.edge.processes import ancestors

    if listener.pid in ancestors(os.getpid()) or listener.pid <= 1:
        render.error(f"port {port} is held by pid {listener.pid}, which this command runs in: it is left alone")
        raise typer.Exit(Exit.FAILURE)


def _described(listener: "Listener", routers: "dict[int, Instance]") -> str:
    command = " ".join(listener.command) or "its command is not known"
    shown = command if len(command) <= SHOWN_CHARACTERS else f"{command[:SHOWN_CHARACTERS]}…"
    kind = "a router of yours, " if listener.pid in routers else ""
    return f"{kind}pid {listener.pid}: {shown}"


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        render.note("There is no terminal to ask at; --yes ends it without asking.")
        return False
    return typer.confirm("End it?" if count == 1 else f"End these {count}?")


def _end(listener: "Listener", port: int, routers: "dict[int, Instance]") -> bool:
    """Whether it has ended. What listens there no more is left alone."""
    from addons.edge.listeners import listeners
    from addons.edge.processes import send, wait
    from llr_cli.lifecycle import stop

    if listener.pid in routers:
        return stop.end(routers[listener.pid])
    if (listener.pid, listener.started) not in {(each.pid, each.started) for each in listeners(port)}:
        return True
    try:
        for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
            if not send(listener.pid, listener.started, number) or wait(listener.pid, listener.started, seconds):
                render.line(f"pid {listener.pid} has ended")
                return True
    except PermissionError:
        render.error(f"pid {listener.pid} belongs to somebody else")
    return False
