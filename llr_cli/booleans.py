"""Options that are switches also take `=true` and `=false`, as the predecessor's did: documented command lines work."""

from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperCommand

TRUE = frozenset({"true", "1", "yes", "on"})
FALSE = frozenset({"false", "0", "no", "off"})


class Switches(TyperCommand):
    """A command whose switches may be given a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return list(super().parse_args(ctx, list(plain(args, self.params))))


def plain(words: Sequence[str], params: Iterable[Any]) -> Iterable[str]:
    """`words` with switches in the form that is parsed; a switch that is off and has no opposite is left out. What
    follows `--` stays."""
    switches = {name: each for each in params if getattr(each, "is_flag", False) for name in each.opts}
    rest = iter(words)
    waiting = ""
    for word in rest:
        if waiting and word.lower() in TRUE | FALSE:
            yield from _switched(waiting, word, switches)
            waiting = ""
            continue
        if waiting:
            yield waiting
            waiting = ""
        if word == "--":
            yield word
            yield from rest
            return
        name, equals, value = word.partition("=")
        if equals and name in switches and value.lower() in TRUE | FALSE:
            yield from _switched(name, value, switches)
        elif word in switches and word.startswith("--"):
            waiting = word
        else:
            yield word
    if waiting:
        yield waiting


def _switched(name: str, value: str, switches: dict[str, Any]) -> Iterable[str]:
    if value.lower() in TRUE:
        yield name
        return
    opposite = next((each for each in switches[name].secondary_opts if each.startswith("--")), None)
    if opposite is not None:
        yield opposite
