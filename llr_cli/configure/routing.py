"""The predecessor's `set-*-routing` operations: coding tools connected to the router, over the journal of
`llr tools`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from addons.config import ConfigProblem, load
from addons.config.fields import is_http_url
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.core.resolve import NoCandidate, UnknownModel, resolve
from llr_cli.configure.call import Call, Result, Table
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused, nearest
from llr_cli.exits import Exit
from llr_cli.tools import actions
from llr_cli.tools.actions import Done
from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.journal import Journal, JournalProblem
from llr_cli.tools.offers import offers, shown_key
from llr_cli.tools.registry import tool as tool_named
from llr_cli.tools.tool import Places, Tool, Wiring

# as the default model: the tool asks for what it would ask for anyway
INHERIT = "__codex_cli_inherit__"
EFFORT = ("env", "CLAUDE_CODE_EFFORT_LEVEL")
CATALOGUE = ("model_catalog_json",)


@dataclass(frozen=True, slots=True)
class Patched:
    """A tool as its operation means it: `roles` are flags by the tool's words, `files` flags by what is written there
    (a path of one of its edits; () for llr's own file)."""

    tool: str
    roles: Mapping[str, str]
    files: Mapping[str, tuple[str, ...]]


CLAUDE_CODE = Patched(
    "claude-code",
    {
        "default-opus-model": "opus",
        "default-sonnet-model": "sonnet",
        "default-haiku-model": "haiku",
        "subagent-model": "subagent",
    },
    {"claude-code-settings-file": ("env", "ANTHROPIC_BASE_URL")},
)
CODEX = Patched("codex", {}, {"codex-config-file": ("model_provider",), "codex-model-catalog-file": ()})
FACTORY = Patched(
    "factory",
    {
        "mission-orchestrator-model": "orchestrator",
        "mission-model": "orchestrator",
        "mission-worker-model": "worker",
        "mission-validator-model": "validator",
    },
    {"factory-droid-settings-file": ("customModels",)},
)


def claude_code(call: Call) -> Result:
    return _routed(call, CLAUDE_CODE)


def codex(call: Call) -> Result:
    return _routed(call, CODEX)


def factory(call: Call) -> Result:
    return _routed(call, FACTORY)


def claude_code_effort(call: Call) -> Result:
    """The level of thinking alone, beside whatever llr wrote before; an empty one takes it away."""
    given = call.given
    level = given.get("thinking-level", given.get("reasoning-effort"))
    if level is None:
        raise Misused("--thinking-level is expected")
    tool = _tool(CLAUDE_CODE.tool)
    if level:
        _check_effort(tool, level)
    places = actions.places_of(call.env)
    file = _files(given, CLAUDE_CODE).get(("env", "ANTHROPIC_BASE_URL")) or tool.base_url(places)[0].file

    def change(_: Wiring, __: Places) -> tuple[FileEdits, ...]:
        records = actions.journal_of(places).records()
        own = next((each.change for each in records if each.change.file == file), FileEdits(file, "jsonc", ()))
        kept = tuple(edit for edit in own.edits if edit.path != EFFORT)
        return (replace(own, edits=(*kept, *((Edit(EFFORT, level),) if level else ()))),)

    done = guarded(
        lambda journal: actions.on(replace(tool, change=change), _nothing(), places, journal, dry=call.dry), call
    )
    return report("Claude Code Effort Level", done, call)


def report(title: str, done: list[Done], call: Call, **more: Any) -> Result:
    """What was done to which file."""
    failed = any(each.problem for each in done)
    outcome = "would change" if call.dry else "written"
    rows = [(each.tool, str(each.file), outcome if each.changed else "as it should be") for each in done]
    files = [
        {"tool": each.tool, "file": str(each.file), "changed": each.changed, "diff": each.diff}
        | ({"problem": each.problem} if each.problem else {})
        for each in done
    ]
    return Result(
        title,
        {"dryRun": call.dry, "files": files},
        [each.diff for each in done if call.dry and each.diff],
        [Table(("tool", "file", "outcome"), rows, title)] if rows else [],
        problems=[f"{each.tool}: {each.problem}" for each in done if each.problem],
        exit=Exit.FAILURE if failed else Exit.OK,
        **more,
    )


def guarded[T](step: Callable[[Journal], T], call: Call) -> T:
    """What `step` gives; problems of the journal as refusals."""
    places = actions.places_of(call.env)
    try:
        return step(actions.journal_of(places))
    except JournalProblem as problem:
        raise Refused(str(problem)) from problem
    except OSError as error:
        raise Refused(f"{error.filename or 'the journal'}: {error.strerror or error}") from error


def origin(given: Given, flag: str = "endpoint-url") -> str:
    """The router's address: the given one, else the running router's."""
    from llr_cli.address import origin as running

    url = given.get(flag)
    if url is None:
        return running()
    if not is_http_url(url):
        raise Misused(f"--{flag}: expected an http(s) URL")
    return str(url).rstrip("/")


def plan_of(call: Call) -> Plan:
    try:
        return load(call.store.file, call.env).plan
    except ConfigProblem as problem:
        raise Refused(f"{problem.source} cannot be used", problems=problem.problems) from problem


def check_ref(plan: Plan, flag: str, ref: str) -> None:
    try:
        resolve(plan, ref, DialectName.ANTHROPIC)
    except NoCandidate:
        # a known name whose key this shell does not have; the router may
        return
    except UnknownModel as problem:
        raise Refused(f"--{flag}: {problem}") from problem


def _routed(call: Call, patched: Patched) -> Result:
    given, tool = call.given, _tool(patched.tool)
    title = f"{tool.title} Routing"
    if not given.get("enabled", True):
        done = guarded(lambda journal: actions.undo({tool.name}, journal, dry=call.dry), call)
        return report(title, done, call)
    wiring = _wiring(call, patched, tool)
    moved = redirected(tool, _files(given, patched))
    places = actions.places_of(call.env)
    done = guarded(lambda journal: actions.on(moved, wiring, places, journal, dry=call.dry), call)
    return report(title, done, call)


def _wiring(call: Call, patched: Patched, tool: Tool) -> Wiring:
    given, plan = call.given, plan_of(call)
    model = given.get("default-model") or given.get("primary-model")
    model = None if model == INHERIT else model
    roles = {role: given[flag] for flag, role in patched.roles.items() if given.get(flag)}
    for flag in ("default-model", "primary-model", *patched.roles):
        if given.get(flag) and given[flag] != INHERIT:
            check_ref(plan, flag, given[flag])
    effort = given.get("thinking-level") or given.get("reasoning-effort") or None
    if effort is not None:
        _check_effort(tool, effort)
    return Wiring(origin(given), shown_key(plan), model, offers(plan), effort, roles)


def _check_effort(tool: Tool, level: str) -> None:
    if level not in tool.efforts:
        raise Misused(
            f"--thinking-level: expected {', '.join(tool.efforts)}, got {level!r}{nearest(level, tool.efforts)}"
        )


def _tool(name: str) -> Tool:
    found = tool_named(name)
    assert found is not None, "the table names tools that are there"
    return found


def _nothing() -> Wiring:
    return Wiring("", "")


def _files(given: Given, patched: Patched) -> dict[tuple[str, ...], Path]:
    return {
        place: Path(given[flag]).expanduser().absolute() for flag, place in patched.files.items() if given.get(flag)
    }


def redirected(tool: Tool, files: Mapping[tuple[str, ...], Path]) -> Tool:
    """The tool with files of other names; `files` are by a path that is written there."""
    if not files:
        return tool

    def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
        return tuple(_moved(each, files) for each in tool.change(wiring, places))

    return replace(tool, change=change)


def _moved(change: FileEdits, files: Mapping[tuple[str, ...], Path]) -> FileEdits:
    paths = {edit.path[: len(place)] for edit in change.edits for place in files}
    file = next((new for place, new in files.items() if place in paths and (place or change.kind == "whole")), None)
    edits = change.edits
    if () in files:
        # what names llr's own file names the new one
        edits = tuple(replace(edit, value=str(files[()])) if edit.path == CATALOGUE else edit for edit in edits)
    return replace(change, file=file or change.file, edits=edits)
