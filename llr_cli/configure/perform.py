"""Does an operation and shows what came of it: the one way from any command line to the configuration."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from addons.config import config_path
from llr_cli.configure import report
from llr_cli.configure.call import Call, Result
from llr_cli.configure.flag_table import COMMON, IDLE, spelt
from llr_cli.configure.flags import Flag, Given, parsed, value_of
from llr_cli.configure.operations import BY_NAME, OPERATIONS, Operation
from llr_cli.configure.refusal import Misused, Refused, Unreadable, nearest
from llr_cli.configure.store import Store
from llr_cli.exits import Exit


def perform(
    name: str, given: Mapping[str, Any], config_file: Path | None, *, dry: bool = False, as_json: bool = False
) -> Exit:
    """`given` by the documented names of flags: texts as a person writes them, or values of the flag's kind; None is
    as good as not given."""
    try:
        operation = BY_NAME[name]
        read = _read(operation, given)
        if config_file is not None:
            read["config-named"] = True
        call = Call(read, Store.of(config_file, os.environ), os.environ, dry, as_json)
        call, found = run(operation, call)
    except Unreadable as problem:
        file = config_path(config_file, os.environ)
        report.refusal(Refused(f"{file}: {problem.text}"), as_json=as_json)
        return problem.exit
    except Refused as refused:
        report.refusal(refused, as_json=as_json)
        return refused.exit
    report.result(found, call, operation.name, as_json=as_json)
    return found.exit


def run(operation: Operation, call: Call) -> tuple[Call, Result]:
    """Raises Refused."""
    if operation.prepare is not None:
        call = operation.prepare(call)
    if operation.act is not None:
        return call, operation.act(call)
    edit = operation.edit
    assert edit is not None, "an operation does something"
    outcome = call.store.edit(lambda config: edit(config, call.given), dry=call.dry)
    tables = []
    if operation.show is not None and not call.dry:
        tables = [operation.show(call.store.read(), call.given)]
    warnings = operation.warn(call.given) if operation.warn is not None else []
    return call, Result(operation.title, tables=tables, outcome=outcome, warnings=warnings)


def from_words(words: Sequence[str]) -> Exit:
    """The predecessor's command line: `--operation=NAME --flag=value …`."""
    as_json = any(word in ("--json", "--json=true") for word in words)
    try:
        known = {**_every_flag(), **spelt(COMMON)}
        found = parsed(words, known)
        name = str(found.get("operation", ""))
        if name not in BY_NAME:
            raise Misused(_no_operation(name))
        # once more, because flags of one name may have another kind elsewhere
        operation = BY_NAME[name]
        found = parsed(words, {**known, **spelt((*operation.flags, *COMMON))})
    except Refused as refused:
        report.refusal(refused, as_json=as_json)
        return refused.exit
    config = found.get("config")
    given = found.without(*(flag.name for flag in COMMON))
    if name == "disable-provider":
        given.setdefault("enabled", False)
    for flag in [flag for flag in given if flag not in {each.name for each in operation.flags}]:
        report.idle(flag, f"has no effect on {operation.name}")
        del given[flag]
    for flag in given.keys() & IDLE.keys():
        report.idle(flag, f"has no effect: {IDLE[flag]}")
    return perform(
        operation.name, given, Path(config) if config else None, dry=found.get("dry-run", False), as_json=as_json
    )


def _read(operation: Operation, given: Mapping[str, Any]) -> Given:
    known = {flag.name: flag for flag in operation.flags}
    return Given({name: _value(known[name], value) for name, value in given.items() if value is not None})


def _value(flag: Flag, value: Any) -> Any:
    return value_of(flag, value) if isinstance(value, str) else value


def _every_flag() -> dict[str, Flag]:
    return {name: flag for operation in OPERATIONS for name, flag in spelt(operation.flags).items()}


def _no_operation(name: str) -> str:
    known = ", ".join(operation.name for operation in OPERATIONS)
    said = f"there is no operation {name!r}{nearest(name, BY_NAME)}" if name else "--operation is expected"
    return f"{said} (there are: {known})"
