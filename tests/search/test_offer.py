"""Specification of addons/search/offer.py and memory.py: what the router takes over of a request."""

import json
from typing import Any

import pytest

from addons.core.model import DialectName, HostedTool, Request, Tool, ToolCall, ToolChoice, ToolResult
from addons.core.sealed_text import seal
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.search.offer import Taken, taken

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
FETCH = {"type": "web_fetch_20250910", "name": "web_fetch"}


def request(*tools: Any, content: object = "hi", history: Any = (), **more: Any) -> Request:
    messages = [*history, {"role": "user", "content": content}]
    return DIALECTS[CLAUDE].parse_request(
        {"model": "m", "max_tokens": 9, "messages": messages, "tools": list(tools), **more}
    )


def took(asked: Request, target: DialectName = CHAT, model: str = "m") -> Taken:
    found = taken(asked, target, Traits.of(model))
    assert found is not None
    return found


def test_a_search_becomes_a_function_in_its_place() -> None:
    own = {"name": "Bash", "input_schema": {"type": "object"}}
    names = [tool.name for tool in took(request(own, SEARCH, FETCH)).request.tools if isinstance(tool, Tool)]
    assert names == ["Bash", "web_search", "web_fetch"]


def test_other_hosted_tools_stay_what_they_are() -> None:
    found = took(request({"type": "code_execution_20250825", "name": "code_execution"}, SEARCH))
    assert [type(tool) for tool in found.request.tools] == [HostedTool, Tool]


@pytest.mark.parametrize(
    "tool", [{"type": "code_execution_20250825", "name": "c"}, {"name": "web_search", "input_schema": {}}]
)
def test_without_a_hosted_search_nothing_is_taken_over(tool: Any) -> None:
    assert taken(request(tool), CHAT, Traits.of("m")) is None


def test_a_format_without_tools_is_left_alone() -> None:
    assert taken(request(SEARCH), COMPLETIONS, Traits.of("m")) is None


@pytest.mark.parametrize(
    ("client", "tool"),
    [
        (RESPONSES, {"type": "web_search"}),
        (RESPONSES, {"type": "web_search_preview_2025_03_11"}),
        (CLAUDE, {"type": "web_search_20260318", "name": "web_search"}),
    ],
)
def test_every_name_of_a_search_is_known(client: DialectName, tool: Any) -> None:
    body = {"model": "m", "max_tokens": 9, "messages": [], "input": "hi", "tools": [tool]}
    parsed = DIALECTS[client].parse_request({key: value for key, value in body.items() if key in _FIELDS[client]})
    assert list(took(parsed).tools) == ["web_search"]


_FIELDS = {
    CLAUDE: {"model", "max_tokens", "messages", "tools"},
    RESPONSES: {"model", "input", "tools"},
}


def test_limits_of_the_client_are_kept() -> None:
    tool = {**FETCH, "max_uses": 2, "max_content_tokens": 100, "blocked_domains": ["x.example"]}
    (found,) = took(request(tool)).tools.values()
    assert (found.max_uses, found.chars, found.blocked) == (2, 400, ("x.example",))


def test_openais_filters_are_kept() -> None:
    tool = {"type": "web_search", "filters": {"allowed_domains": ["x.example"]}}
    parsed = DIALECTS[RESPONSES].parse_request({"model": "m", "input": "hi", "tools": [tool]})
    (found,) = took(parsed).tools.values()
    assert found.allowed == ("x.example",)


@pytest.mark.parametrize("bad", [0, -1, "3", None, 2.5])
def test_a_limit_that_is_none_does_not_count(bad: object) -> None:
    (found,) = took(request({**SEARCH, "max_uses": bad, "allowed_domains": bad})).tools.values()
    assert (found.max_uses, found.allowed) == (None, ())


def test_a_forced_search_is_a_forced_function() -> None:
    own = {"name": "web_search", "input_schema": {"type": "object"}}
    forced = {"type": "tool", "name": "look"}
    choice = took(request(own, {**SEARCH, "name": "look"}, tool_choice=forced)).request.tool_choice
    assert choice == ToolChoice("tool", "web_search_2")


def test_a_search_that_is_forced_by_its_type() -> None:
    body = {"model": "m", "input": "hi", "tools": [{"type": "web_search_preview"}]}
    parsed = DIALECTS[RESPONSES].parse_request({**body, "tool_choice": {"type": "web_search_preview"}})
    assert took(parsed).request.tool_choice == ToolChoice("tool", "web_search")


USE = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "llamas"}}
HIT = {"type": "web_search_result", "title": "L", "url": "https://l.example/", "encrypted_content": seal("They hum.")}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [HIT]}
TEXT = {"type": "text", "text": "So."}
OWN_CALL = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {}}
OWN_RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}


def shape(found: Taken) -> list[tuple[str, list[str]]]:
    """The messages by role and kinds of their parts."""
    return [(each.role, [type(part).__name__ for part in each.parts]) for each in found.request.messages]


def test_a_search_of_an_earlier_turn_is_a_call_and_its_result_again() -> None:
    found = took(request(SEARCH, history=[{"role": "assistant", "content": [TEXT, USE, RESULT, TEXT]}]))
    assert shape(found) == [
        ("assistant", ["Text", "ToolCall"]),
        ("user", ["ToolResult"]),
        ("assistant", ["Text"]),
        ("user", ["Text"]),
    ]
    call, result = found.request.messages[0].parts[1], found.request.messages[1].parts[0]
    assert isinstance(call, ToolCall) and isinstance(result, ToolResult)
    assert (call.name, json.loads(call.arguments), result.call_id) == ("web_search", {"query": "llamas"}, call.id)
    assert "They hum." in str(result.content)


def test_a_search_beside_a_call_of_the_clients_has_its_result_beside_the_clients() -> None:
    history = [{"role": "assistant", "content": [OWN_CALL, USE, RESULT]}]
    found = took(request(SEARCH, content=[OWN_RESULT], history=history))
    assert shape(found) == [("assistant", ["ToolCall", "ToolCall"]), ("user", ["ToolResult", "ToolResult"])]


def test_searches_of_one_round_stay_together() -> None:
    second = [{**USE, "id": "s2"}, {**RESULT, "tool_use_id": "s2"}]
    history = [{"role": "assistant", "content": [USE, second[0], RESULT, second[1], TEXT]}]
    assert shape(took(request(SEARCH, history=history)))[:2] == [
        ("assistant", ["ToolCall", "ToolCall"]),
        ("user", ["ToolResult", "ToolResult"]),
    ]


def test_a_search_at_the_very_end_has_its_result_behind_it() -> None:
    asked = DIALECTS[CLAUDE].parse_request(
        {"model": "m", "messages": [{"role": "assistant", "content": [USE, RESULT]}], "tools": [SEARCH]}
    )
    assert shape(took(asked)) == [("assistant", ["ToolCall"]), ("user", ["ToolResult"])]


@pytest.mark.parametrize(
    "blocks",
    [
        [USE, TEXT],
        [RESULT, TEXT],
        [{**USE, "id": 3}, {**RESULT, "tool_use_id": 3}],
        [{**USE, "name": "code_execution"}, RESULT],
        [{"type": "server_tool_use"}, {"type": "web_search_tool_result"}],
    ],
)
def test_blocks_that_do_not_belong_together_stay_as_they_are(blocks: list[Any]) -> None:
    found = took(request(SEARCH, history=[{"role": "assistant", "content": blocks}]))
    assert shape(found)[0] == ("assistant", ["Text" if block is TEXT else "Opaque" for block in blocks])
