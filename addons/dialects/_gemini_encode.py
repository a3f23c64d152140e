"""Canonical events as a Gemini answer, streamed and whole.

Gemini has no openings and closings, only parts: text and thoughts go out as they come, a call when it is complete,
and the signature of thinking on the part that follows it, which is where clients keep it. Source: Gemini API
reference, "GenerateContentResponse", and the guide "Thought signatures".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from addons.core import jsonio
from addons.core.accumulate import Answer, merge_usage, unfold
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
from addons.core.pictures import for_gemini
from addons.core.unshown import Unshown, shown_picture
from addons.dialects._gemini_client_errors import status_body
from addons.dialects._gemini_signature import wrap
from addons.dialects.base import Body

GEMINI = DialectName.GEMINI

REASON: Mapping[FinishReason, str] = {
    FinishReason.END_TURN: "STOP",
    FinishReason.STOP_SEQUENCE: "STOP",
    FinishReason.TOOL_USE: "STOP",
    FinishReason.PAUSE_TURN: "STOP",
    FinishReason.MAX_TOKENS: "MAX_TOKENS",
    FinishReason.CONTEXT_WINDOW: "MAX_TOKENS",
    FinishReason.REFUSAL: "SAFETY",
}
# Google's SDK for Python takes a comment for JSON and fails; an empty line is skipped by every parser
KEEP_ALIVE = b"\r\n"
_GROUNDING = "groundingMetadata"
_CHUNKS = "groundingChunks"


def usage_body(usage: Usage) -> Body:
    """`promptTokenCount` contains the cached share; `candidatesTokenCount` leaves the thoughts out."""
    given, made, thoughts = usage.input or 0, usage.output or 0, usage.reasoning or 0
    body: Body = {
        "promptTokenCount": given,
        "candidatesTokenCount": max(made - thoughts, 0),
        "totalTokenCount": given + made,
    }
    if usage.cache_read:
        body["cachedContentTokenCount"] = usage.cache_read
    if thoughts:
        body["thoughtsTokenCount"] = thoughts
    return body


class _Parts:
    """Events to Gemini's parts. `take` gives the parts that an event completes, `rest` what is left at the end."""

    def __init__(self, request: Request) -> None:
        # thoughts are shown to a client that sets up thinking only when it asks for them
        self._shown = request.reasoning is None or request.reasoning.summary is not None
        self._open: dict[int, PartOpen] = {}
        self._text: dict[int, list[str]] = {}
        self._signature: dict[int, str] = {}
        self._own: str | None = None  # a signature for the next part
        self._foreign: list[Thinking] = []
        self._grounding: dict[str, list[Any]] = {}
        self._cited: dict[Citation, None] = {}
        self.unshown = Unshown(GEMINI)

    @property
    def grounding(self) -> Body:
        """What the answer rests on, as a member of its candidate."""
        found = dict(self._grounding)
        if self._cited:
            pages = [{"web": {"uri": each.url, "title": each.title}} for each in self._cited]
            found[_CHUNKS] = [*found.get(_CHUNKS, ()), *pages]
        return {_GROUNDING: found} if found else {}

    def take(self, event: Event) -> Iterator[Body]:
        match event:
            case PartOpen():
                self._open[event.index], self._text[event.index] = event, []
            case PartDelta():
                yield from self._delta(event)
            case PartClose():
                yield from self._close(self._open.pop(event.index), "".join(self._text.pop(event.index)))
            case Cited():
                self._cited[replace(event.citation, text="", start=None, end=None)] = None
            case Aside():
                self.unshown.notice(event)
            case _:
                pass

    def rest(self) -> Body:
        """The last part of every answer is an empty text: it carries what signature is left."""
        return self._signed({"text": ""})

    def _delta(self, event: PartDelta) -> Iterator[Body]:
        opened = self._open[event.index]
        if event.signature is not None:
            self._signature[event.index] = event.signature
        if not event.text:
            return
        if opened.kind != "text":
            self._text[event.index].append(event.text)
        if opened.kind == "text":
            yield self._signed({"text": event.text})
        elif opened.kind == "thinking" and self._shown and not opened.redacted:
            yield {"text": event.text, "thought": True}

    def _close(self, opened: PartOpen, text: str) -> Iterator[Body]:
        match opened.kind:
            case "thinking":
                yield from self._thought(opened, text)
            case "tool_call":
                call = {"id": opened.id, "name": opened.name, "args": _args(opened, text)}
                yield self._signed({"functionCall": {key: value for key, value in call.items() if value is not None}})
            case "opaque" if opened.dialect is GEMINI and _GROUNDING in (opened.raw or {}):
                # no part: searches of the router's, each with lists that go on where the one before ended
                for name, found in (opened.raw or {})[_GROUNDING].items():
                    self._grounding[name] = [*self._grounding.get(name, ()), *found]
            case "opaque" if opened.dialect is GEMINI:
                yield from self._apart(dict(opened.raw or {}))
            case "opaque":
                self.unshown.notice(opened)
                found = shown_picture(GEMINI, opened)
                if found is not None:
                    yield from self._apart(for_gemini(found))
            case _:
                pass

    def _apart(self, part: Body) -> Iterator[Body]:
        """A part that takes no signature."""
        if self._own or self._foreign:
            yield self.rest()
        yield part

    def _thought(self, opened: PartOpen, text: str) -> Iterator[Body]:
        signature = self._signature.pop(opened.index, None)
        if not signature or opened.dialect is None:
            return
        if opened.dialect is not GEMINI:
            thought = Thinking(text, signature, redacted=opened.redacted, id=opened.id, dialect=opened.dialect)
            self._foreign.append(thought)
        elif text:
            yield {"text": "", "thought": True, "thoughtSignature": signature}
        else:
            if self._own:
                yield self.rest()
            self._own = signature

    def _signed(self, part: Body) -> Body:
        signature = wrap(self._foreign) if self._foreign else self._own
        self._foreign, self._own = [], None
        return {**part, "thoughtSignature": signature} if signature else part


def _args(opened: PartOpen, text: str) -> Body:
    """Gemini's arguments are an object: what a model garbled is kept as text in one, and so is free text."""
    if opened.tool_kind == "custom":
        return {"input": text}
    try:
        value = jsonio.loads(text or "{}")
    except jsonio.JsonError:
        value = None
    return value if isinstance(value, dict) else {"arguments": text}


class GeminiEncoder:
    """`request` is the client's, `model` the name that it sees."""

    def __init__(self, request: Request, model: str) -> None:
        self._model = model
        self._id = "llr"
        self._parts = _Parts(request)
        self._usage = Usage()

    @property
    def losses(self) -> tuple[Loss, ...]:
        return self._parts.unshown.losses

    def feed(self, event: Event) -> bytes:
        match event:
            case Begin():
                self._id = event.id or self._id
                return b""
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
                return b""
            case Ping():
                return KEEP_ALIVE
            case Finish():
                self._parts.unshown.end(event, self._usage)
                last = _candidate([self._parts.rest()], REASON[event.reason]) | self._parts.grounding
                return _event(self._chunk(last) | {"usageMetadata": usage_body(self._usage)})
            case Failed():
                return _failure(status_body(event.error))
            case _:
                return b"".join(_event(self._chunk(_candidate([part]))) for part in self._parts.take(event))

    def _chunk(self, candidate: Body) -> Body:
        return {"candidates": [candidate], "modelVersion": self._model, "responseId": self._id}


def _candidate(parts: list[Body], finish: str | None = None) -> Body:
    candidate: Body = {"content": {"parts": parts, "role": "model"}}
    if finish is not None:
        candidate["finishReason"] = finish
    return {**candidate, "index": 0}


def _event(body: Body) -> bytes:
    return b"data: " + jsonio.dumps(body) + b"\r\n\r\n"


def _failure(body: Body) -> bytes:
    """The error as an event, and once more as bare JSON, which is how the service itself breaks off: Google's SDK for
    JavaScript looks for errors in bare JSON only, and takes an event with one for an empty answer. To a parser of
    server-sent events the bare line is an unknown field, which it skips."""
    return _event(body) + jsonio.dumps(body) + b"\r\n"


def render_response(answer: Answer, request: Request, model: str) -> Body:
    writer = _Parts(request)
    parts = [part for event in unfold(answer) for part in writer.take(event)]
    last = writer.rest()
    if "thoughtSignature" in last or not parts:
        parts.append(last)
    return {
        "candidates": [_candidate(parts, REASON[answer.finish or FinishReason.END_TURN]) | writer.grounding],
        "usageMetadata": usage_body(answer.usage),
        "modelVersion": model,
        "responseId": answer.id or "llr",
    }
