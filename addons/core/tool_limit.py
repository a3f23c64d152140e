"""How many tools a provider takes: what is left out of a body of OpenAI's dialects that has more of them.

The last ones go first; one that is forced, or that was called in this conversation, stays. Which ones are left out
depends on the list and the history alone, so that the provider's prompt cache keeps hitting.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from addons.core.model import Loss

type Body = dict[str, Any]

# the objects that hold the name of a tool, or of a call
_NESTED = ("function", "custom")
SHOWN = 5
# "Expected an array with maximum length 128", as OpenAI refuses more
OPENAI_TOOLS = 128


def within(body: Body, limit: int | None) -> tuple[Body, tuple[str, ...]]:
    """`body` with at most `limit` tools (None: with any number), and the names of those that are left out. The body
    that was given is not changed; one within the limit comes back as it is."""
    tools = body.get("tools")
    if limit is None or not isinstance(tools, list) or len(tools) <= limit:
        return body, ()
    forced, called = _name(body.get("tool_choice")), frozenset(_called(body))
    ranks = [0 if name == forced else 1 if name in called else 2 for name in map(_name, tools)]
    stay = frozenset(sorted(range(len(tools)), key=lambda n: ranks[n])[:limit])
    left_out = tuple(_name(tool) or "?" for n, tool in enumerate(tools) if n not in stay)
    return {**body, "tools": [tool for n, tool in enumerate(tools) if n in stay]}, left_out


def limit_loss(limit: int | None, left_out: tuple[str, ...], model: str) -> list[Loss]:
    """How it is told that tools were left out."""
    if not left_out:
        return []
    names = ", ".join(left_out[:SHOWN]) + (", …" if len(left_out) > SHOWN else "")
    return [Loss("tools", f"{model} takes {limit}: {len(left_out)} are not offered ({names})")]


def _name(tool: object) -> str | None:
    """What a tool (or the choice of one) is called; one that the provider runs is called by its type."""
    if not isinstance(tool, Mapping):
        return None
    inner = next((tool[key] for key in _NESTED if isinstance(tool.get(key), Mapping)), tool)
    found = inner.get("name") or tool.get("type")
    return found if isinstance(found, str) else None


def _called(body: Body) -> Iterator[str]:
    """The names in the history, and those that a choice allows."""
    choice = body.get("tool_choice")
    allowed = [choice, choice.get("allowed_tools")] if isinstance(choice, Mapping) else []
    for each in _mappings(allowed):
        yield from (name for tool in _mappings(each.get("tools")) if (name := _name(tool)) is not None)
    for message in _mappings(body.get("messages")):
        yield from (name for call in _mappings(message.get("tool_calls")) if (name := _name(call)) is not None)
    for item in _mappings(body.get("input")):
        if isinstance(item.get("name"), str):
            yield item["name"]


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())
