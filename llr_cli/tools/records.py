"""What the journal remembers of one file, as JSON."""

import base64
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from llr_cli.tools.disk import Snapshot
from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.spans.common import MISSING, Item, Step

type State = Literal["writing", "done", "restoring"]
VERSION = 1


@dataclass(frozen=True, slots=True)
class Record:
    """`change` names the file as the tool does; `real` is where it really is, behind the symlink that led to `link`.
    `before` is what to go back to, `after` what llr wrote, `prior` what stood there when it did; `folders` were made
    for it. `earlier` is the record that a step under way replaces."""

    tool: str
    change: FileEdits
    real: Path
    link: str | None
    state: State
    before: Snapshot
    after: Snapshot
    prior: Snapshot
    folders: tuple[Path, ...] = ()
    earlier: "Record | None" = None

    def settled(self) -> "Record":
        return replace(self, state="done", earlier=None)


def written(record: Record) -> bytes:
    return json.dumps(_out(record), indent=1).encode()


def read(data: bytes) -> Record:
    """Raises ValueError, KeyError or TypeError for what `written` did not write."""
    found = json.loads(data)
    if found["version"] != VERSION:
        raise ValueError(f"version {found['version']}")
    return _in(found)


def _out(record: Record) -> dict[str, Any]:
    change = record.change
    return {
        "version": VERSION,
        "tool": record.tool,
        "file": str(change.file),
        "kind": change.kind,
        "secret": change.secret,
        "edits": [_edit_out(edit) for edit in change.edits],
        "real": str(record.real),
        "link": record.link,
        "state": record.state,
        "before": _snapshot_out(record.before),
        "after": _snapshot_out(record.after),
        "prior": _snapshot_out(record.prior),
        "folders": [str(folder) for folder in record.folders],
        "earlier": None if record.earlier is None else _out(record.earlier),
    }


def _in(found: dict[str, Any]) -> Record:
    edits = tuple(map(_edit_in, found["edits"]))
    return Record(
        tool=found["tool"],
        change=FileEdits(Path(found["file"]), found["kind"], edits, found["secret"]),
        real=Path(found["real"]),
        link=found["link"],
        state=found["state"],
        before=_snapshot_in(found["before"]),
        after=_snapshot_in(found["after"]),
        prior=_snapshot_in(found["prior"]),
        folders=tuple(map(Path, found["folders"])),
        earlier=None if found["earlier"] is None else _in(found["earlier"]),
    )


def _edit_out(edit: Edit) -> dict[str, Any]:
    path = [{"key": step.key, "value": step.value} if isinstance(step, Item) else step for step in edit.path]
    return {"path": path} if edit.value is MISSING else {"path": path, "value": edit.value}


def _edit_in(found: dict[str, Any]) -> Edit:
    steps: list[Step] = [Item(step["key"], step["value"]) if isinstance(step, dict) else step for step in found["path"]]
    return Edit(tuple(steps), found.get("value", MISSING))


def _snapshot_out(snapshot: Snapshot) -> dict[str, Any] | None:
    if snapshot.data is None:
        return None
    return {"data": base64.b64encode(snapshot.data).decode(), "mode": snapshot.mode}


def _snapshot_in(found: dict[str, Any] | None) -> Snapshot:
    return Snapshot() if found is None else Snapshot(base64.b64decode(found["data"]), found["mode"])
