"""Specification of Gemini bodies as canonical requests. The vendor's client is one of those who write them."""

import base64
import json
from typing import Any

import pytest
from google import genai
from google.genai import types

from addons.core.model import (
    DialectName,
    Format,
    HostedTool,
    Image,
    Message,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.dialects._gemini_request import parse_request
from harness.gemini_bodies import HI, configured, parsed, user, wrong

GEMINI, CLAUDE = DialectName.GEMINI, DialectName.ANTHROPIC


def test_model_and_stream_come_from_the_path() -> None:
    request = parse_request({"contents": [HI], "model": "gemini-3-pro", "stream": True})
    assert (request.dialect, request.model, request.stream) == (GEMINI, "gemini-3-pro", True)
    assert request.extras == {}


# --- tools


def test_upper_case_schemas_become_json_schema() -> None:
    parameters = {"type": "OBJECT", "properties": {"type": {"type": "STRING", "nullable": True}}, "required": ["type"]}
    (tool,) = parsed(
        tools=[{"functionDeclarations": [{"name": "f", "description": "d", "parameters": parameters}]}]
    ).tools
    schema = {"type": "object", "properties": {"type": {"type": ["string", "null"]}}, "required": ["type"]}
    assert tool == Tool("f", "d", schema=schema)


def test_json_schemas_stay_as_they_are() -> None:
    schema = {"type": "object", "properties": {"a_b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "$defs": {}}
    declaration = {"name": "f", "parametersJsonSchema": schema}
    (tool,) = parsed(tools=[{"functionDeclarations": [declaration]}]).tools
    assert isinstance(tool, Tool) and tool.schema == schema


@pytest.mark.parametrize(
    "kind", ["googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext", "computerUse"]
)
def test_tools_of_google_are_hosted(kind: str) -> None:
    tools = parsed(tools=[{"functionDeclarations": [{"name": "f"}], kind: {"a": 1}}]).tools
    assert tools == (Tool("f"), HostedTool(GEMINI, kind, {kind: {"a": 1}}))


TWO = {"allowedFunctionNames": ["f", "g"]}


@pytest.mark.parametrize(
    ("calling", "choice", "extras"),
    [
        ({"mode": "AUTO"}, ToolChoice("auto"), {}),
        ({"mode": "NONE"}, ToolChoice("none"), {}),
        ({"mode": "ANY"}, ToolChoice("required"), {}),
        ({"mode": "any", "allowedFunctionNames": ["f"]}, ToolChoice("tool", "f"), {}),
        (
            {"mode": "ANY", "allowedFunctionNames": ["f", "g"]},
            ToolChoice("required"),
            {"allowedFunctionNames": ["f", "g"]},
        ),
        ({"mode": "VALIDATED"}, ToolChoice("auto"), {"mode": "VALIDATED"}),
        ({"mode": "MODE_UNSPECIFIED"}, None, {}),
        ({}, None, {}),
    ],
)
def test_every_way_to_choose_a_tool(calling: Any, choice: ToolChoice | None, extras: dict[str, Any]) -> None:
    request = parsed(toolConfig={"functionCallingConfig": calling})
    assert request.tool_choice == choice
    assert request.extras == {f"toolConfig.functionCallingConfig.{key}": value for key, value in extras.items()}


# --- settings


def test_settings_have_their_canonical_names() -> None:
    request = configured(temperature=0.5, topP=0.9, topK=40.0, maxOutputTokens=100, stopSequences=["END"])
    assert (request.temperature, request.top_p, request.top_k, request.max_tokens) == (0.5, 0.9, 40, 100)
    assert request.stop == ("END",) and request.extras == {}


@pytest.mark.parametrize(
    ("config", "reasoning"),
    [
        ({"thinkingBudget": 0}, Reasoning(enabled=False)),
        ({"thinkingBudget": -1}, Reasoning(enabled=True, adaptive=True)),
        ({"thinkingBudget": 2048}, Reasoning(budget=2048, enabled=True)),
        ({"thinkingLevel": "HIGH"}, Reasoning(effort="high")),
        ({"thinkingLevel": "minimal", "includeThoughts": True}, Reasoning(effort="minimal", summary="auto")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, Reasoning()),
    ],
)
def test_every_way_to_ask_for_thinking(config: Any, reasoning: Reasoning) -> None:
    request = configured(thinkingConfig=config)
    assert request.reasoning == reasoning and request.extras == {}


def test_a_level_newer_than_this_router_stays_in_the_extras() -> None:
    assert configured(thinkingConfig={"thinkingLevel": "COSMIC"}).extras == {
        "generationConfig.thinkingConfig.thinkingLevel": "COSMIC"
    }


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("config", "form"),
    [
        ({"responseMimeType": "application/json"}, Format()),
        ({"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}, Format(SCHEMA)),
        (
            {
                "responseMimeType": "application/json",
                "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
            },
            Format(SCHEMA),
        ),
        (
            {
                "responseMimeType": "application/json",
                "responseJsonSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
            },
            Format(SCHEMA),
        ),
        ({"responseMimeType": "text/plain"}, None),
    ],
    ids=["any JSON", "JSON Schema", "Google's schema", "Gemini CLI's mixture", "plain text"],
)
def test_structured_output(config: Any, form: Format | None) -> None:
    request = configured(**config)
    assert request.format == form and request.extras == {}


def test_what_has_no_canonical_home_keeps_its_name() -> None:
    """Promise 22."""
    request = parse_request(
        {
            "contents": [HI],
            "safetySettings": [{"category": "X", "threshold": "BLOCK_NONE"}],
            "cachedContent": "cachedContents/a",
            "labels": {"a_b": "c"},
            "toolConfig": {"retrievalConfig": {"languageCode": "de"}},
            "generationConfig": {"seed": 7, "candidateCount": 2, "speechConfig": {}, "responseMimeType": "text/x.enum"},
        }
    )
    assert request.extras == {
        "safetySettings": [{"category": "X", "threshold": "BLOCK_NONE"}],
        "cachedContent": "cachedContents/a",
        "labels": {"a_b": "c"},
        "toolConfig.retrievalConfig": {"languageCode": "de"},
        "generationConfig.seed": 7,
        "generationConfig.candidateCount": 2,
        "generationConfig.speechConfig": {},
        "generationConfig.responseMimeType": "text/x.enum",
    }


# --- spellings

EVERYTHING: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "s"}]},
    "contents": [
        {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "aGk="}}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a_b": 1}}, "thoughtSignature": "c2ln"}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"files_found": 1}}}]},
        {"role": "user", "parts": [{"fileData": {"mimeType": "image/png", "fileUri": "https://x.example/a_b"}}]},
    ],
    "tools": [
        {
            "functionDeclarations": [
                {"name": "f", "parameters": {"type": "OBJECT", "properties": {"a_b": {"type": "STRING"}}}},
                {"name": "g", "parametersJsonSchema": {"type": "object", "properties": {"aB": {}, "a_b": {}}}},
            ]
        },
        {"googleSearch": {}},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}},
    "generationConfig": {
        "maxOutputTokens": 9,
        "topP": 0.5,
        "stopSequences": ["a_b"],
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a_b": {"type": "STRING"}}},
        "thinkingConfig": {"thinkingBudget": 5, "includeThoughts": True},
        "presencePenalty": 0.1,
    },
    "safetySettings": [],
    "cachedContent": "x",
}
DATA = {"args", "response", "properties"}


def snake(value: Any) -> Any:
    """The same body as aider and litellm spell it; what users name is left alone."""
    if isinstance(value, list):
        return [snake(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key): (
            each if key in DATA else snake(each)
        )
        for key, each in value.items()
    }


def test_both_spellings_mean_the_same() -> None:
    assert "function_declarations" in json.dumps(snake(EVERYTHING))
    assert parse_request(snake(EVERYTHING)) == parse_request(EVERYTHING)


def test_names_in_the_users_data_are_never_respelled() -> None:
    text = str(parse_request(snake(EVERYTHING)))
    assert '{"a_b":1}' in text and '{"files_found":1}' in text and "'a_b': {'type': 'string'}" in text and "aB" in text


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "contents"),
        ({"contents": []}, "contents"),
        ({"contents": "hi"}, "contents"),
        ({"contents": [7]}, "contents[0]"),
        ({"contents": [{"role": "system", "parts": []}]}, "contents[0].role"),
        ({"contents": [{"role": "user", "parts": [{"text": 7}]}]}, "contents[0].parts[0].text"),
        ({"contents": [{"role": "user", "parts": [7]}]}, "contents[0].parts[0]"),
        ({"contents": [{"role": "model", "parts": [{"functionCall": {}}]}]}, "contents[0].parts[0].functionCall.name"),
        (
            {"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": "x"}}]}]},
            "contents[0].parts[0].functionCall.args",
        ),
        ({"contents": [user({"inlineData": {"mimeType": "image/png"}})]}, "contents[0].parts[0].inlineData.data"),
        ({"contents": [HI], "tools": "x"}, "tools"),
        ({"contents": [HI], "tools": [{"functionDeclarations": [{}]}]}, "tools[0].functionDeclarations[0].name"),
        (
            {"contents": [HI], "toolConfig": {"functionCallingConfig": {"mode": "MAYBE"}}},
            "toolConfig.functionCallingConfig.mode",
        ),
        ({"contents": [HI], "generationConfig": {"temperature": "hot"}}, "generationConfig.temperature"),
        ({"contents": [HI], "generationConfig": {"maxOutputTokens": 1.5}}, "generationConfig.maxOutputTokens"),
        (
            {"contents": [HI], "generationConfig": {"thinkingConfig": {"thinkingBudget": True}}},
            "generationConfig.thinkingConfig.thinkingBudget",
        ),
        ({"contents": [HI], "generationConfig": {"stopSequences": [1]}}, "generationConfig.stopSequences[0]"),
        ({"contents": [HI], "systemInstruction": {"parts": [{"text": 1}]}}, "systemInstruction.parts[0].text"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_named_by_its_path(body: dict[str, Any], path: str) -> None:
    assert wrong(body) == path


# --- the vendor's client


class _Sent(Exception):
    pass


def sent_by_the_vendors_client(monkeypatch: pytest.MonkeyPatch, contents: Any, config: Any) -> dict[str, Any]:
    """The body that google-genai makes of a request."""
    client = genai.Client(api_key="k")
    bodies: list[dict[str, Any]] = []

    def keep(_method: str, _path: str, body: dict[str, Any], *_: Any, **__: Any) -> None:
        bodies.append(body)
        raise _Sent

    monkeypatch.setattr(client._api_client, "request", keep)
    with pytest.raises(_Sent):
        client.models.generate_content(model="m", contents=contents, config=config)
    client.close()
    body: dict[str, Any] = json.loads(json.dumps({k: v for k, v in bodies[0].items() if not k.startswith("_")}))
    return body


def test_the_vendors_client_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    function = types.FunctionDeclaration(
        name="f",
        description="d",
        parameters=types.Schema(type=types.Type.OBJECT, properties={"a": types.Schema(type=types.Type.STRING)}),
    )
    config = types.GenerateContentConfig(
        system_instruction="be good",
        temperature=0.5,
        top_k=40,
        max_output_tokens=99,
        tools=[types.Tool(function_declarations=[function]), types.Tool(google_search=types.GoogleSearch())],
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    raw = bytes(range(248, 256))
    contents = [
        types.Content(
            role="user", parts=[types.Part(text="hi"), types.Part.from_bytes(data=raw, mime_type="image/png")]
        ),
        types.Content(
            role="model",
            parts=[types.Part(function_call=types.FunctionCall(name="f", args={"a": 1}), thought_signature=raw)],
        ),
        types.Content(role="user", parts=[types.Part.from_function_response(name="f", response={"result": "ok"})]),
    ]
    request = parse_request(sent_by_the_vendors_client(monkeypatch, contents, config))
    assert request.messages[0] == Message("system", (Text("be good"),))
    assert request.messages[1].parts[1] == Image(data=base64.b64encode(raw).decode(), media_type="image/png")
    thinking, called = request.messages[2].parts
    assert isinstance(thinking, Thinking) and isinstance(called, ToolCall) and called.arguments == '{"a":1}'
    assert request.messages[3].parts == (ToolResult(called.id, (Text("ok"),)),)
    offered = Tool("f", "d", schema={"type": "object", "properties": {"a": {"type": "string"}}})
    assert offered in request.tools and HostedTool(GEMINI, "googleSearch", {"googleSearch": {}}) in request.tools
    assert (request.temperature, request.top_k, request.max_tokens) == (0.5, 40, 99)
    assert request.reasoning == Reasoning(budget=1024, enabled=True, summary="auto") and request.extras == {}
