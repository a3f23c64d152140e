"""`llr tools`: connect coding tools to the router, and take it back."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.address import origin
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.core.plan import Plan
    from llr_cli.tools.actions import Done
    from llr_cli.tools.status import Status
    from llr_cli.tools.tool import Tool, Wiring

app = typer.Typer(
    help="Connect coding tools to the router.\n\nTheir own files are edited, and every edit can be taken back.",
    no_args_is_help=True,
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TOOL]…", help="claude-code, codex, amp, opencode, factory, gemini, qwen."),
]
All = Annotated[bool, typer.Option("--all", help="Every tool: of `on` every one that is installed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the difference, change nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Port = Annotated[
    int | None,
    typer.Option(
        help="The router's port; default: that of the running router.", envvar="LLM_ROUTER_PORT", min=1, max=65535
    ),
]
File = Annotated[Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")]


@app.command()
def on(
    names: Names = None,
    every: All = False,
    model: Annotated[
        str | None, typer.Option(help="The model that the tool asks for; default: its own choice.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="A model for one purpose: opus=REF, sonnet=, haiku=, subagent=; small=.")
    ] = None,
    effort: Annotated[str | None, typer.Option(help="The level of thinking, in the tool's own words.")] = None,
    workspace: Annotated[
        bool, typer.Option("--workspace", help="AMP: this folder's settings, not the user's.")
    ] = False,
    port: Port = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config_file: File = None,
) -> None:
    """Have tools talk to the router. Only user-level files are written, and only the keys that it takes."""
    from llr_cli.tools import actions

    chosen = _chosen(names, every, installed=True)
    wiring = _wiring(config_file, port, model, role or [], effort)
    wiring = replace(wiring, workspace=workspace)
    _check(chosen, wiring)
    places = actions.places_of(os.environ)
    journal = actions.journal_of(places)
    done: list[Done] = []
    for tool in chosen:
        fitting = {name: ref for name, ref in wiring.roles.items() if name in tool.roles}
        mine = replace(wiring, roles=fitting, effort=wiring.effort if wiring.effort in tool.efforts else None)
        done += _guarded(lambda: actions.on(tool, mine, places, journal, dry=dry_run))  # noqa: B023
    _report(done, "written", dry_run, as_json)


@app.command()
def off(names: Names = None, every: All = False, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take back what llr wrote for these tools; what was changed since stays."""
    chosen = _chosen(names, every, installed=False)
    _undo({tool.name for tool in chosen}, dry_run, as_json)


@app.command()
def undo(names: Names = None, every: All = False, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take back everything that llr wrote (or what it wrote for these tools); what was changed since stays."""
    chosen = None if every or not names else {tool.name for tool in _chosen(names, False, installed=False)}
    _undo(chosen, dry_run, as_json)


@app.command()
def status(names: Names = None, port: Port = None, as_json: AsJson = False) -> None:
    """Show which tools are connected, and what would win over it in this folder."""
    from llr_cli.tools import actions
    from llr_cli.tools.registry import TOOLS
    from llr_cli.tools.status import status as read

    chosen = _chosen(names, False, installed=False) if names else list(TOOLS)
    places = actions.places_of(os.environ)
    records = _guarded(lambda: actions.journal_of(places).records())
    found = _guarded(lambda: [read(tool, places, records, origin(port)) for tool in chosen])
    if as_json:
        render.json({"ok": True, "tools": [_status_json(each) for each in found]})
        return
    render.table(
        ("tool", "state", "base URL", "file"),
        [(each.tool.title, each.state, each.base_url or "", ", ".join(map(str, each.files))) for each in found],
    )
    for each in found:
        if each.problem:
            render.warning(each.problem)
        for override in each.overrides:
            render.warning(f"{each.tool.title}: {override.source} wins: {override.key} {override.value}".rstrip())


def _undo(names: set[str] | None, dry_run: bool, as_json: bool) -> None:
    from llr_cli.tools import actions

    journal = actions.journal_of(actions.places_of(os.environ))
    done = _guarded(lambda: actions.undo(names, journal, dry=dry_run))
    _report(done, "as it was before llr", dry_run, as_json)


def _guarded(step: Any) -> Any:
    """What `step` gives; a problem of the journal as an error for people."""
    from llr_cli.tools.journal import JournalProblem

    try:
        return step()
    except JournalProblem as problem:
        render.error(str(problem))
    except OSError as error:
        render.error(f"{error.filename or 'the journal'}: {error.strerror or error}")
    raise typer.Exit(Exit.FAILURE)


def _chosen(names: list[str] | None, every: bool, *, installed: bool) -> "list[Tool]":
    from llr_cli.tools import actions
    from llr_cli.tools.registry import TOOLS, tool

    known = ", ".join(each.name for each in TOOLS)
    if every:
        places = actions.places_of(os.environ)
        return [each for each in TOOLS if not installed or actions.installed(each, places)]
    if not names:
        render.error(f"which tool? One or several of {known}, or --all")
        raise typer.Exit(Exit.USAGE)
    found = {name: tool(name) for name in names}
    for name, each in found.items():
        if each is None:
            render.error(f"{name!r} is no tool that llr knows: {known}")
            raise typer.Exit(Exit.USAGE)
    return list(dict.fromkeys(each for each in found.values() if each is not None))


def _wiring(
    config_file: Path | None, port: int | None, model: str | None, roles: list[str], effort: str | None
) -> "Wiring":
    from addons.config import ConfigProblem, load
    from llr_cli.tools.offers import offers, shown_key
    from llr_cli.tools.tool import Wiring

    pairs = dict(role.partition("=")[::2] for role in roles)
    if "" in (*pairs, *pairs.values()):
        render.error("--role: NAME=REF is expected, as in --role opus=main")
        raise typer.Exit(Exit.USAGE)
    try:
        plan = load(config_file, os.environ).plan
    except ConfigProblem as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    for ref in (model, *pairs.values()):
        if ref is not None:
            _resolved(plan, ref)
    return Wiring(origin(port), shown_key(plan), model, offers(plan), effort, pairs)


def _resolved(plan: "Plan", ref: str) -> None:
    from addons.core.model import DialectName
    from addons.core.resolve import NoCandidate, UnknownModel, resolve

    try:
        resolve(plan, ref, DialectName.ANTHROPIC)
    except (UnknownModel, NoCandidate) as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None


def _check(chosen: "list[Tool]", wiring: "Wiring") -> None:
    """An effort or a role that none of the tools has is a slip of the pen."""
    efforts = dict.fromkeys(effort for tool in chosen for effort in tool.efforts)
    roles = dict.fromkeys(role for tool in chosen for role in tool.roles)
    if wiring.effort is not None and wiring.effort not in efforts:
        render.error(f"--effort: {', '.join(efforts) or 'none'} is expected, not {wiring.effort!r}")
        raise typer.Exit(Exit.USAGE)
    for name in wiring.roles:
        if name not in roles:
            render.error(f"--role: {', '.join(roles) or 'none'} is expected, not {name!r}")
            raise typer.Exit(Exit.USAGE)


def _report(done: "list[Done]", outcome: str, dry_run: bool, as_json: bool) -> None:
    failed = any(each.problem for each in done)
    if as_json:
        render.json({"ok": not failed, "dryRun": dry_run, "files": [_done_json(each) for each in done]})
    else:
        for each in done:
            _show(each, outcome, dry_run)
        if not done:
            render.line("nothing to do")
    raise typer.Exit(Exit.FAILURE if failed else Exit.OK)


def _show(each: "Done", outcome: str, dry_run: bool) -> None:
    if each.problem:
        render.error(f"{each.tool}: {each.problem}")
    elif dry_run and each.diff:
        render.line(each.diff)
    else:
        render.line(f"{each.tool}: {each.file} is {outcome if each.changed else 'as it should be'}")


def _done_json(each: "Done") -> dict[str, Any]:
    found = {"tool": each.tool, "file": str(each.file), "changed": each.changed, "diff": each.diff}
    return {**found, "problem": each.problem} if each.problem else found


def _status_json(each: "Status") -> dict[str, Any]:
    return {
        "tool": each.tool.name,
        "title": each.tool.title,
        "state": each.state,
        "baseUrl": each.base_url,
        "files": [str(file) for file in each.files],
        "overrides": [
            {"source": override.source, "key": override.key, "value": override.value} for override in each.overrides
        ],
        **({"problem": each.problem} if each.problem else {}),
    }
