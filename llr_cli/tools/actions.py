"""Connecting tools and taking it back, over the journal. What fails for one file is told and stops no other tool."""

import contextlib
import difflib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from addons.edge.places import state_dir
from llr_cli.tools.edits import Unreadable
from llr_cli.tools.journal import Journal, JournalProblem, Step
from llr_cli.tools.masked import masked
from llr_cli.tools.tool import Places, Tool, Wiring


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one file of a tool (or would have been): `problem` says why not."""

    tool: str
    file: Path
    changed: bool = False
    diff: str = ""
    problem: str = ""


def places_of(env: Mapping[str, str]) -> Places:
    home = Path(env.get("HOME") or Path.home())
    return Places(Path(os.path.abspath(home)), env, Path.cwd())


def journal_of(places: Places) -> Journal:
    return Journal(state_dir(places.env) / "tools", places.home)


def installed(tool: Tool, places: Places) -> bool:
    """Whether the tool is on this machine: its program, or the folder of its settings."""
    found = shutil.which(tool.program, path=places.env.get("PATH"))
    return found is not None or any(where.file.parent.is_dir() for where in tool.base_url(places)[:1])


def on(tool: Tool, wiring: Wiring, places: Places, journal: Journal, *, dry: bool = False) -> list[Done]:
    """Writes into the tool's files; with `dry` only says what would be written. Raises JournalProblem and OSError
    when the journal itself cannot be used."""
    if wiring.workspace and not tool.workspaces:
        wiring = replace(wiring, workspace=False)
    changes = tool.change(wiring, places)
    done: list[Done] = []
    with _journal(journal, dry):
        for change in changes:
            write = journal.planned if dry else journal.write
            done.append(_done(tool.name, change.file, partial(write, tool.name, change)))
            if done[-1].problem:
                # the files of one tool belong together
                break
    return done


def undo(names: set[str] | None, journal: Journal, *, dry: bool = False) -> list[Done]:
    """Takes back what llr wrote for the tools of these names (None: for all); nothing is no error. Raises
    JournalProblem and OSError when the journal itself cannot be used."""
    step = journal.planned_undo if dry else journal.undo
    with _journal(journal, dry):
        # a file that is named by another goes after that one
        found = sorted(journal.records(), key=lambda each: (each.change.kind == "whole", each.tool, each.real))
        return [
            _done(record.tool, record.change.file, partial(step, record))
            for record in found
            if names is None or record.tool in names
        ]


@contextlib.contextmanager
def _journal(journal: Journal, dry: bool) -> Iterator[None]:
    """A look at what would be done leaves nothing behind, not even a lock."""
    if dry:
        yield
    else:
        with journal.locked():
            yield


def _done(tool: str, file: Path, step: Callable[[], Step]) -> Done:
    try:
        taken = step()
    except (Unreadable, JournalProblem) as problem:
        return Done(tool, file, problem=str(problem))
    except OSError as error:
        return Done(tool, file, problem=f"{file}: {error.strerror or error}: it stays as it was")
    return Done(tool, file, taken.changed, _diff(taken))


def _diff(step: Step) -> str:
    def lines(data: bytes | None) -> list[str]:
        return masked((data or b"").decode("utf-8", "replace")).splitlines()

    before, after = ("/dev/null" if data is None else str(step.file) for data in (step.before, step.after))
    return "\n".join(difflib.unified_diff(lines(step.before), lines(step.after), before, after, lineterm=""))
