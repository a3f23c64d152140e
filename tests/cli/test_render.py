"""Specification of llr_cli/render.py: colours are for terminals, and only for those who want them."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from rich.console import Console

from llr_cli import render

SHOW = "from llr_cli import render; render.error('[red]it[/] broke'); render.table(['a', 'b'], [['x' * 90, '[b]']])"
RED = "\x1b[31m"


def shown(terminal: bool, **env: str) -> str:
    """What the process writes to a terminal, or to a pipe."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    with os.fdopen(ours, "rb", buffering=0) as reader:
        subprocess.run(
            [sys.executable, "-c", SHOW],
            env={"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "200", **env},
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            check=True,
            timeout=30,
        )
        text = reader.read(65_536).decode()
        os.close(theirs)
        return text


@pytest.mark.parametrize(
    ("terminal", "env", "coloured"), [(True, {}, True), (True, {"NO_COLOR": "1"}, False), (False, {}, False)]
)
def test_colours_are_for_terminals_without_no_color(terminal: bool, env: dict[str, str], coloured: bool) -> None:
    assert (RED in shown(terminal, **env)) is coloured


def test_a_pipe_gets_no_control_characters_and_no_folded_cells() -> None:
    text = shown(False, COLUMNS="40")
    assert "\x1b" not in text and "x" * 90 in text


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    text = shown(False)
    assert "[red]it[/] broke" in text and "[b]" in text


def test_a_path_below_the_home_folder_begins_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert render.tilde("/home/ada/.llm-router.json") == "~/.llm-router.json"
    assert render.tilde("/home/adam/x") == "/home/adam/x"


def grown(rows: int, width: int, height: int) -> list[str]:
    """The lines of a live table on a terminal of this size."""
    growing, out = render.Growing(("time", "asked for", "status")), io.StringIO()
    for number in range(rows):
        growing._rows.append((f"12:00:{number:02}", f"number {number} of a model with a very long name indeed", "200"))
    with mock.patch.dict(os.environ, {"COLUMNS": str(width), "LINES": str(height)}):
        Console(file=out, width=width, height=height).print(growing._table())
    return out.getvalue().splitlines()


def test_a_live_table_shows_its_latest_rows_on_a_low_terminal() -> None:
    lines = grown(30, 80, 12)
    assert len(lines) <= 12 and "12:00:29" in lines[-2] and not any("12:00:10" in each for each in lines)


def test_a_live_table_cuts_what_is_long_and_keeps_what_is_short() -> None:
    lines = grown(3, 40, 12)
    assert len(lines) == 3 + 4
    assert all("12:00:0" in each and "…" in each and each.rstrip().endswith("200") for each in lines[3:6])
