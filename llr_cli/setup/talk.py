"""Questions to a person. Every one has an answer that a bare Enter gives, where one makes sense."""

import re
from collections.abc import Sequence

import typer

from llr_cli import render

_SPLIT = re.compile(r"[,\s]+")


def yes(question: str, *, default: bool) -> bool:
    return typer.confirm(question, default=default)


def text(question: str, default: str | None = None) -> str:
    return str(typer.prompt(question, default=default, type=str)).strip()


def secret(question: str) -> str:
    """What is typed is not shown; empty: none."""
    return str(typer.prompt(question, default="", hide_input=True, show_default=False)).strip()


def numbers(question: str, choices: Sequence[str], default: Sequence[int] = ()) -> list[int]:
    """Shows `choices`, numbered from 1; gives the positions (from 0) of those that are taken, each once."""
    for number, choice in enumerate(choices, 1):
        render.line(f"  {number:>2}  {choice}")
    shown = ", ".join(str(position + 1) for position in default) or None
    while True:
        said = text(question, shown)
        found = [int(word) - 1 if word.isdecimal() else -1 for word in _SPLIT.split(said) if word]
        if found and all(0 <= position < len(choices) for position in found):
            return list(dict.fromkeys(found))
        render.failure(f"numbers from 1 to {len(choices)} are expected, separated by commas")


def words(said: str) -> list[str]:
    """Between commas or spaces."""
    return [word for word in _SPLIT.split(said) if word]
