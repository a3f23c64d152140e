"""The configuration document as pydantic models: version 2 of the predecessor's schema, and what came before it.

Every key has its documented synonyms. Unknown keys are kept (the document is never rewritten from these models) and
reported as warnings. Secrets are never part of an error text.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from addons.core.model import DialectName

FORMATS: Mapping[str, DialectName] = {
    "openai": DialectName.CHAT,
    "openai-responses": DialectName.RESPONSES,
    "responses": DialectName.RESPONSES,
    "claude": DialectName.ANTHROPIC,
    "anthropic": DialectName.ANTHROPIC,
}
# known words whose dialect llr does not speak yet
LATER_FORMATS = frozenset({"gemini", "google"})
BLOCKED_HEADERS = frozenset(
    {"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade", "proxy-authorization"}
)


def _names(*names: str) -> Any:
    """A field under several spellings; camelCase names are read in kebab-case too."""
    spellings = [spelling for name in names for spelling in (name, re.sub(r"(?<=[a-z])([A-Z])", r"-\1", name).lower())]
    return AliasChoices(*dict.fromkeys(spellings))


def _optional(*names: str) -> Any:
    return Field(None, validation_alias=_names(*names))


def _listed(value: object) -> object:
    """One value where a list is expected counts as a list of one."""
    return [value] if isinstance(value, str) else value


type Words = Annotated[list[str], BeforeValidator(_listed)]


class _Node(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)


class AuthNode(_Node):
    kind: Literal["bearer", "x-api-key", "header", "none"] | None = _optional("type", "kind")
    header: str | None = _optional("headerName", "header")
    prefix: str | None = None


class DeadlinesNode(_Node):
    """Milliseconds."""

    connect: float | None = Field(None, validation_alias=_names("connectMs"), gt=0)
    first_event: float | None = Field(None, validation_alias=_names("firstEventMs"), gt=0)
    idle: float | None = Field(None, validation_alias=_names("idleMs"), gt=0)


class ModelNode(_Node):
    id: str = Field(validation_alias=_names("id", "name", "model"), min_length=1)
    aliases: Words = Field(default_factory=list, validation_alias=_names("aliases", "alias"))
    formats: Words | None = _optional("formats", "format")
    enabled: bool = True
    variant: Any = None
    context_window: int | None = _optional("contextWindow")
    cost: Any = None
    metadata: Any = None
    capabilities: dict[str, Any] = Field(default_factory=dict)
    fallback_models: Words = Field(
        default_factory=list, validation_alias=_names("fallbackModels", "silentFallbacks", "fallbacks")
    )

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str) else value


class ProviderNode(_Node):
    id: str = ""
    name: str | None = None
    enabled: bool = True
    type: str | None = None
    base_url: str | None = _optional("baseUrl", "endpoint")
    base_url_by_format: dict[str, str] = Field(
        default_factory=dict, validation_alias=_names("baseUrlByFormat", "endpointByFormat", "endpoints")
    )
    api_key: str | None = _optional("apiKey", "credential")
    api_key_env: str | None = _optional("apiKeyEnv")
    format: str | None = _optional("format", "responseFormat")
    formats: Words | None = None
    auth: AuthNode | None = None
    auth_by_format: dict[str, AuthNode] = Field(default_factory=dict, validation_alias=_names("authByFormat"))
    headers: dict[str, str | bool | None] = Field(default_factory=dict)
    anthropic_version: str = Field("2023-06-01", validation_alias=_names("anthropicVersion"))
    anthropic_beta: str | list[str] | None = _optional("anthropicBeta")
    models: list[ModelNode] = Field(default_factory=list)
    rate_limits: list[Any] = Field(default_factory=list, validation_alias=_names("rateLimits"))
    quota_probe: Any = _optional("quotaProbe")
    subscription_type: Any = _optional("subscriptionType", "subscription_type")
    subscription_profile: Any = _optional("subscriptionProfile", "subscription_profile")
    metadata: Any = None
    last_probe: Any = _optional("lastProbe")
    deadlines: DeadlinesNode | None = None

    @field_validator("api_key", "api_key_env")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("a key that is not empty is expected (leave the field out for a provider without one)")
        return value

    @field_validator("base_url")
    @classmethod
    def _a_url(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an http(s) URL is expected")
        return value

    @field_validator("headers")
    @classmethod
    def _plain_headers(cls, value: dict[str, str | bool | None]) -> dict[str, str | bool | None]:
        for name, content in value.items():
            if name.lower() in BLOCKED_HEADERS:
                raise ValueError(f"the header {name} belongs to the connection and cannot be set")
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\r\n\0]", str(content)):
                raise ValueError(f"the header {name!r} is not a legal header")
        return value


class TargetNode(_Node):
    ref: str = Field(validation_alias=_names("ref", "target", "route", "model"), min_length=1)
    weight: float = Field(1.0, gt=0)
    metadata: Any = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"ref": value} if isinstance(value, str) else value


class AliasNode(_Node):
    id: str | None = None
    strategy: str = "ordered"
    targets: list[TargetNode] = Field(default_factory=list)
    fallback_targets: list[TargetNode] = Field(
        default_factory=list, validation_alias=_names("fallbackTargets", "fallbacks")
    )
    metadata: Any = None


class LocalServerNode(_Node):
    watch_config: Any = _optional("watchConfig")
    watch_binary: Any = _optional("watchBinary")
    require_auth: bool = Field(False, validation_alias=_names("requireAuth"))


class MetadataNode(_Node):
    activity_log: Any = _optional("activityLog")
    local_models: Any = _optional("localModels")
    local_server: LocalServerNode = Field(
        default_factory=lambda: LocalServerNode.model_validate({}), validation_alias=_names("localServer")
    )


class Document(_Node):
    version: int | None = None
    master_key: str | None = _optional("masterKey")
    default_model: str | None = _optional("defaultModel")
    providers: list[ProviderNode] = Field(default_factory=list)
    model_aliases: dict[str, AliasNode] = Field(default_factory=dict, validation_alias=_names("modelAliases"))
    amp: Any = _optional("amp", "ampcode", "ampCode")
    amp_routing: Any = _optional("ampRouting")
    web_search: Any = _optional("webSearch")
    claude_code: Any = _optional("claudeCode")
    ollama: Any = None
    metadata: MetadataNode = Field(default_factory=lambda: MetadataNode.model_validate({}))

    @field_validator("master_key")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("a key that is not empty is expected; an empty one would not mean 'no key'")
        return value
