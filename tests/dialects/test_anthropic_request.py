"""Anthropic Messages bodies as canonical requests, and back."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core import jsonio
from addons.core.errors import BadRequest
from addons.core.model import (
    DialectName,
    Document,
    Format,
    HostedTool,
    Image,
    Opaque,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

FIXTURES = Path(__file__).parents[1] / "fixtures/anthropic"
BODIES = {path.stem: json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*.json"))}
RECORDED = [
    pytest.param(json.loads(line), id=f"{path.stem}-{number}")
    for path in sorted(FIXTURES.glob("*.jsonl"))
    for number, line in enumerate(path.read_text().splitlines())
] + [pytest.param(body, id=name) for name, body in BODIES.items()]
CLAUDE = DialectName.ANTHROPIC
HI = {"role": "user", "content": "hi"}


def parse(*messages, **members):
    return DIALECT.parse_request({"model": "m", "messages": list(messages), **members})


def block(raw):
    """The part that one content block becomes."""
    return parse({"role": "user", "content": [raw]}).messages[0].parts[0]


def back(body):
    request = DIALECT.parse_request(body)
    rendered = DIALECT.render_request(request, Traits.of(body["model"]), ToolNames.of(request))
    assert rendered.losses == ()
    return rendered.body


@pytest.mark.parametrize("body", RECORDED)
def test_a_recorded_body_comes_back_whole(body):
    """Promise 22."""
    assert back(body) == body


BLOCKS = [
    {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
    {"type": "text", "text": "a", "citations": None},
    {"type": "thinking", "thinking": "a", "signature": "S", "note": 1},
    {"type": "thinking", "thinking": "a"},
    {"type": "redacted_thinking", "data": "D", "note": 1},
    {"type": "tool_use", "id": "t", "name": "f", "input": {"n": 123456789012345678901234567890}, "caller": {"x": 1}},
    {"type": "tool_use", "id": "t", "name": "f", "input": []},
    {"type": "tool_result", "tool_use_id": "t"},
    {"type": "tool_result", "tool_use_id": "t", "content": ""},
    {"type": "tool_result", "tool_use_id": "t", "content": []},
    {"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": False},
    {"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": True, "cache_control": {"type": "e"}},
    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "thinking", "thinking": "?"}]},
    {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "AA=="}, "cache_control": {}},
    {"type": "image", "source": {"type": "url", "url": "https://example.com/i.png", "note": 1}},
    {"type": "image", "source": {"type": "file", "file_id": "f"}},
    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="}, "title": "t"},
    {"type": "document", "source": {"type": "url", "url": "https://example.com/d"}, "citations": {"enabled": True}},
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d"}, "context": "c"},
    {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "d"}]}},
    {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
    {"type": "block_of_tomorrow", "x": {"y": [1, 2]}},
]


@pytest.mark.parametrize("raw", BLOCKS, ids=lambda raw: raw["type"])
def test_every_block_comes_back_whole(raw):
    """Promises 15 and 22."""
    body = {"model": "m", "messages": [{"role": "user", "content": [raw]}]}

    assert back(body) == body


MEMBERS = [
    {"system": "be brief"},
    {"system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}]},
    {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}},
    {"thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh", "task_budget": {"total": 1}}},
    {"thinking": {"type": "disabled"}, "output_config": {"effort": "extreme"}},
    {"thinking": {"type": "of_tomorrow"}},
    {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}, "note": 1}}},
    {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
    {"tool_choice": {"type": "any", "disable_parallel_tool_use": False, "note": 1}},
    {"tool_choice": {"type": "tool", "name": "f"}},
    {"metadata": {"user_id": "u", "team": "t"}},
    {"metadata": {"user_id": 7}},
    {"max_tokens": 5, "temperature": 0.5, "top_p": 1, "top_k": 3, "stop_sequences": ["END"], "stream": True},
    {"service_tier": "auto", "container": {"skills": []}, "dotted.name": 1},
    {"output_format": {"type": "of_tomorrow"}},
    {"tools": [{"type": "custom", "name": "f", "input_schema": {"type": "object"}, "eager_input_streaming": True}]},
    {"tools": [{"name": "f", "input_schema": {}, "strict": True, "defer_loading": True, "description": "d"}]},
    {"tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 8}]},
]


@pytest.mark.parametrize("members", MEMBERS, ids=lambda members: "+".join(members))
def test_every_member_comes_back_whole(members):
    """Promise 22."""
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}

    assert back(body) == body


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": []}],
        [{"role": "system", "content": "first of all"}, {"role": "user", "content": "hi"}],
        [{"role": "user", "content": "hi"}, {"role": "system", "content": "now", "output_config": {"effort": "low"}}],
    ],
)
def test_every_message_comes_back_where_it_stood(messages):
    body = {"model": "m", "system": "top", "messages": messages}

    assert back(body) == body


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(arguments=st.dictionaries(st.text(), json_values, max_size=4))
def test_tool_arguments_come_back_with_every_value(arguments):
    """Promises 14 and 17."""
    raw = {"type": "tool_use", "id": "t", "name": "f", "input": arguments}
    body = {"model": "m", "messages": [{"role": "assistant", "content": [raw]}]}

    assert jsonio.dumps(back(body)) == jsonio.dumps(body)


def test_the_older_place_of_the_format_is_the_newer_one():
    schema = {"type": "object"}
    request = parse({"role": "user", "content": "hi"}, output_format={"type": "json_schema", "schema": schema})

    assert request.format == Format(schema)
    assert "output_format" not in request.extras
    body = DIALECT.render_request(request, Traits.of("m"), ToolNames.of(request)).body
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": schema}}


def test_instructions_come_first_as_one_system_message():
    request = parse(
        {"role": "user", "content": "hi"}, system=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    )

    assert [message.role for message in request.messages] == ["system", "user"]
    assert [part.text for part in request.messages[0].parts] == ["a", "b"]


def test_system_messages_may_stand_anywhere():
    request = DIALECT.parse_request(BODIES["mid_conversation_system_and_tool_result"])

    assert [message.role for message in request.messages] == ["system", "user", "system", "assistant", "user", "system"]


def test_blocks_become_parts():
    assert block({"type": "text", "text": "a"}).text == "a"
    thought = block({"type": "thinking", "thinking": "a", "signature": "S"})
    assert thought == Thinking("a", "S", dialect=CLAUDE)
    assert block({"type": "redacted_thinking", "data": "D"}) == Thinking("", "D", redacted=True, dialect=CLAUDE)
    assert block({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}) == ToolCall("t", "f", '{"a":1}')
    source = {"type": "base64", "media_type": "image/gif", "data": "AA=="}
    assert block({"type": "image", "source": source}) == Image("AA==", "image/gif")
    source = {"type": "url", "url": "https://example.com/d"}
    assert block({"type": "document", "source": source, "title": "t"}) == Document(url=source["url"], name="t")


def test_a_file_or_an_unknown_block_stays_opaque_with_its_path():
    for raw in ({"type": "image", "source": {"type": "file", "file_id": "f"}}, {"type": "block_of_tomorrow"}):
        assert block(raw) == Opaque(CLAUDE, raw, "messages[0].content[0]")


def test_results_hold_text_media_and_what_is_unknown():
    reference = {"type": "tool_reference", "tool_name": "WebSearch"}
    image = {"type": "image", "source": {"type": "url", "url": "https://example.com/i"}}
    content = [{"type": "text", "text": "a"}, image, reference]
    result = block({"type": "tool_result", "tool_use_id": "t", "content": content, "is_error": True})

    assert (result.call_id, result.is_error) == ("t", True)
    assert [type(part) for part in result.content] == [Text, Image, Opaque]
    assert result.content[2] == Opaque(CLAUDE, reference, "messages[0].content[0].content[2]")


def test_a_bare_string_is_a_text():
    result = block({"type": "tool_result", "tool_use_id": "t", "content": "done"})

    assert result == ToolResult("t", (Text("done"),))


def test_tools_of_the_client_and_of_the_provider_are_told_apart():
    hosted = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
    own = {"name": "f", "description": "d", "input_schema": {"type": "object"}, "defer_loading": True}

    assert parse(tools=[own, hosted]).tools == (
        Tool("f", "d", {"type": "object"}, extras={"defer_loading": True}),
        HostedTool(CLAUDE, "web_search_20250305", hosted),
    )


@pytest.mark.parametrize(
    ("raw", "choice", "parallel"),
    [
        ({"type": "auto"}, ToolChoice("auto"), None),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice("required"), False),
        ({"type": "tool", "name": "f", "disable_parallel_tool_use": False}, ToolChoice("tool", "f"), True),
        ({"type": "none"}, ToolChoice("none"), None),
    ],
)
def test_tool_choices(raw, choice, parallel):
    request = parse(tool_choice=raw)

    assert (request.tool_choice, request.parallel_tool_calls) == (choice, parallel)


@pytest.mark.parametrize(
    ("members", "reasoning"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, Reasoning(budget=9, enabled=True)),
        ({"thinking": {"type": "disabled"}}, Reasoning(enabled=False)),
        (
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            Reasoning("high", enabled=True, adaptive=True),
        ),
        ({"output_config": {"effort": "max"}}, Reasoning("max")),
        ({}, None),
    ],
)
def test_reasoning(members, reasoning):
    assert parse(**members).reasoning == reasoning


def turn(effort):
    return {"role": "system", "content": "now", "output_config": {"effort": effort}}


def test_the_last_system_message_that_sets_an_effort_counts():
    """Claude Code's effort per turn."""
    request = parse(HI, turn("low"), HI, turn("xhigh"), turn("unheard of"), output_config={"effort": "medium"})

    assert request.reasoning == Reasoning("xhigh")


def test_an_effort_of_a_turn_leaves_the_other_wishes_for_thinking():
    request = parse(HI, turn("low"), thinking={"type": "adaptive"})

    assert request.reasoning == Reasoning("low", enabled=True, adaptive=True)


@pytest.mark.parametrize("member", [{"output_config": {"effort": "medium"}}, {"thinking": {"type": "adaptive"}}, {}])
def test_a_request_with_an_effort_of_a_turn_comes_back_whole(member):
    body = {"model": "m", "messages": [HI, turn("low"), turn("max")], **member}

    assert back(body) == body


def test_only_a_system_message_sets_an_effort():
    assert parse({**HI, "output_config": {"effort": "max"}}).reasoning is None


@pytest.mark.parametrize("value", [1, "true", None, False])
def test_only_true_asks_for_a_stream(value):
    assert parse(stream=value).stream is False


def test_what_has_no_home_stands_in_the_extras():
    request = parse(context_management={"edits": []}, thinking={"type": "adaptive", "display": "omitted"})

    assert request.extras == {"context_management": {"edits": []}, "thinking.display": "omitted"}


def test_a_limit_may_be_missing():
    assert parse().max_tokens is None


def says(content):
    return {"messages": [{"role": "user", "content": "hi"}, {"role": "user", "content": content}]}


WRONG = [
    ({}, "messages"),
    ({"messages": {}}, "messages"),
    ({"messages": ["hi"]}, "messages[0]"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": ["user"], "content": "x"}]}, "messages[0].role"),
    (says(None), "messages[1].content"),
    (says(["x"]), "messages[1].content[0]"),
    (says([{"text": "x"}]), "messages[1].content[0].type"),
    (says([{"type": ["text"]}]), "messages[1].content[0].type"),
    (says([{"type": "text", "text": 1}]), "messages[1].content[0].text"),
    (says([{"type": "thinking", "thinking": "x", "signature": 1}]), "messages[1].content[0].signature"),
    (says([{"type": "redacted_thinking"}]), "messages[1].content[0].data"),
    (says([{"type": "tool_use", "name": "f"}]), "messages[1].content[0].id"),
    (says([{"type": "tool_use", "id": "t"}]), "messages[1].content[0].name"),
    (says([{"type": "tool_result", "content": "x"}]), "messages[1].content[0].tool_use_id"),
    (says([{"type": "tool_result", "tool_use_id": "t", "content": [{}]}]), "messages[1].content[0].content[0].type"),
    (says([{"type": "image"}]), "messages[1].content[0].source"),
    (says([{"type": "image", "source": {"type": "url"}}]), "messages[1].content[0].source.url"),
    (says([{"type": "document", "source": {"type": "text"}}]), "messages[1].content[0].source.data"),
    ({"messages": [], "system": 5}, "system"),
    ({"messages": [], "tools": {}}, "tools"),
    ({"messages": [], "tools": [{"input_schema": {}}]}, "tools[0].name"),
    ({"messages": [], "tools": [{"name": "f", "input_schema": []}]}, "tools[0].input_schema"),
    ({"messages": [], "tool_choice": "auto"}, "tool_choice"),
    ({"messages": [], "tool_choice": {"type": "all"}}, "tool_choice.type"),
    ({"messages": [], "tool_choice": {"type": ["auto"]}}, "tool_choice.type"),
    ({"messages": [], "tool_choice": {"type": "tool"}}, "tool_choice.name"),
    ({"messages": [], "max_tokens": "5"}, "max_tokens"),
    ({"messages": [], "max_tokens": True}, "max_tokens"),
    ({"messages": [], "temperature": "hot"}, "temperature"),
    ({"messages": [], "stop_sequences": "END"}, "stop_sequences"),
    ({"messages": [], "stop_sequences": [5]}, "stop_sequences[0]"),
    ({"messages": [], "thinking": True}, "thinking"),
    ({"messages": [], "thinking": {"type": "enabled", "budget_tokens": "9"}}, "thinking.budget_tokens"),
    ({"messages": [], "output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
    ({"messages": [], "output_format": {"type": "json_schema"}}, "output_format.schema"),
    ({"messages": [], "model": 5}, "model"),
]


@pytest.mark.parametrize(("body", "path"), WRONG, ids=[path for _, path in WRONG])
def test_a_wrong_shape_is_named_by_its_path(body, path):
    with pytest.raises(BadRequest) as raised:
        DIALECT.parse_request({"model": "m", **body})

    assert raised.value.path == path


KEYS = sorted({key for members in MEMBERS for key in members} | {"messages", "model"})


@given(body=st.dictionaries(st.sampled_from(KEYS), json_values))
def test_any_body_is_parsed_or_refused(body):
    try:
        DIALECT.parse_request(body)
    except BadRequest as refused:
        assert refused.info().status == 400
