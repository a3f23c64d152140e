"""Folds events into the finished answer, and back: the non-streamed path is the streamed one, folded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from addons.core.checked import counted
from addons.core.errors import ErrorInfo
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
    Usage,
    UsageReport,
)
from addons.core.model import Citation, DialectName, Opaque, Text, Thinking, ToolCall

type AnswerPart = Text | Thinking | ToolCall | Opaque


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of a model. `error` is set when the stream ended in `Failed`; `finish` is then None. `asides`
    are what it says that no other dialect has a place for."""

    id: str | None = None
    model: str | None = None
    created: int | None = None
    parts: tuple[AnswerPart, ...] = ()
    usage: Usage = field(default_factory=Usage)
    finish: FinishReason | None = None
    stop_sequence: str | None = None
    error: ErrorInfo | None = None
    asides: tuple[Aside, ...] = ()


def merge_usage(old: Usage, new: Usage) -> Usage:
    """`new` on top of `old`: a field that `new` does not report, or not as a count, keeps its value."""
    new = counted(new)
    return Usage(
        input=old.input if new.input is None else new.input,
        output=old.output if new.output is None else new.output,
        cache_read=old.cache_read if new.cache_read is None else new.cache_read,
        cache_write=old.cache_write if new.cache_write is None else new.cache_write,
        reasoning=old.reasoning if new.reasoning is None else new.reasoning,
        extras={**old.extras, **new.extras},
    )


class Accumulator:
    """Takes events in order; `answer` is what they make up so far."""

    def __init__(self) -> None:
        self._begin = Begin()
        self._usage = Usage()
        self._finish: Finish | None = None
        self._error: ErrorInfo | None = None
        self._open: dict[int, PartOpen] = {}
        self._text: dict[int, list[str]] = {}
        self._signature: dict[int, str] = {}
        self._cited: dict[int, list[Citation]] = {}
        self._asides: dict[Aside, None] = {}

    def add(self, event: Event) -> None:
        match event:
            case Begin():
                self._begin = event
            case PartOpen():
                self._open[event.index] = event
                self._text[event.index] = []
            case PartDelta():
                self._text[event.index].append(event.text)
                if event.signature is not None:
                    self._signature[event.index] = event.signature
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
            case Finish():
                self._finish = event
            case Failed():
                self._error = event.error
            case Cited():
                self._cited.setdefault(event.index, []).append(event.citation)
            case Aside():
                self._asides[event] = None
            case _:
                pass

    @property
    def answer(self) -> Answer:
        parts = tuple(self._part(index) for index in sorted(self._open))
        begin, finish = self._begin, self._finish
        return Answer(
            id=begin.id,
            model=begin.model,
            created=begin.created,
            parts=parts,
            usage=self._usage,
            finish=None if finish is None else finish.reason,
            stop_sequence=None if finish is None else finish.stop_sequence,
            error=self._error,
            asides=tuple(self._asides),
        )

    def _part(self, index: int) -> AnswerPart:
        opened, text = self._open[index], "".join(self._text[index])
        match opened.kind:
            case "text":
                return Text(text, citations=tuple(self._cited.get(index, ())))
            case "thinking":
                return Thinking(
                    text, self._signature.get(index), redacted=opened.redacted, id=opened.id, dialect=opened.dialect
                )
            case "tool_call":
                return ToolCall(
                    opened.id or "", opened.name or "", text, kind=opened.tool_kind, namespace=opened.namespace
                )
            case "opaque":
                return Opaque(opened.dialect or DialectName.ANTHROPIC, opened.raw)


def fold(events: Iterable[Event]) -> Answer:
    """The answer that a whole stream of events makes up."""
    accumulator = Accumulator()
    for event in events:
        accumulator.add(event)
    return accumulator.answer


def unfold(answer: Answer) -> Iterator[Event]:
    """The shortest lawful stream that folds into `answer`: one delta a part."""
    yield Begin(answer.id, answer.model, answer.created)
    for index, part in enumerate(answer.parts):
        yield from _part_events(index, part)
    yield from answer.asides
    if answer.usage != Usage():
        yield UsageReport(answer.usage)
    if answer.error is not None:
        yield Failed(answer.error)
    else:
        yield Finish(answer.finish or FinishReason.END_TURN, answer.stop_sequence)


def _part_events(index: int, part: AnswerPart) -> Iterator[Event]:
    match part:
        case Text():
            yield PartOpen(index, "text")
            if part.text:
                yield PartDelta(index, part.text)
            yield from (Cited(index, citation) for citation in part.citations)
        case Thinking():
            yield PartOpen(index, "thinking", id=part.id, redacted=part.redacted, dialect=part.dialect)
            if part.text or part.signature is not None:
                yield PartDelta(index, part.text, signature=part.signature)
        case ToolCall():
            yield PartOpen(
                index, "tool_call", id=part.id, name=part.name, namespace=part.namespace, tool_kind=part.kind
            )
            if part.arguments:
                yield PartDelta(index, part.arguments)
        case Opaque():
            yield PartOpen(index, "opaque", dialect=part.dialect, raw=part.raw)
    yield PartClose(index)
