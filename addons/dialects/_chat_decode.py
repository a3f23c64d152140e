"""Chat Completions answers as events, streamed and whole.

Theory of operation. A chunk carries at most a few deltas of one choice. Parts open when their first delta comes:
reasoning, text, then a part for each tool call index. Text and thinking close when another part opens. A tool call
closes when the next one opens and its arguments are complete JSON; else it stays open, because the provider may be
interleaving. The finish reason is held back until `[DONE]` or the end of the stream: usage comes in between.

Some providers must see again what they say beside the words of their reasoning: OpenRouter's `reasoning_details`, and
the `extra_content` of a call of Google's. Both become the signature of a thinking part (`_chat_details`).
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
    Usage,
    UsageReport,
)
from addons.core.model import Citation, DialectName, ToolKind
from addons.dialects._asides import asides, citation, unknown_counts
from addons.dialects._chat_details import EXTRA, KEY, add_detail
from addons.dialects._openai_errors import error_info
from addons.dialects.base import Body, SseDecoder, ending, lawful

CHAT = DialectName.CHAT

FINISH: Mapping[str, FinishReason] = {
    "stop": FinishReason.END_TURN,
    "eos": FinishReason.END_TURN,
    "length": FinishReason.MAX_TOKENS,
    "max_tokens": FinishReason.MAX_TOKENS,
    "tool_calls": FinishReason.TOOL_USE,
    "function_call": FinishReason.TOOL_USE,
    "content_filter": FinishReason.REFUSAL,
    "refusal": FinishReason.REFUSAL,
}


# members with a canonical home, or that say what the answer says anyway
_TOP = frozenset({"id", "object", "created", "model", "choices", "usage", "obfuscation", "error"})
_CHOICE = frozenset({"index", "delta", "message", "finish_reason", "native_finish_reason", "error", "logprobs"})
_MESSAGE = frozenset(
    ("role", "content", "refusal", "reasoning_content", "reasoning", KEY, "tool_calls", "function_call",
     "annotations", "images")
)  # fmt: skip
_COUNTS = frozenset(
    ("prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details",
     "prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "prompt_tokens_details.cached_tokens",
     "prompt_tokens_details.cache_write_tokens", "completion_tokens_details.reasoning_tokens")
)  # fmt: skip


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """`prompt_tokens` counts cached tokens too. DeepSeek names the cached share `prompt_cache_hit_tokens`."""
    prompt = raw.get("prompt_tokens_details") or {}
    completion = raw.get("completion_tokens_details") or {}
    return Usage(
        input=raw.get("prompt_tokens"),
        output=raw.get("completion_tokens"),
        cache_read=prompt.get("cached_tokens", raw.get("prompt_cache_hit_tokens")),
        cache_write=prompt.get("cache_write_tokens"),
        reasoning=completion.get("reasoning_tokens"),
        extras=unknown_counts(raw, _COUNTS, "prompt_tokens_details", "completion_tokens_details"),
    )


class Parts:
    """Turns the deltas of one choice into part events."""

    def __init__(self) -> None:
        self._next = 0
        self._plain: tuple[str, int] | None = None
        self._calls: dict[int, tuple[int, list[str]]] = {}
        self._open_calls: dict[int, None] = {}
        self._details: list[Body] = []
        self._sources: list[Citation] = []

    @property
    def called(self) -> bool:
        return bool(self._calls)

    def plain(self, kind: str, text: str) -> Iterator[Event]:
        """Text or thinking."""
        if self._plain is None or self._plain[0] != kind:
            yield from self._close_plain()
            yield from self._close_calls()
            self._plain = (kind, self._next)
            yield PartOpen(self._next, "thinking" if kind == "thinking" else "text", dialect=CHAT)
            self._next += 1
        yield PartDelta(self._plain[1], text)
        if self._sources and kind == "text":
            yield from self._cite()

    def sources(self, annotations: object) -> Iterator[Event]:
        """What the text rests on; some providers tell it before they say anything."""
        for each in annotations if isinstance(annotations, list) else ():
            found = citation(each.get("url_citation")) if isinstance(each, dict) else None
            if found is None:
                yield Aside("message.annotations", content=True)
            else:
                self._sources.append(found)
        if self._plain is not None and self._plain[0] == "text":
            yield from self._cite()

    def _cite(self) -> Iterator[Event]:
        assert self._plain is not None
        found, self._sources = self._sources, []
        yield from (Cited(self._plain[1], each) for each in found)

    def pictures(self, images: object) -> Iterator[Event]:
        """What the model has painted, as OpenRouter tells it."""
        for each in images if isinstance(images, list) else ():
            yield from self._close_plain()
            index = self._next
            self._next += 1
            yield PartOpen(index, "opaque", dialect=CHAT, raw=each if isinstance(each, dict) else {"type": "image_url"})
            yield PartClose(index)

    def details(self, raw: object) -> None:
        """More of the details of the reasoning."""
        for each in raw if isinstance(raw, list) else ():
            if isinstance(each, dict):
                add_detail(self._details, each)

    def end(self) -> Iterator[Event]:
        """Nothing more comes: what was kept of the reasoning is told."""
        if self._plain is not None and self._plain[0] == "thinking":
            yield from self._close_plain()
        if self._details:
            kept, self._details = self._details, []
            yield from self._silent({KEY: kept})
        if self._sources:
            self._sources.clear()
            yield Aside("message.annotations", content=True)

    def _silent(self, kept: Body) -> Iterator[Event]:
        """Thinking without words."""
        index = self._next
        self._next += 1
        yield PartOpen(index, "thinking", dialect=CHAT)
        yield PartDelta(index, signature=jsonio.text(kept))
        yield PartClose(index)

    def call(self, key: int, call: Mapping[str, Any]) -> Iterator[Event]:
        """A piece of the tool call `key`, of a function or of a custom tool."""
        kind: ToolKind = "custom" if isinstance(call.get("custom"), dict) else "function"
        inner = call.get(kind) or {}
        if key not in self._calls:
            yield from self.end()
            yield from self._close_plain()
            yield from self._close_calls()
            if isinstance(call.get(EXTRA), dict):
                yield from self._silent({EXTRA: call[EXTRA]})
            index = self._next
            self._next += 1
            self._calls[key] = (index, [])
            self._open_calls[key] = None
            call_id, name = call.get("id") or f"call_{index}", inner.get("name") or ""
            yield PartOpen(index, "tool_call", id=call_id, name=name, tool_kind=kind)
        arguments = inner.get("input" if kind == "custom" else "arguments")
        if isinstance(arguments, (dict, list)):
            arguments = jsonio.text(arguments)
        if arguments:
            index, pieces = self._calls[key]
            pieces.append(arguments)
            yield PartDelta(index, arguments)

    def key(self, call: Mapping[str, Any], position: int) -> int:
        """Which call a piece belongs to: by its index; without one, a piece with a new id opens a call."""
        index = call.get("index")
        if isinstance(index, int):
            return index
        if call.get("id") is None and self._calls:
            return max(self._calls)
        return len(self._calls) + position if call.get("id") else position

    def _close_plain(self) -> Iterator[Event]:
        if self._plain is not None:
            if self._plain[0] == "thinking" and self._details:
                kept, self._details = self._details, []
                yield PartDelta(self._plain[1], signature=jsonio.text({KEY: kept}))
            yield PartClose(self._plain[1])
            self._plain = None

    def _close_calls(self) -> Iterator[Event]:
        for key in list(self._open_calls):
            index, pieces = self._calls[key]
            if _complete("".join(pieces)):
                del self._open_calls[key]
                yield PartClose(index)


def _complete(arguments: str) -> bool:
    try:
        jsonio.loads(arguments)
    except jsonio.JsonError:
        return False
    return True


class ChatDecoder(SseDecoder):
    def __init__(self) -> None:
        super().__init__()
        self._parts = Parts()
        self._finish: str | None = None

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        if data.get("error"):
            return (Failed(error_info(CHAT, data["error"])),)
        return self._chunk(data)

    def _chunk(self, data: Body) -> Iterator[Event]:
        yield Begin(data.get("id"), data.get("model"), data.get("created"))
        for choice in data.get("choices") or ():
            if choice.get("index", 0) != 0:
                yield Aside("choices[].index", content=True)
                continue
            if choice.get("logprobs") or not _CHOICE.issuperset(choice):
                yield from _beside(choice)
            yield from self._delta(choice.get("delta") or choice.get("message") or {})
            if choice.get("error"):
                yield Failed(error_info(CHAT, choice["error"]))
            self._finish = choice.get("finish_reason") or self._finish
        if self._finish is not None:
            # every chunk repeats them
            yield from asides(data, _TOP)
        if isinstance(data.get("usage"), dict):
            yield UsageReport(usage_of(data["usage"]))

    def _delta(self, delta: Mapping[str, Any]) -> Iterator[Event]:
        yield from delta_events(self._parts, delta)

    def on_end(self, cause: Cause) -> Iterable[Event]:
        if self._finish is None or cause is not Cause.COMPLETE:
            return (ending(cause),)
        return (*self._parts.end(), *_unknown_reason(self._finish), finish(self._finish, self._parts.called))


_PLAIN = _MESSAGE - {"annotations", "images"}


def delta_events(parts: Parts, delta: Mapping[str, Any]) -> Iterator[Event]:
    """The events of one delta, or of a whole message."""
    thinking = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(thinking, str) and thinking:
        yield from parts.plain("thinking", thinking)
    parts.details(delta.get(KEY))
    for key in ("content", "refusal"):
        if isinstance(delta.get(key), str) and delta[key]:
            yield from parts.plain("text", delta[key])
    if not _PLAIN.issuperset(delta):
        yield from parts.sources(delta.get("annotations"))
        yield from parts.pictures(delta.get("images"))
        yield from asides(delta, _MESSAGE, "message.", content=True)
    for position, call in enumerate(delta.get("tool_calls") or ()):
        yield from parts.call(parts.key(call, position), call)
    legacy = delta.get("function_call")
    if isinstance(legacy, dict):
        yield from parts.call(0, {"id": legacy.get("name"), "function": legacy})


def _beside(choice: Mapping[str, Any]) -> Iterator[Event]:
    """Most providers say with every piece that it has no `logprobs`."""
    yield from asides(choice, _CHOICE - {"logprobs"}, "choices[].")


def _unknown_reason(reason: object) -> Iterator[Event]:
    if isinstance(reason, str) and reason not in FINISH:
        yield Aside("finish_reason")


def finish(reason: object, called: bool) -> Event:
    """The terminal event of a finish reason. Some providers say `stop` after tool calls."""
    if reason == "error":
        return Failed(ErrorInfo(ErrorClass.TEMPORARY, "the provider ended the answer with an error"))
    found = FINISH.get(reason, FinishReason.END_TURN) if isinstance(reason, str) else FinishReason.END_TURN
    return Finish(FinishReason.TOOL_USE if called and found is FinishReason.END_TURN else found)


def parse_response(body: Body) -> list[Event]:
    parts = Parts()
    events: list[Event] = [Begin(body.get("id"), body.get("model"), body.get("created"))]
    choice, *others = body.get("choices") or (None,)
    if not isinstance(choice, dict):
        return lawful([Failed(ErrorInfo(ErrorClass.MALFORMED, "the provider's answer has no choices"))])
    events += [*delta_events(parts, choice.get("message") or {}), *parts.end()]
    events += [
        *_beside(choice),
        *asides(body, _TOP),
        *_unknown_reason(choice.get("finish_reason")),
    ]
    events += [Aside("choices[].index", content=True)] if others else []
    if isinstance(body.get("usage"), dict):
        events.append(UsageReport(usage_of(body["usage"])))
    return lawful([*events, finish(choice.get("finish_reason") or "stop", parts.called)])
