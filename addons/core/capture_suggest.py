"""Configuration for the model names that a capture saw and nothing answers to: ready to be pasted, but for the targets
where nothing can be guessed."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from addons.amp.catalogue import BY_ID
from addons.amp.plan import Schema

PLACEHOLDER = "PROVIDER/MODEL"
_HIDDEN = "[REDACTED"
_DATED = re.compile(r"[-@](?:20\d{6}|latest)$")
_VENDOR = re.compile(r"^.*/")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`document` is what to add to the configuration; `guessed` are the names whose target is a guess, with it, and
    `open_names` those that have none."""

    document: Mapping[str, Any]
    guessed: Mapping[str, str]
    open_names: tuple[str, ...]


def suggest(models: Iterable[Mapping[str, Any]], offered: Iterable[str], schema: Schema = "routes") -> Suggestion:
    """For entries of `observed-models.json`; `offered` are the `provider/model` references of the configuration, and
    `schema` is how its AMP requests are routed.

    What AMP's requests were taken for becomes a route; of the models of one entity, the most usual is looked at. Names
    of AMP's that tell nothing are routed by themselves, and those of other tools become aliases."""
    targets, known = list(offered), dict[str, str]()
    entities: dict[str, str] = {}
    raw: dict[str, str] = {}
    aliases: dict[str, Any] = {}
    for entry in sorted(models, key=lambda each: -int(each.get("requests") or 0)):
        name, entity = str(entry.get("model", "")), _plain(entry.get("entity"))
        if not _is_open(name, entry.get("verdict")) or (entry.get("tool") == "amp" and entity in entities):
            continue
        target = known.setdefault(name, nearest(name, targets))
        if entry.get("tool") != "amp":
            aliases[name] = {"targets": [target]}
        elif entity:
            entities[entity] = target
        else:
            raw[name] = target
    document = _SCHEMAS[schema](dict(sorted(entities.items())), sorted(raw.items()))
    if aliases:
        document = {"modelAliases": dict(sorted(aliases.items())), **document}
    guessed = {name: target for name, target in sorted(known.items()) if target != PLACEHOLDER}
    return Suggestion(document, guessed, tuple(sorted(known.keys() - guessed.keys())))


def _plain(word: object) -> str:
    return word if isinstance(word, str) and not word.startswith(_HIDDEN) else ""


def _is_open(name: str, verdict: object) -> bool:
    """Whether nothing answers to the name, as far as is known."""
    return bool(_plain(name)) and not (isinstance(verdict, dict) and verdict.get("known"))


def _mapped(raw: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"from": name, "to": to} for name, to in raw]


def _block(name: str, **members: Any) -> dict[str, Any]:
    """A block of the document with what is not empty; no document when everything is."""
    said = {key: value for key, value in members.items() if value}
    return {name: said} if said else {}


def _routes(entities: Mapping[str, str], raw: list[tuple[str, str]]) -> dict[str, Any]:
    return _block("amp", routes=entities, rawModelRoutes=_mapped(raw))


def _legacy(entities: Mapping[str, str], raw: list[tuple[str, str]]) -> dict[str, Any]:
    """Its own keys: the newer ones would turn the others off."""
    return _block("amp", subagentMappings=entities, modelMappings=_mapped(raw))


def _routing1(entities: Mapping[str, str], raw: list[tuple[str, str]]) -> dict[str, Any]:
    modes = {name: to for name, to in entities.items() if name in BY_ID and BY_ID[name].kind == "mode"}
    agents = {name: to for name, to in entities.items() if name not in modes}
    return _block("ampRouting", modeMap=modes, agentMap=agents, modelMap=_mapped(raw))


_SCHEMAS: Mapping[Schema, Callable[[Mapping[str, str], list[tuple[str, str]]], dict[str, Any]]] = {
    "routes": _routes,
    "legacy": _legacy,
    "1.x": _routing1,
}


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
