"""Mending a conversation, and what of it a stricter or poorer dialect can be told."""

import pytest

from addons.core.history import drop_foreign_thinking, is_billing, offered, paired, result_text, says
from addons.core.model import (
    DialectName,
    Document,
    HostedTool,
    Image,
    Message,
    Opaque,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
HI = Message("user", (Text("hi"),))
CALL = Message("assistant", (ToolCall("c1", "f", "{}"),))
DONE = Message("user", (ToolResult("c1", (Text("done"),)),))


def reference(name):
    return Opaque(CLAUDE, {"type": "tool_reference", "tool_name": name})


def test_a_whole_conversation_stays_as_it_is():
    losses = []

    assert paired([HI, CALL, DONE], losses) == [HI, CALL, DONE]
    assert losses == []


def test_a_missing_result_gets_a_placeholder_before_what_the_user_says():
    losses = []
    _, _, user = paired([HI, CALL, HI], losses)

    assert [type(part) for part in user.parts] == [ToolResult, Text]
    assert user.parts[0].is_error and len(losses) == 1


def test_an_orphan_result_is_text_and_loses_nothing():
    losses = []
    orphan = Message("user", (ToolResult("c9", (Text("late"), reference("A"))),))
    _, user = paired([HI, orphan], losses)

    assert user.parts == orphan.parts[0].content
    assert len(losses) == 1


def test_instructions_between_a_call_and_its_result_move_behind_it():
    now = Message("system", (Text("now"),))

    assert paired([HI, CALL, now, DONE], []) == [HI, CALL, DONE, now]


def test_thinking_of_another_dialect_goes_and_is_told_once():
    """Promise 15."""
    own, other = Thinking("a", "s", dialect=CLAUDE), Thinking("b", "s", dialect=CHAT)
    losses = []
    (kept,) = drop_foreign_thinking([Message("assistant", (own, other, other))], CLAUDE, losses)

    assert kept.parts == (own,)
    assert len(losses) == 1


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (Text("a"), "a"),
        (reference("A"), "The tool A is now available."),
        (Document(text="body", name="n.txt"), "n.txt\nbody"),
        (Image("AA==", "image/png"), ""),
        (Opaque(CLAUDE, {"type": "unheard_of"}), ""),
    ],
)
def test_the_text_of_a_result(part, text):
    assert result_text(ToolResult("c1", (part,))) == text


def deferred(name):
    return Tool(name, extras={"defer_loading": True})


def names(*messages, tools):
    return [getattr(tool, "name", "hosted") for tool in offered(Request(CLAUDE, "m", messages, tools=tools))]


def test_tools_without_deferral_are_all_offered():
    tools = (Tool("a"), HostedTool(CLAUDE, "web_search_20250305", {}))

    assert offered(Request(CLAUDE, "m", (HI,), tools=tools)) == tools


def test_what_a_namespace_says_of_itself_stands_before_its_first_tool_alone():
    """Promise 22."""
    about = {"namespace": {"description": "About eyes"}}
    tools = tuple(Tool(name, "Sees", namespace="eyes", extras=about) for name in ("look", "blink"))

    found = offered(Request(DialectName.RESPONSES, "m", (HI,), tools=tools))

    assert [tool.description for tool in found] == ["[eyes: About eyes]\nSees", "Sees"]


def test_a_tool_that_was_added_in_the_middle_is_offered():
    """Promise 22."""
    added = Opaque(CLAUDE, {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "b"}})
    tools = (Tool("a"), Tool("b", extras={"defer_loading": True}))

    assert offered(Request(CLAUDE, "m", (HI, Message("user", (added,))), tools=tools)) == tools


def test_a_deferred_tool_waits_for_its_reference():
    found = Message("user", (ToolResult("c1", (reference("c"), reference("nobody"))),))

    assert names(HI, tools=(deferred("a"), Tool("b"), deferred("c"))) == ["b"]
    assert names(HI, CALL, found, tools=(deferred("a"), Tool("b"), deferred("c"))) == ["b", "c"]


def test_the_list_only_grows_at_its_end():
    """Promise 16: what was offered once stays where it was."""
    found = [Message("user", (ToolResult("c1", (reference(name),)),)) for name in ("c", "a", "c")]
    tools = (deferred("a"), Tool("b"), deferred("c"))
    lists = [names(HI, *found[:count], tools=tools) for count in range(4)]

    assert lists == [["b"], ["b", "c"], ["b", "c", "a"], ["b", "c", "a"]]


def test_a_tool_that_was_called_must_have_been_loaded():
    assert names(HI, CALL, DONE, tools=(deferred("f"), deferred("g"))) == ["f"]


def test_where_the_provider_was_to_search_all_tools_are_offered():
    search = HostedTool(CLAUDE, "tool_search_tool_regex_20251119", {})

    assert names(HI, tools=(search, deferred("a"), deferred("b"))) == ["hosted", "a", "b"]


def test_the_billing_header_is_known_by_its_beginning():
    assert is_billing(Text("x-anthropic-billing-header: cc_version=1"))
    assert not is_billing(Text("about x-anthropic-billing-header: cc_version=1"))


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ((Message("system", (Text("as JSON"),)), Message("user", (Text("hi"),))), True),
        ((Message("user", (Text("Json?"),)),), True),
        ((Message("user", (Text("hi"),)), Message("assistant", (Text("json"),))), False),
        ((), False),
    ],
)
def test_only_the_beginning_of_a_conversation_says_a_word(messages, found):
    """Promise 16: the same in every turn."""
    assert says(messages, "json") is found
