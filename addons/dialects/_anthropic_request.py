"""An Anthropic Messages body as a canonical request. Source: Anthropic API reference, "Create a Message"; the
`role: "system"` messages inside `messages` are Claude Code's (observed in version 2.1.329)."""

from collections.abc import Mapping
from typing import Any

from addons.core import jsonio
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
from addons.dialects.shapes import as_dict, as_list, as_str, integer, number, optional, text, without

CLAUDE = DialectName.ANTHROPIC

_KNOWN = (
    "model", "messages", "system", "tools", "tool_choice", "max_tokens", "temperature", "top_p", "top_k",
    "stop_sequences", "stream", "thinking", "output_config", "output_format", "metadata",
)  # fmt: skip
_ROLES: Mapping[object, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "developer",
}
_CHOICES: Mapping[object, ToolChoice] = {
    "auto": ToolChoice("auto"),
    "any": ToolChoice("required"),
    "none": ToolChoice("none"),
}


def parse_request(body: Body) -> Request:
    """Raises BadRequest naming the field."""
    choice = optional(body, "tool_choice", dict, "an object") or {}
    metadata = optional(body, "metadata", dict, "an object") or {}
    return Request(
        dialect=CLAUDE,
        model=text(body, "model") or "",
        messages=_system(body.get("system")) + _messages(body),
        tools=tuple(_tool(tool, f"tools[{n}]") for n, tool in enumerate(as_list(body.get("tools") or [], "tools"))),
        tool_choice=_tool_choice(choice) if choice else None,
        parallel_tool_calls=False if choice.get("disable_parallel_tool_use") is True else None,
        stream=body.get("stream") is True,
        max_tokens=integer(body, "max_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=integer(body, "top_k"),
        stop=tuple(as_list(body.get("stop_sequences") or [], "stop_sequences")),
        reasoning=_reasoning(body),
        format=_format(body),
        user=metadata.get("user_id") if isinstance(metadata.get("user_id"), str) else None,
        extras=without(body, *_KNOWN),
    )


def _system(value: object) -> tuple[Message, ...]:
    parts = _content(value, "system") if value is not None else []
    return (Message("system", tuple(parts)),) if parts else ()


def _messages(body: Body) -> tuple[Message, ...]:
    out = []
    for n, value in enumerate(as_list(body.get("messages"), "messages")):
        path = f"messages[{n}]"
        message = as_dict(value, path)
        role = message.get("role")
        if not isinstance(role, str) or role not in _ROLES:
            raise BadRequest(f"{path}.role", "user, assistant or system is expected")
        parts = tuple(_content(message.get("content"), f"{path}.content"))
        out.append(Message(_ROLES[role], parts, extras=without(message, "role", "content")))
    return tuple(out)


def _content(content: object, path: str) -> list[Part]:
    if isinstance(content, str):
        return [Text(content)] if content else []
    if not isinstance(content, list):
        raise BadRequest(path, "a string or a list of content blocks is expected")
    return [_block(as_dict(block, f"{path}[{n}]"), f"{path}[{n}]") for n, block in enumerate(content)]


def _block(block: Body, path: str) -> Part:
    kind = block.get("type")
    if not isinstance(kind, str):
        raise BadRequest(f"{path}.type", "the type of the content block is expected")
    match kind:
        case "text":
            return Text(as_str(block.get("text"), f"{path}.text"), extras=without(block, "type", "text"))
        case "thinking":
            return Thinking(as_str(block.get("thinking"), f"{path}.thinking"), block.get("signature"), dialect=CLAUDE)
        case "redacted_thinking":
            return Thinking("", as_str(block.get("data"), f"{path}.data"), redacted=True, dialect=CLAUDE)
        case "tool_use":
            return ToolCall(
                as_str(block.get("id"), f"{path}.id"),
                as_str(block.get("name"), f"{path}.name"),
                jsonio.text(block.get("input", {})),
                extras=without(block, "type", "id", "name", "input"),
            )
        case "tool_result":
            return _result(block, path)
        case "image" | "document":
            return _media(block, path)
        case _:
            return Opaque(CLAUDE, block, path)


def _result(block: Body, path: str) -> ToolResult:
    content = block.get("content")
    parts = _content(content, f"{path}.content") if content is not None else []
    return ToolResult(
        as_str(block.get("tool_use_id"), f"{path}.tool_use_id"),
        tuple(part for part in parts if isinstance(part, (Text, Image, Document, Opaque))),
        is_error=block.get("is_error") is True,
    )


def _media(block: Body, path: str) -> Part:
    source = as_dict(block.get("source"), f"{path}.source")
    extras = without(block, "type", "source", "title")
    match block["type"], source.get("type"):
        case "image", "base64":
            return Image(data=as_str(source.get("data"), f"{path}.source.data"), media_type=source.get("media_type"))
        case "image", "url":
            return Image(url=as_str(source.get("url"), f"{path}.source.url"))
        case "document", "base64":
            data = as_str(source.get("data"), f"{path}.source.data")
            return Document(data=data, media_type=source.get("media_type"), name=block.get("title"), extras=extras)
        case "document", "url":
            return Document(url=as_str(source.get("url"), f"{path}.source.url"), name=block.get("title"))
        case "document", "text":
            return Document(text=as_str(source.get("data"), f"{path}.source.data"), name=block.get("title"))
        case _:
            return Opaque(CLAUDE, block, path)


def _tool(value: object, path: str) -> Tool | HostedTool:
    tool = as_dict(value, path)
    kind = tool.get("type")
    if "input_schema" not in tool and isinstance(kind, str) and kind != "custom":
        return HostedTool(CLAUDE, kind, tool)
    return Tool(
        as_str(tool.get("name"), f"{path}.name"),
        tool.get("description"),
        schema=optional(tool, "input_schema", dict, "an object", path),
        strict=tool.get("strict"),
        extras=without(tool, "type", "name", "description", "input_schema", "strict"),
    )


def _tool_choice(choice: Body) -> ToolChoice:
    if choice.get("type") == "tool":
        return ToolChoice("tool", as_str(choice.get("name"), "tool_choice.name"))
    if choice.get("type") not in _CHOICES:
        raise BadRequest("tool_choice.type", "auto, any, tool or none is expected")
    return _CHOICES[choice["type"]]


def _reasoning(body: Body) -> Reasoning | None:
    thinking = optional(body, "thinking", dict, "an object") or {}
    config = optional(body, "output_config", dict, "an object") or {}
    kind = thinking.get("type")
    if kind is None and "effort" not in config:
        return None
    budget: Any = thinking.get("budget_tokens")
    return Reasoning(
        effort=effort_of(config.get("effort")),
        budget=budget if isinstance(budget, int) else None,
        enabled=None if kind is None else kind != "disabled",
        adaptive=kind == "adaptive",
    )


def _format(body: Body) -> Format | None:
    config = body.get("output_config")
    wanted = config.get("format") if isinstance(config, dict) else None
    wanted = wanted or body.get("output_format")
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        return Format(as_dict(wanted.get("schema"), "output_config.format.schema"))
    return None
