"""What OpenAI's Responses API refuses.

Source: OpenAI API reference, "Responses: Create a model response" (fields, items, tools), the guides "Function
calling", "Reasoning models" and "Compaction", and the messages of the API as users report them.
"""

from itertools import pairwise
from typing import Any

from clients.checks_openai_model import (
    check_effort,
    check_include,
    check_lengths,
    check_parameters,
    check_sampling,
    closed_when_strict,
)
from clients.complaint import SIGNATURE, Json, demand, demand_known, demand_names, fields, written_by_script

KNOWN = fields(
    "model input instructions stream stream_options max_output_tokens max_tool_calls temperature top_p tools "
    "tool_choice parallel_tool_calls reasoning text store include metadata previous_response_id conversation "
    "prompt truncation user safety_identifier prompt_cache_key prompt_cache_retention service_tier background "
    "top_logprobs client_metadata context_management prompt_cache_options moderation "
)
REASONING = fields("effort summary generate_summary context mode")
TEXT = fields("format verbosity")
# the beginning of an item's own id, where it has one
PREFIXES = {
    "message": "msg", "function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs", "tool_search_call": "tsc",
}  # fmt: skip
# each call with what answers it
OUTPUTS = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "tool_search_call": "tool_search_output",
}
COMPACTED = fields("compaction compaction_trigger")
ITEMS = {*PREFIXES, *OUTPUTS.values(), "additional_tools", "item_reference", *COMPACTED}
PARTS = {
    "user": {"input_text", "input_image", "input_file"},
    "system": {"input_text"},
    "developer": {"input_text"},
    "assistant": {"output_text", "refusal"},
}
FUNCTION = fields("type name description parameters strict defer_loading allowed_callers output_schema")
TOOLS = fields(
    "function custom namespace tool_search web_search web_search_preview file_search code_interpreter mcp "
    "image_generation computer_use_preview local_shell shell apply_patch"
)


def check(body: Json, headers: Json) -> None:
    demand_known(body, KNOWN, "Unknown parameter: '{}'.")
    demand(isinstance(body.get("model"), str), "Missing required parameter: 'model'.")
    given = body.get("input")
    demand(given, "Missing required parameter: 'input'.")
    demand(body.get("max_output_tokens") is None or body["max_output_tokens"] >= 16, "'max_output_tokens': minimum 16")
    previous = body.get("previous_response_id")
    # the script keeps nothing, like a provider that is told not to store
    demand(previous is None, f"Previous response with id '{previous}' not found.")
    items: list[Any] = given if isinstance(given, list) else []
    _tools(body.get("tools") or [])
    _choice(body, items)
    demand_known(body.get("reasoning") or {}, REASONING, "Unknown parameter: 'reasoning.{}'.")
    demand_known(body.get("text") or {}, TEXT, "Unknown parameter: 'text.{}'.")
    check_effort(body["model"], (body.get("reasoning") or {}).get("effort"), "reasoning.effort")
    check_sampling(body)
    check_lengths(body)
    check_include(body)
    _format((body.get("text") or {}).get("format") or {"type": "text"})
    for index, item in enumerate(items):
        _item(item, f"input[{index}]", body.get("store", True))
    _each_once(items)
    _thoughts_lead_on(items)
    _calls_answered(items)


def _tools(tools: list[Json], where: str = "tools") -> None:
    demand_names((tool["name"] for tool in tools if "name" in tool), 64, where)
    for tool in tools:
        kind = tool["type"]
        demand(kind in TOOLS, f"Invalid value: {kind!r} for '{where}[].type'")
        if kind == "namespace":
            demand(tool["tools"], f"{where}.{tool['name']}.tools: expected at least one")
            _tools(tool["tools"], f"{where}.{tool['name']}")
        if kind == "function":
            demand_known(tool, FUNCTION, f"Unknown parameter: '{where}.{{}}'.")
            check_parameters(tool.get("parameters"), tool["name"])
        closed_when_strict(tool, tool.get("parameters"), f"{where}.{tool.get('name')}")


def _choice(body: Json, items: list[Any]) -> None:
    """A choice names what is offered."""
    choice = body.get("tool_choice")
    name = choice.get("name") if isinstance(choice, dict) else None
    lists = [body.get("tools") or [], *(item["tools"] for item in items if "tools" in item)]
    flat = [tool for tools in lists for tool in tools]
    names = {tool.get("name") for outer in flat for tool in [outer, *outer.get("tools", ())]}
    demand(name is None or name in names, f"Tool choice {name!r} not found in 'tools' parameter.")


def _format(wanted: Json) -> None:
    kind = wanted["type"]
    demand(kind in ("text", "json_object", "json_schema"), f"Invalid value: {kind!r} for 'text.format.type'")
    if kind == "json_schema":
        demand_names([wanted["name"]], 64, "text.format.name")
        closed_when_strict(wanted, wanted["schema"], "text.format")


def _item(item: Json, where: str, stored: bool) -> None:
    kind = item.get("type", "message")
    demand(kind in ITEMS, f"Invalid value: {kind!r} for '{where}.type'")
    prefix = PREFIXES.get(kind)
    if prefix and item.get("id"):
        demand(item["id"].startswith(prefix), f"Invalid '{where}.id': expected an ID that begins with '{prefix}'.")
        demand(len(item["id"]) <= 64, f"Invalid '{where}.id': string too long. Expected maximum length 64.")
    if "call_id" in item:
        demand(0 < len(item["call_id"]) <= 64, f"Invalid '{where}.call_id': expected 1 to 64 characters.")
    if kind == "message":
        _message(item, where)
    elif kind == "reasoning":
        _reasoning(item, where, stored)
    elif kind == "compaction":
        readable = written_by_script(item.get("encrypted_content"))
        demand(readable, f"The encrypted content of {where} could not be verified.")
    elif kind == "function_call":
        demand(isinstance(item["arguments"], str), f"Invalid type for '{where}.arguments': expected a string")
        demand_names([item["name"]], 64, where)
    elif kind == "custom_tool_call":
        demand(isinstance(item["input"], str), f"Invalid type for '{where}.input': expected a string")
    elif kind in ("function_call_output", "custom_tool_call_output"):
        demand(isinstance(item.get("output"), (str, list)), f"Missing required parameter: '{where}.output'.")


def _message(item: Json, where: str) -> None:
    role, content = item["role"], item["content"]
    demand(role in PARTS, f"Invalid value: {role!r} for '{where}.role'")
    for part in content if isinstance(content, list) else ():
        demand(part["type"] in PARTS[role], f"Invalid value: {part['type']!r} for '{where}.content[].type'")


def _reasoning(item: Json, where: str, stored: bool) -> None:
    demand(isinstance(item["summary"], list), f"Missing required parameter: '{where}.summary'.")
    sealed = item.get("encrypted_content")
    demand(sealed in (None, SIGNATURE), f"The encrypted content of {where} could not be verified.")
    # the script stores nothing whatever it is told; a model that was asked to store nothing knows no id
    demand(
        sealed is not None or stored,
        f"Item with id '{item.get('id')}' not found. Items are not persisted when `store` is set to false.",
    )


def _each_once(items: list[Json]) -> None:
    seen: set[str] = set()
    for item in items:
        name = item.get("id")
        demand(name is None or name not in seen, f"Duplicate item found with id {name}.")
        seen |= {name} if name else set()


def _thoughts_lead_on(items: list[Json]) -> None:
    """Reasoning stands before what it led to."""
    for item, following in pairwise([*items, {}]):
        if item.get("type") != "reasoning":
            continue
        led_to = {"reasoning", *OUTPUTS, *COMPACTED}
        said = following.get("type", "message") == "message" and following.get("role") == "assistant"
        demand(
            said or following.get("type") in led_to,
            f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item.",
        )


def _calls_answered(items: list[Json]) -> None:
    called = {item["call_id"]: item["type"] for item in items if item.get("type") in OUTPUTS}
    answered: set[str] = set()
    for item in items:
        kind = item.get("type", "")
        if kind in OUTPUTS.values():
            expected = OUTPUTS.get(called.get(item["call_id"], ""))
            demand(kind == expected, f"No tool call found for {kind} {item['call_id']}.")
            demand(item["call_id"] not in answered, f"Duplicate output for call {item['call_id']}.")
            answered.add(item["call_id"])
    missing = called.keys() - answered
    demand(not missing, f"No tool output found for function call {missing}.")
