"""A canonical request as a Chat Completions body. Only foreign requests come here: one that is in this dialect
already is forwarded as it stands."""

import re
from typing import Any

from addons.core import effort as efforts
from addons.core.history import ERROR_PREFIX, drop_foreign_thinking, images, is_billing, paired, result_text
from addons.core.model import (
    DialectName,
    Document,
    HostedTool,
    Image,
    Loss,
    Message,
    Opaque,
    Part,
    Rendered,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)
from addons.core.tools import CUSTOM_SCHEMA, ToolNames, custom_arguments, grammar_note
from addons.core.traits import Traits
from addons.dialects.base import Body
from addons.dialects.shapes import image_url

CHAT = DialectName.CHAT
MAX_STOPS = 4

_OPENAI = re.compile(r"(?:.*/)?(?:gpt-|o\d|chatgpt-|codex)")
_NEW_LIMIT = re.compile(r"(?:.*/)?(?:o\d|gpt-[5-9]|codex)")
_REASONS = re.compile(
    r"(?:.*/)?(?:o\d|gpt-[5-9]|gpt-oss|codex|grok-[34]|glm-|deepseek|qwen3|gemini-|kimi-k2|minimax)", re.IGNORECASE
)


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    losses: list[Loss] = []
    body: Body = {"model": model.id, "messages": _messages(request, names, losses)}
    body |= _tools(request, names, losses)
    if request.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= _knobs(request, model, losses)
    losses += [Loss(name, "Chat Completions has no such field") for name in request.extras]
    return Rendered(body, tuple(losses))


def _knobs(request: Request, model: Traits, losses: list[Loss]) -> Body:
    body: Body = {}
    if request.max_tokens is not None:
        body["max_completion_tokens" if _NEW_LIMIT.match(model.id) else "max_tokens"] = request.max_tokens
    body |= {
        key: value
        for key, value in (("temperature", request.temperature), ("top_p", request.top_p))
        if value is not None
    }
    if request.top_k is not None:
        losses.append(Loss("top_k", "Chat Completions has no such field"))
    if request.stop:
        body["stop"] = list(request.stop[:MAX_STOPS])
        if len(request.stop) > MAX_STOPS:
            losses.append(Loss("stop_sequences", f"only {MAX_STOPS} are taken"))
    if request.format is not None:
        body["response_format"] = _format(request)
    if request.cache_key is not None and _OPENAI.match(model.id):
        body["prompt_cache_key"] = request.cache_key
    if request.user is not None:
        losses.append(Loss("metadata.user_id", "it means nothing to another provider"))
    return body | _effort(request, model, losses)


def _effort(request: Request, model: Traits, losses: list[Loss]) -> Body:
    level = efforts.effort(request.reasoning, request.max_tokens) if request.reasoning else None
    if level is None:
        return {}
    if not _REASONS.match(model.id):
        losses.append(Loss("reasoning", f"{model.id} is not known to take a reasoning effort"))
        return {}
    return {"reasoning_effort": efforts.clamp(level, model.efforts)}


def _format(request: Request) -> Body:
    wanted = request.format
    if wanted is None or wanted.schema is None:
        return {"type": "json_object"}
    schema: Body = {"name": wanted.name or "answer", "schema": wanted.schema}
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}


def _tools(request: Request, names: ToolNames, losses: list[Loss]) -> Body:
    tools = [_tool(tool, names) for tool in request.tools if isinstance(tool, Tool)]
    losses += [
        Loss(f"tools.{tool.type}", "a tool that only the other provider can run")
        for tool in request.tools
        if isinstance(tool, HostedTool)
    ]
    if not tools:
        return {}
    body: Body = {"tools": tools}
    if request.tool_choice is not None:
        choice = request.tool_choice
        body["tool_choice"] = (
            {"type": "function", "function": {"name": names.wire(choice.name or "", choice.namespace)}}
            if choice.mode == "tool"
            else choice.mode
        )
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def _tool(tool: Tool, names: ToolNames) -> Body:
    function: Body = {"name": names.wire(tool.name, tool.namespace)}
    description = tool.description or ""
    if tool.kind == "custom":
        description += grammar_note(tool)
    if description:
        function["description"] = description
    function["parameters"] = CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema or _NO_PARAMETERS
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


_NO_PARAMETERS: Body = {"type": "object", "properties": {}}


def _messages(request: Request, names: ToolNames, losses: list[Loss]) -> list[Body]:
    history = paired(drop_foreign_thinking(request.messages, CHAT, losses), losses)
    return [body for message in history for body in _message(message, names, losses)]


def _message(message: Message, names: ToolNames, losses: list[Loss]) -> list[Body]:
    match message.role:
        case "system" | "developer":
            return _system(message, losses)
        case "assistant":
            return _assistant(message, names, losses)
        case "user":
            return _user(message, losses)


def _system(message: Message, losses: list[Loss]) -> list[Body]:
    parts = [part for part in message.parts if not is_billing(part)]
    if len(parts) < len(message.parts):
        losses.append(Loss("system", "the billing header is not sent to another provider"))
    text = "\n\n".join(part.text for part in parts if isinstance(part, Text) and part.text)
    return [{"role": "system", "content": text}] if text else []


def _assistant(message: Message, names: ToolNames, losses: list[Loss]) -> list[Body]:
    text = "".join(part.text for part in message.parts if isinstance(part, Text))
    calls = [_call(part, names) for part in message.parts if isinstance(part, ToolCall)]
    _lose_opaque(message.parts, losses)
    if not text and not calls:
        return []
    body: Body = {"role": "assistant", "content": text or None}
    for part in message.parts:
        if isinstance(part, Thinking) and part.text:
            body[str(part.extras.get("key", "reasoning_content"))] = part.text
    return [body | ({"tool_calls": calls} if calls else {})]


def _call(call: ToolCall, names: ToolNames) -> Body:
    arguments = custom_arguments(call.arguments) if call.kind == "custom" else call.arguments or "{}"
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": names.wire(call.name, call.namespace), "arguments": arguments},
    }


def _user(message: Message, losses: list[Loss]) -> list[Body]:
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    out = [_result(result) for result in results]
    content: list[Body] = []
    for result in results:
        found = images(result)
        if found:
            content.append({"type": "text", "text": f"Images returned by the tool call {result.call_id}:"})
            content += [_image(image) for image in found]
        _lose_opaque(tuple(part for part in result.content if not _is_reference(part)), losses)
    for part in message.parts:
        content += _user_part(part, losses)
    if content:
        texts = [part["text"] for part in content if part["type"] == "text"]
        plain = len(content) == 1 and len(texts) == 1
        out.append({"role": "user", "content": texts[0] if plain else content})
    return out


def _is_reference(part: object) -> bool:
    return isinstance(part, Opaque) and isinstance(part.raw, dict) and part.raw.get("type") == "tool_reference"


def _result(result: ToolResult) -> Body:
    text = result_text(result)
    content = f"{ERROR_PREFIX}{text}" if result.is_error else text
    return {"role": "tool", "tool_call_id": result.call_id, "content": content}


def _user_part(part: Part, losses: list[Loss]) -> list[Body]:
    match part:
        case Text():
            return [{"type": "text", "text": part.text}] if part.text else []
        case Image():
            return [_image(part)]
        case Document():
            return _document(part, losses)
        case Opaque():
            _lose_opaque((part,), losses)
            return []
        case _:
            return []


def _image(image: Image) -> Body:
    inner: Body = {"url": image_url(image)}
    if image.detail is not None:
        inner["detail"] = image.detail
    return {"type": "image_url", "image_url": inner}


def _document(document: Document, losses: list[Loss]) -> list[Body]:
    if document.text is not None:
        return [{"type": "text", "text": document.text}]
    if document.data is None:
        losses.append(Loss("messages", "a document by URL has no form in Chat Completions"))
        return [{"type": "text", "text": f"[document: {document.url}]"}]
    media_type = document.media_type or "application/pdf"
    file = {"filename": document.name or "document.pdf", "file_data": f"data:{media_type};base64,{document.data}"}
    return [{"type": "file", "file": file}]


def _lose_opaque(parts: tuple[Any, ...], losses: list[Loss]) -> None:
    losses += [
        Loss(part.path or "messages", "content that only its own dialect understands")
        for part in parts
        if isinstance(part, Opaque)
    ]
