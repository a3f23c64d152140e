"""Pieces of translating whose cost is measured, each with plain JSON work on the same bytes beside it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.events import Cause, Event, Finish
from addons.core.model import DialectName
from addons.core.sse import SseEvent, SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.dialects.base import Dialect
from harness.long_requests import busy_answer, history, huge_answer, patient_answer, question, written
from harness.stopwatch import side_by_side

# as much as a socket gives at once
CHUNK = 65_536
PIECE = 100
MODELS = {
    DialectName.ANTHROPIC: "claude-opus-4-8",
    DialectName.CHAT: "gpt-5.1",
    DialectName.RESPONSES: "gpt-5.5",
    DialectName.GEMINI: "gemini-3.8-flash",
    DialectName.COMPLETIONS: "some-model",
}


def _events(stream: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [*parser.feed(stream), *parser.finish()]


def _decoded(dialect: Dialect, stream: bytes, chunk: int = CHUNK) -> list[Event]:
    decoder = dialect.decoder()
    events = [event for at in range(0, len(stream), chunk) for event in decoder.feed(stream[at : at + chunk])]
    return events + decoder.finish(Cause.COMPLETE)


def _whole(dialect: Dialect, streams: Sequence[bytes]) -> list[bytes]:
    """The streams that are read to a good end: the broken ones end early and would look cheap."""
    return [stream for stream in streams if isinstance(_decoded(dialect, stream)[-1], Finish)]


type Grown = Callable[[int], Sequence[Event]]


class Work(Protocol):
    """`size` is that of the bytes which are read or written."""

    @property
    def size(self) -> int: ...

    def run(self) -> object: ...

    def json_of_the_same(self) -> object: ...


class _Json:
    """The bytes of some events, for plain JSON work."""

    def __init__(self, streams: Sequence[bytes]) -> None:
        self.data = [event.data for stream in streams for event in _events(stream) if event.data != b"[DONE]"]

    def json_of_the_same(self) -> None:
        for data in self.data:
            json.dumps(json.loads(data))

    @property
    def count(self) -> int:
        return len(self.data)

    @property
    def size(self) -> int:
        return sum(map(len, self.data))


class Decoding(_Json):
    def __init__(self, dialect: Dialect, streams: Sequence[bytes], *, chunk: int = CHUNK) -> None:
        self.streams = _whole(dialect, streams)
        self.dialect = dialect
        self.chunk = chunk
        super().__init__(self.streams)

    def run(self) -> None:
        for stream in self.streams:
            _decoded(self.dialect, stream, self.chunk)


class Encoding(_Json):
    def __init__(self, dialect: Dialect, answers: Sequence[Sequence[Event]]) -> None:
        self.answers = answers
        self.dialect = dialect
        super().__init__([written(dialect, events) for events in answers])

    @classmethod
    def again(cls, dialect: Dialect, streams: Sequence[bytes]) -> "Encoding":
        """Of the answers that the streams hold."""
        return cls(dialect, [_decoded(dialect, stream) for stream in _whole(dialect, streams)])

    def run(self) -> None:
        for events in self.answers:
            written(self.dialect, events)


class Folding(_Json):
    """An answer that is not streamed: its events folded and rendered as one body."""

    def __init__(self, dialect: Dialect, events: Sequence[Event]) -> None:
        self.dialect = dialect
        self.events = events
        self.request = dialect.parse_request(question(dialect.name))
        super().__init__([written(dialect, events)])

    def run(self) -> None:
        jsonio.dumps(self.dialect.render_response(fold(self.events), self.request, "m"))


class Translating:
    """A Claude Code request, from the client's bytes to the bytes for a provider of `target`."""

    def __init__(self, body: dict[str, Any], target: DialectName) -> None:
        self.raw = json.dumps(body, ensure_ascii=False).encode()
        self.traits = Traits.of(MODELS[target])
        self.target = DIALECTS[target]

    @property
    def size(self) -> int:
        return len(self.raw)

    def run(self) -> bytes:
        parsed = DIALECTS[DialectName.ANTHROPIC].parse_request(jsonio.loads(self.raw))
        return jsonio.dumps(self.target.render_request(parsed, self.traits, ToolNames.of(parsed)).body)

    def json_of_the_same(self) -> bytes:
        return json.dumps(json.loads(self.raw)).encode()


@dataclass(frozen=True)
class Growth:
    """The same work on a small and on a large input, made when it is asked for."""

    name: str
    make: Callable[[int], Work]
    small: int
    large: int

    def measured(self, rounds: int) -> tuple[float, float]:
        """Seconds of CPU for the large input, and how the cost grows over how it should: 1 is linear.

        What it should cost is what plain JSON work on the same bytes does (what no longer fits the machine's caches
        costs more a byte, whoever reads it), as long as the bytes themselves grow in proportion.
        """
        works = self.make(self.small), self.make(self.large)
        small, small_json, large, large_json = side_by_side(
            [run for work in works for run in (work.run, work.json_of_the_same)], rounds
        )
        swelling = works[1].size / works[0].size / (self.large / self.small)
        return large, (large / small) / (large_json / small_json) * max(1.0, swelling)


def growths() -> Iterator[Growth]:
    """Everything that must not cost more than in proportion: large events, long streams, many calls, long histories."""
    for name, dialect in DIALECTS.items():
        yield from _of_answers(dialect, "one event of 1 and 5 MB", huge_answer, 1_000_000, 5_000_000)
        yield from _of_answers(dialect, "2,000 and 10,000 deltas", patient_answer, 2_000, 10_000)
        # legacy completions have no calls to write
        if name is not DialectName.COMPLETIONS:
            yield from _of_answers(dialect, "200 and 1,000 calls", busy_answer, 200, 1_000)
        pieces = partial(_decoding, dialect, huge_answer, PIECE)
        yield Growth(f"decode {name}: one event of 250 KB and 1 MB, in small pieces", pieces, 250_000, 1_000_000)
        yield Growth(f"request to {name}: 500 and 2,000 messages", partial(_history, name), 500, 2_000)


def _of_answers(dialect: Dialect, what: str, grown: Grown, small: int, large: int) -> Iterator[Growth]:
    works: Mapping[str, Callable[[int], Work]] = {
        "decode": partial(_decoding, dialect, grown, CHUNK),
        "encode": lambda size: Encoding(dialect, [grown(size)]),
        "fold": lambda size: Folding(dialect, grown(size)),
    }
    for word, make in works.items():
        yield Growth(f"{word} {dialect.name}: {what}", make, small, large)


def _decoding(dialect: Dialect, grown: Grown, chunk: int, size: int) -> Decoding:
    return Decoding(dialect, [written(dialect, grown(size))], chunk=chunk)


def _history(target: DialectName, messages: int) -> Translating:
    return Translating(history(messages), target)
