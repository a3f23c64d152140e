"""The hosted searches of a request that its target cannot run, as functions that the router runs instead.

Who can: Anthropic's models run the tools of Anthropic's clients, OpenAI's models any vendor's search (as `web_search`),
Google's models those of Gemini clients. Nobody else can, and nobody can across formats.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from addons.core.model import DialectName, HostedTool, Loss, Request, Tool, ToolChoice
from addons.core.traits import Traits
from addons.search.lookups import LookupKind, SearchTool
from addons.search.memory import recalled

CLAUDE, RESPONSES, GEMINI = DialectName.ANTHROPIC, DialectName.RESPONSES, DialectName.GEMINI
CHARS_PER_TOKEN = 4

_QUERY = {"type": "string", "description": "What to search for."}
_URL = {"type": "string", "description": "The whole http(s) URL, as it stands in the conversation."}


@dataclass(frozen=True, slots=True)
class _Form:
    """How a model is offered a kind of tool; `wanted` is the parameter that says what is looked up."""

    wanted: str
    parameter: Mapping[str, Any]
    description: str
    name: str


FORMS: Mapping[LookupKind, _Form] = {
    "search": _Form(
        "query",
        _QUERY,
        "Searches the web and returns titles, addresses and excerpts of pages. Name the pages that an answer rests on.",
        "web_search",
    ),
    "fetch": _Form(
        "url",
        _URL,
        "Fetches a web page and returns its text. Only URLs that stand in the conversation can be fetched.",
        "web_fetch",
    ),
}
# the beginnings of the types, lower case and without separators
_KINDS: Mapping[str, LookupKind] = {"websearch": "search", "googlesearch": "search", "webfetch": "fetch"}
# wishes that a search of the router's does not know
_UNHEARD = ("user_location", "search_context_size", "citations", "timeRangeFilter", "allowed_callers")


@dataclass(frozen=True, slots=True)
class Taken:
    """What the router takes over: `request` is what the target is asked, `tools` are the router's by function name."""

    request: Request
    tools: Mapping[str, SearchTool]
    losses: tuple[Loss, ...] = ()


def wanted(tools: object, client: DialectName, target: DialectName, model: Traits) -> bool:
    """Whether `tools`, of a body that was not parsed, may have something to take over. Cheap: most requests have
    not."""
    if not isinstance(tools, list):
        return False
    types = (each.get("type") or next(iter(each), "") for each in tools if isinstance(each, Mapping))
    kinds = {_kind(each) for each in types if isinstance(each, str)} - {None}
    return any(kind is not None and not _runs(kind, client, target, model) for kind in kinds)


def taken(request: Request, target: DialectName, model: Traits) -> Taken | None:
    """None when there is nothing to take over."""
    hosted = [tool for tool in request.tools if isinstance(tool, HostedTool) and _is_ours(tool, request, target, model)]
    if not hosted or target is DialectName.COMPLETIONS:
        return None
    used = {tool.name for tool in request.tools if isinstance(tool, Tool)}
    tools: dict[str, SearchTool] = {}
    functions: dict[int, Tool] = {}
    for each in hosted:
        tool = _tool(each, used | tools.keys())
        tools[tool.function] = tool
        functions[id(each)] = _function(tool)
    by_type = {each.type: tool.function for each, tool in zip(hosted, tools.values(), strict=True)}
    by_name = by_type | {tool.name: tool.function for tool in tools.values()}
    changed = replace(
        request,
        tools=tuple(functions.get(id(each), each) for each in request.tools),
        tool_choice=_choice(request, by_name),
        messages=recalled(request.messages, by_name),
    )
    return Taken(changed, tools, tuple(_unheard(hosted)))


def _is_ours(tool: HostedTool, request: Request, target: DialectName, model: Traits) -> bool:
    kind = kind_of(tool)
    # a client that wants no live access gets none
    if kind is None or tool.raw.get("external_web_access") is False:
        return False
    return not _runs(kind, request.dialect, target, model)


def _runs(kind: LookupKind, client: DialectName, target: DialectName, model: Traits) -> bool:
    runs = _RUNNERS.get(target)
    return runs is not None and runs(kind, client, model)


_RUNNERS: Mapping[DialectName, Callable[[LookupKind, DialectName, Traits], bool]] = {
    # the marks and keys of prompt caches tell the vendor's own models from those of compatible providers
    CLAUDE: lambda kind, client, model: client is CLAUDE and model.cache_marks,
    RESPONSES: lambda kind, client, model: kind == "search" and model.cache_key,
    GEMINI: lambda kind, client, model: client is GEMINI,
}


def kind_of(tool: HostedTool) -> LookupKind | None:
    return _kind(tool.type)


def _kind(word: str) -> LookupKind | None:
    plain = word.lower().replace("_", "")
    return next((kind for word, kind in _KINDS.items() if plain.startswith(word)), None)


def _tool(hosted: HostedTool, used: Iterable[str]) -> SearchTool:
    kind = kind_of(hosted)
    assert kind is not None, "only searches are taken over"
    raw = hosted.raw
    name, inner = raw.get("name"), raw.get("filters")
    filters = inner if isinstance(inner, Mapping) else raw
    most, tokens = raw.get("max_uses"), raw.get("max_content_tokens")
    return SearchTool(
        kind,
        name if isinstance(name, str) else FORMS[kind].name,
        _free(FORMS[kind].name, used),
        most if isinstance(most, int) and most > 0 else None,
        _words(filters.get("allowed_domains")),
        _words(filters.get("blocked_domains")),
        tokens * CHARS_PER_TOKEN if isinstance(tokens, int) and tokens > 0 else None,
    )


def _free(name: str, used: Iterable[str]) -> str:
    """`name`, or one that no tool of the client's has."""
    taken_names, free, number = frozenset(used), name, 1
    while free in taken_names:
        number += 1
        free = f"{name}_{number}"
    return free


def _words(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _function(tool: SearchTool) -> Tool:
    form = FORMS[tool.kind]
    schema = {
        "type": "object",
        "properties": {form.wanted: form.parameter},
        "required": [form.wanted],
        "additionalProperties": False,
    }
    return Tool(tool.function, form.description, schema=schema)


def _choice(request: Request, by_name: Mapping[str, str]) -> ToolChoice | None:
    """A forced search is a forced function. Responses clients force theirs by its type."""
    choice = request.tool_choice
    if choice is None or choice.mode != "tool" or choice.namespace is not None:
        return choice
    return replace(choice, name=by_name.get(choice.name or "", choice.name))


def _unheard(hosted: Iterable[HostedTool]) -> Iterable[Loss]:
    for tool in hosted:
        for name in _UNHEARD:
            if tool.raw.get(name) and not (name == "allowed_callers" and "direct" in tool.raw[name]):
                yield Loss(f"tools.{tool.type}.{name}", "the router's own search does not know it")
