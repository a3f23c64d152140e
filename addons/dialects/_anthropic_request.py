"""An Anthropic Messages body as a canonical request. Source: Anthropic API reference, "Create a Message"; the
`role: "system"` messages inside `messages` are Claude Code's (observed in version 2.1.329)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
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
from addons.dialects._anthropic_own import NESTED, SYSTEM_MARK, TURN_MARK, own_block, own_members, own_tool, residue
from addons.dialects._anthropic_seal import unseal
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
    serial = choice.get("disable_parallel_tool_use")
    messages, reasoning = _with_turn(_messages(body), _reasoning(body))
    request = Request(
        dialect=CLAUDE,
        model=text(body, "model") or "",
        messages=_system(body.get("system")) + messages,
        tools=tuple(_tool(tool, f"tools[{n}]") for n, tool in enumerate(_list(body, "tools"))),
        tool_choice=_tool_choice(choice) if choice else None,
        parallel_tool_calls=not serial if isinstance(serial, bool) else None,
        stream=body.get("stream") is True,
        max_tokens=integer(body, "max_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=integer(body, "top_k"),
        stop=tuple(as_str(stop, f"stop_sequences[{n}]") for n, stop in enumerate(_list(body, "stop_sequences"))),
        reasoning=reasoning,
        format=_format(body),
        user=metadata.get("user_id") if isinstance(metadata.get("user_id"), str) else None,
    )
    return replace(request, extras=_extras(body, request))


def _list(body: Body, key: str) -> list[Any]:
    return [] if body.get(key) is None else as_list(body[key], key)


def _extras(body: Body, request: Request) -> Body:
    """What `request` does not say: unknown members, and those of known objects under dotted names."""
    said = own_members(request)
    extras = without(body, *_KNOWN) if request.format is not None else without(body, *set(_KNOWN) - {"output_format"})
    for name in NESTED:
        rest = residue(body.get(name) or {}, said.get(name, {}))
        extras |= {f"{name}.{key}": value for key, value in rest.items()}
    return extras


def _system(value: object) -> tuple[Message, ...]:
    parts = _content(value, "system") if value is not None else []
    return (Message("system", tuple(parts), extras={SYSTEM_MARK: True}),) if parts else ()


def _messages(body: Body) -> tuple[Message, ...]:
    out = []
    for n, value in enumerate(as_list(body.get("messages"), "messages")):
        path = f"messages[{n}]"
        message = as_dict(value, path)
        role, content = message.get("role"), message.get("content")
        if not isinstance(role, str) or role not in _ROLES:
            raise BadRequest(f"{path}.role", "user, assistant or system is expected")
        parts = tuple(_content(content, f"{path}.content"))
        extras = without(message, "role", "content") | ({} if parts else {"content": content})
        out.append(Message(_ROLES[role], parts, extras=extras))
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
    read = _BLOCKS.get(kind)
    return Opaque(CLAUDE, block, path) if read is None else read(block, path)


def _text(block: Body, path: str) -> Part:
    # the type stays in the extras: it tells a block from a bare string
    return Text(as_str(block.get("text"), f"{path}.text"), extras=without(block, "text"))


def _thinking(block: Body, path: str) -> Part:
    signature = optional(block, "signature", str, "a string", path)
    said = as_str(block.get("thinking"), f"{path}.thinking")
    part = unseal(signature or "", said) or Thinking(said, signature, dialect=CLAUDE)
    return replace(part, extras=residue(block, own_block(part)))


def _redacted(block: Body, path: str) -> Part:
    data = as_str(block.get("data"), f"{path}.data")
    part = unseal(data, "") or Thinking("", data, redacted=True, dialect=CLAUDE)
    return replace(part, extras=without(block, "type", "data"))


def _call(block: Body, path: str) -> Part:
    return ToolCall(
        as_str(block.get("id"), f"{path}.id"),
        as_str(block.get("name"), f"{path}.name"),
        jsonio.text(block.get("input", {})),
        extras=without(block, "type", "id", "name", "input"),
    )


def _result(block: Body, path: str) -> Part:
    content = block.get("content")
    parts = tuple(_content(content, f"{path}.content") if content is not None else [])
    return ToolResult(
        as_str(block.get("tool_use_id"), f"{path}.tool_use_id"),
        tuple(
            part if isinstance(part, (Text, Image, Document, Opaque)) else Opaque(CLAUDE, raw, f"{path}.content[{n}]")
            for n, (part, raw) in enumerate(zip(parts, content or (), strict=False))
        ),
        is_error=block.get("is_error") is True,
        extras=_result_extras(block, has_content=bool(parts)),
    )


def _result_extras(block: Body, *, has_content: bool) -> Body:
    known = {"type", "tool_use_id"} | ({"content"} if has_content else set())
    return {key: value for key, value in block.items() if key not in known and (key, value) != ("is_error", True)}


def _media(block: Body, path: str) -> Part:
    source = as_dict(block.get("source"), f"{path}.source")
    part = _sourced(block, source, path)
    return part if isinstance(part, Opaque) else replace(part, extras=residue(block, own_block(part)))


def _sourced(block: Body, source: Body, path: str) -> Image | Document | Opaque:
    def member(key: str) -> str:
        return as_str(source.get(key), f"{path}.source.{key}")

    media_type = optional(source, "media_type", str, "a string", f"{path}.source")
    title = optional(block, "title", str, "a string", path)
    match block["type"], source.get("type"):
        case "image", "base64":
            return Image(data=member("data"), media_type=media_type)
        case "image", "url":
            return Image(url=member("url"))
        case "document", "base64":
            return Document(data=member("data"), media_type=media_type, name=title)
        case "document", "url":
            return Document(url=member("url"), name=title)
        case "document", "text":
            return Document(text=member("data"), name=title)
        case _:
            return Opaque(CLAUDE, block, path)


_BLOCKS: Mapping[str, Callable[[Body, str], Part]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _call,
    "tool_result": _result,
    "image": _media,
    "document": _media,
}


def _tool(value: object, path: str) -> Tool | HostedTool:
    raw = as_dict(value, path)
    kind = raw.get("type")
    if "input_schema" not in raw and isinstance(kind, str) and kind != "custom":
        return HostedTool(CLAUDE, kind, raw)
    tool = Tool(
        as_str(raw.get("name"), f"{path}.name"),
        optional(raw, "description", str, "a string", path),
        schema=optional(raw, "input_schema", dict, "an object", path),
        strict=optional(raw, "strict", bool, "true or false", path),
    )
    return replace(tool, extras=residue(raw, own_tool(tool)))


def _tool_choice(choice: Body) -> ToolChoice:
    if choice.get("type") == "tool":
        return ToolChoice("tool", as_str(choice.get("name"), "tool_choice.name"))
    kind = choice.get("type")
    if not isinstance(kind, str) or kind not in _CHOICES:
        raise BadRequest("tool_choice.type", "auto, any, tool or none is expected")
    return _CHOICES[kind]


def _reasoning(body: Body) -> Reasoning | None:
    thinking = optional(body, "thinking", dict, "an object") or {}
    config = optional(body, "output_config", dict, "an object") or {}
    kind = thinking.get("type")
    if kind is None and "effort" not in config:
        return None
    return Reasoning(
        effort=effort_of(config.get("effort")),
        budget=optional(thinking, "budget_tokens", int, "a whole number", "thinking"),
        enabled=None if kind is None else kind != "disabled",
        adaptive=kind == "adaptive",
        # others hide their thoughts unless they are asked for a summary
        summary="auto" if thinking.get("display") == "summarized" else None,
    )


def _with_turn(
    messages: tuple[Message, ...], reasoning: Reasoning | None
) -> tuple[tuple[Message, ...], Reasoning | None]:
    """A system message among the others may set the effort from there on (Claude Code's per-turn control): the last
    one counts. It is marked with the effort of the whole request, which stays as it was in this dialect."""
    for n, message in reversed(list(enumerate(messages))):
        config = message.extras.get("output_config")
        level = effort_of(config.get("effort")) if message.role == "system" and isinstance(config, dict) else None
        if level is not None:
            of_all = None if reasoning is None else reasoning.effort
            marked = replace(message, extras={**message.extras, TURN_MARK: of_all})
            return (*messages[:n], marked, *messages[n + 1 :]), replace(reasoning or Reasoning(), effort=level)
    return messages, reasoning


def _format(body: Body) -> Format | None:
    """`output_format` is where the format stood before `output_config` came."""
    config = body.get("output_config") or {}
    for path, wanted in (("output_config.format", config.get("format")), ("output_format", body.get("output_format"))):
        if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
            return Format(as_dict(wanted.get("schema"), f"{path}.schema"))
    return None
