"""What a provider must see again of its model's thinking comes back to it, whichever dialect the client speaks: the
client only keeps what it was sent, and sends it back with its next turn."""

import json
from typing import Any

import pytest
from clients import checks

from addons.core.accumulate import Answer, unfold
from addons.core.events import FinishReason
from addons.core.model import DialectName, Message, Request, Text, Thinking, ToolCall
from addons.core.sse import SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS

type Json = dict[str, Any]

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
MODELS = {CLAUDE: "claude-sonnet-4-5", CHAT: "kimi-k2-thinking", RESPONSES: "gpt-5.5", GEMINI: "gemini-3-pro"}
# what an answer of each provider is made of; Gemini signs the call
SIGNED = checks.SIGNATURE
ANSWERS: dict[DialectName, tuple[Any, ...]] = {
    CLAUDE: (Thinking("plan", SIGNED, dialect=CLAUDE), Text("so"), ToolCall("toolu_1", "f", '{"a":1}')),
    CHAT: (Thinking("plan", dialect=CHAT), Text("so"), ToolCall("call_1", "f", '{"a":1}')),
    RESPONSES: (Thinking("plan", SIGNED, id="rs_1", dialect=RESPONSES), ToolCall("call_1", "f", '{"a":1}')),
    GEMINI: (Text("so"), Thinking("", SIGNED, dialect=GEMINI), ToolCall("call_1", "f", '{"a":1}')),
}
SILENT = {
    CLAUDE: (Thinking("", SIGNED, dialect=CLAUDE), ToolCall("toolu_1", "f", '{"a":1}')),
    RESPONSES: (Thinking("", SIGNED, id="rs_1", dialect=RESPONSES), ToolCall("call_1", "f", '{"a":1}')),
}
PAIRS = [(client, provider) for client in MODELS for provider in MODELS if client is not provider]
HEADERS = {
    "anthropic-version": "2023-06-01",
    "x-goog-api-key": "k",
    ":path": "/v1beta/models/gemini-3-pro:generateContent",
}


def whole(client: DialectName, parts: tuple[Any, ...]) -> Json:
    answer = Answer("id_1", "m", parts=parts, finish=FinishReason.TOOL_USE)
    return DIALECTS[client].render_response(answer, Request(client, "m", ()), "m")


def kept_by_claude(body: Json) -> list[Json]:
    called = next(block["id"] for block in body["content"] if block["type"] == "tool_use")
    result = {"type": "tool_result", "tool_use_id": called, "content": "ok"}
    return [{"role": "assistant", "content": body["content"]}, {"role": "user", "content": [result]}]


def kept_by_chat(body: Json) -> list[Json]:
    message = body["choices"][0]["message"]
    return [message, {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "ok"}]


def kept_by_responses(body: Json) -> list[Json]:
    called = next(item["call_id"] for item in body["output"] if item["type"] == "function_call")
    return [*body["output"], {"type": "function_call_output", "call_id": called, "output": "ok"}]


def kept_by_gemini(body: Json) -> list[Json]:
    content = body["candidates"][0]["content"]
    called = next(part["functionCall"] for part in content["parts"] if "functionCall" in part)
    response = {"id": called.get("id"), "name": called["name"], "response": {"output": "ok"}}
    return [content, {"role": "user", "parts": [{"functionResponse": response}]}]


KEEP = {CLAUDE: kept_by_claude, CHAT: kept_by_chat, RESPONSES: kept_by_responses, GEMINI: kept_by_gemini}
FIRST: dict[DialectName, Json] = {
    CLAUDE: {
        "messages": [{"role": "user", "content": "go"}],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "max_tokens": 9000,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    },
    CHAT: {
        "messages": [{"role": "user", "content": "go"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "reasoning_effort": "high",
    },
    RESPONSES: {
        "input": [{"type": "message", "role": "user", "content": "go"}],
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
        "reasoning": {"effort": "high"},
    },
    GEMINI: {
        "contents": [{"role": "user", "parts": [{"text": "go"}]}],
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}],
        "generationConfig": {"thinkingConfig": {"thinkingLevel": "high"}},
    },
}
LIST = {CLAUDE: "messages", CHAT: "messages", RESPONSES: "input", GEMINI: "contents"}


def next_turn(client: DialectName, parts: tuple[Any, ...]) -> Json:
    """The body of the turn after an answer of `parts`."""
    first, there = FIRST[client], LIST[client]
    return {"model": "m", **first, there: [*first[there], *KEEP[client](whole(client, parts))]}


def asked(client: DialectName, provider: DialectName, body: Json) -> Json:
    request = DIALECTS[client].parse_request(body)
    model = Traits.of(MODELS[provider])
    return DIALECTS[provider].render_request(request, model, ToolNames.of(request)).body


def thoughts_of(provider: DialectName, body: Json) -> list[Json]:
    """Where the provider looks for its thinking."""
    match provider:
        case DialectName.ANTHROPIC:
            return [b for m in body["messages"] for b in m["content"] if b["type"] == "thinking"]
        case DialectName.CHAT:
            return [m for m in body["messages"] if "reasoning_content" in m]
        case DialectName.RESPONSES:
            return [item for item in body["input"] if item["type"] == "reasoning"]
        case _:
            return [p for c in body["contents"] for p in c["parts"] if "thoughtSignature" in p]


@pytest.mark.parametrize(("client", "provider"), [pair for pair in PAIRS if pair != (GEMINI, CHAT)])
def test_thinking_comes_back_to_its_provider(client: DialectName, provider: DialectName) -> None:
    """Promise 15."""
    body = asked(client, provider, next_turn(client, ANSWERS[provider]))

    assert checks.problem(provider, body, HEADERS) is None
    (thought,) = thoughts_of(provider, body)
    match provider:
        case DialectName.ANTHROPIC:
            assert thought == {"type": "thinking", "thinking": "plan", "signature": SIGNED}
            assert body["messages"][1]["content"][0] == thought
            assert body["thinking"]["type"] == "enabled"
        case DialectName.CHAT:
            assert thought["reasoning_content"] == "plan" and thought["tool_calls"]
        case DialectName.RESPONSES:
            assert (thought["encrypted_content"], thought["id"]) == (SIGNED, "rs_1")
            assert thought["summary"] == [{"type": "summary_text", "text": "plan"}]
        case _:
            assert thought["thoughtSignature"] == SIGNED and thought["functionCall"]["name"] == "f"


@pytest.mark.parametrize(("client", "provider"), [pair for pair in PAIRS if pair[1] in SILENT])
def test_thinking_without_words_comes_back_too(client: DialectName, provider: DialectName) -> None:
    """Claude hides its thoughts, and OpenAI gives no summary, unless they are asked to."""
    body = asked(client, provider, next_turn(client, SILENT[provider]))

    (thought,) = thoughts_of(provider, body)
    assert SIGNED in thought.values()


@pytest.mark.parametrize(("client", "provider"), PAIRS)
@pytest.mark.parametrize("other", list(MODELS))
def test_no_other_provider_sees_it(client: DialectName, provider: DialectName, other: DialectName) -> None:
    """Promise 15: also a provider of the client's own dialect is sent nothing that only the router can read."""
    if other is provider:
        return
    body = next_turn(client, ANSWERS[provider])
    raw = json.dumps(body).encode()
    sent = body | DIALECTS[client].residue(raw, body)[0] if other is client else asked(client, other, body)

    said = json.dumps(sent)
    assert SIGNED not in said and "bGxyOjE6" not in said and "llr1." not in said


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_the_stream_says_what_the_whole_answer_says(client: DialectName, provider: DialectName) -> None:
    answer = Answer("id_1", "m", parts=ANSWERS[provider], finish=FinishReason.TOOL_USE)
    encoder = DIALECTS[client].encoder(Request(client, "m", (), stream=True), "m")
    data = b"".join(encoder.feed(event) for event in unfold(answer))
    streamed = b"\n".join(event.data for event in SseParser().feed(data))

    for key in ("signature", "reasoning_details", "encrypted_content", "thoughtSignature"):
        for value in found(key, whole(client, ANSWERS[provider])):
            assert value in streamed.decode()


def found(key: str, value: Any) -> list[str]:
    """The texts under `key`, or in what stands there."""
    if isinstance(value, list):
        return [text for each in value for text in found(key, each)]
    if not isinstance(value, dict):
        return []
    here = value.get(key) or ()
    texts = [here] if isinstance(here, str) else [each["data"] for each in here]
    return texts + [text for each in value.values() for text in found(key, each)]


def test_a_message_of_the_user_keeps_its_place_beside_them() -> None:
    request = DIALECTS[CHAT].parse_request(next_turn(CHAT, ANSWERS[CLAUDE]))

    kinds = [[type(part).__name__ for part in message.parts] for message in request.messages]
    assert kinds == [["Text"], ["Thinking", "Text", "ToolCall"], ["ToolResult"]]
    assert request.messages[0] == Message("user", (Text("go"),))
