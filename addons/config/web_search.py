"""The `webSearch` block of the document: which services the router searches the web with.

Sources: the predecessor's block, where `providers` is a list or an object by id, and what came before it: the same
block inside `amp`, or flat keys (`braveApiKey`, `braveMonthlyLimit`, `searxngUrl` and so on).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator

from addons.config.fields import CONTROL, Key, Node, Url, names, optional
from addons.config.findings import Findings
from addons.core.buckets import Bucket
from addons.core.model import DialectName
from addons.core.plan import Candidate, Provider
from addons.core.web_search import SearchService, SearchStrategy, ServiceKind, WebSearch
from addons.core.windows import Window

DEFAULT_LIMIT = 1000
MAX_COUNT = 20
KEYED: Mapping[str, ServiceKind] = {"brave": "brave", "tavily": "tavily", "exa": "exa"}
SEARXNG = "searxng"
# where a key is looked for that the document does not name
VARIABLES: Mapping[str, str] = {"brave": "BRAVE_API_KEY", "tavily": "TAVILY_API_KEY", "exa": "EXA_API_KEY"}
STRATEGIES: Mapping[str, SearchStrategy] = {
    "ordered": "ordered",
    "quota-balance": "quota-balance",
    # the predecessor's synonyms
    "auto": "quota-balance",
    "quota-aware-weighted-rr": "quota-balance",
}
# the dialects in which a provider's own search can be asked for
HOSTED = (DialectName.RESPONSES, DialectName.ANTHROPIC, DialectName.GEMINI)
_WORDS = "brave, tavily, exa, searxng or a provider/model"


class SearchServiceNode(Node):
    """A bare word stands for its `id`."""

    id: str = ""
    provider_id: str | None = optional("providerId")
    model: str | None = None
    api_key: Key | None = optional("apiKey")
    api_key_env: Key | None = optional("apiKeyEnv")
    url: Url | None = optional("url", "baseUrl")
    count: int | None = Field(None, ge=1, le=MAX_COUNT)
    limit: int | None = Field(None, validation_alias=names("limit", "monthlyLimit"), ge=1)
    remaining: int | None = Field(None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str) else value


class WebSearchNode(Node):
    strategy: str = "ordered"
    count: int = Field(5, ge=1, le=MAX_COUNT)
    providers: list[SearchServiceNode] = Field(default_factory=list)
    intercept_internal_search: bool = Field(False, validation_alias=names("interceptInternalSearch"))

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, value: object) -> object:
        """Providers that stand as an object by id, or as flat keys, as a list."""
        if not isinstance(value, Mapping):
            return value
        given = value.get("providers")
        if isinstance(given, Mapping):
            listed = [{"id": name, **entry} for name, entry in given.items() if isinstance(entry, Mapping)]
            return {**_without_flat(value), "providers": listed}
        flat = _flat(value)
        return {**_without_flat(value), "providers": flat} if flat and given is None else value


class ClaudeCodeNode(Node):
    web_search_provider: str | None = optional("webSearchProvider", "searchProvider")


_FLAT: Mapping[str, Mapping[str, str]] = {
    name: {f"{name}ApiKey": "apiKey", f"{name}MonthlyLimit": "limit", f"{name}Remaining": "remaining"} for name in KEYED
} | {SEARXNG: {"searxngUrl": "url", "webSearchUrl": "url"}}
_PREFERRED = ("preferredBackend",)
_OF_AMP = ("interceptInternalSearch", "webSearchStrategy", "webSearchCount")


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


# every key that stands flat in the `amp` block
FLAT_KEYS = frozenset(
    spelt
    for name in (*(name for keys in _FLAT.values() for name in keys), *_PREFERRED, *_OF_AMP)
    for spelt in (name, _kebab(name))
)


def _said(value: Mapping[str, Any], name: str) -> Any:
    found = value.get(name)
    return value.get(_kebab(name)) if found is None else found


def _flat(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The services that flat keys name; the preferred one first."""
    found = [
        {"id": service, **members}
        for service, spelt in _FLAT.items()
        if (members := {key: item for name, key in spelt.items() if (item := _said(value, name)) is not None})
        and ("apiKey" in members or "url" in members)
    ]
    preferred = next((word for name in _PREFERRED if (word := _said(value, name))), None)
    return sorted(found, key=lambda each: each["id"] != preferred)


def _without_flat(value: Mapping[str, Any]) -> dict[str, Any]:
    known = {name for spelt in _FLAT.values() for name in spelt} | set(_PREFERRED)
    both = known | {_kebab(name) for name in known}
    return {key: item for key, item in value.items() if key not in both}


def searches(node: WebSearchNode | None, amp: object, findings: Findings) -> WebSearchNode | None:
    """The block, or what stands of it in `amp`."""
    found = None if node is not None else legacy(amp)
    if found is None:
        return node
    try:
        return WebSearchNode.model_validate(found)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in item["loc"])
            findings.problems.append(f"amp.webSearch{path}: {item['msg'].removeprefix('Value error, ')}")
        return None


def legacy(amp: object) -> dict[str, Any] | None:
    """What stands of it in the `amp` block: an object `webSearch`, or flat keys."""
    members = _members(amp)
    inner = next((members[key] for key in ("webSearch", "web-search", "web_search") if members.get(key)), None)
    if isinstance(inner, Mapping):
        return dict(inner)
    if not _flat(members):
        return None
    keys = {name for spelt in _FLAT.values() for name in spelt} | {*_PREFERRED, "interceptInternalSearch"}
    renamed = {"strategy": _said(members, "webSearchStrategy"), "count": _said(members, "webSearchCount")}
    flat = {name: item for name in keys if (item := _said(members, name)) is not None}
    return flat | {name: item for name, item in renamed.items() if item is not None}


def _members(amp: object) -> dict[str, Any]:
    if isinstance(amp, BaseModel):
        own = getattr(amp, "web_search", None)
        return {**(amp.model_extra or {}), **({} if own is None else {"webSearch": own})}
    return dict(amp) if isinstance(amp, Mapping) else {}


def web_search(
    node: WebSearchNode | None,
    claude_code: ClaudeCodeNode | None,
    providers: Iterable[Provider],
    env: Mapping[str, str],
    findings: Findings,
) -> WebSearch:
    """The services that can be asked; what is wrong with the others goes to `findings`."""
    node = node or WebSearchNode.model_validate({})
    known = {provider.id: provider for provider in providers}
    services: dict[str, SearchService] = {}
    named: set[str] = set()
    for n, each in enumerate(node.providers):
        path = f"webSearch.providers[{n}]"
        name = _name(each)
        if name in named:
            findings.problems.append(f"{path}.id: expected each provider once, {name!r} is there twice")
        named.add(name)
        service = _service(each, name, path, node.count, known, env, findings)
        if service is not None:
            services.setdefault(service.id, service)
    strategy = STRATEGIES.get(node.strategy.strip().lower())
    if strategy is None:
        words = ", ".join(dict.fromkeys(STRATEGIES.values()))
        findings.problems.append(f"webSearch.strategy: expected one of {words}, got {node.strategy!r}")
    return WebSearch(
        tuple(services.values()),
        strategy or "ordered",
        node.count,
        node.intercept_internal_search,
        _of_claude_code(claude_code, services, named, known, node.count, findings),
    )


def _name(node: SearchServiceNode) -> str:
    if not node.id and node.provider_id and node.model:
        return f"{node.provider_id}/{node.model}"
    return node.id.strip() if "/" in node.id else node.id.strip().lower()


def _service(
    node: SearchServiceNode,
    name: str,
    path: str,
    count: int,
    known: Mapping[str, Provider],
    env: Mapping[str, str],
    findings: Findings,
) -> SearchService | None:
    asked = node.count or count
    limit = node.limit or (DEFAULT_LIMIT if name in KEYED else None)
    quota = None if limit is None else Bucket("month", {"requests": limit}, Window("month", 1))
    left = None if node.remaining is None or limit is None or node.remaining >= limit else node.remaining
    if name in KEYED:
        key = _key(node, path, env, findings)
        return None if key is None else SearchService(name, KEYED[name], key, node.url, asked, quota, left)
    if name == SEARXNG:
        if node.url is None:
            findings.problems.append(f"{path}.url: expected the URL of the SearXNG instance")
            return None
        return SearchService(SEARXNG, "searxng", None, node.url, asked, quota, left)
    target = _target(name, f"{path}.id", known, findings)
    return None if target is None else SearchService(name, "hosted", None, None, asked, quota, left, target)


def _key(node: SearchServiceNode, path: str, env: Mapping[str, str], findings: Findings) -> str | None:
    """A literal one wins over a variable, as for providers."""
    if node.api_key is not None:
        return node.api_key
    value = env.get(node.api_key_env or VARIABLES.get(node.id.strip().lower(), ""), "").strip()
    if not value and node.api_key_env is None:
        findings.problems.append(f"{path}.apiKey: expected a key, or an apiKeyEnv that names its variable")
        return None
    if value and not CONTROL.search(value):
        return value
    findings.warnings.append(f"{path}.apiKeyEnv: the variable {node.api_key_env} is not set, or is no key; left out")
    return None


def _target(name: str, path: str, known: Mapping[str, Provider], findings: Findings) -> Candidate | None:
    """The model that searches by itself. None also when its provider was left out, which is told elsewhere."""
    owner, slash, model_id = name.partition("/")
    if not slash:
        findings.problems.append(f"{path}: expected {_WORDS}, got {name!r}")
        return None
    provider = known.get(owner)
    model = None if provider is None else provider.model(model_id)
    if provider is None or model is None:
        findings.problems.append(f"{path}: expected a provider/model that exists, got {name!r}")
        return None
    spoken = model.dialects or provider.dialects
    dialect = next((each for each in HOSTED if each in spoken and each in provider.endpoints), None)
    if dialect is None:
        words = ", ".join(each.value for each in HOSTED)
        findings.problems.append(f"{path}: expected a model with one of the formats {words}, which {name} has not")
        return None
    return Candidate(provider, model, dialect, why="web search")


def _of_claude_code(
    node: ClaudeCodeNode | None,
    services: Mapping[str, SearchService],
    named: set[str],
    known: Mapping[str, Provider],
    count: int,
    findings: Findings,
) -> SearchService | None:
    """A service of the list, or a model that searches by itself and need not be in it."""
    name = (node.web_search_provider or "").strip() if node is not None else ""
    path = "claudeCode.webSearchProvider"
    if not name:
        return None
    if name in services or name.lower() in services:
        return services.get(name) or services[name.lower()]
    if "/" in name:
        target = _target(name, path, known, findings)
        return None if target is None else SearchService(name, "hosted", count=count, target=target)
    if name.lower() not in named:
        findings.problems.append(f"{path}: expected a provider of webSearch, or a provider/model, got {name!r}")
    return None
