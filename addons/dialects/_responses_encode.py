"""Events as a Responses stream. Source: OpenAI API reference, "Streaming events"; what Codex needs of it.

Theory of operation. Every part is an output item of its own. The end of a part is held back until the next event that
is not a report or a ping: when that is a failure, the item is never shown as done (a client would run a call whose
arguments broke off), and when the answer was cut short, its last item says so.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from addons.core import jsonio
from addons.core.accumulate import Answer, unfold
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
    UsageReport,
)
from addons.core.model import DialectName, Loss, Request
from addons.core.pictures import ID_PREFIX, for_responses
from addons.core.sse import comment_bytes, event_bytes
from addons.core.unshown import Unshown, shown_picture
from addons.dialects._responses_compaction import is_compaction
from addons.dialects._responses_frame import INCOMPLETE, Frame, item_event
from addons.dialects._responses_hosted import client_run
from addons.dialects._responses_output import REFUSED
from addons.dialects._responses_summary import SummaryWriter
from addons.dialects._responses_written import Written, refusal
from addons.dialects.base import Body

RESPONSES = DialectName.RESPONSES
# type of a call → the prefix of its item ids; OpenAI checks those that it knows
_PREFIXES: Mapping[str, str] = {
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "tool_search_call": "tsc",
    "shell_call": "sh",
    "local_shell_call": "lsh",
    "apply_patch_call": "apc",
}


class BodyWriter(Protocol):
    """Turns events into the bodies of stream events, each with its `type`."""

    unshown: Unshown

    def feed(self, event: Event) -> Iterator[Body]: ...


class Writer:
    """The stream of an answer."""

    def __init__(self, request: Request, model: str) -> None:
        self._frame = Frame(request, model)
        self._run = client_run(request)
        self._open: dict[int, Written] = {}
        self._held: list[Written] = []
        self._output: dict[int, Body] = {}
        self._count = 0
        self._said = False
        self.unshown = Unshown(RESPONSES)

    def feed(self, event: Event) -> Iterator[Body]:
        match event:
            case Begin():
                yield from self._frame.begin(event)
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
                self._frame.report(event.usage)
            case Finish():
                yield from self._end(event)
            case Failed():
                yield self._frame.failed(event.error, self._shown())
            case Cited():
                if (item := self._open.get(event.index)) is not None:
                    item.sources.append(event.citation)
            case Aside():
                self.unshown.notice(event)
            case Ping():
                pass

    def _shown(self) -> list[Body]:
        return [self._output[n] for n in sorted(self._output)]

    def _end(self, event: Finish) -> Iterator[Body]:
        self.unshown.end(event, self._frame.usage)
        reason = INCOMPLETE.get(event.reason)
        yield from self._release(cut=reason is not None)
        if event.reason is FinishReason.REFUSAL and not self._said:
            yield from self._refuse()
        yield self._frame.ended(self._shown(), reason)

    def _refuse(self) -> Iterator[Body]:
        *events, done = refusal(self._name("msg"), self._count, REFUSED)
        self._output[self._count] = done["item"]
        self._count += 1
        yield from (*events, done)

    def _name(self, prefix: str) -> str:
        return self._frame.name(prefix, self._count)

    def _start(self, event: PartOpen) -> Iterator[Body]:
        match event.kind:
            case "text":
                body: Body = {"id": self._name("msg"), "type": "message", "role": "assistant", "content": []}
                item = Written(self._count, body)
            case "thinking":
                item = self._thinking(event)
            case "tool_call":
                item = self._call(event)
            case "opaque":
                yield from self._opaque(event)
                return
        self._count += 1
        self._open[event.index] = item
        yield from item.start()

    def _thinking(self, event: PartOpen) -> Written:
        own = event.id if event.dialect == RESPONSES else None
        body: Body = {"id": own or self._name("rs"), "type": "reasoning", "summary": [], "encrypted_content": None}
        return Written(self._count, body, dialect=event.dialect, redacted=event.redacted)

    def _call(self, event: PartOpen) -> Written:
        function = event.tool_kind == "function"
        row = self._run.get(event.name or "") if function and event.namespace is None else None
        kind = row.call if row else "function_call" if function else "custom_tool_call"
        body: Body = {"id": self._name(_PREFIXES[kind]), "type": kind, "call_id": event.id or ""}
        if row is None:
            body |= {"name": event.name or "", "arguments" if function else "input": ""}
        if event.namespace is not None:
            body["namespace"] = event.namespace
        return Written(self._count, body, row)

    def _opaque(self, event: PartOpen) -> Iterator[Body]:
        self.unshown.notice(event)
        if event.dialect is RESPONSES and event.raw is not None:
            raw = dict(event.raw)
        elif (found := shown_picture(RESPONSES, event)) is not None:
            raw = for_responses(found, self._name(ID_PREFIX))
        else:
            return
        self._output[self._count] = raw
        yield item_event("added", self._count, raw)
        yield item_event("done", self._count, raw)
        self._count += 1

    def _delta(self, event: PartDelta) -> Iterator[Body]:
        item = self._open.get(event.index)
        if item is None:
            return
        if event.signature is not None:
            item.signature = event.signature
        if event.text:
            self._said |= item.body["type"] == "message"
            yield from item.grow(event.text)

    def _release(self, cut: bool = False) -> Iterator[Body]:
        """The ends that were held back; the last one of a cut answer is incomplete."""
        held, self._held = self._held, []
        for item in held:
            yield from item.end(cut and item is held[-1])
            self._output[item.output_index] = item.body


def writer(request: Request, model: str) -> BodyWriter:
    """What writes the answer to `request`; `model` is the name that the client sees."""
    return SummaryWriter(request, model) if is_compaction(request) else Writer(request, model)


class ResponsesEncoder:
    """The stream of one answer, numbered from 0."""

    def __init__(self, request: Request, model: str) -> None:
        self._writer = writer(request, model)
        self._number = 0

    def feed(self, event: Event) -> bytes:
        if isinstance(event, Ping):
            return comment_bytes("ping")
        return b"".join(self._numbered(body) for body in self._writer.feed(event))

    @property
    def losses(self) -> tuple[Loss, ...]:
        return self._writer.unshown.losses

    def _numbered(self, body: Body) -> bytes:
        number = self._number
        self._number += 1
        return event_bytes(jsonio.dumps({"type": body["type"], "sequence_number": number, **body}), body["type"])


def render_response(answer: Answer, request: Request, model: str) -> Body:
    """A whole answer: the response object that the stream of it would end with."""
    written = writer(request, model)
    bodies = [body for event in unfold(answer) for body in written.feed(event)]
    response: Body = bodies[-1]["response"]
    return response
