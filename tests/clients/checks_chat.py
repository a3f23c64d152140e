"""What OpenAI's Chat Completions API refuses.

Source: OpenAI API reference, "Chat Completions: Create chat completion", the guide "Function calling" and the messages
of the API as users report them.
"""

from typing import Any

from clients.checks_openai_model import (
    check_effort,
    check_lengths,
    check_parameters,
    check_sampling,
    closed_when_strict,
    of_openai,
)
from clients.complaint import Json, demand, demand_known, demand_names, fields

KNOWN = fields(
    "model messages stream stream_options max_tokens max_completion_tokens temperature top_p n stop tools "
    "tool_choice parallel_tool_calls response_format reasoning_effort user seed store metadata logprobs "
    "top_logprobs logit_bias presence_penalty frequency_penalty service_tier prompt_cache_key "
    "safety_identifier verbosity modalities audio prediction web_search_options prompt_cache_retention "
    "prompt_cache_options moderation function_call functions "
)
FUNCTION = fields("name description parameters strict")
MESSAGE = fields("role content name tool_calls tool_call_id refusal audio function_call annotations")
PARTS = {
    "user": {"text", "image_url", "input_audio", "file"},
    "assistant": {"text", "refusal"},
    "tool": {"text"},
    "system": {"text"},
    "developer": {"text"},
}


def check(body: Json, headers: Json) -> None:
    demand_known(body, KNOWN, "Unrecognized request argument supplied: {}")
    demand(isinstance(body.get("model"), str), "you must provide a model parameter")
    demand(body.get("messages"), "[] is too short - 'messages'")
    demand(
        "stream_options" not in body or body.get("stream"), "'stream_options' is only allowed when stream is enabled"
    )
    check_effort(body["model"], body.get("reasoning_effort"), "reasoning_effort")
    check_sampling(body)
    check_lengths(body)
    both = "max_tokens" in body and "max_completion_tokens" in body
    demand(not both, "max_tokens and max_completion_tokens may not both be set")
    _tools(body)
    _format(body.get("response_format") or {"type": "text"})
    for index, message in enumerate(body["messages"]):
        _message(message, f"messages[{index}]")
        if of_openai(body["model"]):
            # compatible providers have fields of their own for thinking
            demand_known(message, MESSAGE, f"Unrecognized field in messages[{index}]: {{}}")
    _calls_answered(body["messages"])


def _tools(body: Json) -> None:
    tools = body.get("tools")
    demand(tools is None or tools, "[] is too short - 'tools'")
    for name in ("tool_choice", "parallel_tool_calls"):
        demand(name not in body or tools, f"'{name}' is only allowed when 'tools' are specified")
    for index, tool in enumerate(tools or ()):
        demand(tool["type"] in ("function", "custom"), f"Invalid value: {tool['type']!r} for tools[{index}].type")
        function = tool.get("function", {})
        demand_known(function, FUNCTION, f"Unknown parameter: 'tools[{index}].function.{{}}'.")
        check_parameters(function.get("parameters"), function.get("name", ""))
        closed_when_strict(function, function.get("parameters"), f"tools[{index}].function")
    demand_names((tool[tool["type"]]["name"] for tool in tools or ()), 64, "tools")
    choice = body.get("tool_choice")
    name = choice["function"]["name"] if isinstance(choice, dict) and choice["type"] == "function" else None
    names = {tool[tool["type"]]["name"] for tool in tools or ()}
    demand(name is None or name in names, f"Tool choice {name!r} not found in 'tools' parameter.")


def _format(wanted: Json) -> None:
    kind = wanted["type"]
    demand(kind in ("text", "json_object", "json_schema"), f"Invalid value: {kind!r} for response_format.type")
    if kind == "json_schema":
        inner = wanted["json_schema"]
        demand_names([inner["name"]], 64, "response_format.json_schema.name")
        closed_when_strict(inner, inner["schema"], "response_format")


def _message(message: Json, where: str) -> None:
    role, content = message["role"], message.get("content")
    demand(role in PARTS, f"Invalid value: {role!r} for {where}.role")
    if content is None:
        demand(role == "assistant" and message.get("tool_calls"), f"{where}.content: expected a string, got null")
    if isinstance(content, list):
        demand(content, f"{where}.content: [] is too short")
        for part in content:
            demand(part["type"] in PARTS[role], f"Invalid value: {part['type']!r} for {where}.content[].type")
    calls: list[Any] = message.get("tool_calls", [])
    demand("tool_calls" not in message or calls, f"[] is too short - '{where}.tool_calls'")
    for call in calls:
        demand(
            call["type"] == "function" and isinstance(call["id"], str), f"{where}.tool_calls: a function call expected"
        )
        demand(isinstance(call["function"]["arguments"], str), f"{where}.tool_calls: arguments must be a string")
        demand(len(call["id"]) <= 40, f"{where}.tool_calls[].id: string too long. Expected maximum length 40.")
        demand_names([call["function"]["name"]], 64, where)


def _calls_answered(messages: list[Json]) -> None:
    waiting: set[str] = set()
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            call = message["tool_call_id"]
            demand(
                call in waiting,
                f"messages with role 'tool' must be a response to a preceding message with 'tool_calls' ({index})",
            )
            waiting.discard(call)
            continue
        demand(not waiting, f"an assistant message with 'tool_calls' must be followed by tool messages: {waiting}")
        waiting = {call["id"] for call in message.get("tool_calls", ())}
    demand(not waiting, f"an assistant message with 'tool_calls' must be followed by tool messages: {waiting}")
