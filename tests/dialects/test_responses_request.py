"""A Responses body becomes a canonical request, and comes back as it was."""

import json
from pathlib import Path

import pytest

from addons.core.errors import BadRequest
from addons.core.model import HostedTool, Text, Thinking, Tool, ToolCall, ToolChoice, ToolResult
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.openai_responses import DIALECT

RECORDED = (Path(__file__).parents[1] / "fixtures/responses/codex_bodies.jsonl").read_bytes().splitlines()


def parse(**members):
    return DIALECT.parse_request({"model": "gpt-5.5", "input": "hi", **members})


def back(body):
    request = DIALECT.parse_request(body)
    return DIALECT.render_request(request, Traits.of(body["model"]), ToolNames.of(request))


@pytest.mark.parametrize("line", RECORDED, ids=range(len(RECORDED)))
def test_what_codex_sends_comes_back_as_it_was(line):
    body = json.loads(line)

    rendered = back(body)

    assert rendered.body == body
    assert rendered.losses == ()


@pytest.mark.parametrize(
    "members",
    [
        {"input": "just a string"},
        {"instructions": "Be brief."},
        {"instructions": ""},
        {"input": [{"role": "user", "content": "no type"}, {"role": "assistant", "content": "a"}]},
        {"input": [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}]},
        {"input": [{"type": "message", "id": "m", "role": "assistant", "content": []}]},
        {
            "input": [
                {
                    "type": "message",
                    "id": "msg_1",
                    "role": "assistant",
                    "phase": "commentary",
                    "content": [
                        {"type": "output_text", "text": "a", "annotations": []},
                        {"type": "refusal", "refusal": "no"},
                        {"type": "brand_new", "x": 1},
                    ],
                }
            ]
        },
        {
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                        {"type": "input_image", "file_id": "file_1"},
                        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                        {"type": "input_file", "filename": "b.pdf", "file_data": "AAAA"},
                        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
                    ],
                }
            ]
        },
        {"input": [{"type": "item_reference", "id": "rs_1"}, {"type": "something_new"}]},
        {"input": [{"type": "local_shell_call", "call_id": "c"}, {"type": "local_shell_call_output", "id": "c"}]},
        {"text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True, "description": "d"}}},
        {"text": {"format": {"type": "json_object"}, "verbosity": "low"}},
        {"reasoning": {"effort": "a new level", "summary": "auto", "context": "all_turns"}},
        {"tools": [{"type": "function", "name": "f", "parameters": None, "strict": None}]},
        {"tools": [{"type": "namespace", "name": "n", "description": "d", "tools": []}]},
        {"tools": [], "tool_choice": "auto"},
        {"tools": [{"type": "custom", "name": "f"}], "tool_choice": {"type": "custom", "name": "f"}},
        {"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}},
        {"previous_response_id": "resp_0", "store": True, "metadata": {"a": "b"}, "service_tier": "flex"},
        {"safety_identifier": "s", "max_output_tokens": 20, "temperature": 0.5, "top_p": 0.9, "stream": True},
        {"user": "u", "safety_identifier": "s"},
    ],
    ids=str,
)
def test_a_body_of_this_dialect_comes_back_as_it_was(members):
    body = {"model": "m", "input": "hi", **members}

    assert back(body).body == body


def test_assistant_items_in_a_row_are_one_message_and_outputs_in_a_row_another():
    request = parse(
        input=[
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"},
            {"role": "assistant", "content": "let me see"},
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}", "namespace": "ns"},
            {"type": "custom_tool_call", "call_id": "2", "name": "g", "input": "x"},
            {"type": "function_call_output", "call_id": "1", "output": "one"},
            {"type": "custom_tool_call_output", "call_id": "2", "output": [{"type": "input_text", "text": "two"}]},
            {"role": "user", "content": "go on"},
        ]
    )

    assistant, results, user = request.messages
    assert [type(part) for part in assistant.parts] == [Thinking, Text, ToolCall, ToolCall]
    assert (assistant.parts[0].signature, assistant.parts[0].id) == ("ENC", "rs_1")
    assert (assistant.parts[2].namespace, assistant.parts[3].kind) == ("ns", "custom")
    assert [(part.call_id, part.kind) for part in results.parts] == [("1", "function"), ("2", "custom")]
    assert isinstance(results.parts[1], ToolResult)
    assert results.parts[1].content[0].text == "two"
    assert (user.role, user.parts[0].text) == ("user", "go on")


def test_tools_that_travel_in_the_input_are_offered():
    """Codex's "responses lite" has no `tools` member."""
    tools = [{"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]}]

    request = parse(input=[{"type": "additional_tools", "role": "developer", "tools": tools}])

    assert [(tool.name, tool.namespace, tool.kind) for tool in request.tools] == [("exec", "functions", "custom")]
    assert request.messages[0].parts == ()


def test_a_namespace_is_flattened_and_hosted_tools_stay_whole():
    search = {"type": "web_search", "external_web_access": True}
    space = {"type": "namespace", "name": "n", "description": "d", "tools": [{"type": "function", "name": "f"}]}

    tool, hosted = parse(tools=[space, search]).tools

    assert isinstance(tool, Tool)
    assert (tool.name, tool.namespace, tool.extras["namespace"]) == ("f", "n", {"description": "d"})
    assert isinstance(hosted, HostedTool)
    assert hosted.raw == search


def test_a_forced_tool_of_a_namespace_keeps_it():
    choice = {"type": "function", "name": "f", "namespace": "n"}

    assert parse(tool_choice=choice).tool_choice == ToolChoice("tool", "f", "n")


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"input": 3}, "input"),
        ({"input": None}, "input"),
        ({"input": ["x"]}, "input[0]"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user", "content": 3}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "f"}]}, "input[0].arguments"),
        ({"input": [{"type": "function_call_output", "output": ""}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "call_id": "c", "output": 3}]}, "input[0].output"),
        ({"input": [{"type": "additional_tools", "tools": [3]}]}, "input[0].tools[0]"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "custom"}]}]}, "tools[0].tools[0].name"),
        ({"tool_choice": 3}, "tool_choice"),
        ({"instructions": []}, "instructions"),
        ({"reasoning": {"effort": 3}}, "reasoning.effort"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
        ({"text": {"format": "json"}}, "text.format"),
        ({"max_output_tokens": "many"}, "max_output_tokens"),
        ({"temperature": True}, "temperature"),
    ],
    ids=str,
)
def test_a_wrong_shape_is_refused_by_its_path(members, path):
    with pytest.raises(BadRequest) as refused:
        parse(**members)

    assert refused.value.path == path
