"""`llr config edit`: the file in a person's editor, and nothing invalid comes back from there."""

import contextlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from llr_cli import render
from llr_cli.configure.refusal import Refused
from llr_cli.configure.store import NEW, Outcome, Store
from llr_cli.configure.text import Config

VARIABLES = ("VISUAL", "EDITOR")
DEFAULT = "vi"


def edit(config_file: Path | None, env: Mapping[str, str]) -> Outcome:
    """Opens a copy; when the editor ends, it takes the file's place if the router would take it. A copy that is
    refused is kept. Raises Refused."""
    store = Store.of(config_file, env)
    before = store.read().text
    copy = _copy(store.file, before or NEW)
    try:
        _opened(copy, env)
        after = copy.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{copy}: {error}; {store.file} stays as it was") from error
    if after in (before, ""):
        _forget(copy)
        return Outcome(store.file, before, before)

    def change(config: Config) -> Config:
        if before and config.text != before:
            raise Refused(f"{store.file} was changed meanwhile")
        return Config(after)

    try:
        outcome = store.edit(change)
    except Refused as refused:
        raise Refused(f"{refused.text} (your text is kept in {copy})", problems=refused.problems) from refused
    _forget(copy)
    return outcome


def _copy(file: Path, text: str) -> Path:
    """In a folder for its owner alone: there are keys in it."""
    folder = Path(tempfile.mkdtemp(prefix="llr-config-"))
    copy = folder / file.name.lstrip(".")
    with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    return copy


def _opened(copy: Path, env: Mapping[str, str]) -> None:
    command = next((env[name] for name in VARIABLES if env.get(name, "").strip()), DEFAULT)
    try:
        done = subprocess.run([*shlex.split(command), str(copy)], check=False)
    except (OSError, ValueError) as error:
        raise Refused(f"the editor {command!r} cannot be run: set VISUAL or EDITOR ({error})") from error
    if done.returncode:
        render.note(f"your text is in {copy}")
        raise Refused(f"the editor ended with {done.returncode}: nothing is changed")


def _forget(copy: Path) -> None:
    with contextlib.suppress(OSError):
        copy.unlink()
        copy.parent.rmdir()
