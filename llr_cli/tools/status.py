"""How the coding tools are connected, and what would win over it. It reads, and writes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from llr_cli.tools.disk import Disk
from llr_cli.tools.edits import EDITORS, Unreadable, decoded, edited
from llr_cli.tools.masked import shown
from llr_cli.tools.records import Record
from llr_cli.tools.spans.common import MISSING, SpanProblem, same, spelled
from llr_cli.tools.tool import Places, Project, Tool, Where

# on: as llr wrote it; changed: no longer; foreign: set by somebody else; unreadable: the file has to be mended
type State = Literal["on", "changed", "foreign", "off", "unreadable"]


@dataclass(frozen=True, slots=True)
class Override:
    """What wins over a tool's user-level file: a value in a file of a project, or a variable (`source` is its name)."""

    source: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Status:
    tool: Tool
    state: State
    base_url: str | None
    files: tuple[Path, ...]
    overrides: tuple[Override, ...]
    problem: str = ""


def status(tool: Tool, places: Places, records: Iterable[Record], origin: str) -> Status:
    """The state of one tool. Raises OSError for a file that cannot be read."""
    own = [record for record in records if record.tool == tool.name]
    where = tool.base_url(places)
    overrides = tuple(_overrides(tool, places, origin))
    files = tuple(record.change.file for record in own) or (where[0].file,)
    try:
        found = [url for each in where if (url := _base_url(each)) is not None]
        as_written = all(_as_written(record) for record in own)
    except (Unreadable, SpanProblem) as problem:
        return Status(tool, "unreadable", None, files, overrides, str(problem))
    url = found[0] if found else None
    state: State = ("on" if as_written else "changed") if own else "off" if url is None else "foreign"
    return Status(tool, state, url, files, overrides)


def _base_url(where: Where) -> str | None:
    value = _value(where)
    if isinstance(value, list):
        # Factory Droid's models have one each
        urls = [each.get("baseUrl") for each in value if isinstance(each, dict) and each.get("_llmRouterManaged")]
        value = urls[0] if urls else None
    return value if isinstance(value, str) else None


def _value(where: Where) -> Any:
    try:
        data = Disk().read(where.file).data
    except NotADirectoryError:
        return MISSING
    if data is None:
        return MISSING
    try:
        return EDITORS[where.kind].get(decoded(where.file, data), where.path)
    except SpanProblem as problem:
        raise Unreadable(f"{where.file}: {problem}") from problem


def _as_written(record: Record) -> bool:
    change, data = record.change, Disk().read(record.change.file).data
    if change.kind == "whole":
        return data == edited(change, None)
    return data is not None and all(
        same(_value(Where(change.file, change.kind, edit.path)), edit.value) for edit in change.edits
    )


def _overrides(tool: Tool, places: Places, origin: str) -> Iterator[Override]:
    for name in tool.variables:
        if places.env.get(name):
            yield Override(f"${name}", name, shown(name, places.env[name]))
    for folder in (places.work, *places.work.parents):
        if folder == places.home:
            # from here on it is the person's own
            return
        for project in tool.projects:
            yield from _project(folder / project.file, project, origin)


def _project(file: Path, project: Project, origin: str) -> Iterator[Override]:
    if not file.is_file():
        return
    for path in project.paths:
        try:
            value = _value(Where(file, project.kind, path))
        except (Unreadable, OSError) as problem:
            yield Override(str(file), "", f"cannot be read: {problem}")
            return
        if value is MISSING or (isinstance(value, str) and value.startswith(origin)):
            continue
        text = value if isinstance(value, str) else "…"
        yield Override(str(file), spelled(path), shown(str(path[-1]), text))
