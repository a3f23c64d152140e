"""Whom a request of AMP's goes to. Pure; `llr route explain --amp` and the engine call this very function.

What a request says of itself comes first; the name of its model counts where that says nothing. A step whose target
does not resolve is passed over. Source of the order and of the rules of unanimity: the predecessor (2.x, its legacy
schema, and `ampRouting` of 1.x).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from addons.amp.catalogue import BY_ID, Entity, mode_of, observed
from addons.amp.hints import AmpHints
from addons.amp.plan import Action, AmpPlan, RawRoute
from addons.amp.selectors import canonical, forms
from addons.core.model import DialectName
from addons.core.plan import Plan, Route
from addons.core.resolve import NoCandidate, UnknownModel, is_known, resolve


@dataclass(frozen=True, slots=True)
class AmpDecision:
    """`entity` is what the request was taken for, `matched_by` the step that decided and `matched_ref` its target.
    Without a `route`, the request is for AMP's own server (`upstream`), or nobody's. `steps` tell people how it came
    to that."""

    hints: AmpHints
    requested: str
    entity: str | None = None
    matched_by: str = ""
    matched_ref: str = ""
    route: Route | None = None
    upstream: bool = False
    steps: tuple[str, ...] = ()

    @property
    def is_mode(self) -> bool:
        """Whether it was taken for the agent itself."""
        known = BY_ID.get(self.entity or "")
        if self.hints.agent is not None or self.entity is None:
            return False
        return self.entity == self.hints.mode or (known is not None and known.kind == "mode")

    @property
    def mode(self) -> str | None:
        """The mode of the agent: what the request says, else what it was taken for."""
        return self.hints.mode or (self.entity if self.is_mode else None)


@dataclass(frozen=True, slots=True)
class _Target:
    by: str
    ref: str


def resolve_amp(amp: AmpPlan, plan: Plan, hints: AmpHints, model: str, dialect: DialectName) -> AmpDecision:
    """The decision for a request of `dialect` that names `model`. Raises nothing."""
    return _Resolver(amp, plan, hints, model, dialect).decision()


@dataclass(slots=True)
class _Resolver:
    amp: AmpPlan
    plan: Plan
    hints: AmpHints
    model: str
    dialect: DialectName
    steps: list[str] = field(default_factory=list)
    ambiguous: bool = False

    def decision(self) -> AmpDecision:
        entity = self._entity()
        schemas: Mapping[str, Callable[[], Iterator[_Target]]] = {
            "routes": self._by_routes,
            "legacy": self._by_legacy,
            "1.x": self._by_routing1,
        }
        for target in schemas[self.amp.schema]():
            route = self._tried(target)
            if route is not None:
                return self._decided(entity, target.by, target.ref, route)
        return self._left_over(entity)

    def _decided(self, entity: str | None, by: str, ref: str, route: Route | None, up: bool = False) -> AmpDecision:
        return AmpDecision(self.hints, self.model, entity, by, ref, route, up, tuple(self.steps))

    def _left_over(self, entity: str | None) -> AmpDecision:
        """Nothing was found here."""
        if self.hints.native and self.amp.proxies and self._action() != "none":
            self.steps.append("AMP's own server answers what maps to nothing")
            return self._decided(entity, "upstream", "", None, up=True)
        self.steps.append("it maps to nothing, and is not passed on to AMP's own server")
        return self._decided(entity, "", "", None)

    def _tried(self, target: _Target) -> Route | None:
        try:
            route = resolve(self.plan, target.ref, self.dialect)
        except (UnknownModel, NoCandidate) as problem:
            self.steps.append(f"{target.by}: {target.ref!r} is passed over: {problem}")
            return None
        self.steps.append(f"{target.by}: {target.ref!r}")
        return route

    def _entity(self) -> str | None:
        """What the request is taken for, whatever it is routed by."""
        hinted = next(self._hinted(), None)
        if hinted is not None:
            self.steps.append(f"it is {hinted}: {self.hints.why or 'it says so'}")
            return hinted
        found = [entity.id for entity in self._by_model()]
        if found:
            self.steps.append(f"{canonical(self.model)} is a model of {' and '.join(found)}")
        return found[0] if len(found) == 1 else None

    def _hinted(self) -> Iterator[str]:
        """The entities that the request itself tells, the narrowest first; then those whose routes they take."""
        told = [self.hints.agent] if self.hints.agent else []
        if self.hints.agent in (None, "task"):
            mode = self.hints.mode
            if mode is None and (self.hints.main or self.hints.agent):
                mode = mode_of(self.model, self.hints.version)
            told += [mode] if mode else []
        seen: dict[str, None] = {}
        for name in told:
            following: str | None = name
            while following is not None and following not in seen:
                seen[following] = None
                following = BY_ID[following].like if following in BY_ID else None
        yield from seen

    def _by_model(self) -> list[Entity]:
        """The entities that have models like this one. Once a request has told what it is, the built-in ones are out
        of the question: of those, it would have told."""
        told = self.hints.main or next(self._hinted(), None) is not None
        kinds = set(self._signatures())
        found = [
            each
            for each in self.amp.entities
            if (kinds & set(each.signatures) or any(match.matches(self.model) for match in each.matches))
            and not (told and each.id in BY_ID)
        ]
        if found or told:
            return found
        seen = observed(self.model, self.hints.version) or observed(self.model)
        return [each for each in self.amp.entities if each.id in seen]

    def _signatures(self) -> list[str]:
        return [each.id for each in self.amp.signatures if any(match.matches(self.model) for match in each.matches)]

    def _by_routes(self) -> Iterator[_Target]:
        routes = self.amp.routes
        for name in self._hinted():
            if name in routes:
                yield _Target(f"entity {name}", routes[name])
        yield from self._unanimous("entity", [each.id for each in self._by_model()])
        signatures = [
            each.id for each in self.amp.signatures if any(match.matches(self.model) for match in each.matches)
        ]
        yield from self._unanimous("signature", signatures)
        yield from self._named(self._raw())
        yield from self._fallback()

    def _unanimous(self, kind: str, found: list[str]) -> Iterator[_Target]:
        """The target that all of `found` have; none when one has none, or another one. Where not one of them has any,
        nothing was said about them, which is no ambiguity."""
        targets = {name: self.amp.routes.get(name) for name in found}
        refs = set(targets.values())
        if refs <= {None}:
            return
        if len(refs) > 1:
            self.ambiguous = True
            shown = ", ".join(f"{name} -> {ref or 'nothing'}" for name, ref in targets.items())
            self.steps.append(f"{kind}: ambiguous ({shown})")
            return
        ref = next(ref for ref in refs if ref is not None)
        yield _Target(f"{kind} {' and '.join(found)}", ref)

    def _named(self, mapped: Iterator[_Target]) -> Iterator[_Target]:
        """What the router has under the model's name, and what is mapped by it."""
        if self.amp.forces_mappings:
            yield from mapped
            yield from self._local()
        else:
            yield from self._local()
            yield from mapped

    def _local(self) -> Iterator[_Target]:
        """Of the provider that the request names first; then by any spelling of the name."""
        name = self.model.strip()
        if not name:
            return
        owners = dict.fromkeys(each for each in (self.hints.override_provider, self.hints.provider) if each)
        spelt = dict.fromkeys((name, *forms(name)))
        known = [f"{owner}/{each}" for each in spelt for owner in owners] + list(spelt)
        found = next((ref for ref in known if is_known(self.plan, ref, self.dialect)), None)
        if found is not None:
            yield _Target("local-model", found)

    def _raw(self) -> Iterator[_Target]:
        for route in self.amp.raw_routes:
            if route.pattern.matches(self.model):
                yield from self._raw_target(route)
                return

    def _raw_target(self, route: RawRoute) -> Iterator[_Target]:
        by = f"raw-model-route {route.pattern.text}"
        if route.to is not None:
            yield _Target(by, route.to)
            return
        for ref in (self.amp.routes.get(route.source or ""), self.amp.default_route, self.plan.default_model):
            if ref:
                yield _Target(by, ref)

    def _action(self) -> Action:
        """What is done with a request that maps to nothing."""
        return (self.amp.on_ambiguous if self.ambiguous else self.amp.on_unknown) or "default-route"

    def _fallback(self) -> Iterator[_Target]:
        match self._action():
            case "default-route":
                yield _Target("default-route", self.amp.default_route or "default")
            case "default-model":
                yield _Target("default-model", self.plan.default_model or "default")
            case _:
                pass

    def _by_legacy(self) -> Iterator[_Target]:
        legacy = self.amp.legacy
        by_name = (each.id for each in legacy.helpers if any(p.matches(self.model) for p in each.patterns))
        told = list(self._hinted())
        for name in dict.fromkeys([*told, *(name for name in by_name if not (told and name in BY_ID))]):
            if name in legacy.subagents:
                yield _Target(f"subagent {name}", legacy.subagents[name])
        yield from self._named(self._mapped("model-mapping", legacy.models))
        yield _Target("default-route", self.amp.default_route or "default")

    def _mapped(self, by: str, mappings: tuple[RawRoute, ...]) -> Iterator[_Target]:
        for mapping in mappings:
            if mapping.to is not None and mapping.pattern.matches(self.model):
                yield _Target(f"{by} {mapping.pattern.text}", mapping.to)
                return

    def _by_routing1(self) -> Iterator[_Target]:
        routing, hints = self.amp.routing, self.hints
        mode = hints.mode or (mode_of(self.model, hints.version) if hints.main else None)
        agent, application = hints.agent, (hints.application or "").lower()
        if agent and mode and (agent, mode) in routing.agent_modes:
            yield _Target(f"agentModeMap {agent}/{mode}", routing.agent_modes[agent, mode])
        maps = (("modeMap", routing.modes, mode), ("agentMap", routing.agents, agent))
        for name, mapping, key in (*maps, ("applicationMap", routing.applications, application)):
            if key and key in mapping:
                yield _Target(f"{name} {key}", mapping[key])
        yield from self._mapped("modelMap", routing.models)
        if routing.fallback is not None:
            yield _Target("fallbackRoute", routing.fallback)
        yield _Target("smart", "smart")
