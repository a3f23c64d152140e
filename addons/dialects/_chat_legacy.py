"""The forms of Chat Completions from before there were tools: `functions`, `function_call`, and the role `function`.

A request in them offers tools like any other; its answer calls one in `function_call`. Such a conversation has one call
at a time, without an id. Source: OpenAI API reference, "Create chat completion" (deprecated members).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from addons.core.errors import BadRequest
from addons.core.model import HostedTool, Tool, ToolCall, ToolChoice
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, optional, without

# marks a tool that was offered in the old form; "llr." is what no loss is made of
MARK = "llr.function"
FINISH = "function_call"
_DECLARED = ("name", "description", "parameters")


def parse_functions(value: object) -> Iterator[Tool]:
    """Raises BadRequest naming the field."""
    for n, each in enumerate(as_list(value or [], "functions")):
        path = f"functions[{n}]"
        function = as_dict(each, path)
        yield Tool(
            as_str(function.get("name"), f"{path}.name"),
            optional(function, "description", str, "a string", path),
            schema=optional(function, "parameters", dict, "an object", path),
            extras={MARK: True, **without(function, *_DECLARED)},
        )


def parse_choice(value: object) -> ToolChoice | None:
    """Raises BadRequest."""
    match value:
        case None:
            return None
        case "auto" | "none":
            return ToolChoice(value)
        case {"name": str(name)}:
            return ToolChoice("tool", name)
        case _:
            raise BadRequest("function_call", "auto, none or the name of a function is expected")


def is_legacy(tools: Sequence[Tool | HostedTool]) -> bool:
    """Whether whoever offers `tools` reads calls in the old form alone."""
    return bool(tools) and all(MARK in tool.extras for tool in tools if isinstance(tool, Tool))


@dataclass(slots=True)
class Calls:
    """The calls of one conversation, read in order: each gets an id, and the next result of its name answers it. Always
    the same for the same conversation so far."""

    _last: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def call(self, value: Body, path: str) -> ToolCall:
        """Raises BadRequest naming the field."""
        name = as_str(value.get("name"), f"{path}.name")
        self._count += 1
        self._last[name] = f"function_call_{self._count}"
        arguments = str(value.get("arguments") or "")
        return ToolCall(self._last[name], name, arguments, extras=without(value, "name", "arguments"))

    def answered(self, message: Body, path: str) -> str:
        """The id of the call that a message of the role `function` answers."""
        name = as_str(message.get("name"), f"{path}.name")
        return self._last.pop(name, name)
