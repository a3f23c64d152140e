"""Anthropic Messages answers as canonical events, streamed and whole.

Theory of operation. `message_start`, then content blocks one after the other (start, deltas, stop), `message_delta`
with the stop reason and the final usage, `message_stop`. Blocks of unknown types are gathered whole and travel as
opaque parts. Source: Anthropic documentation, "Streaming messages".
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import (
    Aside,
    Begin,
    Cause,
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
from addons.core.model import DialectName
from addons.dialects._anthropic_errors import error_info
from addons.dialects._anthropic_own import tool_input
from addons.dialects._asides import asides, citation, listed, unknown_counts
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
_PLAIN_BLOCKS = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})
_COUNTS = frozenset(
    ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details",
     "output_tokens_details.thinking_tokens")
)  # fmt: skip


# members with a canonical home, or that say what the answer says anyway
_MESSAGE = frozenset({"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"})
_PIECE = frozenset({"type", "text", "thinking", "signature", "partial_json", "citation"})
_TYPE_AND_WORDS = 2
_DELTA = frozenset({"type", "delta", "usage", "estimated_usage"})
_BLOCK = frozenset(
    ("type", "text", "thinking", "signature", "data", "id", "name", "input", "caller", "citations", "cache_control")
)  # fmt: skip


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """`input_tokens` leaves the cached shares out; the canonical count includes them."""
    read, write = raw.get("cache_read_input_tokens"), raw.get("cache_creation_input_tokens")
    fresh = raw.get("input_tokens")
    details = raw.get("output_tokens_details")
    return Usage(
        input=None if fresh is None else fresh + (read or 0) + (write or 0),
        output=raw.get("output_tokens"),
        cache_read=read,
        cache_write=write,
        reasoning=details.get("thinking_tokens") if isinstance(details, Mapping) else None,
        extras=unknown_counts(raw, _COUNTS, "output_tokens_details"),
    )


class AnthropicDecoder(SseDecoder):
    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[int, int] = {}
        self._opaque: dict[int, tuple[Body, list[str]]] = {}
        self._whole: dict[int, str] = {}
        self._count = 0
        self._usage: Body = {}
        self._stop: str | None = None
        self._sequence: str | None = None

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        kind = data.get("type") or name or ("error" if data.get("error") else "")
        handler = _HANDLERS.get(kind)
        return handler(self, data) if handler else ()

    def on_end(self, cause: Cause) -> Iterable[Event]:
        """Some gateways leave `message_stop` out; the stop reason says that the answer was whole."""
        if self._stop is None or cause is not Cause.COMPLETE:
            return (ending(cause),)
        return (*_unknown_reason(self._stop), self._finish())

    def message_start(self, data: Body) -> Iterator[Event]:
        message = data["message"]
        yield Begin(message.get("id"), message.get("model"))
        yield from asides(message, _MESSAGE)
        yield from self._report(message.get("usage"))

    def _next_index(self, number: int) -> int:
        """The provider's numbers are not trusted: some repeat one, or leave them all out."""
        index = self._parts[number] = self._count
        self._count += 1
        return index

    def block_start(self, data: Body) -> Iterator[Event]:
        block, number = data["content_block"], data.get("index", 0)
        if block["type"] not in _PLAIN_BLOCKS:
            self._opaque[number] = (dict(block), [])
            return
        index = self._next_index(number)
        if block["type"] == "tool_use" and block.get("input"):
            # some providers send the arguments here alone, others here and in deltas
            self._whole[number] = jsonio.text(block["input"])
            block = {**block, "input": {}}
        yield from block_opening(index, block)

    def block_delta(self, data: Body) -> Iterator[Event]:
        delta, number = data["delta"], data.get("index", 0)
        if number in self._opaque:
            if delta["type"] == "input_json_delta":
                self._opaque[number][1].append(delta["partial_json"])
            return
        index = self._parts[number]
        if len(delta) > _TYPE_AND_WORDS:
            yield from asides(delta, _PIECE, "delta.", content=True)
        match delta["type"]:
            case "text_delta":
                yield PartDelta(index, delta["text"])
            case "thinking_delta":
                yield PartDelta(index, delta["thinking"])
            case "signature_delta":
                yield PartDelta(index, signature=delta["signature"])
            case "input_json_delta" if delta.get("partial_json"):
                self._whole.pop(number, None)
                yield PartDelta(index, delta["partial_json"])
            case "citations_delta":
                yield _cited(index, delta.get("citation"))
            case "input_json_delta":
                pass
            case kind:
                yield Aside(f"delta.{kind}", content=True)

    def block_stop(self, data: Body) -> Iterator[Event]:
        number = data.get("index", 0)
        if number in self._opaque:
            raw, pieces = self._opaque.pop(number)
            if arguments := "".join(pieces):
                raw["input"] = tool_input(arguments)
            index = self._next_index(number)
            yield PartOpen(index, "opaque", dialect=CLAUDE, raw=raw)
        if number in self._whole:
            yield PartDelta(self._parts[number], self._whole.pop(number))
        yield PartClose(self._parts[number])

    def message_delta(self, data: Body) -> Iterator[Event]:
        delta = data.get("delta") or {}
        self._stop = delta.get("stop_reason") or self._stop
        self._sequence = delta.get("stop_sequence") or self._sequence
        yield from asides(delta, _MESSAGE)
        yield from asides(data, _DELTA)
        yield from self._report(data.get("usage"))

    def _report(self, usage: object) -> Iterator[Event]:
        """The cached shares may be told at the start alone: they count together with what is told later."""
        if isinstance(usage, dict):
            self._usage |= {key: value for key, value in usage.items() if value is not None}
            yield UsageReport(usage_of(self._usage))

    def message_stop(self, data: Body) -> Iterator[Event]:
        yield from _unknown_reason(self._stop)
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
    yield from _opened(index, block)
    yield from (_cited(index, each) for each in listed(block.get("citations")))
    yield from asides(block, _BLOCK, f"{block['type']}.")


def _cited(index: int, raw: object) -> Event:
    """A passage of a document has no address that others could be told."""
    found = citation(raw)
    return Aside("text.citations", content=True) if found is None else Cited(index, found)


def _unknown_reason(reason: str | None) -> Iterator[Event]:
    if reason and reason not in FINISH:
        yield Aside("finish_reason")


def _opened(index: int, block: Mapping[str, Any]) -> Iterator[Event]:
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
    """A whole answer; one of an unknown shape is malformed."""
    if body.get("error"):
        return lawful([Failed(error_info(body["error"]))])
    try:
        return lawful(list(_answer(body)))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return lawful([Failed(ErrorInfo(ErrorClass.MALFORMED, f"provider answer: unknown shape ({error!r})"))])


def _answer(body: Body) -> Iterator[Event]:
    yield Begin(body.get("id"), body.get("model"))
    yield from asides(body, _MESSAGE)
    for index, block in enumerate(body["content"] or ()):
        if block["type"] in _PLAIN_BLOCKS:
            yield from block_opening(index, block)
        else:
            yield PartOpen(index, "opaque", dialect=CLAUDE, raw=block)
        yield PartClose(index)
    if isinstance(body.get("usage"), dict):
        yield UsageReport(usage_of(body["usage"]))
    yield from _unknown_reason(body.get("stop_reason"))
    yield Finish(FINISH.get(body.get("stop_reason") or "", FinishReason.END_TURN), body.get("stop_sequence"))
