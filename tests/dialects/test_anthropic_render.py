"""Requests of other dialects as Anthropic Messages bodies: what the API demands, and what is told as lost."""

import base64
import re
from collections.abc import Iterable

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from addons.core.model import (
    DialectName,
    Document,
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
from addons.core.tools import CUSTOM_SCHEMA, ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

CHAT, RESPONSES, CLAUDE = DialectName.CHAT, DialectName.RESPONSES, DialectName.ANTHROPIC
HI = Message("user", (Text("hi"),))
F = Tool("f", "does f", {"type": "object", "properties": {}})
CALL = Message("assistant", (ToolCall("c1", "f", '{"a":1}'),))
DONE = Message("user", (ToolResult("c1", (Text("done"),)),))
PARAMS = TypeAdapter(MessageCreateParamsNonStreaming)


def render(*messages, **members):
    request = Request(members.pop("dialect", RESPONSES), "alias", messages, **members)
    rendered = DIALECT.render_request(request, Traits.of("claude"), ToolNames.of(request))
    walk(PARAMS.validate_python({key: value for key, value in rendered.body.items() if key != "stream"}))
    return rendered


def walk(value):
    """The vendor's types check their lists lazily: this makes them do it."""
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, Iterable) and not isinstance(inner, str):
            walk(inner)


def said(*messages, **members):
    return render(*messages, **members).body["messages"]


def lost(rendered):
    return [loss.path for loss in rendered.losses]


def text(words):
    return {"type": "text", "text": words}


def test_leading_instructions_become_system_blocks():
    rendered = render(Message("system", (Text("a"),)), Message("developer", (Text("b"), Text(" "))), HI)

    assert rendered.body["system"] == [text("a"), text("b")]
    assert rendered.body["messages"] == [{"role": "user", "content": [text("hi")]}]


def test_instructions_that_are_no_text_are_told():
    rendered = render(Message("developer", (Text("a"), Opaque(RESPONSES, {}, "input[0].content[1]"))), HI)

    assert lost(rendered) == ["input[0].content[1]"]


def test_later_instructions_become_reminders_at_their_place():
    (message,) = said(HI, Message("developer", (Text("now"),)), Message("user", (Text("go"),)))

    assert message["content"] == [text("hi"), text("<system-reminder>\nnow\n</system-reminder>"), text("go")]


def test_neighbours_of_one_role_are_merged_and_empty_ones_vanish():
    messages = said(HI, Message("assistant", (Text(" \n"),)), HI, Message("assistant", (Text("a"),)), HI)

    assert [(message["role"], len(message["content"])) for message in messages] == [
        ("user", 2),
        ("assistant", 1),
        ("user", 1),
    ]


def test_a_conversation_begins_with_the_user():
    rendered = render(Message("assistant", (Text("a"),)), HI)

    assert [message["role"] for message in rendered.body["messages"]] == ["user", "assistant", "user"]
    assert lost(rendered) == ["messages"]


def test_results_come_first_in_the_message_after_the_call():
    reminder = Message("developer", (Text("now"),))
    messages = said(HI, CALL, reminder, Message("user", (Text("and?"), *DONE.parts)))

    assert [block["type"] for block in messages[2]["content"]] == ["tool_result", "text", "text"]


def test_a_call_without_a_result_gets_one_that_says_so():
    rendered = render(HI, CALL, Message("user", (Text("never mind"),)))

    result, words = rendered.body["messages"][2]["content"]
    assert (result["tool_use_id"], result["is_error"]) == ("c1", True)
    assert words == text("never mind")
    assert lost(rendered) == ["messages"]


def test_an_error_that_says_nothing_says_that():
    (result,) = said(HI, CALL, Message("user", (ToolResult("c1", (), is_error=True),)))[2]["content"]

    assert result["is_error"] is True
    assert result["content"][0]["text"]


@pytest.mark.parametrize(
    ("arguments", "value", "losses"),
    [
        ('{"a":1}', {"a": 1}, []),
        ("", {}, []),
        ('{"a":', {"arguments": '{"a":'}, ["messages"]),
        ("[1]", {"arguments": "[1]"}, ["messages"]),
        ("NaN", {"arguments": "NaN"}, ["messages"]),
    ],
)
def test_arguments_are_an_object(arguments, value, losses):
    """Promise 14."""
    rendered = render(HI, Message("assistant", (ToolCall("c1", "f", arguments),)), DONE)

    assert rendered.body["messages"][1]["content"][0]["input"] == value
    assert lost(rendered) == losses


@given(call_id=st.text(max_size=30))
def test_any_call_id_becomes_a_legal_one_that_call_and_result_share(call_id):
    call = Message("assistant", (ToolCall(call_id, "f", "{}"),))
    _, assistant, user = said(HI, call, Message("user", (ToolResult(call_id, (Text("x"),)),)))

    use, result = assistant["content"][0]["id"], user["content"][0]["tool_use_id"]
    assert use == result
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", use)


def test_ids_that_differ_in_illegal_letters_alone_stay_apart():
    calls = Message("assistant", (ToolCall("a.1", "f", "{}"), ToolCall("a:1", "f", "{}")))
    results = Message("user", (ToolResult("a.1", ()), ToolResult("a:1", ())))

    first, second = said(HI, calls, results)[1]["content"]

    assert first["id"] != second["id"]


def test_a_free_text_tool_becomes_a_function_with_its_grammar_told():
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: /x+/"}
    tool = Tool("apply_patch", "patches", kind="custom", format=grammar)
    call = Message("assistant", (ToolCall("c1", "apply_patch", "xx", "custom"),))
    rendered = render(HI, call, DONE, tools=(tool,))

    (offered,) = rendered.body["tools"]
    assert offered["input_schema"] == CUSTOM_SCHEMA
    assert "start: /x+/" in offered["description"]
    assert rendered.body["messages"][1]["content"][0]["input"] == {"input": "xx"}


def test_names_are_the_wire_names_in_offer_call_and_choice():
    call = Message("assistant", (ToolCall("c1", "close", "{}", namespace="agents"),))
    choice = ToolChoice("tool", "close", "agents")
    rendered = render(HI, call, DONE, tools=(Tool("close", namespace="agents"),), tool_choice=choice)

    names = {
        rendered.body["tools"][0]["name"],
        rendered.body["messages"][1]["content"][0]["name"],
        rendered.body["tool_choice"]["name"],
    }
    assert names == {"agents__close"}


@pytest.mark.parametrize("schema", [None, {}, {"properties": {}}])
def test_a_schema_is_always_of_an_object(schema):
    assert render(HI, tools=(Tool("f", schema=schema),)).body["tools"][0]["input_schema"]["type"] == "object"


def test_a_tool_that_the_other_provider_runs_is_told():
    rendered = render(HI, tools=(F, HostedTool(RESPONSES, "web_search", {})))

    assert [tool["name"] for tool in rendered.body["tools"]] == ["f"]
    assert lost(rendered) == ["tools.web_search"]


@pytest.mark.parametrize(
    ("choice", "parallel", "body"),
    [
        (ToolChoice("auto"), None, {"type": "auto"}),
        (ToolChoice("required"), None, {"type": "any"}),
        (ToolChoice("none"), False, {"type": "none"}),
        (ToolChoice("tool", "f"), False, {"type": "tool", "name": "f", "disable_parallel_tool_use": True}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (None, True, None),
    ],
)
def test_tool_choices(choice, parallel, body):
    rendered = render(HI, tools=(F,), tool_choice=choice, parallel_tool_calls=parallel)

    assert rendered.body.get("tool_choice") == body


def test_a_forced_tool_that_is_not_offered_is_told():
    rendered = render(HI, tools=(F,), tool_choice=ToolChoice("tool", "web_search"))

    assert "tool_choice" not in rendered.body
    assert lost(rendered) == ["tool_choice"]


def test_the_limit_that_the_api_demands():
    assert render(HI).body["max_tokens"] == 32_000
    assert render(HI, max_tokens=5).body["max_tokens"] == 5


@pytest.mark.parametrize(("effort", "share"), [("low", 0.20), ("medium", 0.45), ("high", 0.75), ("xhigh", 0.90)])
def test_an_effort_is_a_share_of_the_limit(effort, share):
    thinking = render(HI, reasoning=Reasoning(effort), max_tokens=10_000).body["thinking"]

    assert thinking == {"type": "enabled", "budget_tokens": int(10_000 * share)}


@pytest.mark.parametrize("effort", ["low", "max"])
@pytest.mark.parametrize("limit", [1025, 1100, 2000])
def test_a_budget_is_never_too_small_and_always_below_the_limit(effort, limit):
    thinking = render(HI, reasoning=Reasoning(effort), max_tokens=limit).body["thinking"]

    assert 1024 <= thinking["budget_tokens"] < limit


@pytest.mark.parametrize(("effort", "limit"), [("none", None), ("minimal", None), (None, None), ("high", 1024)])
def test_no_thinking_is_asked_for_without_wish_or_room(effort, limit):
    assert "thinking" not in render(HI, reasoning=Reasoning(effort), max_tokens=limit).body


@pytest.mark.parametrize("choice", [ToolChoice("required"), ToolChoice("tool", "f")])
def test_a_forced_tool_excludes_thinking(choice):
    rendered = render(HI, tools=(F,), tool_choice=choice, reasoning=Reasoning("high"))

    assert "thinking" not in rendered.body
    assert lost(rendered) == ["reasoning"]


def test_thinking_rests_while_a_turn_goes_on_whose_call_came_without_it():
    """Source: the API's error "a final `assistant` message must start with a thinking block"."""
    rendered = render(HI, CALL, DONE, tools=(F,), reasoning=Reasoning("high"))

    assert "thinking" not in rendered.body
    assert lost(rendered) == ["reasoning"]


def test_thinking_comes_back_with_the_next_turn():
    rendered = render(HI, CALL, DONE, Message("assistant", (Text("so"),)), HI, reasoning=Reasoning("high"))

    assert rendered.body["thinking"]["type"] == "enabled"


def test_a_turn_goes_on_thinking_when_its_thinking_is_sent():
    thought = Thinking("plan", "SIG==", dialect=CLAUDE)
    rendered = render(HI, Message("assistant", (thought, *CALL.parts)), DONE, reasoning=Reasoning("high"))

    assert rendered.body["messages"][1]["content"][0] == {"type": "thinking", "thinking": "plan", "signature": "SIG=="}
    assert rendered.body["thinking"]["type"] == "enabled"


@pytest.mark.parametrize(
    "thought", [Thinking("plan", "ENC", dialect=RESPONSES), Thinking("plan"), Thinking("plan", "", dialect=CLAUDE)]
)
def test_thinking_that_cannot_be_verified_is_not_sent_and_told(thought):
    """Promise 22."""
    rendered = render(HI, Message("assistant", (thought, Text("a"))), HI)

    assert rendered.body["messages"][1]["content"] == [text("a")]
    assert lost(rendered) == ["messages"]


def test_sampling_travels():
    body = render(HI, temperature=0.5, top_p=0.9, top_k=4, stop=("END",), stream=True).body

    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.5, 0.9, 4)
    assert (body["stop_sequences"], body["stream"]) == (["END"], True)


def test_a_temperature_beyond_the_scale_is_lowered_and_told():
    rendered = render(HI, temperature=1.5)

    assert rendered.body["temperature"] == 1
    assert lost(rendered) == ["temperature"]


def test_a_thinking_model_takes_no_sampling():
    rendered = render(HI, temperature=0.5, top_p=0.9, top_k=4, reasoning=Reasoning("high"))

    assert rendered.body.keys().isdisjoint({"temperature", "top_p", "top_k"})
    assert lost(rendered) == ["temperature", "top_p", "top_k"]


def test_a_blank_stop_sequence_is_told():
    rendered = render(HI, stop=("\n",))

    assert "stop_sequences" not in rendered.body
    assert lost(rendered) == ["stop"]


PDF = base64.b64encode(b"%PDF").decode()
NOTE = base64.b64encode("Grüße".encode()).decode()


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            Image("AA==", "image/gif"),
            {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "AA=="}},
        ),
        (Image(url="https://e.com/i"), {"type": "image", "source": {"type": "url", "url": "https://e.com/i"}}),
        (
            Document(PDF, "application/pdf", name="a.pdf"),
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                "title": "a.pdf",
            },
        ),
        (Document(url="https://e.com/d"), {"type": "document", "source": {"type": "url", "url": "https://e.com/d"}}),
        (
            Document(text="a"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}},
        ),
        (
            Document(NOTE, "text/markdown"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"}},
        ),
    ],
)
def test_media(part, block):
    assert said(Message("user", (part,)))[0]["content"] == [block]
    assert said(HI, CALL, Message("user", (ToolResult("c1", (part,)),)))[2]["content"][0]["content"] == [block]


@pytest.mark.parametrize("document", [Document("AA==", "application/zip"), Document("no base64", "text/plain")])
def test_a_document_that_the_api_does_not_take_is_told(document):
    rendered = render(Message("user", (document, Text("hi"))))

    assert rendered.body["messages"][0]["content"] == [text("hi")]
    assert lost(rendered) == ["messages"]


def test_what_only_the_other_dialect_understands_is_told_with_its_path():
    """Promise 22."""
    rendered = render(Message("user", (Opaque(RESPONSES, {}, "input[0]"), Text("hi"))), extras={"background": True})

    assert lost(rendered) == ["input[0]", "background"]


def test_names_of_other_providers_accounts_are_told():
    assert lost(render(HI, user="u", cache_key="k")) == ["prompt_cache_key", "user"]
