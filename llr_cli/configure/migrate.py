"""The newest version of the document, from an older one. Source: the predecessor's steps."""

from addons.config.check import NEWEST_VERSION
from addons.config.models import Document, ProviderNode
from llr_cli.configure import places
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused
from llr_cli.configure.spelling import place, read
from llr_cli.configure.text import MISSING, Config

OLDEST_VERSION = 1


def version(config: Config) -> int:
    """The document's version; of one that says none, that of what it has."""
    said = read(config, (), Document, "version")
    if isinstance(said, int):
        return said
    limited = any(read(config, path, ProviderNode, "rate_limits") for path in places.providers(config).values())
    return 2 if limited or places.aliases(config) else 1


def migrate(config: Config, given: Given) -> Config:
    """To `target-version`, or the newest; a newer document stays as it is."""
    target = given.get("target-version", NEWEST_VERSION)
    if target not in range(OLDEST_VERSION, NEWEST_VERSION + 1):
        raise Misused(f"--target-version: expected {OLDEST_VERSION} to {NEWEST_VERSION}, got {target}")
    if version(config) >= target and config.get(("version",), None) is not None:
        return config
    if target >= 2:
        for path in places.providers(config).values():
            limits = place(config, path, ProviderNode, "rate_limits")
            config = config.set(limits, []) if config.get(limits) is MISSING else config
        aliases = place(config, (), Document, "model_aliases")
        config = config.set(aliases, {}) if config.get(aliases) is MISSING else config
    return config.set(("version",), max(target, version(config)))
