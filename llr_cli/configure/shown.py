"""What a configuration says, as rows and as JSON: keys masked."""

from typing import Any

from addons.config.amp_nodes import AmpNode
from addons.config.limits import RateLimitNode, WindowNode
from addons.config.models import AliasNode, Document, ModelNode, ProviderNode
from llr_cli.configure import places
from llr_cli.configure.aliases import ref_of
from llr_cli.configure.call import Table
from llr_cli.configure.masking import masked_data
from llr_cli.configure.models import fallback_refs
from llr_cli.configure.providers import known_formats
from llr_cli.configure.spelling import place, read
from llr_cli.configure.text import Config, Path
from llr_cli.tools.masked import mask

CAPS = ("requests", "tokens", "input_tokens", "output_tokens", "concurrent")


def providers(config: Config) -> list[dict[str, Any]]:
    return [_provider(config, name, path) for name, path in places.providers(config).items()]


def provider_table(config: Config, only: str | None = None) -> Table:
    rows = [
        (
            each["id"] + ("" if each["enabled"] else " (off)"),
            ", ".join(each["formats"]),
            ", ".join(each["baseUrls"]),
            each["key"],
            ", ".join(each["models"]),
        )
        for each in providers(config)
        if only in (None, each["id"])
    ]
    return Table(("provider", "formats", "base URL", "key", "models"), rows)


def aliases(config: Config) -> dict[str, dict[str, Any]]:
    return {name: _alias(config, path) for name, path in places.aliases(config).items()}


def alias_table(config: Config, only: str | None = None) -> Table:
    rows = [
        (name, each["strategy"], ", ".join(map(_target, each["targets"])), ", ".join(map(_target, each["fallbacks"])))
        for name, each in aliases(config).items()
        if only in (None, name)
    ]
    return Table(("alias", "strategy", "targets", "fallback targets"), rows)


def buckets(config: Config) -> dict[str, list[dict[str, Any]]]:
    """The rate-limit buckets of each provider that has any."""
    found = {}
    for owner, path in places.providers(config).items():
        own = [{**config.get(where), "id": name} for name, where in places.buckets(config, path).items()]
        if own:
            found[owner] = own
    return found


def bucket_table(config: Config, only: str | None = None) -> Table:
    rows = []
    for owner, path in places.providers(config).items():
        for name, where in places.buckets(config, path).items():
            models = read(config, where, RateLimitNode, "models", ["all"])
            rows.append(
                (
                    owner,
                    name,
                    _caps(config, where),
                    _window(config, where),
                    models if isinstance(models, str) else ", ".join(models),
                )
            )
    return Table(("provider", "bucket", "limit", "window", "models"), [row for row in rows if only in (None, row[0])])


def fallback_table(config: Config) -> Table:
    return Table(("model", "fallbacks"), [(name, ", ".join(refs)) for name, refs in fallback_refs(config).items()])


def amp(config: Config) -> dict[str, Any]:
    found = config.get(place(config, (), Document, "amp"), {})
    return dict(masked_data(found, ("amp",))) if isinstance(found, dict) else {}


def amp_tables(config: Config) -> list[Table]:
    top = place(config, (), Document, "amp")
    if not isinstance(config.get(top, None), dict):
        return []
    plain = {key: value for key, value in amp(config).items() if not isinstance(value, (dict, list))}
    tables = [Table(("AMP", "value"), [(key, str(value)) for key, value in plain.items()])]
    for field in ("routes", "subagent_mappings"):
        found = read(config, top, AmpNode, field, {})
        if isinstance(found, dict) and found:
            tables.append(
                Table(("AMP route", "goes to"), [(key, str(ref_of(ref) or "")) for key, ref in found.items()])
            )
    return tables


def default_model(config: Config) -> str | None:
    found = read(config, (), Document, "default_model")
    return str(found) if found else None


def master_key(config: Config) -> str | None:
    """Masked; None when there is none."""
    found = read(config, (), Document, "master_key")
    return mask(found) if isinstance(found, str) and found else None


def everything(config: Config) -> dict[str, Any]:
    return {
        "providers": providers(config),
        "aliases": aliases(config),
        "fallbacks": fallback_refs(config),
        "rateLimits": buckets(config),
        "amp": amp(config),
        "defaultModel": default_model(config),
        "masterKey": master_key(config),
    }


def _provider(config: Config, name: str, path: Path) -> dict[str, Any]:
    base = read(config, path, ProviderNode, "base_url")
    by_format = read(config, path, ProviderNode, "base_url_by_format", {})
    bases = [base] if base else []
    bases += by_format.values() if isinstance(by_format, dict) else []
    return {
        "id": name,
        "name": read(config, path, ProviderNode, "name", name),
        "enabled": read(config, path, ProviderNode, "enabled", True),
        "formats": known_formats(config, path) or (list(by_format) if isinstance(by_format, dict) else []),
        "baseUrls": [masked_data(url, ("baseUrl",)) for url in dict.fromkeys(bases)],
        "key": _key(config, path),
        "models": list(places.models(config, path)),
        "contextWindows": _windows(config, path),
    }


def _windows(config: Config, path: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, where in places.models(config, path).items():
        if isinstance(config.get(where), dict):
            window = read(config, where, ModelNode, "context_window")
            found |= {name: window} if isinstance(window, int) else {}
    return found


def _key(config: Config, path: Path) -> str:
    own, env = read(config, path, ProviderNode, "api_key"), read(config, path, ProviderNode, "api_key_env")
    several = read(config, path, ProviderNode, "api_keys", [])
    more = f" and {len(several)} more" if (own or env) and several else f"{len(several)} keys" if several else ""
    return (mask(own) if isinstance(own, str) else f"${env}" if env else "") + more or "none"


def _alias(config: Config, path: Path) -> dict[str, Any]:
    return {
        "strategy": read(config, path, AliasNode, "strategy", "ordered"),
        "targets": _targets(read(config, path, AliasNode, "targets", [])),
        "fallbacks": _targets(read(config, path, AliasNode, "fallback_targets", [])),
    }


def _targets(found: Any) -> list[dict[str, Any]]:
    listed = found if isinstance(found, list) else [found]
    return [
        {"ref": ref_of(each)} | ({"weight": each["weight"]} if isinstance(each, dict) and "weight" in each else {})
        for each in listed
    ]


def _target(each: dict[str, Any]) -> str:
    return f"{each['ref']}@{each['weight']}" if "weight" in each else str(each["ref"])


def _caps(config: Config, where: Path) -> str:
    caps = {name: read(config, where, RateLimitNode, name) for name in CAPS}
    return ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in caps.items() if value is not None)


def _window(config: Config, where: Path) -> str:
    node = RateLimitNode.model_validate(config.get(where)).window
    return f"{node.size} {node.unit}" if isinstance(node, WindowNode) else ""
