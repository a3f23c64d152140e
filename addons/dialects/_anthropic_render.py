"""A canonical request as an Anthropic Messages body. Only foreign requests come here: one that is in this dialect
already is forwarded as it stands."""

import hashlib
import re
from itertools import groupby

from addons.core import effort as efforts
from addons.core import jsonio
from addons.core.history import drop_foreign_thinking, paired
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
from addons.dialects.base import Body

CLAUDE = DialectName.ANTHROPIC
# the API demands a limit; the models of today all take this one
DEFAULT_MAX_TOKENS = 32_000
_ILLEGAL_ID = re.compile(r"[^a-zA-Z0-9_-]")
_CHOICES = {"auto": "auto", "required": "any", "none": "none"}


def render_request(request: Request, model: str, names: ToolNames) -> Rendered:
    losses: list[Loss] = []
    leading, rest = _split(request.messages)
    body: Body = {"model": model, "max_tokens": request.max_tokens or DEFAULT_MAX_TOKENS}
    system = [block for message in leading for block in _texts(message)]
    if system:
        body["system"] = system
    body["messages"] = _messages(rest, names, losses)
    body |= _tools(request, names, losses)
    if request.stream:
        body["stream"] = True
    body |= _knobs(request, body["max_tokens"], losses)
    losses += [Loss(name, "Anthropic Messages has no such field") for name in request.extras]
    return Rendered(body, tuple(losses))


def _split(messages: tuple[Message, ...]) -> tuple[list[Message], list[Message]]:
    """The instructions at the front, and the rest."""
    count = next((n for n, message in enumerate(messages) if message.role in ("user", "assistant")), len(messages))
    return list(messages[:count]), list(messages[count:])


def _texts(message: Message) -> list[Body]:
    return [{"type": "text", "text": part.text} for part in message.parts if isinstance(part, Text) and part.text]


def _messages(messages: list[Message], names: ToolNames, losses: list[Loss]) -> list[Body]:
    history = paired(drop_foreign_thinking(messages, CLAUDE, losses), losses)
    blocks = ((_role(message), block) for message in history for block in _blocks(message, names, losses))
    out: list[Body] = []
    for role, group in groupby(blocks, key=lambda pair: pair[0]):
        content = [block for _, block in group]
        # results must come first in the message that follows a call
        content.sort(key=lambda block: block["type"] != "tool_result")
        out.append({"role": role, "content": content})
    if not out or out[0]["role"] != "user":
        out.insert(0, {"role": "user", "content": [{"type": "text", "text": "(the conversation goes on)"}]})
        losses.append(Loss("messages", "a conversation must begin with the user: a placeholder stands in"))
    return out


def _role(message: Message) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _blocks(message: Message, names: ToolNames, losses: list[Loss]) -> list[Body]:
    if message.role in ("system", "developer"):
        text = "\n\n".join(block["text"] for block in _texts(message))
        return [{"type": "text", "text": f"<system-reminder>\n{text}\n</system-reminder>"}] if text else []
    return [block for part in message.parts for block in _part(part, names, losses)]


def _part(part: Part, names: ToolNames, losses: list[Loss]) -> list[Body]:
    match part:
        case Text():
            # the API refuses text blocks that are empty or only white space
            return [{"type": "text", "text": part.text}] if part.text.strip() else []
        case Thinking():
            return _thinking(part)
        case ToolCall():
            return [
                {
                    "type": "tool_use",
                    "id": tool_id(part.id),
                    "name": names.wire(part.name, part.namespace),
                    "input": _input(part, losses),
                }
            ]
        case ToolResult():
            return [_result(part, names, losses)]
        case Image():
            return [_image(part)]
        case Document():
            return [_document(part)]
        case Opaque():
            losses.append(Loss(part.path or "messages", "content that only its own dialect understands"))
            return []


def _thinking(part: Thinking) -> list[Body]:
    if part.redacted:
        return [{"type": "redacted_thinking", "data": part.signature}]
    if not part.signature:
        return []
    return [{"type": "thinking", "thinking": part.text, "signature": part.signature}]


def tool_id(call_id: str) -> str:
    """The API wants `[a-zA-Z0-9_-]+`; a call and its result get the same id."""
    if call_id and not _ILLEGAL_ID.search(call_id):
        return call_id
    digest = hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_ILLEGAL_ID.sub('_', call_id)}_{digest}"


def _input(call: ToolCall, losses: list[Loss]) -> object:
    arguments = custom_arguments(call.arguments) if call.kind == "custom" else call.arguments or "{}"
    try:
        value = jsonio.loads(arguments)
    except jsonio.JsonError:
        value = None
    if isinstance(value, dict):
        return value
    losses.append(Loss("messages", f"the arguments of the call {call.id} are no JSON object: sent as text"))
    return {"arguments": arguments}


def _result(result: ToolResult, names: ToolNames, losses: list[Loss]) -> Body:
    content = [block for part in result.content for block in _part(part, names, losses)]
    body: Body = {"type": "tool_result", "tool_use_id": tool_id(result.call_id), "content": content}
    return {**body, "is_error": True} if result.is_error else body


def _image(image: Image) -> Body:
    if image.url is not None:
        return {"type": "image", "source": {"type": "url", "url": image.url}}
    source = {"type": "base64", "media_type": image.media_type or "image/png", "data": image.data}
    return {"type": "image", "source": source}


def _document(document: Document) -> Body:
    if document.text is not None:
        source: Body = {"type": "text", "media_type": "text/plain", "data": document.text}
    elif document.url is not None:
        source = {"type": "url", "url": document.url}
    else:
        media_type = document.media_type or "application/pdf"
        source = {"type": "base64", "media_type": media_type, "data": document.data}
    body: Body = {"type": "document", "source": source}
    return body if document.name is None else {**body, "title": document.name}


def _tools(request: Request, names: ToolNames, losses: list[Loss]) -> Body:
    tools = [_tool(tool, names) for tool in request.tools if isinstance(tool, Tool)]
    losses += [
        Loss(f"tools.{tool.type}", "a tool that only the other provider can run")
        for tool in request.tools
        if isinstance(tool, HostedTool)
    ]
    if not tools:
        return {}
    choice = request.tool_choice
    body: Body = {}
    if choice is not None and choice.mode == "tool":
        body = {"type": "tool", "name": names.wire(choice.name or "", choice.namespace)}
    elif choice is not None:
        body = {"type": _CHOICES[choice.mode]}
    if request.parallel_tool_calls is False and body.get("type") != "none":
        body = {"type": "auto", **body, "disable_parallel_tool_use": True}
    return {"tools": tools, "tool_choice": body} if body else {"tools": tools}


def _tool(tool: Tool, names: ToolNames) -> Body:
    body: Body = {"name": names.wire(tool.name, tool.namespace)}
    description = (tool.description or "") + (grammar_note(tool) if tool.kind == "custom" else "")
    if description:
        body["description"] = description
    schema = CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema or {}
    return {**body, "input_schema": schema if "type" in schema else {"type": "object", **schema}}


def _knobs(request: Request, max_tokens: int, losses: list[Loss]) -> Body:
    body = _reasoning(request, max_tokens, losses)
    thinks = "thinking" in body
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p), ("top_k", request.top_k)):
        if value is None:
            continue
        if thinks:
            losses.append(Loss(name, "not allowed while the model thinks"))
        elif name == "temperature" and value > 1:
            body[name] = 1
            losses.append(Loss(name, "1 is the highest value"))
        else:
            body[name] = value
    stops = [stop for stop in request.stop if stop.strip()]
    if stops:
        body["stop_sequences"] = stops
    if request.format is not None and request.format.schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": request.format.schema}}
    elif request.format is not None:
        losses.append(Loss("response_format", "JSON without a schema cannot be demanded"))
    if request.cache_key is not None:
        losses.append(Loss("prompt_cache_key", "Anthropic caches by marks in the content"))
    if request.user is not None:
        losses.append(Loss("user", "it means nothing to another provider"))
    return body


def _reasoning(request: Request, max_tokens: int, losses: list[Loss]) -> Body:
    wanted = request.reasoning
    if wanted is None or (wanted.effort is None and wanted.budget is None):
        return {}
    tokens = efforts.budget(wanted, max_tokens)
    if tokens is None:
        return {}
    if request.tool_choice is not None and request.tool_choice.mode in ("required", "tool") and request.tools:
        losses.append(Loss("reasoning", "a forced tool excludes thinking"))
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}}
