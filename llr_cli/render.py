"""The only file that imports rich, and only when something is shown. No colours without a terminal or with NO_COLOR."""

import json as _json
import os
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.console import Console


# a pipe has no width of its own; tables must not be folded for a terminal that is not there
PIPE_WIDTH = 200

# columns of a table that goes into a file or a pipe, where a folded URL could not be found again
NEVER_FOLDED = 10_000

# rows that a growing table shows; the older ones scroll away
GROWING_ROWS = 30
# of a table: its head, and the empty lines around it
FRAME_LINES = 5
SHORT_CELL = 14


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def line(text: str) -> None:
    _console().print(text, markup=False)


def prose(text: str) -> None:
    """Sentences, broken between words where the terminal ends."""
    _console().print(text, markup=False, soft_wrap=False)


def tilde(path: object) -> str:
    """A path as people write it: what is below the home folder begins with `~`."""
    text, home = str(path), os.environ.get("HOME", "").rstrip("/")
    return f"~{text.removeprefix(home)}" if home and text.startswith(f"{home}/") else text


def as_is(text: str) -> None:
    """What another process has written on its stderr, on ours."""
    sys.stderr.write(text + "\n")


def write(text: str) -> None:
    """Text without a line end, shown at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def heading(text: str) -> None:
    _console().print(f"\n{text}", style="bold", markup=False)


def success(text: str) -> None:
    _console().print(text, style="green", markup=False)


def failure(text: str) -> None:
    """Something went wrong that was expected to be told, not an error of the command."""
    _console().print(text, style="yellow", markup=False)


def warning(text: str) -> None:
    _console(stderr=True).print(f"warning: {text}", style="yellow", markup=False)


def error(text: str) -> None:
    _console(stderr=True).print(f"error: {text}", style="red", markup=False)


@dataclass(frozen=True, slots=True)
class Table:
    """What a table shows; a page is made of tables and lines."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str | None = None


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    console = _console()
    if not console.is_terminal:
        console.width = NEVER_FOLDED
    console.print(_rich_table(Table(columns, rows, title)))


def _rich_table(content: Table) -> Any:
    from rich import box
    from rich import table as rich_table
    from rich.text import Text

    shown = rich_table.Table(title=content.title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for column in content.columns:
        shown.add_column(column, overflow="fold")
    for row in content.rows:
        shown.add_row(*(Text(cell) for cell in row))
    return shown


def _one_line_each(content: Table) -> Any:
    """A table whose rows are cut rather than broken; columns of short cells stay whole."""
    from rich import box
    from rich import table as rich_table
    from rich.text import Text

    shown = rich_table.Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(content.columns):
        widest = max(len(cell) for cell in (column, *(row[number] for row in content.rows)))
        # what may not be broken is cut last
        shown.add_column(column, no_wrap=widest <= SHORT_CELL)
    for row in content.rows:
        shown.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in row))
    return shown


def page(parts: Sequence[Table | str]) -> None:
    """Lines and tables, one after the other."""
    for part in parts:
        if isinstance(part, str):
            line(part)
        else:
            table(part.columns, part.rows, part.title)


class Screen:
    """A page that is shown anew in its place; without a terminal the pages follow each other. A context manager."""

    def __init__(self) -> None:
        self._live: Any = None

    def __enter__(self) -> Self:
        console = _console()
        if console.is_terminal:
            from rich.live import Live

            self._live = Live(console=console, screen=True, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, parts: Sequence[Table | str]) -> None:
        if self._live is None:
            page(parts)
            sys.stdout.flush()
            return
        from rich.console import Group
        from rich.text import Text

        shown = (Text(part) if isinstance(part, str) else _rich_table(part) for part in parts)
        self._live.update(Group(*shown), refresh=True)


def note(text: str) -> None:
    """What a person may want to know beside the output, which may go into a file."""
    _console(stderr=True).print(text, markup=False)


class Growing:
    """A table that rows are added to while it is shown, from the first one on: what is said before it stays above it.
    Without a terminal each row is a line. A context manager."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._rows: deque[Sequence[str]] = deque(maxlen=GROWING_ROWS)
        self._live: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def add(self, row: Sequence[str]) -> None:
        console = _console()
        self._rows.append(row)
        if not console.is_terminal:
            line("  ".join(cell or "-" for cell in row))
        elif self._live is None:
            from rich.live import Live

            self._live = Live(get_renderable=self._table, console=console, refresh_per_second=4)
            self._live.start()

    def _table(self) -> Any:
        """The latest rows, as many as the terminal has lines for: of what is longer it would show the beginning."""
        room = max(_console().size.height - FRAME_LINES, 1)
        return _one_line_each(Table(self._columns, tuple(self._rows)[-room:]))


class Progress:
    """How far something long is, on a terminal; nothing on a pipe. A context manager."""

    def __init__(self, total: int, *, quiet: bool = False) -> None:
        self._total = total
        self._quiet = quiet
        self._shown: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        console = _console(stderr=True)
        if console.is_terminal and not self._quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
            self._shown = Bar(*columns, console=console, transient=True)
            self._shown.start()
            self._task = self._shown.add_task("", total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.stop()

    def at(self, what: str) -> None:
        if self._shown is not None:
            self._shown.update(self._task, description=what)

    def step(self) -> None:
        if self._shown is not None:
            self._shown.advance(self._task)


def json(value: Any) -> None:
    sys.stdout.write(_json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def json_line(value: Any) -> None:
    """One object in one line, at once."""
    write(_json.dumps(value, ensure_ascii=False) + "\n")
