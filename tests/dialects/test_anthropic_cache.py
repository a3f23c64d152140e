"""Marks for Anthropic's prompt cache on requests of other clients."""

import copy

import pytest

from addons.core.model import DialectName, Message, Request, Text, Tool, ToolCall, ToolChoice, ToolResult
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

MARK = {"type": "ephemeral"}
HISTORY = (
    Message("system", (Text("rules"),)),
    Message("user", (Text("first"),)),
    Message("assistant", (Text("yes"),)),
    Message("user", (Text("second"), Text("more"))),
    Message("assistant", (ToolCall("c1", "f", "{}"),)),
    Message("user", (ToolResult("c1", (Text("done"),)),)),
)
TOOLS = (Tool("e"), Tool("f"))


def render(messages=HISTORY, model="claude-opus-4-8", **members):
    request = Request(DialectName.CHAT, "alias", messages, tools=TOOLS, **members)
    return DIALECT.render_request(request, Traits.of(model), ToolNames.of(request))


def marked(body):
    blocks = [("tools", n, block) for n, block in enumerate(body["tools"])]
    blocks += [("system", n, block) for n, block in enumerate(body.get("system", ()))]
    blocks += [(n, m, block) for n, each in enumerate(body["messages"]) for m, block in enumerate(each["content"])]
    return [(where, n) for where, n, block in blocks if "cache_control" in block]


def unmarked(body):
    body = copy.deepcopy(body)
    for block in [*body["tools"], *body["system"], *(block for each in body["messages"] for block in each["content"])]:
        block.pop("cache_control", None)
    return body


def test_the_ends_of_tools_and_system_and_of_the_last_two_turns_are_marked():
    assert marked(render().body) == [("tools", 1), ("system", 0), (2, 1), (4, 0)]


def test_the_mark_of_a_turn_stands_where_the_turn_before_ended():
    shorter, longer = render(HISTORY[:4]).body, render().body

    assert shorter["messages"][-1] == longer["messages"][2]
    assert longer["messages"][2]["content"][-1]["cache_control"] == MARK


def test_without_the_marks_a_turn_begins_with_the_turn_before():
    """Promise 16, for a model with marks: they move, the content does not."""
    for end in (2, 4):
        shorter, longer = unmarked(render(HISTORY[:end]).body), unmarked(render().body)
        assert longer["messages"][: len(shorter["messages"])] == shorter["messages"]
        assert {k: v for k, v in longer.items() if k != "messages"} == {
            k: v for k, v in shorter.items() if k != "messages"
        }


@pytest.mark.parametrize(
    ("messages", "members"),
    [(HISTORY, {"tool_choice": ToolChoice("required")}), ((*HISTORY, Message("assistant", (Text("so"),))), {})],
    ids=["a wish", "go on"],
)
def test_words_of_the_router_are_not_cached(messages, members):
    """The next turn does not have them: its prefix ends before them."""
    body = render(messages, model="claude-opus-5-5", **members).body

    assert "<system-reminder>" in body["messages"][-1]["content"][-1]["text"]
    assert marked(body) == [("tools", 1), ("system", 0), (2, 1), (4, 0)]


@pytest.mark.parametrize("model", ["glm-5.1", "my-model"])
def test_who_may_not_know_marks_gets_none(model):
    assert marked(render(model=model).body) == []


@pytest.mark.parametrize(("retention", "ttl"), [("24h", {"ttl": "1h"}), ("in_memory", {}), (None, {})])
def test_the_longer_retention_asks_for_the_longer_lifetime(retention, ttl):
    rendered = render(extras={} if retention is None else {"prompt_cache_retention": retention}, cache_key="k")

    assert rendered.body["tools"][-1]["cache_control"] == {**MARK, **ttl}
    assert rendered.losses == ()
