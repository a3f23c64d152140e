"""The plan of the `amp` block and of `ampRouting`, its forerunner of 1.x: whom AMP's requests go to.

The legacy keys count only where none of the newer schema is there, and `ampRouting` only where `amp` routes nothing.
Source: the predecessor's three schemas.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from addons.amp import catalogue
from addons.amp.catalogue import Entity, EntityKind, Signature
from addons.amp.hints import entity_name
from addons.amp.plan import AmpPlan, Helper, Legacy, RawRoute, Routing1, Schema
from addons.amp.selectors import Match, Selector, pattern
from addons.config.amp_nodes import AmpNode, AmpRoutingNode, MatchNode, agent_modes
from addons.config.findings import Findings

_NEWER = frozenset({"preset", "default_route", "routes", "raw_model_routes", "overrides", "fallback"})
_LEGACY = frozenset({"model_mappings", "subagent_mappings", "subagent_definitions"})
_KINDS: Mapping[str, EntityKind] = {"mode": "mode", "feature": "feature", "agent": "agent", "system": "system"}


def amp_plan(node: AmpNode | None, routing: AmpRoutingNode | None, findings: Findings) -> AmpPlan:
    """Whom AMP's requests go to; what is odd goes to `findings`."""
    node = node or AmpNode.model_validate({})
    entities, signatures = _entities(node), _signatures(node)
    return AmpPlan(
        schema=_schema(node, routing, findings),
        entities=entities,
        signatures=signatures,
        routes=_routes(node, entities, signatures, findings),
        default_route=node.default_route,
        raw_routes=tuple(
            RawRoute(pattern(each.pattern), each.to, _key(each.source_route_key, entities))
            for each in node.raw_model_routes
        ),
        on_unknown=node.fallback.on_unknown,
        on_ambiguous=node.fallback.on_ambiguous,
        proxies=node.fallback.proxy_upstream,
        forces_mappings=node.force_model_mappings,
        legacy=_legacy(node),
        routing=_routing(routing, findings) if routing is not None else Routing1(),
        searches_upstream=node.proxy_web_search,
    )


def _schema(node: AmpNode, routing: AmpRoutingNode | None, findings: Findings) -> Schema:
    newer, legacy = node.model_fields_set & _NEWER, node.model_fields_set & _LEGACY
    if newer and legacy:
        findings.warnings.append("amp: its legacy mappings are not used, because it has keys of the newer schema too")
    if routing is None or not routing.enabled:
        return "routes" if newer else "legacy"
    if newer or legacy:
        findings.warnings.append("ampRouting: not used, because amp says itself whom its requests go to")
        return "routes" if newer else "legacy"
    return "1.x"


def _entities(node: AmpNode) -> tuple[Entity, ...]:
    known = {each.id: each for each in catalogue.ENTITIES} if node.preset == "builtin" else {}
    for each in node.overrides.entities:
        name = entity_name(each.id)
        if not each.enabled:
            known.pop(name, None)
            continue
        entity = known.get(name) or Entity(name, "agent")
        known[name] = replace(
            entity,
            kind=_KINDS.get((each.type or entity.kind).lower(), "agent"),
            description=entity.description if each.description is None else each.description,
            aliases=entity.aliases if each.aliases is None else tuple(each.aliases),
            signatures=entity.signatures if each.signatures is None else tuple(map(_plain, each.signatures)),
            matches=entity.matches if each.match is None else _matches(each.match),
        )
    return tuple(known.values())


def _signatures(node: AmpNode) -> tuple[Signature, ...]:
    known = {each.id: each for each in catalogue.SIGNATURES} if node.preset == "builtin" else {}
    for each in node.overrides.signatures:
        name = _plain(each.id)
        if not each.enabled:
            known.pop(name, None)
            continue
        signature = known.get(name) or Signature(name, ())
        known[name] = replace(
            signature,
            description=signature.description if each.description is None else each.description,
            matches=signature.matches if each.match is None else _matches(each.match),
        )
    return tuple(known.values())


def _plain(name: str) -> str:
    return name.strip().lower()


def _matches(nodes: Iterable[MatchNode]) -> tuple[Match, ...]:
    return tuple(match for node in nodes for match in _match(node))


def _match(node: MatchNode) -> Iterator[Match]:
    yield from map(pattern, node.pattern)
    selector = Selector(
        vendor=_word(node.vendor),
        family=_word(node.family),
        version=_word(node.version),
        version_prefix=_word(node.version_prefix),
        variant=_word(node.variant),
        variant_prefix=_word(node.variant_prefix),
        variant_absent=node.variant_absent,
        modifiers=frozenset(map(_plain, node.modifiers)),
    )
    if selector != Selector():
        yield selector


def _word(word: str | None) -> str | None:
    return None if word is None else _plain(word)


def _routes(
    node: AmpNode, entities: tuple[Entity, ...], signatures: tuple[Signature, ...], findings: Findings
) -> dict[str, str]:
    """By the names that requests are known by; what `routes` says comes before what an override does."""
    known = {*(each.id for each in entities), *(each.id for each in signatures), *catalogue.BY_ID}
    found: dict[str, str] = {}
    for key, ref in node.routes.items():
        name = _key(key, entities) or ""
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; perhaps {near[0]!r} is meant" if near else ""
            findings.warnings.append(f"amp.routes.{key}: no entity and no signature is called so{hint}")
        found[name] = ref
    for each in node.overrides.entities:
        if each.enabled and each.route is not None:
            found.setdefault(entity_name(each.id), each.route)
    for own in node.overrides.signatures:
        if own.enabled and own.route is not None:
            found.setdefault(_plain(own.id), own.route)
    return found


def _key(word: str | None, entities: Iterable[Entity]) -> str | None:
    """The name that a key of `routes` stands for: that of an entity, an alias of one, or a signature's."""
    if word is None or word.strip().startswith("@"):
        return None if word is None else _plain(word)
    name = entity_name(word)
    return next((each.id for each in entities if name in map(entity_name, each.aliases)), name)


def _legacy(node: AmpNode) -> Legacy:
    helpers = dict(catalogue.LEGACY_HELPERS)
    helpers |= {entity_name(each.id): tuple(map(pattern, each.patterns)) for each in node.subagent_definitions}
    return Legacy(
        {entity_name(name): ref for name, ref in node.subagent_mappings.items()},
        tuple(Helper(name, patterns) for name, patterns in helpers.items()),
        tuple(RawRoute(pattern(each.pattern), each.to) for each in node.model_mappings),
    )


def _routing(node: AmpRoutingNode, findings: Findings) -> Routing1:
    return Routing1(
        agent_modes={(agent, mode): ref for _, agent, mode, ref in agent_modes(node, findings)},
        modes={entity_name(name): ref for name, ref in node.mode_map.items()},
        agents={entity_name(name): ref for name, ref in node.agent_map.items()},
        applications={_plain(name): ref for name, ref in node.application_map.items()},
        models=tuple(RawRoute(pattern(each.pattern), each.to) for each in node.model_map),
        fallback=node.fallback_route,
    )
