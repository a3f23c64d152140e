"""A Chat Completions body as a canonical request. Source: OpenAI API reference, "Create chat completion"."""

from typing import Any

from addons.core.effort import effort_of
from addons.core.errors import BadRequest
from addons.core.model import (
    DialectName,
    Document,
    Format,
    HostedTool,
    Message,
    Opaque,
    Part,
    Reasoning,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.dialects._chat_details import restored
from addons.dialects._chat_legacy import Calls, is_legacy, parse_choice, parse_functions
from addons.dialects._chat_unsaid import unsaid, unsaid_of_custom
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, image_from_url, integer, number, optional, text, without

CHAT = DialectName.CHAT
# a tuple: what stands in a client's `role` need not be hashable
_ROLES = ("system", "developer", "user", "assistant")

_KNOWN = (
    "model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options", "max_tokens",
    "max_completion_tokens", "temperature", "top_p", "top_k", "stop", "reasoning_effort", "reasoning",
    "response_format", "user", "safety_identifier", "prompt_cache_key", "functions", "function_call",
)  # fmt: skip
_REASONING_KEYS = ("reasoning_content", "reasoning")


def parse_request(body: Body) -> Request:
    """Raises BadRequest naming the field."""
    limit = integer(body, "max_completion_tokens")
    stream = body.get("stream") is True
    stream_options = optional(body, "stream_options", dict, "an object") or {}
    tools = [_tool(tool, f"tools[{n}]") for n, tool in enumerate(as_list(body.get("tools") or [], "tools"))]
    tools += parse_functions(body.get("functions"))
    parallel = optional(body, "parallel_tool_calls", bool, "true or false")
    return Request(
        dialect=CHAT,
        model=text(body, "model") or "",
        messages=_messages(as_list(body.get("messages"), "messages")),
        tools=tuple(tools),
        tool_choice=_tool_choice(body.get("tool_choice")) or parse_choice(body.get("function_call")),
        # an answer in the old form has room for one call
        parallel_tool_calls=False if is_legacy(tools) else parallel,
        stream=stream,
        max_tokens=limit if limit is not None else integer(body, "max_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=integer(body, "top_k"),
        stop=_stop(body.get("stop")),
        reasoning=_reasoning(body),
        format=_format(body.get("response_format")),
        user=text(body, "user") or text(body, "safety_identifier"),
        cache_key=text(body, "prompt_cache_key"),
        include_usage=not stream or stream_options.get("include_usage") is True,
        extras=without(body, *_KNOWN) | unsaid(body),
    )


def _messages(raw: list[Any]) -> tuple[Message, ...]:
    """Consecutive `tool` messages become the results of one user message."""
    out: list[Message] = []
    results: list[Part] = []
    calls = Calls()
    for n, value in enumerate(raw):
        path = f"messages[{n}]"
        message = as_dict(value, path)
        role = message.get("role")
        if role in ("tool", "function"):
            results.append(_result(message, path, calls))
            continue
        if results:
            out.append(Message("user", tuple(results)))
            results = []
        if role not in _ROLES:
            raise BadRequest(f"{path}.role", "one of system, developer, user, assistant or tool is expected")
        out.append(_assistant(message, path, calls) if role == "assistant" else _plain(message, path))
    if results:
        out.append(Message("user", tuple(results)))
    return tuple(out)


def _result(message: Body, path: str, calls: Calls) -> ToolResult:
    legacy = message.get("role") == "function"
    given = message.get("tool_call_id", message.get("name"))
    call_id = calls.answered(message, path) if legacy else as_str(given, f"{path}.tool_call_id")
    content = tuple(
        part for part in _content(message.get("content"), f"{path}.content") if not isinstance(part, _NOT_IN_RESULTS)
    )
    return ToolResult(call_id, content, extras=without(message, "role", "content", "tool_call_id", "name"))


_NOT_IN_RESULTS = (Thinking, ToolCall, ToolResult)


def _plain(message: Body, path: str) -> Message:
    parts = tuple(_content(message.get("content"), f"{path}.content"))
    return Message(message["role"], parts, extras=without(message, "role", "content"))


def _assistant(message: Body, path: str, calls: Calls) -> Message:
    parts: list[Part] = []
    for key in _REASONING_KEYS:
        if isinstance(message.get(key), str) and message[key]:
            parts.append(Thinking(message[key], dialect=CHAT, extras={"key": key}))
            break
    parts += _content(message.get("content"), f"{path}.content")
    if isinstance(message.get("refusal"), str):
        parts.append(Text(message["refusal"], extras={"refusal": True}))
    for n, call in enumerate(as_list(message.get("tool_calls") or [], f"{path}.tool_calls")):
        parts.append(_call(as_dict(call, f"{path}.tool_calls[{n}]"), f"{path}.tool_calls[{n}]"))
    legacy = message.get("function_call")
    if isinstance(legacy, dict):
        parts.append(calls.call(legacy, f"{path}.function_call"))
    known = ("role", "content", "refusal", "tool_calls", "function_call", *_REASONING_KEYS)
    return Message("assistant", tuple(restored(message, parts)), extras=without(message, *known))


def _call(call: Body, path: str) -> ToolCall:
    call_id = as_str(call.get("id"), f"{path}.id")
    if call.get("type") == "custom":
        custom = as_dict(call.get("custom"), f"{path}.custom")
        name = as_str(custom.get("name"), f"{path}.custom.name")
        beside = without(call, "id", "type", "custom") | without(custom, "name", "input")
        return ToolCall(call_id, name, str(custom.get("input", "")), "custom", extras=beside)
    function = as_dict(call.get("function"), f"{path}.function")
    name = as_str(function.get("name"), f"{path}.function.name")
    beside = without(call, "id", "type", "function") | without(function, "name", "arguments")
    return ToolCall(call_id, name, str(function.get("arguments") or ""), extras=beside)


def _content(content: object, path: str) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)] if content else []
    parts = as_list(content, path)
    return [_part(as_dict(part, f"{path}[{n}]"), f"{path}[{n}]") for n, part in enumerate(parts)]


def _part(part: Body, path: str) -> Part:
    match part.get("type"):
        case "text" | "input_text" | "output_text":
            return Text(as_str(part.get("text"), f"{path}.text"), extras=without(part, "type", "text"))
        case "refusal":
            refusal = as_str(part.get("refusal"), f"{path}.refusal")
            return Text(refusal, extras={"refusal": True, **without(part, "type", "refusal")})
        case "image_url":
            image = part.get("image_url")
            inner = {"url": image} if isinstance(image, str) else as_dict(image, f"{path}.image_url")
            beside = without(part, "type", "image_url") | without(inner, "url", "detail")
            return image_from_url(as_str(inner.get("url"), f"{path}.image_url.url"), inner.get("detail"), beside)
        case "file" if isinstance(part.get("file"), dict) and isinstance(part["file"].get("file_data"), str):
            return _document(part)
        case _:
            return Opaque(CHAT, part, path)


def _document(part: Body) -> Document:
    file = part["file"]
    inline = image_from_url(file["file_data"])
    beside = without(part, "type", "file") | without(file, "file_data", "filename", "file_id")
    data, media_type = (inline.data, inline.media_type) if inline.data else (file["file_data"], "application/pdf")
    return Document(data=data, media_type=media_type, name=file.get("filename"), extras=beside)


_FUNCTION = ("name", "description", "parameters", "strict")
_CUSTOM = ("name", "description", "format")


def _tool(value: object, path: str) -> Tool | HostedTool:
    tool = as_dict(value, path)
    if tool.get("type") == "custom" and isinstance(tool.get("custom"), dict):
        custom = tool["custom"]
        where = f"{path}.custom"
        return Tool(
            as_str(custom.get("name"), f"{where}.name"),
            optional(custom, "description", str, "a string", where),
            kind="custom",
            format=optional(custom, "format", dict, "an object", where),
            extras=without(tool, "type", "custom") | without(custom, *_CUSTOM) | unsaid_of_custom(custom),
        )
    if tool.get("type") != "function" and "function" not in tool:
        return HostedTool(CHAT, str(tool.get("type")), tool)
    where = f"{path}.function"
    function = as_dict(tool.get("function"), where)
    return Tool(
        as_str(function.get("name"), f"{where}.name"),
        optional(function, "description", str, "a string", where),
        schema=optional(function, "parameters", dict, "an object", where),
        strict=optional(function, "strict", bool, "true or false", where),
        extras=without(tool, "type", "function") | without(function, *_FUNCTION),
    )


def _tool_choice(value: object) -> ToolChoice | None:
    match value:
        case "auto" | "none" | "required":
            return ToolChoice(value)
        case {"function": {"name": str(name)}} | {"custom": {"name": str(name)}}:
            return ToolChoice("tool", name)
        case {"type": "allowed_tools", "allowed_tools": {"mode": "required"}}:
            return ToolChoice("required")
        case {"type": "allowed_tools"}:
            return ToolChoice("auto")
        case None:
            return None
        case _:
            raise BadRequest("tool_choice", "auto, none, required or a named tool is expected")


def _stop(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case list() if all(isinstance(item, str) for item in value):
            return tuple(value)
        case _:
            raise BadRequest("stop", "a string or a list of strings is expected")


def _reasoning(body: Body) -> Reasoning | None:
    nested = body.get("reasoning")
    nested = nested if isinstance(nested, dict) else {}
    word = body.get("reasoning_effort", nested.get("effort"))
    if word is None and not isinstance(nested.get("max_tokens"), int):
        return None
    level = effort_of(word)
    if word is not None and level is None:
        raise BadRequest("reasoning_effort", "one of none, minimal, low, medium, high, xhigh or max is expected")
    return Reasoning(effort=level, budget=nested.get("max_tokens"))


def _format(value: object) -> Format | None:
    match value:
        case {"type": "json_object"}:
            return Format()
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)} as named}:
            where = "response_format.json_schema"
            name = optional(named, "name", str, "a string", where)
            return Format(schema, name, optional(named, "strict", bool, "true or false", where))
        case None | {"type": "text"}:
            return None
        case _:
            raise BadRequest("response_format", "text, json_object or json_schema is expected")
