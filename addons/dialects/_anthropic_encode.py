"""Canonical events as an Anthropic Messages answer, streamed and whole.

`message_start` waits for the first event that shows something, so that the usage which a provider reports at once is
in it: Claude Code reads the size of its context there. Most other providers report at the end only: until then the
count is an estimate, and the event says so (`estimated_usage`, on the event and not in the message, so that it does
not stick to what an SDK gathers). The SDK replaces the counts of the start with those of `message_delta`.

A client sends thinking back as it came. What another provider must see again for its thinking travels in the signature
(`_anthropic_seal`), or, of thinking that has no words here, in the data of a redacted block: some clients (pi) drop a
block of thinking that is empty.
Source: Anthropic documentation, "Streaming messages".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from addons.core import jsonio
from addons.core.accumulate import merge_usage
from addons.core.estimate import estimate
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
from addons.core.model import Citation, DialectName, Loss, Request, Thinking
from addons.core.sse import event_bytes
from addons.core.unshown import Unshown
from addons.dialects._anthropic_decode import FINISH
from addons.dialects._anthropic_errors import render_error
from addons.dialects._anthropic_seal import seal
from addons.dialects.base import Body

CLAUDE = DialectName.ANTHROPIC

REASON: Mapping[FinishReason, str] = {reason: word for word, reason in FINISH.items()}

NO_SEARCHES: Mapping[str, int] = {"web_search_requests": 0, "web_fetch_requests": 0}


def usage_body(usage: Usage) -> Body:
    read, write = usage.cache_read or 0, usage.cache_write or 0
    body: Body = {
        "input_tokens": max((usage.input or 0) - read - write, 0),
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "output_tokens": usage.output or 0,
    }
    if usage.reasoning:
        body["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    if isinstance(usage.extras.get("server_tool_use"), Mapping):
        # both counts are there always, says the vendor's type
        body["server_tool_use"] = {**NO_SEARCHES, **usage.extras["server_tool_use"]}
    return body


def known_usage(usage: Usage, request: Request) -> tuple[Body, Body]:
    """The usage, and the mark that says that its input is an estimate (empty when the provider reported it; some
    report nought until they know)."""
    if usage.input:
        return usage_body(usage), {}
    return {**usage_body(usage), "input_tokens": estimate(request)}, {"estimated_usage": True}


class AnthropicEncoder:
    """`request` is the client's, `model` the name that it sees."""

    def __init__(self, request: Request, model: str) -> None:
        self._request = request
        self._model = model
        self._usage = Usage()
        self._blocks: dict[int, tuple[str, int]] = {}
        self._begin: Begin | None = None
        self._started = False
        self._called = False
        self._signed: set[int] = set()
        self._foreign: dict[int, Thinking] = {}
        self._redacted: dict[int, str] = {}
        self._waiting: dict[int, PartOpen] = {}
        self._silent: list[int] = []
        self._cited: dict[int, list[Citation]] = {}
        self._unshown = Unshown(CLAUDE)

    @property
    def losses(self) -> tuple[Loss, ...]:
        return self._unshown.losses

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
            case Aside():
                self._unshown.notice(event)
                return b""
            case Cited():
                self._cited.setdefault(event.index, []).append(event.citation)
                return b""
            case _:
                return self._start() + self._content(event)

    def _start(self) -> bytes:
        """`message_start`, as late as possible: usage that the provider reports at once is in it."""
        if self._started:
            return b""
        self._started = True
        usage, mark = known_usage(self._usage, self._request)
        message: Body = {
            "id": (self._begin.id if self._begin else None) or "msg_llr",
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        return _event("message_start", message=message, **mark)

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
            self._unshown.notice(event)
            return b""
        if event.kind in ("text", "thinking") and not event.redacted:
            self._waiting[event.index] = event
            if event.kind == "thinking" and event.dialect not in (None, CLAUDE):
                self._foreign[event.index] = Thinking("", id=event.id, dialect=event.dialect)
            return b""
        return self._silent_blocks() + self._start_block(event, block)

    def _start_block(self, event: PartOpen, block: Body) -> bytes:
        number = len(self._blocks)
        self._blocks[event.index] = ("redacted" if event.redacted else event.kind, number)
        self._called |= event.kind == "tool_call"
        if event.redacted:
            self._redacted[event.index] = ""
            return b""
        if block.get("type") != "server_tool_use":
            return _event("content_block_start", index=number, content_block=block)
        # clients gather the input of a call from its deltas, whoever runs it
        delta = _DELTAS["tool_call"](jsonio.text(block.get("input") or {}))
        opening = _event("content_block_start", index=number, content_block={**block, "input": {}})
        return opening + _event("content_block_delta", index=number, delta=delta)

    def _silent_blocks(self) -> bytes:
        """Thinking that shows nothing and must come back, now that something follows it: clients take the last block
        for the answer, and would find it empty."""
        silent, self._silent = self._silent, []
        return b"".join(self._silent_block(index) for index in silent)

    def _silent_block(self, index: int) -> bytes:
        number = len(self._blocks)
        self._blocks[index] = ("redacted", number)
        opening = _event("content_block_start", index=number, content_block=redacted(seal(self._foreign[index])))
        return opening + _event("content_block_stop", index=number)

    def _delta(self, event: PartDelta) -> bytes:
        if event.signature is not None and event.index in self._foreign:
            self._foreign[event.index] = replace(self._foreign[event.index], signature=event.signature)
        opening = self._awaited(event)
        if event.index not in self._blocks:
            return b""
        return opening + self._shown(event)

    def _awaited(self, event: PartDelta) -> bytes:
        """Text and thinking open with their first word (the API refuses an empty text in the history), or thinking
        with a signature of this dialect."""
        waiting = self._waiting.get(event.index)
        if waiting is None or event.index in self._blocks:
            return b""
        own = event.index not in self._foreign and event.signature
        if not event.text and not own:
            return b""
        return self._silent_blocks() + self._start_block(waiting, _opening_block(waiting) or _SILENT)

    def _shown(self, event: PartDelta) -> bytes:
        kind, number = self._blocks[event.index]
        if kind == "redacted":
            self._redacted[event.index] = event.signature or self._redacted[event.index]
            return b""
        out = b""
        if event.text:
            out += _event("content_block_delta", index=number, delta=_DELTAS[kind](event.text))
        if event.signature is None or kind != "thinking" or event.index in self._foreign:
            return out
        self._signed.add(event.index)
        return out + _signature(number, event.signature)

    def _close(self, index: int) -> bytes:
        if index not in self._blocks:
            if index in self._foreign and self._foreign[index].signature is not None:
                self._silent.append(index)
            return b""
        kind, number = self._blocks[index]
        out = b""
        if kind == "redacted":
            out = _event("content_block_start", index=number, content_block=redacted(self._redacted[index]))
        elif kind == "thinking" and index not in self._signed:
            out = _signature(number, seal(self._foreign[index]) if index in self._foreign else "")
        elif index in self._cited:
            sources = ({"type": "citations_delta", "citation": source(each)} for each in self._cited.pop(index))
            out = b"".join(_event("content_block_delta", index=number, delta=delta) for delta in sources)
        return out + _event("content_block_stop", index=number)

    def _end(self, event: Finish) -> bytes:
        delta = {"stop_reason": stop_reason(event.reason, self._called), "stop_sequence": event.stop_sequence}
        usage, mark = known_usage(self._usage, self._request)
        if self._silent:
            self._unshown.silent_end()
        self._unshown.end(event, self._usage)
        return _event("message_delta", delta=delta, usage=usage, **mark) + _event("message_stop")


def _signature(number: int, signature: str) -> bytes:
    return _event("content_block_delta", index=number, delta={"type": "signature_delta", "signature": signature})


def redacted(data: str) -> Body:
    return {"type": "redacted_thinking", "data": data}


def source(found: Citation) -> Body:
    """A page as a search of Anthropic's own would cite it; its index is empty, and `residue` takes it out again."""
    return {
        "type": "web_search_result_location",
        "cited_text": found.text,
        "encrypted_index": "",
        "title": found.title or None,
        "url": found.url,
    }


_SILENT: Body = {"type": "thinking", "thinking": "", "signature": ""}
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
            return _SILENT
        case "tool_call":
            return {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
        case "opaque":
            return dict(event.raw or {}) if event.dialect is CLAUDE else None


def _event(kind: str, **members: Any) -> bytes:
    return event_bytes(jsonio.dumps({"type": kind, **members}), kind)


def stop_reason(reason: FinishReason, called: bool) -> str:
    return "tool_use" if called and reason is FinishReason.END_TURN else REASON[reason]
