"""The `amp` block of the document, and `ampRouting`, its forerunner of 1.x. Source: the predecessor's schemas."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from addons.amp.hints import entity_name
from addons.amp.plan import Action
from addons.amp.selectors import pattern
from addons.config.fields import Node, Reference, Words, names, optional
from addons.config.findings import Findings


def _checked(text: str) -> str:
    pattern(text)
    return text


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _as_pairs(value: object) -> object:
    """`{"from": "to"}` as a list of mappings."""
    if isinstance(value, Mapping) and "from" not in value:
        return [{"from": name, "to": to} for name, to in value.items()]
    return _as_list(value)


def _refs(value: object) -> object:
    """References by name; an object says its one as `ref`, and `null` stands for none."""
    if not isinstance(value, Mapping):
        return value
    return {key: _ref(item) for key, item in value.items() if item is not None}


def _ref(value: object) -> object:
    spelt = ("ref", "target", "route", "model")
    return next((value[key] for key in spelt if key in value), value) if isinstance(value, Mapping) else value


def _number(value: object) -> object:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


type Number = Annotated[str, BeforeValidator(_number)]
type Text = Annotated[str, AfterValidator(_checked)]
type Texts = Annotated[list[Text], BeforeValidator(_as_list)]
type Routes = Annotated[dict[str, Reference], BeforeValidator(_refs)]
type Route = Annotated[Reference, BeforeValidator(_ref)]


class MatchNode(Node):
    """A word stands for its `pattern`."""

    pattern: Texts = Field(default_factory=list, validation_alias=names("pattern", "patterns"))
    vendor: str | None = None
    family: str | None = None
    version: Number | None = None
    version_prefix: Number | None = optional("versionPrefix")
    variant: str | None = None
    variant_prefix: str | None = optional("variantPrefix")
    variant_absent: bool | None = optional("variantAbsent")
    modifiers: Words = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"pattern": value} if isinstance(value, str) else value


type Matches = Annotated[list[MatchNode], BeforeValidator(_as_list)]


class EntityNode(Node):
    id: str = Field(min_length=1)
    type: str | None = None
    description: str | None = None
    aliases: Words | None = None
    match: Matches | None = None
    signatures: Words | None = None
    route: Route | None = None
    enabled: bool = True


class SignatureNode(Node):
    id: str = Field(min_length=1)
    match: Matches | None = None
    description: str | None = None
    route: Route | None = None
    enabled: bool = True


class OverridesNode(Node):
    entities: list[EntityNode] = Field(default_factory=list)
    signatures: list[SignatureNode] = Field(default_factory=list)


class RawRouteNode(Node):
    pattern: Text = Field(validation_alias=names("from"))
    to: Route | None = None
    source_route_key: str | None = optional("sourceRouteKey")

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, value: object) -> object:
        """An empty `to` says as much as none."""
        return {key: item for key, item in value.items() if item != ""} if isinstance(value, Mapping) else value


type RawRoutes = Annotated[list[RawRouteNode], BeforeValidator(_as_pairs)]


class FallbackNode(Node):
    on_unknown: Action | None = optional("onUnknown")
    on_ambiguous: Action | None = optional("onAmbiguous")
    proxy_upstream: bool = Field(True, validation_alias=names("proxyUpstream"))


class DefinitionNode(Node):
    id: str = Field(min_length=1)
    patterns: Texts = Field(default_factory=list, validation_alias=names("patterns", "pattern"))


class AmpNode(Node):
    """What is about AMP's own server is read by `addons.config.amp_upstream`, what is about searching the web by
    `addons.config.web_search`."""

    upstream_url: Any = optional("upstreamUrl", "baseUrl")
    upstream_api_key: Any = optional("upstreamApiKey")
    restrict: Any = optional("restrictManagementToLocalhost")
    strip_features: Any = optional("stripFeatures")
    web_search: Any = optional("webSearch")
    proxy_web_search: bool = Field(False, validation_alias=names("proxyWebSearchToUpstream"))
    force_model_mappings: bool = Field(False, validation_alias=names("forceModelMappings"))
    preset: Literal["builtin", "none"] = "builtin"
    default_route: Route | None = optional("defaultRoute")
    routes: Routes = Field(default_factory=dict)
    raw_model_routes: RawRoutes = Field(default_factory=list, validation_alias=names("rawModelRoutes"))
    overrides: OverridesNode = Field(default_factory=lambda: OverridesNode.model_validate({}))
    fallback: FallbackNode = Field(default_factory=lambda: FallbackNode.model_validate({}))
    model_mappings: RawRoutes = Field(default_factory=list, validation_alias=names("modelMappings"))
    subagent_mappings: Routes = Field(default_factory=dict, validation_alias=names("subagentMappings"))
    subagent_definitions: list[DefinitionNode] = Field(
        default_factory=list, validation_alias=names("subagentDefinitions")
    )

    @property
    def server(self) -> dict[str, Any]:
        """What the block says of AMP's own server."""
        said = {
            "upstreamUrl": self.upstream_url,
            "upstreamApiKey": self.upstream_api_key,
            "restrictManagementToLocalhost": self.restrict,
            "stripFeatures": self.strip_features,
        }
        return {key: value for key, value in said.items() if value is not None}


class AmpRoutingNode(Node):
    enabled: bool = True
    fallback_route: Route | None = optional("fallbackRoute")
    mode_map: Routes = Field(default_factory=dict, validation_alias=names("modeMap"))
    agent_map: Routes = Field(default_factory=dict, validation_alias=names("agentMap"))
    agent_mode_map: dict[str, Any] = Field(default_factory=dict, validation_alias=names("agentModeMap"))
    application_map: Routes = Field(default_factory=dict, validation_alias=names("applicationMap"))
    model_map: RawRoutes = Field(default_factory=list, validation_alias=names("modelMap"))


# `search:smart`, `search/smart`
_AGENT_MODE = re.compile(r"\s*([^:/|@]+?)\s*[:/|@]\s*(.+?)\s*")


def agent_modes(node: AmpRoutingNode, findings: Findings) -> Iterator[tuple[str, str, str, str]]:
    """The path, the agent, the mode and the reference of each entry; `{"search": {"smart": …}}` and
    `{"search:smart": …}` are the same."""
    for key, value in node.agent_mode_map.items():
        path = f"ampRouting.agentModeMap.{key}"
        flat = _AGENT_MODE.fullmatch(key)
        inner = {flat[2]: value} if flat and isinstance(value, str) else value
        if not isinstance(inner, Mapping):
            findings.problems.append(f"{path}: expected modes with their routes")
            continue
        for mode, ref in inner.items():
            if isinstance(ref, str) and ref.strip():
                yield path, entity_name(flat[1] if flat else key), entity_name(mode), ref.strip()
            elif ref is not None:
                findings.problems.append(f"{path}.{mode}: expected a provider/model or the name of an alias")


def references(node: AmpNode | None) -> Iterator[tuple[str, str]]:
    """Every reference of the newer schema, with its path."""
    if node is None:
        return
    if node.default_route is not None:
        yield "amp.defaultRoute", node.default_route
    for key, ref in node.routes.items():
        yield f"amp.routes.{key}", ref
    for n, raw in enumerate(node.raw_model_routes):
        if raw.to is not None:
            yield f"amp.rawModelRoutes[{n}].to", raw.to
    for n, entity in enumerate(node.overrides.entities):
        if entity.enabled and entity.route is not None:
            yield f"amp.overrides.entities[{n}].route", entity.route
    for n, signature in enumerate(node.overrides.signatures):
        if signature.enabled and signature.route is not None:
            yield f"amp.overrides.signatures[{n}].route", signature.route


def older_references(node: AmpNode | None, routing: AmpRoutingNode | None) -> Iterator[tuple[str, str]]:
    """Those of the older schemas, which passed over what led nowhere."""
    if node is not None:
        yield from ((f"amp.subagentMappings.{key}", ref) for key, ref in node.subagent_mappings.items())
        yield from _mapped("amp.modelMappings", node.model_mappings)
    if routing is None or not routing.enabled:
        return
    if routing.fallback_route is not None:
        yield "ampRouting.fallbackRoute", routing.fallback_route
    maps = {"modeMap": routing.mode_map, "agentMap": routing.agent_map, "applicationMap": routing.application_map}
    for name, mapping in maps.items():
        yield from ((f"ampRouting.{name}.{key}", ref) for key, ref in mapping.items())
    yield from _mapped("ampRouting.modelMap", routing.model_map)
    yield from ((path, ref) for path, _, _, ref in agent_modes(routing, Findings()))


def _mapped(path: str, mappings: Iterable[RawRouteNode]) -> Iterator[tuple[str, str]]:
    return ((f"{path}[{n}].to", each.to) for n, each in enumerate(mappings) if each.to is not None)
