"""Where providers, models, aliases and buckets stand in the document."""

from typing import Any

from addons.config.limits import RateLimitNode
from addons.config.models import Document, ModelNode, ProviderNode
from addons.config.providers import provider_id
from llr_cli.configure.refusal import Refused, nearest
from llr_cli.configure.spelling import place, read
from llr_cli.configure.text import Config, Path


def slug(name: str) -> str:
    """A provider's id as the router reads it."""
    return provider_id(ProviderNode.model_construct(id=name, name=None))


def providers(config: Config) -> dict[str, Path]:
    """The path of each provider, by its id."""
    top = place(config, (), Document, "providers")
    found: dict[str, Path] = {}
    for index, each in enumerate(_items(config, top)):
        if isinstance(each, dict):
            name = next((each[key] for key in ("id", "name") if isinstance(each.get(key), str) and each[key]), "")
            found.setdefault(slug(name), (*top, index))
    return found


def provider(config: Config, name: str) -> Path:
    """Raises Refused, with the nearest id, when there is no such provider."""
    found = providers(config)
    if slug(name) not in found:
        known = ", ".join(found) or "none yet"
        raise Refused(f"there is no provider {name!r}{nearest(slug(name), found)} (there are: {known})")
    return found[slug(name)]


def models(config: Config, owner: Path) -> dict[str, Path]:
    """The path of each model of the provider at `owner`, by its id."""
    top = place(config, owner, ProviderNode, "models")
    found: dict[str, Path] = {}
    for index, each in enumerate(_items(config, top)):
        name = each if isinstance(each, str) else read(config, (*top, index), ModelNode, "id")
        if isinstance(name, str):
            found.setdefault(name, (*top, index))
    return found


def model(config: Config, owner: Path, name: str) -> Path:
    """Raises Refused, with the nearest id, when the provider has no such model."""
    found = models(config, owner)
    if name not in found:
        raise Refused(f"this provider has no model {name!r}{nearest(name, found)} (it has: {', '.join(found)})")
    return found[name]


def aliases(config: Config) -> dict[str, Path]:
    """The path of each alias, by its id."""
    top = place(config, (), Document, "model_aliases")
    found = config.get(top, {})
    return {name: (*top, name) for name in found} if isinstance(found, dict) else {}


def alias(config: Config, name: str) -> Path:
    """Raises Refused, with the nearest id, when there is no such alias."""
    found = aliases(config)
    name = name.removeprefix("alias:")
    if name not in found:
        raise Refused(f"there is no alias {name!r}{nearest(name, found)} (there are: {', '.join(found) or 'none yet'})")
    return found[name]


def buckets(config: Config, owner: Path) -> dict[str, Path]:
    """The path of each rate-limit bucket of the provider at `owner`, by its id: the one it has, else the one that
    its name or its contents give it."""
    from addons.config.findings import Findings
    from addons.config.limits import buckets as read_buckets

    top = place(config, owner, ProviderNode, "rate_limits")
    found: dict[str, Path] = {}
    for index, each in enumerate(_items(config, top)):
        if isinstance(each, dict) and isinstance(each.get("id"), str) and each["id"]:
            found.setdefault(each["id"], (*top, index))
            continue
        try:
            node = RateLimitNode.model_validate(each)
        except ValueError:
            continue
        for bucket in read_buckets([node], frozenset(node.models), "", Findings()):
            found.setdefault(bucket.id, (*top, index))
    return found


def _items(config: Config, path: Path) -> list[Any]:
    found = config.get(path, [])
    return found if isinstance(found, list) else []
