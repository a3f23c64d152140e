"""Edits of providers: pure functions from a configuration and what was given to another configuration."""

import json
from collections.abc import Mapping
from typing import Any

from addons.config.models import Document, ModelNode, ProviderNode
from llr_cli.configure import places
from llr_cli.configure.flags import Given
from llr_cli.configure.presets import preset
from llr_cli.configure.refusal import Misused, Refused
from llr_cli.configure.spelling import place, read, write
from llr_cli.configure.text import MISSING, Config, Path

# flag → field of the provider, where the value is the same
PLAIN: Mapping[str, str] = {
    "name": "name",
    "enabled": "enabled",
    "base-url": "base_url",
    "format": "format",
    "formats": "formats",
    "headers": "headers",
    "subscription-type": "subscription_type",
    "subscription-profile": "subscription_profile",
    "max-concurrency": "max_concurrency",
    "anthropic-version": "anthropic_version",
    "anthropic-beta": "anthropic_beta",
}
# flag → the format that it is the base URL of
BASES: Mapping[str, str] = {
    "openai-base-url": "openai",
    "claude-base-url": "claude",
    "responses-base-url": "openai-responses",
    "gemini-base-url": "gemini",
}
AUTH: Mapping[str, str] = {"auth-type": "type", "auth-header": "headerName", "auth-prefix": "prefix"}
KINDS: Mapping[str, str] = {"standard": "", "api-key": "", "subscription": "subscription", "ollama": "ollama"}


def upsert(config: Config, given: Given) -> Config:
    """The provider as given: what is not given stays, and of a new one follows from its preset. Raises Refused."""
    name = provider_id(given)
    if name in places.providers(config):
        return edit(config, given)
    return add(config, given)


def provider_id(given: Given) -> str:
    """The id that is meant: that of the flag, else that of the name or of the preset. Raises Misused."""
    name = given.get("provider-id") or given.get("name") or given.get("preset")
    if not name:
        raise Misused("--provider-id is expected")
    return places.slug(str(name))


def add(config: Config, given: Given) -> Config:
    """Raises Refused when there is one of that id already."""
    name = provider_id(given)
    if name in places.providers(config):
        raise Refused(f"there is a provider {name!r} already; `llr config provider edit {name}` changes it")
    given = _with_preset(given)
    top = place(config, (), Document, "providers")
    index = len(config.get(top, []))
    path = (*top, index)
    start: dict[str, Any] = {"id": name}
    # what comes first is read first
    if given.get("name"):
        start["name"] = given["name"]
    config = config.set(path, start) if index else config.set(top, [start])
    return _said(config, path, given, new=True)


def edit(config: Config, given: Given) -> Config:
    """Raises Refused when there is none of that id."""
    return _said(config, places.provider(config, provider_id(given)), given, new=False)


def remove(config: Config, given: Given) -> Config:
    return config.without(places.provider(config, given.wanted("provider-id")))


def switch(config: Config, given: Given) -> Config:
    """On or off, with everything else kept."""
    path = places.provider(config, given.wanted("provider-id"))
    return write(config, path, ProviderNode, "enabled", MISSING if given.wanted("enabled") else False)


def _with_preset(given: Given) -> Given:
    """What the preset says stands behind what was given itself."""
    if not given.get("preset"):
        return given
    known = preset(given["preset"])
    if known is None:
        raise Misused(f"there is no preset {given['preset']!r}; `llr config provider presets` lists them")
    own_key = any(given.get(flag) for flag in ("api-key", "api-key-env", "api-keys"))
    found = known.flags(key=not own_key)
    if given.get("format") or given.get("formats"):
        del found["formats"]
    return Given({**found, **given})


def _said(config: Config, path: Path, given: Given, *, new: bool) -> Config:
    config = _typed(config, path, given)
    for flag, field in PLAIN.items():
        if flag in given:
            config = write(config, path, ProviderNode, field, _or_nothing(given[flag]))
    for flag, other in (("format", "formats"), ("formats", "format")):
        # one of them takes the place of the other, unless both are said
        if given.get(flag) and other not in given:
            config = write(config, path, ProviderNode, other, MISSING)
    config = _bases(config, path, given)
    config = _keys(config, path, given)
    config = _auth(config, path, given)
    if "models" in given:
        config = with_models(config, path, given["models"])
    for name, window in windows(given.get("model-context-windows")).items():
        config = with_window(config, path, name, window)
    if "rate-limits" in given and new:
        config = write(config, path, ProviderNode, "rate_limits", given["rate-limits"])
    return config


def _or_nothing(value: Any) -> Any:
    """An empty value takes away what is there."""
    return MISSING if value in ("", [], {}) else value


def _typed(config: Config, path: Path, given: Given) -> Config:
    if "type" not in given:
        return config
    kind = str(given["type"]).lower()
    if kind not in KINDS:
        raise Misused(f"--type: expected {', '.join(KINDS)}, got {given['type']!r}")
    return write(config, path, ProviderNode, "type", _or_nothing(KINDS[kind]))


def _bases(config: Config, path: Path, given: Given) -> Config:
    """Endpoints: the first of a list is the base of every format that has none of its own."""
    endpoints = given.get("endpoints")
    if endpoints and "base-url" not in given:
        config = write(config, path, ProviderNode, "base_url", endpoints[0])
    by_format = {BASES[flag]: given[flag] for flag in BASES if flag in given} | given.get("endpoints-by-format", {})
    for word, url in by_format.items():
        top = place(config, path, ProviderNode, "base_url_by_format")
        config = config.set((*top, word), _or_nothing(url))
        if config.get(top) == {}:
            config = config.without(top)
    return config


def _keys(config: Config, path: Path, given: Given) -> Config:
    """A literal key and a variable exclude each other: the one that is given takes the place of the other."""
    for flag, field, other in (("api-key", "api_key", "api_key_env"), ("api-key-env", "api_key_env", "api_key")):
        if flag in given:
            config = write(config, path, ProviderNode, field, _or_nothing(given[flag]))
            if given[flag]:
                config = write(config, path, ProviderNode, other, MISSING)
    if "api-keys" in given:
        config = write(config, path, ProviderNode, "api_keys", _or_nothing(given["api-keys"]))
    return config


def _auth(config: Config, path: Path, given: Given) -> Config:
    for flag, member in AUTH.items():
        if flag in given:
            config = config.set((*place(config, path, ProviderNode, "auth"), member), given[flag])
    for word, value in given.get("auth-by-format", {}).items():
        config = config.set((*place(config, path, ProviderNode, "auth_by_format"), word), value)
    return config


def with_models(config: Config, path: Path, names: list[str]) -> Config:
    """The provider's models are these, in this order; what is said of one that stays, stays."""
    old = {name: config.get(where) for name, where in places.models(config, path).items()}
    return write(config, path, ProviderNode, "models", [old.get(name, name) for name in names])


def windows(value: Any) -> dict[str, int]:
    """Context windows by model, from JSON or from `model=200000,other=1m`. Raises Misused."""
    if isinstance(value, str):
        value = _said_windows(value)
    pairs = value if isinstance(value, dict) else {}
    return {name: _tokens(name, size) for name, size in pairs.items()}


def with_window(config: Config, path: Path, name: str, window: int) -> Config:
    """A model that was only a name becomes an object."""
    where = places.model(config, path, name)
    config = as_object(config, where)
    return write(config, where, ModelNode, "context_window", window)


def as_object(config: Config, where: Path) -> Config:
    """With the model at `where` as an object that can hold more than its name."""
    found = config.get(where)
    return config.set(where, {"id": found}) if isinstance(found, str) else config


def _said_windows(text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            return dict(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise Misused("--model-context-windows: this is no JSON object") from error
    return dict(_pair(word) for word in text.replace("\n", ",").split(",") if word.strip())


def _pair(word: str) -> tuple[str, str]:
    name, equals, size = word.rpartition("=")
    if not equals:
        raise Misused(f"--model-context-windows: expected model=tokens, got {word!r}")
    return name.strip(), size.strip()


def _tokens(name: str, size: Any) -> int:
    text = str(size).strip().lower().replace("_", "")
    factor = {"k": 1_000, "m": 1_000_000}.get(text[-1:], 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.isdecimal() or not int(digits):
        raise Misused(f"--model-context-windows: expected a number of tokens for {name}, got {size!r}")
    return int(digits) * factor


def known_formats(config: Config, path: Path) -> list[str]:
    """What the provider is said to speak."""
    formats = read(config, path, ProviderNode, "formats", [])
    own = read(config, path, ProviderNode, "format")
    listed = [formats] if isinstance(formats, str) else list(formats)
    return list(dict.fromkeys([*listed, *([own] if own else [])]))
