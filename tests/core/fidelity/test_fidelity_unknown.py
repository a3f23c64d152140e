"""Members that no table knows yet are told by every rendering, wherever they stand. Promise 22."""

from typing import Any

import pytest

from addons.core.model import DialectName
from harness.fidelity import MODELS, seen

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI
NEW = {"brand_new": "x"}
PNG = "iVBORw0KGgo="

CLAUDE_CALL = {"type": "tool_use", "id": "c", "name": "f", "input": {}}
CHAT_CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
GEMINI_TOOL = {"functionDeclarations": [{"name": "f"}]}
GEMINI_RESULT = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "a"}}}]}
RESPONSES_CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


def claude(*blocks: Any, **members: Any) -> dict[str, Any]:
    return {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}, *blocks]}],
        **members,
    }


def chat(*parts: Any, **members: Any) -> dict[str, Any]:
    return claude(*parts, **members)


def chat_turns(*messages: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "Hi"}, *messages]}


def responses(*items: Any, **members: Any) -> dict[str, Any]:
    return {"model": "m", "input": [{"role": "user", "content": "Hi"}, *items], **members}


def gemini_turns(*contents: Any) -> dict[str, Any]:
    return {"model": "m", "contents": [{"role": "user", "parts": [{"text": "Hi"}]}, *contents]}


def gemini(*parts: Any, **members: Any) -> dict[str, Any]:
    return {"model": "m", "contents": [{"role": "user", "parts": [{"text": "Hi"}, *parts]}], **members}


CASES: dict[str, tuple[DialectName, dict[str, Any]]] = {
    "claude, at the top": (CLAUDE, claude(**NEW)),
    "claude, thinking": (CLAUDE, claude(thinking={"type": "adaptive", **NEW})),
    "claude, output_config": (CLAUDE, claude(output_config={"effort": "high", **NEW})),
    "claude, tool_choice": (CLAUDE, claude(tool_choice={"type": "auto", **NEW})),
    "claude, text": (CLAUDE, claude({"type": "text", "text": "a", **NEW})),
    "claude, tool": (CLAUDE, claude(tools=[{"name": "f", "input_schema": {"type": "object"}, **NEW}])),
    "claude, message": (CLAUDE, {"model": "m", "messages": [{"role": "user", "content": "Hi", **NEW}]}),
    "claude, call": (
        CLAUDE,
        {
            "model": "m",
            "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{**CLAUDE_CALL, **NEW}]}],
        },
    ),
    "chat, at the top": (CHAT, chat(**NEW)),
    "chat, text": (CHAT, chat({"type": "text", "text": "a", **NEW})),
    "chat, image": (CHAT, chat({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", **NEW}})),
    "chat, file": (CHAT, chat({"type": "file", "file": {"file_data": PNG, "filename": "a.pdf", **NEW}})),
    "chat, tool": (CHAT, chat(tools=[{"type": "function", "function": {"name": "f", **NEW}}])),
    "chat, image's url": (CHAT, chat({"type": "image_url", "image_url": {"url": "data:image/png;base64,aa"}, **NEW})),
    "chat, refusal": (
        CHAT,
        chat_turns({"role": "assistant", "content": [{"type": "refusal", "refusal": "No", **NEW}]}),
    ),
    "chat, beside a file": (CHAT, chat({"type": "file", "file": {"file_data": PNG, "filename": "a.pdf"}, **NEW})),
    "chat, tools[]": (CHAT, chat(tools=[{"type": "function", "function": {"name": "f"}, **NEW}])),
    "chat, custom tool": (CHAT, chat(tools=[{"type": "custom", "custom": {"name": "f", **NEW}}])),
    "chat, custom format": (
        CHAT,
        chat(tools=[{"type": "custom", "custom": {"name": "f", "format": {"type": "text", **NEW}}}]),
    ),
    "chat, custom grammar": (
        CHAT,
        chat(
            tools=[
                {
                    "type": "custom",
                    "custom": {
                        "name": "f",
                        "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "s: W", **NEW}},
                    },
                }
            ]
        ),
    ),
    "chat, function of old": (CHAT, chat(functions=[{"name": "f", **NEW}])),
    "chat, function_call of old": (CHAT, chat(functions=[{"name": "f"}], function_call={"name": "f", **NEW})),
    "chat, call of old": (CHAT, chat_turns({"role": "assistant", "function_call": {"name": "f", **NEW}})),
    "chat, tool_choice": (
        CHAT,
        chat(
            tools=[{"type": "function", "function": {"name": "f"}}],
            tool_choice={"type": "function", "function": {"name": "f"}, **NEW},
        ),
    ),
    "chat, tool_choice.function": (
        CHAT,
        chat(
            tools=[{"type": "function", "function": {"name": "f"}}],
            tool_choice={"type": "function", "function": {"name": "f", **NEW}},
        ),
    ),
    "chat, response_format": (CHAT, chat(response_format={"type": "json_object", **NEW})),
    "chat, text response_format": (CHAT, chat(response_format={"type": "text", **NEW})),
    "chat, json_schema": (
        CHAT,
        chat(
            response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, **NEW}}
        ),
    ),
    "chat, stream_options": (CHAT, chat(stream=True, stream_options={"include_usage": True, **NEW})),
    "chat, reasoning": (CHAT, chat(reasoning={"effort": "high", **NEW})),
    "chat, system": (CHAT, chat_turns({"role": "system", "content": "a", **NEW})),
    "chat, system's text": (
        CHAT,
        chat_turns({"role": "system", "content": [{"type": "text", "text": "a", **NEW}]}),
    ),
    "chat, assistant": (CHAT, chat_turns({"role": "assistant", "content": "a", **NEW})),
    "chat, custom call": (
        CHAT,
        chat_turns(
            {
                "role": "assistant",
                "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "a", **NEW}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": "a"},
        ),
    ),
    "chat, result": (
        CHAT,
        chat_turns(
            {"role": "assistant", "tool_calls": [CHAT_CALL]},
            {"role": "tool", "tool_call_id": "c", "content": "a", **NEW},
        ),
    ),
    "chat, result's text": (
        CHAT,
        chat_turns(
            {"role": "assistant", "tool_calls": [CHAT_CALL]},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "a", **NEW}]},
        ),
    ),
    "chat, message": (CHAT, {"model": "m", "messages": [{"role": "user", "content": "Hi", **NEW}]}),
    "chat, call": (
        CHAT,
        {
            "model": "m",
            "messages": [
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "tool_calls": [{**CHAT_CALL, **NEW}]},
            ],
        },
    ),
    "responses, at the top": (RESPONSES, responses(**NEW)),
    "responses, reasoning": (RESPONSES, responses(reasoning={"effort": "high", **NEW})),
    "responses, text": (RESPONSES, responses(text={"verbosity": "low", **NEW})),
    "responses, tool": (RESPONSES, responses(tools=[{"type": "function", "name": "f", "parameters": {}, **NEW}])),
    "responses, item": (RESPONSES, responses({"type": "message", "role": "user", "content": "a", **NEW})),
    "responses, call": (RESPONSES, responses({**RESPONSES_CALL, **NEW})),
    "responses, content": (
        RESPONSES,
        responses({"role": "user", "content": [{"type": "input_text", "text": "a", **NEW}]}),
    ),
    "gemini, at the top": (GEMINI, gemini(**NEW)),
    "gemini, generationConfig": (GEMINI, gemini(generationConfig=NEW)),
    "gemini, thinkingConfig": (GEMINI, gemini(generationConfig={"thinkingConfig": NEW})),
    "gemini, toolConfig": (GEMINI, gemini(toolConfig=NEW)),
    "gemini, text": (GEMINI, gemini({"text": "a", **NEW})),
    "gemini, blob": (GEMINI, gemini({"inlineData": {"mimeType": "image/png", "data": PNG, **NEW}})),
    "gemini, function": (GEMINI, gemini(tools=[{"functionDeclarations": [{"name": "f", **NEW}]}])),
    "gemini, instruction": (GEMINI, gemini(systemInstruction={"parts": [{"text": "a", **NEW}]})),
    "gemini, systemInstruction": (GEMINI, gemini(systemInstruction={"parts": [{"text": "a"}], **NEW})),
    "gemini, file": (
        GEMINI,
        gemini({"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png", **NEW}}),
    ),
    "gemini, beside a blob": (GEMINI, gemini({"inlineData": {"mimeType": "image/png", "data": PNG}, **NEW})),
    "gemini, pdf": (GEMINI, gemini({"inlineData": {"mimeType": "application/pdf", "data": PNG, **NEW}})),
    "gemini, functionCallingConfig": (
        GEMINI,
        gemini(tools=[GEMINI_TOOL], toolConfig={"functionCallingConfig": {"mode": "AUTO", **NEW}}),
    ),
    "gemini, safety": (GEMINI, gemini(safetySettings=[NEW], **NEW)),
    "gemini, tool": (GEMINI, gemini(tools=[{**GEMINI_TOOL, "brandNew": {}}])),
    "gemini, call": (
        GEMINI,
        gemini_turns({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}, **NEW}}]}, GEMINI_RESULT),
    ),
    "gemini, beside a call": (
        GEMINI,
        gemini_turns({"role": "model", "parts": [{"functionCall": {"name": "f"}, **NEW}]}, GEMINI_RESULT),
    ),
    "gemini, result": (
        GEMINI,
        gemini_turns(
            {"role": "model", "parts": [{"functionCall": {"name": "f"}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}, **NEW}}]},
        ),
    ),
    "gemini, part of a result": (
        GEMINI,
        gemini_turns(
            {"role": "model", "parts": [{"functionCall": {"name": "f"}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}, "parts": [NEW]}}]},
        ),
    ),
    "gemini, thought": (
        GEMINI,
        gemini_turns({"role": "model", "parts": [{"text": "hm", "thought": True, **NEW}, {"text": "Hello"}]}),
    ),
    "gemini, model's content": (GEMINI, gemini_turns({"role": "model", "parts": [{"text": "Hello"}], **NEW})),
    "gemini, second content of the model": (
        GEMINI,
        gemini_turns(
            {"role": "model", "parts": [{"text": "Hello"}]}, {"role": "model", "parts": [{"text": "Hello"}], **NEW}
        ),
    ),
    "gemini, a part that is nothing": (GEMINI, gemini(NEW)),
    "gemini, content": (GEMINI, {"model": "m", "contents": [{"role": "user", "parts": [{"text": "Hi"}], **NEW}]}),
}


@pytest.mark.parametrize("target", list(MODELS))
@pytest.mark.parametrize("case", list(CASES))
def test_an_unknown_member_is_told(case: str, target: DialectName) -> None:
    """Promise 22."""
    client, body = CASES[case]
    if client is target:
        return
    losses = seen(client, target, body, None).losses
    # of a part that nobody knows the whole is told, by its kind
    assert [loss for loss in losses if "brand" in f"{loss.path} {loss.why}".lower()], losses
