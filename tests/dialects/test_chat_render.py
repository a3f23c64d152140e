"""Requests of other dialects as Chat Completions bodies: what the API demands, and what is told as lost."""

import re
from collections.abc import Iterable

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

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
from addons.dialects.openai_chat import DIALECT

CLAUDE, RESPONSES = DialectName.ANTHROPIC, DialectName.RESPONSES
HI = Message("user", (Text("hi"),))
F = Tool("f", schema={"type": "object", "properties": {}})
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
PARAMS = TypeAdapter(CompletionCreateParamsNonStreaming)


def render(*messages, model="my-model", traits=None, **members):
    request = Request(members.pop("dialect", CLAUDE), "alias", messages or (HI,), **members)
    rendered = DIALECT.render_request(request, Traits.of(model, traits), ToolNames.of(request))
    checked = {key: value for key, value in rendered.body.items() if key not in ("stream", "stream_options")}
    # "max" is newer than the SDK's types
    walk(PARAMS.validate_python({**checked, "reasoning_effort": None}))
    return rendered


def walk(value):
    """The vendor's types check their lists lazily: this makes them do it."""
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, Iterable) and not isinstance(inner, str):
            walk(inner)


def lost(rendered, *, content=None):
    return [loss.path for loss in rendered.losses if content is None or loss.content is content]


@pytest.mark.parametrize(
    ("model", "wish", "sent"),
    [
        ("gpt-5.5", "max", "xhigh"),
        ("gpt-5.6-sol", "max", "max"),
        ("gpt-5-pro", "low", "high"),
        ("gpt-5.5", "none", "none"),
        ("openai/gpt-5.1", "minimal", "none"),
        ("glm-5.1", "xhigh", "high"),
        ("google/gemini-2.5-pro", "medium", "medium"),
        ("gemini-3-pro", "medium", "medium"),
        ("anthropic/claude-opus-4.8", "max", "max"),
        ("anthropic/claude-opus-4.8", "none", None),
    ],
)
def test_an_effort_is_one_that_the_family_knows(model, wish, sent):
    rendered = render(model=model, reasoning=Reasoning(wish))

    assert rendered.body.get("reasoning_effort") == sent
    assert lost(rendered) == []


@pytest.mark.parametrize("model", ["gpt-4o", "my-model", "gemini-2.0-flash"])
def test_a_model_that_is_not_known_to_reason_is_not_asked_to(model):
    rendered = render(model=model, reasoning=Reasoning("high"))

    assert "reasoning_effort" not in rendered.body
    assert lost(rendered) == ["reasoning"]


def test_a_reasoning_model_of_openai_takes_no_sampling_and_no_stops():
    rendered = render(model="gpt-5.5", temperature=0.5, top_p=0.9, stop=("END",))

    assert rendered.body.keys().isdisjoint({"temperature", "top_p", "stop"})
    assert lost(rendered) == ["temperature", "top_p", "stop_sequences"]


@pytest.mark.parametrize(
    ("model", "field"),
    [("gpt-5.5", "max_completion_tokens"), ("o3", "max_completion_tokens"), ("gpt-4o", "max_tokens")],
)
def test_the_limit_has_the_name_that_the_model_knows(model, field):
    assert render(model=model, max_tokens=9).body[field] == 9


def test_the_cache_key_is_the_clients_or_one_that_no_turn_changes():
    first = render(model="gpt-5.5", tools=(F,)).body["prompt_cache_key"]
    answer, more = Message("assistant", (Text("a"),)), Message("user", (Text("b"),))
    second = render(HI, answer, more, model="gpt-5.5", tools=(F,)).body["prompt_cache_key"]

    assert first == second
    assert render(model="gpt-5.5", cache_key="mine").body["prompt_cache_key"] == "mine"
    assert render(Message("user", (Text("other"),)), model="gpt-5.5").body["prompt_cache_key"] != first


@pytest.mark.parametrize("model", ["glm-5.1", "openai/gpt-oss-120b", "anthropic/claude-opus-4.8"])
def test_who_may_not_know_cache_keys_gets_none(model):
    rendered = render(model=model, cache_key="k")

    assert "prompt_cache_key" not in rendered.body
    assert lost(rendered) == ["prompt_cache_key"] and lost(render(model=model)) == []


def test_the_retention_of_the_cache_travels_where_it_is_known():
    extras = {"prompt_cache_retention": "24h"}
    rendered = render(model="gpt-5.5", dialect=RESPONSES, extras=extras)

    assert rendered.body["prompt_cache_retention"] == "24h"
    assert lost(rendered) == []
    assert lost(render(model="glm-5.1", dialect=RESPONSES, extras=extras)) == ["prompt_cache_retention"]


@pytest.mark.parametrize(("strict", "sent"), [(None, True), (False, False), (True, True)])
def test_a_schema_that_fits_is_enforced_unless_the_client_says_no(strict, sent):
    wanted = render(model="gpt-5.5", format=Format(SCHEMA, strict=strict)).body["response_format"]

    assert wanted == {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": sent}}


def test_a_schema_that_strict_mode_would_refuse_is_not_strict():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    wanted = render(model="gpt-5.5", format=Format(schema)).body["response_format"]

    assert "strict" not in wanted["json_schema"]


def test_a_model_with_json_mode_alone_gets_the_schema_in_words_behind_the_instructions():
    rendered = render(Message("system", (Text("rules"),)), HI, model="glm-5.1", format=Format(SCHEMA))

    system, asked, user = rendered.body["messages"]
    assert (system["content"], user["content"]) == ("rules", "hi")
    assert asked["role"] == "system" and '"additionalProperties"' in asked["content"]
    assert rendered.body["response_format"] == {"type": "json_object"}
    assert lost(rendered) == ["response_format"]


def deferred(name):
    return Tool(name, schema={"type": "object", "properties": {}}, extras={"defer_loading": True})


def loading(*names):
    call = Message("assistant", (ToolCall("s1", "Search", "{}"),))
    found = tuple(Opaque(CLAUDE, {"type": "tool_reference", "tool_name": name}) for name in names)
    return call, Message("user", (ToolResult("s1", found),))


def test_a_deferred_tool_is_offered_once_it_is_loaded_behind_the_others():
    tools = (deferred("A"), Tool("Search"), deferred("B"), deferred("C"))

    before = render(HI, tools=tools).body["tools"]
    after = render(HI, *loading("C", "A"), tools=tools).body["tools"]

    assert [tool["function"]["name"] for tool in before] == ["Search"]
    assert [tool["function"]["name"] for tool in after] == ["Search", "C", "A"]


def test_a_tool_that_is_loaded_is_told_in_words():
    sent = render(HI, *loading("C"), tools=(Tool("Search"), deferred("C"))).body["messages"]

    assert sent[-1]["content"] == "The tool C is now available."


WEB = HostedTool(CLAUDE, "web_search_20250305", {"type": "web_search_20250305", "name": "web_search"})


@pytest.mark.parametrize("choice", [ToolChoice("tool", "web_search"), ToolChoice("required")])
def test_a_hosted_tool_that_is_forced_is_content_that_is_lost(choice):
    """Promise 22."""
    rendered = render(tools=(WEB,), tool_choice=choice)

    assert rendered.body.keys().isdisjoint({"tools", "tool_choice"})
    assert lost(rendered, content=True) == ["tool_choice"]


def test_a_hosted_tool_that_is_merely_offered_is_not():
    rendered = render(tools=(WEB, F))

    assert lost(rendered) == ["tools.web_search_20250305"]
    assert lost(rendered, content=True) == []


@pytest.mark.parametrize(
    ("part", "path"),
    [
        (Document(url="https://e.com/d.pdf"), "messages"),
        (Opaque(CLAUDE, {"type": "container_upload"}, "messages[3].content[0]"), "messages[3].content[0]"),
        (Opaque(RESPONSES, {"type": "input_audio"}, "input[1].content[2]"), "input[1].content[2]"),
        (Opaque(CLAUDE, {"type": "document", "source": {"type": "file"}}, "messages[0].content[1]"),
         "messages[0].content[1]"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("inside", [False, True])
def test_content_that_is_not_carried_is_told_with_its_path(part, path, inside):
    """Promise 22."""
    call = Message("assistant", (ToolCall("c1", "f", "{}"),))
    messages = (HI, call, Message("user", (ToolResult("c1", (part,)),))) if inside else (Message("user", (part,)),)

    assert lost(render(*messages), content=True) == [path]


def test_a_model_that_reads_text_alone_gets_no_media_and_that_is_told():
    media = Message("user", (Text("see"), Image("AA==", "image/png"), Document("AA==", "application/pdf")))
    rendered = render(media, traits={"images": False, "documents": False})

    assert rendered.body["messages"] == [{"role": "user", "content": "see"}]
    assert lost(rendered, content=True) == ["messages", "messages"]


def test_records_of_hosted_tools_are_told_in_words():
    searched = Opaque(CLAUDE, {"type": "server_tool_use", "name": "web_search", "input": {"query": "q"}})
    hit = {"type": "web_search_result", "title": "T", "url": "https://e.com", "encrypted_content": "SECRET"}
    found = Opaque(CLAUDE, {"type": "web_search_tool_result", "content": [hit]})
    rendered = render(HI, Message("assistant", (searched, found, Text("so"))), HI)

    said = rendered.body["messages"][1]["content"]
    assert "web_search" in said and "https://e.com" in said and said.endswith("so") and "SECRET" not in said
    assert lost(rendered) == []


def test_documents_of_text_are_text_under_their_title_also_in_results():
    note = Document(text="body", name="note.txt", extras={"context": "old"})
    call = Message("assistant", (ToolCall("c1", "f", "{}"),))
    sent = render(Message("user", (note,)), call, Message("user", (ToolResult("c1", (note,)),))).body["messages"]

    assert [each["content"] for each in (sent[0], sent[2])] == ["note.txt\nold\nbody"] * 2


def test_a_file_in_a_result_follows_it():
    call = Message("assistant", (ToolCall("c1", "f", "{}"),))
    pdf = Document("AA==", "application/pdf", name="a.pdf")
    sent = render(HI, call, Message("user", (ToolResult("c1", (Text("see"), pdf)),))).body["messages"]

    assert (sent[2]["role"], sent[2]["content"]) == ("tool", "see")
    assert [part["type"] for part in sent[3]["content"]] == ["text", "file"]


@pytest.mark.parametrize(
    ("extras", "content"),
    [
        ({"context_management": {"edits": []}}, []),
        ({"mcp_servers": [{"url": "https://e.com"}]}, ["mcp_servers"]),
        ({"mcp_servers": []}, []),
        ({"container": "c"}, ["container"]),
    ],
)
def test_a_field_is_content_when_the_model_should_know_what_it_holds(extras, content):
    rendered = render(extras=extras)

    assert lost(rendered) == list(extras)
    assert lost(rendered, content=True) == content


@pytest.mark.parametrize(("schema", "strict"), [(SCHEMA, True), ({"type": "object", "properties": {"a": {}}}, None)])
def test_a_strict_tool_is_strict_where_its_schema_allows(schema, strict):
    rendered = render(tools=(Tool("f", schema=schema, strict=True),))

    assert rendered.body["tools"][0]["function"].get("strict") == strict
    assert lost(rendered) == ([] if strict else ["tools.f.strict"])


@pytest.mark.parametrize(
    ("model", "parts", "sent"),
    [
        ("kimi-k2-thinking", (ToolCall("c", "f", "{}"),), "plan"),
        ("kimi-k2-thinking", (Text("a"),), None),
        ("gpt-5.5", (ToolCall("c", "f", "{}"),), None),
    ],
    ids=["with its call", "without a call", "towards OpenAI"],
)
def test_reasoning_goes_back_with_the_call_that_it_led_to(model, parts, sent):
    """DeepSeek and Kimi refuse a call of theirs without it; OpenAI's models know no such member."""
    rendered = render(HI, Message("assistant", (Thinking("plan", dialect=DialectName.CHAT), *parts)), model=model)

    assert rendered.body["messages"][1].get("reasoning_content") == sent
    assert any("reasoning" in loss.why for loss in rendered.losses) is (sent is None)


@pytest.mark.parametrize("name", ["call_" + "x" * 35, "mcp__a_long_server__and_a_long_tool_1795249301171_1"])
def test_an_id_of_more_than_forty_characters_is_shortened_for_call_and_result_alike(name):
    other = f"{name}2"
    calls = Message("assistant", (ToolCall(name, "f", "{}"), ToolCall(other, "f", "{}")))
    results = Message("user", (ToolResult(name, (Text("a"),)), ToolResult(other, (Text("b"),))))

    _, called, *answered = render(HI, calls, results, tools=(F,)).body["messages"]

    ids = [call["id"] for call in called["tool_calls"]]
    assert len(set(ids)) == 2
    assert max(map(len, ids)) <= 40
    assert ids[0] == name or len(name) > 40
    assert [message["tool_call_id"] for message in answered] == ids


@pytest.mark.parametrize(
    ("model", "legal"),
    [("gpt-5.5", r".{1,40}"), ("my-model", r".{1,40}"), ("mistralai/devstral-2", r"[a-zA-Z0-9]{9}")],
)
def test_ids_of_calls_are_such_as_the_provider_takes(model, legal):
    """Source: OpenAI's and Mistral's refusals ("string too long", "must be … with a length of 9")."""
    names = ["toolu_0", "call_1|fc_" + "x" * 60, "call_2|fc_" + "x" * 60, "aB3dE6gH9"]
    calls = Message("assistant", tuple(ToolCall(name, "f", "{}") for name in names))
    done = Message("user", tuple(ToolResult(name, (Text("ok"),)) for name in names))
    messages = render(HI, calls, done, tools=(F,), model=model).body["messages"]

    sent = [call["id"] for call in messages[1]["tool_calls"]]
    assert sent == [message["tool_call_id"] for message in messages[2:]]
    assert len(set(sent)) == 4 and all(re.fullmatch(legal, each) for each in sent) and sent[3] == "aB3dE6gH9"
