"""The flags of operations: how each is spelt, and what its words mean."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from addons.core.secret_shapes import Secrets
from llr_cli.configure.refusal import Misused, nearest

type Kind = Literal["text", "secret", "words", "switch", "number", "json", "headers", "named"]

TRUE = frozenset({"true", "1", "yes", "on"})
FALSE = frozenset({"false", "0", "no", "off"})
# what a log line around a list of models leaves in it. Source: the predecessor cleans the same
NOISE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|^[\s\-*•\"'`\[\]]+|[\s\"'`\[\]]+$")


@dataclass(frozen=True, slots=True)
class Flag:
    """`name` is the documented one."""

    name: str
    kind: Kind
    help: str
    synonyms: tuple[str, ...] = ()


class Given(dict[str, Any]):
    """The flags of one call by their documented names, with values of their kinds."""

    def wanted(self, name: str) -> Any:
        """Raises Misused when the flag is not given."""
        if self.get(name) in (None, ""):
            raise Misused(f"--{name} is expected")
        return self[name]

    def without(self, *names: str) -> "Given":
        return Given({name: value for name, value in self.items() if name not in names})


def parsed(words: Sequence[str], known: Mapping[str, Flag]) -> Given:
    """`--flag value`, `--flag=value`, and `--switch` alone. `known` is by every spelling. Raises Misused."""
    given = Given()
    for name, text in _pairs(words, known):
        flag = known[name]
        given[flag.name] = value_of(flag, text)
    return given


def value_of(flag: Flag, text: str) -> Any:
    """What `text` means behind the flag. Raises Misused; no refusal repeats a secret."""
    try:
        return _READERS[flag.kind](text)
    except ValueError as error:
        raise Misused(f"--{flag.name}: {error}") from error


def _pairs(words: Sequence[str], known: Mapping[str, Flag]) -> Iterator[tuple[str, str]]:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            # it may be a key that came adrift
            raise Misused(f"{Secrets().removed(word)!r}: a flag is expected, as in --flag=value")
        name, equals, text = word[2:].partition("=")
        if name not in known:
            raise Misused(f"there is no flag --{name}{_perhaps(name, known)}")
        if not equals:
            text = _following(known[name], rest)
        yield name, text


def _following(flag: Flag, rest: list[str]) -> str:
    """The value that stands behind a flag as a word of its own."""
    if flag.kind == "switch":
        return rest.pop(0) if rest and rest[0].lower() in TRUE | FALSE else "true"
    if flag.kind == "named" and (not rest or rest[0].startswith("--")):
        return "true"
    if not rest or (rest[0].startswith("--") and len(rest[0]) > 2):
        raise Misused(f"--{flag.name}: a value is expected behind it")
    return rest.pop(0)


def _perhaps(name: str, known: Mapping[str, Flag]) -> str:
    return nearest(name, known).replace("'", "", 1).replace("perhaps ", "perhaps --").replace("' is", " is")


def _switch(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError("expected true or false (1, 0, yes, no, on, off)")


def _number(text: str) -> int | float:
    try:
        return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text.strip()) else float(text)
    except ValueError:
        raise ValueError(f"expected a number, got {text!r}") from None


def _words(text: str) -> list[str]:
    """Comma- or line-separated, or a JSON list; each once."""
    if text.strip().startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return list(dict.fromkeys(found))
    cleaned = (NOISE.sub("", NOISE.sub("", word)).strip() for word in re.split(r"[,\n]", text))
    return list(dict.fromkeys(word for word in cleaned if word))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"expected JSON{where}") from None


def _headers(text: str) -> dict[str, Any]:
    """A JSON object, or `Name: value` lines."""
    if text.lstrip().startswith("{"):
        found = _json(text)
        if isinstance(found, dict):
            return found
    pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
    if not all(colon for _, colon, _ in pairs):
        raise ValueError('expected {"Name": "value"} or Name: value')
    return {name.strip(): value.strip() for name, _, value in pairs}


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    "text": str.strip,
    "secret": str.strip,
    # a switch that may name what it is about
    "named": str.strip,
    "words": _words,
    "switch": _switch,
    "number": _number,
    "json": _json,
    "headers": _headers,
}
