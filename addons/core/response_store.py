"""What `previous_response_id` and `item_reference` stand for: conversations of the Responses API, kept in memory.

A tree of input items. A conversation is a path from the root, a response is the last node of its path; what two
conversations begin with is kept once, also when a client sends its whole history with every turn. Source of the
semantics: OpenAI API reference, "Conversation state" and "Create a model response".
"""

import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from addons.core import jsonio

type Item = dict[str, Any]

# what an entry or a node costs beside its JSON, roughly: many tiny ones must not escape the cap
OVERHEAD = 256
# Branches of a conversation that are looked through for an item itself; the beginnings of all conversations are more.
FEW = 8
# Members that an answer has and a request refuses (item type → names; "": of every type): what the SDK's output types
# have and its input types lack, and a reasoning item's status, which the API calls an unknown parameter.
_OUTPUT_ONLY: Mapping[str, frozenset[str]] = {
    "": frozenset({"created_by"}),
    "custom_tool_call_output": frozenset({"status"}),
    "reasoning": frozenset({"status"}),
}
_ENDS = ("response.completed", "response.incomplete")
# what stands for everything before it; a tuple: what stands in an item's `type` need not be hashable
_SUMMARIES = ("compaction", "compaction_summary", "context_compaction")


@dataclass(slots=True, eq=False)
class _Node:
    """`uses` counts the nodes below and the responses that end here. `maker` is the provider whose own form the
    item has; "": it was translated; None: it is the client's."""

    parent: "_Node | None"
    digest: bytes
    item: Item
    size: int
    maker: str | None = None
    below: dict[bytes, "_Node"] = field(default_factory=dict)
    uses: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    last: _Node
    born: float
    keeper: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """A body without references into the store. `keepers` are the providers that know by themselves what it referred
    to (one that is "" or None: nobody does); `makers` are those of each item of its input, "" for what was translated,
    None for what is the client's."""

    body: Mapping[str, Any]
    keepers: frozenset[str | None]
    makers: tuple[str | None, ...]


class ResponseStore:
    """Responses by id, none older than `max_age` seconds, all together within `max_bytes` in memory: the oldest go
    first. `now` is any clock that never goes back. The items that it gives are its own: they must not be changed."""

    def __init__(self, max_age: float, max_bytes: int, now: Callable[[], float]) -> None:
        self._max_age = max_age
        self._max_bytes = max_bytes
        self._now = now
        self._root = _Node(None, b"", {}, 0)
        self._entries: dict[str, _Entry] = {}  # the oldest first
        self._by_item: dict[str, _Node] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """The bytes in use."""
        return self._bytes

    def limit(self, max_age: float, max_bytes: int) -> None:
        """What holds from now on."""
        self._max_age = max_age
        self._max_bytes = max_bytes

    def remember(
        self,
        response_id: str,
        input_items: Iterable[Item],
        output_items: Iterable[Item],
        *,
        maker: str = "",
        keeper: str = "",
    ) -> None:
        """Keeps a response: the whole conversation that was asked, and what was answered. An answer that sums the
        conversation up takes its place. `maker` is the provider whose own form the answer has, `keeper` the one that
        knows the response by this id, too; "": none."""
        output = [as_input(item) for item in output_items]
        summed_up = [n for n, item in enumerate(output) if item.get("type") in _SUMMARIES][-1:]
        node = self._root
        for item in () if summed_up else input_items:
            node = self._below(node, item, None)
        for item in output[summed_up[0] :] if summed_up else output:
            node = self._below(node, item, maker)
        node.uses += 1
        self._forget(response_id)
        self._entries[response_id] = _Entry(node, self._now(), keeper)
        self._bytes += OVERHEAD
        self._trim()

    def items(self, response_id: str) -> list[Item] | None:
        """The conversation up to and with this response, as input items; None when it is not (or no more) known."""
        entry = self._entry(response_id)
        return None if entry is None else [node.item for node in _path(entry.last)]

    def item(self, item_id: str) -> Item | None:
        """The latest item with this id."""
        self._trim()
        node = self._by_item.get(item_id)
        return None if node is None else node.item

    def expanded(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A Responses body without references into this store. What is not in it stays as it is; with nothing to
        replace it is the same object."""
        found = self.expansion(body)
        return body if found is None else found.body

    def expansion(self, body: Mapping[str, Any]) -> Expansion | None:
        """The same, with where everything comes from; None when there is nothing to replace."""
        entry = self._entry(body.get("previous_response_id"))
        given = body.get("input")
        nodes = [self._referred(item) for item in given] if isinstance(given, list) else []
        known = [node for node in nodes if node is not None]
        if entry is None and not known:
            return None
        keepers = frozenset(node.maker for node in known) | (frozenset() if entry is None else {entry.keeper})
        before = [] if entry is None else _path(entry.last)
        items = [node.item for node in before]
        if isinstance(given, list):
            items += [item if node is None else node.item for item, node in zip(given, nodes, strict=True)]
        else:
            items += input_items(given)
        makers = [node.maker for node in before] + [None if node is None else node.maker for node in nodes]
        makers += [None] * (len(items) - len(makers))
        rest = {name: value for name, value in body.items() if entry is None or name != "previous_response_id"}
        return Expansion({**rest, "input": items}, keepers, tuple(makers))

    def _entry(self, response_id: object) -> _Entry | None:
        self._trim()
        return self._entries.get(response_id) if isinstance(response_id, str) else None

    def _referred(self, item: object) -> _Node | None:
        name = reference(item)
        return None if name is None else self._by_item.get(name)

    def _below(self, parent: _Node, item: Item, maker: str | None) -> _Node:
        if len(parent.below) <= FEW:
            for node in parent.below.values():
                if node.item is item:  # it came from here: no need to look at its content
                    return node
        data = _packed(item)
        digest = blake2b(data, digest_size=16).digest()
        return parent.below.get(digest) or self._grown(_Node(parent, digest, item, len(data) + OVERHEAD, maker))

    def _grown(self, node: _Node) -> _Node:
        assert node.parent is not None
        node.parent.below[node.digest] = node
        node.parent.uses += 1
        self._bytes += node.size
        name = node.item.get("id")
        if isinstance(name, str):
            self._by_item[name] = node
        return node

    def _trim(self) -> None:
        oldest_allowed = self._now() - self._max_age
        while self._entries:
            response_id, entry = next(iter(self._entries.items()))
            if entry.born >= oldest_allowed and self._bytes <= self._max_bytes:
                return
            self._forget(response_id)

    def _forget(self, response_id: str) -> None:
        entry = self._entries.pop(response_id, None)
        if entry is None:
            return
        self._bytes -= OVERHEAD
        node = entry.last
        node.uses -= 1
        while node.parent is not None and not node.uses:
            del node.parent.below[node.digest]
            node.parent.uses -= 1
            self._bytes -= node.size
            name = node.item.get("id")
            if isinstance(name, str) and self._by_item.get(name) is node:
                del self._by_item[name]
            node = node.parent


def _packed(item: Item) -> bytes:
    """Bytes that tell items apart. A client that sends its whole history has all of it packed with every turn, and this
    takes a quarter of the time that JSON does; it does not outlive the process. Version 2 looks at values alone."""
    try:
        return marshal.dumps(item, 2)
    except ValueError:  # nested deeper than it goes
        return jsonio.dumps(item)


def _path(last: _Node) -> list[_Node]:
    """From the first item of a conversation to `last`."""
    found: list[_Node] = []
    node = last
    while node.parent is not None:
        found.append(node)
        node = node.parent
    return found[::-1]


def reference(item: object) -> str | None:
    """The id that an input item stands for, when it is nothing but a reference."""
    if not isinstance(item, dict) or not item.keys() <= {"type", "id"}:
        return None
    name = item.get("id")
    # the API lets the type out, or null
    return name if isinstance(name, str) and item.get("type") in ("item_reference", None) else None


def input_items(value: object) -> list[Item]:
    """`input` as a list of items: a bare text is a message of the user; what is no item is left out."""
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": value}]}]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_input(item: Item) -> Item:
    """An output item as it may be sent back. A member that is null says nothing, and `status` may not be null."""
    refused = _OUTPUT_ONLY[""] | _OUTPUT_ONLY.get(str(item.get("type")), frozenset())
    return {
        name: value for name, value in item.items() if name not in refused and not (name == "status" and value is None)
    }


def completed_response(event: object) -> tuple[str, list[Item]] | None:
    """The id and the output items of the event that ends a response, be it cut short; None for any other event. A
    response that failed has nothing to continue from."""
    match event:
        case {"type": str(kind), "response": {"id": str(name), "output": list(output)}} if kind in _ENDS:
            return name, [item for item in output if isinstance(item, dict)]
        case {"type": str(kind), "response": {"id": str(name)}} if kind in _ENDS:
            return name, []
        case _:
            return None
