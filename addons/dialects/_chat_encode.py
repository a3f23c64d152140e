"""Events as a Chat Completions answer, streamed and whole."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from addons.core import jsonio
from addons.core.accumulate import Answer, merge_usage
from addons.core.events import (
    Aside,
    Begin,
    Cited,
    Event,
    Failed,
    Finish,
    FinishReason,
    PartClose,
    PartDelta,
    PartOpen,
    Ping,
    Usage,
    UsageReport,
)
from addons.core.model import Citation, DialectName, Loss, Opaque, Request, Text, Thinking, ToolCall
from addons.core.pictures import for_chat, picture
from addons.core.sse import comment_bytes, event_bytes
from addons.core.unshown import Unshown, shown_picture
from addons.dialects._chat_details import KEY, detail, details, is_foreign
from addons.dialects._chat_legacy import FINISH, is_legacy
from addons.dialects._openai_errors import render_error
from addons.dialects.base import Body

CHAT = DialectName.CHAT
REASON: Mapping[FinishReason, str] = {
    FinishReason.END_TURN: "stop",
    FinishReason.STOP_SEQUENCE: "stop",
    FinishReason.PAUSE_TURN: "stop",
    FinishReason.MAX_TOKENS: "length",
    FinishReason.CONTEXT_WINDOW: "length",
    FinishReason.TOOL_USE: "tool_calls",
    FinishReason.REFUSAL: "content_filter",
}


def usage_body(usage: Usage) -> Body:
    given, made = usage.input or 0, usage.output or 0
    written = {} if usage.cache_write is None else {"cache_write_tokens": usage.cache_write}
    return {
        "prompt_tokens": given,
        "completion_tokens": made,
        "total_tokens": given + made,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read or 0, **written},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
    }


class ChatEncoder:
    def __init__(self, request: Request, model: str) -> None:
        self._request = request
        self._model = model
        self._base: Body = {}
        self._usage = Usage()
        self._kinds: dict[int, tuple[str, int]] = {}
        self._calls = 0
        self._legacy = is_legacy(request.tools)
        self._thoughts: dict[int, tuple[Thinking, list[str]]] = {}
        self._waiting: list[Thinking] = []
        self._details = 0
        self._said = 0  # characters, of all texts
        self._cited: dict[int, list[Citation]] = {}
        self._begun: dict[int, int] = {}
        self._unshown = Unshown(CHAT)

    @property
    def losses(self) -> tuple[Loss, ...]:
        return self._unshown.losses

    def feed(self, event: Event) -> bytes:
        match event:
            case Begin():
                self._base = {
                    "id": event.id or "chatcmpl-llr",
                    "object": "chat.completion.chunk",
                    "created": event.created or 0,
                    "model": self._model,
                }
                return self._delta({"role": "assistant", "content": ""})
            case PartOpen():
                return self._open(event)
            case PartDelta():
                return self._piece(event)
            case PartClose() if event.index in self._thoughts:
                thought, texts = self._thoughts.pop(event.index)
                self._waiting += [replace(thought, text="".join(texts))] if is_foreign(thought) else []
                return b""
            case PartClose() if event.index in self._cited:
                return self._sources(event.index)
            case Cited():
                self._cited.setdefault(event.index, []).append(event.citation)
                return b""
            case Aside():
                self._unshown.notice(event)
                return b""
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
                return b""
            case Ping():
                return comment_bytes("ping")
            case Finish():
                return self._end(event)
            case Failed():
                return event_bytes(jsonio.dumps(render_error(event.error)))
            case _:
                return b""

    def _open(self, event: PartOpen) -> bytes:
        if event.kind != "tool_call":
            self._kinds[event.index] = (event.kind, 0)
            self._begun[event.index] = self._said
            if event.kind == "thinking":
                thought = Thinking("", redacted=event.redacted, id=event.id, dialect=event.dialect)
                self._thoughts[event.index] = thought, []
            return self._picture(event) if event.kind == "opaque" else b""
        number = self._calls
        self._calls += 1
        if self._legacy:
            return self._open_legacy(event, number)
        self._kinds[event.index] = (event.tool_kind, number)
        inner = {"name": event.name, "input" if event.tool_kind == "custom" else "arguments": ""}
        call = {"index": number, "id": event.id, "type": event.tool_kind, event.tool_kind: inner}
        return self._delta({"tool_calls": [call]}) + self._detail(event.id or "")

    def _open_legacy(self, event: PartOpen, number: int) -> bytes:
        """The first call is all that the old form has room for; the model makes the others again."""
        self._kinds[event.index] = ("legacy" if number == 0 else "hidden", number)
        if number:
            self._unshown.notice(Aside("tool_calls", content=True))
            return b""
        return self._delta({"function_call": {"name": event.name, "arguments": ""}})

    def _picture(self, event: PartOpen) -> bytes:
        self._unshown.notice(event)
        found = shown_picture(CHAT, event)
        return b"" if found is None else self._delta({"images": [for_chat(found)]})

    def _sources(self, index: int) -> bytes:
        begun = self._begun[index]
        found = [_annotation(each, begun, self._said) for each in self._cited.pop(index)]
        return self._delta({"annotations": found})

    def _detail(self, name: str) -> bytes:
        """What another provider must see again of the thinking that came before."""
        thoughts, self._waiting = self._waiting, []
        if not thoughts:
            return b""
        self._details += 1
        return self._delta({KEY: [detail(name, self._details - 1, thoughts)]})

    def _piece(self, event: PartDelta) -> bytes:
        kind, number = self._kinds[event.index]
        if event.index in self._thoughts:
            self._think(event)
        if not event.text:
            return b""
        match kind:
            case "text":
                self._said += len(event.text)
                return self._delta({"content": event.text})
            case "thinking":
                return self._delta({"reasoning_content": event.text})
            case "custom" | "function":
                inner = {"input" if kind == "custom" else "arguments": event.text}
                return self._delta({"tool_calls": [{"index": number, kind: inner}]})
            case "legacy":
                return self._delta({"function_call": {"arguments": event.text}})
            case _:
                return b""

    def _think(self, event: PartDelta) -> None:
        thought, texts = self._thoughts[event.index]
        texts.append(event.text)
        if event.signature is not None:
            self._thoughts[event.index] = replace(thought, signature=event.signature), texts

    def _delta(self, delta: Body, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return event_bytes(jsonio.dumps({**self._base, "choices": [choice]}))

    def _end(self, event: Finish) -> bytes:
        self._unshown.end(event, self._usage)
        data = self._detail(f"reasoning_{self._details}") + self._delta({}, _reason(event.reason, self._legacy))
        if self._request.include_usage:
            data += event_bytes(jsonio.dumps({**self._base, "choices": [], "usage": usage_body(self._usage)}))
        return data + b"data: [DONE]\n\n"


def _annotation(found: Citation, begun: int, ended: int) -> Body:
    """`begun` and `ended` are where the text that cites stands among all texts."""
    start = begun + (found.start or 0)
    end = ended if found.end is None else min(begun + found.end, ended)
    place = {"start_index": min(start, end), "end_index": end}
    return {"type": "url_citation", "url_citation": {**place, "title": found.title, "url": found.url}}


def _annotations(answer: Answer) -> Iterator[Body]:
    said = 0
    for part in answer.parts:
        if isinstance(part, Text):
            begun, said = said, said + len(part.text)
            yield from (_annotation(each, begun, said) for each in part.citations)


def _images(answer: Answer) -> Iterator[Body]:
    for part in answer.parts:
        found = picture(part.raw, part.dialect) if isinstance(part, Opaque) else None
        if found is not None:
            yield for_chat(found)


def render_response(answer: Answer, request: Request, model: str) -> Body:
    text = "".join(part.text for part in answer.parts if isinstance(part, Text))
    thinking = "".join(part.text for part in answer.parts if isinstance(part, Thinking))
    calls = [_call(part) for part in answer.parts if isinstance(part, ToolCall)]
    message: Body = {"role": "assistant", "content": text or (None if calls else ""), "refusal": None}
    if thinking:
        message["reasoning_content"] = thinking
    legacy = is_legacy(request.tools)
    if calls and legacy:
        message["function_call"] = calls[0]["function"]
    elif calls:
        message["tool_calls"] = calls
    if kept := details(answer.parts):
        message[KEY] = kept
    more = {"annotations": list(_annotations(answer)), "images": list(_images(answer))}
    message |= {name: found for name, found in more.items() if found}
    reason = _reason(answer.finish or FinishReason.END_TURN, legacy)
    return {
        "id": answer.id or "chatcmpl-llr",
        "object": "chat.completion",
        "created": answer.created or 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": usage_body(answer.usage),
    }


def _reason(reason: FinishReason, legacy: bool) -> str:
    return FINISH if legacy and reason is FinishReason.TOOL_USE else REASON[reason]


def _call(call: ToolCall) -> Body:
    inner = {"name": call.name, "input" if call.kind == "custom" else "arguments": call.arguments}
    return {"id": call.id, "type": call.kind, call.kind: inner}
