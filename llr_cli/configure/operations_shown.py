"""The table of operations, for a person or as JSON."""

from llr_cli import render
from llr_cli.configure.operations import OPERATIONS, Operation


def show(*, as_json: bool) -> None:
    if as_json:
        render.json({"ok": True, "operations": [_as_json(each) for each in OPERATIONS]})
        return
    rows = [
        (each.name, ", ".join(each.synonyms), " ".join(f"--{flag.name}" for flag in each.flags)) for each in OPERATIONS
    ]
    render.table(("operation", "also", "flags"), rows)


def _as_json(operation: Operation) -> dict[str, object]:
    return {
        "name": operation.name,
        "title": operation.title,
        "synonyms": list(operation.synonyms),
        "flags": [
            {"name": flag.name, "kind": flag.kind, "help": flag.help, "synonyms": list(flag.synonyms)}
            for flag in operation.flags
        ],
    }
