"""The `input` of a Responses body as canonical messages. Source: OpenAI API reference, "Input items".

An item is flat where a canonical message has parts: assistant items that follow each other become one assistant
message, tool outputs that follow each other one user message. Every other message item is a message of its own.
What an item has beside its canonical members is kept: in `Message.extras["item"]`, and for the text of the assistant
in the `extras["item"]` of its parts, one and the same object for the parts of one item. An item that has only a
stand-in (a trace, a call of a tool without a schema, a summary) is kept whole, in `extras["raw"]`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from addons.core import jsonio
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
from addons.dialects._responses_compaction import ITEMS as COMPACTIONS
from addons.dialects._responses_compaction import TRIGGER, summary_message, trigger
from addons.dialects._responses_hosted import CALLS, CLIENT_RUN, OUTPUTS
from addons.dialects._responses_sealed import is_sealed, open_thinking
from addons.dialects._responses_tools import rest
from addons.dialects._responses_traces import TRACES, trace
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, image_from_url

RESPONSES = DialectName.RESPONSES


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
    items = as_list(value, "input")
    for n, raw in enumerate(items):
        path = f"input[{n}]"
        item = as_dict(raw, path)
        kind = item.get("type", "message" if "role" in item else None)
        if kind == TRIGGER and n == len(items) - 1:
            messages.whole(trigger(item))
            continue
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
    text = "\n\n".join(summary or content)
    signature, name = item.get("encrypted_content"), item.get("id")
    name = name if isinstance(name, str) else None
    extras = rest(item, ("type", "id", "encrypted_content"))
    if is_sealed(signature):
        thinking = replace(open_thinking(signature, text, name), extras={**extras, "encrypted_content": signature})
    else:
        signature = signature if isinstance(signature, str) else None
        thinking = Thinking(text, signature, id=name, dialect=RESPONSES, extras=extras)
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


def _client_call(item: Body, path: str, messages: Messages) -> None:
    name = CALLS[item["type"]]
    if not _of_client(item):
        messages.add("assistant", (trace(item, path),))
        return
    value = CLIENT_RUN[name].arguments(item)
    arguments = value if isinstance(value, str) else jsonio.text({} if value is None else value)
    messages.add("assistant", (ToolCall(_call_id(item, path), name, arguments, extras={"raw": item}),))


def _client_output(item: Body, path: str, messages: Messages) -> None:
    row = CLIENT_RUN[OUTPUTS[item["type"]]]
    if not _of_client(item):
        messages.add("assistant", (trace(item, path),))
        return
    content = (Text(row.result(item)),)
    failed = item.get("status") == "failed"
    result = ToolResult(_call_id(item, path), content, is_error=failed, extras={"raw": item})
    messages.add("user", (result,))


def _of_client(item: Body) -> bool:
    """A search of tools may be OpenAI's own: it has no call id then."""
    searched = item["type"] in ("tool_search_call", "tool_search_output")
    return not searched or (item.get("call_id") is not None and item.get("execution") != "server")


def _call_id(item: Body, path: str) -> str:
    # the output of a local shell names its call as `id`
    value = item.get("call_id") or item.get("id")
    return as_str(value, f"{path}.call_id")


def _additional(item: Body, path: str, messages: Messages) -> None:
    """Its tools are offered with the others: there is nothing to say in its place."""
    messages.whole(Message("developer", (), extras={"raw": item}))


def _compaction(item: Body, path: str, messages: Messages) -> None:
    summary = summary_message(item)
    if summary is None:
        messages.add("assistant", (Opaque(RESPONSES, item, path),))
    else:
        messages.whole(summary)


def _trace(item: Body, path: str, messages: Messages) -> None:
    messages.add("assistant", (trace(item, path),))


def _opaque(item: Body, path: str, messages: Messages) -> None:
    role: Role = "assistant" if str(item.get("type")).endswith("_call") else "user"
    messages.add(role, (Opaque(RESPONSES, item, path),))


_ITEMS: Mapping[str, Callable[[Body, str, Messages], None]] = {
    **dict.fromkeys(TRACES, _trace),
    **dict.fromkeys(CALLS, _client_call),
    **dict.fromkeys(OUTPUTS, _client_output),
    **dict.fromkeys(COMPACTIONS, _compaction),
    "additional_tools": _additional,
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _call("function", "arguments"),
    "custom_tool_call": _call("custom", "input"),
    "function_call_output": _output("function"),
    "custom_tool_call_output": _output("custom"),
}
