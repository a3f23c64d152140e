"""What the router has found in earlier turns, as a model reads it: the blocks that the client keeps become the calls
and results again that they were."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from addons.core import jsonio
from addons.core.in_words import in_words
from addons.core.model import DialectName, Message, Opaque, Part, Text, ToolCall, ToolResult
from addons.search.blocks import RESULT_TYPES

_RESULTS = frozenset(RESULT_TYPES.values())


def recalled(messages: Iterable[Message], functions: Mapping[str, str]) -> tuple[Message, ...]:
    """`functions` are the names of the tools by the names that clients have for them. A call that is followed by its
    result becomes both; whatever comes after a result is another message, because it was said knowing it."""
    out: list[Message] = []
    results: list[Part] = []
    for message in messages:
        if message.role == "user" and results:
            message = replace(message, parts=(*results, *message.parts))
            results = []
        if message.role != "assistant":
            out.append(message)
            continue
        if results:
            out.append(Message("user", tuple(results)))
        *before, last = _split(message, functions)
        for said, found in before:
            out += [said, Message("user", tuple(found))]
        out.append(last[0])
        results = last[1]
    return (*out, Message("user", tuple(results))) if results else tuple(out)


def _split(message: Message, functions: Mapping[str, str]) -> Iterator[tuple[Message, list[Part]]]:
    """The runs of what was said, each with the results that it got."""
    done = {raw.get("tool_use_id") for raw in map(_raw, message.parts) if raw.get("type") in _RESULTS} - {None}
    said: list[Part] = []
    found: list[Part] = []
    for part in message.parts:
        raw = _raw(part)
        called = {each.id for each in said if isinstance(each, ToolCall)}
        if raw.get("type") in _RESULTS and raw.get("tool_use_id") in called and isinstance(part, Opaque):
            found.append(ToolResult(str(raw["tool_use_id"]), (Text(in_words(part) or ""),)))
            continue
        if found:
            yield replace(message, parts=tuple(said)), found
            said, found = [], []
        if raw.get("type") == "server_tool_use" and raw.get("id") in done and raw.get("name") in functions:
            said.append(ToolCall(str(raw["id"]), functions[raw["name"]], jsonio.text(raw.get("input") or {})))
        else:
            said.append(part)
    yield replace(message, parts=tuple(said)), found


def _raw(part: Part) -> Mapping[str, Any]:
    """A block of Anthropic's that has no canonical form; of its ids only those that are texts."""
    if not isinstance(part, Opaque) or part.dialect is not DialectName.ANTHROPIC or not isinstance(part.raw, Mapping):
        return {}
    named = ("id", "tool_use_id", "name", "type")
    return {key: value for key, value in part.raw.items() if key not in named or isinstance(value, str)}
