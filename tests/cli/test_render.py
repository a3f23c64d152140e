"""Specification of llr_cli/render.py: colours are for terminals, and only for those who want them."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

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
