"""What the configuration says of AMP: where its own server is, and whom its requests go to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from addons.amp.catalogue import ENTITIES, SIGNATURES, Entity, Signature
from addons.amp.selectors import Pattern

type Action = Literal["default-route", "default-model", "upstream", "none"]
type Schema = Literal["routes", "legacy", "1.x"]


@dataclass(frozen=True, slots=True)
class AmpUpstream:
    """`url` is the server's base (None: there is none to pass requests on to), `key` the key that is sent to it in the
    place of the client's. `restrict_to_localhost` keeps the management paths for clients of this machine;
    `strip_features` are flags that a user's description is freed from."""

    url: str | None = None
    key: str | None = field(repr=False, default=None)
    restrict_to_localhost: bool = False
    strip_features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawRoute:
    """Models by their names. Without a `to`, the route called `source` is followed."""

    pattern: Pattern
    to: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """A helper of the legacy schema, and the models that it is known by."""

    id: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Legacy:
    """The schema before `routes`."""

    subagents: Mapping[str, str] = field(default_factory=dict)
    helpers: tuple[Helper, ...] = ()
    models: tuple[RawRoute, ...] = ()


@dataclass(frozen=True, slots=True)
class Routing1:
    """`ampRouting` of 1.x. `agent_modes` has keys of an agent and a mode."""

    agent_modes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    applications: Mapping[str, str] = field(default_factory=dict)
    models: tuple[RawRoute, ...] = ()
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class AmpPlan:
    """`routes` are references by the name of an entity or a signature, as `addons.amp.hints.entity_name` spells it."""

    schema: Schema = "legacy"
    entities: tuple[Entity, ...] = ENTITIES
    signatures: tuple[Signature, ...] = SIGNATURES
    routes: Mapping[str, str] = field(default_factory=dict)
    default_route: str | None = None
    raw_routes: tuple[RawRoute, ...] = ()
    on_unknown: Action | None = None
    on_ambiguous: Action | None = None
    # whether what maps to nothing may go to AMP's own server
    proxies: bool = True
    # whether mappings by name come before models of that name
    forces_mappings: bool = False
    legacy: Legacy = Legacy()
    routing: Routing1 = Routing1()
    # whether AMP's own server searches the web, though the router could
    searches_upstream: bool = False

    @property
    def schema_in_use(self) -> Schema:
        """`schema`, but that of today where nothing is said in an older one."""
        said = self.schema != "legacy" or self.legacy.subagents or self.legacy.models
        return self.schema if said else "routes"
