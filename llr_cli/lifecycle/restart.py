"""`llr restart`: ends a router, and starts it again as it was started."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from llr_cli import render
from llr_cli.exits import Exit
from llr_cli.lifecycle.choice import Every, Port, chosen, nobody

if TYPE_CHECKING:
    from addons.edge.instance import Instance


def restart(port: Port = None, every: Every = False) -> None:
    """End a running router, and start it again as it was.

    It runs in the background afterwards. Variables of the environment are those of this shell; of others it keeps what
    it had. A configuration that it could not start with leaves it running.
    """
    running = chosen(port, every)
    if not running:
        render.error(f"{nobody(port)}; `llr start --detach` starts one")
        raise typer.Exit(Exit.FAILURE)
    done = [_restarted(instance) for instance in running]
    raise typer.Exit(Exit.OK if all(done) else Exit.FAILURE)


def _restarted(instance: "Instance") -> bool:
    from llr_cli.lifecycle.startup import restart_service

    env = _environment(instance)
    problem = _problem(instance, env)
    if problem:
        render.error(f"the router at port {instance.port} stays as it is: {problem}")
        return False
    if instance.service:
        return restart_service(instance.service)
    return _ended_and_started(instance, env)


def _ended_and_started(instance: "Instance", env: dict[str, str]) -> bool:
    from llr_cli.lifecycle.detach import NotStarted, started, tell
    from llr_cli.lifecycle.stop import end
    from llr_cli.lifecycle.words import with_options

    if not end(instance):
        return False
    words = with_options(instance.words, "--port", str(instance.port))
    try:
        tell(started(words, instance.port, env, Path(instance.folder or ".")))
    except NotStarted as failure:
        render.as_is(str(failure))
        return False
    except OSError as error:
        render.error(f"{error.filename or 'the log'} cannot be written: {error.strerror}")
        return False
    return True


def _environment(instance: "Instance") -> dict[str, str]:
    """Keys that the router was given need not be in the shell that restarts it."""
    from addons.edge.processes import environment_of

    return {**environment_of(instance.pid), **os.environ}


def _problem(instance: "Instance", env: dict[str, str]) -> str:
    """Why a router could not start with the configuration as it is now."""
    from addons.config import ConfigProblem, load
    from llr_cli.lifecycle.words import config_of

    try:
        load(config_of(instance.words, instance.folder), env)
    except ConfigProblem as problem:
        return str(problem)
    return ""
