"""Tools that items of the input offer: `additional_tools` of Codex ("responses lite"), and what a search has found.

They follow the tools of the request in the order of their items, so that what another provider has cached of the tool
list stays a prefix of it from turn to turn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from addons.core.model import HostedTool, Message, Tool
from addons.dialects._responses_tools import parse_tools
from addons.dialects.base import Body

OFFERING = ("additional_tools", "tool_search_output")
MARK = "offered"


def all_tools(tools: list[Tool | HostedTool], value: object) -> list[Tool | HostedTool]:
    """`tools` and those that the items of the input `value` offer; a name that is taken is not offered twice."""
    found = list(tools)
    taken = {(tool.namespace, tool.name) for tool in tools if isinstance(tool, Tool)}
    for path, item in _offering(value):
        for tool in parse_tools(item.get("tools"), f"{path}.tools"):
            if isinstance(tool, HostedTool):
                found += [tool] if tool not in found else []
            elif (tool.namespace, tool.name) not in taken:
                taken.add((tool.namespace, tool.name))
                found.append(replace(tool, extras={**tool.extras, MARK: path}))
    return found


def _offering(value: object) -> Iterator[tuple[str, Body]]:
    for n, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict) and item.get("type") in OFFERING:
            yield f"input[{n}]", item


def own_offer(tools: Iterable[Tool | HostedTool], messages: Iterable[Message]) -> list[Tool | HostedTool]:
    """The tools that stood in the request itself."""
    hosted = [
        tool
        for _, item in _offering([raw for message in messages for raw in _raw(message)])
        for tool in parse_tools(item.get("tools"), "tools")
        if isinstance(tool, HostedTool)
    ]
    return [tool for tool in tools if (tool not in hosted if isinstance(tool, HostedTool) else MARK not in tool.extras)]


def offers(messages: Iterable[Message]) -> bool:
    """Whether any item of the input offers tools."""
    return any(_offering([raw for message in messages for raw in _raw(message)]))


def _raw(message: Message) -> Iterator[Body]:
    if "raw" in message.extras:
        yield message.extras["raw"]
    for part in message.parts:
        raw = getattr(part, "extras", {}).get("raw")
        if raw is not None:
            yield raw
