"""The parts of a Chat Completions answer as part events.

Theory of operation. Parts open when their first delta comes: reasoning, text, then a part for each tool call index.
Text and thinking close when another part opens. A tool call closes when the next one opens and its arguments are
complete JSON; else it stays open, because the provider may be interleaving.

Some providers must see again what they say beside the words of their reasoning: OpenRouter's `reasoning_details`, and
the `extra_content` of a call of Google's. Both become the signature of a thinking part (`_chat_details`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.events import Aside, Cited, Event, PartClose, PartDelta, PartOpen
from addons.core.model import Citation, DialectName, ToolKind
from addons.dialects._asides import asides, citation, listed
from addons.dialects._chat_details import EXTRA, KEY, add_detail
from addons.dialects.base import Body

CHAT = DialectName.CHAT

# members with a canonical home
_MESSAGE = frozenset(
    ("role", "content", "refusal", "reasoning_content", "reasoning", KEY, "tool_calls", "function_call",
     "annotations", "images")
)  # fmt: skip
_PLAIN = _MESSAGE - {"annotations", "images"}
_CALL = frozenset({"index", "id", "type", "function", "custom", EXTRA})
_CALLED = frozenset({"name", "arguments", "input"})


class Parts:
    """Turns the deltas of one choice into part events."""

    def __init__(self) -> None:
        self._next = 0
        self._plain: tuple[str, int] | None = None
        self._calls: dict[int, tuple[int, list[str]]] = {}
        self._open_calls: dict[int, None] = {}
        self._details: list[Body] = []
        self._sources: list[Citation] = []

    @property
    def called(self) -> bool:
        return bool(self._calls)

    def plain(self, kind: str, text: str) -> Iterator[Event]:
        """Text or thinking."""
        if self._plain is None or self._plain[0] != kind:
            yield from self._close_plain()
            yield from self._close_calls()
            self._plain = (kind, self._next)
            yield PartOpen(self._next, "thinking" if kind == "thinking" else "text", dialect=CHAT)
            self._next += 1
        yield PartDelta(self._plain[1], text)
        if self._sources and kind == "text":
            yield from self._cite()

    def sources(self, annotations: object) -> Iterator[Event]:
        """What the text rests on; some providers tell it before they say anything."""
        for each in listed(annotations):
            found = citation(each.get("url_citation")) if isinstance(each, dict) else None
            if found is None:
                yield Aside("message.annotations", content=True)
            else:
                self._sources.append(found)
        if self._plain is not None and self._plain[0] == "text":
            yield from self._cite()

    def _cite(self) -> Iterator[Event]:
        assert self._plain is not None
        found, self._sources = self._sources, []
        yield from (Cited(self._plain[1], each) for each in found)

    def pictures(self, images: object) -> Iterator[Event]:
        """What the model has painted, as OpenRouter tells it."""
        for each in listed(images):
            yield from self._close_plain()
            index = self._next
            self._next += 1
            yield PartOpen(index, "opaque", dialect=CHAT, raw=each if isinstance(each, dict) else {"type": "image_url"})
            yield PartClose(index)

    def details(self, raw: object) -> None:
        """More of the details of the reasoning."""
        for each in raw if isinstance(raw, list) else ():
            if isinstance(each, dict):
                add_detail(self._details, each)

    def end(self) -> Iterator[Event]:
        """Nothing more comes: what was kept of the reasoning is told."""
        if self._plain is not None and self._plain[0] == "thinking":
            yield from self._close_plain()
        if self._details:
            kept, self._details = self._details, []
            yield from self._silent({KEY: kept})
        if self._sources:
            self._sources.clear()
            yield Aside("message.annotations", content=True)

    def _silent(self, kept: Body) -> Iterator[Event]:
        """Thinking without words."""
        index = self._next
        self._next += 1
        yield PartOpen(index, "thinking", dialect=CHAT)
        yield PartDelta(index, signature=jsonio.text(kept))
        yield PartClose(index)

    def call(self, key: int, call: Mapping[str, Any]) -> Iterator[Event]:
        """A piece of the tool call `key`, of a function or of a custom tool."""
        kind: ToolKind = "custom" if isinstance(call.get("custom"), dict) else "function"
        inner = call.get(kind) or {}
        if key not in self._calls:
            yield from self.end()
            yield from self._close_plain()
            yield from self._close_calls()
            if isinstance(call.get(EXTRA), dict):
                yield from self._silent({EXTRA: call[EXTRA]})
            index = self._next
            self._next += 1
            self._calls[key] = (index, [])
            self._open_calls[key] = None
            call_id, name = call.get("id") or f"call_{index}", inner.get("name") or ""
            yield PartOpen(index, "tool_call", id=call_id, name=name, tool_kind=kind)
        arguments = inner.get("input" if kind == "custom" else "arguments")
        if isinstance(arguments, (dict, list)):
            arguments = jsonio.text(arguments)
        if arguments:
            index, pieces = self._calls[key]
            pieces.append(arguments)
            yield PartDelta(index, arguments)
        if not (_CALL.issuperset(call) and _CALLED.issuperset(inner)):
            yield from asides(call, _CALL, "message.tool_calls[].", content=True)
            yield from asides(inner, _CALLED, f"message.tool_calls[].{kind}.", content=True)

    def key(self, call: Mapping[str, Any], position: int) -> int:
        """Which call a piece belongs to: by its index; without one, a piece with a new id opens a call."""
        index = call.get("index")
        if isinstance(index, int):
            return index
        if call.get("id") is None and self._calls:
            return max(self._calls)
        return len(self._calls) + position if call.get("id") else position

    def _close_plain(self) -> Iterator[Event]:
        if self._plain is not None:
            if self._plain[0] == "thinking" and self._details:
                kept, self._details = self._details, []
                yield PartDelta(self._plain[1], signature=jsonio.text({KEY: kept}))
            yield PartClose(self._plain[1])
            self._plain = None

    def _close_calls(self) -> Iterator[Event]:
        for key in list(self._open_calls):
            index, pieces = self._calls[key]
            if _complete("".join(pieces)):
                del self._open_calls[key]
                yield PartClose(index)


def _complete(arguments: str) -> bool:
    try:
        jsonio.loads(arguments)
    except jsonio.JsonError:
        return False
    return True


def delta_events(parts: Parts, delta: Mapping[str, Any]) -> Iterator[Event]:
    """The events of one delta, or of a whole message."""
    thinking = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(thinking, str) and thinking:
        yield from parts.plain("thinking", thinking)
    parts.details(delta.get(KEY))
    for key in ("content", "refusal"):
        if isinstance(delta.get(key), str) and delta[key]:
            yield from parts.plain("text", delta[key])
    if not _PLAIN.issuperset(delta):
        yield from parts.sources(delta.get("annotations"))
        yield from parts.pictures(delta.get("images"))
        yield from asides(delta, _MESSAGE, "message.", content=True)
    for position, call in enumerate(delta.get("tool_calls") or ()):
        yield from parts.call(parts.key(call, position), call)
    legacy = delta.get("function_call")
    if isinstance(legacy, dict):
        yield from parts.call(0, {"id": legacy.get("name"), "function": legacy})
