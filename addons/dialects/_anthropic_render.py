"""A canonical request as an Anthropic Messages body. Source: Anthropic API reference, "Create a Message"."""

import base64
import binascii
import hashlib
import re
from itertools import groupby

from addons.core.history import NO_RESULT, drop_foreign_thinking, paired
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
from addons.dialects._anthropic_knobs import knobs
from addons.dialects._anthropic_own import CHOICES, document_source, image_source, own_body, tool_input
from addons.dialects.base import Body

CLAUDE = DialectName.ANTHROPIC
PDF = "application/pdf"
_ILLEGAL_ID = re.compile(r"[^a-zA-Z0-9_-]")


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    """A request of this dialect comes back as it was; one of another with what could not be said."""
    if request.dialect is CLAUDE:
        return Rendered(own_body(request, model.id))
    losses: list[Loss] = []
    return Rendered(_foreign(request, model, names, losses), tuple(losses))


def _foreign(request: Request, model: Traits, names: ToolNames, losses: list[Loss]) -> Body:
    leading, rest = _split(request.messages)
    body: Body = {"model": model.id, "max_tokens": request.max_tokens or model.max_output}
    system = [block for message in leading for block in _texts(message, losses)]
    if system:
        body["system"] = system
    body["messages"] = _messages(rest, names, losses)
    body |= _tools(request, names, losses)
    if request.stream:
        body["stream"] = True
    body |= knobs(request, body, losses)
    losses += [Loss(name, "Anthropic Messages has no such field") for name in request.extras]
    return body


def _split(messages: tuple[Message, ...]) -> tuple[list[Message], list[Message]]:
    """The instructions at the front, and the rest."""
    count = next((n for n, message in enumerate(messages) if message.role in ("user", "assistant")), len(messages))
    return list(messages[:count]), list(messages[count:])


def _texts(message: Message, losses: list[Loss]) -> list[Body]:
    """Instructions are text alone."""
    losses += [
        Loss(part.path if isinstance(part, Opaque) and part.path else "messages", "instructions hold text alone")
        for part in message.parts
        if not isinstance(part, Text)
    ]
    return [
        {"type": "text", "text": part.text} for part in message.parts if isinstance(part, Text) and part.text.strip()
    ]


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
        text = "\n\n".join(block["text"] for block in _texts(message, losses))
        return [{"type": "text", "text": f"<system-reminder>\n{text}\n</system-reminder>"}] if text else []
    return [block for part in message.parts for block in _part(part, names, losses)]


def _part(part: Part, names: ToolNames, losses: list[Loss]) -> list[Body]:
    match part:
        case Text():
            # the API refuses text blocks that are empty or only white space
            return [{"type": "text", "text": part.text}] if part.text.strip() else []
        case Thinking():
            return _thinking(part, losses)
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
            return [{"type": "image", "source": image_source(part)}]
        case Document():
            return _document(part, losses)
        case Opaque():
            losses.append(Loss(part.path or "messages", "content that only its own dialect understands"))
            return []


def _thinking(part: Thinking, losses: list[Loss]) -> list[Body]:
    if not part.signature:
        losses.append(Loss("messages", "thinking without a signature is refused: not sent"))
        return []
    if part.redacted:
        return [{"type": "redacted_thinking", "data": part.signature}]
    return [{"type": "thinking", "thinking": part.text, "signature": part.signature}]


def tool_id(call_id: str) -> str:
    """The API wants `[a-zA-Z0-9_-]+`; a call and its result get the same id."""
    if call_id and not _ILLEGAL_ID.search(call_id):
        return call_id
    digest = hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_ILLEGAL_ID.sub('_', call_id)}_{digest}"


def _input(call: ToolCall, losses: list[Loss]) -> object:
    value = tool_input(custom_arguments(call.arguments) if call.kind == "custom" else call.arguments)
    if not isinstance(value, dict):
        value = {"arguments": call.arguments}
    if value == {"arguments": call.arguments}:
        losses.append(Loss("messages", f"the arguments of the call {call.id} are no JSON object: sent as text"))
    return value


def _result(result: ToolResult, names: ToolNames, losses: list[Loss]) -> Body:
    content = [block for part in result.content for block in _part(part, names, losses)]
    body: Body = {"type": "tool_result", "tool_use_id": tool_id(result.call_id), "content": content}
    if not result.is_error:
        return body
    # the API refuses an error that says nothing
    return {**body, "content": content or [{"type": "text", "text": NO_RESULT}], "is_error": True}


def _document(document: Document, losses: list[Loss]) -> list[Body]:
    """The API takes base64 for PDF only; text of other types is sent as text."""
    source = document_source(document)
    if source["type"] == "base64" and source["media_type"] != PDF:
        text = _decoded(document) if source["media_type"].startswith("text/") else None
        if text is None:
            losses.append(Loss("messages", f"a document of the type {source['media_type']} is not taken"))
            return []
        source = document_source(Document(text=text))
    body: Body = {"type": "document", "source": source}
    return [body if document.name is None else {**body, "title": document.name}]


def _decoded(document: Document) -> str | None:
    try:
        return base64.b64decode(document.data or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _tools(request: Request, names: ToolNames, losses: list[Loss]) -> Body:
    tools = [_tool(tool, names) for tool in request.tools if isinstance(tool, Tool)]
    losses += [
        Loss(f"tools.{tool.type}", "a tool that only the other provider can run")
        for tool in request.tools
        if isinstance(tool, HostedTool)
    ]
    if not tools:
        return {}
    choice = _choice(request, names, {tool["name"] for tool in tools}, losses)
    if request.parallel_tool_calls is False and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {"tools": tools, "tool_choice": choice} if choice else {"tools": tools}


def _choice(request: Request, names: ToolNames, offered: set[str], losses: list[Loss]) -> Body:
    choice = request.tool_choice
    if choice is None:
        return {}
    if choice.mode != "tool":
        return {"type": CHOICES[choice.mode]}
    name = names.wire(choice.name or "", choice.namespace)
    if name in offered:
        return {"type": "tool", "name": name}
    losses.append(Loss("tool_choice", f"the tool {choice.name} is not offered: the model chooses"))
    return {}


def _tool(tool: Tool, names: ToolNames) -> Body:
    body: Body = {"name": names.wire(tool.name, tool.namespace)}
    description = (tool.description or "") + (grammar_note(tool) if tool.kind == "custom" else "")
    if description:
        body["description"] = description
    schema = CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema or {}
    return {**body, "input_schema": schema if "type" in schema else {"type": "object", **schema}}
