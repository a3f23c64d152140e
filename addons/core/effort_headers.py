"""Effort that a client asks for in a header instead of in the body. Source: the predecessor's list.

It counts for translated requests whose body leaves the effort open; within a dialect the body is the client's own.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from addons.core.effort import effort_of
from addons.core.model import Effort, Reasoning, Request

# the first that says something counts; then any header of such a name
NAMES = (
    "x-claude-code-reasoning-effort",
    "x-claude-code-thinking-effort",
    "x-claude-code-thinking-mode",
    "x-claude-thinking-mode",
    "x-openai-reasoning-effort",
    "x-reasoning-effort",
    "reasoning-effort",
)
_LIKE = re.compile(r"(?:^|-)(?:reasoning-effort|thinking-(?:mode|effort))$")
# what people write to Claude Code
WORDS: Mapping[str, Effort] = {"think hard": "high", "think harder": "high", "think": "medium"}


def effort_in(headers: Mapping[str, str]) -> Effort | None:
    """The effort that `headers` (lower-case names) ask for; None when they do not, or not in a known word."""
    likely = (name for name in headers if name not in NAMES and _LIKE.search(name))
    said = (headers[name] for name in (*NAMES, *likely) if name in headers)
    return next((found for word in said if (found := _effort(word)) is not None), None)


def _effort(word: str) -> Effort | None:
    return WORDS.get(word.strip().lower()) or effort_of(word)


def with_effort(request: Request, headers: Mapping[str, str], otherwise: Effort | None = None) -> Request:
    """`request`, with the effort of `headers` where it says nothing of its thinking itself, and with `otherwise` where
    they say nothing either."""
    said = request.reasoning
    if said is not None and (said.effort is not None or said.budget is not None or said.enabled is False):
        return request
    found = effort_in(headers) or otherwise
    return request if found is None else replace(request, reasoning=replace(said or Reasoning(), effort=found))
