"""Requests of other dialects as Responses bodies, with what they lose on the way."""

import pytest

from addons.core.model import (
    DialectName,
    Document,
    Format,
    HostedTool,
    Image,
    Message,
    Opaque,
    Reasoning,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.openai_responses import DIALECT

USER = Message("user", (Text("hi"),))


def render(*messages, model="gpt-5.5", dialect=DialectName.ANTHROPIC, **members):
    request = Request(dialect, "m", messages or (USER,), **members)
    return DIALECT.render_request(request, Traits.of(model), ToolNames.of(request))


def paths(rendered):
    return [loss.path for loss in rendered.losses]


def test_leading_system_messages_are_instructions_and_later_ones_stay_in_place():
    body = render(Message("system", (Text("a"), Text("b"))), USER, Message("system", (Text("later"),))).body

    assert body["instructions"] == "a\n\nb"
    assert [(item["role"], item["content"][0]["text"]) for item in body["input"]] == [
        ("user", "hi"),
        ("developer", "later"),
    ]


def test_the_billing_header_is_not_sent():
    rendered = render(Message("system", (Text("x-anthropic-billing-header: cc"), Text("a"))), USER)

    assert rendered.body["instructions"] == "a"
    assert paths(rendered) == ["system"]


def test_nothing_is_stored():
    assert render().body["store"] is False


def test_images_and_documents_have_their_forms():
    parts = (Image("AAAA", "image/png"), Image(url="u", detail="low"), Document("BBBB", "application/pdf", name="n"))

    content = render(Message("user", (*parts, Document(url="https://e/x.pdf")))).body["input"][0]["content"]

    assert content == [
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"},
        {"type": "input_image", "image_url": "u", "detail": "low"},
        {"type": "input_file", "filename": "n", "file_data": "data:application/pdf;base64,BBBB"},
        {"type": "input_file", "file_url": "https://e/x.pdf"},
    ]


def test_calls_and_results_are_items():
    call = Message("assistant", (Text("so"), ToolCall("1", "f", '{"a": 1}'), ToolCall("2", "f", "")))
    image = (Text("see"), Image("AAAA", "image/png"))
    results = Message("user", (ToolResult("1", (Text("bad"),), is_error=True), ToolResult("2", image), Text("next")))

    said, one, two, first, second, more = render(USER, call, results).body["input"][1:]

    assert said["content"] == [{"type": "output_text", "text": "so"}]
    assert one == {"type": "function_call", "call_id": "1", "name": "f", "arguments": '{"a": 1}'}
    assert two["arguments"] == "{}"
    assert first == {"type": "function_call_output", "call_id": "1", "output": "[tool error] bad"}
    assert [part["type"] for part in second["output"]] == ["input_text", "input_image"]
    assert more["content"] == [{"type": "input_text", "text": "next"}]


def test_a_call_without_a_result_gets_a_placeholder():
    rendered = render(USER, Message("assistant", (ToolCall("1", "f", "{}"),)), USER)

    assert rendered.body["input"][2]["output"] == "[no result was recorded]"
    assert paths(rendered) == ["messages"]


def test_a_result_without_a_call_becomes_text():
    rendered = render(Message("user", (ToolResult("9", (Text("lost"),)),)))

    assert rendered.body["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "lost"}]}
    ]
    assert paths(rendered) == ["messages"]


def test_a_tool_reference_in_a_result_is_said_in_words():
    reference = Opaque(DialectName.ANTHROPIC, {"type": "tool_reference", "tool_name": "WebFetch"}, "p")
    rendered = render(
        USER, Message("assistant", (ToolCall("1", "f", "{}"),)), Message("user", (ToolResult("1", (reference,)),))
    )

    assert rendered.body["input"][2]["output"] == "The tool WebFetch is now available."
    assert rendered.losses == ()


def test_other_opaque_content_is_a_loss_with_its_path():
    rendered = render(Message("user", (Text("a"), Opaque(DialectName.ANTHROPIC, {}, "messages[0].content[1]"))))

    assert paths(rendered) == ["messages[0].content[1]"]


def test_own_thinking_is_sent_and_foreign_thinking_is_one_loss():
    own = Thinking("plan", "ENC", id="rs_1", dialect=DialectName.RESPONSES)
    foreign = Thinking("hm", "sig", dialect=DialectName.ANTHROPIC)

    rendered = render(USER, Message("assistant", (foreign, own, foreign, Text("a"))))

    summary = [{"type": "summary_text", "text": "plan"}]
    assert rendered.body["input"][1] == {
        "type": "reasoning",
        "id": "rs_1",
        "encrypted_content": "ENC",
        "summary": summary,
    }
    assert paths(rendered) == ["messages"]


def test_functions_are_never_strict_unless_they_say_so():
    """The API's own default is strict, which other dialects' schemas seldom meet."""
    tools = (Tool("f", "d", {"type": "object"}), Tool("g", strict=True))

    assert render(tools=tools).body["tools"] == [
        {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": False},
        {"type": "function", "name": "g", "parameters": {"type": "object", "properties": {}}, "strict": True},
    ]


def test_custom_tools_of_chat_stay_custom():
    grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}
    messages = (
        USER,
        Message("assistant", (ToolCall("1", "g", "raw", "custom"),)),
        Message("user", (ToolResult("1", (Text("ok"),)),)),
    )
    tools = (Tool("g", kind="custom", format=grammar),)

    body = render(*messages, dialect=DialectName.CHAT, tools=tools, tool_choice=ToolChoice("tool", "g")).body

    assert body["tools"] == [
        {"type": "custom", "name": "g", "format": {"type": "grammar", "syntax": "lark", "definition": "x"}}
    ]
    assert body["tool_choice"] == {"type": "custom", "name": "g"}
    assert body["input"][1] == {"type": "custom_tool_call", "call_id": "1", "name": "g", "input": "raw"}
    assert body["input"][2]["type"] == "custom_tool_call_output"


def test_web_search_is_translated_and_other_hosted_tools_are_lost():
    search = HostedTool(DialectName.ANTHROPIC, "web_search_20250305", {})

    rendered = render(tools=(search, HostedTool(DialectName.ANTHROPIC, "computer_20250124", {})))

    assert rendered.body["tools"] == [{"type": "web_search"}]
    assert paths(rendered) == ["tools.computer_20250124"]


def test_illegal_names_are_made_legal():
    assert render(tools=(Tool("a.b"),)).body["tools"][0]["name"] == "a_b"


def test_effort_comes_from_the_budget_and_asks_for_the_reasoning_back():
    body = render(reasoning=Reasoning(budget=7000), max_tokens=10000).body

    assert body["reasoning"] == {"effort": "high"}
    assert body["include"] == ["reasoning.encrypted_content"]


@pytest.mark.parametrize("model", ["gpt-5.5", "o3", "openai/gpt-oss-120b", "codex-mini-latest"])
def test_reasoning_models_take_no_sampling(model):
    rendered = render(model=model, temperature=0.5, top_p=0.9)

    assert paths(rendered) == ["temperature", "top_p"]
    assert not {"temperature", "top_p"} & rendered.body.keys()


def test_other_models_take_sampling_but_no_effort():
    rendered = render(model="gpt-4.1", temperature=0.5, top_p=0.9, reasoning=Reasoning(effort="high"))

    assert (rendered.body["temperature"], rendered.body["top_p"]) == (0.5, 0.9)
    assert "reasoning" not in rendered.body
    assert paths(rendered) == ["reasoning"]


def test_the_other_knobs():
    wanted = Format({"type": "object"}, "n", True)

    body = render(max_tokens=3, format=wanted, cache_key="k", stream=True).body

    assert body["max_output_tokens"] == 16
    assert body["text"] == {
        "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}
    }
    assert (body["prompt_cache_key"], body["stream"]) == ("k", True)


def test_what_has_no_field_is_lost_by_name():
    rendered = render(top_k=3, stop=("x",), extras={"metadata": {}, "logit_bias": {}})

    assert paths(rendered) == ["top_k", "stop", "metadata", "logit_bias"]


def test_the_tool_knobs_need_tools():
    knobs = {"tool_choice": ToolChoice("required"), "parallel_tool_calls": False}

    assert "tool_choice" not in render(**knobs).body
    body = render(tools=(Tool("f"),), **knobs).body
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
