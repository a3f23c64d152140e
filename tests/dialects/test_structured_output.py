"""Structured output in every direction: what a client asks for in its way is asked of the provider in its own, and the
answer is text again, whoever was made to give it as the input of a tool."""

import json
from typing import Any

import pytest
from clients import checks

from addons.core.accumulate import Answer, fold, unfold
from addons.core.events import Finish, FinishReason
from addons.core.model import DialectName, Format, Rendered, Text, ToolCall
from addons.core.sse import SseParser
from addons.core.tools import Restorer, ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS

type Json = dict[str, Any]

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
SCHEMA: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
OF_GEMINI = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}, "days": {"type": "INTEGER"}}}
SAID = [{"role": "user", "content": "the weather, please"}]
TOLD = {"contents": [{"role": "user", "parts": [{"text": "the weather, please"}]}]}
MIME = {"responseMimeType": "application/json"}
NAMED = {"name": "weather", "schema": SCHEMA, "strict": True}
WITH_SCHEMA: dict[str, tuple[DialectName, Json]] = {
    "claude": (
        CLAUDE,
        {"messages": SAID, "max_tokens": 99, "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    ),
    "chat": (CHAT, {"messages": SAID, "response_format": {"type": "json_schema", "json_schema": NAMED}}),
    "responses": (RESPONSES, {"input": "the weather, please", "text": {"format": {"type": "json_schema", **NAMED}}}),
    "gemini schema": (
        GEMINI,
        {**TOLD, "generationConfig": {**MIME, "responseSchema": {**OF_GEMINI, "required": ["city", "days"]}}},
    ),
    "gemini json schema": (GEMINI, {**TOLD, "generationConfig": {**MIME, "responseJsonSchema": SCHEMA}}),
}
WITHOUT: dict[str, tuple[DialectName, Json]] = {
    "chat": (
        CHAT,
        {"messages": [{"role": "system", "content": "JSON only"}, *SAID], "response_format": {"type": "json_object"}},
    ),
    "responses": (RESPONSES, {"instructions": "JSON only", "input": "x", "text": {"format": {"type": "json_object"}}}),
    "gemini": (GEMINI, {**TOLD, "generationConfig": MIME}),
}
# how each model is held to a schema: natively, by a forced tool, by JSON mode and words
PROVIDERS: tuple[tuple[DialectName, str, str], ...] = (
    (CLAUDE, "claude-opus-4-8", "native"),
    (CLAUDE, "claude-opus-4-1", "tool"),
    (CLAUDE, "claude-3-5-sonnet-latest", "tool"),
    (CHAT, "gpt-5.5", "native"),
    (CHAT, "glm-5.1", "words"),
    (RESPONSES, "gpt-5.5", "native"),
    (GEMINI, "gemini-2.5-pro", "native"),
    (GEMINI, "gemini-3-pro", "native"),
    (GEMINI, "gemini-2.0-flash", "native"),
)
ANSWER = '{"city": "Bern", "days": 3}'


def render(client: DialectName, body: Json, provider: DialectName, model: str) -> tuple[Rendered, ToolNames]:
    request = DIALECTS[client].parse_request({"model": "m", **body})
    names = ToolNames.of(request)
    return DIALECTS[provider].render_request(request, Traits.of(model), names), names


def native(provider: DialectName, body: Json) -> Json | None:
    """The schema where the provider looks for it."""
    match provider:
        case DialectName.ANTHROPIC:
            return body.get("output_config", {}).get("format", {}).get("schema")
        case DialectName.CHAT:
            return body["response_format"].get("json_schema", {}).get("schema")
        case DialectName.RESPONSES:
            return body["text"]["format"].get("schema")
        case _:
            config = body["generationConfig"]
            return config.get("responseJsonSchema", config.get("responseSchema"))


def lower(value: Any) -> Any:
    """Gemini's own schemas spell their types in capitals."""
    if isinstance(value, dict):
        return {key: each.lower() if key == "type" else lower(each) for key, each in value.items()}
    return [lower(each) for each in value] if isinstance(value, list) else value


every_schema = pytest.mark.parametrize("asked", list(WITH_SCHEMA))
every_provider = pytest.mark.parametrize(("provider", "model", "way"), PROVIDERS)


@every_schema
@every_provider
def test_a_schema_is_asked_for_in_the_providers_way(asked: str, provider: DialectName, model: str, way: str) -> None:
    client, body = WITH_SCHEMA[asked]
    if client is provider:
        return
    rendered, names = render(client, body, provider, model)
    headers = {"anthropic-version": "x", "x-goog-api-key": "k", ":path": f"/v1beta/models/{model}:generateContent"}

    assert checks.problem(provider, rendered.body, headers) is None
    match way:
        case "native":
            found = lower(native(provider, rendered.body))
            assert found["properties"] == SCHEMA["properties"] and sorted(found["required"]) == ["city", "days"]
        case "tool":
            assert rendered.body["tool_choice"]["name"] == names.answer
            assert rendered.body["tools"][0]["input_schema"]["properties"] == SCHEMA["properties"]
        case _:
            assert rendered.body["response_format"] == {"type": "json_object"}
            assert '"city"' in json.dumps(rendered.body["messages"][0]["content"]).replace("\\", "")


@pytest.mark.parametrize("asked", list(WITHOUT))
@every_provider
def test_json_of_any_shape_is_asked_for(asked: str, provider: DialectName, model: str, way: str) -> None:
    """OpenAI refuses its JSON mode where the messages (Responses: the input) do not speak of JSON."""
    client, body = WITHOUT[asked]
    if client is provider:
        return
    sent = render(client, body, provider, model)[0].body
    match provider:
        case DialectName.ANTHROPIC:
            assert "one JSON object" in json.dumps(sent["system"])
        case DialectName.CHAT:
            assert sent["response_format"] == {"type": "json_object"} and "json" in json.dumps(sent["messages"]).lower()
        case DialectName.RESPONSES:
            assert sent["text"]["format"] == {"type": "json_object"} and "json" in json.dumps(sent["input"]).lower()
        case _:
            assert sent["generationConfig"]["responseMimeType"] == "application/json"


def test_who_speaks_of_json_is_not_told_again() -> None:
    body = {"messages": [{"role": "user", "content": "As JSON, please"}], "response_format": {"type": "json_object"}}

    assert len(render(CHAT, body, RESPONSES, "gpt-5.5")[0].body["input"]) == 1


@pytest.mark.parametrize("streamed", [True, False])
@every_schema
def test_the_input_of_the_stand_in_is_text_again(asked: str, streamed: bool) -> None:
    client, body = WITH_SCHEMA[asked]
    if client is CLAUDE:
        return
    request = DIALECTS[client].parse_request({"model": "m", **body})
    names = ToolNames.of(request)
    provider = DIALECTS[CLAUDE]
    called = Answer("i", "m", parts=(ToolCall("t", str(names.answer), ANSWER),), finish=FinishReason.TOOL_USE)
    if streamed:
        encoder, decoder = provider.encoder(request, "m"), provider.decoder()
        events = [event for each in unfold(called) for event in decoder.feed(encoder.feed(each))]
    else:
        events = provider.parse_response(provider.render_response(called, request, "m"))
    restorer = Restorer(names)
    answer = fold(event for each in events for event in restorer.feed(each))

    assert [type(part) for part in answer.parts] == [Text] and answer.finish is FinishReason.END_TURN
    assert json.loads(answer.parts[0].text) == json.loads(ANSWER)
    encoder = DIALECTS[client].encoder(request, "m")
    said = b"".join(encoder.feed(event) for event in unfold(answer))
    again = DIALECTS[client].decoder()
    heard = fold(again.feed(said))
    assert json.loads("".join(part.text for part in heard.parts if isinstance(part, Text))) == json.loads(ANSWER)
    assert SseParser().feed(said)


@every_schema
def test_every_way_of_asking_is_the_same_wish(asked: str) -> None:
    client, body = WITH_SCHEMA[asked]
    wanted = DIALECTS[client].parse_request({"model": "m", **body}).format

    assert isinstance(wanted, Format) and wanted.schema is not None
    assert wanted.schema["properties"] == SCHEMA["properties"]


def test_a_finished_answer_of_tools_stays_one() -> None:
    names = ToolNames.of(DIALECTS[CHAT].parse_request({"model": "m", **WITH_SCHEMA["chat"][1]}))
    (event,) = Restorer(names).feed(Finish(FinishReason.TOOL_USE))

    assert event == Finish(FinishReason.TOOL_USE)
