"""Messages of this dialect as the items that they came from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core.model import Document, Image, Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from addons.dialects.base import Body
from addons.dialects.shapes import image_url


def own_input(messages: Iterable[Message]) -> str | list[Body]:
    """The `input` member; `instructions` is not among the messages any more."""
    items: list[Body] = []
    for message in messages:
        if message.extras.get("input") and isinstance(message.parts[0], Text):
            return message.parts[0].text
        if "raw" in message.extras:
            items.append(dict(message.extras["raw"]))
        elif "item" in message.extras:
            items.append(_message(message.role, message.parts, message.extras["item"]))
        else:
            items += _items(message)
    return items


def _items(message: Message) -> Iterator[Body]:
    """Parts of one item share one mark: a run of them ends where the mark is another object."""
    run: list[Part] = []
    mark: Mapping[str, Any] | None = None
    for part in message.parts:
        inner = isinstance(part, (Image, Document)) or _is_content(part)
        own = part.extras.get("item") if isinstance(part, Text) else mark if inner else None
        if run and (own is None or own is not mark):
            yield _message(message.role, run, mark or {})
            run = []
        if own is None:
            yield item_body(part)
        else:
            run.append(part)
        mark = own
    if run:
        yield _message(message.role, run, mark or {})


def _is_content(part: Part) -> bool:
    """Whether it was content of an item, and not an item: only its path tells."""
    return isinstance(part, Opaque) and ".content[" in part.path


def _message(role: str, parts: Iterable[Part], mark: Mapping[str, Any]) -> Body:
    return {**mark, "role": role, "content": _content(tuple(parts))}


def _content(parts: tuple[Part, ...]) -> str | list[Body]:
    """A text without a type was a bare string."""
    match parts:
        case (Text(extras=extras) as only,) if "type" not in extras:
            return [] if extras.get("empty") else only.text
        case _:
            return [_part(part) for part in parts]


def _part(part: Part) -> Body:
    match part:
        case Text():
            key = "refusal" if part.extras.get("type") == "refusal" else "text"
            return {**{name: value for name, value in part.extras.items() if name != "item"}, key: part.text}
        case Image():
            detail = {} if part.detail is None else {"detail": part.detail}
            return {**part.extras, "image_url": image_url(part), **detail}
        case Document():
            return {**part.extras, **_file(part)}
        case Opaque():
            return dict(part.raw)
        case _:
            raise AssertionError(f"{part} is an item of its own")


def _file(document: Document) -> Body:
    name = {} if document.name is None else {"filename": document.name}
    if document.data is None:
        return {**name, "file_url": document.url}
    inline = document.media_type is not None
    return {**name, "file_data": f"data:{document.media_type};base64,{document.data}" if inline else document.data}


def item_body(part: Part) -> Body:
    """A part that is an item of its own."""
    if not isinstance(part, Opaque) and "raw" in part.extras:
        return dict(part.extras["raw"])
    match part:
        case Thinking():
            return _reasoning(part)
        case ToolCall():
            return _call(part)
        case ToolResult():
            kind = "custom_tool_call_output" if part.kind == "custom" else "function_call_output"
            return {"type": kind, "call_id": part.call_id, "output": _content(part.content), **part.extras}
        case Opaque():
            return dict(part.raw)
        case _:
            raise AssertionError(f"{part} is content of an item")


def _reasoning(part: Thinking) -> Body:
    body: Body = {"type": "reasoning"}
    if part.id is not None:
        body["id"] = part.id
    if part.signature is not None:
        body["encrypted_content"] = part.signature
    if "summary" not in part.extras:
        body["summary"] = [{"type": "summary_text", "text": part.text}] if part.text else []
    return {**body, **part.extras}


def _call(part: ToolCall) -> Body:
    custom = part.kind == "custom"
    body: Body = {"type": "custom_tool_call" if custom else "function_call", "call_id": part.id, "name": part.name}
    if part.namespace is not None:
        body["namespace"] = part.namespace
    return {**body, "input" if custom else "arguments": part.arguments, **part.extras}
