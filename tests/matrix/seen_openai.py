"""What a Chat Completions and a Responses provider received."""

import json
from typing import Any

from matrix.seen import Seen, joined, paper, picture
from matrix.wishes import Called, Json, Piece, Result, Sound, Thought

from addons.core.history import ERROR_PREFIX
from harness.upstream import Received

INSTRUCTING = ("system", "developer")
CHAT_FIELDS = ("model", "messages", "tools", "tool_choice", "stream", "stream_options")
RESPONSES_FIELDS = ("model", "input", "instructions", "tools", "tool_choice", "stream")


def read_chat(received: Received) -> Seen:
    body = received.json
    messages = body["messages"]
    form = body.get("response_format", {})
    choice = body.get("tool_choice")
    return Seen(
        model=body["model"],
        stream=body.get("stream", False),
        system="\n\n".join(_text(each["content"]) for each in messages if each["role"] in INSTRUCTING),
        turns=joined([_chat_turn(each) for each in messages if each["role"] not in INSTRUCTING]),
        tools={name: schema for tool in body.get("tools", ()) for name, schema in [_chat_tool(tool)]},
        choice=choice["function"]["name"] if isinstance(choice, dict) else choice,
        max_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        stop=_list(body.get("stop")),
        schema=form["json_schema"]["schema"] if form.get("type") == "json_schema" else None,
        any_json=form.get("type") == "json_object",
        effort=body.get("reasoning_effort"),
        settings={key: value for key, value in body.items() if key not in CHAT_FIELDS},
    )


def read_responses(received: Received) -> Seen:
    body = received.json
    items = [{"type": "message", "role": "user", "content": body["input"]}] if isinstance(body["input"], str) else []
    items = items or body["input"]
    told = [_text(item["content"]) for item in items if item.get("role") in INSTRUCTING]
    form = body.get("text", {}).get("format", {})
    choice = body.get("tool_choice")
    return Seen(
        model=body["model"],
        stream=body.get("stream", False),
        system="\n\n".join([*([body["instructions"]] if body.get("instructions") else []), *told]),
        turns=joined([_response_turn(item) for item in items if item.get("role") not in INSTRUCTING]),
        tools={tool["name"]: tool["parameters"] for tool in body.get("tools", ()) if tool["type"] == "function"},
        choice=choice.get("name", choice["type"]) if isinstance(choice, dict) else choice,
        max_tokens=body.get("max_output_tokens"),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        schema=form.get("schema"),
        any_json=form.get("type") == "json_object",
        effort=body.get("reasoning", {}).get("effort"),
        settings={key: value for key, value in body.items() if key not in RESPONSES_FIELDS},
    )


def _chat_tool(tool: Json) -> tuple[str, Json]:
    inner = tool[tool["type"]]
    return inner["name"], inner.get("parameters", {})


def _list(stop: Any) -> tuple[str, ...]:
    return () if stop is None else (stop,) if isinstance(stop, str) else tuple(stop)


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "\n\n".join(part["text"] for part in content)


def _chat_turn(message: Json) -> tuple[str, list[Piece]]:
    if message["role"] == "tool":
        return "user", [_result(message["content"], message["tool_call_id"])]
    content = message.get("content") or []
    pieces: list[Piece] = [content] if isinstance(content, str) else [_part(part) for part in content]
    thought = message.get("reasoning_content")
    calls: list[Piece] = [
        Called(call["function"]["name"], json.loads(call["function"]["arguments"]), call["id"])
        for call in message.get("tool_calls", ())
    ]
    return message["role"], [*([Thought(thought)] if thought else []), *pieces, *calls]


def _result(content: Any, call_id: str) -> Result:
    """Neither format has a flag for errors: the router marks them in the text."""
    inner: Any = [content] if isinstance(content, str) else [_part(part) for part in content]
    is_error = bool(inner) and isinstance(inner[0], str) and inner[0].startswith(ERROR_PREFIX)
    if is_error:
        inner[0] = inner[0].removeprefix(ERROR_PREFIX)
    return Result(tuple(inner), call_id, "", is_error)


def _response_turn(item: Json) -> tuple[str, list[Piece]]:
    match item.get("type", "message"):
        case "function_call":
            return "model", [Called(item["name"], json.loads(item["arguments"]), item["call_id"])]
        case "function_call_output":
            return "user", [_result(item["output"], item["call_id"])]
        case "reasoning":
            text = "".join(part["text"] for part in item["summary"])
            return "model", [Thought(text, item.get("encrypted_content"))]
        case "message":
            content = item["content"]
            return item["role"], [content] if isinstance(content, str) else [_part(part) for part in content]
    raise AssertionError(f"an unknown item: {item}")


def _part(part: Json) -> Piece:
    match part["type"]:
        case "text" | "input_text" | "output_text":
            return str(part["text"])
        case "image_url":
            return picture(part["image_url"]["url"])
        case "input_image":
            return picture(part["image_url"])
        case "file":
            return paper(part["file"]["file_data"])
        case "input_audio":
            return Sound(part["input_audio"]["data"], part["input_audio"]["format"])
        case "input_file":
            return paper(part["file_data"])
    raise AssertionError(f"an unknown part: {part}")
