"""Which tools are left out where a provider takes fewer than there are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.model import DialectName
from addons.core.tool_limit import limit_loss, within
from harness.fidelity import seen

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI

type Json = dict[str, Any]


def function(name: str) -> Json:
    return {"type": "function", "function": {"name": name}}


def tools(*names: str) -> list[Json]:
    return [function(name) for name in names]


def names(body: Json) -> list[str]:
    return [(tool.get("function") or tool).get("name", tool["type"]) for tool in body["tools"]]


def test_the_last_ones_go_first() -> None:
    body, left_out = within({"tools": tools("a", "b", "c")}, 2)
    assert (names(body), left_out) == (["a", "b"], ("c",))


@pytest.mark.parametrize("limit", [3, 4, None])
def test_a_body_within_the_limit_is_the_same_object(limit: int | None) -> None:
    body = {"tools": tools("a", "b", "c")}
    assert within(body, limit) == (body, ())
    assert within(body, limit)[0] is body


@pytest.mark.parametrize("body", [{}, {"tools": None}, {"tools": "x"}])
def test_a_body_without_tools_is_the_same_object(body: Json) -> None:
    assert within(body, 0)[0] is body


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "function", "function": {"name": "c"}},
        {"type": "function", "name": "c"},
        {"type": "allowed_tools", "tools": [{"type": "function", "name": "c"}]},
        {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [function("c")]}},
    ],
)
def test_one_that_is_chosen_stays_where_it_is(choice: Json) -> None:
    body, left_out = within({"tools": tools("a", "b", "c", "d"), "tool_choice": choice}, 2)
    assert (names(body), left_out) == (["a", "c"], ("b", "d"))


@pytest.mark.parametrize(
    "history",
    [
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "c", "arguments": "{}"}}]}]},
        {"input": [{"type": "function_call", "name": "c", "arguments": "{}"}]},
    ],
)
def test_one_that_was_called_stays(history: Json) -> None:
    body, left_out = within({"tools": tools("a", "b", "c"), **history}, 1)
    assert (names(body), left_out) == (["c"], ("a", "b"))


def test_a_tool_of_the_provider_is_called_by_its_type() -> None:
    given = {"tools": [*tools("a", "b"), {"type": "web_search"}], "tool_choice": {"type": "web_search"}}
    assert names(within(given, 2)[0]) == ["a", "web_search"]


@given(st.integers(0, 12), st.integers(0, 12), st.sets(st.integers(0, 11)))
def test_as_many_stay_as_there_is_room_for_and_in_their_order(size: int, limit: int, called: set[int]) -> None:
    given = [function(f"t{n:02}") for n in range(size)]
    history = [{"role": "assistant", "tool_calls": [{"function": {"name": f"t{n:02}"}} for n in called]}]
    body, left_out = within({"tools": given, "messages": history}, limit)
    kept = names(body)
    assert len(kept) == min(size, limit) and kept == sorted(kept)
    assert sorted([*kept, *left_out]) == [tool["function"]["name"] for tool in given]


def test_the_loss_names_some_of_them() -> None:
    (loss,) = limit_loss(2, ("a", "b", "c", "d", "e", "f", "g"), "gpt")
    assert (loss.path, loss.content) == ("tools", False)
    assert "7 are not offered (a, b, c, d, e, …)" in loss.why


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_a_foreign_client_with_too_many_is_told_which_are_not_offered(target: DialectName) -> None:
    offered = [{"name": f"tool_{n}", "input_schema": {"type": "object"}} for n in range(130)]
    call = {"type": "tool_use", "id": "c", "name": "tool_129", "input": {}}
    turns: list[Json] = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "done"}]},
    ]
    body = {"model": "m", "max_tokens": 9, "messages": turns, "tools": offered}
    found = seen(CLAUDE, target, body, "gpt-5.2")
    kept = names(found.body)
    assert (len(kept), kept[-2:]) == (128, ["tool_126", "tool_129"])
    assert [loss.path for loss in found.losses if "not offered" in loss.why] == ["tools"]
    assert len(names(seen(CLAUDE, target, body, "glm-5").body)) == 130


def test_others_take_any_number() -> None:
    offered = [function(f"tool_{n}") for n in range(130)]
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}], "tools": offered}
    assert len(json.dumps(seen(CHAT, CLAUDE, body, None).body["tools"]).split("tool_")) == 131
