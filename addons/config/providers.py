"""The providers of the document resolved: their dialects, URLs, keys and headers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.config.fields import CONTROL
from addons.config.findings import Findings
from addons.config.limits import buckets
from addons.config.memories import memory_at, memory_of
from addons.config.models import FORMATS, AuthNode, DeadlinesNode, Document, ModelNode, ProviderNode, TraitsNode
from addons.config.urls import endpoint
from addons.core.effort import LADDER
from addons.core.model import DialectName
from addons.core.plan import Auth, Credential, Deadlines, Model, Provider

PROVIDER_ID = re.compile(r"[a-z][a-z0-9-]*")
# the types that speak HTTP with a key (or with none)
PLAIN_TYPES = frozenset({None, "", "api-key", "standard", "ollama"})
OLLAMA_BASE = "http://localhost:11434/v1"
WORDS = "openai, openai-responses, claude or gemini"
DEFAULT_AUTH: Mapping[DialectName, Auth] = {
    DialectName.CHAT: Auth(),
    DialectName.RESPONSES: Auth(),
    DialectName.COMPLETIONS: Auth(),
    DialectName.GEMINI: Auth("header", "x-goog-api-key", ""),
    DialectName.ANTHROPIC: Auth("x-api-key", "x-api-key", ""),
}


def provider_id(node: ProviderNode) -> str:
    """The id, or the name, in lower-case letters, digits and dashes. Source: the predecessor does the same."""
    return re.sub(r"[^a-z0-9]+", "-", (node.id or node.name or "").lower()).strip("-")


def providers(document: Document, env: Mapping[str, str], default: Deadlines, findings: Findings) -> list[Provider]:
    """Those that can be asked; what is wrong with the others goes to `findings`."""
    found: dict[str, Provider] = {}
    for n, node in enumerate(document.providers):
        provider = _provider(node, f"providers[{n}]", env, default, findings) if node.enabled else None
        if provider is None:
            continue
        if provider.id in found:
            findings.problems.append(f"providers[{n}].id: expected an id of its own, {provider.id!r} is used twice")
        found.setdefault(provider.id, provider)
    return list(found.values())


def _provider(
    node: ProviderNode, path: str, env: Mapping[str, str], default: Deadlines, findings: Findings
) -> Provider | None:
    """None for one that is left out, with the reason among the findings."""
    own_id = _checked_id(node, path, findings)
    if own_id is None or _left_out(node, path, findings):
        return None
    endpoints = _endpoints(node, path, findings)
    if not node.models:
        findings.problems.append(f"{path}.models: expected at least one model")
    deadlines = _deadlines(node.deadlines, default)
    models = tuple(_model(model, f"{path}.models[{n}]", deadlines, findings) for n, model in _enabled(node))
    _check_words((*node.base_url_by_format, *node.auth_by_format), f"{path}: in a …ByFormat block", findings)
    if not endpoints:
        return None
    key, problem = _key(node, env)
    if problem is not None:
        findings.warnings.append(f"{path}.apiKeyEnv: {problem}")
    keys = _keys(node, path, env, findings)
    if keys and key is None:
        key, problem = keys[0].secret, None
    elif node.api_keys and key is None and problem is None:
        problem = "none of its apiKeys is set"
    return Provider(
        id=own_id,
        name=node.name or own_id,
        dialects=tuple(endpoints),
        endpoints=endpoints,
        models=models,
        auth={dialect: _auth(node, dialect) for dialect in endpoints},
        headers=node.headers,
        key=key,
        key_problem=problem,
        keys=keys,
        buckets=buckets(node.rate_limits, frozenset(model.id for model in models), f"{path}.rateLimits", findings),
        concurrency=node.max_concurrency,
        anthropic_version=node.anthropic_version,
        anthropic_beta=node.anthropic_beta,
        deadlines=deadlines,
        memory=memory_of(node.stateless_responses, memory_at(endpoints.get(DialectName.RESPONSES))),
    )


def _checked_id(node: ProviderNode, path: str, findings: Findings) -> str | None:
    found = provider_id(node)
    if not PROVIDER_ID.fullmatch(found):
        findings.problems.append(
            f"{path}.id: expected lower-case letters, digits and dashes, beginning with a letter, got {node.id!r}"
        )
        return None
    if node.id not in ("", found):
        findings.warnings.append(f"{path}.id: {node.id!r} is read as {found!r}")
    return found


def _left_out(node: ProviderNode, path: str, findings: Findings) -> bool:
    if node.type in PLAIN_TYPES:
        return False
    findings.warnings.append(f"{path}.type: {node.type!r} providers come in a later version; this one is left out")
    return True


def _endpoints(node: ProviderNode, path: str, findings: Findings) -> dict[DialectName, str]:
    """Where each dialect is spoken to; empty with a finding that says why."""
    words = _words(node)
    dialects = _dialects(words, f"{path}.format", findings)
    endpoints = {dialect: url for dialect in dialects if (url := _url(node, dialect)) is not None}
    if not words:
        findings.problems.append(f"{path}.format: expected {WORDS}")
    elif dialects and not endpoints:
        findings.problems.append(f"{path}.baseUrl: expected an http(s) URL, got none")
    else:
        findings.warnings += [
            f"{path}: there is no baseUrl for the format {dialect.value!r}, which is left out"
            for dialect in dialects
            if dialect not in endpoints
        ]
    return endpoints


def _words(node: ProviderNode) -> list[str]:
    """The configured formats; without any, those of `baseUrlByFormat`, else Chat Completions for Ollama."""
    words = dict.fromkeys([*(node.formats or ()), *([node.format] if node.format else ())])
    return list(words or node.base_url_by_format or (["openai"] if node.type == "ollama" else []))


def _dialects(words: Iterable[str], path: str, findings: Findings) -> list[DialectName]:
    found: dict[DialectName, None] = {}
    for word in words:
        if word.lower() in FORMATS:
            found[FORMATS[word.lower()]] = None
        else:
            findings.problems.append(f"{path}: expected {WORDS}, got {word!r}")
    return list(found)


def _check_words(words: Iterable[str], path: str, findings: Findings) -> None:
    findings.warnings += [
        f"{path}, {word!r} is no format ({WORDS}); it has no effect" for word in words if word.lower() not in FORMATS
    ]


def _url(node: ProviderNode, dialect: DialectName) -> str | None:
    by_format = {word.lower(): url for word, url in node.base_url_by_format.items()}
    own = next((url for word, url in by_format.items() if FORMATS.get(word) is dialect), None)
    # the predecessor's `openai` base serves all formats of OpenAI's
    if own is None and dialect in (DialectName.RESPONSES, DialectName.COMPLETIONS):
        own = by_format.get("openai")
    base = own or node.base_url or (OLLAMA_BASE if node.type == "ollama" else None)
    return endpoint(base, dialect) if base else None


def _key(node: ProviderNode, env: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The key, or why there is none although one is expected. A literal one wins over a variable."""
    if node.api_key is not None:
        return node.api_key, None
    if node.api_key_env is None:
        return ("ollama", None) if node.type == "ollama" else (None, None)
    value = env.get(node.api_key_env, "").strip()
    if not value:
        return None, f"the variable {node.api_key_env} is not set"
    if CONTROL.search(value):
        return None, f"the variable {node.api_key_env} is no key: it has control characters"
    return value, None


def _keys(node: ProviderNode, path: str, env: Mapping[str, str], findings: Findings) -> tuple[Credential, ...]:
    """All keys, when `apiKeys` lists any; those that are not set are left out."""
    if not node.api_keys:
        return ()
    first, _ = _key(node, env)
    found = {"0": first} if first is not None and node.type != "ollama" else {}
    for n, each in enumerate(node.api_keys):
        name = each.id or str(n + 1)
        secret = each.key or env.get(each.env or "", "").strip()
        if name in found:
            findings.problems.append(f"{path}.apiKeys[{n}].id: expected an id of its own, {name!r} is used twice")
        elif each.key is None and each.env is None:
            findings.problems.append(f"{path}.apiKeys[{n}]: expected a key, or an env that names its variable")
        elif not secret or CONTROL.search(secret):
            findings.warnings.append(f"{path}.apiKeys[{n}]: the variable {each.env} is not set, or is no key")
        else:
            found[name] = secret
    return tuple(Credential(name, secret) for name, secret in found.items())


def _auth(node: ProviderNode, dialect: DialectName) -> Auth:
    own = next((auth for word, auth in node.auth_by_format.items() if FORMATS.get(word.lower()) is dialect), node.auth)
    return DEFAULT_AUTH[dialect] if own is None else _auth_of(own, DEFAULT_AUTH[dialect])


def _auth_of(node: AuthNode, default: Auth) -> Auth:
    match node.kind or ("header" if node.header else None):
        case "none":
            return Auth("none", "", "")
        case "bearer":
            return Auth("bearer", node.header or "authorization", "Bearer " if node.prefix is None else node.prefix)
        case "x-api-key":
            return Auth("x-api-key", node.header or "x-api-key", node.prefix or "")
        case "header":
            return Auth("header", node.header or "authorization", node.prefix or "")
        case None:
            return Auth(default.kind, default.header, default.prefix if node.prefix is None else node.prefix)


def _enabled(node: ProviderNode) -> Iterator[tuple[int, ModelNode]]:
    return ((n, model) for n, model in enumerate(node.models) if model.enabled)


def _model(node: ModelNode, path: str, deadlines: Deadlines, findings: Findings) -> Model:
    disabled = frozenset(name for name, value in node.capabilities.items() if value is False)
    # an empty list says nothing, as for a provider
    dialects = tuple(_dialects(node.formats, f"{path}.formats", findings)) if node.formats else None
    return Model(
        node.id,
        tuple(node.aliases),
        dialects,
        tuple(node.fallback_models),
        node.context_window,
        disabled,
        overrides=_overrides(node.traits),
        drops_content=node.drop_content,
        deadlines=None if node.deadlines is None else _deadlines(node.deadlines, deadlines),
        memory=memory_of(node.stateless_responses, None),
    )


def _overrides(node: TraitsNode | None) -> dict[str, Any]:
    """The fields of the model's traits that the document sets. The levels of effort come in any order."""
    if node is None:
        return {}
    given = {name: value for name in TraitsNode.model_fields if (value := getattr(node, name)) is not None}
    if node.efforts is not None:
        given["efforts"] = tuple(level for level in LADDER if level in node.efforts)
    return given


def _deadlines(own: DeadlinesNode | None, default: Deadlines) -> Deadlines:
    if own is None:
        return default
    return Deadlines(
        connect=default.connect if own.connect is None else own.connect / 1000,
        first_event=default.first_event if own.first_event is None else own.first_event / 1000,
        idle=default.idle if own.idle is None else own.idle / 1000,
        total=default.total if own.total is None else own.total / 1000,
    )
