"""Answers as AMP wants them: under the name of the model that it asked for, with the names of tools in their own case,
with the call of a forced tool first, and with Gemini's calls unnumbered. Bytes in the client's dialect in and out; what
cannot be read stays as it is.

Sources: the predecessor; CLIProxyAPI's module for AMP (its names of tools are case-sensitive); AMP 0.0.1770734955,
which takes the first block of a title's answer for the call of `set_title`; the same and 0.0.1777897475, whose helpers
read the name of a tool out of the id that they give to a call without one: with another id, the result has no name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.core.errors import BadRequest
from addons.core.splice import JsonObject

# in a string of JSON the quotation marks would be escaped: what fits is a member, or the value of one
_MARKS = re.compile(
    rb'"(?:model|modelVersion|tool_use|function_call|custom_tool_call|tool_calls|functionCall|stop_reason)"'
)
_DATA = re.compile(rb"data: ?(\{.*\})")
_MODEL_KEYS = ("model", "modelVersion")
_NESTED = ("message", "response")
_CALLS = frozenset({"tool_use", "function_call", "custom_tool_call"})
_CALL_KEYS = frozenset({"function", "functionCall"})
# where the model writes what it likes, and where a request is repeated
_CLOSED = frozenset({"input", "args", "arguments", "tools", "tool_choice", "metadata", "text", "usage"})


@dataclass(frozen=True, slots=True)
class Shape:
    """`model` is the name that was asked for ("": the answer keeps its own), `tools` are the names on offer, `forced`
    the tool that must be called."""

    model: str
    tools: tuple[str, ...] = ()
    forced: str | None = None

    def cases(self) -> Mapping[str, str]:
        """The names on offer by their lower-case form, as far as that is no other tool's."""
        found: dict[str, str] = {}
        for name in self.tools:
            found[name.casefold()] = "" if name.casefold() in found else name
        return {key: name for key, name in found.items() if name}


class Shaper:
    """Shapes one answer: `whole` one that is not streamed, `events` the pieces of a stream, which are whole events."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._cases = shape.cases()
        self._calls = False

    def whole(self, data: bytes) -> bytes:
        if _MARKS.search(data) is None:
            return data
        return self._shaped(data, whole=True)

    def events(self, data: bytes) -> bytes:
        if _MARKS.search(data) is None:
            return data
        return b"\n".join(self._line(line) for line in data.split(b"\n"))

    def _line(self, line: bytes) -> bytes:
        found = _DATA.match(line) if _MARKS.search(line) is not None else None
        if found is None:
            return line
        return line[: found.start(1)] + self._shaped(found[1], whole=False) + line[found.end(1) :]

    def _shaped(self, data: bytes, *, whole: bool) -> bytes:
        try:
            found = JsonObject(data)
        except BadRequest:
            return data
        changes = self._changes(found.value)
        if whole:
            changes |= self._in_order({**found.value, **changes})
        return found.bytes_with(changes) if changes else data

    def _changes(self, value: dict[str, Any]) -> dict[str, Any]:
        """The members of an event, or of a whole answer, that are to be replaced."""
        changes = self._named(value)
        for key in _NESTED:
            inner = value.get(key)
            if isinstance(inner, dict) and (renamed := self._named(inner)):
                changes[key] = {**inner, **renamed}
        for key, item in value.items():
            known = changes.get(key, item)
            if key not in _CLOSED and (cased := self._cased(known, key)) is not known:
                changes[key] = cased
        return changes | self._stopped({**value, **changes})

    def _named(self, value: dict[str, Any]) -> dict[str, Any]:
        wanted = self._shape.model
        return {key: wanted for key in _MODEL_KEYS if wanted and isinstance(value.get(key), str)}

    def _cased(self, node: Any, key: str = "") -> Any:
        """`node` with its calls as AMP wants them; the same object where nothing changes."""
        if isinstance(node, list):
            items = [self._cased(item) for item in node]
            return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
        if not isinstance(node, dict):
            return node
        changed = {
            name: new
            for name, item in node.items()
            if name not in _CLOSED and (new := self._cased(item, name)) is not item
        }
        called = node.get("name")
        if isinstance(called, str) and (node.get("type") in _CALLS or key in _CALL_KEYS):
            self._calls = self._calls or node.get("type") == "tool_use"
            own = self._own(called)
            if own != called:
                changed["name"] = own
            if key == "functionCall" and "id" in node:
                return {name: item for name, item in {**node, **changed}.items() if name != "id"}
        return {**node, **changed} if changed else node

    def _own(self, name: str) -> str:
        return name if name in self._shape.tools else self._cases.get(name.casefold(), name)

    def _stopped(self, value: dict[str, Any]) -> dict[str, Any]:
        """An Anthropic answer that calls a tool stops for that; some servers say that the turn is over."""
        if not self._calls:
            return {}
        delta = value.get("delta")
        if value.get("stop_reason") == "end_turn":
            return {"stop_reason": "tool_use"}
        if isinstance(delta, dict) and delta.get("stop_reason") == "end_turn":
            return {"delta": {**delta, "stop_reason": "tool_use"}}
        return {}

    def _in_order(self, value: dict[str, Any]) -> dict[str, Any]:
        """The call of a forced tool comes first."""
        content = value.get("content")
        if self._shape.forced is None or not isinstance(content, list):
            return {}
        ordered = sorted(content, key=lambda block: not (isinstance(block, dict) and block.get("type") == "tool_use"))
        return {} if ordered == content else {"content": ordered}
