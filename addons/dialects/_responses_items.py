"""The `input` of a Responses body as canonical messages. Source: OpenAI API reference, "Input items".

An item is flat where a canonical message has parts: assistant items that follow each other become one assistant
message, tool outputs that follow each other one user message. Every other message item is a message of its own.
What an item has beside its canonical members is kept: in `Message.extras["item"]`, and for the text of the assistant
in the `extras["item"]` of its parts, one and the same object for the parts of one item.
"""

from collections.abc import Callable, Mapping
from typing import Any

from addons.core.errors import BadRequest
from addons.core.model import (
    DialectName,
    Document,
    Image,
    Message,
    Opaque,
    Part,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolKind,
    ToolResult,
)
from addons.dialects._responses_tools import rest
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, image_from_url

RESPONSES = DialectName.RESPONSES
# items without a canonical form that the model has made; they end in `_call` otherwise
_OF_THE_MODEL = ("compaction", "compaction_summary", "mcp_list_tools", "mcp_approval_request")
# items that offer tools in the middle of the input
OFFERING = ("additional_tools", "tool_search_output")


class Messages:
    """Collects the messages; `add` joins parts to the last message when that is still open for its role."""

    def __init__(self) -> None:
        self.found: list[Message] = []
        self._run: Role | None = None

    def add(self, role: Role, parts: tuple[Part, ...]) -> None:
        if self._run == role:
            last = self.found.pop()
            parts = last.parts + parts
        self.found.append(Message(role, parts))
        self._run = role

    def whole(self, message: Message) -> None:
        self.found.append(message)
        self._run = None


def parse_input(value: object) -> list[Message]:
    """The messages of `input`. Raises BadRequest naming the offending member."""
    if value is None:
        return []
    if isinstance(value, str):
        return [Message("user", (Text(value),), extras={"input": True})]
    messages = Messages()
    for n, raw in enumerate(as_list(value, "input")):
        path = f"input[{n}]"
        item = as_dict(raw, path)
        kind = item.get("type", "message" if "role" in item else None)
        parse = _ITEMS.get(kind) if isinstance(kind, str) else None
        (parse or _opaque)(item, path, messages)
    return messages.found


def _message(item: Body, path: str, messages: Messages) -> None:
    role = item.get("role")
    mark = {key: value for key, value in item.items() if key not in ("role", "content")}
    content = item.get("content")
    parts = [Text(content)] if isinstance(content, str) else _content(content, f"{path}.content")
    match role:
        case "assistant":
            messages.add("assistant", tuple(_marked(part, mark) for part in parts or [Text("", {"empty": True})]))
        case "user" | "system" | "developer":
            messages.whole(Message(role, tuple(parts), extras={"item": mark}))
        case _:
            raise BadRequest(f"{path}.role", "one of user, assistant, system or developer is expected")


def _marked(part: Part, mark: Mapping[str, Any]) -> Part:
    return Text(part.text, {**part.extras, "item": mark}) if isinstance(part, Text) else part


def _content(content: object, path: str) -> list[Part]:
    if content is None:
        return []
    parts = as_list(content, path)
    return [_part(as_dict(part, f"{path}[{n}]"), f"{path}[{n}]") for n, part in enumerate(parts)]


def _part(part: Body, path: str) -> Part:
    match part:
        case {"type": "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text"}:
            return Text(as_str(part.get("text"), f"{path}.text"), extras=rest(part, ("text",)))
        case {"type": "refusal"}:
            return Text(as_str(part.get("refusal"), f"{path}.refusal"), extras=rest(part, ("refusal",)))
        case {"type": "input_image", "image_url": str(url)}:
            detail = part.get("detail")
            detail = detail if isinstance(detail, str) else None
            return image_from_url(url, detail, rest(part, ("image_url", "detail")))
        case {"type": "input_file", "file_data": str(data)}:
            return _file(part, data)
        case {"type": "input_file", "file_url": str(url)}:
            return Document(url=url, name=_name(part), extras=rest(part, ("file_url", "filename")))
        case _:
            return Opaque(RESPONSES, part, path)


def _file(part: Body, data: str) -> Document:
    inline: Image = image_from_url(data)
    extras = rest(part, ("file_data", "filename"))
    # bare base64 is taken too: it has no media type
    found, media_type = (data, None) if inline.data is None else (inline.data, inline.media_type)
    return Document(data=found, media_type=media_type, name=_name(part), extras=extras)


def _name(part: Body) -> str | None:
    name = part.get("filename")
    return name if isinstance(name, str) else None


def _reasoning(item: Body, path: str, messages: Messages) -> None:
    summary = _texts(item.get("summary"), f"{path}.summary")
    content = _texts(item.get("content"), f"{path}.content")
    signature, name = item.get("encrypted_content"), item.get("id")
    thinking = Thinking(
        "\n\n".join(summary or content),
        signature if isinstance(signature, str) else None,
        id=name if isinstance(name, str) else None,
        dialect=RESPONSES,
        extras=rest(item, ("type", "id", "encrypted_content")),
    )
    messages.add("assistant", (thinking,))


def _texts(value: object, path: str) -> list[str]:
    return [part.text for part in _content(value, path) if isinstance(part, Text)]


def _call(kind: ToolKind, member: str) -> Callable[[Body, str, Messages], None]:
    def parse(item: Body, path: str, messages: Messages) -> None:
        namespace = item.get("namespace")
        known = ("type", "call_id", "name", member, "namespace")
        call = ToolCall(
            as_str(item.get("call_id"), f"{path}.call_id"),
            as_str(item.get("name"), f"{path}.name"),
            as_str(item.get(member), f"{path}.{member}"),
            kind,
            namespace if isinstance(namespace, str) else None,
            extras=rest(item, known),
        )
        messages.add("assistant", (call,))

    return parse


def _output(kind: ToolKind) -> Callable[[Body, str, Messages], None]:
    def parse(item: Body, path: str, messages: Messages) -> None:
        output = item.get("output")
        parts = [Text(output)] if isinstance(output, str) else _content(output, f"{path}.output")
        content = tuple(part for part in parts if isinstance(part, (Text, Image, Document, Opaque)))
        call_id = as_str(item.get("call_id"), f"{path}.call_id")
        result = ToolResult(call_id, content, kind=kind, extras=rest(item, ("type", "call_id", "output")))
        messages.add("user", (result,))

    return parse


def _opaque(item: Body, path: str, messages: Messages) -> None:
    kind = str(item.get("type"))
    part = Opaque(RESPONSES, item, path)
    if kind == "additional_tools":
        messages.whole(Message("developer", (part,)))
    else:
        messages.add("assistant" if kind.endswith("_call") or kind in _OF_THE_MODEL else "user", (part,))


_ITEMS: Mapping[str, Callable[[Body, str, Messages], None]] = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _call("function", "arguments"),
    "custom_tool_call": _call("custom", "input"),
    "function_call_output": _output("function"),
    "custom_tool_call_output": _output("custom"),
}
