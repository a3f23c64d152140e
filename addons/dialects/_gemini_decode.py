"""Gemini answers as events, streamed and whole. Source: Gemini API reference, "GenerateContentResponse".

Theory of operation. Every chunk is a whole response with a piece of the candidate's content. There is no end mark:
an answer that has a finish reason is complete when its stream ends (some models give one with every chunk, and the
token counts may come after it). A prompt that was blocked has no candidates at all, only the reason.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from addons.core import jsonio
from addons.core.errors import ErrorClass, ErrorInfo, RemoteDataError
from addons.core.events import Aside, Begin, Cause, Event, Failed, Finish, FinishReason, Usage, UsageReport
from addons.core.sse import SseEvent
from addons.dialects._asides import asides
from addons.dialects._gemini_grounding import sources
from addons.dialects._gemini_parts import OPAQUE, Parts
from addons.dialects._gemini_provider_errors import error_info
from addons.dialects.base import Body, Look, Peek, SseDecoder, ending, lawful, malformed_peek

FINISH: Mapping[str, FinishReason] = {
    "STOP": FinishReason.END_TURN,
    "MAX_TOKENS": FinishReason.MAX_TOKENS,
    "SAFETY": FinishReason.REFUSAL,
    "RECITATION": FinishReason.REFUSAL,
    "LANGUAGE": FinishReason.REFUSAL,
    "BLOCKLIST": FinishReason.REFUSAL,
    "PROHIBITED_CONTENT": FinishReason.REFUSAL,
    "SPII": FinishReason.REFUSAL,
    "IMAGE_SAFETY": FinishReason.REFUSAL,
    "IMAGE_PROHIBITED_CONTENT": FinishReason.REFUSAL,
    "IMAGE_RECITATION": FinishReason.REFUSAL,
    "CONTINUATION": FinishReason.PAUSE_TURN,
}
# the model stumbled: asking again helps, an empty success would not
STUMBLED = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"})
UNSAID = "FINISH_REASON_UNSPECIFIED"

# members with a canonical home
_TOP = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId", "promptFeedback", "error"})
_CANDIDATE = frozenset({"content", "finishReason", "index"})
_CONTENT = frozenset({"parts", "role"})
_OTHERS = _CANDIDATE | {"groundingMetadata"}
_BLOCKED = frozenset({"blockReason"})
_COUNTS = frozenset(
    ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount",
     "cachedContentTokenCount", "totalTokenCount")
)  # fmt: skip

MARKS = re.compile(rb'"error"|"finishReason"|"blockReason"|\[DONE\]')


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """`promptTokenCount` counts cached tokens too; the results of the provider's own tools and the thoughts are
    counted beside prompt and candidates."""
    thoughts = _count(raw, "thoughtsTokenCount")
    return Usage(
        input=_sum(_count(raw, "promptTokenCount"), _count(raw, "toolUsePromptTokenCount")),
        output=_sum(_count(raw, "candidatesTokenCount"), thoughts),
        cache_read=_count(raw, "cachedContentTokenCount"),
        reasoning=thoughts,
        extras={name: value for name, value in raw.items() if name not in _COUNTS},
    )


def _count(raw: Mapping[str, Any], key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


class _Answer:
    """One answer, fed with its chunks (or with the whole of it as a single one)."""

    def __init__(self) -> None:
        self.parts = Parts()
        self.finish: str | None = None
        self._message: str | None = None
        self._blocked: str | None = None

    def chunk(self, body: Body) -> Iterator[Event]:
        if body.get("error"):
            yield Failed(error_info(body["error"]))
            return
        response_id = body.get("responseId")
        self.parts.seed = self.parts.seed or str(response_id or "")
        yield Begin(response_id, body.get("modelVersion"))
        for candidate in body.get("candidates") or ():
            if candidate.get("index", 0) == 0:
                yield from self._candidate(candidate)
            else:
                yield Aside("candidates[].index", content=True)
        if not _TOP.issuperset(body):
            yield from asides(body, _TOP)
        if feedback := body.get("promptFeedback"):
            yield from asides(feedback, _BLOCKED, "promptFeedback.")
            self._blocked = feedback.get("blockReason") or self._blocked
        if isinstance(body.get("usageMetadata"), dict):
            yield UsageReport(usage_of(body["usageMetadata"]))

    def _candidate(self, candidate: Mapping[str, Any]) -> Iterator[Event]:
        content = candidate.get("content") or {}
        for part in content.get("parts") or ():
            yield from self.parts.part(part)
        if not (_CANDIDATE.issuperset(candidate) and _CONTENT.issuperset(content)):
            yield from self._beside(candidate, content)
        reason = candidate.get("finishReason")
        if reason and reason != UNSAID:
            self.finish = str(reason)
            self._message = candidate.get("finishMessage") or self._message

    def _beside(self, candidate: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Event]:
        metadata = candidate.get("groundingMetadata")
        if isinstance(metadata, Mapping):
            yield from self.parts.cite(sources(metadata))
        yield from asides(candidate, _OTHERS, "candidates[].")
        yield from asides(content, _CONTENT, "candidates[].content.", content=True)

    def end(self, cause: Cause) -> Iterator[Event]:
        """The terminal events. With a reason to finish the answer is whole however its bytes ended."""
        if self.finish is None and self._blocked is None:
            yield ending(cause)
            return
        yield from self.parts.end()
        if self.finish is not None and self.finish not in FINISH:
            yield Aside("finish_reason")
        yield self._terminal()

    def _terminal(self) -> Event:
        if self.finish is None:
            return Finish(FinishReason.REFUSAL)
        found = FINISH.get(self.finish)
        if self.finish in STUMBLED or (found is None and self.parts.empty):
            told = f": {self._message}" if isinstance(self._message, str) else ""
            return Failed(ErrorInfo(ErrorClass.TEMPORARY, f"the model ended with {self.finish}{told}"))
        if self.parts.called and found in (None, FinishReason.END_TURN):
            return Finish(FinishReason.TOOL_USE)
        return Finish(found or FinishReason.END_TURN)


class GeminiDecoder(SseDecoder):
    def __init__(self) -> None:
        super().__init__()
        self._answer = _Answer()

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        return self._answer.chunk(data)

    def on_end(self, cause: Cause) -> Iterable[Event]:
        return self._answer.end(cause)

    def _decode(self, found: list[SseEvent]) -> list[Event]:
        return super()._decode([each for event in found for each in _flat(event)])


def _flat(event: SseEvent) -> list[SseEvent]:
    """An event whose data is a list (of chunks, or of an error) as one event for each of its objects."""
    if event.data[:1] != b"[" or event.data == b"[DONE]":
        return [event]
    try:
        values = jsonio.loads(event.data)
    except jsonio.JsonError:
        return [event]
    return [replace(event, data=jsonio.dumps(value)) for value in values]


def parse_response(body: Body) -> list[Event]:
    """The events of a whole answer; one without a finish reason is taken as finished."""
    answer = _Answer()
    try:
        events = list(answer.chunk(body))
        if isinstance(events[0], Begin) and not body.get("candidates") and not _blocked(body):
            raise RemoteDataError("it has no candidates")
        answer.finish = answer.finish or (None if _blocked(body) else "STOP")
        return lawful([*events, *answer.end(Cause.COMPLETE)])
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RemoteDataError) as error:
        return lawful([Failed(ErrorInfo(ErrorClass.MALFORMED, f"the provider's answer cannot be read: {error}"))])


def _blocked(body: Body) -> bool:
    feedback = body.get("promptFeedback")
    return not body.get("candidates") and isinstance(feedback, dict) and bool(feedback.get("blockReason"))


def peek(event: SseEvent) -> Peek:
    """What a chunk of a forwarded stream means. A finish reason makes the answer whole, but counts may still follow
    it, and some models repeat it with every chunk: it is never the end."""
    if event.data == b"[DONE]":
        return Peek(Look.DONE)
    try:
        bodies = [jsonio.loads(each.data) for each in _flat(event)]
        peeks = [_peek(body) for body in bodies]
    except (jsonio.JsonError, AttributeError, TypeError, LookupError, ValueError) as error:
        return malformed_peek(event, error)
    if not peeks:
        return Peek(Look.QUIET)
    looks = [each.look for each in peeks]
    first = next(look for look in (Look.ERROR, Look.COMPLETE, Look.CONTENT, Look.QUIET) if look in looks)
    usage = next((each.usage for each in reversed(peeks) if each.usage is not None), None)
    return Peek(first, next((each.error for each in peeks if each.error is not None), None), usage)


def _peek(body: Mapping[str, Any]) -> Peek:
    if body.get("error"):
        return Peek(Look.ERROR, error_info(body["error"]))
    raw = body.get("usageMetadata")
    usage = usage_of(raw) if isinstance(raw, dict) else None
    if (body.get("promptFeedback") or {}).get("blockReason"):
        return Peek(Look.COMPLETE, usage=usage)
    look = Look.QUIET
    for candidate in body.get("candidates") or ():
        reason = candidate.get("finishReason")
        if reason and reason != UNSAID:
            return Peek(Look.COMPLETE, usage=usage)
        parts = (candidate.get("content") or {}).get("parts") or ()
        if any(part.get(key) for part in parts for key in ("text", "functionCall", *OPAQUE)):
            look = Look.CONTENT
    return Peek(look, usage=usage)
