"""Responses answers as events. Source: OpenAI API reference, "Streaming events" of Responses.

Theory of operation. Items are announced (`output_item.added`), filled by deltas and finished (`output_item.done`);
`response.completed` repeats them all. Providers leave any of the three out, so every stage only adds what the
earlier ones did not bring: a part's text so far is compared with what a `done` says, and the rest is emitted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core.errors import ErrorInfo
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
    Usage,
    UsageReport,
)
from addons.core.model import DialectName
from addons.dialects._openai_errors import error_info
from addons.dialects.base import Body, SseDecoder, ending, lawful

RESPONSES = DialectName.RESPONSES

INCOMPLETE: Mapping[str, FinishReason] = {
    "max_output_tokens": FinishReason.MAX_TOKENS,
    "content_filter": FinishReason.REFUSAL,
}
_ARGUMENTS: Mapping[str, str] = {"function_call": "arguments", "custom_tool_call": "input"}


def usage_of(raw: Mapping[str, Any]) -> Usage:
    given = raw.get("input_tokens_details") or {}
    made = raw.get("output_tokens_details") or {}
    return Usage(
        input=raw.get("input_tokens"),
        output=raw.get("output_tokens"),
        cache_read=given.get("cached_tokens"),
        cache_write=given.get("cache_write_tokens"),
        reasoning=made.get("reasoning_tokens"),
    )


class Items:
    """Output items to part events: each `output_index` is one or (for messages with several contents) more parts."""

    def __init__(self) -> None:
        self._next = 0
        self._parts: dict[tuple[int, int], int] = {}
        self._text: dict[int, list[str]] = {}
        self._open: dict[int, set[int]] = {}
        self._summaries: dict[int, int] = {}
        self.finished: set[int] = set()
        self.called = False

    def added(self, output: int, item: Mapping[str, Any]) -> Iterator[Event]:
        kind = item.get("type")
        if kind in _ARGUMENTS:
            yield from self._opened(output, 0, _call_opening(item))
        elif kind == "reasoning":
            yield from self._opened(output, 0, _thinking_opening(item))

    def delta(self, output: int, content: int, text: str) -> Iterator[Event]:
        """More text of a part; a part that nobody announced is text."""
        yield from self._opened(output, content, PartOpen(0, "text"))
        if text:
            index = self._parts[output, content]
            self._text[index].append(text)
            yield PartDelta(index, text)

    def thinking(self, output: int, summary: int, text: str) -> Iterator[Event]:
        """More of a reasoning summary; its pieces are set apart by a blank line."""
        yield from self._opened(output, 0, PartOpen(0, "thinking", dialect=RESPONSES))
        if self._summaries.setdefault(output, summary) != summary:
            self._summaries[output] = summary
            text = f"\n\n{text}"
        yield from self.delta(output, 0, text)

    def whole(self, output: int, content: int, text: str) -> Iterator[Event]:
        """A `done` event says what the part is in all: what is missing is emitted."""
        key = (output, content)
        so_far = "".join(self._text[self._parts[key]]) if key in self._parts else ""
        if text.startswith(so_far) and len(text) > len(so_far):
            yield from self.delta(output, content, text[len(so_far) :])

    def done(self, output: int, item: Mapping[str, Any]) -> Iterator[Event]:
        if output in self.finished:
            return
        self.finished.add(output)
        kind = item.get("type")
        if kind == "message":
            for number, part in enumerate(item.get("content") or ()):
                yield from self.whole(output, number, part.get("text") or part.get("refusal") or "")
        elif kind == "reasoning":
            yield from self._reasoned(output, item)
        elif kind in _ARGUMENTS:
            yield from self.added(output, item)
            yield from self.whole(output, 0, item.get(_ARGUMENTS[str(kind)]) or "")
        else:
            yield from self._opened(output, 0, PartOpen(0, "opaque", dialect=RESPONSES, raw=item))
        for index in sorted(self._open.pop(output, ())):
            yield PartClose(index)

    def _reasoned(self, output: int, item: Mapping[str, Any]) -> Iterator[Event]:
        yield from self.added(output, item)
        pieces = item.get("summary") or item.get("content") or ()
        yield from self.whole(output, 0, "\n\n".join(piece.get("text", "") for piece in pieces))
        if item.get("encrypted_content"):
            yield PartDelta(self._parts[output, 0], signature=item["encrypted_content"])

    def _opened(self, output: int, content: int, opening: PartOpen) -> Iterator[Event]:
        if (output, content) in self._parts:
            return
        index = self._next
        self._next += 1
        self._parts[output, content] = index
        self._text[index] = []
        self._open.setdefault(output, set()).add(index)
        self.called |= opening.kind == "tool_call"
        yield PartOpen(
            index,
            opening.kind,
            id=opening.id,
            name=opening.name,
            namespace=opening.namespace,
            tool_kind=opening.tool_kind,
            dialect=opening.dialect,
            raw=opening.raw,
        )


def _call_opening(item: Mapping[str, Any]) -> PartOpen:
    kind = "custom" if item["type"] == "custom_tool_call" else "function"
    return PartOpen(
        0,
        "tool_call",
        id=item.get("call_id") or item.get("id"),
        name=item.get("name"),
        namespace=item.get("namespace"),
        tool_kind="custom" if kind == "custom" else "function",
    )


def _thinking_opening(item: Mapping[str, Any]) -> PartOpen:
    return PartOpen(0, "thinking", id=item.get("id"), dialect=RESPONSES)


class ResponsesDecoder(SseDecoder):
    def __init__(self) -> None:
        super().__init__()
        self._items = Items()

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        kind = data.get("type", name)
        output, content = data.get("output_index", 0), data.get("content_index", 0)
        match kind:
            case "response.created" | "response.in_progress":
                return (_begin(data["response"]),)
            case "response.output_item.added":
                return self._items.added(output, data["item"])
            case "response.output_item.done":
                return self._items.done(output, data["item"])
            case "response.output_text.delta" | "response.refusal.delta":
                return self._items.delta(output, content, data["delta"])
            case "response.output_text.done":
                return self._items.whole(output, content, data["text"])
            case "response.refusal.done":
                return self._items.whole(output, content, data["refusal"])
            case "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta":
                return self._items.delta(output, 0, data["delta"])
            case "response.function_call_arguments.done":
                return self._items.whole(output, 0, data["arguments"])
            case "response.custom_tool_call_input.done":
                return self._items.whole(output, 0, data["input"])
            case "response.reasoning_summary_text.delta":
                return self._items.thinking(output, data.get("summary_index", 0), data["delta"])
            case "response.reasoning_text.delta":
                return self._items.thinking(output, content, data["delta"])
            case "response.completed" | "response.incomplete" | "response.done":
                return response_end(self._items, data["response"])
            case "response.failed":
                return (Failed(failure(data["response"])),)
            case "error":
                return (Failed(error_info(RESPONSES, data.get("error") or data)),)
            case _:
                return ()

    def on_end(self, cause: Cause) -> Iterable[Event]:
        return (ending(cause),)


def _begin(response: Body) -> Begin:
    created = response.get("created_at")
    return Begin(response.get("id"), response.get("model"), int(created) if created else None)


def failure(response: Body) -> ErrorInfo:
    return error_info(RESPONSES, response.get("error") or "the provider gave the response up")


def response_end(items: Items, response: Body) -> Iterator[Event]:
    """The final response object: items not seen yet, usage, and how it ended."""
    for output, item in enumerate(response.get("output") or ()):
        yield from items.done(output, item)
    if isinstance(response.get("usage"), dict):
        yield UsageReport(usage_of(response["usage"]))
    reason = (response.get("incomplete_details") or {}).get("reason")
    if response.get("status") == "incomplete" or reason:
        yield Finish(INCOMPLETE.get(str(reason), FinishReason.MAX_TOKENS))
    else:
        yield Finish(FinishReason.TOOL_USE if items.called else FinishReason.END_TURN)


def parse_response(body: Body) -> list[Event]:
    if body.get("status") == "failed":
        return lawful([Failed(failure(body))])
    return lawful([_begin(body), *response_end(Items(), body)])
