"""Where llr writes: that it can, that others cannot read it, and that the database in it is whole."""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from addons.edge.places import state_dir
from addons.edge.states import BACKEND, FILE, WORDS
from llr_cli.doctor.checks import Finding, Subject

BUSY_SECONDS = 2.0


def places(subject: Subject) -> Iterable[Finding]:
    yield folder(state_dir(subject.env))
    yield from database(subject)


def folder(path: Path) -> Finding:
    """The folder of state; one that is not there yet is made by the first router."""
    there = next(each for each in (path, *path.parents) if each.exists())
    if not there.is_dir():
        return Finding("state folder", "failed", f"{there} is no folder", "move it away, or set LLM_ROUTER_STATE_DIR")
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding("state folder", "failed", f"{there} cannot be written", f"chmod u+rwx {there}")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o700
    if mode & 0o077:
        return Finding("state folder", "warning", f"{path} may be read by others (mode {mode:o})", f"chmod 700 {path}")
    return Finding("state folder", "ok", f"{path}{'' if path.exists() else ' (will be made)'}")


def database(subject: Subject) -> Iterable[Finding]:
    backend = WORDS.get(subject.env.get(BACKEND, "").strip().lower())
    if backend is None:
        yield Finding("state database", "failed", f"{BACKEND} is none of {', '.join(filter(None, WORDS))}", "unset it")
        return
    if backend != "sqlite":
        yield Finding("state database", "note", f"the state is kept in {backend}")
        return
    named = subject.env.get(FILE, "").strip()
    path = Path(named).expanduser() if named else state_dir(subject.env) / "state.db"
    if not path.exists():
        yield Finding("state database", "ok", f"{path} (will be made)")
        return
    yield from _examined(path)
    aside = sorted(path.parent.glob(f"{path.name}.corrupt-*"))
    if aside:
        text = f"broken ones were put aside: {', '.join(each.name for each in aside)}"
        yield Finding("state database", "note", text, "delete them when nobody wants to look at them")


def _examined(path: Path) -> Iterable[Finding]:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        yield Finding("state database", "warning", f"{path} may be read by others (mode {mode:o})", f"chmod 600 {path}")
    if not os.access(path, os.R_OK | os.W_OK):
        yield Finding("state database", "failed", f"{path} cannot be read and written", f"chmod 600 {path}")
        return
    try:
        problem = _quick_check(path)
    except sqlite3.Error as error:
        problem = str(error)
    if problem:
        mend = "restart the router: it puts a broken one aside and begins anew"
        yield Finding("state database", "failed", f"{path}: {problem}", mend)
    else:
        yield Finding("state database", "ok", f"{path} is whole")


def _quick_check(path: Path) -> str:
    """What SQLite finds wrong; "" for nothing. Raises sqlite3.Error."""
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        database.close()
    return "" if found == "ok" else str(found)
