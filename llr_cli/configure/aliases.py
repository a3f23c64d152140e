"""Edits of aliases, and of what answers by default."""

import re
from typing import Any

from addons.config.models import AliasNode, Document
from addons.core.strategy import STRATEGY_NAMES
from llr_cli.configure import places
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused, nearest
from llr_cli.configure.spelling import place, read, write
from llr_cli.configure.text import MISSING, Config, Path

WEIGHTED = re.compile(r"(?P<ref>.+)[@:](?P<weight>\d{1,6}(?:\.\d{1,6})?)")
PREFIX = "alias:"
# flag → field, where the value is the same
PLAIN = {"hedge-ms": "hedge", "hold-until-reset": "hold_until_reset", "join-duplicates": "join_duplicates"}


def upsert(config: Config, given: Given) -> Config:
    """The alias as given; what is not given stays. Raises Refused."""
    name = alias_id(given)
    top = place(config, (), Document, "model_aliases")
    path = places.aliases(config).get(name, (*top, name))
    if config.get(path) is MISSING and not (given.get("targets") or given.get("fallback-targets")):
        raise Misused("--targets is expected: provider/model or another alias, separated by commas")
    if "strategy" in given:
        config = write(config, path, AliasNode, "strategy", strategy(given["strategy"]))
    if "targets" in given:
        config = _with_targets(config, path, "targets", given["targets"])
    if given.get("clear-fallback-targets"):
        config = write(config, path, AliasNode, "fallback_targets", MISSING)
    elif "fallback-targets" in given:
        config = _with_targets(config, path, "fallback_targets", given["fallback-targets"])
    if "alias-metadata" in given:
        config = write(config, path, AliasNode, "metadata", given["alias-metadata"] or MISSING)
    for flag, field in PLAIN.items():
        if flag in given:
            config = write(config, path, AliasNode, field, given[flag] or MISSING)
    if "affinity" in given:
        config = write(config, path, AliasNode, "affinity", given["affinity"])
    return config


def add(config: Config, given: Given) -> Config:
    """Raises Refused when there is one of that id already."""
    name = alias_id(given)
    if name in places.aliases(config):
        raise Refused(f"there is an alias {name!r} already; `llr config alias edit {name}` changes it")
    return upsert(config, given)


def edit(config: Config, given: Given) -> Config:
    """Raises Refused when there is none of that id."""
    places.alias(config, alias_id(given))
    return upsert(config, given)


def remove(config: Config, given: Given) -> Config:
    path = places.alias(config, alias_id(given))
    config = config.without(path)
    return config.without(path[:-1]) if config.get(path[:-1]) == {} else config


def alias_id(given: Given) -> str:
    return str(given.wanted("alias-id")).removeprefix(PREFIX)


def strategy(word: str) -> str:
    """The strategy that is meant. Raises Misused, with the nearest name."""
    found = STRATEGY_NAMES.get(word.strip().lower())
    if found is None:
        words = ", ".join(dict.fromkeys(STRATEGY_NAMES.values()))
        raise Misused(f"--strategy: expected {words}, got {word!r}{nearest(word, STRATEGY_NAMES)}")
    return found


def set_default(config: Config, given: Given) -> Config:
    """What `smart`, `default` and no model at all mean. An alias `smart` would hide it."""
    if given.get("clear"):
        return write(config, (), Document, "default_model", MISSING)
    return write(config, (), Document, "default_model", given.wanted("default-model"))


def target(config: Config, word: str, old: dict[str, Any]) -> Any:
    """`ref`, `ref@weight` or `ref:weight` as the document says it; `old` are the targets that are there, by ref. What
    exists under the whole name is that."""
    found = WEIGHTED.fullmatch(word)
    ref, weight = (word, None) if found is None or _known(config, word) else (found["ref"], _weight(found["weight"]))
    before = old.get(ref)
    if isinstance(before, dict):
        rest = {key: value for key, value in before.items() if key != "weight"}
        return before if weight == before.get("weight") else rest if weight is None else {**rest, "weight": weight}
    return ref if weight is None else {"ref": ref, "weight": weight}


def _weight(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


def _known(config: Config, ref: str) -> bool:
    if ref.removeprefix(PREFIX) in places.aliases(config):
        return True
    owner, slash, name = ref.partition("/")
    found = places.providers(config)
    if not slash:
        return any(ref in places.models(config, path) for path in found.values())
    return owner in found and name in places.models(config, found[owner])


def ref_of(each: Any) -> str | None:
    """The reference of a target as the document says it."""
    if isinstance(each, str):
        return each
    return next((each[key] for key in ("ref", "target", "route", "model") if key in each), None)


def _with_targets(config: Config, path: Path, field: str, words: list[str]) -> Config:
    now = read(config, path, AliasNode, field, [])
    old = {ref: each for each in now if isinstance(each, (str, dict)) and (ref := ref_of(each)) is not None}
    wanted = [target(config, word, old) for word in words]
    return write(config, path, AliasNode, field, wanted if wanted else MISSING)
