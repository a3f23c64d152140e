"""Aliases and providers under another name, with everything that refers to them."""

from collections.abc import Callable, Iterator
from typing import Any

from addons.config.models import AliasNode, Document, ModelNode, ProviderNode
from addons.config.plan import ALIAS_ID
from addons.config.providers import PROVIDER_ID
from llr_cli.configure import places
from llr_cli.configure.aliases import PREFIX, alias_id
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused
from llr_cli.configure.spelling import place, write
from llr_cli.configure.text import Config, Path

TARGET_KEYS = ("ref", "target", "route", "model")
# members of `amp` (in either spelling) whose values are references, by the path below it; * is any step
AMP_PLACES = (
    ("defaultRoute",), ("routes", "*"), ("rawModelRoutes", "*", "to"), ("modelMappings", "*", "to"),
    ("subagentMappings", "*"), ("overrides", "entities", "*", "route"), ("overrides", "signatures", "*", "route"),
)  # fmt: skip


def alias(config: Config, given: Given) -> Config:
    """Raises Refused when the new name is taken, Misused when it is none."""
    old, new = alias_id(given), str(given.wanted("new-name"))
    path = places.alias(config, old)
    if not ALIAS_ID.fullmatch(new):
        raise Misused(f"--new-name: expected letters, digits and . _ : - [ ] / (* and ? make a glob), got {new!r}")
    if new in places.aliases(config):
        raise Refused(f"there is an alias {new!r} already")
    config = config.renamed(path, new)
    return _referred(config, lambda ref: _alias_ref(ref, old, new))


def provider(config: Config, given: Given) -> Config:
    """Raises Refused when the new id is taken, Misused when it is none."""
    old, new = places.slug(given.wanted("provider-id")), str(given.wanted("new-name"))
    path = places.provider(config, old)
    if not PROVIDER_ID.fullmatch(new):
        raise Misused(f"--new-name: expected lower-case letters, digits and dashes, got {new!r}")
    if new in places.providers(config):
        raise Refused(f"there is a provider {new!r} already")
    config = write(config, path, ProviderNode, "id", new)
    return _referred(config, lambda ref: f"{new}/{ref.removeprefix(f'{old}/')}" if ref.startswith(f"{old}/") else ref)


def _alias_ref(ref: str, old: str, new: str) -> str:
    """With a weight behind it too."""
    prefix = PREFIX if ref.startswith(PREFIX) else ""
    bare = ref.removeprefix(PREFIX)
    name, mark, weight = (bare, "", "") if bare == old else _weighted(bare)
    return f"{prefix}{new}{mark}{weight}" if name == old else ref


def _weighted(ref: str) -> tuple[str, str, str]:
    for mark in "@:":
        name, found, weight = ref.rpartition(mark)
        if found and weight.replace(".", "", 1).isdecimal():
            return name, mark, weight
    return ref, "", ""


def _referred(config: Config, meant: Callable[[str], str]) -> Config:
    for path in list(_references(config)):
        ref = config.get(path)
        if isinstance(ref, str) and meant(ref) != ref:
            config = config.set(path, meant(ref))
    return config


def _references(config: Config) -> Iterator[Path]:
    """Where a reference may stand; what stands there need not be one."""
    yield place(config, (), Document, "default_model")
    for path in places.aliases(config).values():
        for field in ("targets", "fallback_targets"):
            yield from _listed(config, place(config, path, AliasNode, field))
    for owner in places.providers(config).values():
        for where in places.models(config, owner).values():
            if isinstance(config.get(where), dict):
                yield from _listed(config, place(config, where, ModelNode, "fallback_models"))
    top = place(config, (), Document, "amp")
    for pattern in AMP_PLACES:
        yield from _matching(config, top, pattern)


def _listed(config: Config, path: Path) -> Iterator[Path]:
    found = config.get(path, [])
    if isinstance(found, str):
        yield path
    for index, each in enumerate(found if isinstance(found, list) else ()):
        yield from _target(each, (*path, index))


def _target(value: Any, path: Path) -> Iterator[Path]:
    """A reference, or the member of an object that is one."""
    if isinstance(value, dict):
        yield from ((*path, key) for key in TARGET_KEYS if key in value)
    else:
        yield path


def _matching(config: Config, path: Path, pattern: tuple[str, ...]) -> Iterator[Path]:
    found = config.get(path, None)
    if not pattern:
        yield from _target(found, path)
    elif pattern[0] == "*":
        steps: Any = found if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ()
        for step in steps:
            yield from _matching(config, (*path, step), pattern[1:])
    elif isinstance(found, dict):
        for name in (pattern[0], _kebab(pattern[0])):
            if name in found:
                yield from _matching(config, (*path, name), pattern[1:])


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
