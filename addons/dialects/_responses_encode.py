"""Events as a Responses answer, streamed and whole. Source: OpenAI API reference, "Responses".

What Codex relies on (observed in 0.169.0): every `added` has its `done`, ids agree, a call of a namespaced tool
carries `namespace`, a custom tool comes back as `custom_tool_call`, the stream ends with `response.completed`.
"""

from collections.abc import Mapping
from typing import Any

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
from addons.core.model import DialectName, Request, Tool
from addons.core.sse import comment_bytes, event_bytes
from addons.dialects._openai_errors import WORDS, error_object
from addons.dialects.base import Body

RESPONSES = DialectName.RESPONSES

INCOMPLETE_REASON: Mapping[FinishReason, str] = {
    FinishReason.MAX_TOKENS: "max_output_tokens",
    FinishReason.CONTEXT_WINDOW: "max_output_tokens",
    FinishReason.REFUSAL: "content_filter",
}
# part → prefix of its item's id
_PREFIXES: Mapping[str, str] = {"text": "msg", "thinking": "rs", "function": "fc", "custom": "ctc"}


def usage_body(usage: Usage) -> Body:
    given, made = usage.input or 0, usage.output or 0
    return {
        "input_tokens": given,
        "input_tokens_details": {"cached_tokens": usage.cache_read or 0},
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": given + made,
    }


def response_object(request: Request, model: str, response_id: str, created: int) -> Body:
    """A response in progress: the fields that the API always has, and the request's own echoed."""
    wanted = request.reasoning
    return {
        "id": response_id,
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": request.max_tokens,
        "metadata": request.extras.get("metadata") or {},
        "model": model,
        "output": [],
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "previous_response_id": request.extras.get("previous_response_id"),
        "reasoning": {"effort": wanted.effort if wanted else None, "summary": wanted.summary if wanted else None},
        "store": request.extras.get("store") is True,
        "temperature": request.temperature,
        "text": {"format": _format(request)},
        "tool_choice": _tool_choice(request),
        "tools": [_tool(tool) for tool in request.tools if isinstance(tool, Tool) and tool.namespace is None],
        "top_p": request.top_p,
        "truncation": request.extras.get("truncation") or "disabled",
        "usage": None,
        "user": request.user,
    }


def _format(request: Request) -> Body:
    if request.format is None:
        return {"type": "text"}
    if request.format.schema is None:
        return {"type": "json_object"}
    return {"type": "json_schema", "name": request.format.name or "answer", "schema": request.format.schema}


def _tool_choice(request: Request) -> object:
    choice = request.tool_choice
    if choice is None:
        return "auto"
    return {"type": "function", "name": choice.name} if choice.mode == "tool" else choice.mode


def _tool(tool: Tool) -> Body:
    body: Body = {"type": tool.kind, "name": tool.name, "description": tool.description}
    if tool.kind == "custom":
        return {**body, "format": tool.format or {"type": "text"}}
    return {**body, "parameters": tool.schema or {}, "strict": bool(tool.strict)}


class _Item:
    """One output item as it grows."""

    def __init__(self, output: int, item_id: str, opening: PartOpen) -> None:
        self.output = output
        self.id = item_id
        self.opening = opening
        self.text: list[str] = []
        self.signature: str | None = None

    def body(self, *, done: bool) -> Body:
        text = "".join(self.text) if done else ""
        status = "completed" if done else "in_progress"
        match self.opening:
            case PartOpen(kind="text"):
                content = [_output_text(text)] if done else []
                return {
                    "id": self.id,
                    "type": "message",
                    "role": "assistant",
                    "status": status,
                    "content": content,
                }
            case PartOpen(kind="thinking"):
                signature = self.signature if self.opening.dialect is RESPONSES else None
                summary = [{"type": "summary_text", "text": text}] if text else []
                return {"id": self.id, "type": "reasoning", "summary": summary, "encrypted_content": signature}
            case PartOpen(kind="tool_call"):
                return {"id": self.id, **_call(self.opening, text), "status": status}
            case _:
                return dict(self.opening.raw or {})


def _output_text(text: str) -> Body:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(opening: PartOpen, text: str) -> Body:
    named: Body = {"call_id": opening.id, "name": opening.name}
    if opening.namespace is not None:
        named["namespace"] = opening.namespace
    if opening.tool_kind == "custom":
        return {"type": "custom_tool_call", **named, "input": text}
    return {"type": "function_call", **named, "arguments": text}


class ResponsesEncoder:
    def __init__(self, request: Request, model: str) -> None:
        self._request = request
        self._model = model
        self._base: Body = {}
        self._sequence = 0
        self._items: dict[int, _Item] = {}
        self._output: list[Body] = []
        self._count = 0
        self._usage = Usage()

    def feed(self, event: Event) -> bytes:
        match event:
            case Begin():
                return self._begin(event)
            case PartOpen():
                return self._open(event)
            case PartDelta():
                return self._delta(event)
            case PartClose():
                return self._close(event.index)
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
                return b""
            case Ping():
                return comment_bytes("ping")
            case Finish():
                return self._finish(event)
            case Failed():
                return self._fail(event.error)

    def final(self) -> Body:
        """The response object as it stands."""
        return {**self._base, "output": self._output, "usage": usage_body(self._usage)}

    def _begin(self, event: Begin) -> bytes:
        given = event.id or "llr"
        response_id = given if given.startswith("resp_") else f"resp_{given}"
        self._base = response_object(self._request, self._model, response_id, event.created or 0)
        started = self._event("response.created", response=self._base)
        return started + self._event("response.in_progress", response=self._base)

    def _open(self, event: PartOpen) -> bytes:
        if event.kind == "opaque" and event.dialect is not RESPONSES:
            return b""
        prefix = _PREFIXES.get(event.tool_kind if event.kind == "tool_call" else event.kind, "item")
        tail = str(self._base["id"]).removeprefix("resp_")
        raw_id = (event.raw or {}).get("id") if event.kind == "opaque" else None
        item = _Item(self._count, raw_id or f"{prefix}_{tail}_{self._count}", event)
        self._count += 1
        self._items[event.index] = item
        out = self._event("response.output_item.added", output_index=item.output, item=item.body(done=False))
        if event.kind == "text":
            out += self._of(item, "response.content_part.added", content_index=0, part=_output_text(""))
        return out

    def _delta(self, event: PartDelta) -> bytes:
        item = self._items.get(event.index)
        if item is None:
            return b""
        if event.signature is not None:
            item.signature = event.signature
        if not event.text:
            return b""
        out = b""
        if item.opening.kind == "thinking" and not item.text:
            part = {"type": "summary_text", "text": ""}
            out = self._of(item, "response.reasoning_summary_part.added", summary_index=0, part=part)
        item.text.append(event.text)
        name, extra = _delta_name(item.opening)
        return out + self._of(item, f"{name}.delta", **extra, delta=event.text)

    def _close(self, index: int) -> bytes:
        item = self._items.pop(index, None)
        if item is None:
            return b""
        body = item.body(done=True)
        self._output.append(body)
        return self._closing(item) + self._event("response.output_item.done", output_index=item.output, item=body)

    def _closing(self, item: _Item) -> bytes:
        """The `done` events inside an item, before its own."""
        text = "".join(item.text)
        match item.opening:
            case PartOpen(kind="text"):
                done = self._of(item, "response.output_text.done", content_index=0, text=text, logprobs=[])
                return done + self._of(item, "response.content_part.done", content_index=0, part=_output_text(text))
            case PartOpen(kind="thinking") if text:
                done = self._of(item, "response.reasoning_summary_text.done", summary_index=0, text=text)
                part = {"type": "summary_text", "text": text}
                return done + self._of(item, "response.reasoning_summary_part.done", summary_index=0, part=part)
            case PartOpen(kind="tool_call", tool_kind="custom"):
                return self._of(item, "response.custom_tool_call_input.done", input=text)
            case PartOpen(kind="tool_call"):
                name = item.opening.name
                return self._of(item, "response.function_call_arguments.done", name=name, arguments=text)
            case _:
                return b""

    def _finish(self, event: Finish) -> bytes:
        self._base["status"] = "completed"
        reason = INCOMPLETE_REASON.get(event.reason)
        if reason is not None:
            self._base |= {"status": "incomplete", "incomplete_details": {"reason": reason}}
        return self._event(f"response.{self._base['status']}", response=self.final())

    def _fail(self, info: ErrorInfo) -> bytes:
        if not self._base:
            self._base = response_object(self._request, self._model, "resp_llr", 0)
        error = {"code": failure_code(info), **error_object(info), "message": info.message}
        self._base |= {"status": "failed", "error": {**error, "code": failure_code(info)}}
        return self._event("response.failed", response=self.final())

    def _of(self, item: _Item, kind: str, **members: Any) -> bytes:
        return self._event(kind, item_id=item.id, output_index=item.output, **members)

    def _event(self, kind: str, **members: Any) -> bytes:
        data = jsonio.dumps({"type": kind, "sequence_number": self._sequence, **members})
        self._sequence += 1
        return event_bytes(data, kind)


def _delta_name(opening: PartOpen) -> tuple[str, Body]:
    match opening:
        case PartOpen(kind="text"):
            return "response.output_text", {"content_index": 0, "logprobs": []}
        case PartOpen(kind="thinking"):
            return "response.reasoning_summary_text", {"summary_index": 0}
        case PartOpen(tool_kind="custom"):
            return "response.custom_tool_call_input", {}
        case _:
            return "response.function_call_arguments", {}


# the codes of `response.failed` that clients act on; anything else is a server error
_FAILURE_CODES: Mapping[ErrorClass, str] = {
    ErrorClass.RATE_LIMITED: "rate_limit_exceeded",
    ErrorClass.INVALID_REQUEST: "invalid_prompt",
    ErrorClass.CONTEXT: "context_length_exceeded",
    ErrorClass.BILLING: "insufficient_quota",
    ErrorClass.OVERLOADED: "server_is_overloaded",
}


def failure_code(info: ErrorInfo) -> str:
    return _FAILURE_CODES.get(info.cls) or WORDS[info.cls][1] or "server_error"


def render_response(answer: Answer, request: Request, model: str) -> Body:
    encoder = ResponsesEncoder(request, model)
    for event in unfold(answer):
        encoder.feed(event)
    return encoder.final()
