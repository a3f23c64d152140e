"""`llr route`: what the router would do, without doing it."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render, route_amp
from llr_cli.config import AsJson, File
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.amp.resolve import AmpDecision
    from addons.core.ordering import Group, Member
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
    amp: Annotated[bool, typer.Option("--amp", help="As AMP would ask for it; the options below imply it.")] = False,
    mode: Annotated[str | None, typer.Option(help="AMP's mode: smart, rush, deep, large, free …")] = None,
    feature: Annotated[str | None, typer.Option(help="AMP's feature: amp.chat, amp.painter …")] = None,
    helper: Annotated[str | None, typer.Option(help="Which helper of AMP asks: search, oracle, title …")] = None,
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
    decision = None
    try:
        plan = load(config_file, os.environ).plan
        if amp or mode or feature or helper:
            said = {"x-amp-mode": mode, "x-amp-feature": feature}
            decision = route_amp.decided(plan, model, FORMATS[client_format], said, helper)
        route = resolve(plan, model, FORMATS[client_format]) if decision is None else decision.route
    except (ConfigProblem, UnknownModel, NoCandidate) as problem:
        if as_json:
            render.json({"ok": False, "error": str(problem), "nearest": getattr(problem, "nearest", [])})
        else:
            render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    _tell(decision, route, as_json)
    if decision is not None and route is None and not decision.upstream:
        raise typer.Exit(Exit.FAILURE)


def _tell(decision: "AmpDecision | None", route: "Route | None", as_json: bool) -> None:
    if as_json:
        served = decision is None or route is not None or decision.upstream
        shown = {"ok": served} if route is None else _summary(route)
        render.json(shown | ({} if decision is None else {"amp": route_amp.summary(decision)}))
        return
    if decision is not None:
        route_amp.show(decision)
    if route is not None:
        _show(route)


def _summary(route: "Route") -> dict[str, Any]:
    from addons.core.shown_url import shown_url

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
                "url": shown_url(candidate.url()),
                "tier": candidate.tier,
                "why": candidate.why,
            }
            for candidate in route.candidates
        ],
        "groups": [
            {
                "ref": group.key,
                "strategy": group.strategy,
                "targets": [{"ref": _name(member), "weight": member.weight} for member in group.members],
                "fallbackTargets": [_name(member) for member in group.fallbacks],
            }
            for group in _groups(route)
        ],
        "skipped": list(route.skipped),
    }


def _groups(route: "Route") -> list["Group"]:
    """The alias and those nested in it, each once."""
    from addons.core.ordering import Group

    found: dict[str, Group] = {}
    waiting = [route.group] if route.group is not None else []
    while waiting:
        group = waiting.pop(0)
        if group.key not in found:
            found[group.key] = group
            nodes = (member.node for member in (*group.members, *group.fallbacks))
            waiting += [node for node in nodes if isinstance(node, Group)]
    return list(found.values())


def _name(member: "Member") -> str:
    return member.key.removeprefix("alias:")


def _balanced(group: "Group") -> str:
    weights = {member.weight for member in group.members}
    shown = [_name(member) if len(weights) == 1 else f"{_name(member)} ({member.weight:g})" for member in group.members]
    text = f"{group.key}, {group.strategy}: {', '.join(shown) or 'nothing'}"
    return text + (f"; then {', '.join(map(_name, group.fallbacks))}" if group.fallbacks else "")


def _show(route: "Route") -> None:
    from addons.core.shown_url import shown_url

    render.line(f"{route.requested!r} is {route.kind} {route.ref} (strategy: {route.strategy})")
    render.table(
        ("#", "candidate", "tier", "dialect", "endpoint", "why"),
        [
            (str(n), candidate.ref, candidate.tier, str(candidate.dialect), shown_url(candidate.url()), candidate.why)
            for n, candidate in enumerate(route.candidates, 1)
        ],
    )
    groups = _groups(route)
    if len(groups) > 1 or any(group.strategy != "ordered" for group in groups):
        for group in groups:
            render.line(f"  {_balanced(group)}")
    for skipped in route.skipped:
        render.warning(f"skipped {skipped}")
