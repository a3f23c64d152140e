"""`llr status`: which routers run, whom they can ask now, and what they have answered of late."""

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.core.activity import Entry
    from addons.edge.instance import Instance

UNAUTHORIZED = 401
OK = 200


def status(
    port: Annotated[int | None, typer.Option(help="Only the router at this port.", min=1, max=65535)] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show it anew, until Ctrl-C.")] = False,
    interval: Annotated[float, typer.Option(help="Seconds between two looks of --watch.", min=0.2, max=3600)] = 1.0,
    recent: Annotated[int, typer.Option(help="How many of the last requests are shown.", min=0, max=200)] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; with --watch an object in each line.")] = False,
) -> None:
    """Show running routers, targets and requests.

    Also who rests and why, and what is left of each limit. The exit code is 1 when no router runs, or one does not
    answer.
    """
    if watch:
        _watch(port, interval, recent, as_json)
        return
    found = look(port, recent)
    if as_json:
        render.json(found)
    else:
        _show(found)
    raise typer.Exit(Exit.OK if found["ok"] else Exit.FAILURE)


def look(port: int | None, recent: int) -> dict[str, Any]:
    """What is to be known now."""
    from addons.edge.instance import instances

    running = [each for each in instances(os.environ) if port in (None, each.port)]
    routers = [_router(each) for each in running]
    return {
        "ok": bool(routers) and all(each["answers"] for each in routers),
        "routers": routers,
        "recent": _recent(recent) if routers else [],
    }


def _watch(port: int | None, interval: float, recent: int, as_json: bool) -> None:
    from llr_cli.lifecycle.status_shown import parts, problems

    try:
        with render.Screen() as screen:
            while True:
                found = look(port, recent)
                if as_json:
                    render.json_line(found)
                else:
                    screen.show([*parts(found, time.time()), *problems(found)])
                time.sleep(interval)
    except KeyboardInterrupt:
        raise typer.Exit(Exit.OK) from None


def _show(found: dict[str, Any]) -> None:
    from llr_cli.lifecycle.status_shown import parts, problems

    render.page(parts(found, time.time()))
    for problem in problems(found):
        render.warning(problem)


def _router(instance: "Instance") -> dict[str, Any]:
    from addons.edge.probe import authority

    said = _said(instance)
    return {
        "url": f"{instance.scheme}://{authority(instance.host, instance.port)}",
        "pid": instance.pid,
        "port": instance.port,
        "host": instance.host,
        "since": instance.since,
        "version": instance.version,
        "configFile": instance.config,
        "log": instance.log or None,
        "service": instance.service or None,
        "answers": said is not None,
        "state": said,
    }


def _said(instance: "Instance") -> dict[str, Any] | None:
    """What the router says of itself; of one that wants a key that nobody knows, as much as anybody may know."""
    from addons.core.status import PATH
    from addons.edge.probe import health, told

    ask = partial(told, instance.host, instance.port, PATH, scheme=instance.scheme)
    found = ask()
    if found is not None and found[0] == UNAUTHORIZED:
        key = _master_key(instance)
        if key:
            found = ask({"authorization": f"Bearer {key}"})
    if found is not None and found[0] == OK:
        return found[1]
    return health(instance.host, instance.port, scheme=instance.scheme)


def _master_key(instance: "Instance") -> str | None:
    from addons.config import ConfigProblem, load
    from addons.edge.processes import environment_of
    from llr_cli.lifecycle.words import config_of

    env = {**os.environ, **environment_of(instance.pid)}
    try:
        return load(config_of(instance.words, instance.folder), env).plan.master_key
    except ConfigProblem:
        return None


def _recent(limit: int) -> list[dict[str, Any]]:
    from addons.core.activity import as_json

    return [as_json(entry) for entry in entries(limit)]


def entries(limit: int) -> "list[Entry]":
    """The last requests of all routers; none when the log cannot be read."""
    from addons.edge.activity_files import latest
    from llr_cli.logs import log_path

    try:
        return latest(log_path(), 0.0, limit, lambda _: True) if limit else []
    except OSError:
        return []
