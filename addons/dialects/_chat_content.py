"""The messages of a foreign request as Chat Completions has them. Source: OpenAI API reference, "Create chat
completion"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from addons.core.cache_key import takes_key
from addons.core.history import (
    ERROR_PREFIX,
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
from addons.core.tools import ToolNames, custom_arguments
from addons.core.traits import Traits
from addons.dialects._chat_details import EXTRA, KEY, kept
from addons.dialects._openai_content import begun, digest, file_members, instructions, shortened
from addons.dialects.base import Body
from addons.dialects.shapes import image_url

CHAT = DialectName.CHAT
ID_LIMIT = 40
_MISTRAL = re.compile(r"(?:.*[/.])?(?:mistral|ministral|mixtral|magistral|codestral|devstral|pixtral)", re.IGNORECASE)
_MISTRALS_ID = re.compile(r"[a-zA-Z0-9]{9}")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes messages for `model`; what does not fit goes to `losses`."""

    model: Traits
    names: ToolNames
    losses: list[Loss]

    def messages(self, request: Request, instruction: str | None) -> list[Body]:
        """All messages; `instruction` stands behind the instructions that lead the conversation."""
        history = paired(drop_foreign_thinking(request.messages, CHAT, self.losses), self.losses)
        start = begun(history)
        leading = [body for message in history[:start] for body in self._message(message)]
        if instruction is not None:
            leading.append({"role": "system", "content": instruction})
        return leading + [body for message in history[start:] for body in self._message(message)]

    def _message(self, message: Message) -> Iterator[Body]:
        match message.role:
            case "system" | "developer":
                return self._system(message)
            case "assistant":
                return self._assistant(message)
            case "user":
                return self._user(message)

    def _system(self, message: Message) -> Iterator[Body]:
        text = instructions(message, self.losses)
        if text:
            yield {"role": "system", "content": text}

    def _assistant(self, message: Message) -> Iterator[Body]:
        text = "".join(self._said(message.parts))
        calls = list(self._calls(message.parts))
        if not text and not calls:
            return
        body: Body = {"role": "assistant", "content": text or None} | self._thought(message, bool(calls))
        yield body | ({"tool_calls": calls} if calls else {})

    def _thought(self, message: Message, called: bool) -> Body:
        """Reasoning goes back with the calls that it led to: there DeepSeek and Kimi demand it, and elsewhere some
        refuse it. OpenRouter takes its details back with any message. OpenAI itself gives and takes none."""
        thoughts = [part for part in message.parts if isinstance(part, Thinking)]
        if _is_openai(self.model):
            self.losses.extend([Loss("messages", f"{self.model.id} takes no reasoning back")] if thoughts else [])
            return {}
        details = [each for part in thoughts for each in kept(part).get(KEY) or ()]
        texts = [part.text for part in thoughts if part.text]
        if texts and not called and not details:
            self.losses.append(Loss("messages", "reasoning without a call is not sent"))
        key = next((str(part.extras["key"]) for part in thoughts if "key" in part.extras), "reasoning_content")
        # the details say the words too
        return {KEY: details} if details else {key: "".join(texts)} if texts and called else {}

    def _calls(self, parts: Iterable[Part]) -> Iterator[Body]:
        extra: Body = {}
        for part in parts:
            if isinstance(part, Thinking) and not _is_openai(self.model):
                extra = {EXTRA: kept(part)[EXTRA]} if EXTRA in kept(part) else extra
            elif isinstance(part, ToolCall):
                yield self._call(part) | extra
                extra = {}

    def _said(self, parts: Iterable[Part]) -> Iterator[str]:
        """The texts of the model, and its records of hosted tools in words."""
        for part in parts:
            if isinstance(part, Text):
                yield part.text
            elif isinstance(part, Opaque):
                words = in_words(part)
                if words is None:
                    self.losses.append(loss_of(part))
                else:
                    yield f"\n{words}\n"

    def _call(self, call: ToolCall) -> Body:
        arguments = custom_arguments(call.arguments) if call.kind == "custom" else call.arguments or "{}"
        function = {"name": self.names.wire(call.name, call.namespace), "arguments": arguments}
        return {"id": short_id(call.id, self.model), "type": "function", "function": function}

    def _user(self, message: Message) -> Iterator[Body]:
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        content: list[Body] = []
        for result in results:
            text = result_text(result)
            shown = f"{ERROR_PREFIX}{text}" if result.is_error else text
            yield {"role": "tool", "tool_call_id": short_id(result.call_id, self.model), "content": shown}
            content += self._media(result)
        for part in message.parts:
            content += self._part(part)
        if content:
            texts = [part["text"] for part in content if part["type"] == "text"]
            plain = len(content) == 1 and len(texts) == 1
            yield {"role": "user", "content": texts[0] if plain else content}

    def _media(self, result: ToolResult) -> list[Body]:
        """What a result holds besides text: results are text alone, so it follows in a message of the user."""
        rest = [part for part in result.content if not _is_said(part)]
        shown = [body for part in rest for body in self._part(part)]
        if not shown:
            return []
        kind = "Images" if all(isinstance(part, Image) for part in rest) else "Files"
        name = short_id(result.call_id, self.model)
        return [{"type": "text", "text": f"{kind} returned by the tool call {name}:"}, *shown]

    def _part(self, part: Part) -> list[Body]:
        match part:
            case Text():
                return [{"type": "text", "text": part.text}] if part.text else []
            case Image():
                return self._image(part)
            case Document():
                return self._document(part)
            case Opaque():
                words = in_words(part)
                if words is not None:
                    return [{"type": "text", "text": words}]
                self.losses.append(loss_of(part))
                return []
            case _:
                return []

    def _image(self, image: Image) -> list[Body]:
        if not self.model.images:
            return self._unread(f"{self.model.id} reads no images")
        inner: Body = {"url": image_url(image)}
        if image.detail is not None:
            inner["detail"] = image.detail
        return [{"type": "image_url", "image_url": inner}]

    def _document(self, document: Document) -> list[Body]:
        if document.text is not None:
            return [{"type": "text", "text": document_text(document)}]
        if document.data is None:
            self._unread("a document by URL has no form in Chat Completions")
            return [{"type": "text", "text": f"[document: {document.url}]"}]
        if not self.model.documents:
            return self._unread(f"{self.model.id} reads no documents")
        head = said_of(document)
        return [*([{"type": "text", "text": head}] if head else []), {"type": "file", "file": file_members(document)}]

    def _unread(self, why: str) -> list[Body]:
        self.losses.append(Loss("messages", why, content=True))
        return []


def short_id(call_id: str, model: Traits) -> str:
    """OpenAI and those behind it refuse longer ids ("string too long. Expected a string with maximum length 40"), and
    clients of other vendors make them from the names of tools; Mistral takes ids of nine letters and digits alone. A
    call and its result get the same one."""
    if _MISTRAL.match(model.id) is None:
        return shortened(call_id, ID_LIMIT)
    return call_id if _MISTRALS_ID.fullmatch(call_id) else digest(call_id)[:9]


def _is_openai(model: Traits) -> bool:
    """Whether it is a model at OpenAI itself: an aggregator's name of one begins with its vendor's."""
    return takes_key(model) and "/" not in model.id


def _is_said(part: Part) -> bool:
    """Whether the text of the result says it already."""
    match part:
        case Text() | Document(text=str()):
            return True
        case Opaque():
            return in_words(part) is not None
        case _:
            return False
