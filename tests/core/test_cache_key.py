"""A cache key that every turn of a conversation shares, and no other conversation."""

import pytest

from addons.core.cache_key import stable_key, takes_key
from addons.core.model import DialectName, HostedTool, Message, Request, Text, Tool, ToolCall, ToolResult
from addons.core.traits import Traits

SYSTEM = Message("system", (Text("be brief"),))
USER = Message("user", (Text("hi"),))


def key(*messages, tools=()):
    return stable_key(Request(DialectName.ANTHROPIC, "m", messages, tools=tools))


def test_later_turns_share_the_key():
    turn = Message("assistant", (ToolCall("1", "f", "{}"),)), Message("user", (ToolResult("1", (Text("ok"),)),))

    assert key(SYSTEM, USER) == key(SYSTEM, USER, *turn, SYSTEM, Message("user", (Text("more"),)))


@pytest.mark.parametrize(
    "messages",
    [(SYSTEM, Message("user", (Text("ho"),))), (Message("system", (Text("be long"),)), USER), (USER,)],
    ids=["another first message", "another system text", "no system text"],
)
def test_another_conversation_has_another_key(messages):
    assert key(*messages) != key(SYSTEM, USER)


def test_the_names_of_the_tools_count_but_not_their_order():
    f, g = Tool("f"), Tool("g", namespace="n")

    assert key(USER, tools=(f, g)) == key(USER, tools=(g, f))
    assert key(USER, tools=(f, g)) != key(USER, tools=(f, Tool("g")))


def test_tools_that_were_loaded_on_the_way_do_not_count():
    loaded = Tool("g", extras={"defer_loading": True}), Tool("h", extras={"offered": "input[3]"})
    hosted = HostedTool(DialectName.ANTHROPIC, "web_search", {})

    assert key(USER, tools=(Tool("f"),)) == key(USER, tools=(Tool("f"), *loaded, hosted))


def test_the_version_of_the_client_does_not_count():
    billing = Message("system", (Text("x-anthropic-billing-header: cc_version=1"), Text("be brief")))

    assert key(billing, USER) == key(SYSTEM, USER)


def test_the_first_message_with_words_is_the_first():
    assert key(Message("user", ()), USER) == key(USER)


def test_any_text_has_a_key_of_a_legal_length():
    assert len(key(Message("user", (Text("\ud83d" * 100),)))) <= 64
    assert key() == key()


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("gpt-5.5", True),
        ("openai/gpt-6-sol", True),
        ("o3", True),
        ("codex-mini-latest", True),
        ("gpt-4.1", True),
        ("gpt-oss-120b", False),
        ("grok-4", False),
        ("glm-5.1", False),
        ("claude-opus-5-5", False),
        ("my-model", False),
    ],
)
def test_only_openais_own_models_take_a_key(model, takes):
    assert takes_key(Traits.of(model)) is takes
