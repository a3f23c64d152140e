"""Why something about the configuration is not done."""

import difflib
from collections.abc import Iterable

from llr_cli.exits import Exit


class Refused(Exception):
    """Nothing is changed; the text says why and how to mend it. `exit` is USAGE where the command itself is wrong,
    `problems` are those of the configuration, by path."""

    def __init__(self, text: str, *, exit: Exit = Exit.FAILURE, problems: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.exit = exit
        self.problems = tuple(problems)


class Misused(Refused):
    """The command is wrong, whatever the configuration says."""

    def __init__(self, text: str) -> None:
        super().__init__(text, exit=Exit.USAGE)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; perhaps … is meant`, or nothing when no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; perhaps {near[0]!r} is meant" if near else ""


class Unreadable(Refused):
    """The file is not what it should be; the text says where in it."""
