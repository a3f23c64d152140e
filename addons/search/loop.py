"""One answer over several rounds: the model calls the router's tools, is told what was found, and goes on.

Pure. `feed` takes the events of the target's answers and gives those that the client sees, as one answer: parts are
numbered through, usage is added up, and the end of a round that wants something looked up is kept back. Then `waiting`
holds what is to be looked up; `tell` takes it, and `request` is what is asked next (None: the answer is over).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from addons.core import jsonio
from addons.core.accumulate import Accumulator, merge_usage
from addons.core.events import (
    Begin,
    Cited,
    Event,
    Finish,
    FinishReason,
    PartClose,
    PartDelta,
    PartOpen,
    Usage,
    UsageReport,
)
from addons.core.model import DialectName, Message, Opaque, Part, Request, Text, ToolCall, ToolChoice, ToolResult
from addons.search import blocks
from addons.search.lookups import Looked, Lookup, LookupKind, SearchTool, told
from addons.search.offer import FORMS, Taken
from addons.search.prior import Prior

MAX_ROUNDS = 8
MAX_USES = 20
MAX_QUERY = 1_000
_GOES_ON = frozenset({FinishReason.TOOL_USE, FinishReason.END_TURN})


@dataclass(slots=True)
class _Call:
    tool: SearchTool
    id: str
    texts: list[str] = field(default_factory=list)


class Loop:
    """`taken` is what the router has taken over of a client's request."""

    def __init__(self, taken: Taken) -> None:
        self.request: Request | None = taken.request
        self.waiting: tuple[Lookup, ...] = ()
        self._tools = taken.tools
        self._client = taken.request.dialect
        self._asked = taken.request
        self._prior = Prior(taken.request.messages)
        self._round = 1
        self._next = 0
        self._name: str | None = None
        self._used: dict[str, int] = {}
        self._done: dict[LookupKind, int] = {}
        self._before = Usage()
        self._start_round()

    def _start_round(self) -> None:
        self._said = Accumulator()
        self._usage = Usage()
        self._places: dict[int, int] = {}
        self._calls: dict[int, _Call] = {}
        self._lookups: dict[int, Lookup] = {}
        self._client_calls = False

    @property
    def usage(self) -> Usage:
        """What all rounds have used so far."""
        return _sum(self._before, self._usage)

    def feed(self, event: Event) -> Iterator[Event]:
        self._said.add(event)
        match event:
            case Begin():
                if self._round == 1:
                    self._name = event.id
                    yield event
            case PartOpen():
                yield from self._opened(event)
            case PartDelta() if event.index in self._calls:
                self._calls[event.index].texts.append(event.text)
            case PartDelta():
                yield replace(event, index=self._places[event.index])
            case PartClose() if event.index in self._calls:
                yield from self._called(event.index)
            case PartClose() | Cited():
                yield replace(event, index=self._places[event.index])
            case UsageReport():
                self._usage = merge_usage(self._usage, event.usage)
                yield self._report()
            case Finish() if self._lookups and event.reason in _GOES_ON:
                self.waiting = tuple(self._lookups.values())
            case _:
                yield event

    def tell(self, found: Sequence[Looked]) -> Iterator[Event]:
        """What became of `waiting`, in its order."""
        for looked in found:
            if looked.error is None:
                self._done[looked.lookup.tool.kind] = self._done.get(looked.lookup.tool.kind, 0) + 1
            self._prior.add(looked)
            yield from self._show(blocks.answered(self._client, looked))
        self.waiting = ()
        if self._client_calls or self._round == MAX_ROUNDS:
            self.request = None
            yield self._report()
            yield Finish(FinishReason.TOOL_USE if self._client_calls else FinishReason.END_TURN)
        else:
            self._go_on(found)

    def _go_on(self, found: Sequence[Looked]) -> None:
        self._round += 1
        ids = self._ids(found)
        said = tuple(part for part in self._parts(ids) if not isinstance(part, Text) or part.text.strip())
        results = tuple(
            ToolResult(ids[n], (Text(told(looked)),)) for n, looked in zip(self._lookups, found, strict=True)
        )
        self._asked = self.request = replace(
            self._asked,
            messages=(*self._asked.messages, Message("assistant", said), Message("user", results)),
            tool_choice=self._choice(),
        )
        self._before = _sum(self._before, self._usage)
        self._start_round()

    def _choice(self) -> ToolChoice | None:
        """What was forced was called; in the last round the model is to answer."""
        choice = self._asked.tool_choice
        if self._round == MAX_ROUNDS:
            return ToolChoice("none")
        return None if choice is not None and choice.mode in ("required", "tool") else choice

    def _ids(self, found: Sequence[Looked]) -> dict[int, str]:
        """The ids of the calls in the conversation: the provider's, unless it gives one twice."""
        used = {part.id for message in self._asked.messages for part in message.parts if isinstance(part, ToolCall)}
        ids: dict[int, str] = {}
        for n, looked in zip(self._lookups, found, strict=True):
            own = looked.lookup.call_id
            ids[n] = own if own and own not in used else looked.lookup.id
            used.add(ids[n])
        return ids

    def _parts(self, ids: Mapping[int, str]) -> Iterator[Part]:
        for n, part in enumerate(self._said.answer.parts):
            if not isinstance(part, Opaque):
                yield replace(part, id=ids[n]) if isinstance(part, ToolCall) and n in ids else part

    def _opened(self, event: PartOpen) -> Iterator[Event]:
        tool = self._tools.get(event.name or "") if event.kind == "tool_call" and event.namespace is None else None
        if tool is not None:
            self._calls[event.index] = _Call(tool, event.id or "")
            return
        self._client_calls |= event.kind == "tool_call"
        self._places[event.index] = self._next
        self._next += 1
        yield replace(event, index=self._places[event.index])

    def _called(self, index: int) -> Iterator[Event]:
        call = self._calls[index]
        lookup = self._lookup(call, f"{index}")
        self._lookups[index] = lookup
        yield from self._show(blocks.called(self._client, lookup))

    def _lookup(self, call: _Call, place: str) -> Lookup:
        arguments = _object("".join(call.texts))
        wanted = arguments.get(FORMS[call.tool.kind].wanted)
        wanted = wanted.strip() if isinstance(wanted, str) else ""
        seed = f"{self._name}\0{len(self._asked.messages)}\0{self._round}\0{place}\0{call.id}\0{wanted}"
        digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        prefix = blocks.ID_PREFIXES.get(self._client, "call_")
        return Lookup(call.tool, f"{prefix}{digest}", call.id, wanted, arguments, self._refusal(call.tool, wanted))

    def _refusal(self, tool: SearchTool, wanted: str) -> str | None:
        used = self._used[tool.function] = self._used.get(tool.function, 0) + 1
        if used > min(tool.max_uses or MAX_USES, MAX_USES):
            return "max_uses_exceeded"
        if not wanted:
            return "invalid_tool_input"
        if tool.kind == "search":
            return "query_too_long" if len(wanted) > MAX_QUERY else None
        return self._prior.refusal(tool, wanted)

    def _show(self, raw: dict[str, Any] | None) -> Iterator[Event]:
        if raw is not None:
            yield from blocks.opaque(self._next, self._client, raw)
            self._next += 1

    def _report(self) -> UsageReport:
        total = self.usage
        if self._client is not DialectName.ANTHROPIC:
            return UsageReport(total)
        counts = {"web_search_requests": self._done.get("search", 0), "web_fetch_requests": self._done.get("fetch", 0)}
        return UsageReport(replace(total, extras={**total.extras, "server_tool_use": counts}))


def _sum(one: Usage, other: Usage) -> Usage:
    """Every round is paid for. What no round reports stays unreported."""

    def added(a: int | None, b: int | None) -> int | None:
        return b if a is None else a if b is None else a + b

    return Usage(
        added(one.input, other.input),
        added(one.output, other.output),
        added(one.cache_read, other.cache_read),
        added(one.cache_write, other.cache_write),
        added(one.reasoning, other.reasoning),
        {**one.extras, **other.extras},
    )


def _object(text: str) -> dict[str, Any]:
    try:
        value = jsonio.loads(text or "{}")
    except jsonio.JsonError:
        return {}
    return value if isinstance(value, dict) else {}
