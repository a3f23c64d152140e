"""Where commands find requests: a capture of llr's, or what mitmproxy wrote (`mitmdump -w`), told apart by content."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.core.plan import Plan
    from addons.core.redact import Mode
    from addons.edge.capture_files import Folder


class Source(Protocol):
    """Requests, redacted. Raises OSError when they cannot be read."""

    def lines(self) -> Iterator[dict[str, Any]]: ...

    def requests(self) -> Iterator[dict[str, Any]]: ...


def opened(path: Path) -> "Folder":
    """The capture at `path`; ends the command when there is none."""
    from addons.edge.capture_files import NoCapture, captured

    try:
        return captured(path)
    except NoCapture as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None


def source(path: Path, *, full: bool = False, plan: "Plan | None" = None) -> Source:
    """The capture or dump at `path`; ends the command when there is neither. Of a dump texts are kept when `full`;
    what `plan` (default: that of the usual place) makes of its names is said."""
    from addons.core.redact import Mode
    from addons.flow_dump import dump_file

    try:
        open_file = dump_file(path) if path.exists() else None
    except OSError as error:
        render.error(f"{path} cannot be read: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None
    if open_file is None:
        return opened(path)
    return _Told(open_file, Mode.FULL if full else Mode.SIGNATURE, plan or usual_plan())


def of_dump(data: bytes, *, full: bool, plan: "Plan | None") -> Source | None:
    """As `source`, of bytes; None when they are no dump."""
    from addons.core.redact import Mode
    from addons.flow_dump import dump_bytes

    open_file = dump_bytes(data)
    return None if open_file is None else _Told(open_file, Mode.FULL if full else Mode.SIGNATURE, plan)


class _Told:
    """A dump; tells in words that it is none, and ends the command then."""

    def __init__(self, open_file: Callable[[], Any], mode: "Mode", plan: "Plan | None") -> None:
        from addons.core.plan_secrets import secrets_of
        from addons.flow_dump import Dump
        from llr_cli.capture_run import Configured

        known = frozenset() if plan is None else secrets_of(plan)
        self._dump = Dump(open_file, mode, known, Configured(plan, observing=True).verdict)

    def requests(self) -> Iterator[dict[str, Any]]:
        from addons.flow_dump import NoDump

        try:
            yield from self._dump.requests()
        except NoDump as problem:
            render.error(str(problem))
            raise typer.Exit(Exit.FAILURE) from None

    lines = requests


def usual_plan() -> "Plan | None":
    """The configuration at its usual place; None when there is no usable one, which is no reason to fail here."""
    from addons.config import ConfigProblem, load

    try:
        return load(None, os.environ).plan
    except ConfigProblem:
        return None
