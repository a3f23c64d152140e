"""A Responses body as a canonical request. Source: OpenAI API reference, "Create a model response".

Members of `reasoning` and `text` without a canonical home stand in the extras under a dotted name, such as
`text.verbosity`, so that a Loss names exactly what is lost.
"""

from collections.abc import Mapping
from typing import Any

from addons.core.effort import effort_of
from addons.core.errors import BadRequest
from addons.core.model import DialectName, Format, HostedTool, Message, Opaque, Reasoning, Request, Text, Tool
from addons.dialects._responses_items import OFFERING, parse_input
from addons.dialects._responses_tools import parse_choice, parse_tools
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, integer, number, optional, text, without

RESPONSES = DialectName.RESPONSES
_KNOWN = (
    "model", "instructions", "input", "tools", "parallel_tool_calls", "stream", "max_output_tokens", "temperature",
    "top_p", "reasoning", "text", "user", "prompt_cache_key", "tool_choice",
)  # fmt: skip

# where the conversation may come from without any input
_INSTEAD_OF_INPUT = ("previous_response_id", "prompt", "conversation")


def parse_request(body: Body) -> Request:
    """Raises BadRequest naming the field. `previous_response_id` stays in the extras."""
    if body.get("input") is None and not any(body.get(name) for name in _INSTEAD_OF_INPUT):
        raise BadRequest("input", "a string or a list of items is expected")
    messages = [*_instructions(body), *parse_input(body.get("input"))]
    choice = parse_choice(body.get("tool_choice"))
    reasoning, thoughts = _reasoning(body)
    form, texts = _text(body)
    extras = {key: value for key, value in without(body, *_KNOWN).items() if value is not None}
    if choice is None and body.get("tool_choice") is not None:
        extras["tool_choice"] = body["tool_choice"]
    return Request(
        dialect=RESPONSES,
        model=text(body, "model") or "",
        messages=tuple(messages),
        tools=(*parse_tools(body.get("tools"), "tools"), *offered(messages)),
        tool_choice=choice,
        parallel_tool_calls=optional(body, "parallel_tool_calls", bool, "true or false"),
        stream=body.get("stream") is True,
        max_tokens=integer(body, "max_output_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        reasoning=reasoning,
        format=form,
        user=text(body, "user") or text(body, "safety_identifier"),
        cache_key=text(body, "prompt_cache_key"),
        extras={**extras, **thoughts, **texts},
    )


def offered(messages: list[Message] | tuple[Message, ...]) -> list[Tool | HostedTool]:
    """The tools that items of the input offer, each once."""
    found: list[Tool | HostedTool] = []
    for message in messages:
        for part in message.parts:
            if isinstance(part, Opaque) and isinstance(part.raw, dict) and part.raw.get("type") in OFFERING:
                tools = parse_tools(part.raw.get("tools"), f"{part.path}.tools")
                found += [tool for tool in tools if tool not in found]
    return found


def _instructions(body: Body) -> list[Message]:
    value = text(body, "instructions")
    if value is None:
        return []
    return [Message("system", (Text(value),) if value else (), extras={"instructions": True})]


def _reasoning(body: Body) -> tuple[Reasoning | None, Mapping[str, Any]]:
    raw = optional(body, "reasoning", dict, "an object")
    if raw is None:
        return None, {}
    word = optional(raw, "effort", str, "a string", "reasoning")
    level = effort_of(word)
    summary = optional(raw, "summary", str, "a string", "reasoning")
    others = without(raw, "effort", "summary")
    if word is not None and level is None:
        # a level that is newer than this table: its own provider may know it
        others["effort"] = word
    return Reasoning(effort=level, summary=summary), _dotted("reasoning", others)


def _text(body: Body) -> tuple[Format | None, Mapping[str, Any]]:
    raw = optional(body, "text", dict, "an object") or {}
    others = without(raw, "format")
    match raw.get("format"):
        case None | {"type": "text"}:
            found = None
        case {"type": "json_object"}:
            found = Format()
        case {"type": "json_schema"} as form:
            schema = as_dict(form.get("schema"), "text.format.schema")
            name = optional(form, "name", str, "a string", "text.format")
            found = Format(schema, name, optional(form, "strict", bool, "true or false", "text.format"))
            others |= _dotted("format", without(form, "type", "schema", "name", "strict"))
        case _:
            raise BadRequest("text.format", "text, json_object or json_schema is expected")
    return found, _dotted("text", others)


def _dotted(prefix: str, members: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{key}": value for key, value in members.items() if value is not None}


def undotted(extras: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The members of `prefix` that stand under dotted names."""
    start = f"{prefix}."
    return {key.removeprefix(start): value for key, value in extras.items() if key.startswith(start)}
