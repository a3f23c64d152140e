"""What the objects inside a Chat body say beside what the canonical request has room for, under dotted names, so that a
loss names exactly what is lost. Source: OpenAI API reference, "Create chat completion"."""

from collections.abc import Iterable, Mapping
from typing import Any

from addons.dialects.base import Body

# the members that are read; `allowed_tools` is read for its mode alone, and padding is the router's own matter
_READ: Mapping[str, frozenset[str]] = {
    "response_format": frozenset({"type", "json_schema"}),
    "response_format.json_schema": frozenset({"name", "schema", "strict"}),
    "tool_choice": frozenset({"type", "function", "custom"}),
    "tool_choice.function": frozenset({"name"}),
    "tool_choice.custom": frozenset({"name"}),
    "reasoning": frozenset({"effort", "max_tokens"}),
    "stream_options": frozenset({"include_usage", "include_obfuscation"}),
    "function_call": frozenset({"name"}),
}
_FORMAT: Mapping[str, frozenset[str]] = {
    "format": frozenset({"type", "grammar", "syntax", "definition"}),
    "format.grammar": frozenset({"syntax", "definition"}),
}


def unsaid(body: Body) -> Body:
    """Of a whole request."""
    return _beside(body, _READ.items())


def unsaid_of_custom(custom: Body) -> Body:
    """Of the form that a custom tool's input is to have."""
    return _beside(custom, _FORMAT.items())


def _beside(body: Body, read: Iterable[tuple[str, frozenset[str]]]) -> Body:
    return {
        f"{path}.{name}": value
        for path, known in read
        for name, value in _at(body, path).items()
        if name not in known
    }  # fmt: skip


def _at(body: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The object at `path`; an empty one where there is none."""
    found: object = body
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
