"""The command: runs the checks, and shows what they found."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from llr_cli.doctor.checks import Check, Finding, Subject


def doctor(
    config_file: Annotated[
        Path | None, typer.Option("--config", help="The configuration file; default: the running router's.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="The port; default: the running router's, else 8376.", envvar="LLM_ROUTER_PORT", max=65535),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no provider.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for what is wrong, and say how to mend it.

    Nothing is changed. Keys are shown to their providers, which are asked for their lists of models. The exit code
    is 1 when a check fails.
    """
    groups = findings(subject_of(config_file, port, offline=offline))
    failed = any(each.state == "failed" for _, found in groups for each in found)
    if as_json:
        render.json({"ok": not failed, "checks": [_json(group, each) for group, found in groups for each in found]})
    else:
        _show(groups)
    raise typer.Exit(Exit.FAILURE if failed else Exit.OK)


def subject_of(config_file: Path | None, port: int | None, *, offline: bool) -> "Subject":
    """What there is to examine. The router at the port says which configuration it reads."""
    from importlib.metadata import version

    from addons.config import ConfigProblem, load
    from addons.edge.instance import instances
    from addons.edge.processes import environment_of
    from llr_cli.address import DEFAULT_PORT
    from llr_cli.doctor.checks import Subject
    from llr_cli.lifecycle.words import config_of

    running = tuple(instances(os.environ))
    chosen = port or (running[0].port if running else DEFAULT_PORT)
    instance = next((each for each in running if each.port == chosen), None)
    env = dict(os.environ)
    if instance is not None:
        env = {**env, **environment_of(instance.pid)}
        config_file = config_file or config_of(instance.words, instance.folder)
    plan, problems = None, list[str]()
    try:
        plan = load(config_file, env).plan
    except ConfigProblem as problem:
        problems = problem.problems
    own = dict(os.environ)
    return Subject(env, config_file, chosen, running, offline, plan, tuple(problems), own, version("llr"))


def findings(subject: "Subject") -> "list[tuple[str, list[Finding]]]":
    """What each group of checks finds. A group that cannot go on says why, and stops no other."""
    from llr_cli.doctor import authority, configuration, keys, places, ports, service, tools, versions

    groups: Sequence[tuple[str, Check]] = (
        ("versions", versions.versions),
        ("configuration", configuration.configuration),
        ("router", ports.ports),
        ("startup", service.service),
        ("providers", keys.keys),
        ("tools", tools.tools),
        ("certificates", authority.authority),
        ("state", places.places),
    )
    return [(name, list(_guarded(name, check, subject))) for name, check in groups]


def _guarded(name: str, check: "Check", subject: "Subject") -> "Iterable[Finding]":
    from llr_cli.doctor.checks import Finding

    try:
        yield from check(subject)
    except OSError as error:
        text = f"it cannot be looked at: {error.filename or error}: {error.strerror or ''}"
        yield Finding(name, "failed", text.rstrip(": "))


def _show(groups: "list[tuple[str, list[Finding]]]") -> None:
    rows = [(each.state, each.check, each.text, each.mend) for _, found in groups for each in found]
    render.table(("", "check", "finding", "mend"), rows)
    counts = {state: sum(row[0] == state for row in rows) for state in ("failed", "warning")}
    if not any(counts.values()):
        render.success("Nothing is wrong.")
    else:
        render.failure(f"{counts['failed']} failed, {counts['warning']} to look at.")


def _json(group: str, finding: "Finding") -> dict[str, Any]:
    return {
        "group": group,
        "check": finding.check,
        "state": finding.state,
        "text": finding.text,
        "mend": finding.mend or None,
    }
