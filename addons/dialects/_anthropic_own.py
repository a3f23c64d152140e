"""A canonical request of this dialect as the body that it came from.

What the canonical values say is written from them; `extras` hold whatever else stood there (also what was spelled
otherwise), so that every member comes back. An empty or null member says what its absence says and may be left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.model import (
    Document,
    HostedTool,
    Image,
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
from addons.dialects.base import Body

# marks, in its extras, the message that was the top-level `system`
SYSTEM_MARK = "llr.system"
# marks the message whose effort counts, and holds that of the whole request
TURN_MARK = "llr.turn"
# objects whose unknown members stand in the extras of the request, under their dotted names
NESTED = ("thinking", "output_config", "metadata", "tool_choice")
CHOICES = {"auto": "auto", "required": "any", "none": "none"}


def residue(raw: Mapping[str, Any], said: Mapping[str, Any]) -> Body:
    """The members of `raw` that `said` lacks or spells otherwise: the extras."""
    return {key: value for key, value in raw.items() if key not in said or said[key] != value}


def given(members: Mapping[str, Any]) -> Body:
    return {key: value for key, value in members.items() if value is not None}


def own_body(request: Request, model: str) -> Body:
    """The whole body, for the provider's `model`."""
    system = [message for message in request.messages if SYSTEM_MARK in message.extras]
    rest = [message for message in request.messages if SYSTEM_MARK not in message.extras]
    prefixes = tuple(f"{name}." for name in NESTED)
    return {
        "model": model,
        **({"system": _content(system[0].parts)} if system else {}),
        "messages": [_message(message) for message in rest],
        **({"tools": [own_tool(tool) for tool in request.tools]} if request.tools else {}),
        **own_members(request),
        **{key: value for key, value in request.extras.items() if not key.startswith(prefixes)},
    }


def own_members(request: Request) -> Body:
    """The members other than model, messages, system, tools and the unknown ones."""
    nested = {
        "thinking": _thinking(request.reasoning),
        "output_config": _output(request),
        "metadata": given({"user_id": request.user}),
        "tool_choice": _choice(request.tool_choice, request.parallel_tool_calls),
    }
    members = {name: known | _undotted(request.extras, name) for name, known in nested.items()}
    scalars = {
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "stop_sequences": list(request.stop) or None,
        "stream": request.stream or None,
    }
    return given(scalars) | {name: value for name, value in members.items() if value}


def _undotted(extras: Mapping[str, Any], name: str) -> Body:
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in extras.items() if key.startswith(prefix)}


def _thinking(reasoning: Reasoning | None) -> Body:
    if reasoning is None:
        return {}
    kind = None if reasoning.enabled is None else "enabled" if reasoning.enabled else "disabled"
    return given({"type": "adaptive" if reasoning.adaptive else kind, "budget_tokens": reasoning.budget})


def _output(request: Request) -> Body:
    turns = [message.extras[TURN_MARK] for message in request.messages if TURN_MARK in message.extras]
    effort = turns[0] if turns else None if request.reasoning is None else request.reasoning.effort
    form = None
    if request.format is not None and request.format.schema is not None:
        form = {"type": "json_schema", "schema": request.format.schema}
    return given({"effort": effort, "format": form})


def _choice(choice: ToolChoice | None, parallel: bool | None) -> Body:
    if choice is None:
        return {}
    body: Body = {"type": "tool", "name": choice.name} if choice.mode == "tool" else {"type": CHOICES[choice.mode]}
    return body if parallel is None else {**body, "disable_parallel_tool_use": not parallel}


def own_tool(tool: Tool | HostedTool) -> Body:
    if isinstance(tool, HostedTool):
        return dict(tool.raw)
    known = {
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.schema,
        "strict": tool.strict,
    }
    return {**given(known), **tool.extras}


def _message(message: Message) -> Body:
    extras = {key: value for key, value in message.extras.items() if key != TURN_MARK}
    return {"role": message.role, "content": _content(message.parts), **extras}


def _content(parts: Iterable[Part]) -> str | list[Body]:
    """A single text without a type was a bare string."""
    match tuple(parts):
        case (Text(extras=extras) as only,) if "type" not in extras:
            return only.text
        case several:
            return [own_block(part) for part in several]


def own_block(part: Part) -> Body:
    """A part as its content block."""
    match part:
        case Text():
            body: Body = {"type": "text", "text": part.text}
        case Thinking(redacted=True):
            body = {"type": "redacted_thinking", "data": part.signature}
        case Thinking():
            body = {"type": "thinking", "thinking": part.text, **given({"signature": part.signature})}
        case ToolCall():
            body = {"type": "tool_use", "id": part.id, "name": part.name, "input": tool_input(part.arguments)}
        case ToolResult():
            content = {"content": _content(part.content)} if part.content else {}
            error = {"is_error": True} if part.is_error else {}
            body = {"type": "tool_result", "tool_use_id": part.call_id, **content, **error}
        case Image():
            body = {"type": "image", "source": image_source(part)}
        case Document():
            body = {"type": "document", "source": document_source(part), **given({"title": part.name})}
        case Opaque():
            return dict(part.raw)
    return {**body, **part.extras}


def tool_input(arguments: str) -> object:
    """Arguments as the JSON value that the API wants; what a model garbled is kept as text in it."""
    try:
        return jsonio.loads(arguments or "{}")
    except jsonio.JsonError:
        return {"arguments": arguments}


def image_source(image: Image) -> Body:
    if image.url is not None:
        return {"type": "url", "url": image.url}
    return {"type": "base64", "media_type": image.media_type or "image/png", "data": image.data}


def document_source(document: Document) -> Body:
    if document.text is not None:
        return {"type": "text", "media_type": "text/plain", "data": document.text}
    if document.url is not None:
        return {"type": "url", "url": document.url}
    return {"type": "base64", "media_type": document.media_type or "application/pdf", "data": document.data}
