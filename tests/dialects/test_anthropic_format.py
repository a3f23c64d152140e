"""Structured output of foreign clients towards Anthropic Messages, and the way of the answer back to them."""

import json

import pytest

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.events import FinishReason
from addons.core.model import DialectName, Format, Message, Reasoning, Request, Text, Tool, ToolChoice
from addons.core.tools import Restorer, ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

CHAT = DialectName.CHAT
HI = Message("user", (Text("hi"),))
F = Tool("f", schema={"type": "object", "properties": {}})
SCHEMA = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}, "required": ["age"]}
FREE = {"type": "object", "additionalProperties": {"type": "string"}}
NATIVE, STAND_IN, ALWAYS_THINKS = "claude-sonnet-4-5", "claude-opus-4-1", "claude-opus-5-5"


def request(schema=SCHEMA, **members):
    return Request(CHAT, "alias", (HI,), format=Format(schema), **members)


def render(model, wanted):
    return DIALECT.render_request(wanted, Traits.of(model), ToolNames.of(wanted))


def lost(rendered):
    return [loss.path for loss in rendered.losses]


def test_a_family_with_structured_output_gets_the_schema_that_it_takes():
    rendered = render(NATIVE, request())

    assert rendered.body["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"age": {"type": "integer", "description": "minimum: 0"}},
            "required": ["age"],
            "additionalProperties": False,
        },
    }
    assert "tools" not in rendered.body
    assert lost(rendered) == ["response_format/properties/age/minimum"]


def test_effort_and_format_stand_side_by_side():
    config = render("claude-opus-4-8", request(reasoning=Reasoning("low"))).body["output_config"]

    assert (config["effort"], config["format"]["type"]) == ("low", "json_schema")


@pytest.mark.parametrize(("model", "schema"), [(STAND_IN, SCHEMA), ("glm-5.1", SCHEMA), (NATIVE, FREE)])
def test_else_a_forced_tool_stands_in_with_the_clients_own_schema(model, schema):
    body = render(model, request(schema)).body

    (tool,) = body["tools"]
    assert (tool["name"], tool["input_schema"]) == ("json_answer", schema)
    assert body["tool_choice"] == {"type": "tool", "name": "json_answer"}
    assert "output_config" not in body


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, {"type": "any"}),
        (ToolChoice("auto"), {"type": "any"}),
        (ToolChoice("required"), {"type": "any"}),
        (ToolChoice("none"), {"type": "tool", "name": "json_answer"}),
        (ToolChoice("tool", "f"), {"type": "tool", "name": "f"}),
    ],
)
def test_beside_tools_of_the_client_a_turn_either_calls_or_answers(choice, sent):
    body = render(STAND_IN, request(tools=(F,), tool_choice=choice)).body

    assert [tool["name"] for tool in body["tools"]] == ["f", "json_answer"]
    assert body["tool_choice"] == sent


@pytest.mark.parametrize(
    ("model", "schema"), [(ALWAYS_THINKS, FREE), (STAND_IN, {"type": "array", "items": {"type": "string"}})]
)
def test_where_no_tool_can_be_forced_the_schema_is_asked_for_in_words(model, schema):
    rendered = render(model, request(schema))

    assert jsonio.text(schema) in rendered.body["system"][-1]["text"]
    assert "tools" not in rendered.body
    assert lost(rendered) == ["response_format"]


def test_json_without_a_schema_is_asked_for_in_words():
    rendered = render(NATIVE, request(None))

    assert "JSON object" in rendered.body["system"][-1]["text"]
    assert lost(rendered) == ["response_format"]


@pytest.mark.parametrize("model", [NATIVE, STAND_IN, ALWAYS_THINKS])
def test_what_is_approximated_is_no_content(model):
    assert not any(loss.content for loss in render(model, request()).losses)


STREAM = b"""event: message_start
data: {"type":"message_start","message":{"id":"m","model":"x","usage":{"input_tokens":5,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"json_answer"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"age\\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":" 7}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

"""


def test_the_answer_of_the_stand_in_is_text_again_when_streamed():
    restorer = Restorer(ToolNames.of(request()))
    events = [out for event in DIALECT.decoder().feed(STREAM) for out in restorer.feed(event)]

    answer = fold(events)
    assert answer.parts == (Text('{"age": 7}'),)
    assert answer.finish is FinishReason.END_TURN


def test_the_answer_of_the_stand_in_is_text_again_when_whole():
    block = {"type": "tool_use", "id": "t", "name": "json_answer", "input": {"age": 7}}
    restorer = Restorer(ToolNames.of(request()))
    events = DIALECT.parse_response({"id": "m", "content": [block], "stop_reason": "tool_use"})

    (part,) = fold(out for event in events for out in restorer.feed(event)).parts
    assert json.loads(part.text) == {"age": 7}


def test_a_beginning_of_the_answer_is_not_taken_beside_a_schema():
    begun = Request(CHAT, "alias", (HI, Message("assistant", (Text("{"),))), format=Format(SCHEMA))
    rendered = render(NATIVE, begun)

    assert rendered.body["messages"][-1]["role"] == "user"
    assert "messages" in lost(rendered)
