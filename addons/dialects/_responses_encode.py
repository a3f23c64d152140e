"""Events as a Responses stream. Source: OpenAI API reference, "Streaming events"; what Codex needs of it.

Theory of operation. Every part is an output item of its own. The end of a part is held back until the next event that
is not a report or a ping: when that is a failure, the item is never shown as done (a client would run a call whose
arguments broke off), and when the answer was cut short, its last item says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from addons.core import jsonio
from addons.core.accumulate import Answer, merge_usage, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import (
    Begin,
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
from addons.core.model import DialectName, Request
from addons.core.sse import comment_bytes, event_bytes
from addons.dialects._responses_echo import echo
from addons.dialects.base import Body

RESPONSES = DialectName.RESPONSES

# how an answer was cut short; every other reason completes it
INCOMPLETE: Mapping[FinishReason, str] = {
    FinishReason.MAX_TOKENS: "max_output_tokens",
    FinishReason.CONTEXT_WINDOW: "max_output_tokens",
    FinishReason.REFUSAL: "content_filter",
}
# class → code; Codex acts on these words, `server_error` is what it retries
CODES: Mapping[ErrorClass, str] = {
    ErrorClass.RATE_LIMITED: "rate_limit_exceeded",
    ErrorClass.OVERLOADED: "server_is_overloaded",
    ErrorClass.BILLING: "insufficient_quota",
    ErrorClass.CONTEXT: "context_length_exceeded",
    ErrorClass.POLICY: "invalid_prompt",
    ErrorClass.INVALID_REQUEST: "invalid_prompt",
    ErrorClass.NOT_SUPPORTED: "invalid_prompt",
    ErrorClass.CLIENT: "invalid_prompt",
}


def error_body(info: ErrorInfo) -> Body:
    return {"code": CODES.get(info.cls, "server_error"), "message": info.message}


def usage_body(usage: Usage) -> Body:
    given, made = usage.input or 0, usage.output or 0
    return {
        "input_tokens": given,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read or 0,
            "cache_write_tokens": usage.cache_write or 0,
        },
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": given + made,
    }


@dataclass(slots=True, eq=False)
class _Open:
    """An item that is being written."""

    output_index: int
    body: Body
    texts: list[str] = field(default_factory=list)
    shows_summary: bool = False
    signed: bool = False  # whether a signature is one that this dialect can read back

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def place(self) -> Body:
        return {"item_id": self.body["id"], "output_index": self.output_index}


class Writer:
    """Turns events into the bodies of stream events, each with its `type`."""

    def __init__(self, request: Request, model: str) -> None:
        self._request = request
        self._model = model
        self._id = "resp_llr"
        self._created = 0
        self._echo: Body | None = None
        self._usage = Usage()
        self._open: dict[int, _Open] = {}
        self._held: list[_Open] = []
        self._output: dict[int, Body] = {}
        self._count = 0

    def feed(self, event: Event) -> Iterator[Body]:
        match event:
            case Begin():
                yield from self._begin(event)
            case PartOpen():
                yield from self._release()
                yield from self._start(event)
            case PartDelta():
                yield from self._release()
                yield from self._delta(event)
            case PartClose():
                item = self._open.pop(event.index, None)
                if item is not None:
                    self._held.append(item)
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
            case Finish():
                yield from self._end(event)
            case Failed():
                yield {"type": "response.failed", "response": self._response("failed", error=error_body(event.error))}
            case Ping():
                pass

    def _begin(self, event: Begin) -> Iterator[Body]:
        if event.id is not None:
            self._id = event.id if event.id.startswith("resp_") else f"resp_{event.id}"
        self._created = event.created or 0
        for kind in ("response.created", "response.in_progress"):
            yield {"type": kind, "response": self._response("in_progress")}

    def _response(self, status: str, error: Body | None = None, reason: str | None = None) -> Body:
        if self._echo is None:
            self._echo = echo(self._request, self._model)
        running = status == "in_progress"
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "error": error,
            "incomplete_details": None if reason is None else {"reason": reason},
            "output": [] if running else [self._output[n] for n in sorted(self._output)],
            "usage": None if running else usage_body(self._usage),
            **self._echo,
        }

    def _end(self, event: Finish) -> Iterator[Body]:
        reason = INCOMPLETE.get(event.reason)
        yield from self._release(cut=reason is not None)
        status = "completed" if reason is None else "incomplete"
        yield {"type": f"response.{status}", "response": self._response(status, reason=reason)}

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{self._id.removeprefix('resp_')}_{self._count}"

    def _start(self, event: PartOpen) -> Iterator[Body]:
        match event.kind:
            case "text":
                body: Body = {"id": self._name("msg"), "type": "message", "role": "assistant", "content": []}
            case "thinking":
                if event.redacted and event.dialect != RESPONSES:
                    # there is nothing to show, and nobody could ever read it back
                    return
                own = event.id if event.dialect == RESPONSES else None
                body = {"id": own or self._name("rs"), "type": "reasoning", "summary": [], "encrypted_content": None}
            case "tool_call":
                body = self._call(event)
            case "opaque":
                yield from self._opaque(event)
                return
        item = _Open(self._count, body, signed=event.kind == "thinking" and event.dialect == RESPONSES)
        self._count += 1
        self._open[event.index] = item
        yield _item("added", item.output_index, {**body, "status": "in_progress"})
        if event.kind == "text":
            yield {"type": "response.content_part.added", **item.place, "content_index": 0, "part": _text("")}

    def _call(self, event: PartOpen) -> Body:
        custom = event.tool_kind == "custom"
        body: Body = {
            "id": self._name("ctc" if custom else "fc"),
            "type": "custom_tool_call" if custom else "function_call",
            "call_id": event.id or "",
            "name": event.name or "",
            "input" if custom else "arguments": "",
        }
        return body if event.namespace is None else {**body, "namespace": event.namespace}

    def _opaque(self, event: PartOpen) -> Iterator[Body]:
        if event.dialect != RESPONSES or event.raw is None:
            return
        raw = dict(event.raw)
        self._output[self._count] = raw
        yield _item("added", self._count, raw)
        yield _item("done", self._count, raw)
        self._count += 1

    def _delta(self, event: PartDelta) -> Iterator[Body]:
        item = self._open.get(event.index)
        if item is None:
            return
        if event.signature is not None and item.signed:
            item.body["encrypted_content"] = event.signature
        if not event.text:
            return
        item.texts.append(event.text)
        match item.body["type"]:
            case "message":
                kind, more = "output_text", {"content_index": 0, "logprobs": []}
            case "reasoning":
                kind, more = "reasoning_summary_text", {"summary_index": 0}
                if not item.shows_summary:
                    item.shows_summary = True
                    part = {"summary_index": 0, "part": _summary("")}
                    yield {"type": "response.reasoning_summary_part.added", **item.place, **part}
            case "function_call":
                kind, more = "function_call_arguments", {}
            case _:
                kind, more = "custom_tool_call_input", {}
        yield {"type": f"response.{kind}.delta", **item.place, **more, "delta": event.text}

    def _release(self, cut: bool = False) -> Iterator[Body]:
        """The ends that were held back; the last one of a cut answer is incomplete."""
        held, self._held = self._held, []
        for item in held:
            yield from _DONE[item.body["type"]](item)
            status = "incomplete" if cut and item is held[-1] else "completed"
            self._output[item.output_index] = body = {**item.body, "status": status}
            yield _item("done", item.output_index, body)


def _item(what: str, output_index: int, body: Body) -> Body:
    return {"type": f"response.output_item.{what}", "output_index": output_index, "item": body}


def _text(text: str) -> Body:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _summary(text: str) -> Body:
    return {"type": "summary_text", "text": text}


def _message_done(item: _Open) -> Iterator[Body]:
    place = {**item.place, "content_index": 0}
    part = _text(item.text)
    yield {"type": "response.output_text.done", **place, "text": item.text, "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
    item.body["content"] = [part]


def _reasoning_done(item: _Open) -> Iterator[Body]:
    if not item.shows_summary:
        return
    place = {**item.place, "summary_index": 0}
    part = _summary(item.text)
    yield {"type": "response.reasoning_summary_text.done", **place, "text": item.text}
    yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
    item.body["summary"] = [part]


def _function_done(item: _Open) -> Iterator[Body]:
    item.body["arguments"] = item.text
    named = {"name": item.body["name"], "arguments": item.text}
    yield {"type": "response.function_call_arguments.done", **item.place, **named}


def _custom_done(item: _Open) -> Iterator[Body]:
    item.body["input"] = item.text
    yield {"type": "response.custom_tool_call_input.done", **item.place, "input": item.text}


_DONE = {
    "message": _message_done,
    "reasoning": _reasoning_done,
    "function_call": _function_done,
    "custom_tool_call": _custom_done,
}


class ResponsesEncoder:
    """The stream of one answer, numbered from 0."""

    def __init__(self, request: Request, model: str) -> None:
        self._writer = Writer(request, model)
        self._number = 0

    def feed(self, event: Event) -> bytes:
        if isinstance(event, Ping):
            return comment_bytes("ping")
        return b"".join(self._numbered(body) for body in self._writer.feed(event))

    def _numbered(self, body: Body) -> bytes:
        number = self._number
        self._number += 1
        return event_bytes(jsonio.dumps({"type": body["type"], "sequence_number": number, **body}), body["type"])


def render_response(answer: Answer, request: Request, model: str) -> Body:
    """A whole answer: the response object that the stream of it would end with."""
    writer = Writer(request, model)
    bodies = [body for event in unfold(answer) for body in writer.feed(event)]
    response: Body = bodies[-1]["response"]
    return response
