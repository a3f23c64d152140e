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

    assert [(loss.path, loss.content) for loss in rendered.losses] == [("messages[0].content[1]", True)]


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
    none = {"type": "object", "properties": {}}
    closed = {**none, "required": [], "additionalProperties": False}
    tools = (Tool("f", "d", {"type": "object"}), Tool("g", schema=closed, strict=True), Tool("h", strict=True))

    assert render(tools=tools).body["tools"] == [
        {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": False},
        {"type": "function", "name": "g", "parameters": closed, "strict": True},
        {"type": "function", "name": "h", "parameters": closed, "strict": True},
    ]


def test_a_function_that_openai_cannot_enforce_is_not_strict():
    """Rewritten like a format, it would be called with null where the client's tool expects nothing."""
    optional = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}

    rendered = render(tools=(Tool("f", schema=optional, strict=True),))

    assert (rendered.body["tools"][0]["parameters"], rendered.body["tools"][0]["strict"]) == (optional, False)
    assert paths(rendered) == ["tools.f.strict"]


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


def test_a_search_keeps_its_place_and_its_sites_and_the_rest_is_told():
    """Promise 22."""
    where = {"type": "approximate", "country": "DE"}
    raw = {"type": "web_search_20250305", "user_location": where, "allowed_domains": ["a.org"], "max_uses": 2}

    rendered = render(tools=(HostedTool(DialectName.ANTHROPIC, "web_search_20250305", raw),))

    filters = {"allowed_domains": ["a.org"]}
    assert rendered.body["tools"] == [{"type": "web_search", "user_location": where, "filters": filters}]
    assert paths(rendered) == ["tools.web_search_20250305.max_uses"]


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


@pytest.mark.parametrize("model", ["gpt-5.5", "o3", "openai/gpt-6-sol", "codex-mini-latest"])
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
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    wanted = Format(schema, "n", True)

    body = render(max_tokens=3, format=wanted, cache_key="k", stream=True).body

    assert body["max_output_tokens"] == 16
    assert body["text"] == {"format": {"type": "json_schema", "name": "n", "schema": schema, "strict": True}}
    assert (body["prompt_cache_key"], body["stream"]) == ("k", True)


def test_a_format_of_a_dialect_that_always_enforces_it_is_strict():
    """Promise 22."""
    closed = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}

    assert render(format=Format(closed)).body["text"]["format"]["strict"] is True


def test_a_strict_format_that_openai_would_refuse_is_approximated():
    schema = {"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}}

    rendered = render(format=Format(schema, "my format!", True))

    assert rendered.body["text"]["format"] == {
        "type": "json_schema",
        "name": "my_format_",
        "schema": {
            "type": "object",
            "properties": {"a": {"type": ["string", "null"]}},
            "required": ["a"],
            "additionalProperties": False,
        },
        "strict": True,
    }
    assert paths(rendered) == ["format.schema"]


def test_a_format_that_is_not_strict_is_sent_as_it_is():
    schema = {"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}}

    rendered = render(format=Format(schema))

    assert rendered.body["text"]["format"] == {"type": "json_schema", "name": "answer", "schema": schema}
    assert rendered.losses == ()


def test_only_an_object_can_be_strict():
    rendered = render(format=Format({"type": "array", "items": {"type": "string"}}, strict=True))

    assert rendered.body["text"]["format"]["strict"] is False
    assert paths(rendered) == ["format.strict"]


@pytest.mark.parametrize("model", ["gpt-5.5", "openai/o3", "codex-mini-latest", "gpt-4.1"])
def test_openais_models_get_a_cache_key_that_every_turn_shares(model):
    answer = Message("assistant", (Text("hello"),))

    first, second = render(USER, model=model), render(USER, answer, Message("user", (Text("more"),)), model=model)

    assert first.body["prompt_cache_key"].startswith("llr-")
    assert first.body["prompt_cache_key"] == second.body["prompt_cache_key"]


@pytest.mark.parametrize("model", ["gpt-oss-120b", "grok-4", "claude-opus-5-5", "somebody/new"])
def test_other_models_get_no_cache_key_of_our_making(model):
    assert "prompt_cache_key" not in render(model=model).body
    assert render(model=model, cache_key="k").body["prompt_cache_key"] == "k"


def test_openais_reasoning_is_asked_back_even_when_the_client_does_not_mention_it():
    assert render().body["include"] == ["reasoning.encrypted_content"]
    assert "include" not in render(model="gpt-4.1").body


@pytest.mark.parametrize("name", ["web_search_20250305", "googleSearch", "google_search"])
def test_every_vendors_search_is_a_search(name):
    assert render(tools=(HostedTool(DialectName.GEMINI, name, {}),)).body["tools"] == [{"type": "web_search"}]


def test_a_forced_search_is_required():
    """Claude Code searches with a request of its own that forces the search."""
    search = HostedTool(DialectName.ANTHROPIC, "web_search_20250305", {"name": "web_search"})
    forced = ToolChoice("tool", "web_search")

    alone = render(tools=(search,), tool_choice=forced)
    among = render(tools=(search, Tool("f")), tool_choice=forced)

    assert (alone.body["tool_choice"], alone.losses) == ("required", ())
    assert among.body["tool_choice"] == {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [{"type": "web_search"}],
    }


def test_a_forced_tool_that_only_the_other_provider_has_is_lost_content():
    computer = HostedTool(DialectName.ANTHROPIC, "computer_20250124", {"name": "computer"})

    rendered = render(tools=(computer, Tool("f")), tool_choice=ToolChoice("tool", "computer"))

    assert "tool_choice" not in rendered.body
    assert [(loss.path, loss.content) for loss in rendered.losses] == [
        ("tools.computer_20250124", False),
        ("tool_choice", True),
    ]


def test_what_a_model_cannot_read_is_lost_content():
    request = Request(
        DialectName.CHAT, "m", (Message("user", (Image("AAAA", "image/png"), Document("BBBB"), Document(text="t"))),)
    )
    blind = Traits.of("x", {"images": False, "documents": False})

    rendered = DIALECT.render_request(request, blind, ToolNames.of(request))

    assert rendered.body["input"][0]["content"] == [{"type": "input_text", "text": "t"}]
    assert [loss.content for loss in rendered.losses] == [True, True]


def test_a_call_id_that_is_too_long_is_cut_the_same_for_call_and_result():
    name = "call_" + "x" * 200
    call = Message("assistant", (ToolCall(name, "f", "{}"),))

    _, said, result = render(USER, call, Message("user", (ToolResult(name, (Text("ok"),)),))).body["input"]

    assert said["call_id"] == result["call_id"]
    assert len(said["call_id"]) <= 64


def test_reasoning_that_was_not_encrypted_is_not_sent():
    """The provider stores nothing: it would look for the item by its id and refuse the request."""
    bare = Thinking("plan", id="rs_1", dialect=DialectName.RESPONSES)

    rendered = render(USER, Message("assistant", (bare, Text("a"))))

    assert [item["type"] for item in rendered.body["input"]] == ["message", "message"]
    assert paths(rendered) == ["messages"]


def test_what_chat_completions_shares_with_responses_is_kept_for_openais_models():
    shared = {"metadata": {"a": "b"}, "service_tier": "flex", "verbosity": "low", "logit_bias": {}}

    rendered = render(dialect=DialectName.CHAT, extras=shared)
    elsewhere = render(dialect=DialectName.CHAT, extras=shared, model="grok-4")

    assert (rendered.body["metadata"], rendered.body["service_tier"]) == ({"a": "b"}, "flex")
    assert rendered.body["text"] == {"verbosity": "low"}
    assert paths(rendered) == ["logit_bias"]
    assert paths(elsewhere) == ["metadata", "service_tier", "verbosity", "logit_bias"]


def test_what_has_no_field_is_lost_by_name():
    rendered = render(top_k=3, stop=("x",), extras={"metadata": {}, "logit_bias": {}})

    assert paths(rendered) == ["top_k", "stop", "metadata", "logit_bias"]


def test_the_tool_knobs_need_tools():
    knobs = {"tool_choice": ToolChoice("required"), "parallel_tool_calls": False}

    assert "tool_choice" not in render(**knobs).body
    body = render(tools=(Tool("f"),), **knobs).body
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
