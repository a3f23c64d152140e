"""What is to be written into a file, and how it is taken out again: values at paths, in whatever the file is written.

Taking out is three-way: of what the file said before, what llr wrote and what it says now, only the values that are
still llr's go back (promise 29).
"""

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final, Literal, Protocol

from llr_cli.tools.spans import dotenv, jsonc, toml
from llr_cli.tools.spans.common import BOM, MISSING, Path, SpanProblem, Verbatim, same

type Kind = Literal["jsonc", "toml", "dotenv", "whole"]


class Editor(Protocol):
    def get(self, text: str, path: Path, /) -> Any: ...
    def verbatim(self, text: str, path: Path, /) -> Verbatim | None: ...
    def set(self, text: str, path: Path, value: Any, /) -> str: ...
    def delete(self, text: str, path: Path, /) -> str: ...


EDITORS: Final[dict[str, Editor]] = {"jsonc": jsonc, "toml": toml, "dotenv": dotenv}
EMPTY_DOCUMENTS = ("", "{}")


@dataclass(frozen=True, slots=True)
class Edit:
    """A value to be at `path`; MISSING: nothing is to be there."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class FileEdits:
    """All that is written into one file. `secret`: a key is among it, so the file is to be its owner's alone. A
    `whole` file is llr's own, and its only edit holds its text."""

    file: FilePath
    kind: Kind
    edits: tuple[Edit, ...]
    secret: bool = False


class Unreadable(Exception):
    """A file cannot be edited; the text says where and how to mend it."""


def decoded(file: FilePath, data: bytes | None) -> str:
    """Raises Unreadable."""
    try:
        return (data or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file} is no UTF-8 text (at byte {error.start}): save it as such") from error


def edited(change: FileEdits, data: bytes | None) -> bytes:
    """`data` with the edits in it. Raises Unreadable."""
    if change.kind == "whole":
        return str(change.edits[0].value).encode()
    text, editor = decoded(change.file, data), EDITORS[change.kind]
    try:
        for edit in change.edits:
            gone = edit.value is MISSING
            text = editor.delete(text, edit.path) if gone else editor.set(text, edit.path, edit.value)
    except SpanProblem as problem:
        raise Unreadable(f"{change.file}: {problem}") from problem
    return text.encode("utf-8", "surrogatepass")


def taken_back(change: FileEdits, before: bytes | None, now: bytes) -> bytes | None:
    """`now`, with what is still as `change` wrote it as it was `before`; None when nothing is left of a file that was
    not there. Raises Unreadable."""
    if change.kind == "whole":
        return before if now == edited(change, None) else now
    old, text, editor = decoded(change.file, before), decoded(change.file, now), EDITORS[change.kind]
    try:
        for edit in reversed(change.edits):
            if same(editor.get(text, edit.path), edit.value):
                text = _restored(editor, old, text, edit.path)
    except SpanProblem as problem:
        raise Unreadable(f"{change.file}: {problem}") from problem
    if before is None and text.strip(BOM).strip() in EMPTY_DOCUMENTS:
        return None
    return text.encode("utf-8", "surrogatepass")


def _restored(editor: Editor, old: str, text: str, path: Path) -> str:
    """`text` with the value of `old` at `path`; what was made to hold it goes with it when it holds nothing else."""
    value = editor.verbatim(old, path)
    if value is not None:
        return editor.set(text, path, value)
    text = editor.delete(text, path)
    for depth in range(len(path) - 1, 0, -1):
        parent = path[:depth]
        if editor.get(old, parent) is not MISSING or editor.get(text, parent) not in ({}, []):
            break
        text = editor.delete(text, parent)
    return text
