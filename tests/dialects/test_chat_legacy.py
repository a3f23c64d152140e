"""Chat clients from before there were tools: `functions`, `function_call` and the role `function`. Oracle: the SDK."""

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from addons.core.accumulate import fold
from addons.core.errors import BadRequest
from addons.core.events import Begin, Event, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.core.model import DialectName, Request, Text, Tool, ToolCall, ToolChoice, ToolResult
from addons.core.sse import SseParser
from addons.dialects import DIALECTS
from harness.fidelity import seen

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
LOOK = {"name": "look", "description": "Looks", "parameters": SCHEMA}
CALL = {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": '{"a":"b"}'}}
SEEN = {"role": "function", "name": "look", "content": "blue"}

type Json = dict[str, Any]


def parsed(*turns: Json, **members: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}, *turns], "functions": [LOOK], **members}
    return DIALECTS[CHAT].parse_request(body)


def called(*names: str) -> list[Event]:
    """An answer with calls, their arguments in two pieces."""
    events: list[Event] = [Begin("id_1", "m"), PartOpen(0, "text"), PartDelta(0, "Well"), PartClose(0)]
    for n, name in enumerate(names, 1):
        events += [PartOpen(n, "tool_call", id=f"toolu_{n}", name=name), PartDelta(n, '{"a":'), PartDelta(n, '"b"}')]
        events += [PartClose(n)]
    return [*events, Finish(FinishReason.TOOL_USE)]


def streamed(request: Request, events: list[Event]) -> list[ChatCompletionChunk]:
    encoder = DIALECTS[CHAT].encoder(request, "m")
    data = b"".join(encoder.feed(event) for event in events)
    return [ChatCompletionChunk.model_validate_json(e.data) for e in SseParser().feed(data) if e.data != b"[DONE]"]


def test_functions_are_tools() -> None:
    (tool,) = parsed().tools
    assert isinstance(tool, Tool)
    assert (tool.name, tool.description, tool.schema) == ("look", "Looks", SCHEMA)


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("auto", ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ({"name": "look"}, ToolChoice("tool", "look")),
        (None, None),
    ],
)
def test_the_choice_of_a_function_is_one_of_a_tool(said: object, choice: ToolChoice | None) -> None:
    assert parsed(function_call=said).tool_choice == choice


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"functions": "look"}, "functions"),
        ({"functions": [7]}, "functions[0]"),
        ({"functions": [{}]}, "functions[0].name"),
        ({"functions": [{"name": "f", "parameters": 7}]}, "functions[0].parameters"),
        ({"function_call": "sometimes"}, "function_call"),
        ({"messages": [{"role": "function", "content": "x"}]}, "messages[0].name"),
        ({"messages": [{"role": "assistant", "function_call": {}}]}, "messages[0].function_call.name"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(members: Json, path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parsed(**members)
    assert refused.value.path == path


def test_one_call_at_a_time_is_asked_for() -> None:
    """There is no room for a second one."""
    assert parsed().parallel_tool_calls is False


def test_every_call_has_an_id_and_its_result_answers_it() -> None:
    history = parsed(CALL, SEEN, CALL, {**SEEN, "content": "grey"}).messages[1:]
    parts = [part for message in history for part in message.parts]
    assert parts == [
        ToolCall("function_call_1", "look", '{"a":"b"}'),
        ToolResult("function_call_1", (Text("blue"),)),
        ToolCall("function_call_2", "look", '{"a":"b"}'),
        ToolResult("function_call_2", (Text("grey"),)),
    ]


@pytest.mark.parametrize("target", [CLAUDE, RESPONSES, GEMINI])
def test_a_conversation_in_the_old_form_is_carried_whole(target: DialectName) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}, CALL, SEEN], "functions": [LOOK]}
    found = seen(CHAT, target, body, None)
    sent = json.dumps(found.body)
    assert all(word in sent for word in ("Looks", "blue", "look"))
    assert [loss for loss in found.losses if loss.path != "parallel_tool_calls"] == []


def test_the_answer_streams_a_call_in_the_old_form() -> None:
    chunks = streamed(parsed(stream=True), called("look"))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    calls = [delta.function_call for delta in deltas if delta.function_call is not None]
    assert calls[0].name == "look"
    assert [call.arguments for call in calls] == ["", '{"a":', '"b"}']
    assert not any(delta.tool_calls for delta in deltas)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "function_call"


def test_the_whole_answer_has_the_call_in_the_old_form() -> None:
    body = DIALECTS[CHAT].render_response(fold(called("look")), parsed(), "m")
    (choice,) = ChatCompletion.model_validate(body).choices
    assert choice.finish_reason == "function_call"
    assert choice.message.function_call is not None
    assert (choice.message.function_call.name, choice.message.function_call.arguments) == ("look", '{"a":"b"}')
    assert choice.message.tool_calls is None


def test_a_second_call_has_no_room_and_is_told() -> None:
    encoder = DIALECTS[CHAT].encoder(parsed(stream=True), "m")
    data = b"".join(encoder.feed(event) for event in called("look", "dig"))
    assert b"dig" not in data
    assert [loss.path for loss in encoder.losses] == ["answer.tool_calls"]


def test_who_offers_tools_is_answered_in_tool_calls() -> None:
    tools = [{"type": "function", "function": {"name": "dig"}}]
    request = parsed(tools=tools, stream=True)
    chunks = streamed(request, called("look"))
    assert any(chunk.choices[0].delta.tool_calls for chunk in chunks if chunk.choices)
    assert request.parallel_tool_calls is None


def test_an_answer_without_a_call_ends_as_ever() -> None:
    events: list[Event] = [Begin("i", "m"), PartOpen(0, "text"), PartDelta(0, "Hi"), PartClose(0)]
    body = DIALECTS[CHAT].render_response(fold([*events, Finish(FinishReason.END_TURN)]), parsed(), "m")
    assert body["choices"][0]["finish_reason"] == "stop"
