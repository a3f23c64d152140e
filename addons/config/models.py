"""The configuration document as pydantic models: version 2 of the predecessor's schema, and what came before it.

Every key has its documented synonyms. Unknown keys are kept (the document is never rewritten from these models) and
reported as warnings. Secrets are never part of an error text.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from addons.config.amp_nodes import AmpNode, AmpRoutingNode
from addons.config.fields import (
    HeaderName,
    Headers,
    HeaderValue,
    HeaderWords,
    Key,
    Node,
    Reference,
    References,
    Url,
    Words,
    names,
    optional,
)
from addons.config.limits import RateLimitNode
from addons.config.proxy import ProxyNode
from addons.config.web_search import ClaudeCodeNode, WebSearchNode
from addons.core.model import DialectName

FORMATS: Mapping[str, DialectName] = {
    "openai": DialectName.CHAT,
    "openai-responses": DialectName.RESPONSES,
    "responses": DialectName.RESPONSES,
    "openai-completions": DialectName.COMPLETIONS,
    "completions": DialectName.COMPLETIONS,
    "claude": DialectName.ANTHROPIC,
    "anthropic": DialectName.ANTHROPIC,
    "gemini": DialectName.GEMINI,
    "google": DialectName.GEMINI,
}


class AuthNode(Node):
    kind: Literal["bearer", "x-api-key", "header", "none"] | None = optional("type", "kind")
    header: HeaderName | None = optional("headerName", "header")
    prefix: HeaderValue | None = None


class DeadlinesNode(Node):
    """Milliseconds."""

    connect: float | None = Field(None, validation_alias=names("connectMs"), gt=0)
    first_event: float | None = Field(None, validation_alias=names("firstEventMs"), gt=0)
    idle: float | None = Field(None, validation_alias=names("idleMs"), gt=0)
    total: float | None = Field(None, validation_alias=names("totalMs"), gt=0)


class TraitsNode(Node):
    """What is true of a model in spite of its name: single fields of `addons.core.traits.Traits`."""

    thinking: Literal["none", "effort", "budget", "adaptive", "level"] | None = None
    efforts: list[Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]] | None = Field(
        None, min_length=1
    )
    sampling: bool | None = None
    max_output: int | None = Field(None, validation_alias=names("maxOutput"), gt=0)
    structured: bool | None = None
    images: bool | None = None
    documents: bool | None = None
    max_tools: int | None = Field(None, validation_alias=names("maxTools"), gt=0)


class ApiKeyNode(Node):
    """One of several keys: itself, or the variable that holds it."""

    id: str | None = None
    key: Key | None = optional("key", "apiKey")
    env: Key | None = optional("env", "apiKeyEnv")

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"key": value} if isinstance(value, str) else value


class AffinityNode(Node):
    """`true` and `false` stand for `enabled` alone."""

    enabled: bool = True
    ttl: float | None = Field(None, validation_alias=names("ttlMs"), gt=0)

    @model_validator(mode="before")
    @classmethod
    def _from_bool(cls, value: object) -> object:
        return {"enabled": value} if isinstance(value, bool) else value


class ModelNode(Node):
    id: str = Field(validation_alias=names("id", "name", "model"), min_length=1)
    aliases: Words = Field(default_factory=list, validation_alias=names("aliases", "alias"))
    formats: Words | None = optional("formats", "format")
    enabled: bool = True
    variant: Any = None
    context_window: int | None = Field(None, validation_alias=names("contextWindow"), gt=0)
    cost: Any = None
    metadata: Any = None
    capabilities: dict[str, Any] = Field(default_factory=dict)
    traits: TraitsNode | None = None
    drop_content: bool = Field(False, validation_alias=names("dropContent"))
    stateless_responses: bool | None = optional("statelessResponses")
    deadlines: DeadlinesNode | None = None
    fallback_models: References = Field(
        default_factory=list, validation_alias=names("fallbackModels", "silentFallbacks", "fallbacks")
    )

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str) else value


class ProviderNode(Node):
    id: str = ""
    name: str | None = None
    enabled: bool = True
    type: str | None = None
    base_url: Url | None = optional("baseUrl", "endpoint")
    base_url_by_format: dict[str, Url] = Field(
        default_factory=dict, validation_alias=names("baseUrlByFormat", "endpointByFormat", "endpoints")
    )
    api_key: Key | None = optional("apiKey", "credential")
    api_key_env: Key | None = optional("apiKeyEnv")
    api_keys: list[ApiKeyNode] = Field(default_factory=list, validation_alias=names("apiKeys", "credentials"))
    format: str | None = optional("format", "responseFormat")
    formats: Words | None = None
    auth: AuthNode | None = None
    auth_by_format: dict[str, AuthNode] = Field(default_factory=dict, validation_alias=names("authByFormat"))
    headers: Headers = Field(default_factory=dict)
    anthropic_version: HeaderValue = Field("2023-06-01", validation_alias=names("anthropicVersion"))
    anthropic_beta: HeaderWords | None = optional("anthropicBeta")
    models: list[ModelNode] = Field(default_factory=list)
    rate_limits: list[RateLimitNode] = Field(default_factory=list, validation_alias=names("rateLimits"))
    max_concurrency: int | None = Field(None, validation_alias=names("maxConcurrency"), ge=1)
    stateless_responses: bool | None = optional("statelessResponses")
    quota_probe: Any = optional("quotaProbe")
    subscription_type: Any = optional("subscriptionType", "subscription_type")
    subscription_profile: Any = optional("subscriptionProfile", "subscription_profile")
    metadata: Any = None
    last_probe: Any = optional("lastProbe")
    deadlines: DeadlinesNode | None = None


class TargetNode(Node):
    ref: Reference = Field(validation_alias=names("ref", "target", "route", "model"))
    weight: float = 1.0
    metadata: Any = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"ref": value} if isinstance(value, str) else value


class AliasNode(Node):
    id: str | None = None
    strategy: str = "ordered"
    targets: list[TargetNode] = Field(default_factory=list)
    fallback_targets: list[TargetNode] = Field(
        default_factory=list, validation_alias=names("fallbackTargets", "fallbacks")
    )
    affinity: AffinityNode | None = None
    hedge: float | None = Field(None, validation_alias=names("hedgeMs"), gt=0)
    hold_until_reset: bool | float = Field(False, validation_alias=names("holdUntilReset", "holdUntilResetMs"))
    join_duplicates: bool = Field(False, validation_alias=names("joinDuplicates"))
    metadata: Any = None


class LocalServerNode(Node):
    watch_config: Any = optional("watchConfig")
    watch_binary: Any = optional("watchBinary")
    require_auth: bool = Field(False, validation_alias=names("requireAuth"))


class ActivityLogNode(Node):
    """`true` and `false` stand for `enabled` alone; `null` for what holds anyway."""

    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: object) -> object:
        return {"enabled": value} if isinstance(value, bool) else {} if value is None else value


class MetadataNode(Node):
    activity_log: ActivityLogNode = Field(
        default_factory=lambda: ActivityLogNode.model_validate({}), validation_alias=names("activityLog")
    )
    local_models: Any = optional("localModels")
    local_server: LocalServerNode = Field(
        default_factory=lambda: LocalServerNode.model_validate({}), validation_alias=names("localServer")
    )


class Document(Node):
    version: int | None = Field(None, ge=1)
    master_key: Key | None = optional("masterKey")
    default_model: str | None = optional("defaultModel")
    providers: list[ProviderNode] = Field(default_factory=list)
    model_aliases: dict[str, AliasNode] = Field(default_factory=dict, validation_alias=names("modelAliases"))
    amp: AmpNode | None = optional("amp", "ampcode", "ampCode")
    amp_routing: AmpRoutingNode | None = optional("ampRouting")
    web_search: WebSearchNode | None = optional("webSearch")
    claude_code: ClaudeCodeNode | None = optional("claudeCode")
    proxy: ProxyNode | None = None
    ollama: Any = None
    metadata: MetadataNode = Field(default_factory=lambda: MetadataNode.model_validate({}))
