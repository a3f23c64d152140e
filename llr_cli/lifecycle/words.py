"""The words of a `llr start`, as far as other commands have to understand them."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

LOG_FILE = "--log-file"
_DETACH = frozenset({"--detach", "-d"})
_WITH_VALUE = ("--detach=", f"{LOG_FILE}=")


def in_foreground(words: Sequence[str]) -> tuple[str, ...]:
    """`words` without those that have it run in the background."""
    own, rest = _parted(words)
    found, skip = [], False
    for word in own:
        if skip or word in _DETACH or word.startswith(_WITH_VALUE):
            skip = False
        elif word == LOG_FILE:
            skip = True
        else:
            found.append(word)
    return (*found, *rest)


def with_options(words: Sequence[str], *options: str) -> tuple[str, ...]:
    """`words` with options that win over those that they have."""
    own, rest = _parted(words)
    return (*own, *options, *rest)


def config_of(words: Sequence[str], folder: str) -> Path | None:
    """The configuration that is named; a relative path starts at `folder`."""
    own, _ = _parted(words)
    named = None
    for word, following in zip_longest(own, own[1:], fillvalue=""):
        if word == "--config":
            named = following
        elif word.startswith("--config="):
            named = word.partition("=")[2]
    return Path(folder, Path(named).expanduser()) if named else None


def _parted(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is llr's own, and what is passed on, its `--` included."""
    end = words.index("--") if "--" in words else len(words)
    return tuple(words[:end]), tuple(words[end:])
