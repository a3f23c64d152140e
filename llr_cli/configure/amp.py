"""Edits of the `amp` block: AMP's own server, and whom its requests go to."""

import json
import re
from collections.abc import Mapping
from typing import Any

from addons.config.amp_nodes import AmpNode
from addons.config.models import Document
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused
from llr_cli.configure.spelling import place, read, write
from llr_cli.configure.text import MISSING, Config, Path

UPSTREAM = "https://ampcode.com"
# flag → field, where the value is the same
PLAIN: Mapping[str, str] = {
    "amp-upstream-url": "upstream_url",
    "amp-upstream-api-key": "upstream_api_key",
    "amp-restrict-management-to-localhost": "restrict",
    "amp-force-model-mappings": "force_model_mappings",
    "amp-preset": "preset",
    "amp-default-route": "default_route",
    "amp-overrides": "overrides",
}
# flag → field that maps names to references
MAPS: Mapping[str, str] = {"amp-routes": "routes", "amp-subagent-mappings": "subagent_mappings"}
# flag → field that is a list of `{from, to}`
PAIRS: Mapping[str, str] = {"amp-raw-model-routes": "raw_model_routes", "amp-model-mappings": "model_mappings"}
DEFINITIONS = "amp-subagent-definitions"
CLEARED: Mapping[str, str] = {
    **{flag: field for flag, field in PLAIN.items() if flag in ("amp-upstream-url", "amp-upstream-api-key")},
    "amp-default-route": "default_route",
    **MAPS,
    **PAIRS,
    "amp-overrides": "overrides",
    DEFINITIONS: "subagent_definitions",
}
ARROW = re.compile(r"\s*(?:=>|->|→|=)\s*")


def edit(config: Config, given: Given) -> Config:
    """The block as given; what is not given stays. Raises Misused when nothing is given."""
    before = config
    top = place(config, (), Document, "amp")
    for flag, field in CLEARED.items():
        if given.get(f"clear-{flag}") or (flag == DEFINITIONS and given.get("reset-amp-subagent-definitions")):
            config = write(config, top, AmpNode, field, MISSING)
    for flag, field in PLAIN.items():
        if flag in given:
            value = given[flag]
            config = write(config, top, AmpNode, field, MISSING if value in ("", {}) else value)
    for flag, field in MAPS.items():
        if flag in given:
            config = _merged(config, top, field, pairs(flag, given[flag]))
    for flag, field in PAIRS.items():
        if flag in given:
            config = _with_pairs(config, top, field, pairs(flag, given[flag]))
    if DEFINITIONS in given:
        found = pairs(DEFINITIONS, given[DEFINITIONS])
        wanted = [{"id": name, "patterns": _patterns(value)} for name, value in found]
        config = write(config, top, AmpNode, "subagent_definitions", wanted)
    if config is before and not any(flag.startswith(("amp-", "clear-amp-", "reset-amp-")) for flag in given):
        raise Misused("nothing to change: --amp-routes, --amp-default-route or --amp-upstream-url, for example")
    return config


def begun(config: Config, default: str | None, key: str | None) -> Config:
    """With an `amp` block to start from, where there is none. Source: the predecessor begins the same."""
    top = place(config, (), Document, "amp")
    if config.get(top, None) is not None:
        return config
    block: dict[str, Any] = {"upstreamUrl": UPSTREAM, "restrictManagementToLocalhost": True, "preset": "builtin"}
    if default is not None:
        block["defaultRoute"] = default
    if key is not None:
        block["upstreamApiKey"] = key
    return config.set(top, block)


def pairs(flag: str, text: str) -> list[tuple[str, Any]]:
    """`key => ref, key => ref`, or JSON: an object, or a list of `{from, to}`. Raises Misused."""
    if text.lstrip().startswith(("{", "[")):
        return _from_json(flag, text)
    found = []
    for each in re.split(r"[,\n]", text):
        name, arrow, ref = _split(each.strip())
        if each.strip() and not arrow:
            raise Misused(f"--{flag}: expected key => value, got {each.strip()!r}")
        if each.strip():
            found.append((name, ref))
    return found


def _split(text: str) -> tuple[str, str, str]:
    found = ARROW.search(text)
    return (text, "", "") if found is None else (text[: found.start()], found[0], text[found.end() :])


def _from_json(flag: str, text: str) -> list[tuple[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misused(f"--{flag}: this is no JSON") from error
    if isinstance(value, dict):
        return list(value.items())
    keys = ("from", "id", "key")
    if all(isinstance(each, dict) and any(key in each for key in keys) for each in value):
        return [(next(each[key] for key in keys if key in each), each) for each in value]
    raise Misused(f"--{flag}: expected an object, or a list of objects with a from or an id")


def _merged(config: Config, top: Path, field: str, found: list[tuple[str, Any]]) -> Config:
    where = place(config, top, AmpNode, field)
    for name, ref in found:
        value = ref.get("to", ref.get("ref")) if isinstance(ref, dict) else ref
        config = config.set((*where, name), MISSING if value in ("", None) else value)
    return config


def _with_pairs(config: Config, top: Path, field: str, found: list[tuple[str, Any]]) -> Config:
    """A list keeps its order: what is there already is changed where it stands."""
    now = read(config, top, AmpNode, field, [])
    if isinstance(now, dict):
        return _merged(config, top, field, found)
    wanted = list(now)
    for name, ref in found:
        entry = ref if isinstance(ref, dict) else {"from": name, "to": ref}
        at = next((n for n, each in enumerate(wanted) if isinstance(each, dict) and each.get("from") == name), None)
        if at is None:
            wanted.append(entry)
        else:
            wanted[at] = {**wanted[at], **entry}
    return write(config, top, AmpNode, field, wanted)


def _patterns(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("patterns", [])
    words = value if isinstance(value, list) else str(value).split("|")
    return [word.strip() for word in words if word.strip()]
