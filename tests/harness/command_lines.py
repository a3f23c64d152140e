"""Whether a command line that llr tells people to type is one that llr takes."""

import re
import shlex
from collections.abc import Iterable
from typing import Any

import typer

from llr_cli.main import app

# what a person fills in
FILLED = {"PORT": "8376"}


def told(text: str) -> Iterable[str]:
    """The command lines in `text`: those that are lines of their own, and those in back quotes or after a colon."""
    for line in text.splitlines():
        if line.startswith("llr "):
            yield line.partition("  #")[0].rstrip()
        else:
            yield from re.findall(r"`(llr [^`]+)`", line)


def taken(line: str) -> None:
    """Parses a command line as llr would, and runs nothing. Raises typer's own error when it is not taken."""
    words = [FILLED.get(word, word) for word in shlex.split(line)[1:]]
    command: Any = typer.main.get_command(app)
    context = typer.Context(command, info_name="llr")
    while words and not words[0].startswith("-") and hasattr(command, "get_command"):
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: there is no command {words[0]}"
        command, words = found, words[1:]
        context = typer.Context(command, info_name=command.name, parent=context)
    if not hasattr(command, "get_command"):
        command.make_context(command.name, words, parent=context.parent)
