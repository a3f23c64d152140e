"""A Responses body as a canonical request. Source: OpenAI API reference, "Create a model response".

Members of `reasoning` and `text` without a canonical home stand in the extras under a dotted name, such as
`text.verbosity`, so that a Loss names exactly what is lost; so do traces among the items, as `input[3].mcp_list_tools`.
What OpenAI keeps of a conversation is content that no other provider can see: it stands among the messages, opaque.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from addons.core.effort import effort_of
from addons.core.errors import BadRequest
from addons.core.model import DialectName, Format, Message, Opaque, Reasoning, Request, Text, ToolChoice
from addons.dialects._responses_compaction import is_compaction
from addons.dialects._responses_items import parse_input
from addons.dialects._responses_offered import all_tools
from addons.dialects._responses_tools import forced_type, parse_choice, parse_tools
from addons.dialects._responses_traces import traced
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, integer, number, optional, text, without

RESPONSES = DialectName.RESPONSES
_KNOWN = (
    "model", "instructions", "input", "tools", "parallel_tool_calls", "stream", "max_output_tokens", "temperature",
    "top_p", "reasoning", "text", "user", "prompt_cache_key", "tool_choice", "previous_response_id", "prompt",
    "conversation",
)  # fmt: skip

# where the conversation may come from without any input: OpenAI's own store
STORED = ("previous_response_id", "prompt", "conversation")
# what a request for a summary says otherwise than its client did
REPLACED = ("tool_choice", "parallel_tool_calls", "text")


def parse_request(body: Body) -> Request:
    """Raises BadRequest naming the field. A request for a compaction becomes one for a summary, which no tool may
    delay."""
    stored = _stored(body)
    if body.get("input") is None and not stored:
        raise BadRequest("input", "a string or a list of items is expected")
    messages = [*_instructions(body), *stored, *parse_input(body.get("input"))]
    choice, extras = _choice(body)
    reasoning, thoughts = _reasoning(body)
    form, texts = _text(body)
    request = Request(
        dialect=RESPONSES,
        model=text(body, "model") or "",
        messages=tuple(messages),
        tools=tuple(all_tools(parse_tools(body.get("tools"), "tools"), body.get("input"))),
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
        extras={**extras, **thoughts, **texts, **traced(messages)},
    )
    return _summarising(request, body) if is_compaction(request) else request


def _summarising(request: Request, body: Body) -> Request:
    """The tools stay, so that the provider finds the conversation in its prompt cache, but none may be called."""
    choice = ToolChoice("none") if request.tools else None
    said = {name: body[name] for name in REPLACED if name in body}
    *before, last = request.messages
    ask = replace(last, extras={**last.extras, "said": said})
    return replace(request, messages=(*before, ask), tool_choice=choice, parallel_tool_calls=None, format=None)


def _stored(body: Body) -> list[Message]:
    return [
        Message("developer", (Opaque(RESPONSES, body[name], name),), extras={"stored": name})
        for name in STORED
        if body.get(name)
    ]


def _choice(body: Body) -> tuple[ToolChoice | None, dict[str, Any]]:
    """The choice, and the fields that have no canonical home: a choice among them that cannot be said in full."""
    extras = {key: value for key, value in without(body, *_KNOWN).items() if value is not None}
    raw = body.get("tool_choice")
    choice = parse_choice(raw)
    if choice is None and raw is not None:
        extras["tool_choice"] = raw
        choice = forced_type(raw)
    return choice, extras


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
