"""A canonical request as a Responses body. Only foreign requests come here: one that is in this dialect already is
forwarded as it stands."""

import re

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
    Tool,
    ToolCall,
    ToolResult,
)
from addons.core.tools import CUSTOM_SCHEMA, ToolNames, custom_arguments, grammar_note
from addons.dialects.base import Body
from addons.dialects.shapes import image_url

RESPONSES = DialectName.RESPONSES
MIN_OUTPUT = 16
_REASONS = re.compile(r"(?:.*/)?(?:o\d|gpt-[5-9]|gpt-oss|codex|grok-[34])")


def render_request(request: Request, model: str, names: ToolNames) -> Rendered:
    losses: list[Loss] = []
    body: Body = {"model": model, "store": False}
    leading, rest = _split(request.messages)
    instructions = "\n\n".join(text for message in leading if (text := _instructions(message, losses)))
    if instructions:
        body["instructions"] = instructions
    history = paired(drop_foreign_thinking(rest, RESPONSES, losses), losses)
    body["input"] = [item for message in history for item in _message(message, names, losses)]
    body |= _tools(request, names, losses)
    if request.stream:
        body["stream"] = True
    body |= _knobs(request, model, losses)
    losses += [Loss(name, "Responses has no such field") for name in request.extras]
    return Rendered(body, tuple(losses))


def _split(messages: tuple[Message, ...]) -> tuple[list[Message], list[Message]]:
    count = next((n for n, message in enumerate(messages) if message.role in ("user", "assistant")), len(messages))
    return list(messages[:count]), list(messages[count:])


def _instructions(message: Message, losses: list[Loss]) -> str:
    parts = [part for part in message.parts if not is_billing(part)]
    if len(parts) < len(message.parts):
        losses.append(Loss("system", "the billing header is not sent to another provider"))
    return "\n\n".join(part.text for part in parts if isinstance(part, Text) and part.text)


def _message(message: Message, names: ToolNames, losses: list[Loss]) -> list[Body]:
    match message.role:
        case "system" | "developer":
            text = _instructions(message, losses)
            return [_said("developer", [{"type": "input_text", "text": text}])] if text else []
        case "assistant":
            return [item for part in message.parts for item in _made(part, names, losses)]
        case "user":
            return _given(message, losses)


def _said(role: str, content: list[Body]) -> Body:
    return {"type": "message", "role": role, "content": content}


def _made(part: Part, names: ToolNames, losses: list[Loss]) -> list[Body]:
    match part:
        case Text():
            return [_said("assistant", [{"type": "output_text", "text": part.text}])] if part.text else []
        case ToolCall():
            arguments = custom_arguments(part.arguments) if part.kind == "custom" else part.arguments or "{}"
            name = names.wire(part.name, part.namespace)
            return [{"type": "function_call", "call_id": part.id, "name": name, "arguments": arguments}]
        case Opaque():
            losses.append(Loss(part.path or "messages", "content that only its own dialect understands"))
            return []
        case _:
            return []


def _given(message: Message, losses: list[Loss]) -> list[Body]:
    out = [_output(part, losses) for part in message.parts if isinstance(part, ToolResult)]
    content = [body for part in message.parts for body in _content(part, losses)]
    return [*out, _said("user", content)] if content else out


def _output(result: ToolResult, losses: list[Loss]) -> Body:
    text = (ERROR_PREFIX if result.is_error else "") + result_text(result)
    found = [item for image in images(result) for item in _content(image, losses)]
    output: object = [{"type": "input_text", "text": text}, *found] if found else text
    return {"type": "function_call_output", "call_id": result.call_id, "output": output}


def _content(part: Part, losses: list[Loss]) -> list[Body]:
    match part:
        case Text():
            return [{"type": "input_text", "text": part.text}] if part.text else []
        case Image():
            return [{"type": "input_image", "image_url": image_url(part), "detail": part.detail or "auto"}]
        case Document():
            return [_document(part)]
        case Opaque():
            losses.append(Loss(part.path or "messages", "content that only its own dialect understands"))
            return []
        case _:
            return []


def _document(document: Document) -> Body:
    if document.text is not None:
        return {"type": "input_text", "text": document.text}
    if document.url is not None:
        return {"type": "input_file", "file_url": document.url}
    data = f"data:{document.media_type or 'application/pdf'};base64,{document.data}"
    return {"type": "input_file", "filename": document.name or "document.pdf", "file_data": data}


def _tools(request: Request, names: ToolNames, losses: list[Loss]) -> Body:
    tools: list[Body] = []
    for tool in request.tools:
        if isinstance(tool, Tool):
            tools.append(_tool(tool, names))
        elif tool.type.startswith("web_search"):
            tools.append({"type": "web_search"})
        else:
            losses.append(Loss(f"tools.{tool.type}", "a tool that only the other provider can run"))
    if not tools:
        return {}
    body: Body = {"tools": tools}
    choice = request.tool_choice
    if choice is not None:
        body["tool_choice"] = _choice(request, names) if choice.mode == "tool" else choice.mode
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def _choice(request: Request, names: ToolNames) -> Body:
    wanted = request.tool_choice
    name = (wanted.name if wanted else None) or ""
    hosted = [tool for tool in request.tools if isinstance(tool, HostedTool) and tool.raw.get("name") == name]
    if hosted and hosted[0].type.startswith("web_search"):
        return {"type": "web_search"}
    return {"type": "function", "name": names.wire(name, wanted.namespace if wanted else None)}


def _tool(tool: Tool, names: ToolNames) -> Body:
    body: Body = {"type": "function", "name": names.wire(tool.name, tool.namespace)}
    description = (tool.description or "") + (grammar_note(tool) if tool.kind == "custom" else "")
    if description:
        body["description"] = description
    schema = CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema or {"type": "object", "properties": {}}
    # the API's own default is strict, which other dialects' schemas seldom meet
    return {**body, "parameters": schema, "strict": bool(tool.strict)}


def _knobs(request: Request, model: str, losses: list[Loss]) -> Body:
    body: Body = {}
    reasons = _REASONS.match(model) is not None
    if request.max_tokens is not None:
        body["max_output_tokens"] = max(request.max_tokens, MIN_OUTPUT)
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is not None and reasons:
            losses.append(Loss(name, "reasoning models refuse it"))
        elif value is not None:
            body[name] = value
    losses += [
        Loss(name, "Responses has no such field")
        for name, value in (("top_k", request.top_k), ("stop_sequences", request.stop))
        if value
    ]
    if request.format is not None:
        body["text"] = {"format": _format(request)}
    if request.cache_key is not None:
        body["prompt_cache_key"] = request.cache_key
    if request.user is not None:
        losses.append(Loss("metadata.user_id", "it means nothing to another provider"))
    return body | _reasoning(request, model, reasons, losses)


def _reasoning(request: Request, model: str, reasons: bool, losses: list[Loss]) -> Body:
    level = efforts.effort(request.reasoning, request.max_tokens) if request.reasoning else None
    if level is None:
        return {}
    if not reasons:
        losses.append(Loss("reasoning", f"{model} is not known to take a reasoning effort"))
        return {}
    reasoning = {"effort": efforts.for_openai(level, model), "summary": "auto"}
    return {"reasoning": reasoning, "include": ["reasoning.encrypted_content"]}


def _format(request: Request) -> Body:
    wanted = request.format
    if wanted is None or wanted.schema is None:
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "name": wanted.name or "answer",
        "schema": wanted.schema,
        "strict": bool(wanted.strict),
    }
