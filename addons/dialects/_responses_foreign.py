"""Messages of another dialect as Responses input items."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from addons.core.history import (
    ERROR_PREFIX,
    NO_RESULT,
    document_text,
    drop_foreign_thinking,
    paired,
    result_text,
    said_of,
)
from addons.core.in_words import in_words, loss_of
from addons.core.model import (
    DialectName,
    Document,
    Image,
    Loss,
    Message,
    Opaque,
    Part,
    Request,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects._openai_content import SYSTEM, begun, file_members, instructions, shortened
from addons.dialects._responses_own import item_body
from addons.dialects.base import Body
from addons.dialects.shapes import image_url

ID_LIMIT = 64


def foreign_input(request: Request, model: Traits, names: ToolNames, losses: list[Loss]) -> tuple[str, list[Body]]:
    """The `instructions` (empty without any) and the `input` items."""
    history = paired(drop_foreign_thinking(request.messages, DialectName.RESPONSES, losses), losses)
    start = begun(history)
    leading = [instructions(message, losses) for message in history[:start]]
    writer = _Writer(model, names, losses)
    items = [item for message in history[start:] for item in writer.items(message)]
    return "\n\n".join(text for text in leading if text), items


@dataclass(slots=True)
class _Writer:
    model: Traits
    names: ToolNames
    losses: list[Loss]
    custom: set[str] = field(default_factory=set)  # the ids of calls of custom tools: their results say so too

    def items(self, message: Message) -> Iterator[Body]:
        if message.role in SYSTEM:
            text = instructions(message, self.losses)
            if text:
                yield _message("developer", [{"type": "input_text", "text": text}])
            return
        content: list[Body] = []
        for part in message.parts:
            if isinstance(part, Thinking) and part.signature is None:
                # nothing is stored at the provider: an item that it cannot decrypt would be looked for and not found
                self.losses.append(Loss("messages", "thinking without its encrypted content is not sent"))
                continue
            item = self._item(part)
            if item is None:
                content += self._content(part, "output_text" if message.role == "assistant" else "input_text")
                continue
            if content:
                yield _message(message.role, content)
                content = []
            yield item
        if content:
            yield _message(message.role, content)

    def _item(self, part: Part) -> Body | None:
        match part:
            case ToolCall():
                return self._call(part)
            case ToolResult():
                kind = "custom_tool_call_output" if part.call_id in self.custom else "function_call_output"
                return {"type": kind, "call_id": call_id(part.call_id), "output": self._output(part)}
            case Thinking():
                return item_body(replace(part, extras={}))
            case _:
                return None

    def _call(self, call: ToolCall) -> Body:
        name = self.names.wire(call.name, call.namespace)
        if call.kind == "custom":
            self.custom.add(call.id)
            return {"type": "custom_tool_call", "call_id": call_id(call.id), "name": name, "input": call.arguments}
        arguments = call.arguments or "{}"
        return {"type": "function_call", "call_id": call_id(call.id), "name": name, "arguments": arguments}

    def _output(self, result: ToolResult) -> str | list[Body]:
        # the placeholder speaks for itself
        prefix = ERROR_PREFIX if result.is_error and result.content != (Text(NO_RESULT),) else ""
        if not any(isinstance(part, (Image, Document)) for part in result.content):
            self._lose(part for part in result.content if not _text_of(result, part))
            return prefix + result_text(result)
        output: list[Body] = [{"type": "input_text", "text": prefix.strip()}] if prefix else []
        for part in result.content:
            text = _text_of(result, part)
            output += [{"type": "input_text", "text": text}] if text else self._content(part, "input_text")
        return output

    def _content(self, part: Part, text_type: str) -> list[Body]:
        match part:
            case Text():
                return [{"type": text_type, "text": part.text}] if part.text else []
            case Image() if not self.model.images:
                return self._unread("an image")
            case Document(text=None) if not self.model.documents:
                return self._unread("a document")
            case Image():
                return [{"type": "input_image", "image_url": image_url(part), "detail": part.detail or "auto"}]
            case Document():
                head = "" if part.text is not None else said_of(part)
                return [*([{"type": text_type, "text": head}] if head else []), _file(part)]
            case Opaque():
                text = in_words(part)
                self._lose([] if text else [part])
                return [{"type": text_type, "text": text}] if text else []
            case _:
                return []

    def _unread(self, what: str) -> list[Body]:
        self.losses.append(Loss("messages", f"{self.model.id} does not read {what}", content=True))
        return []

    def _lose(self, parts: Iterable[Part]) -> None:
        self.losses += [loss_of(part) for part in parts if isinstance(part, Opaque)]


def call_id(name: str) -> str:
    """The API takes ids of 64 characters; a call and its result get the same one."""
    return shortened(name, ID_LIMIT)


def _text_of(result: ToolResult, part: Text | Image | Document | Opaque) -> str:
    """What one part of a result says in words."""
    return result_text(replace(result, content=(part,)))


def _message(role: str, content: list[Body]) -> Body:
    return {"type": "message", "role": role, "content": content}


def _file(document: Document) -> Body:
    if document.text is not None:
        return {"type": "input_text", "text": document_text(document)}
    if document.data is None:
        return {"type": "input_file", "file_url": document.url}
    return {"type": "input_file", **file_members(document)}
