"""What a person wrote that llr does not understand: unknown keys, and references that lead nowhere."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from addons.config import amp_nodes, references
from addons.config.amp_nodes import AmpNode
from addons.config.fields import spellings, walk
from addons.config.models import Document
from addons.config.providers import provider_id
from addons.config.web_search import FLAT_KEYS
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.core.resolve import ALIAS_PREFIX, DEFAULT_NAMES, NoCandidate, UnknownModel, model_ids, resolve

NEWEST_VERSION = 2
# blocks of later versions: kept, and said once each
LATER_OF_PROVIDER: Mapping[str, str] = {
    "quota_probe": "quotaProbe is kept but not used yet",
}
LATER: Mapping[str, str] = {
    "ollama": "ollama is kept but not used yet",
}


def unknown_keys(document: Document) -> list[str]:
    """A warning for each key that no model knows, with the name that was perhaps meant."""
    found = []
    for path, node in walk(document):
        elsewhere = FLAT_KEYS if isinstance(node, AmpNode) else frozenset()
        known = [spelling for name in type(node).model_fields for spelling in spellings(type(node), name)]
        found += [
            f"{path}{key}: unknown key{_perhaps(key, known)} (kept, without effect)"
            for key in node.model_extra or {}
            if key not in elsewhere
        ]
    return found


def _perhaps(key: str, names: list[str]) -> str:
    """Compared without regard to case and separators, so that `base_url` leads to `baseUrl`."""
    plain = {_plain(name): name for name in reversed(names)}
    near = difflib.get_close_matches(_plain(key), plain, n=1)
    return f"; perhaps {plain[near[0]]!r} is meant" if near else ""


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def later_blocks(document: Document) -> list[str]:
    """A warning for each known block whose effect comes with a later version."""
    found = []
    if document.version is not None and document.version > NEWEST_VERSION:
        found.append(f"version: {document.version} is newer than {NEWEST_VERSION}; it is read as well as can be")
    found += [
        f"providers[{n}]: {text}"
        for n, provider in enumerate(document.providers)
        for name, text in LATER_OF_PROVIDER.items()
        if getattr(provider, name)
    ]
    return found + [text for name, text in LATER.items() if getattr(document, name)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a reference may name: the models of each provider by id (None: left out or broken, so anything goes)."""

    models: Mapping[str, frozenset[str] | None]
    aliases: frozenset[str]

    def has(self, ref: str) -> bool:
        if ref.removeprefix(ALIAS_PREFIX) in self.aliases:
            return True
        provider, slash, model = ref.partition("/")
        own = self.models.get(provider, frozenset()) if slash else frozenset()
        return own is None or model in own or self._bare(ref)

    def _bare(self, ref: str) -> bool:
        """A provider that could not be read may have any model, but hardly another provider's."""
        return any(ref in models if models is not None else "/" not in ref for models in self.models.values())


def dangling(document: Document, plan: Plan) -> list[str]:
    """A problem for each reference that names nothing, and for each circle of aliases. References to what is switched
    off, left out or broken are no problem."""
    known = _known(document, plan)
    named = references.known(document)
    refs = ((path, references.split(ref, named)[0]) for path, ref in _references(document))
    found = [_nowhere(plan, path, ref) for path, ref in refs if not known.has(ref)]
    routes = list(amp_nodes.references(document.amp))
    if plan.default_model is not None:
        routes.append(("defaultModel", plan.default_model))
    found += [_nowhere(plan, path, ref) for path, ref in routes if not (known.has(ref) or _resolves(plan, ref))]
    return found + list(_circles(document))


def passed_over(document: Document, plan: Plan) -> list[str]:
    """A warning for each reference of AMP's older schemas that names nothing."""
    known = _known(document, plan)
    refs = amp_nodes.older_references(document.amp, document.amp_routing)
    return [_nowhere(plan, path, ref) for path, ref in refs if not (known.has(ref) or _resolves(plan, ref))]


def _known(document: Document, plan: Plan) -> _Known:
    live = {provider.id for provider in plan.providers}
    return _Known(
        {
            name: frozenset(word for model in node.models for word in (model.id, *model.aliases))
            if node.enabled and name in live
            else None
            for node in document.providers
            for name in (provider_id(node),)
        },
        frozenset(document.model_aliases),
    )


def _nowhere(plan: Plan, path: str, ref: str) -> str:
    known = dict.fromkeys([*(entry.id for entry in model_ids(plan)), *plan.aliases])
    near = difflib.get_close_matches(ref, known, n=3, cutoff=0.4)
    hint = f"; near it: {', '.join(near)}" if near else ""
    return f"{path}: expected a provider/model or an alias that exists, got {ref!r}{hint}"


def _references(document: Document) -> Iterator[tuple[str, str]]:
    for name, alias in document.model_aliases.items():
        for kind, targets in (("targets", alias.targets), ("fallbackTargets", alias.fallback_targets)):
            for n, target in enumerate(targets):
                yield f"modelAliases.{name}.{kind}[{n}]", target.ref
    for n, provider in enumerate(document.providers):
        for m, model in enumerate(provider.models):
            for k, ref in enumerate(model.fallback_models):
                yield f"providers[{n}].models[{m}].fallbackModels[{k}]", ref


def _resolves(plan: Plan, name: str) -> bool:
    """Whether it is a name that the router itself would understand, by a glob for example."""
    if name in DEFAULT_NAMES:
        return True
    try:
        resolve(plan, name, DialectName.CHAT)
    except UnknownModel:
        return False
    except NoCandidate:
        return True
    return True


def _circles(document: Document) -> Iterator[str]:
    """Each circle once, with its members."""
    named = references.known(document)
    graph = {
        name: [
            references.split(target.ref, named)[0].removeprefix(ALIAS_PREFIX)
            for target in (*alias.targets, *alias.fallback_targets)
        ]
        for name, alias in document.model_aliases.items()
    }
    told: set[str] = set()
    for start in graph:
        circle = () if start in told else _circle(graph, start)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            yield f"modelAliases.{start}: expected no circle, but it contains itself: {' -> '.join((*circle, start))}"


def _circle(graph: Mapping[str, list[str]], start: str) -> tuple[str, ...]:
    """The shortest way from `start` back to itself, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for ref in graph.get(way[-1], ()):
            if ref == start:
                return way
            if ref not in seen:
                seen.add(ref)
                ways.append((*way, ref))
    return ()
