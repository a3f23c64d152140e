"""Specification of addons/search/loop.py: several rounds are one lawful answer."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.accumulate import Answer, AnswerPart, fold, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Event, Failed, Finish, FinishReason, PartOpen, Usage
from addons.core.model import (
    Citation,
    DialectName,
    HostedTool,
    Message,
    Request,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.core.traits import Traits
from addons.dialects.base import Lawful
from addons.search.lookups import Looked, Lookup
from addons.search.loop import MAX_ROUNDS, Loop
from addons.search.offer import taken
from addons.search.service import Result

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
TOOL = HostedTool(CLAUDE, "web_search_20250305", {"type": "web_search_20250305", "name": "web_search"})
CALL = ToolCall("c1", "web_search", '{"query": "q"}')
OWN = ToolCall("c2", "Bash", "{}")
DONE = Answer("m", parts=(Text("done"),), usage=Usage(5, 2), finish=FinishReason.END_TURN)


def loop(choice: ToolChoice | None = None) -> Loop:
    request = Request(CLAUDE, "m", (Message("user", (Text("hi"),)),), tools=(TOOL,), tool_choice=choice)
    found = taken(request, CHAT, Traits.of("m"))
    assert found is not None
    return Loop(found)


def said(*parts: AnswerPart, finish: FinishReason = FinishReason.TOOL_USE) -> Answer:
    return Answer("m", parts=parts, usage=Usage(10, 3), finish=finish)


def looked(lookup: Lookup) -> Looked:
    if lookup.error is not None:
        return Looked(lookup, error=lookup.error)
    return Looked(lookup, (Result("T", "https://t.example/", "text"),))


def events(it: Loop, *answers: Answer) -> Iterator[Event]:
    """What the client sees of the rounds; the last one is repeated."""
    rounds = list(answers)
    while True:
        answer = rounds.pop(0) if len(rounds) > 1 else rounds[0]
        for event in unfold(answer):
            yield from it.feed(event)
        if not it.waiting:
            return
        yield from it.tell([looked(lookup) for lookup in it.waiting])
        if it.request is None:
            return


def is_lawful(found: list[Event]) -> bool:
    indexes = [event.index for event in found if isinstance(event, PartOpen)]
    return list(Lawful().feed(found)) == found and indexes == list(range(len(indexes)))


PARTS: st.SearchStrategy[AnswerPart] = st.sampled_from(
    [
        Text("a"),
        Text(""),
        Thinking("t", dialect=CHAT),
        CALL,
        ToolCall("c1", "web_search", "no json"),
        OWN,
        ToolCall("c3", "web_search", '{"query": "other"}'),
    ]
)
ROUNDS = st.lists(
    st.builds(
        lambda parts, finish: said(*parts, finish=finish), st.lists(PARTS, max_size=4), st.sampled_from(FinishReason)
    ),
    min_size=1,
    max_size=12,
)


@given(ROUNDS)
def test_any_rounds_are_one_lawful_answer(rounds: list[Answer]) -> None:
    """Promise 2."""
    found = list(events(loop(), *rounds))
    assert is_lawful(found) and isinstance(found[-1], Finish)


@given(ROUNDS, st.sampled_from([*ErrorClass]))
def test_a_failure_in_any_round_ends_the_answer(rounds: list[Answer], cls: ErrorClass) -> None:
    """Promise 2."""
    failed = Answer("m", error=ErrorInfo(cls, "no"))
    searching = [said(*each.parts, CALL) for each in rounds[:6] if OWN not in each.parts]
    found = list(events(loop(), *searching, failed))
    assert is_lawful(found) and isinstance(found[-1], Failed)


@given(ROUNDS)
def test_every_call_has_its_result_in_the_next_request(rounds: list[Answer]) -> None:
    it = loop()
    list(events(it, *rounds))
    messages = it._asked.messages
    for call_message, result_message in zip(messages[1::2], messages[2::2], strict=False):
        calls = [part.id for part in call_message.parts if isinstance(part, ToolCall)]
        assert calls == [part.call_id for part in result_message.parts if isinstance(part, ToolResult)]
    ids = [part.id for message in messages for part in message.parts if isinstance(part, ToolCall)]
    assert len(ids) == len(set(ids))


def test_usage_is_added_up() -> None:
    answer = fold(events(loop(), said(CALL), said(CALL), DONE))
    assert (answer.usage.input, answer.usage.output) == (25, 8)
    assert answer.usage.extras["server_tool_use"]["web_search_requests"] == 2


def test_a_call_that_was_cut_off_is_not_run() -> None:
    it = loop()
    answer = fold(events(it, said(ToolCall("c1", "web_search", '{"que'), finish=FinishReason.MAX_TOKENS)))
    assert answer.finish is FinishReason.MAX_TOKENS and it.waiting == ()


@pytest.mark.parametrize("choice", [ToolChoice("required"), ToolChoice("tool", "web_search")])
def test_what_is_forced_is_forced_in_the_first_round_alone(choice: ToolChoice) -> None:
    it = loop(choice)
    assert it.request is not None and it.request.tool_choice == choice
    list(events(it, said(CALL), DONE))
    assert it.request.tool_choice is None


def test_in_the_last_round_nothing_may_be_called() -> None:
    it = loop()
    rounds = 0
    for event in events(it, said(CALL)):
        rounds += isinstance(event, PartOpen)
    assert it._round == MAX_ROUNDS and it._asked.tool_choice == ToolChoice("none")


def test_ids_of_different_conversations_differ() -> None:
    """A client keeps them beside each other."""
    first = [each.raw["id"] for each in fold(events(loop(), said(CALL), DONE)).parts[:1]]  # type: ignore[union-attr]
    again = [each.raw["id"] for each in fold(events(loop(), said(CALL), DONE)).parts[:1]]  # type: ignore[union-attr]
    other = Answer("another", parts=(CALL,), finish=FinishReason.TOOL_USE)
    third = [each.raw["id"] for each in fold(events(loop(), other, DONE)).parts[:1]]  # type: ignore[union-attr]
    assert first == again != third


def test_the_thinking_of_a_round_goes_back_with_its_call() -> None:
    it = loop()
    list(events(it, said(Thinking("why", "sig", dialect=CHAT), CALL), DONE))
    (_, assistant, _) = it._asked.messages
    assert assistant.parts == (Thinking("why", "sig", dialect=CHAT), CALL)


def test_the_query_is_what_the_model_says() -> None:
    it = loop()
    for event in unfold(said(CALL)):
        list(it.feed(event))
    (lookup,) = it.waiting
    assert (lookup.wanted, json.dumps(dict(lookup.arguments))) == ("q", '{"query": "q"}')


def test_a_source_is_of_the_text_that_it_stands_behind() -> None:
    """The parts of all rounds are numbered through."""
    page = Citation("https://t.example/", "T")
    answer = Answer("m", parts=(Text("done", citations=(page,)),), finish=FinishReason.END_TURN)
    shown = fold(events(loop(), said(Text("I look."), CALL), answer))
    assert [part.citations for part in shown.parts if isinstance(part, Text)] == [(), (page,)]


@pytest.mark.parametrize("client", [CLAUDE, DialectName.RESPONSES])
def test_how_often_it_searched_is_told_where_there_is_a_place_for_it(client: DialectName) -> None:
    """Others would be told of a loss that is none: they see the searches themselves."""
    tool = TOOL if client is CLAUDE else HostedTool(client, "web_search", {"type": "web_search"})
    found = taken(Request(client, "m", (Message("user", (Text("hi"),)),), tools=(tool,)), CHAT, Traits.of("m"))
    assert found is not None
    usage = fold(events(Loop(found), said(CALL), DONE)).usage
    assert ("server_tool_use" in usage.extras) is (client is CLAUDE)
