"""Edits of any value by its path, for what has no command of its own."""

import json
import re
from typing import Any

from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused
from llr_cli.configure.text import MISSING, Config, Path

STEP = re.compile(r'(?:^|\.)(?P<name>[^.\[\]"]+)|(?:^|\.)"(?P<quoted>[^"]*)"|\[(?P<index>\d{1,6})\]')


def path_of(text: str) -> Path:
    """`a.b[0]` as a path; a name with a dot stands in double quotes. Raises Misused."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = STEP.match(text, at)
        if found is None or text.startswith("."):
            raise Misused(f'{text!r} is no path: expected one like webSearch.count, providers[0] or a."b.c"')
        index = found["index"]
        steps.append(int(index) if index is not None else found["name"] or found["quoted"])
        at = found.end()
    if not steps:
        raise Misused("a path is expected, as in webSearch.count")
    return tuple(steps)


def value_of(text: str) -> Any:
    """JSON, or the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def set_value(config: Config, given: Given) -> Config:
    return config.set(path_of(given.wanted("path")), value_of(given["value"]))


def unset_value(config: Config, given: Given) -> Config:
    path = path_of(given.wanted("path"))
    if config.get(path) is MISSING:
        raise Refused(f"there is nothing at {given['path']}")
    return config.without(path)
