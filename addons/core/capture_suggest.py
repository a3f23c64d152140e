"""Configuration for the model names that a capture saw and nothing answers to: ready to be pasted, but for the targets
where nothing can be guessed."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PLACEHOLDER = "PROVIDER/MODEL"
_DATED = re.compile(r"[-@](?:20\d{6}|latest)$")
_VENDOR = re.compile(r"^.*/")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`document` is what to add to the configuration; `guessed` are the names whose target is a guess, with it, and
    `open_names` those that have none."""

    document: Mapping[str, Any]
    guessed: Mapping[str, str]
    open_names: tuple[str, ...]


def suggest(models: Iterable[Mapping[str, Any]], offered: Iterable[str]) -> Suggestion:
    """For entries of `observed-models.json`; `offered` are the `provider/model` references of the configuration.

    AMP's names become `amp.rawModelRoutes` (the keys of `amp.routes` are AMP's modes and agents), others aliases."""
    targets, known = list(offered), dict[str, str]()
    routes: dict[str, str] = {}
    aliases: dict[str, Any] = {}
    for entry in models:
        name = str(entry.get("model", ""))
        verdict = entry.get("verdict")
        if not name or name.startswith("[REDACTED") or (isinstance(verdict, dict) and verdict.get("known")):
            continue
        target = known.setdefault(name, nearest(name, targets))
        if entry.get("tool") == "amp":
            routes[name] = target
        else:
            aliases[name] = {"targets": [target]}
    document: dict[str, Any] = {}
    if aliases:
        document["modelAliases"] = dict(sorted(aliases.items()))
    if routes:
        document["amp"] = {"rawModelRoutes": [{"from": name, "to": to} for name, to in sorted(routes.items())]}
    guessed = {name: target for name, target in sorted(known.items()) if target != PLACEHOLDER}
    return Suggestion(document, guessed, tuple(sorted(known.keys() - guessed.keys())))


def nearest(name: str, offered: list[str]) -> str:
    """The offered model that is most likely the same, or the placeholder."""
    wanted = _core(name)
    by_core = {_core(ref): ref for ref in reversed(offered)}
    if wanted in by_core:
        return by_core[wanted]
    close = difflib.get_close_matches(wanted, by_core, n=1, cutoff=0.6)
    return by_core[close[0]] if close else PLACEHOLDER


def _core(name: str) -> str:
    """A model's name without vendor and date: `us.anthropic/claude-x-20250929` is `claude-x`."""
    return _DATED.sub("", _VENDOR.sub("", name.lower())).replace(".", "-")
