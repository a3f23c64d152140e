"""The messages of a canonical request as Gemini `contents`.

What the API demands: a conversation begins with the user, a content follows one of the other role, a content with
function calls is followed by the user's content with exactly their responses. Source: Gemini API, "Function calling"
and "Thought signatures".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from addons.core import jsonio
from addons.core.history import GO_ON, drop_foreign_thinking, is_billing, paired
from addons.core.in_words import in_words, loss_of
from addons.core.mends import UNCHECKED_SIGNATURE
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
from addons.dialects._gemini_media import document, image, sound
from addons.dialects.base import Body

GEMINI = DialectName.GEMINI

# models from Gemini 3 on refuse a step whose first call has no signature; so may what names no generation
_SIGNED = re.compile(r"(?:.*[/.])?gemini-(?![12])", re.IGNORECASE)
BEGINNING = "(the conversation goes on)"


@dataclass(slots=True)
class Turns:
    """Renders the messages of one request. `own`: they came in this dialect and go back as they were."""

    model: Traits
    names: ToolNames
    losses: list[Loss]
    own: bool = False
    _called: dict[str, str] = field(default_factory=dict)  # id of a call → its wire name

    def system(self, messages: Iterable[Message]) -> list[Body]:
        """The parts of `systemInstruction`."""
        return [{"text": text} for message in messages for text in self._instructions(message)]

    def contents(self, messages: Iterable[Message]) -> list[Body]:
        history = paired(drop_foreign_thinking(messages, GEMINI, self.losses), self.losses)
        said = [(_role(message), part) for message in self._in_order(history) for part in self._message(message)]
        out: list[Body] = [
            {"role": role, "parts": [part for _, part in group]} for role, group in groupby(said, lambda pair: pair[0])
        ]
        if not out or out[0]["role"] != "user":
            out.insert(0, {"role": "user", "parts": [{"text": BEGINNING}]})
            self.losses.append(Loss("messages", "a conversation must begin with the user: a placeholder stands in"))
        if out[-1]["role"] == "model" and not self.model.prefill and not self.own:
            out.append({"role": "user", "parts": [{"text": GO_ON}]})
            self.losses.append(Loss("messages", "the beginning of an answer is not taken: the model is told to go on"))
        return out

    def _in_order(self, history: list[Message]) -> Iterable[Message]:
        """Results stand in the order of their calls, before anything else."""
        order: dict[str, int] = {}
        for message in history:
            if message.role == "user" and order:
                results = [part for part in message.parts if isinstance(part, ToolResult)]
                rest = [part for part in message.parts if not isinstance(part, ToolResult)]
                results.sort(key=lambda result: order.get(result.call_id, len(order)))
                yield Message("user", (*results, *rest))
            else:
                yield message
            calls = [part for part in message.parts if isinstance(part, ToolCall)]
            order = {call.id: place for place, call in enumerate(calls)}

    def _message(self, message: Message) -> list[Body]:
        match message.role:
            case "system" | "developer":
                text = "\n\n".join(self._instructions(message))
                return [{"text": f"<system-reminder>\n{text}\n</system-reminder>"}] if text else []
            case "assistant":
                return self._model(message)
            case "user":
                return self._user(message)

    def _instructions(self, message: Message) -> list[str]:
        """Instructions are text alone."""
        texts: list[str] = []
        for part in message.parts:
            if isinstance(part, Opaque):
                self.losses.append(loss_of(part))
            elif not isinstance(part, Text):
                self.losses.append(Loss("messages", "instructions hold text alone", content=True))
            elif not self.own and is_billing(part):
                self.losses.append(Loss("system", "the billing header is not sent to another provider"))
            elif part.text.strip():
                texts.append(part.text)
        return texts

    def _model(self, message: Message) -> list[Body]:
        """A signature without words belongs to the part that follows it."""
        out: list[Body] = []
        signature: str | None = None
        unsigned = self.model.thinking == "level" or _SIGNED.match(self.model.id) is not None
        for part in message.parts:
            if isinstance(part, Thinking) and not part.text:
                signature = part.signature or signature
                continue
            for body in self._model_part(part):
                if "functionCall" in body:
                    signature = signature or body.get("thoughtSignature") or (UNCHECKED_SIGNATURE if unsigned else None)
                    # only the first call of a step carries one
                    unsigned = False
                out.append(body if signature is None else {**body, "thoughtSignature": signature})
                signature = None
        return out if signature is None else [*out, {"text": "", "thoughtSignature": signature}]

    def _model_part(self, part: Part) -> list[Body]:
        match part:
            case Text():
                return [{"text": part.text}] if part.text else []
            case Thinking():
                signed = {"thoughtSignature": part.signature} if part.signature else {}
                return [{"text": part.text, "thought": True, **signed}]
            case ToolCall():
                return [self._call(part)]
            case _:
                return self._media(part)

    def _call(self, call: ToolCall) -> Body:
        name = self._called[call.id] = self.names.wire(call.name, call.namespace)
        body: Body = {"functionCall": {"id": call.id, "name": name, "args": self._args(call)}}
        signature = call.extras.get("thoughtSignature")
        return {**body, "thoughtSignature": signature} if isinstance(signature, str) and signature else body

    def _args(self, call: ToolCall) -> Body:
        text = custom_arguments(call.arguments) if call.kind == "custom" else call.arguments or "{}"
        try:
            value = jsonio.loads(text)
        except jsonio.JsonError:
            value = None
        if isinstance(value, dict):
            return value
        self.losses.append(Loss("messages", f"the arguments of the call {call.id} are no JSON object: sent as text"))
        return {"arguments": call.arguments}

    def _user(self, message: Message) -> list[Body]:
        responses: list[Body] = []
        media: list[Body] = []
        rest: list[Body] = []
        for part in message.parts:
            if isinstance(part, ToolResult):
                response, shown = self._result(part)
                responses.append(response)
                media += shown
            elif isinstance(part, Text):
                rest += [{"text": part.text}] if part.text else []
            else:
                rest += self._media(part)
        return responses + media + rest

    def _result(self, result: ToolResult) -> tuple[Body, list[Body]]:
        """The response, and what it shows: media stand after it, because older models take them nowhere else."""
        name = self._called.get(result.call_id, "unknown")
        texts: list[str] = []
        media: list[Body] = []
        for part in result.content:
            match part:
                case Text():
                    texts.append(part.text)
                case Opaque() if (words := in_words(part)) is not None:
                    texts.append(words)
                case _:
                    media += self._media(part)
        response: Body = {"id": result.call_id, "name": name, "response": self._outcome(result, "\n".join(texts))}
        if self.own:
            response |= {"parts": media} if media else {}
            return {"functionResponse": {**response, **result.extras}}, []
        if media:
            media.insert(0, {"text": f"Returned by the tool call {result.call_id}:"})
        return {"functionResponse": response}, media

    def _outcome(self, result: ToolResult, text: str) -> Body:
        """`output` and `error` are the documented keys; the object of a client of this dialect comes back as it was."""
        if result.is_error:
            return {"error": text}
        if self.own:
            try:
                value = jsonio.loads(text)
            except jsonio.JsonError:
                value = None
            if isinstance(value, dict):
                return value
        return {"output": text}

    def _media(self, part: Part) -> list[Body]:
        match part:
            case Image():
                return image(part, self.model, self.losses, self.own)
            case Document():
                return document(part, self.model, self.losses, self.own)
            case Opaque(dialect=DialectName.GEMINI):
                return [dict(part.raw)]
            case Opaque():
                return self._opaque(part)
            case Text():
                return [{"text": part.text}] if part.text else []
            case _:
                return []

    def _opaque(self, part: Opaque) -> list[Body]:
        heard = sound(part, self.losses) if part.dialect is DialectName.CHAT else []
        if heard:
            return heard
        words = in_words(part)
        if words is None:
            self.losses.append(loss_of(part))
        return [] if words is None else [{"text": words}]


def _role(message: Message) -> str:
    return "model" if message.role == "assistant" else "user"
