"""Anthropic Messages answers: stream events to canonical events and back, whole answers likewise.

Theory of operation. `message_start`, then content blocks one after the other (start, deltas, stop), `message_delta`
with the stop reason and the final usage, `message_stop`. Blocks of unknown types are gathered whole and travel as
opaque parts. Source: Anthropic documentation, "Streaming messages".
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.accumulate import Answer, merge_usage
from addons.core.events import (
    Begin,
    Cause,
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
from addons.core.model import DialectName, Opaque, Request, Text, Thinking, ToolCall
from addons.core.sse import event_bytes
from addons.dialects._anthropic_errors import error_info, render_error
from addons.dialects.base import Body, SseDecoder, ending, lawful

CLAUDE = DialectName.ANTHROPIC

FINISH: Mapping[str, FinishReason] = {
    "end_turn": FinishReason.END_TURN,
    "max_tokens": FinishReason.MAX_TOKENS,
    "stop_sequence": FinishReason.STOP_SEQUENCE,
    "tool_use": FinishReason.TOOL_USE,
    "refusal": FinishReason.REFUSAL,
    "pause_turn": FinishReason.PAUSE_TURN,
    "model_context_window_exceeded": FinishReason.CONTEXT_WINDOW,
}
REASON: Mapping[FinishReason, str] = {reason: word for word, reason in FINISH.items()}
_PLAIN_BLOCKS = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})
_USAGE_FIELDS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """`input_tokens` leaves the cached shares out; the canonical count includes them."""
    read, write = raw.get("cache_read_input_tokens"), raw.get("cache_creation_input_tokens")
    fresh = raw.get("input_tokens")
    return Usage(
        input=None if fresh is None else fresh + (read or 0) + (write or 0),
        output=raw.get("output_tokens"),
        cache_read=read,
        cache_write=write,
        extras={key: value for key, value in raw.items() if key not in _USAGE_FIELDS},
    )


def usage_body(usage: Usage) -> Body:
    read, write = usage.cache_read or 0, usage.cache_write or 0
    return {
        "input_tokens": max((usage.input or 0) - read - write, 0),
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "output_tokens": usage.output or 0,
    }


class AnthropicDecoder(SseDecoder):
    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[int, int] = {}
        self._opaque: dict[int, tuple[Body, list[str]]] = {}
        self._stop: str | None = None
        self._sequence: str | None = None

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        handler = _HANDLERS.get(data.get("type", name))
        return handler(self, data) if handler else ()

    def on_end(self, cause: Cause) -> Iterable[Event]:
        """Some gateways leave `message_stop` out; the stop reason says that the answer was whole."""
        if self._stop is None or cause is not Cause.COMPLETE:
            return (ending(cause),)
        return (self._finish(),)

    def message_start(self, data: Body) -> Iterator[Event]:
        message = data["message"]
        yield Begin(message.get("id"), message.get("model"))
        if isinstance(message.get("usage"), dict):
            yield UsageReport(usage_of(message["usage"]))

    def block_start(self, data: Body) -> Iterator[Event]:
        block, number = data["content_block"], data.get("index", 0)
        if block["type"] not in _PLAIN_BLOCKS:
            self._opaque[number] = (dict(block), [])
            return
        index = self._parts[number] = len(self._parts)
        yield from block_opening(index, block)

    def block_delta(self, data: Body) -> Iterator[Event]:
        delta, number = data["delta"], data.get("index", 0)
        if number in self._opaque:
            if delta["type"] == "input_json_delta":
                self._opaque[number][1].append(delta["partial_json"])
            return
        index = self._parts[number]
        match delta["type"]:
            case "text_delta":
                yield PartDelta(index, delta["text"])
            case "thinking_delta":
                yield PartDelta(index, delta["thinking"])
            case "signature_delta":
                yield PartDelta(index, signature=delta["signature"])
            case "input_json_delta" if delta.get("partial_json"):
                yield PartDelta(index, delta["partial_json"])
            case _:
                pass

    def block_stop(self, data: Body) -> Iterator[Event]:
        number = data.get("index", 0)
        if number in self._opaque:
            raw, pieces = self._opaque.pop(number)
            if pieces:
                raw["input"] = jsonio.loads("".join(pieces))
            index = self._parts[number] = len(self._parts)
            yield PartOpen(index, "opaque", dialect=CLAUDE, raw=raw)
        yield PartClose(self._parts[number])

    def message_delta(self, data: Body) -> Iterator[Event]:
        delta = data.get("delta") or {}
        self._stop = delta.get("stop_reason") or self._stop
        self._sequence = delta.get("stop_sequence") or self._sequence
        if isinstance(data.get("usage"), dict):
            yield UsageReport(usage_of(data["usage"]))

    def message_stop(self, data: Body) -> Iterator[Event]:
        yield self._finish()

    def ping(self, data: Body) -> Iterator[Event]:
        yield Ping()

    def error(self, data: Body) -> Iterator[Event]:
        yield Failed(error_info(data.get("error")))

    def _finish(self) -> Finish:
        return Finish(FINISH.get(self._stop or "", FinishReason.END_TURN), self._sequence)


_HANDLERS = {
    "message_start": AnthropicDecoder.message_start,
    "content_block_start": AnthropicDecoder.block_start,
    "content_block_delta": AnthropicDecoder.block_delta,
    "content_block_stop": AnthropicDecoder.block_stop,
    "message_delta": AnthropicDecoder.message_delta,
    "message_stop": AnthropicDecoder.message_stop,
    "ping": AnthropicDecoder.ping,
    "error": AnthropicDecoder.error,
}


def block_opening(index: int, block: Mapping[str, Any]) -> Iterator[Event]:
    """A block's opening, with whatever content it brings along (whole blocks bring all of it)."""
    match block["type"]:
        case "text":
            yield PartOpen(index, "text")
            if block.get("text"):
                yield PartDelta(index, block["text"])
        case "thinking":
            yield PartOpen(index, "thinking", dialect=CLAUDE)
            if block.get("thinking") or block.get("signature"):
                yield PartDelta(index, block.get("thinking") or "", signature=block.get("signature") or None)
        case "redacted_thinking":
            yield PartOpen(index, "thinking", redacted=True, dialect=CLAUDE)
            yield PartDelta(index, signature=block["data"])
        case "tool_use":
            yield PartOpen(index, "tool_call", id=block["id"], name=block["name"])
            if block.get("input"):
                yield PartDelta(index, jsonio.text(block["input"]))


def parse_response(body: Body) -> list[Event]:
    events: list[Event] = [Begin(body.get("id"), body.get("model"))]
    for index, block in enumerate(body.get("content") or ()):
        if block["type"] in _PLAIN_BLOCKS:
            events += block_opening(index, block)
        else:
            events.append(PartOpen(index, "opaque", dialect=CLAUDE, raw=block))
        events.append(PartClose(index))
    if isinstance(body.get("usage"), dict):
        events.append(UsageReport(usage_of(body["usage"])))
    reason = FINISH.get(body.get("stop_reason") or "", FinishReason.END_TURN)
    return lawful([*events, Finish(reason, body.get("stop_sequence"))])


class AnthropicEncoder:
    def __init__(self, request: Request, model: str) -> None:
        self._model = model
        self._usage = Usage()
        self._blocks: dict[int, tuple[str, int]] = {}
        self._begin: Begin | None = None
        self._started = False
        self._called = False
        self._signed: set[int] = set()

    def feed(self, event: Event) -> bytes:
        match event:
            case Begin():
                self._begin = event
                return b""
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
                return b""
            case Failed():
                return event_bytes(jsonio.dumps(render_error(event.error)), "error")
            case _:
                return self._start() + self._content(event)

    def _start(self) -> bytes:
        """`message_start`, as late as possible: usage that the provider reports at once is in it."""
        if self._started:
            return b""
        self._started = True
        message: Body = {
            "id": (self._begin.id if self._begin else None) or "msg_llr",
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_body(self._usage),
        }
        return _event("message_start", message=message)

    def _content(self, event: Event) -> bytes:
        match event:
            case PartOpen():
                return self._open(event)
            case PartDelta():
                return self._delta(event)
            case PartClose():
                return self._close(event.index)
            case Ping():
                return _event("ping")
            case Finish():
                return self._end(event)
            case _:
                return b""

    def _open(self, event: PartOpen) -> bytes:
        block = _opening_block(event)
        if block is None:
            return b""
        kind = "redacted" if event.redacted else event.kind
        number = len(self._blocks)
        self._blocks[event.index] = (kind, number)
        self._called |= event.kind == "tool_call"
        return b"" if kind == "redacted" else _event("content_block_start", index=number, content_block=block)

    def _delta(self, event: PartDelta) -> bytes:
        if event.index not in self._blocks:
            return b""
        kind, number = self._blocks[event.index]
        if kind == "redacted":
            block = {"type": "redacted_thinking", "data": event.signature or ""}
            return _event("content_block_start", index=number, content_block=block)
        out = b""
        if event.text:
            out += _event("content_block_delta", index=number, delta=_DELTAS[kind](event.text))
        if event.signature is not None and kind == "thinking":
            self._signed.add(event.index)
            delta = {"type": "signature_delta", "signature": event.signature}
            out += _event("content_block_delta", index=number, delta=delta)
        return out

    def _close(self, index: int) -> bytes:
        if index not in self._blocks:
            return b""
        kind, number = self._blocks[index]
        out = b""
        if kind == "thinking" and index not in self._signed:
            out = _event("content_block_delta", index=number, delta={"type": "signature_delta", "signature": ""})
        return out + _event("content_block_stop", index=number)

    def _end(self, event: Finish) -> bytes:
        delta = {"stop_reason": stop_reason(event.reason, self._called), "stop_sequence": event.stop_sequence}
        return _event("message_delta", delta=delta, usage=usage_body(self._usage)) + _event("message_stop")


_DELTAS = {
    "text": lambda text: {"type": "text_delta", "text": text},
    "thinking": lambda text: {"type": "thinking_delta", "thinking": text},
    "tool_call": lambda text: {"type": "input_json_delta", "partial_json": text},
}


def _opening_block(event: PartOpen) -> Body | None:
    match event.kind:
        case "text":
            return {"type": "text", "text": ""}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_call":
            return {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
        case "opaque":
            return dict(event.raw or {}) if event.dialect is CLAUDE else None


def _event(kind: str, **members: Any) -> bytes:
    return event_bytes(jsonio.dumps({"type": kind, **members}), kind)


def stop_reason(reason: FinishReason, called: bool) -> str:
    return "tool_use" if called and reason is FinishReason.END_TURN else REASON[reason]


def render_response(answer: Answer, request: Request, model: str) -> Body:
    blocks = [block for part in answer.parts if (block := _block(part)) is not None]
    called = any(isinstance(part, ToolCall) for part in answer.parts)
    return {
        "id": answer.id or "msg_llr",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": stop_reason(answer.finish or FinishReason.END_TURN, called),
        "stop_sequence": answer.stop_sequence,
        "usage": usage_body(answer.usage),
    }


def _block(part: object) -> Body | None:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Thinking(redacted=True):
            return {"type": "redacted_thinking", "data": part.signature or ""}
        case Thinking():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature or ""}
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": _input(part.arguments)}
        case Opaque(dialect=DialectName.ANTHROPIC):
            return dict(part.raw)
        case _:
            return None


def _input(arguments: str) -> object:
    """A whole answer carries the arguments as an object; what a model garbled is kept as text in it."""
    try:
        value = jsonio.loads(arguments or "{}")
    except jsonio.JsonError:
        return {"arguments": arguments}
    return value if isinstance(value, dict) else {"arguments": arguments}
