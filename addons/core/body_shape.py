"""The shape of a request's body: how large its parts are, and how many; nothing of what it says.

Source: the predecessor's log of large requests (its limits of 50,000 nodes, 8 texts and 256 KiB).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addons.core.debug import tool_types
from addons.core.secret_shapes import is_label

NODES_LIMIT = 50_000
LARGE_TEXT = 256 * 1024
LARGEST = 8
TYPES_LIMIT = 32
NAME_LIMIT = 40
UNNAMED = "*"

# what a `type`, or a member's name, counts as
KINDS: Mapping[str, str] = {
    "image": "images",
    "image_url": "images",
    "input_image": "images",
    "inlineData": "media",
    "inline_data": "media",
    "fileData": "media",
    "file_data": "media",
    "input_audio": "media",
    "document": "documents",
    "input_file": "documents",
    "file": "documents",
    "tool_use": "toolCalls",
    "function_call": "toolCalls",
    "functionCall": "toolCalls",
    "custom_tool_call": "toolCalls",
    "tool_calls": "toolCalls",
    "tool_result": "toolResults",
    "function_call_output": "toolResults",
    "functionResponse": "toolResults",
    "custom_tool_call_output": "toolResults",
    "tool_call_id": "toolResults",
    "thinking": "thinking",
    "redacted_thinking": "thinking",
    "reasoning": "thinking",
}
# where the conversation stands, by dialect
MESSAGES = ("messages", "input", "contents")
# below these, the names of members are the tool's or the model's own words
FREE = frozenset({"input", "args", "arguments", "properties", "$defs", "definitions", "metadata", "response", "labels"})


@dataclass(frozen=True, slots=True)
class LargeText:
    """A text, by where it stands: names that are not the format's own are left out."""

    path: str
    size: int


@dataclass(slots=True)
class Shape:
    """Sizes are of texts, in bytes of UTF-8; `members` by the member of the body that they stand in. `complete`:
    every node was looked at."""

    nodes: int = 0
    complete: bool = True
    depth: int = 0
    messages: int = 0
    tools: int = 0
    tool_types: tuple[str, ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    texts: list[LargeText] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Node:
    value: Any
    path: str
    member: str
    depth: int
    free: bool


def shape_of(body: Mapping[str, Any]) -> Shape:
    """The shape of `body`, as far as NODES_LIMIT allows."""
    found = Shape(
        messages=max((len(body[key]) for key in MESSAGES if isinstance(body.get(key), list)), default=0),
        tools=len(body["tools"]) if isinstance(body.get("tools"), list) else 0,
        tool_types=tuple(dict.fromkeys(_word(each) for each in tool_types(body)))[:TYPES_LIMIT],
    )
    top = [_Node(value, _word(key), _word(key), 1, _is_free(key, value)) for key, value in body.items()]
    waiting = top[::-1]
    while waiting:
        if found.nodes >= NODES_LIMIT:
            found.complete = False
            break
        node = waiting.pop()
        found.nodes += 1
        found.depth = max(found.depth, node.depth)
        if isinstance(node.value, str):
            _text(found, node)
        else:
            _count(found, node)
            waiting += reversed(list(_below(node)))
    found.texts.sort(key=lambda text: -text.size)
    del found.texts[LARGEST:]
    return found


def _text(found: Shape, node: _Node) -> None:
    size = len(node.value.encode("utf-8", "surrogatepass"))
    found.members[node.member] = found.members.get(node.member, 0) + size
    if size >= LARGE_TEXT:
        found.texts.append(LargeText(node.path, size))


def _count(found: Shape, node: _Node) -> None:
    """By its type, else by the members that tell."""
    if not isinstance(node.value, dict) or node.free:
        return
    word = node.value.get("type")
    kind = KINDS.get(word) if isinstance(word, str) else None
    kinds = [kind] if kind is not None else [KINDS[key] for key in node.value if key in KINDS and word is None]
    for each in dict.fromkeys(kinds):
        found.kinds[each] = found.kinds.get(each, 0) + 1


def _below(node: _Node) -> Iterator[_Node]:
    if isinstance(node.value, dict):
        for key, item in node.value.items():
            name = UNNAMED if node.free else _word(key)
            free = node.free or _is_free(key, item)
            yield _Node(item, f"{node.path}.{name}", node.member, node.depth + 1, free)
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield _Node(item, f"{node.path}[{index}]", node.member, node.depth + 1, node.free)


def _is_free(key: str, value: Any) -> bool:
    """A list called `input` is the conversation of a Responses request."""
    return key in FREE and isinstance(value, dict)


def _word(name: str) -> str:
    return name if len(name) <= NAME_LIMIT and is_label(name) else UNNAMED
