"""Chat Completions answers as events, streamed and whole.

Theory of operation. A chunk carries at most a few deltas of one choice; what they make is decided in `_chat_parts`. The
finish reason is held back until `[DONE]` or the end of the stream: usage comes in between.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import (
    Aside,
    Begin,
    Cause,
    Event,
    Failed,
    Finish,
    FinishReason,
    Usage,
    UsageReport,
)
from addons.core.model import DialectName
from addons.dialects._asides import asides, unknown_counts
from addons.dialects._chat_parts import Parts, delta_events
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
