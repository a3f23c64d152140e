"""Legacy completions answers: as events, and events as answers, streamed and whole. Source: OpenAI API reference,
"Completions". The format has a single text: thoughts and calls cannot be shown in it.
"""

from collections.abc import Iterable, Iterator, Mapping

from addons.core import jsonio
from addons.core.accumulate import Answer, merge_usage
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
from addons.core.model import DialectName, Loss, Request, Text
from addons.core.sse import SseEvent, comment_bytes, event_bytes
from addons.core.unshown import Unshown
from addons.dialects._asides import asides
from addons.dialects._chat_decode import usage_of
from addons.dialects._chat_encode import usage_body
from addons.dialects._openai_errors import error_info, render_error
from addons.dialects.base import Body, Look, Peek, SseDecoder, ending, lawful, malformed_peek

COMPLETIONS = DialectName.COMPLETIONS

FINISH: Mapping[str, FinishReason] = {
    "stop": FinishReason.END_TURN,
    "length": FinishReason.MAX_TOKENS,
    "content_filter": FinishReason.REFUSAL,
}
REASON: Mapping[FinishReason, str] = {
    FinishReason.END_TURN: "stop",
    FinishReason.STOP_SEQUENCE: "stop",
    FinishReason.PAUSE_TURN: "stop",
    FinishReason.TOOL_USE: "stop",
    FinishReason.MAX_TOKENS: "length",
    FinishReason.CONTEXT_WINDOW: "length",
    FinishReason.REFUSAL: "content_filter",
}


_TOP = frozenset({"id", "object", "created", "model", "choices", "usage", "error"})
_CHOICE = frozenset({"index", "text", "finish_reason"})


class CompletionsDecoder(SseDecoder):
    """The finish reason is held back until `[DONE]` or the end of the stream: usage comes in between."""

    def __init__(self) -> None:
        super().__init__()
        self._open = False
        self._finish: str | None = None

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        if data.get("error"):
            return (Failed(error_info(COMPLETIONS, data["error"])),)
        return self._chunk(data)

    def _chunk(self, data: Body) -> Iterator[Event]:
        yield Begin(data.get("id"), data.get("model"), data.get("created"))
        for choice in data.get("choices") or ():
            if choice.get("index", 0) != 0:
                yield Aside("choices[].index", content=True)
                continue
            yield from asides(choice, _CHOICE, "choices[].")
            if choice.get("text"):
                yield from self._text(choice["text"])
            self._finish = choice.get("finish_reason") or self._finish
        if self._finish is not None:
            yield from asides(data, _TOP)
        if isinstance(data.get("usage"), dict):
            yield UsageReport(usage_of(data["usage"]))

    def _text(self, text: object) -> Iterator[Event]:
        if not isinstance(text, str):
            raise TypeError("the text of a choice")
        if not self._open:
            self._open = True
            yield PartOpen(0, "text", dialect=COMPLETIONS)
        yield PartDelta(0, text)

    def on_end(self, cause: Cause) -> Iterable[Event]:
        if self._finish is None or cause is not Cause.COMPLETE:
            return (ending(cause),)
        return (Finish(FINISH.get(self._finish, FinishReason.END_TURN)),)


def parse_response(body: Body) -> list[Event]:
    choice = next((each for each in body.get("choices") or () if isinstance(each, dict)), None)
    if choice is None or not isinstance(choice.get("text"), str):
        return lawful([Failed(ErrorInfo(ErrorClass.MALFORMED, "the provider's answer has no text"))])
    events: list[Event] = [Begin(body.get("id"), body.get("model"), body.get("created"))]
    if choice["text"]:
        events += [PartOpen(0, "text", dialect=COMPLETIONS), PartDelta(0, choice["text"]), PartClose(0)]
    events += [*asides(choice, _CHOICE, "choices[]."), *asides(body, _TOP)]
    events += [Aside("choices[].index", content=True)] if len(body["choices"]) > 1 else []
    if isinstance(body.get("usage"), dict):
        events.append(UsageReport(usage_of(body["usage"])))
    return lawful([*events, Finish(FINISH.get(choice.get("finish_reason") or "stop", FinishReason.END_TURN))])


def peek(event: SseEvent) -> Peek:
    if event.data == b"[DONE]":
        return Peek(Look.DONE)
    try:
        return _peek(jsonio.loads(event.data))
    except (jsonio.JsonError, AttributeError, TypeError, LookupError) as error:
        return malformed_peek(event, error)


def _peek(body: Body) -> Peek:
    if body.get("error"):
        return Peek(Look.ERROR, error_info(COMPLETIONS, body["error"]))
    usage = usage_of(body["usage"]) if isinstance(body.get("usage"), dict) else None
    choices = body.get("choices") or ()
    if any(choice.get("finish_reason") for choice in choices):
        return Peek(Look.COMPLETE, usage=usage)
    return Peek(Look.CONTENT if any(choice.get("text") for choice in choices) else Look.QUIET, usage=usage)


class CompletionsEncoder:
    """`request` is the client's, `model` the name that it sees."""

    def __init__(self, request: Request, model: str) -> None:
        self._request = request
        self._base: Body = _head(Begin(), model)
        self._model = model
        self._texts: set[int] = set()
        self._usage = Usage()
        self._unshown = Unshown(COMPLETIONS)

    @property
    def losses(self) -> tuple[Loss, ...]:
        return self._unshown.losses

    def feed(self, event: Event) -> bytes:
        match event:
            case Begin():
                self._base = _head(event, self._model)
                return b""
            case PartOpen(kind="text"):
                self._texts.add(event.index)
                return b""
            case PartDelta() if event.index in self._texts and event.text:
                return self._chunk(_choice(event.text))
            case PartOpen() | Cited() | Aside():
                self._unshown.notice(event)
                return b""
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
                return b""
            case Ping():
                return comment_bytes("ping")
            case Finish():
                return self._end(event)
            case Failed():
                return event_bytes(jsonio.dumps(render_error(event.error)))
            case _:
                return b""

    def _chunk(self, *choices: Body, **members: Body) -> bytes:
        return event_bytes(jsonio.dumps({**self._base, "choices": list(choices), **members}))

    def _end(self, event: Finish) -> bytes:
        self._unshown.end(event, self._usage)
        data = self._chunk(_choice("", REASON[event.reason]))
        if self._request.include_usage:
            data += self._chunk(usage=usage_body(self._usage))
        return data + b"data: [DONE]\n\n"


def _head(begin: Begin, model: str) -> Body:
    return {
        "id": begin.id or "cmpl-llr",
        "object": "text_completion",
        "created": begin.created or 0,
        "model": model,
    }


def _choice(text: str, finish: str | None = None) -> Body:
    return {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}


def render_response(answer: Answer, request: Request, model: str) -> Body:
    text = "".join(part.text for part in answer.parts if isinstance(part, Text))
    head = _head(Begin(answer.id, answer.model, answer.created), model)
    choice = _choice(text, REASON[answer.finish or FinishReason.END_TURN])
    return {**head, "choices": [choice], "usage": usage_body(answer.usage)}
