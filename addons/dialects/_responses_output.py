"""The output items of a Responses answer as parts.

Theory of operation. An answer is a list of items, an item a few streams of text: the contents of a message, the
summaries and contents of a reasoning item, the arguments of a call. Each text may come in deltas, in a `.done` event,
in the finished item, in the finished response, or in any of them: providers leave out what they like. So every item
remembers what was shown of each of its texts, and a later, fuller form only adds what is missing (`Item.missing`).
Items are known by `output_index`: some providers give an item another id in every event.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from addons.core.errors import RemoteDataError
from addons.core.events import Aside, Cited, Event, PartClose, PartDelta, PartKind, PartOpen
from addons.core.model import DialectName
from addons.dialects._asides import asides, citation, listed
from addons.dialects.base import Body

RESPONSES = DialectName.RESPONSES

# item type → the part that it makes; every other item is opaque
KINDS: Mapping[str, PartKind] = {
    "message": "text",
    "reasoning": "thinking",
    "function_call": "tool_call",
    "custom_tool_call": "tool_call",
}
# the words of a refusal that came without any: they are the router's own, and say no more than the finish does
REFUSED = "The model refused to answer."
# members of items, and of the contents of a message, that have a canonical home
_ITEM = frozenset(
    ("id", "type", "role", "status", "content", "summary", "encrypted_content", "call_id", "name", "arguments", "input",
     "namespace")
)  # fmt: skip
_CONTENT = frozenset({"type", "text", "refusal", "annotations"})
_WORDS = frozenset({"output_text", "refusal", "text"})
type Key = tuple[str, int]


def words(value: object) -> str | None:
    return value if isinstance(value, str) else None


def count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text_of(value: object) -> str:
    """A piece of text; null is none of it."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RemoteDataError("a text is not a string")
    return value


@dataclass(slots=True, eq=False)
class Item:
    """One output item: what is known of it, and what was shown of its texts."""

    kind: PartKind
    raw: Body
    shown: dict[Key, list[str]] = field(default_factory=dict)
    waiting: list[tuple[Key, str]] = field(default_factory=list)  # texts of a call whose name is not known yet
    part: int | None = None
    key: Key | None = None  # the text that was shown last
    done: bool = False

    def missing(self, key: Key, whole: str) -> str:
        """What of `whole` was not shown yet. What contradicts the text that was shown cannot be taken back."""
        shown = "".join(self.shown.get(key, ()))
        return whole[len(shown) :] if whole.startswith(shown) else ""


class Output:
    """The items of one answer; every method gives the events that its news stands for."""

    def __init__(self) -> None:
        self.called = False
        self.refused = False
        self._items: list[Item] = []
        self._at: dict[int, Item] = {}
        self._next = 0

    def added(self, data: Body) -> Iterator[Event]:
        item = self._new(data["item"], count(data.get("output_index")))
        if item.kind == "tool_call":
            yield from self._open(item)

    def done(self, data: Body) -> Iterator[Event]:
        raw = data["item"]
        item = self._known(raw, count(data.get("output_index")))
        yield from self._complete(item or self._new(raw, count(data.get("output_index"))), raw)

    def delta(self, data: Body, kind: str, name: str, counter: str) -> Iterator[Event]:
        item = self._addressed(data, kind)
        if item.done:
            item = self._new({"type": kind, "id": None}, count(data.get("output_index")))
        yield from self._show(item, (name, count(data.get(counter)) or 0), text_of(data.get("delta")))

    def text_done(self, data: Body, kind: str, name: str, counter: str, member: str) -> Iterator[Event]:
        item = self._addressed(data, kind)
        key = (name, count(data.get(counter)) or 0)
        yield from self._show(item, key, item.missing(key, text_of(data.get(member))))

    def rest(self, output: Iterable[Body]) -> Iterator[Event]:
        """The output list of the finished response: what no event before it has told."""
        listed = list(output)
        left = list(self._items)
        met: dict[int, Item] = {}
        # ids first: an item whose id changed is recognised among those that are left
        for matches in (_same, _alike):
            for n, raw in enumerate(listed):
                item = next((item for item in left if n not in met and matches(item.raw, raw)), None)
                if item is not None:
                    met[n] = item
                    left.remove(item)
        for n, raw in enumerate(listed):
            yield from self._complete(met.get(n) or self._new(raw, None), raw)
        if any(item.waiting for item in self._items):
            raise RemoteDataError("a call has no name")

    def _new(self, raw: Body, position: int | None) -> Item:
        item = Item(KINDS.get(raw.get("type", ""), "opaque"), raw)
        self._items.append(item)
        if position is not None:
            self._at[position] = item
        return item

    def _known(self, raw: Body, position: int | None) -> Item | None:
        """The item that an `output_item.done` finishes; a finished one is only met again as itself."""
        found = self._at.get(position) if position is not None else None
        if found is not None and found.raw.get("type") == raw.get("type") and (not found.done or _same(found.raw, raw)):
            return found
        return next((item for item in self._items if _same(item.raw, raw)), None)

    def _addressed(self, data: Body, kind: str) -> Item:
        """The item that a text belongs to; one that was never announced is made up."""
        position = count(data.get("output_index"))
        found = self._at.get(position) if position is not None else None
        if found is None and data.get("item_id") is not None:
            found = next((item for item in self._items if item.raw.get("id") == data["item_id"]), None)
        if found is None and position is None and self._items and self._items[-1].kind == KINDS[kind]:
            found = self._items[-1]
        if found is None or found.kind != KINDS[kind]:
            return self._new({"type": kind, "id": data.get("item_id")}, position)
        return found

    def _show(self, item: Item, key: Key, text: str) -> Iterator[Event]:
        if not text:
            return
        item.shown.setdefault(key, []).append(text)
        if item.kind == "tool_call" and item.part is None:
            yield from self._open(item)
        if item.kind == "tool_call" and item.part is None:
            item.waiting.append((key, text))
            return
        yield from self._turn(item, key)
        if item.part is not None:
            yield PartDelta(item.part, text)

    def _turn(self, item: Item, key: Key) -> Iterator[Event]:
        """Another text of the item begins: contents of a message are parts, summaries are paragraphs."""
        before, item.key = item.key, key
        if item.kind == "text" and before not in (None, key):
            yield from self._close(item)
        if item.part is None:
            yield from self._open(item)
        elif item.kind == "thinking" and before not in (None, key):
            yield PartDelta(item.part, "\n\n")

    def _open(self, item: Item) -> Iterator[Event]:
        raw = item.raw
        call = item.kind == "tool_call"
        if item.done or (call and not (raw.get("name") and raw.get("call_id"))):
            return
        for other in self._items:
            if other is not item and other.kind in ("text", "thinking"):
                yield from self._close(other)
        item.part = self._next
        self._next += 1
        if not call:
            thinking = item.kind == "thinking"
            yield PartOpen(
                item.part,
                item.kind,
                id=words(raw.get("id")) if thinking else None,
                dialect=RESPONSES if thinking else None,
            )
            return
        self.called = True
        yield PartOpen(
            item.part,
            "tool_call",
            id=text_of(raw["call_id"]),
            name=text_of(raw["name"]),
            namespace=words(raw.get("namespace")),
            tool_kind="custom" if raw["type"] == "custom_tool_call" else "function",
        )
        for _, text in item.waiting:
            yield PartDelta(item.part, text)
        item.waiting.clear()

    def _close(self, item: Item) -> Iterator[Event]:
        if item.part is not None:
            yield PartClose(item.part)
            item.part = None

    def _complete(self, item: Item, raw: Body) -> Iterator[Event]:
        """The whole item is known."""
        if item.done:
            return
        item.raw = {**item.raw, **raw}
        self.refused |= refuses(raw)
        if item.kind == "opaque":
            yield PartOpen(self._next, "opaque", dialect=RESPONSES, raw=raw)
            yield PartClose(self._next)
            self._next += 1
        else:
            yield from self._finish(item)
        item.done = True

    def _finish(self, item: Item) -> Iterator[Event]:
        if item.kind == "tool_call":
            if item.part is None and not item.raw.get("call_id"):
                item.raw["call_id"] = item.raw.get("id") or f"call_{self._next}"
            if item.part is None and not item.raw.get("name"):
                raise RemoteDataError("a call has no name")
            if item.part is None:
                yield from self._open(item)
        for key, text in texts_of(item.raw):
            yield from self._show(item, key, item.missing(key, text))
            yield from _beside(item, key)
        yield from asides(item.raw, _ITEM, f"{item.raw.get('type')}.")
        signature = words(item.raw.get("encrypted_content")) if item.kind == "thinking" else None
        if signature is not None:
            if item.part is None:
                yield from self._open(item)
            if item.part is not None:
                yield PartDelta(item.part, signature=signature)
        yield from self._close(item)


def _beside(item: Item, key: Key) -> Iterator[Event]:
    """What a content of a message says beside its words, or one of the texts of a reasoning item."""
    if item.kind == "tool_call":
        return
    content = item.raw[key[0]][key[1]]
    kind = content.get("type")
    if item.kind == "thinking":
        yield from asides(content, _CONTENT, f"{kind}.", content=True)
        return
    if kind not in _WORDS:
        yield Aside(f"message.{kind}", content=True)
        return
    for each in listed(content.get("annotations")):
        found = citation(each)
        if found is None or item.part is None or item.key != key:
            yield Aside(f"{kind}.annotations", content=True)
        else:
            yield Cited(item.part, found)
    yield from asides(content, _CONTENT, f"{kind}.", content=True)


def _same(one: Body, other: Body) -> bool:
    """Whether two forms are of one item: by its id, or by the id of its call."""
    return any(one.get(name) is not None and one.get(name) == other.get(name) for name in ("id", "call_id"))


def _alike(one: Body, other: Body) -> bool:
    """Whether two forms may be of one item whose id changed: calls keep the id of the call."""
    calls = (one.get("call_id"), other.get("call_id"))
    return one.get("type") == other.get("type") and (None in calls or calls[0] == calls[1])


def said_refusal(part: Body) -> object:
    """The words of a refusal part that the model has said."""
    words_of = part.get("refusal")
    return None if words_of == REFUSED else words_of


def refuses(raw: Body) -> bool:
    """Whether a whole item is a refusal."""
    return raw.get("type") == "message" and any(part.get("type") == "refusal" for part in raw.get("content") or ())


def texts_of(raw: Body) -> Iterator[tuple[Key, str]]:
    """Every text of a whole item."""
    match raw.get("type"):
        case "message" | "reasoning":
            for name in ("summary", "content"):
                for n, part in enumerate(raw.get(name) or ()):
                    yield (name, n), text_of(part.get("text", said_refusal(part)))
        case "function_call":
            yield ("call", 0), text_of(raw.get("arguments"))
        case "custom_tool_call":
            yield ("call", 0), text_of(raw.get("input"))
