"""Edits of the models of a provider."""

from typing import Any

from addons.config.models import ModelNode
from llr_cli.configure import places
from llr_cli.configure.flags import Given
from llr_cli.configure.providers import as_object, windows, with_models, with_window
from llr_cli.configure.refusal import Misused
from llr_cli.configure.spelling import place, write
from llr_cli.configure.text import MISSING, Config


def add(config: Config, given: Given) -> Config:
    """Models beside those that the provider has."""
    path = places.provider(config, given.wanted("provider-id"))
    have = places.models(config, path)
    config = with_models(config, path, list(dict.fromkeys([*have, *given.wanted("models")])))
    for name, window in windows(given.get("model-context-windows")).items():
        config = with_window(config, path, name, window)
    return config


def edit(config: Config, given: Given) -> Config:
    """What is said of one model; an empty value takes it away."""
    path = places.provider(config, given.wanted("provider-id"))
    where = places.model(config, path, given.wanted("model"))
    fields = {"model-aliases": "aliases", "formats": "formats", "context-window": "context_window"}
    found = {field: given[flag] for flag, field in fields.items() if flag in given}
    if "enabled" in given:
        found["enabled"] = MISSING if given["enabled"] else False
    if not found and "capabilities" not in given:
        raise Misused("nothing to change: --context-window, --formats, --aliases, --capabilities or --enabled")
    config = as_object(config, where)
    for field, value in found.items():
        config = write(config, where, ModelNode, field, _or_nothing(value))
    for name, value in (given.get("capabilities") or {}).items():
        config = config.set((*where, "capabilities", name), MISSING if value is None else value)
    return config


def remove(config: Config, given: Given) -> Config:
    path = places.provider(config, given.wanted("provider-id"))
    return config.without(places.model(config, path, given.wanted("model")))


def fallbacks(config: Config, given: Given) -> Config:
    """The models that answer when this one cannot."""
    path = places.provider(config, given.wanted("provider-id"))
    where = places.model(config, path, given.wanted("model"))
    if given.get("clear-fallbacks"):
        return write(config, where, ModelNode, "fallback_models", MISSING)
    refs = given.wanted("fallback-models")
    own = f"{places.slug(given['provider-id'])}/{given['model']}"
    if own in refs:
        raise Misused(f"--fallback-models: {own} cannot stand in for itself")
    config = as_object(config, where)
    return write(config, where, ModelNode, "fallback_models", refs)


def fallback_refs(config: Config) -> dict[str, list[str]]:
    """The fallbacks of every model that has any, by `provider/model`."""
    found = {}
    for owner, path in places.providers(config).items():
        for name, where in places.models(config, path).items():
            if isinstance(config.get(where), dict):
                value = config.get(place(config, where, ModelNode, "fallback_models"), [])
                refs = [value] if isinstance(value, str) else value
                if refs:
                    found[f"{owner}/{name}"] = refs
    return found


def _or_nothing(value: Any) -> Any:
    """An empty value takes away what is there; `false` is none."""
    return MISSING if value in ("", []) or (value == 0 and value is not False) else value
