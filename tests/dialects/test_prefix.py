"""The law that prompt caches live by: what a provider is sent in one turn is the beginning of what it is sent in the
next one, whichever dialect the client speaks. Held over what real tools sent, and over generated conversations."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from clients import checks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addons.core.model import (
    DialectName,
    Document,
    Image,
    Message,
    Part,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from harness.spoken import PROVIDERS

type Json = dict[str, Any]

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS
FIXTURES = Path(__file__).parents[1] / "fixtures"
# where the conversation stands in a body
LIST = {CLAUDE: "messages", CHAT: "messages", RESPONSES: "input", GEMINI: "contents"}
# one model that thinks by a budget and one that thinks as it likes, and so on
MODELS = {
    CLAUDE: ("m", "claude-sonnet-4-5", "claude-opus-4-8", "claude-opus-5-5"),
    CHAT: ("m", "gpt-5.5", "glm-5.1", "claude-sonnet-4-5"),
    RESPONSES: ("m", "gpt-5.5"),
    GEMINI: ("m", "gemini-2.5-pro", "gemini-3-pro-preview"),
}
TARGETS = [pytest.param(provider, model, id=f"{provider}-{model}") for provider in MODELS for model in MODELS[provider]]
FOLDERS = {CLAUDE: "anthropic", CHAT: "chat", RESPONSES: "responses"}
RECORDED = [
    pytest.param(name, json.loads(line), id=f"{path.stem}-{n}")
    for name, folder in FOLDERS.items()
    for path in sorted((FIXTURES / folder).glob("*.jsonl"))
    for n, line in enumerate(path.read_text().splitlines())
]
# said anew for every turn: whether there is room to think, how freely, and whether tools may be called (a summary is
# asked for without them)
PER_TURN = frozenset(
    {"thinking", "output_config", "temperature", "top_p", "tool_choice", "parallel_tool_calls", "toolConfig"}
)


def render(client: DialectName, provider: DialectName, body: Json, model: str) -> Json:
    request = DIALECTS[client].parse_request(body)
    return DIALECTS[provider].render_request(request, Traits.of(model), ToolNames.of(request)).body


def is_model(item: Json) -> bool:
    """Whether an item of any dialect was said by the model."""
    kinds = ("function_call", "custom_tool_call", "reasoning", "tool_search_call")
    return item.get("role") in ("assistant", "model") or item.get("type") in kinds


def turns(client: DialectName, body: Json) -> list[Json]:
    """The bodies of the turns that led to `body`: each ends where the model was to speak."""
    items = body[LIST[client]]
    ends = [n for n in range(1, len(items)) if is_model(items[n]) and not is_model(items[n - 1])]
    return [{**body, LIST[client]: items[:end]} for end in ends] + [body]


def unmarked(value: Any) -> Any:
    """Without the marks for Anthropic's cache, which move with the turns."""
    if isinstance(value, dict):
        return {key: unmarked(each) for key, each in value.items() if key != "cache_control"}
    return [unmarked(each) for each in value] if isinstance(value, list) else value


def flat(tools: Any) -> list[Json]:
    """Gemini's tools stand in groups."""
    return [each for tool in tools or () for each in tool.get("functionDeclarations", [tool])]


def assert_begins(provider: DialectName, longer: Json, shorter: Json) -> None:
    there = LIST[provider]
    said, before = unmarked(longer), unmarked(shorter)
    assert said[there][: len(before[there])] == before[there]
    # a tool that is loaded on the way stands behind the others
    assert flat(said.get("tools"))[: len(flat(before.get("tools")))] == flat(before.get("tools"))
    apart = {there, "tools", *PER_TURN}
    assert {k: v for k, v in said.items() if k not in apart} == {k: v for k, v in before.items() if k not in apart}


@pytest.mark.parametrize(("provider", "model"), TARGETS)
@pytest.mark.parametrize(("client", "body"), RECORDED)
def test_each_turn_of_a_real_conversation_begins_with_the_turn_before(
    client: DialectName, body: Json, provider: DialectName, model: str
) -> None:
    """Promise 16."""
    if provider is client:
        return
    sent = [render(client, provider, turn, model) for turn in turns(client, body)]
    for shorter, longer in pairwise(sent):
        assert_begins(provider, longer, shorter)


def follows(client: DialectName, longer: Json, shorter: Json) -> bool:
    items, before = (unmarked(body[LIST[client]]) for body in (longer, shorter))
    return longer["model"] == shorter["model"] and len(items) > len(before) > 0 and items[: len(before)] == before


# two recorded requests of which one is the turn before the other
SUCCESSIVE = [
    pytest.param(shorter.values[0], shorter.values[1], longer.values[1], id=f"{shorter.id}-{longer.id}")
    for shorter in RECORDED
    for longer in RECORDED
    if shorter.values[0] is longer.values[0] and follows(*longer.values, shorter.values[1])
]


@pytest.mark.parametrize(("provider", "model"), TARGETS)
@pytest.mark.parametrize(("client", "shorter", "longer"), SUCCESSIVE)
def test_what_a_real_tool_sends_next_begins_with_what_it_sent(
    client: DialectName, shorter: Json, longer: Json, provider: DialectName, model: str
) -> None:
    """Promise 16."""
    if provider is not client:
        assert_begins(provider, render(client, provider, longer, model), render(client, provider, shorter, model))


@pytest.mark.parametrize(("provider", "model"), TARGETS)
def test_tools_that_are_loaded_on_the_way_stand_behind_the_others(provider: DialectName, model: str) -> None:
    """Promise 16: Claude Code's tool search; a tool is offered once a reference has named it."""
    if provider is CLAUDE:
        return
    schema = {"type": "object", "properties": {}}
    tools = [{"name": name, "input_schema": schema, "defer_loading": True} for name in ("Web", "Ask")]
    messages: list[Json] = [{"role": "user", "content": "go"}]
    for turn, name in enumerate(("Ask", "Web")):
        call = {"type": "tool_use", "id": f"t{turn}", "name": "Search", "input": {"query": name}}
        found = [{"type": "tool_reference", "tool_name": name}]
        messages += [
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"t{turn}", "content": found}]},
        ]
    search = {"name": "Search", "input_schema": schema}
    body = {"model": "m", "max_tokens": 9000, "messages": messages, "tools": [tools[0], search, tools[1]]}
    sent = [render(CLAUDE, provider, turn, model) for turn in turns(CLAUDE, body)]

    for shorter, longer in pairwise(sent):
        assert_begins(provider, longer, shorter)
    offered = [tool.get("function", tool)["name"] for tool in flat(sent[-1]["tools"])]
    assert offered == ["Search", "Ask", "Web"]


words = st.text("ab \n<é🙂", max_size=6)
names = st.sampled_from(["read", "run.it", "run_it", "n" * 70])
images = st.builds(Image, data=st.just("iVBORw0KGgo="), media_type=st.just("image/png"))
files = st.builds(Document, data=st.just("JVBERi0="), media_type=st.just("application/pdf"), name=st.just("a.pdf"))
texts = st.builds(Text, words)
TOOLS = tuple(Tool(name, "d", {"type": "object", "properties": {}}) for name in ("read", "run.it", "run_it", "n" * 70))


@st.composite
def answers(draw: st.DrawFn, client: DialectName, turn: int) -> tuple[Part, ...]:
    """What a model says in one turn, as a client of `client` keeps it."""
    parts: list[Part] = list(draw(st.lists(texts, max_size=2)))
    if draw(st.booleans()):
        dialect = draw(st.sampled_from([client, CLAUDE, RESPONSES]))
        parts.insert(0, Thinking(draw(words), checks.SIGNATURE, id=f"rs_{turn}", dialect=dialect))
    for n in range(draw(st.integers(0, 2))):
        arguments = draw(st.sampled_from(["{}", '{"a": 1.0}', "", '{"a":']))
        parts.append(ToolCall(f"call_{turn}_{n}", draw(names), arguments))
    said = any(isinstance(part, ToolCall) or (isinstance(part, Text) and part.text.strip()) for part in parts)
    return tuple(parts) if said else (*parts, Text("done"))


@st.composite
def conversations(draw: st.DrawFn, client: DialectName) -> Json:
    """The body of a conversation of some turns, as `client` sends it. Its renderer writes it: the conversation is
    said to be of a dialect that no tool speaks in turns."""
    messages = [Message("system", (Text("be good"),)), Message("user", (Text("go"),))]
    for turn in range(draw(st.integers(1, 4))):
        answer = draw(answers(client, turn))
        messages.append(Message("assistant", answer))
        results: list[Part] = [
            ToolResult(part.id, tuple(draw(st.lists(texts | images | files, max_size=2))), is_error=draw(st.booleans()))
            for part in answer
            if isinstance(part, ToolCall) and draw(st.integers(0, 9))
        ]
        said = draw(st.lists(texts | images | files, max_size=2)) if results else [Text("on"), *draw(st.lists(images))]
        if draw(st.integers(0, 4)) == 0:
            messages.append(Message("developer", (Text("a reminder"),)))
        messages.append(Message("user", (*results, *said)))
    request = Request(COMPLETIONS, "m", tuple(messages), TOOLS, max_tokens=9000)
    return {"model": "m", **DIALECTS[client].render_request(request, Traits("m"), ToolNames.of(request)).body}


@pytest.mark.parametrize("client", PROVIDERS)
@pytest.mark.parametrize(("provider", "model"), TARGETS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data())
def test_each_turn_of_any_conversation_begins_with_the_turn_before(
    client: DialectName, provider: DialectName, model: str, draw: st.DataObject
) -> None:
    """Promise 16."""
    body = draw.draw(conversations(client))
    sent = [render(client, provider, turn, model) for turn in turns(client, body)]
    for shorter, longer in pairwise(sent):
        assert_begins(provider, longer, shorter)


@pytest.mark.parametrize("client", PROVIDERS)
@pytest.mark.parametrize(("provider", "model"), TARGETS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data())
def test_any_conversation_is_accepted_by_a_strict_provider(
    client: DialectName, provider: DialectName, model: str, draw: st.DataObject
) -> None:
    """Whatever was called and answered, said or left out, and whoever thought before."""
    if client is provider:
        return
    headers = {"anthropic-version": "x", "x-goog-api-key": "k", ":path": f"/v1beta/models/{model}:generateContent"}
    body = render(client, provider, draw.draw(conversations(client)), model)

    assert checks.problem(provider, body, headers) is None
