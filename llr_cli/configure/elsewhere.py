"""Operations that other commands do: the state of coding tools, and the start at login."""

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import typer

from llr_cli.configure.call import Call, Result, Table
from llr_cli.configure.routing import guarded, origin
from llr_cli.exits import Exit
from llr_cli.tools import actions
from llr_cli.tools.registry import TOOLS
from llr_cli.tools.status import status


def tool_status(call: Call) -> Result:
    """Which coding tools are connected, and what would win over it in this folder."""
    places = actions.places_of(call.env)
    records = guarded(lambda journal: journal.records(), call)
    router = origin(call.given)
    found = [status(tool, places, records, router) for tool in TOOLS]
    rows = [(each.tool.title, each.state, each.base_url or "", ", ".join(map(str, each.files))) for each in found]
    facts = [
        {"tool": each.tool.name, "state": each.state, "baseUrl": each.base_url, "files": list(map(str, each.files))}
        for each in found
    ]
    return Result(
        "Coding Tool Routing Status",
        {"tools": facts},
        tables=[Table(("tool", "state", "base URL", "file"), rows, "Coding Tool Routing Status")],
        warnings=[
            f"{each.tool.title}: {override.source} wins: {override.key} {override.value}".rstrip()
            for each in found
            for override in each.overrides
        ],
        problems=[each.problem for each in found if each.problem],
    )


def startup_install(call: Call) -> Result:
    from llr_cli.lifecycle import startup

    given, port = call.given, call.given.get("port")
    file = call.store.file
    return _by(
        "OS Startup Service",
        lambda: startup.install(
            config_file=Path(file) if given.get("config-named") else None,
            host=given.get("host", "127.0.0.1"),
            port=None if port is None else int(port),
            require_auth=given.get("require-auth"),
            dry_run=call.dry,
        ),
        call,
    )


def startup_uninstall(call: Call) -> Result:
    from llr_cli.lifecycle import startup

    return _by("OS Startup Service", lambda: startup.uninstall(dry_run=call.dry), call)


def startup_status(call: Call) -> Result:
    from llr_cli.lifecycle import startup

    if not call.quiet:
        return _by("OS Startup Service Status", lambda: startup.status(as_json=False), call)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        startup.status(as_json=True)
    return Result("OS Startup Service Status", json.loads(said.getvalue()))


def _by(title: str, command: Callable[[], None], call: Call) -> Result:
    """What another command does; for a program its words become facts."""
    said = io.StringIO()
    code = 0
    with contextlib.redirect_stdout(said) if call.quiet else contextlib.nullcontext():
        try:
            command()
        except typer.Exit as end:
            code = end.exit_code
    return Result(title, {"output": said.getvalue().splitlines()} if call.quiet else {}, exit=Exit(code))
