"""What OpenAI's own tools did in a conversation, as another provider can be told.

Such an item is no message and no call of the client's. What it gave the model to read becomes a short text; a mere
trace (a search whose results the answer tells anyway) becomes nothing. Either way the item is listed as lost.
Source: OpenAI API reference, "Input items".
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.model import Message, Text
from addons.dialects.base import Body

TRACE = "trace"


def _nothing(item: Body) -> str:
    return ""


def _mcp(item: Body) -> str:
    result = item.get("output") or item.get("error")
    shown = result if isinstance(result, str) else jsonio.text(result) if result else "nothing"
    return f"[The tool {item.get('name')} of {item.get('server_label')} returned: {shown}]"


def _code(item: Body) -> str:
    logs = [str(output.get("logs")) for output in _objects(item.get("outputs")) if output.get("type") == "logs"]
    ran = f"[This code was run:\n{item.get('code')}\n"
    return ran + ("It printed:\n" + "\n".join(logs) if logs else "It printed nothing.") + "]"


def _files(item: Body) -> str:
    found = [f"{hit.get('filename')}: {hit.get('text')}" for hit in _objects(item.get("results"))]
    return "[Found in the files:\n" + "\n".join(found) + "]" if found else ""


def _objects(value: object) -> Iterable[Body]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


TRACES: Mapping[str, Callable[[Body], str]] = {
    "web_search_call": _nothing,
    "image_generation_call": lambda item: "[An image was generated here.]",
    "file_search_call": _files,
    "code_interpreter_call": _code,
    "mcp_call": _mcp,
    "mcp_list_tools": _nothing,
    "mcp_approval_request": _nothing,
    "mcp_approval_response": _nothing,
    # of a search that OpenAI ran: the tools that it found are offered anyway
    "tool_search_call": _nothing,
    "tool_search_output": _nothing,
}


def trace(item: Body, path: str) -> Text:
    """The text that stands in for an item whose type is in TRACES; it keeps the item, and `path` for the list."""
    kind = str(item.get("type"))
    return Text(TRACES[kind](item), extras={"raw": item, TRACE: f"{path}.{kind}"})


def traced(messages: Iterable[Message]) -> dict[str, Any]:
    """The items that another provider will not see as they are, by their paths: extras, so that they are listed."""
    parts = (part for message in messages for part in message.parts)
    return {part.extras[TRACE]: True for part in parts if isinstance(part, Text) and TRACE in part.extras}
