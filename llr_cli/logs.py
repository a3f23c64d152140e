"""`llr logs`: the requests that the router has answered, one line each."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llr_cli import render, units
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.core.activity import Entry
    from addons.core.activity_stats import Wanted
    from addons.edge.activity_files import Follower

POLL_SECONDS = 0.2
COLUMNS = ("time", "tool", "model", "status", "first", "total", "in", "out", "what happened")
WIDTHS = (14, 12, 44, 6, 7, 7, 6, 6, 0)


def _age(text: str) -> float:
    try:
        return units.span(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Since = Annotated[
    float | None,
    typer.Option(parser=_age, metavar="AGE", help="Only requests of this age or younger: 15m, 1h, 2d …"),
]


def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until Ctrl-C.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Only requests without a whole answer.")] = False,
    tool: Annotated[str, typer.Option(help="Only those of this tool (a part of its name, or a glob).")] = "",
    model: Annotated[str, typer.Option(help="Only those for or from this model (a part of its name, or a glob).")] = "",
    since: Since = None,
    limit: Annotated[int, typer.Option(help="How many of the last ones; 0: all.", min=0)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each, as in the file.")] = False,
    fields: Annotated[bool, typer.Option("--fields", help="Explain the members of a line of JSON, and exit.")] = False,
) -> None:
    """Show the requests that the router has answered.

    `in` and `out` are tokens; `first` is the time until the answer began. The log is activity.jsonl in the folder of
    state; it holds no content, no keys and no error texts. LLM_ROUTER_ACTIVITY_LOG=off switches it off, and so does
    `metadata.activityLog.enabled` in the configuration.
    """
    from addons.core.activity import FIELDS
    from addons.core.activity_stats import Wanted
    from addons.edge.activity_files import Follower, latest

    if fields:
        render.table(("member", "what it is"), list(FIELDS.items()))
        return
    path, wanted = log_path(), Wanted(failed, tool, model)
    try:
        follower = Follower(path) if follow else None
        found = latest(path, began(since), limit, wanted.fits)
        _show(found, as_json=as_json, lines=follow)
        if follower is not None:
            _follow(_added(follower, {entry.id for entry in found}), wanted, as_json)
        elif not found and not as_json:
            tell_of_nothing(path)
    except OSError as error:
        render.error(f"{path} cannot be read: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None


def log_path() -> Path:
    from addons.activity_log import FILE
    from addons.edge.places import state_dir

    return state_dir(os.environ) / FILE


def began(since: float | None) -> float:
    """The moment from which on requests count, in Unix seconds."""
    return 0.0 if since is None else time.time() - since


def tell_of_nothing(path: Path) -> None:
    if path.exists():
        render.line("No request in the activity log fits.")
    else:
        render.line(f"The activity log is empty: no request was logged yet at {path}.")


def _added(follower: "Follower", shown: set[str]) -> Iterator["Entry"]:
    """What comes from now on. What was added while the rest was being read has been shown."""
    while True:
        yield from (entry for entry in follower.poll() if entry.id not in shown)
        time.sleep(POLL_SECONDS)


def _follow(added: Iterator["Entry"], wanted: "Wanted", as_json: bool) -> None:
    try:
        for entry in added:
            if wanted.fits(entry):
                _show([entry], as_json=as_json, lines=True)
    except KeyboardInterrupt:
        raise typer.Exit(Exit.OK) from None


def _show(found: Iterable["Entry"], *, as_json: bool, lines: bool) -> None:
    """As JSON, or as lines that can go on, or as a table."""
    from addons.core.activity import as_json as members

    if as_json:
        for entry in found:
            render.write(json.dumps(members(entry), ensure_ascii=False) + "\n")
        return
    rows = [row(entry) for entry in found]
    if lines:
        for cells_of_row in rows:
            cells = (cell.ljust(width) for cell, width in zip(cells_of_row, WIDTHS, strict=True))
            render.line("  ".join(cells).rstrip())
    elif rows:
        render.table(COLUMNS, rows)


def row(entry: "Entry") -> tuple[str, ...]:
    """A request as cells of a table with COLUMNS."""
    return (
        time.strftime("%m-%d %H:%M:%S", time.localtime(entry.at)),
        entry.tool,
        f"{entry.requested or entry.path or '-'} → {'its own server' if entry.passed_on else entry.served or 'nobody'}",
        str(entry.status or "-"),
        units.duration(entry.first_event),
        units.duration(entry.total),
        units.count(entry.usage.input),
        units.count(entry.usage.output),
        "; ".join(_events(entry)),
    )


def _events(entry: "Entry") -> Iterator[str]:
    """What is not as usual about a request."""
    if entry.error is not None:
        yield entry.error
    if entry.broken is not None:
        yield f"cut short: {entry.broken}"
    if entry.left:
        yield "the client left"
    if entry.talk is not None:
        yield f"WebSocket: {entry.talk.sent.messages} messages sent, {entry.talk.received.messages} received"
    if entry.joined:
        yield "joined an equal request"
    if entry.attempts:
        yield f"failed: {', '.join(entry.attempts)}"
    if entry.skipped:
        yield f"skipped: {', '.join(entry.skipped)}"
    if entry.losses:
        yield f"lost: {', '.join(entry.losses)}"
