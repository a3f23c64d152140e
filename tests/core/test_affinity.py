"""Specification of addons/core/affinity.py."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.affinity import BEGINNINGS, Bindings, Keys, chain, keys, named
from addons.core.model import (
    DialectName,
    Document,
    Image,
    Message,
    Opaque,
    Part,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)
from addons.dialects import DIALECTS

CLAUDE, CHAT, RESPONSES, GEMINI = (
    DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES, DialectName.GEMINI,
)  # fmt: skip
SESSION = "f874f1a8-442d-4a4c-93f2-6abc2524391e"


def unasked() -> Request:
    raise AssertionError("the conversation has a name: its words are not needed")


def system(text: str) -> Message:
    return Message("system", (Text(text),))


def user(*parts: Part | str) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def model(*parts: Part | str) -> Message:
    return replace(user(*parts), role="assistant")


def talk(*messages: Message) -> Request:
    return Request(CHAT, "m", messages)


def told(*messages: Message, scope: str = "fast") -> Keys:
    return keys(scope, {}, {}, lambda: talk(*messages))


# names that clients give


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-claude-code-session-id": SESSION}, {}),
        ({"session-id": SESSION}, {}),
        ({"session_id": SESSION}, {}),
        ({"thread-id": SESSION}, {}),
        ({"x-amp-thread-id": SESSION}, {}),
        ({"x-session-id": SESSION}, {}),
        ({"x-session-affinity": SESSION}, {}),
        ({}, {"prompt_cache_key": SESSION}),
        ({}, {"client_metadata": {"thread_id": SESSION, "session_id": "wider"}}),
        ({}, {"client_metadata": {"session_id": SESSION}}),
        ({}, {"conversation": SESSION}),
        ({}, {"conversation": {"id": SESSION}}),
        ({}, {"session_id": SESSION}),
        ({}, {"metadata": {"user_id": json.dumps({"device_id": "d", "account_uuid": "", "session_id": SESSION})}}),
        ({}, {"metadata": {"user_id": f"user_0123abcd_account__session_{SESSION}"}}),
    ],
)
def test_a_client_names_its_conversation(headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
    assert named(headers, body) == SESSION
    found = keys("fast", headers, body, unasked)
    assert found.seek == found.hold == keys("fast", {"thread-id": SESSION}, {}, unasked).hold


def test_a_thread_is_narrower_than_the_session_that_it_belongs_to() -> None:
    assert named({"session-id": "s", "thread-id": "t", "x-client-request-id": "r"}, {"prompt_cache_key": "k"}) == "t"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {}),
        ({"session-id": " "}, {"prompt_cache_key": ""}),
        ({"x-client-request-id": "one-request"}, {"user": "somebody"}),
        ({}, {"metadata": {"user_id": "somebody"}, "client_metadata": "text", "conversation": {"id": 7}}),
        ({}, {"metadata": ["user_id"], "prompt_cache_key": 5, "session_id": None}),
    ],
)
def test_what_names_no_conversation_is_no_name(headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
    assert named(headers, body) is None


def test_without_a_name_and_without_words_there_is_no_key() -> None:
    assert keys("fast", {}, {}) == Keys()


def test_two_aliases_share_no_key() -> None:
    one, two = (keys(scope, {"thread-id": "t"}, {}) for scope in ("fast", "deep"))
    assert one.hold[0].startswith("fast:") and not set(one.hold) & set(two.hold)


def test_a_key_does_not_tell_what_it_is_made_of() -> None:
    assert SESSION not in keys("fast", {"thread-id": SESSION}, {}).hold[0]


# conversations known by their words

FIRST = (system("be brief"), user("hello"))
SECOND = (*FIRST, model("hi"), user("list the files"))
THIRD = (*SECOND, model(ToolCall("c1", "ls", "{}")), user(ToolResult("c1", (Text("a.py"),)), ToolResult("c2", ())))


@pytest.mark.parametrize(("before", "after"), [(FIRST, SECOND), (SECOND, THIRD), (FIRST, THIRD)])
def test_a_turn_finds_the_turn_before_it(before: tuple[Message, ...], after: tuple[Message, ...]) -> None:
    assert told(*before).hold[0] in told(*after).seek


def test_a_turn_is_held_by_all_of_its_words_and_sought_by_its_beginnings_the_longest_first() -> None:
    found = told(*THIRD)
    assert found.hold == found.seek[:1]
    assert found.seek[2] == told(*SECOND).hold[0]
    assert found.seek[-1] == told(*FIRST).hold[0]


def test_a_first_turn_is_held_but_not_sought() -> None:
    """Two users who begin alike, with the same application, are still balanced."""
    found = told(*FIRST)
    assert (len(found.hold), found.seek) == (1, ())


def test_examples_in_front_of_every_request_of_an_application_bind_nothing() -> None:
    examples = (system("classify"), user("good"), model("+"))
    assert not set(told(*examples, user("bad")).seek) & set(told(*examples, user("fine")).hold)


def test_instructions_alone_are_no_conversation() -> None:
    assert chain(talk(system("be brief"))) == chain(talk()) == ()
    assert len(chain(talk(system("be brief"), replace(system("be kind"), role="developer"), user("hello")))) == 1


def test_the_instructions_belong_to_the_conversation() -> None:
    assert told(*FIRST).hold != told(system("be thorough"), user("hello")).hold


def test_only_the_last_beginnings_of_a_long_conversation_are_sought() -> None:
    turns = tuple(each for n in range(100) for each in (user(f"{n}?"), model(f"{n}!")))
    found = chain(talk(*turns))
    assert len(found) == len(set(found)) == BEGINNINGS
    assert found[1:] == chain(talk(*turns[:-1]))[:-1]


@pytest.mark.parametrize(
    "twin",
    [
        (FIRST[0], user(Text("hello", {"cache_control": {"type": "ephemeral"}})), *THIRD[2:]),
        (*THIRD[:2], model(Thinking("hm", "sig", dialect=CLAUDE), "hi"), *THIRD[3:]),
        (*THIRD[:3], model(Thinking("nothing else")), *THIRD[3:]),
        (
            *THIRD[:4],
            model(ToolCall("other", "ls", "{}")),
            user(ToolResult("other", (Text("a.py"),)), THIRD[5].parts[1]),
        ),
        (system("be brief"), replace(THIRD[1], extras={"name": "x"}), *THIRD[2:]),
        (Message("system", (Text("x-anthropic-billing-header: v2"), Text("be brief"))), *THIRD[1:]),
    ],
    ids=["cache-mark", "reasoning", "only-reasoning", "call-ids", "extras", "billing"],
)
def test_what_differs_from_turn_to_turn_is_left_out(twin: tuple[Message, ...]) -> None:
    assert chain(talk(*twin)) == chain(talk(*THIRD))


def test_tools_that_are_loaded_on_the_way_change_nothing() -> None:
    assert chain(replace(talk(*THIRD), tools=(Tool("new"),))) == chain(talk(*THIRD))


DIFFERENT: list[tuple[Message, ...]] = [
    (user("ab", "c"),),
    (user("a", "bc"),),
    (user("abc"),),
    (user("ab"), user("c")),
    (model("abc"),),
    (
        user(
            ToolResult("x", (Text("abc"),)),
        ),
    ),
    (user(ToolResult("x", ()), "abc"),),
    (user(Image(data="abc")),),
    (user(Image(data="abd")),),
    (user(Document(url="http://abc")),),
    (user(Opaque(CLAUDE, {"type": "abc"})),),
    (model(ToolCall("i", "ab", "c")), user("abc")),
    (user("\udc80 a lone surrogate"),),
]


def test_conversations_that_differ_have_different_hashes() -> None:
    assert len({chain(talk(*messages))[0] for messages in DIFFERENT}) == len(DIFFERENT)


BODIES: dict[DialectName, tuple[dict[str, Any], dict[str, Any]]] = {
    CLAUDE: (
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]},
        {
            "model": "m",
            "max_tokens": 9,
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "hello"}]},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "ls", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "a.py"}]},
            ],
        },
    ),
    CHAT: (
        {"model": "m", "messages": [{"role": "user", "content": "hello"}]},
        {
            "model": "m",
            "messages": [
                {"role": "user", "content": "hello"},
                {"role": "assistant", "content": "hi"},
                {"role": "user", "content": "more"},
            ],
        },
    ),
    RESPONSES: (
        {"model": "m", "instructions": "brief", "input": "hello"},
        {
            "model": "m",
            "instructions": "brief",
            "input": [
                {"role": "user", "content": "hello"},
                {"type": "function_call", "call_id": "c", "name": "ls", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "a.py"},
            ],
        },
    ),
    GEMINI: (
        {"model": "m", "contents": [{"role": "user", "parts": [{"text": "hello"}]}]},
        {
            "model": "m",
            "contents": [
                {"role": "user", "parts": [{"text": "hello"}]},
                {"role": "model", "parts": [{"text": "hi"}]},
                {"role": "user", "parts": [{"text": "more"}]},
            ],
        },
    ),
}


@pytest.mark.parametrize("dialect", BODIES)
def test_the_second_turn_finds_the_first_in_every_dialect(dialect: DialectName) -> None:
    first, second = (DIALECTS[dialect].parse_request(body) for body in BODIES[dialect])
    held, sought = keys("a", {}, {}, lambda: first), keys("a", {}, {}, lambda: second)
    assert set(held.hold) <= set(sought.seek)


@given(st.lists(st.sampled_from([user("a"), user("b"), model("a"), model("b", "c")]), min_size=1, max_size=30))
def test_the_longest_common_beginning_wins(messages: list[Message]) -> None:
    found = chain(talk(*messages))
    for length in range(max(1, len(messages) - BEGINNINGS + 1), len(messages) + 1):
        assert found[len(messages) - length] == chain(talk(*messages[:length]))[0]


# bindings


def test_a_conversation_stays_with_its_target_until_its_time_is_over() -> None:
    bound = Bindings()
    bound.bind(("k",), "p/a", now=100.0, ttl=60.0)
    assert bound.find(("k",), 159.9) == "p/a"
    assert bound.find(("k",), 160.0) is None
    assert len(bound) == 0


def test_each_success_renews_the_binding_and_may_move_it() -> None:
    bound = Bindings()
    bound.bind(("k",), "p/a", 0.0, 60.0)
    bound.bind(("k",), "p/b", 50.0, 60.0)
    assert bound.find(("k",), 100.0) == "p/b"


def test_finding_does_not_renew() -> None:
    bound = Bindings()
    bound.bind(("k",), "p/a", 0.0, 60.0)
    assert [bound.find(("k",), now) for now in (30.0, 59.0, 61.0)] == ["p/a", "p/a", None]


def test_the_first_key_that_is_bound_decides() -> None:
    bound = Bindings()
    bound.bind(("short",), "p/a", 0.0)
    bound.bind(("long",), "p/b", 0.0)
    assert bound.find(("longest", "long", "short"), 1.0) == "p/b"
    assert bound.find(("longest",), 1.0) is None


def test_an_expired_key_hides_no_shorter_one() -> None:
    bound = Bindings()
    bound.bind(("long",), "p/a", 0.0, 5.0)
    bound.bind(("short",), "p/b", 0.0, 60.0)
    assert bound.find(("long", "short"), 10.0) == "p/b"


def test_the_longest_unused_goes_first_when_there_are_too_many() -> None:
    bound = Bindings(cap=3)
    for key in "abc":
        bound.bind((key,), key, 0.0)
    bound.find(("a",), 1.0)
    bound.bind(("d",), "d", 2.0)
    assert len(bound) == 3
    assert [bound.find((key,), 3.0) for key in "abcd"] == ["a", None, "c", "d"]


def test_what_is_forgotten_is_found_no_more() -> None:
    bound = Bindings()
    bound.bind(("k", "l"), "p/a", 0.0)
    bound.forget(("k", "unknown"))
    assert [bound.find((key,), 1.0) for key in "kl"] == [None, "p/a"]


def test_what_is_bound_can_be_told_to_others_while_it_lasts() -> None:
    bound = Bindings()
    bound.bind(("k",), "p/a", 0.0, 10.0)
    bound.bind(("l",), "p/b", 0.0, 20.0)
    assert list(bound.items(9.0)) == [("k", "p/a", 10.0), ("l", "p/b", 20.0)]
    assert list(bound.items(10.0)) == [("l", "p/b", 20.0)]


def test_a_conversation_and_its_branches_each_keep_their_target() -> None:
    bound = Bindings()
    bound.bind(told(*FIRST).hold, "p/a", 0.0)
    bound.bind(told(*SECOND).hold, "p/b", 1.0)
    other = (*FIRST, model("hi"), user("something else"))
    assert bound.find(told(*THIRD).seek, 2.0) == "p/b"
    assert bound.find(told(*other).seek, 2.0) == "p/a"
