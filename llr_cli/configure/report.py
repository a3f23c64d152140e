"""Results and refusals, for a person or as JSON."""

from typing import Any

from llr_cli import render
from llr_cli.configure.call import Call, Result
from llr_cli.configure.refusal import Refused
from llr_cli.configure.store import Outcome


def result(found: Result, call: Call, operation: str, *, as_json: bool) -> None:
    if as_json:
        render.json(_as_json(found, call, operation))
        return
    outcome = found.outcome
    if outcome is not None and call.dry:
        render.line(outcome.diff or f"{outcome.file}: nothing would change")
    elif outcome is not None:
        render.line(f"{found.title}: {outcome.file}{'' if outcome.changed else ' is like that already'}")
    for line in found.lines:
        render.line(line)
    for table in found.tables:
        render.table(table.columns, table.rows, table.title)
    for text in (*found.warnings, *(outcome.warnings if outcome is not None else ())):
        render.warning(text)
    for text in (*found.problems, *(outcome.problems if outcome is not None else ())):
        render.error(text)


def refusal(refused: Refused, *, as_json: bool) -> None:
    if as_json:
        found: dict[str, Any] = {"ok": False, "error": refused.text}
        render.json({**found, "problems": list(refused.problems)} if refused.problems else found)
        return
    render.error(refused.text)
    for problem in refused.problems:
        render.error(f"  {problem}")


def _as_json(found: Result, call: Call, operation: str) -> dict[str, Any]:
    outcome = found.outcome
    shown: dict[str, Any] = {"ok": not found.exit, "operation": operation}
    if outcome is not None:
        shown |= {
            "file": str(outcome.file),
            "changed": outcome.changed,
            "dryRun": call.dry,
            "diff": outcome.diff,
        }
    shown |= found.facts
    warnings = [*found.warnings, *(outcome.warnings if outcome is not None else ())]
    problems = [*found.problems, *(outcome.problems if outcome is not None else ())]
    return shown | {"warnings": warnings} | ({"problems": problems} if problems else {})


def idle(flag: str, why: str) -> None:
    """A flag without effect: scripts may well pass it."""
    render.warning(f"--{flag} {why}")


def edited(outcome: Outcome, *, as_json: bool) -> None:
    """What came of a person's own edit of the file."""
    if as_json:
        render.json({"ok": True, "file": str(outcome.file), "changed": outcome.changed, "diff": outcome.diff})
        return
    render.line(f"{outcome.file} is {'saved' if outcome.changed else 'as it was'}")
    for text in outcome.warnings:
        render.warning(text)
