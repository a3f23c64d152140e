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
RESPONSES_CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


def claude(*blocks: Any, **members: Any) -> dict[str, Any]:
    return {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}, *blocks]}],
        **members,
    }


def chat(*parts: Any, **members: Any) -> dict[str, Any]:
    return claude(*parts, **members)


def responses(*items: Any, **members: Any) -> dict[str, Any]:
    return {"model": "m", "input": [{"role": "user", "content": "Hi"}, *items], **members}


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
    assert [loss for loss in losses if "brand" in loss.path.lower()], losses
