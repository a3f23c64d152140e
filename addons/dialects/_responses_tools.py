"""The tools of a Responses body, both ways. Source: OpenAI API reference, "Create a model response"; the `namespace`
and `custom` tools as Codex sends them.

A namespace is flattened: each of its tools becomes a `Tool` that carries the namespace's name, and the namespace's
other members in `extras["namespace"]`. Neighbours of one namespace become one namespace again on the way back.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core.errors import BadRequest
from addons.core.model import DialectName, HostedTool, Loss, Request, Tool, ToolChoice
from addons.core.schema_strict import fits_strict, strict_schema
from addons.core.tools import ToolNames
from addons.dialects._responses_hosted import CLIENT_RUN, MARK, client_tool
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, optional

RESPONSES = DialectName.RESPONSES
_FUNCTION = ("type", "name", "description", "parameters", "strict")
_CUSTOM = ("type", "name", "description", "format")
NO_PARAMETERS: Body = {"type": "object", "properties": {}}


# a tool that OpenAI's own search would load: another provider must offer it at once, so it is not the mark that
# `history.offered` waits upon
_DEFERRED = "deferred"


def rest(raw: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """The members that are not `known`, and known ones that are null: absent and null differ on the way back."""
    names = frozenset(known)
    return {key: value for key, value in raw.items() if key not in names or value is None}


def parse_tools(raw: object, path: str) -> list[Tool | HostedTool]:
    """None is no tools. Raises BadRequest naming the offending member."""
    found: list[Tool | HostedTool] = []
    for n, value in enumerate([] if raw is None else as_list(raw, path)):
        tool = as_dict(value, f"{path}[{n}]")
        if tool.get("type") == "namespace":
            found += _namespace(tool, f"{path}[{n}]")
        else:
            found.append(_tool(tool, f"{path}[{n}]"))
    return found


def _namespace(raw: Body, path: str) -> Iterator[Tool | HostedTool]:
    name = as_str(raw.get("name"), f"{path}.name")
    about = {key: value for key, value in raw.items() if key not in ("type", "name", "tools")}
    tools = as_list(raw.get("tools"), f"{path}.tools")
    for n, value in enumerate(tools):
        inner = as_dict(value, f"{path}.tools[{n}]")
        tool = _tool(inner, f"{path}.tools[{n}]", name, {"namespace": about})
        yield HostedTool(RESPONSES, "namespace", {**raw, "tools": [inner]}) if isinstance(tool, HostedTool) else tool
    if not tools:
        yield HostedTool(RESPONSES, "namespace", raw)


def _tool(
    raw: Body, path: str, namespace: str | None = None, about: Mapping[str, Any] | None = None
) -> Tool | HostedTool:
    kind = raw.get("type")
    if kind == "function":
        return Tool(
            as_str(raw.get("name"), f"{path}.name"),
            optional(raw, "description", str, "a string", path),
            schema=optional(raw, "parameters", dict, "an object", path),
            strict=optional(raw, "strict", bool, "true or false", path),
            namespace=namespace,
            extras={**_others(raw, _FUNCTION), **(about or {})},
        )
    if kind == "custom":
        return Tool(
            as_str(raw.get("name"), f"{path}.name"),
            optional(raw, "description", str, "a string", path),
            kind="custom",
            format=optional(raw, "format", dict, "an object", path),
            namespace=namespace,
            extras={**_others(raw, _CUSTOM), **(about or {})},
        )
    # inside a namespace such a type could not be told from a function when it is called
    run = client_tool(raw) if namespace is None else None
    return run or HostedTool(RESPONSES, kind if isinstance(kind, str) else "", raw)


def _others(raw: Body, known: Iterable[str]) -> dict[str, Any]:
    return {_DEFERRED if key == "defer_loading" else key: value for key, value in rest(raw, known).items()}


def own_tools(tools: Iterable[Tool | HostedTool]) -> list[Body]:
    """Tools of this dialect as they came."""
    out: list[Body] = []
    for tool in tools:
        if isinstance(tool, HostedTool):
            _append(out, dict(tool.raw))
        elif tool.namespace is None:
            out.append(_own(tool))
        else:
            about = tool.extras.get("namespace", {})
            _append(out, {"type": "namespace", "name": tool.namespace, **about, "tools": [_own(tool)]})
    return out


def _append(out: list[Body], tool: Body) -> None:
    last = out[-1] if out else {}
    if tool.get("type") == "namespace" == last.get("type") and tool.get("name") == last.get("name"):
        out[-1] = {**last, "tools": [*last["tools"], *tool["tools"]]}
    else:
        out.append(tool)


def _own(tool: Tool) -> Body:
    if MARK in tool.extras:
        return dict(tool.extras[MARK])
    members = (
        {"description": tool.description, "format": tool.format}
        if tool.kind == "custom"
        else {"description": tool.description, "parameters": tool.schema, "strict": tool.strict}
    )
    given = {key: value for key, value in members.items() if value is not None}
    others = {
        "defer_loading" if key == _DEFERRED else key: value
        for key, value in tool.extras.items()
        if key not in ("namespace", "offered")
    }
    return {"type": tool.kind, "name": tool.name, **given, **others}


def foreign_tools(tools: Iterable[Tool | HostedTool], names: ToolNames, losses: list[Loss]) -> list[Body]:
    """Tools of another dialect; what only its own provider can run is a Loss."""
    out: list[Body] = []
    for tool in tools:
        if isinstance(tool, Tool):
            out.append(_foreign(tool, names, losses))
        elif is_search(tool):
            out.append(_search(tool, losses))
        else:
            losses.append(Loss(f"tools.{tool.type}", "a tool that only the other provider can run"))
    return out


def is_search(tool: HostedTool) -> bool:
    """Whether it is a search of the web, which every vendor has under a name of his own."""
    return tool.type.lower().replace("_", "").startswith(("websearch", "googlesearch"))


def _search(tool: HostedTool, losses: list[Loss]) -> Body:
    """OpenAI's search in place of another vendor's; both know where the user is and which sites are allowed."""
    where, allowed = tool.raw.get("user_location"), tool.raw.get("allowed_domains")
    losses += [
        Loss(f"tools.{tool.type}.{name}", "OpenAI's search has no such member")
        for name, value in _wishes(tool).items()
        if value and name not in _SEARCH_WISHES
    ]
    members = {"user_location": where, "filters": {"allowed_domains": allowed} if allowed else None}
    return {"type": "web_search", **{name: value for name, value in members.items() if value}}


def _wishes(tool: HostedTool) -> Mapping[str, Any]:
    """What a search is told; Google's stands in an object of its own."""
    inner = tool.raw.get(tool.type)
    return inner if isinstance(inner, dict) else tool.raw


_SEARCH_WISHES = frozenset({"type", "name", "user_location", "allowed_domains", "cache_control"})


def _foreign(tool: Tool, names: ToolNames, losses: list[Loss]) -> Body:
    body: Body = {"type": tool.kind, "name": names.wire(tool.name, tool.namespace)}
    if tool.description:
        body["description"] = tool.description
    if tool.kind == "custom":
        return body | ({"format": _flat(tool.format)} if tool.format is not None else {})
    strict = bool(tool.strict)
    schema = tool.schema or (strict_schema(NO_PARAMETERS) if strict else NO_PARAMETERS)
    if strict and not fits_strict(schema):
        # rewritten, the model would give null for what the client's tool takes as absent
        losses.append(Loss(f"tools.{tool.name}.strict", "the schema is not one that OpenAI enforces strictly"))
        strict = False
    return body | {"parameters": schema, "strict": strict}


def _flat(wanted: Mapping[str, Any]) -> Body:
    """Chat Completions nests a grammar one level deeper than Responses does."""
    inner = wanted.get("grammar")
    return {"type": "grammar", **inner} if isinstance(inner, dict) else dict(wanted)


def parse_choice(value: object) -> ToolChoice | None:
    """None also for a choice that has no canonical form: it stays in the request's extras. Raises BadRequest."""
    match value:
        case "auto" | "none" | "required":
            return ToolChoice(value)
        case {"type": "function" | "custom", "name": str(name), "namespace": str(namespace)}:
            return ToolChoice("tool", name, namespace)
        case {"type": "function" | "custom", "name": str(name)}:
            return ToolChoice("tool", name)
        case {"type": str(name)} if name in CLIENT_RUN:
            return ToolChoice("tool", name)
        case None | {"type": str()}:
            return None
        case _:
            raise BadRequest("tool_choice", "auto, none, required or a tool is expected")


def forced_type(value: Mapping[str, Any]) -> ToolChoice | None:
    """What another provider can be told of a choice that `parse_choice` has no form for: a tool that OpenAI runs is
    forced by its type, which nobody else offers; of a choice among several tools the mode remains."""
    kind = value.get("type")
    if kind == "allowed_tools":
        return ToolChoice("required" if value.get("mode") == "required" else "auto")
    return ToolChoice("tool", str(kind))


def choice_body(request: Request, names: ToolNames | None) -> str | Body | None:
    """The `tool_choice` of a body; `names` None keeps the client's own names."""
    choice = request.tool_choice
    if choice is None or choice.mode != "tool":
        return None if choice is None else choice.mode
    name = choice.name or ""
    if names is None and name in CLIENT_RUN and choice.namespace is None:
        return {"type": name}
    kind = next((tool.kind for tool in request.tools if isinstance(tool, Tool) and _is(tool, choice)), "function")
    if names is not None:
        return {"type": kind, "name": names.wire(name, choice.namespace)}
    return {"type": kind, "name": name} | ({"namespace": choice.namespace} if choice.namespace is not None else {})


def _is(tool: Tool, choice: ToolChoice) -> bool:
    return (tool.name, tool.namespace) == (choice.name, choice.namespace)
