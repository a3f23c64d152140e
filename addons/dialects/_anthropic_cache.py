"""Marks for Anthropic's prompt cache, on requests of clients that have no such marks.

Theory of operation. The API caches what stands before a mark (tools, system, messages, in this order) and looks for
the longest prefix that it has: marks on the last tool, on the last block of the system and on the last block of the
conversation write the cache, and one where the turn before ended finds what that turn has written, however many
blocks the new turn adds. Without the marks, the body of a turn begins with that of the turn before.
Source: Anthropic documentation, "Prompt caching" (at most four marks; a prefix is looked up 20 blocks back).
"""

from typing import Any

from addons.core.model import Request
from addons.dialects.base import Body

RETENTION = "prompt_cache_retention"
_CARRIED = ("text", "image", "document", "tool_result")


def mark(request: Request, body: Body) -> None:
    """Sets the marks in `body`. OpenAI's `prompt_cache_retention` "24h" asks for the longer of the two lifetimes."""
    control: Body = {"type": "ephemeral"}
    if request.extras.get(RETENTION) == "24h":
        control["ttl"] = "1h"
    ends = [body[key] for key in ("tools", "system") if body.get(key)]
    turns = [message["content"] for message in body["messages"] if message["role"] == "user"]
    for blocks in (*ends, *turns[-2:]):
        _mark_last(blocks, control)


def _mark_last(blocks: list[dict[str, Any]], control: Body) -> None:
    last = blocks[-1]
    if last.get("type", "text") in _CARRIED:
        blocks[-1] = {**last, "cache_control": dict(control)}
