"""What OpenAI's Responses API refuses."""

from typing import Any

from clients.checks_openai_model import check_effort, check_sampling, closed_when_strict
from clients.complaint import SIGNATURE, Json, demand, demand_known, demand_names, fields

KNOWN = fields(
    "model input instructions stream stream_options max_output_tokens max_tool_calls temperature top_p tools "
    "tool_choice parallel_tool_calls reasoning text store include metadata previous_response_id conversation "
    "prompt truncation user safety_identifier prompt_cache_key prompt_cache_retention service_tier background "
    "top_logprobs client_metadata context_management prompt_cache_options moderation "
)
# the beginning of an item's own id, where it has one
PREFIXES = {"message": "msg", "function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs"}
ITEMS = {*PREFIXES, "function_call_output", "custom_tool_call_output", "additional_tools", "item_reference"}
CALLS = {"function_call", "custom_tool_call"}
PARTS = {
    "user": {"input_text", "input_image", "input_file"},
    "system": {"input_text"},
    "developer": {"input_text"},
    "assistant": {"output_text", "refusal"},
}


def check(body: Json, headers: Json) -> None:
    demand_known(body, KNOWN, "Unknown parameter: '{}'.")
    demand(isinstance(body.get("model"), str), "Missing required parameter: 'model'.")
    given = body.get("input")
    demand(given, "Missing required parameter: 'input'.")
    _tools(body.get("tools") or [])
    check_effort(body["model"], (body.get("reasoning") or {}).get("effort"), "reasoning.effort")
    check_sampling(body)
    _format((body.get("text") or {}).get("format") or {"type": "text"})
    items: list[Any] = given if isinstance(given, list) else []
    for index, item in enumerate(items):
        _item(item, f"input[{index}]")
    _calls_answered(items)


def _tools(tools: list[Json], where: str = "tools") -> None:
    demand_names((tool["name"] for tool in tools if "name" in tool), 64, where)
    for tool in tools:
        if tool["type"] == "namespace":
            _tools(tool["tools"], f"{where}.{tool['name']}")
        closed_when_strict(tool, tool.get("parameters"), f"{where}.{tool.get('name')}")


def _format(wanted: Json) -> None:
    kind = wanted["type"]
    demand(kind in ("text", "json_object", "json_schema"), f"Invalid value: {kind!r} for 'text.format.type'")
    if kind == "json_schema":
        demand_names([wanted["name"]], 64, "text.format.name")
        closed_when_strict(wanted, wanted["schema"], "text.format")


def _item(item: Json, where: str) -> None:
    kind = item.get("type", "message")
    demand(kind in ITEMS, f"Invalid value: {kind!r} for '{where}.type'")
    prefix = PREFIXES.get(kind)
    if prefix and item.get("id"):
        demand(item["id"].startswith(prefix), f"Invalid '{where}.id': expected an ID that begins with '{prefix}'.")
    if kind == "message":
        role, content = item["role"], item["content"]
        demand(role in PARTS, f"Invalid value: {role!r} for '{where}.role'")
        for part in content if isinstance(content, list) else ():
            demand(part["type"] in PARTS[role], f"Invalid value: {part['type']!r} for '{where}.content[].type'")
    elif kind == "reasoning":
        demand(isinstance(item["summary"], list), f"Missing required parameter: '{where}.summary'.")
        sealed = item.get("encrypted_content") or SIGNATURE
        demand(sealed == SIGNATURE, f"The encrypted content of {where} could not be verified.")
    elif kind == "function_call":
        demand(isinstance(item["arguments"], str), f"Invalid type for '{where}.arguments': expected a string")
        demand_names([item["name"]], 64, where)
    elif kind == "custom_tool_call":
        demand(isinstance(item["input"], str), f"Invalid type for '{where}.input': expected a string")


def _calls_answered(items: list[Json]) -> None:
    called = {item["call_id"]: item["type"] for item in items if item.get("type") in CALLS}
    answered: set[str] = set()
    for item in items:
        kind = item.get("type", "")
        if kind in {f"{call}_output" for call in CALLS}:
            expected = called.get(item["call_id"])
            demand(expected and kind == f"{expected}_output", f"No tool call found for {kind} {item['call_id']}.")
            answered.add(item["call_id"])
    missing = called.keys() - answered
    demand(not missing, f"No tool output found for function call {missing}.")
