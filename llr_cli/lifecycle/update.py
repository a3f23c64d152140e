"""`llr update`: brings this installation up to date, by whatever installed it."""

import os
import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from llr_cli.lifecycle.installation import Command, Installation

GIT_SECONDS = 30


def update(
    check: Annotated[bool, typer.Option("--check", help="Only say whether there is something newer.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be run, and run nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --check: print JSON.")] = False,
) -> None:
    """Update llr by whatever installed it.

    That is uv, pipx or pip, or git for a checkout. The commands are shown. Routers that run go on as they are until
    `llr restart --all`.
    """
    from llr_cli.lifecycle.installation import installation, updating

    found = installation()
    steps = updating(found)
    newer, problem = _newer(found)
    if check and as_json:
        render.json(_facts(found, newer, problem, steps))
        raise typer.Exit(Exit.FAILURE if problem else Exit.OK)
    render.line(found.described)
    if problem:
        render.error(problem)
        raise typer.Exit(Exit.FAILURE)
    render.line(newer or "It is up to date.")
    if not newer or check:
        return
    if not steps:
        render.error("it is not known how it was installed: update it as you installed it")
        raise typer.Exit(Exit.FAILURE)
    for step in steps:
        render.line(f"$ {shlex.join(step)}")
        if not dry_run and not _run(step):
            raise typer.Exit(Exit.FAILURE)
    if not dry_run:
        _tell_of_routers()


def _newer(found: "Installation") -> tuple[str, str]:
    """What is newer, in words ("": nothing), and why that is not known ("": it is)."""
    if found.source == "index":
        return _on_the_index(found)
    if found.source == "repository":
        return f"Whether {found.place} has something newer shows when it is installed again.", ""
    return _in_the_checkout(found)


def _on_the_index(found: "Installation") -> tuple[str, str]:
    from llr_cli.lifecycle.installation import NAME, is_newer
    from llr_cli.lifecycle.package_index import INDEX, IndexProblem, index_url, published

    base = index_url(os.environ)
    if base is None:
        return f"Whether there is something newer shows when it is installed again ({INDEX} would say it before).", ""
    try:
        there = published(NAME, base)
    except IndexProblem as problem:
        return "", str(problem)
    # a name on an index belongs to whoever took it first
    if there.summary != found.summary:
        return "", f"the package {NAME} on the index is another project's ({there.summary[:80]!r}): nothing is done"
    return (f"{there.version} is there." if is_newer(there.version, found.version) else ""), ""


def _in_the_checkout(found: "Installation") -> tuple[str, str]:
    from pathlib import Path

    if not Path(found.place, ".git").exists():
        return f"{found.place} is no checkout: it is installed again as it is.", ""
    fetched, words = _git(found, "fetch", "--quiet")
    if not fetched:
        return "", f"git fetch in {found.place} failed: {words or 'are you offline?'}"
    counted, number = _git(found, "rev-list", "--count", "HEAD..@{upstream}")
    if not counted:
        return "", f"{found.place} is on a branch that follows no other: {number}"
    return ("" if number == "0" else f"{number} new commits are there."), ""


def _git(found: "Installation", *words: str) -> tuple[bool, str]:
    """Whether git did it, and its last words."""
    import subprocess

    command = ["git", "-C", found.place, *words]
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return False, "git is not installed"
    except (OSError, subprocess.TimeoutExpired):
        return False, f"it did not end within {GIT_SECONDS} s"
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return done.returncode == 0, lines[-1] if lines else ""


def _run(step: "Command") -> bool:
    import subprocess

    try:
        code = subprocess.run(list(step), check=False).returncode
    except OSError as error:
        render.error(f"{step[0]} cannot be run: {error.strerror}")
        return False
    if code:
        render.error(f"it failed (exit code {code})")
    return code == 0


def _tell_of_routers() -> None:
    from addons.edge.instance import instances

    if instances(os.environ):
        render.line("Running routers go on as they are; `llr restart --all` has them take it.")


def _facts(found: "Installation", newer: str, problem: str, steps: "tuple[Command, ...]") -> dict[str, Any]:
    return {
        "ok": not problem,
        "version": found.version,
        "installedBy": found.manager,
        "source": found.source,
        "place": found.place or None,
        "newer": newer or None,
        "problem": problem or None,
        "commands": [list(step) for step in steps],
    }
