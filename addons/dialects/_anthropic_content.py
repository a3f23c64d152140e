"""The messages of a foreign request as Anthropic Messages has them. Source: Anthropic API reference, "Create a
Message"."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from addons.core.history import NO_RESULT, drop_foreign_thinking, paired
from addons.core.in_words import in_words, loss_of
from addons.core.model import (
    DialectName,
    Document,
    Image,
    Loss,
    Message,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from addons.core.tools import ToolNames, custom_arguments
from addons.core.traits import Traits
from addons.dialects._anthropic_own import document_source, image_source, tool_input
from addons.dialects.base import Body

CLAUDE = DialectName.ANTHROPIC
PDF = "application/pdf"
# "Vision": the formats that are read, and a misspelling of one
IMAGE_TYPES: Mapping[str, str] = {
    **{name: name for name in ("image/jpeg", "image/png", "image/gif", "image/webp")},
    "image/jpg": "image/jpeg",
}
_ILLEGAL_ID = re.compile(r"[^a-zA-Z0-9_-]")


def reminder(text: str) -> Body:
    """Words of the router or of the client's system in a message of the user."""
    return {"type": "text", "text": f"<system-reminder>\n{text}\n</system-reminder>"}


def tool_id(call_id: str) -> str:
    """The API wants `[a-zA-Z0-9_-]+`; a call and its result get the same id."""
    if call_id and not _ILLEGAL_ID.search(call_id):
        return call_id
    digest = hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_ILLEGAL_ID.sub('_', call_id)}_{digest}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes messages for `model`; what does not fit goes to `losses`."""

    model: Traits
    names: ToolNames
    losses: list[Loss]

    def texts(self, message: Message) -> list[Body]:
        """Instructions are text alone."""
        out = []
        for part in message.parts:
            if isinstance(part, Text):
                out += self._text(part)
            elif isinstance(part, Opaque):
                self.losses.append(loss_of(part))
            else:
                self.losses.append(Loss("messages", "instructions hold text alone", content=True))
        return out

    def messages(self, messages: list[Message]) -> list[Body]:
        history = paired(drop_foreign_thinking(messages, CLAUDE, self.losses), self.losses)
        blocks = ((_role(message), block) for message in history for block in self._blocks(message))
        out: list[Body] = []
        for role, group in groupby(blocks, key=lambda pair: pair[0]):
            content = [block for _, block in group]
            # results must come first in the message that follows a call
            content.sort(key=lambda block: block["type"] != "tool_result")
            out.append({"role": role, "content": content})
        if not out or out[0]["role"] != "user":
            out.insert(0, {"role": "user", "content": [{"type": "text", "text": "(the conversation goes on)"}]})
            self.losses.append(Loss("messages", "a conversation must begin with the user: a placeholder stands in"))
        return out

    def _blocks(self, message: Message) -> Iterator[Body]:
        if message.role in ("system", "developer"):
            text = "\n\n".join(block["text"] for block in self.texts(message))
            if text:
                yield reminder(text)
            return
        for part in message.parts:
            yield from self._part(part)

    def _part(self, part: Part) -> list[Body]:
        match part:
            case Text():
                return self._text(part)
            case Thinking():
                return self._thinking(part)
            case ToolCall():
                name = self.names.wire(part.name, part.namespace)
                return [{"type": "tool_use", "id": tool_id(part.id), "name": name, "input": self._input(part)}]
            case ToolResult():
                return [self._result(part)]
            case Image():
                return self._image(part)
            case Document():
                return self._document(part)
            case Opaque():
                return self._opaque(part)

    def _text(self, part: Text) -> list[Body]:
        # the API refuses text blocks that are empty or only white space
        return [{"type": "text", "text": part.text}] if part.text.strip() else []

    def _opaque(self, part: Opaque) -> list[Body]:
        text = in_words(part)
        if text is not None:
            return [{"type": "text", "text": text}]
        self.losses.append(loss_of(part))
        return []

    def _thinking(self, part: Thinking) -> list[Body]:
        if not part.signature:
            self.losses.append(Loss("messages", "thinking without a signature is refused: not sent"))
            return []
        if part.redacted:
            return [{"type": "redacted_thinking", "data": part.signature}]
        return [{"type": "thinking", "thinking": part.text, "signature": part.signature}]

    def _input(self, call: ToolCall) -> object:
        value = tool_input(custom_arguments(call.arguments) if call.kind == "custom" else call.arguments)
        if not isinstance(value, dict):
            value = {"arguments": call.arguments}
        if value == {"arguments": call.arguments}:
            why = f"the arguments of the call {call.id} are no JSON object: sent as text"
            self.losses.append(Loss("messages", why))
        return value

    def _result(self, result: ToolResult) -> Body:
        content = [block for part in result.content for block in self._part(part)]
        body: Body = {"type": "tool_result", "tool_use_id": tool_id(result.call_id), "content": content}
        if not result.is_error:
            return body
        # the API refuses an error that says nothing
        return {**body, "content": content or [{"type": "text", "text": NO_RESULT}], "is_error": True}

    def _image(self, image: Image) -> list[Body]:
        media_type = IMAGE_TYPES.get((image.media_type or "image/png").lower())
        if not self.model.images:
            return self._unread(f"{self.model.id} reads no images")
        if image.url is None and media_type is None:
            return self._unread(f"an image of the type {image.media_type} is not taken")
        source = image_source(image)
        return [{"type": "image", "source": source if image.url is not None else {**source, "media_type": media_type}}]

    def _document(self, document: Document) -> list[Body]:
        """The API takes base64 for PDF only; text of other types is sent as text."""
        source = document_source(document)
        if source["type"] == "base64" and source["media_type"] != PDF:
            text = _decoded(document) if source["media_type"].startswith("text/") else None
            if text is None:
                return self._unread(f"a document of the type {source['media_type']} is not taken")
            source = document_source(Document(text=text))
        if source["type"] != "text" and not self.model.documents:
            return self._unread(f"{self.model.id} reads no documents")
        body: Body = {"type": "document", "source": source}
        return [body if document.name is None else {**body, "title": document.name}]

    def _unread(self, why: str) -> list[Body]:
        self.losses.append(Loss("messages", why, content=True))
        return []


def _role(message: Message) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _decoded(document: Document) -> str | None:
    try:
        return base64.b64decode(document.data or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
