"""Edits of the probe that asks a provider for what is left of its quota."""

from collections.abc import Mapping
from typing import Any

from addons.config.models import ProviderNode
from llr_cli.configure import places
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused
from llr_cli.configure.spelling import place, write
from llr_cli.configure.text import MISSING, Config

# flag → where its value stands in `quotaProbe`
PLACES: Mapping[str, tuple[str, ...]] = {
    "probe-mode": ("mode",),
    "cap-kind": ("capKind",),
    "combinator": ("combinator",),
    "enforce": ("enforce",),
    "safety-margin-dollars": ("safetyMargin", "dollars"),
    "safety-margin-percent": ("safetyMargin", "percent"),
    "probe-method": ("http", "method"),
    "probe-url": ("http", "url"),
    "probe-body": ("http", "body"),
    "probe-timeout": ("http", "timeoutMs"),
    "probe-mapping": ("http", "mapping"),
    "custom-source": ("custom", "source"),
    "refresh-on-ui-open": ("refreshTriggers", "onUiOpen"),
    "refresh-on-reset-at": ("refreshTriggers", "onResetAt"),
    "refresh-on-upstream-error": ("refreshTriggers", "onUpstreamError"),
}
# flag → the value of the mapping, and how it is read when nothing is said
MAPPED: Mapping[str, tuple[str, str]] = {
    "probe-mapping-used": ("used", "number"),
    "probe-mapping-limit": ("limit", "number"),
    "probe-mapping-remaining": ("remaining", "number"),
    "probe-mapping-reset-at": ("resetAt", "datetime"),
    "probe-mapping-is-unlimited": ("isUnlimited", "boolean"),
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "probe-mode": ("http", "custom"),
    "cap-kind": ("dollars", "tokens", "requests"),
    "combinator": ("AND", "OR", "REPLACE"),
    "enforce": ("gate", "observe"),
}


def edit(config: Config, given: Given) -> Config:
    """The probe as given; what is not given stays."""
    path = places.provider(config, given.wanted("provider-id"))
    if given.get("disable-quota-probe"):
        return write(config, path, ProviderNode, "quota_probe", MISSING)
    if "quota-probe-json" in given:
        if not isinstance(given["quota-probe-json"], dict):
            raise Misused("--quota-probe-json: expected an object")
        config = write(config, path, ProviderNode, "quota_probe", given["quota-probe-json"])
    found = {PLACES[flag]: _checked(flag, given[flag]) for flag in PLACES if flag in given}
    for flag, (name, kind) in MAPPED.items():
        if flag in given:
            found["http", "mapping", name] = _mapped(given[flag], kind)
    if "probe-headers" in given:
        pairs = given["probe-headers"].items()
        found["http", "headers"] = [{"key": name, "value": value} for name, value in pairs]
    if not found and "quota-probe-json" not in given:
        raise Misused("nothing to change: --probe-url, --quota-probe-json or --disable-quota-probe, for example")
    top = place(config, path, ProviderNode, "quota_probe")
    if config.get(top, None) is None:
        config = config.set(top, {"enabled": True})
    for where, value in found.items():
        config = config.set((*top, *where), value)
    return config


def _checked(flag: str, value: Any) -> Any:
    known = WORDS.get(flag)
    if known is None:
        return value
    meant = next((word for word in known if word.lower() == str(value).lower()), None)
    if meant is None:
        raise Misused(f"--{flag}: expected {', '.join(known)}, got {value!r}")
    return meant


def _mapped(text: str, kind: str) -> dict[str, str]:
    """`path`, or `path as kind`. Source: the predecessor's mappings, `{path, as}`."""
    path, _, said = text.partition(" as ")
    return {"path": path.strip(), "as": said.strip() or kind}
