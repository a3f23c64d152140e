"""`llr stop`: ends routers of this person, and nobody else."""

import signal
from typing import TYPE_CHECKING, Annotated

import typer

from llr_cli import render
from llr_cli.exits import Exit
from llr_cli.lifecycle.choice import Every, Port, chosen, nobody

if TYPE_CHECKING:
    from addons.edge.instance import Instance

# beyond the grace of the streams: what has to be kept is written then
CLOSE_SECONDS = 10.0
TOLD_AFTER_SECONDS = 1.0


def stop(
    port: Port = None,
    every: Every = False,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for running streams.")] = False,
) -> None:
    """End a running router.

    The streams that run get the time that it was started with (--grace).
    """
    running = chosen(port, every)
    if not running:
        render.line(nobody(port))
        return
    ended = [end(instance, now=now) for instance in running]
    raise typer.Exit(Exit.OK if all(ended) else Exit.FAILURE)


def end(instance: "Instance", *, now: bool = False) -> bool:
    """Ends one router and says so; gives whether it has ended."""
    try:
        ended = _ended(instance, now=now)
    except PermissionError:
        render.error(f"the router at port {instance.port} (pid {instance.pid}) belongs to somebody else")
        return False
    if ended:
        render.line(f"the router at port {instance.port} (pid {instance.pid}) has ended")
        return True
    render.error(
        f"the router at port {instance.port} (pid {instance.pid}) still runs; `llr stop --now --port {instance.port}` "
        "does not wait for its streams"
    )
    return False


def _ended(instance: "Instance", *, now: bool) -> bool:
    from addons.edge import processes

    pid, started = instance.pid, instance.started
    if not processes.send(pid, started, signal.SIGTERM):
        return True
    if not now:
        return _waited(instance)
    # the second signal ends the grace, the last one whatever hangs
    if processes.wait(pid, started, processes.POLL_SECONDS) or not processes.send(pid, started, signal.SIGTERM):
        return True
    if processes.wait(pid, started, CLOSE_SECONDS):
        return True
    processes.send(pid, started, signal.SIGKILL)
    return processes.wait(pid, started, CLOSE_SECONDS)


def _waited(instance: "Instance") -> bool:
    from addons.edge import processes

    if processes.wait(instance.pid, instance.started, TOLD_AFTER_SECONDS):
        return True
    render.note(f"it has not ended yet: streams that run have {instance.grace:g} s")
    return processes.wait(instance.pid, instance.started, instance.grace + CLOSE_SECONDS)
