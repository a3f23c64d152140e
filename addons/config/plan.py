"""The document resolved into a plan."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from addons.config.models import (
    FORMATS,
    LATER_FORMATS,
    AliasNode,
    AuthNode,
    Document,
    ModelNode,
    ProviderNode,
    TargetNode,
)
from addons.config.urls import endpoint
from addons.core.model import DialectName
from addons.core.plan import Alias, Auth, Deadlines, Model, Plan, Provider, RetryPolicy, Target

PROVIDER_ID = re.compile(r"[a-z][a-z0-9-]*")
ALIAS_ID = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9._:\-\[\]*?/]*")
ORDERED = frozenset({"ordered", ""})
STRATEGIES = frozenset(
    {"auto", "automatic", "smart", "round-robin", "rr", "weighted-rr", "weighted-round-robin", "weighted_rr",
     "quota-aware-weighted-rr", "quota-aware-weighted-round-robin"}
)  # fmt: skip
DEFAULT_AUTH: Mapping[DialectName, Auth] = {
    DialectName.CHAT: Auth(),
    DialectName.RESPONSES: Auth(),
    DialectName.ANTHROPIC: Auth("x-api-key", "x-api-key", ""),
}


@dataclass(slots=True)
class Findings:
    """What a person should know: `problems` make the document unusable, `warnings` do not."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def build(document: Document, env: Mapping[str, str], source: str, findings: Findings) -> Plan:
    """The plan of `document`; what is wrong with it goes to `findings`."""
    deadlines = _default_deadlines(env, findings)
    providers = tuple(
        provider
        for n, node in enumerate(document.providers)
        if node.enabled and (provider := _provider(node, f"providers[{n}]", env, deadlines, findings)) is not None
    )
    seen: set[str] = set()
    for provider in providers:
        if provider.id in seen:
            findings.problems.append(f"providers: the id {provider.id!r} is used twice")
        seen.add(provider.id)
    aliases = {name: _alias(name, node, findings) for name, node in document.model_aliases.items()}
    return Plan(
        providers=providers,
        aliases=aliases,
        default_model=(document.default_model or "").strip() or None,
        master_key=env.get("LLM_ROUTER_MASTER_KEY") or document.master_key,
        require_auth=document.metadata.local_server.require_auth,
        retry=_retry(env, findings),
        max_body=int(_number(env, "LLM_ROUTER_MAX_REQUEST_BODY_BYTES", Plan().max_body, findings)),
        debug=_flag(env, "LLM_ROUTER_DEBUG_ROUTING") or _flag(env, "LLM_ROUTER_DEBUG"),
        source=source,
    )


def _provider(
    node: ProviderNode, path: str, env: Mapping[str, str], deadlines: Deadlines, findings: Findings
) -> Provider | None:
    provider_id = node.id or _slug(node.name or "")
    if not PROVIDER_ID.fullmatch(provider_id):
        findings.problems.append(
            f"{path}.id: lower-case letters, digits and dashes are expected, beginning with a letter"
        )
        return None
    if node.type not in (None, "", "api-key", "ollama"):
        findings.warnings.append(f"{path}.type: {node.type!r} providers come in a later version; this one is left out")
        return None
    dialects = _dialects(_provider_formats(node), f"{path}.format", findings)
    endpoints = {dialect: url for dialect in dialects if (url := _url(node, dialect)) is not None}
    if not dialects:
        if not any(word.lower() in LATER_FORMATS for word in _provider_formats(node)):
            findings.problems.append(f"{path}.format: one of {', '.join(sorted(FORMATS))} is expected")
        return None
    if not endpoints:
        findings.problems.append(f"{path}.baseUrl: an http(s) URL is expected")
        return None
    if not node.models:
        findings.problems.append(f"{path}.models: at least one model is expected")
    key, problem = _key(node, env)
    if problem is not None:
        findings.warnings.append(f"{path}.apiKeyEnv: {problem}")
    return Provider(
        id=provider_id,
        name=node.name or provider_id,
        dialects=tuple(endpoints),
        endpoints=endpoints,
        models=tuple(_model(model, f"{path}.models[{n}]", findings) for n, model in _enabled(node)),
        auth={dialect: _auth(node, dialect) for dialect in endpoints},
        headers={name: value if isinstance(value, str) and value else None for name, value in node.headers.items()},
        key=key,
        key_problem=problem,
        anthropic_version=node.anthropic_version,
        anthropic_beta=node.anthropic_beta
        if isinstance(node.anthropic_beta, str | None)
        else ",".join(node.anthropic_beta),
        deadlines=_deadlines(node, deadlines),
    )


def _enabled(node: ProviderNode) -> Iterator[tuple[int, ModelNode]]:
    return ((n, model) for n, model in enumerate(node.models) if model.enabled)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _provider_formats(node: ProviderNode) -> list[str]:
    """The configured words; without any, those of `baseUrlByFormat`, else Chat Completions (as for Ollama)."""
    words = list(dict.fromkeys([*(node.formats or ()), *([node.format] if node.format else ())]))
    if not words:
        words = list(node.base_url_by_format) or (["openai"] if node.type == "ollama" else [])
    return words


def _dialects(words: list[str], path: str, findings: Findings) -> list[DialectName]:
    found: dict[DialectName, None] = {}
    for word in words:
        if word.lower() in FORMATS:
            found[FORMATS[word.lower()]] = None
        elif word.lower() in LATER_FORMATS:
            findings.warnings.append(f"{path}: {word!r} comes in a later version and is left out")
        else:
            findings.problems.append(f"{path}: {word!r} is none of {', '.join(sorted(FORMATS))}")
    return list(found)


def _url(node: ProviderNode, dialect: DialectName) -> str | None:
    own = next((url for word, url in node.base_url_by_format.items() if FORMATS.get(word.lower()) is dialect), None)
    # the predecessor's `openai` base serves both OpenAI formats
    if own is None and dialect is DialectName.RESPONSES:
        own = node.base_url_by_format.get("openai")
    base = own or node.base_url or ("http://localhost:11434/v1" if node.type == "ollama" else None)
    return endpoint(base, dialect) if base else None


def _key(node: ProviderNode, env: Mapping[str, str]) -> tuple[str | None, str | None]:
    if node.api_key is not None:
        return node.api_key, None
    if node.api_key_env is None:
        return ("ollama", None) if node.type == "ollama" else (None, None)
    value = env.get(node.api_key_env, "").strip()
    return (value, None) if value else (None, f"the variable {node.api_key_env} is not set")


def _auth(node: ProviderNode, dialect: DialectName) -> Auth:
    own = next((auth for word, auth in node.auth_by_format.items() if FORMATS.get(word.lower()) is dialect), node.auth)
    return DEFAULT_AUTH[dialect] if own is None else _auth_of(own, DEFAULT_AUTH[dialect])


def _auth_of(node: AuthNode, default: Auth) -> Auth:
    match node.kind:
        case "none":
            return Auth("none", "", "")
        case "bearer":
            return Auth("bearer", node.header or "authorization", "Bearer " if node.prefix is None else node.prefix)
        case "x-api-key":
            return Auth("x-api-key", node.header or "x-api-key", node.prefix or "")
        case "header":
            return Auth("header", node.header or "authorization", node.prefix or "")
        case None:
            return default


def _model(node: ModelNode, path: str, findings: Findings) -> Model:
    disabled = frozenset(name for name, value in node.capabilities.items() if value is False)
    dialects = None if node.formats is None else tuple(_dialects(node.formats, f"{path}.formats", findings))
    return Model(node.id, tuple(node.aliases), dialects, tuple(node.fallback_models), node.context_window, disabled)


def _alias(name: str, node: AliasNode, findings: Findings) -> Alias:
    path = f"modelAliases.{name}"
    if not ALIAS_ID.fullmatch(name):
        findings.problems.append(f"{path}: letters, digits and . _ : - [ ] / are expected (* and ? make a glob)")
    if node.strategy in STRATEGIES:
        findings.warnings.append(f"{path}.strategy: {node.strategy!r} comes in a later version; the order counts")
    elif node.strategy not in ORDERED:
        findings.problems.append(f"{path}.strategy: {node.strategy!r} is no strategy; 'ordered' is one")
    if not node.targets and not node.fallback_targets:
        findings.warnings.append(f"{path}: an alias without targets leads nowhere")
    return Alias(name, "ordered", _targets(node.targets), _targets(node.fallback_targets))


def _targets(nodes: list[TargetNode]) -> tuple[Target, ...]:
    unique = {node.ref: Target(node.ref.strip(), node.weight) for node in reversed(nodes)}
    return tuple(reversed(unique.values()))


def _deadlines(node: ProviderNode, default: Deadlines) -> Deadlines:
    own = node.deadlines
    if own is None:
        return default
    return Deadlines(
        connect=default.connect if own.connect is None else own.connect / 1000,
        first_event=default.first_event if own.first_event is None else own.first_event / 1000,
        idle=default.idle if own.idle is None else own.idle / 1000,
    )


def _default_deadlines(env: Mapping[str, str], findings: Findings) -> Deadlines:
    default = Deadlines()
    first = _number(env, "LLM_ROUTER_UPSTREAM_TIMEOUT_MS", default.first_event * 1000, findings) / 1000
    return Deadlines(default.connect, first, default.idle)


def _retry(env: Mapping[str, str], findings: Findings) -> RetryPolicy:
    default = RetryPolicy()
    attempts = _number(env, "LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS", default.attempts, findings)
    return RetryPolicy(
        attempts=int(min(max(attempts, 1), 10)),
        base=_number(env, "LLM_ROUTER_ORIGIN_RETRY_BASE_DELAY_MS", default.base * 1000, findings) / 1000,
        cap=_number(env, "LLM_ROUTER_ORIGIN_RETRY_MAX_DELAY_MS", default.cap * 1000, findings) / 1000,
    )


def _number(env: Mapping[str, str], name: str, default: float, findings: Findings) -> float:
    value = env.get(name, "").strip()
    if not value:
        return default
    if not re.fullmatch(r"\d+(\.\d+)?", value):
        findings.warnings.append(f"{name}: a number is expected, not {value!r}; {default:g} is used")
        return default
    return float(value)


def _flag(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() in ("1", "true", "yes", "on")
