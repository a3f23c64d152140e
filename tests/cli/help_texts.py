"""What `--help` of every command says, as files: `make help-texts` writes them anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from llr_cli.main import app

FOLDER = Path(__file__).parent / "help"
# a terminal of its own, whoever runs this
TERMINAL = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "LLM_ROUTER_PORT": ""}


def commands() -> Iterator[tuple[str, ...]]:
    """The words of every command that is shown to people, groups included."""
    yield from _below((), typer.main.get_command(app), None)


def _below(words: tuple[str, ...], command: Any, parent: Any) -> Iterator[tuple[str, ...]]:
    yield words
    if not hasattr(command, "list_commands"):
        return
    context = typer.Context(command, parent=parent, info_name=words[-1] if words else "llr")
    for name in sorted(command.list_commands(context)):
        found = command.get_command(context, name)
        if not found.hidden:
            yield from _below((*words, name), found, context)


def said(words: tuple[str, ...]) -> str:
    """What a command says to `--help`."""
    done = CliRunner(env=TERMINAL).invoke(app, [*words, "--help"], prog_name="llr")
    assert done.exit_code == 0, done.output
    return "\n".join(line.rstrip() for line in done.output.rstrip().split("\n")) + "\n"


def place(words: tuple[str, ...]) -> Path:
    return FOLDER / f"{'-'.join(('llr', *words))}.txt"


def write() -> None:
    """Writes every file, and removes those of commands that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = {place(words): said(words) for words in commands()}
    for file in set(FOLDER.glob("*.txt")) - wanted.keys():
        file.unlink()
    for file, text in wanted.items():
        file.write_text(text)


if __name__ == "__main__":
    write()
