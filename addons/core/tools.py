"""Tool names on the wire of a provider, and the way back.

Codex offers `namespace` tools and `custom` (free text) tools; other dialects have only functions, whose names must
match `[A-Za-z0-9_-]{1,64}` (OpenAI and Anthropic API references). `ToolNames` gives every tool of a request a
wire name without collisions, and `Restorer` turns the calls in the answer back into what the client offered.

Where a model cannot be held to a JSON schema, a stand-in tool takes the answer as its input (`ToolNames.answer`): a
call of it becomes the text of the answer again.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from addons.core import jsonio
from addons.core.events import Event, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.core.free_text import FreeText
from addons.core.model import Request, Tool, ToolCall, ToolKind

NAME_LIMIT = 64
ANSWER_TOOL = "json_answer"
_ILLEGAL = re.compile(r"[^A-Za-z0-9_-]")
# Gemini wants a letter or an underscore first (API reference, "FunctionDeclaration")
_FIRST = re.compile(r"[A-Za-z_]")

CUSTOM_SCHEMA = {
    "type": "object",
    "properties": {"input": {"type": "string", "description": "The raw input of the tool, as free text."}},
    "required": ["input"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The client's own idea of a tool. `answers`: it is no tool of the client's but stands in for the answer."""

    name: str
    namespace: str | None = None
    kind: ToolKind = "function"
    answers: bool = False


class ToolNames:
    """A two-way table between the client's tools and their wire names. Deterministic: the same tools and history
    always get the same names, so that the provider's prompt cache keeps hitting."""

    def __init__(self, origins: Iterable[Origin]) -> None:
        self._wire: dict[tuple[str | None, str], str] = {}
        self._origin: dict[str, Origin] = {}
        for origin in origins:
            key = (origin.namespace, origin.name)
            if key not in self._wire:
                name = self._free_name(origin)
                self._wire[key] = name
                self._origin[name] = origin
        self.answer: str | None = None

    @classmethod
    def of(cls, request: Request) -> "ToolNames":
        """The table for the tools that `request` offers and for those that its history calls, and for the stand-in
        when it asks for a schema."""
        offered = [Origin(tool.name, tool.namespace, tool.kind) for tool in request.tools if isinstance(tool, Tool)]
        called = [
            Origin(part.name, part.namespace, part.kind)
            for message in request.messages
            for part in message.parts
            if isinstance(part, ToolCall)
        ]
        # plain legal names first: they keep their own name whatever else wants it
        ordered = sorted([*offered, *called], key=lambda origin: _plain(origin) != origin.name)
        names = cls(ordered)
        if request.format is not None and request.format.schema is not None:
            names._add_answer()
        return names

    def _add_answer(self) -> None:
        """Apart from the client's tools: one of the same name keeps it."""
        origin = Origin(ANSWER_TOOL, answers=True)
        self.answer = self._free_name(origin)
        self._origin[self.answer] = origin

    def wire(self, name: str, namespace: str | None = None) -> str:
        """The wire name of a tool (of a tool that is not in the table: its sanitised name)."""
        found = self._wire.get((namespace, name))
        return found if found is not None else _plain(Origin(name, namespace))

    def origin(self, wire: str) -> Origin:
        """The client's tool behind a wire name; a name that nobody offered stays as the model made it up."""
        return self._origin.get(wire) or Origin(wire)

    @property
    def needed(self) -> bool:
        """Whether an answer must be restored at all."""
        return any(origin != Origin(wire) for wire, origin in self._origin.items())

    def _free_name(self, origin: Origin) -> str:
        name, seed = _plain(origin), f"{origin.namespace}\0{origin.name}"
        while name in self._origin:
            # hashed again as long as even the hashed name is somebody's own
            seed = _digest(seed)
            name = f"{name[: NAME_LIMIT - 9]}_{seed}"
        return name


def _plain(origin: Origin) -> str:
    full = origin.name if origin.namespace is None else f"{origin.namespace}__{origin.name}"
    name = _ILLEGAL.sub("_", full)
    if _FIRST.match(name) is None:
        name = f"_{name}"
    if len(name) <= NAME_LIMIT:
        return name
    return f"{name[: NAME_LIMIT - 9]}_{_digest(full)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def custom_arguments(text: str) -> str:
    """The arguments of a function that stands in for a custom tool."""
    return jsonio.text({"input": text})


def grammar_note(tool: Tool) -> str:
    """What the description of a stand-in function must add: the grammar that the provider cannot enforce."""
    # Chat Completions nests a grammar one level deeper than Responses does
    wanted = (tool.format or {}).get("grammar") or tool.format or {}
    if not isinstance(wanted, Mapping) or not isinstance(wanted.get("definition"), str):
        return ""
    return f"\n\nThe `input` must match this {wanted.get('syntax', '')} grammar:\n{wanted['definition']}"


class Restorer:
    """Turns tool calls under wire names back into the client's tools. `feed` takes and gives events; the arguments
    of a custom tool are unwrapped from the JSON object that stood in for its free text."""

    def __init__(self, names: ToolNames) -> None:
        self._names = names
        self._custom: dict[int, FreeText] = {}
        self._answers: dict[int, bool] = {}  # calls of the stand-in; whether anything of the answer came
        self._answered = self._called = False

    def feed(self, event: Event) -> Iterator[Event]:
        match event:
            case PartOpen(kind="tool_call") if event.tool_kind == "function" and event.namespace is None:
                yield self._opened(event)
            case PartOpen(kind="tool_call"):
                self._called = True
                yield event
            case PartDelta() if event.index in self._custom:
                yield from _text(event.index, self._custom[event.index].feed(event.text))
            case PartClose() if event.index in self._custom:
                yield from _text(event.index, self._custom.pop(event.index).finish())
                yield event
            case PartDelta() if event.index in self._answers:
                self._answers[event.index] = True
                yield event
            case PartClose() if event.index in self._answers:
                if not self._answers.pop(event.index):
                    yield PartDelta(event.index, "{}")
                yield event
            case Finish(reason=FinishReason.TOOL_USE) if self._answered and not self._called:
                yield replace(event, reason=FinishReason.END_TURN)
            case _:
                yield event

    def _opened(self, event: PartOpen) -> PartOpen:
        origin = self._names.origin(event.name or "")
        if origin.answers:
            self._answered = True
            self._answers[event.index] = False
            return PartOpen(event.index, "text")
        self._called = True
        if origin.kind == "custom":
            self._custom[event.index] = FreeText()
        return replace(event, name=origin.name, namespace=origin.namespace, tool_kind=origin.kind)


def _text(index: int, text: str) -> Iterator[Event]:
    if text:
        yield PartDelta(index, text)
