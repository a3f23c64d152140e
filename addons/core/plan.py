"""The plan: a resolved, immutable configuration. A reload makes a new one and swaps one reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from addons.amp.plan import AmpPlan, AmpUpstream
from addons.core.buckets import Bucket
from addons.core.cooldowns import Policy
from addons.core.model import DialectName
from addons.core.sites import ProxyPlan
from addons.core.strategy import Strategy
from addons.core.traits import Traits
from addons.core.web_search import WebSearch

if TYPE_CHECKING:
    from addons.core.ordering import Group

# whether a Responses provider goes on from a response that is named by its id: it keeps them, nobody knows, it does not
type Memory = Literal["keeps", "unsure", "none"]
type AuthKind = Literal["bearer", "x-api-key", "header", "none"]


@dataclass(frozen=True, slots=True)
class Auth:
    """How the key travels: the header's name and what stands before the key in it."""

    kind: AuthKind = "bearer"
    header: str = "authorization"
    prefix: str = "Bearer "


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `connect`: until the connection stands; `first_event`: from sending the request to the first event
    (or the whole body, when not streamed); `idle`: between two reads of a running answer; `total`: from sending the
    request to the end of the answer (None: for ever)."""

    connect: float = 10.0
    first_event: float = 300.0
    idle: float = 300.0
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """One of a provider's keys. `id` names it in logs and state, the secret never does."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a provider. `dialects` None: those of the provider. `fallbacks` are `provider/model` refs."""

    id: str
    aliases: tuple[str, ...] = ()
    dialects: tuple[DialectName, ...] | None = None
    fallbacks: tuple[str, ...] = ()
    context_window: int | None = None
    # fields of the body that the model is known to refuse, by the name of the capability switched off
    disabled_capabilities: frozenset[str] = frozenset()
    # what the configuration says otherwise than the table of families
    overrides: Mapping[str, Any] = field(default_factory=dict)
    # whether content that the model cannot be sent may be left out instead of refusing the request
    drops_content: bool = False
    # None: those of the provider
    deadlines: Deadlines | None = None
    memory: Memory | None = None
    # looked up in the table of families, and asked for several times a request
    traits: Traits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "traits", Traits.of(self.id, self.overrides))


@dataclass(frozen=True, slots=True)
class Provider:
    """`endpoints` holds the full URL that each dialect is spoken to at. `headers` are the configured ones;
    `key` is the secret itself, kept out of `repr`. `key_problem` says why there is none, when one was expected.
    `keys` are all of them, when there are several; `concurrency` is how many requests each model takes at once."""

    id: str
    name: str
    dialects: tuple[DialectName, ...]
    endpoints: Mapping[DialectName, str]  # Gemini's is the folder of the models
    models: tuple[Model, ...]
    auth: Mapping[DialectName, Auth] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    key: str | None = field(default=None, repr=False)
    key_problem: str | None = None
    keys: tuple[Credential, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    concurrency: int | None = None
    anthropic_version: str = "2023-06-01"
    anthropic_beta: str | None = None
    deadlines: Deadlines = Deadlines()
    memory: Memory = "unsure"

    def model(self, name: str) -> Model | None:
        """The model whose id or alias is `name`."""
        for model in self.models:
            if model.id == name:
                return model
        return next((model for model in self.models if name in model.aliases), None)


@dataclass(frozen=True, slots=True)
class Target:
    """A reference inside an alias: `provider/model`, another alias, or `alias:<id>`."""

    ref: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Alias:
    """`id` may be a glob (`claude-haiku-*`). Seconds throughout: `affinity` is how long a conversation stays with its
    target after its last answer (0: not at all), `hedge` after how long a silent target gets company (None: never),
    `hold` how long a request waits for a limit to reset (0: it is refused)."""

    id: str
    strategy: Strategy = "ordered"
    targets: tuple[Target, ...] = ()
    fallbacks: tuple[Target, ...] = ()
    affinity: float = 0.0
    hedge: float | None = None
    hold: float = 0.0
    # whether a request that is running already is joined instead of being sent again
    joins: bool = False


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Origin retries: `attempts` tries of the first target in all, waiting `base`·2^(n-1) seconds, at most `cap`,
    times a factor drawn from 0.5 to 1. `limit`: attempts of one request in all."""

    attempts: int = 3
    base: float = 0.25
    cap: float = 3.0
    limit: int = 10
    # whether another target is asked after one has refused for its policy
    policy_fallback: bool = False
    # of all requests, how many may be sent to the same target again
    ratio: float = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the router needs to know, resolved. `warnings` are what a person should see at start."""

    providers: tuple[Provider, ...] = ()
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    default_model: str | None = None
    master_key: str | None = field(default=None, repr=False)
    require_auth: bool = False
    retry: RetryPolicy = RetryPolicy()
    cooldowns: Policy = Policy()
    max_body: int = 64 * 1024 * 1024
    # seconds of silence after which a waiting client gets a sign of life; 0: never
    keepalive: float = 15.0
    websocket: bool = True
    # what is kept of answered conversations for `previous_response_id`: seconds, and bytes in all
    responses_age: float = 86_400.0
    responses_bytes: int = 64 * 1024 * 1024
    # whether what clients name by URL may be fetched for providers that take bytes only
    fetches: bool = True
    web_search: WebSearch = WebSearch()
    amp: AmpPlan = AmpPlan()
    amp_upstream: AmpUpstream | None = None
    proxy: ProxyPlan = ProxyPlan()
    # whether requests are logged, how large the log's file gets, and how many older ones are kept
    activity: bool = True
    activity_bytes: int = 10 * 1024 * 1024
    activity_keep: int = 5
    # bytes from which on the shape of a request's body is logged; None: of none
    large_requests: int | None = None
    debug: bool = False
    source: str = ""
    # Unix seconds; and why a later document was not taken, if one was not
    loaded_at: float = 0.0
    problem: str = ""
    warnings: tuple[str, ...] = ()

    def provider(self, provider_id: str) -> Provider | None:
        return next((provider for provider in self.providers if provider.id == provider_id), None)


def google_name(model: str) -> str:
    """A Gemini model as it stands in a path (Google's own lists give it with `models/` before it)."""
    return quote(model.removeprefix("models/"), safe="")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to try: a model of a provider, in the dialect that it would be spoken to in. `why` is for people;
    `tier` says which list of the alias it came from."""

    provider: Provider
    model: Model
    dialect: DialectName
    tier: Literal["primary", "fallback"] = "primary"
    why: str = ""
    # the key that was chosen for it; None: the provider's only one
    credential: Credential | None = None
    # `provider/model`; of many candidates each is asked for it many times
    ref: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ref", f"{self.provider.id}/{self.model.id}")

    @property
    def key(self) -> str | None:
        return self.provider.key if self.credential is None else self.credential.secret

    @property
    def deadlines(self) -> Deadlines:
        return self.model.deadlines or self.provider.deadlines

    @property
    def memory(self) -> Memory:
        return self.model.memory or self.provider.memory

    def url(self, *, stream: bool = False) -> str:
        """Where the request goes. Gemini names the model and the way of answering in the path."""
        endpoint = self.provider.endpoints[self.dialect]
        if self.dialect is not DialectName.GEMINI:
            return endpoint
        base, mark, query = endpoint.partition("?")
        call = "streamGenerateContent?alt=sse" if stream else "generateContent"
        joined = "&" if "?" in call else "?"
        return f"{base}/{google_name(self.model.id)}:{call}{joined + query if mark else ''}"


@dataclass(frozen=True, slots=True)
class Route:
    """The resolver's decision: what was asked, what it was taken for, and whom it may go to: `candidates` as they
    stand in the configuration, and `group` as they are balanced. `alias` is the outermost one."""

    requested: str
    kind: Literal["direct", "alias", "bare-model"]
    ref: str
    strategy: Strategy
    candidates: tuple[Candidate, ...]
    skipped: tuple[str, ...] = ()
    group: "Group | None" = None
    alias: Alias | None = None
