"""A Responses body as a canonical request. Source: OpenAI API reference, "Create a model response"; the items of
Codex (`additional_tools`, namespaces, custom tools) as observed in version 0.169.0."""

from collections.abc import Callable, Mapping
from typing import Any

from addons.core.effort import effort_of
from addons.core.errors import BadRequest
from addons.core.model import (
    DialectName,
    Document,
    Format,
    HostedTool,
    Image,
    Message,
    Opaque,
    Part,
    Reasoning,
    Request,
    Role,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, image_from_url, integer, number, optional, text, without

RESPONSES = DialectName.RESPONSES

_KNOWN = (
    "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "stream", "max_output_tokens",
    "temperature", "top_p", "reasoning", "text", "user", "safety_identifier", "prompt_cache_key",
)  # fmt: skip
_ROLES: Mapping[object, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "developer",
}


def parse_request(body: Body) -> Request:
    """Raises BadRequest naming the field."""
    instructions = text(body, "instructions")
    leading = (Message("system", (Text(instructions),)),) if instructions else ()
    items = _items(body.get("input"))
    shape = optional(body, "text", dict, "an object") or {}
    return Request(
        dialect=RESPONSES,
        model=text(body, "model") or "",
        messages=leading + _messages(items),
        tools=tuple(_all_tools(body, items)),
        tool_choice=_tool_choice(body.get("tool_choice")),
        parallel_tool_calls=optional(body, "parallel_tool_calls", bool, "true or false"),
        stream=body.get("stream") is True,
        max_tokens=integer(body, "max_output_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        reasoning=_reasoning(optional(body, "reasoning", dict, "an object") or {}),
        format=_format(shape.get("format")),
        user=text(body, "user") or text(body, "safety_identifier"),
        cache_key=text(body, "prompt_cache_key"),
        extras=without(body, *_KNOWN) | ({"text.verbosity": shape["verbosity"]} if "verbosity" in shape else {}),
    )


def _items(value: object) -> list[Body]:
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    if value is None:
        raise BadRequest("input", "a string or a list of items is expected")
    return [as_dict(item, f"input[{n}]") for n, item in enumerate(as_list(value, "input"))]


def _messages(items: list[Body]) -> tuple[Message, ...]:
    """Assistant items that follow each other make one message; so do tool outputs."""
    out: list[Message] = []
    joinable = False
    for n, item in enumerate(items):
        kind = item.get("type", "message")
        if kind == "additional_tools":
            continue
        role, parts, joins = _item(kind, item, f"input[{n}]")
        if joins and joinable and out[-1].role == role:
            out[-1] = Message(role, out[-1].parts + parts)
        else:
            out.append(Message(role, parts))
        joinable = joins
    return tuple(out)


def _item(kind: object, item: Body, path: str) -> tuple[Role, tuple[Part, ...], bool]:
    """The role and parts of an item, and whether it joins its neighbours."""
    if kind == "message":
        role = _ROLES.get(item.get("role"))
        if role is None:
            raise BadRequest(f"{path}.role", "user, assistant, system or developer is expected")
        return role, tuple(_content(item.get("content"), f"{path}.content")), role == "assistant"
    found = _PARTS.get(kind) if isinstance(kind, str) else None
    if found is None:
        # a call of a hosted tool is the model's, anything else the client's
        side: Role = "assistant" if str(kind).endswith("_call") else "user"
        return side, (Opaque(RESPONSES, item, path),), True
    role, parse = found
    return role, (parse(item, path),), True


def _function_call(item: Body, path: str) -> ToolCall:
    return ToolCall(
        as_str(item.get("call_id"), f"{path}.call_id"),
        as_str(item.get("name"), f"{path}.name"),
        as_str(item.get("arguments"), f"{path}.arguments"),
        namespace=item.get("namespace"),
    )


def _custom_call(item: Body, path: str) -> ToolCall:
    return ToolCall(
        as_str(item.get("call_id"), f"{path}.call_id"),
        as_str(item.get("name"), f"{path}.name"),
        as_str(item.get("input"), f"{path}.input"),
        kind="custom",
        namespace=item.get("namespace"),
    )


def _output(item: Body, path: str) -> ToolResult:
    content = _content(item.get("output"), f"{path}.output")
    return ToolResult(
        as_str(item.get("call_id"), f"{path}.call_id"),
        tuple(part for part in content if isinstance(part, (Text, Image, Document, Opaque))),
        kind="custom" if item.get("type") == "custom_tool_call_output" else "function",
    )


def _thinking(item: Body, path: str) -> Thinking:
    pieces = [piece.get("text", "") for piece in item.get("summary") or () if isinstance(piece, dict)]
    return Thinking("\n\n".join(pieces), item.get("encrypted_content"), id=item.get("id"), dialect=RESPONSES)


_PARTS: Mapping[str, tuple[Role, Callable[[Body, str], Part]]] = {
    "function_call": ("assistant", _function_call),
    "custom_tool_call": ("assistant", _custom_call),
    "reasoning": ("assistant", _thinking),
    "function_call_output": ("user", _output),
    "custom_tool_call_output": ("user", _output),
}


def _content(content: object, path: str) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)] if content else []
    parts = as_list(content, path)
    return [_part(as_dict(part, f"{path}[{n}]"), f"{path}[{n}]") for n, part in enumerate(parts)]


def _part(part: Body, path: str) -> Part:
    match part:
        case {"type": "input_text" | "output_text" | "text", "text": str(words)}:
            return Text(words)
        case {"type": "refusal", "refusal": str(words)}:
            return Text(words, extras={"refusal": True})
        case {"type": "input_image", "image_url": str(url)}:
            return image_from_url(url, part.get("detail"))
        case {"type": "input_file", "file_data": str(data)}:
            inline = image_from_url(data)
            return Document(data=inline.data or data, media_type=inline.media_type, name=part.get("filename"))
        case {"type": "input_file", "file_url": str(url)}:
            return Document(url=url, name=part.get("filename"))
        case {"type": str()}:
            return Opaque(RESPONSES, part, path)
        case _:
            raise BadRequest(f"{path}.type", "the type of the content part is expected")


def _all_tools(body: Body, items: list[Body]) -> list[Tool | HostedTool]:
    """The tools of the body, and those that travel inside the input ("responses lite")."""
    found = _tools(body.get("tools"), "tools")
    for n, item in enumerate(items):
        if item.get("type") == "additional_tools":
            found += _tools(item.get("tools"), f"input[{n}].tools")
    return found


def _tools(value: object, path: str, namespace: str | None = None) -> list[Tool | HostedTool]:
    out: list[Tool | HostedTool] = []
    for n, raw in enumerate(as_list(value or [], path)):
        tool, where = as_dict(raw, f"{path}[{n}]"), f"{path}[{n}]"
        match tool.get("type"):
            case "namespace":
                name = as_str(tool.get("name"), f"{where}.name")
                out += _tools(tool.get("tools"), f"{where}.tools", name)
            case "function" | "custom" as kind:
                out.append(_tool(tool, kind, where, namespace))
            case kind:
                out.append(HostedTool(RESPONSES, str(kind), tool))
    return out


def _tool(tool: Body, kind: Any, path: str, namespace: str | None) -> Tool:
    return Tool(
        as_str(tool.get("name"), f"{path}.name"),
        tool.get("description"),
        schema=optional(tool, "parameters", dict, "an object", path),
        kind=kind,
        strict=tool.get("strict"),
        format=tool.get("format") if isinstance(tool.get("format"), dict) else None,
        namespace=namespace,
    )


def _tool_choice(value: object) -> ToolChoice | None:
    match value:
        case None:
            return None
        case "auto" | "none" | "required":
            return ToolChoice(value)
        case {"type": "function" | "custom", "name": str(name), "namespace": str(namespace)}:
            return ToolChoice("tool", name, namespace)
        case {"type": "function" | "custom", "name": str(name)}:
            return ToolChoice("tool", name)
        case {"type": "allowed_tools", "mode": "required"}:
            return ToolChoice("required")
        case {"type": str()}:
            return ToolChoice("auto")
        case _:
            raise BadRequest("tool_choice", "auto, none, required or a named tool is expected")


def _reasoning(value: Body) -> Reasoning | None:
    level = effort_of(value.get("effort"))
    summary = value.get("summary")
    if value.get("effort") is not None and level is None:
        raise BadRequest("reasoning.effort", "one of none, minimal, low, medium, high, xhigh or max is expected")
    if level is None and summary is None:
        return None
    return Reasoning(effort=level, summary=summary if isinstance(summary, str) else None)


def _format(value: object) -> Format | None:
    match value:
        case {"type": "json_schema", "schema": dict(schema), **rest}:
            name, strict = rest.get("name"), rest.get("strict")
            return Format(schema, name if isinstance(name, str) else None, strict if isinstance(strict, bool) else None)
        case {"type": "json_object"}:
            return Format()
        case _:
            return None
