"""Specification of the Chat Completions decoder: a provider's quirk a fixture, named for it."""

from pathlib import Path

import pytest

from addons.core.accumulate import Answer, fold
from addons.core.errors import ErrorClass
from addons.core.events import Cause, Event, FinishReason, PartClose, PartOpen
from addons.core.model import DialectName, Text, Thinking, ToolCall
from addons.dialects import DIALECTS

FIXTURES = Path(__file__).parents[1] / "fixtures" / "chat"
CHAT = DIALECTS[DialectName.CHAT]
HI = (Text("Hi"),)
BERN = ToolCall("call_a", "weather", '{"city":"Bern"}')
CHUR = ToolCall("call_b", "weather", '{"city":"Chur"}')


def events(name: str) -> list[Event]:
    decoder = CHAT.decoder()
    return [*decoder.feed((FIXTURES / f"{name}.sse").read_bytes()), *decoder.finish(Cause.COMPLETE)]


def answer(name: str) -> Answer:
    return fold(events(name))


def thought(words: str) -> Thinking:
    return Thinking(words, dialect=DialectName.CHAT)


@pytest.mark.parametrize(
    ("name", "parts", "finish"),
    [
        ("no_done_marker", HI, FinishReason.END_TURN),
        ("comments_between_events", HI, FinishReason.END_TURN),
        ("usage_in_the_last_content_chunk", HI, FinishReason.END_TURN),
        ("usage_in_every_chunk", (Text("Hi!"),), FinishReason.END_TURN),
        ("usage_after_the_finish", HI, FinishReason.END_TURN),
        ("whole_call_in_one_chunk", (BERN,), FinishReason.TOOL_USE),
        ("call_without_an_id", (ToolCall("call_0", "weather", '{"city":"Bern"}'),), FinishReason.TOOL_USE),
        ("call_without_an_index", (BERN,), FinishReason.TOOL_USE),
        ("name_in_every_piece", (BERN,), FinishReason.TOOL_USE),
        ("null_arguments", (ToolCall("call_a", "now", ""),), FinishReason.TOOL_USE),
        ("two_calls_in_one_chunk", (BERN, CHUR), FinishReason.TOOL_USE),
        ("interleaved_calls", (BERN, CHUR), FinishReason.TOOL_USE),
        ("calls_that_end_with_stop", (BERN,), FinishReason.TOOL_USE),
        ("garbled_arguments", (ToolCall("call_a", "weather", '{"city":'),), FinishReason.TOOL_USE),
        ("legacy_function_call", (ToolCall("weather", "weather", '{"city":"Bern"}'),), FinishReason.TOOL_USE),
        ("reasoning_content", (thought("let me see"), *HI), FinishReason.END_TURN),
        ("reasoning", (thought("let me see"), *HI), FinishReason.END_TURN),
        ("reasoning_between_texts", (Text("One. "), thought("hm"), Text("Two.")), FinishReason.END_TURN),
        ("refusal", (Text("I will not."),), FinishReason.END_TURN),
        ("content_filter", (Text("Hal"),), FinishReason.REFUSAL),
        ("cut_by_length", (Text("Hal"),), FinishReason.MAX_TOKENS),
        ("null_delta_and_null_choices", HI, FinishReason.END_TURN),
        ("filter_results_first", HI, FinishReason.END_TURN),
        ("crlf_line_ends", HI, FinishReason.END_TURN),
        ("line_separator_inside_a_string", (Text("a\u2028b\u2029c\u0085d"),), FinishReason.END_TURN),
        ("missing_last_blank_line", HI, FinishReason.END_TURN),
        ("second_choice_is_ignored", HI, FinishReason.END_TURN),
    ],
)
def test_a_quirk_loses_nothing(name: str, parts: tuple[object, ...], finish: FinishReason) -> None:
    """Promises 9, 10 and 14."""
    found = answer(name)
    assert (found.parts, found.finish, found.error) == (parts, finish, None)


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("error_first", ErrorClass.RATE_LIMITED),
        ("error_after_content", ErrorClass.TEMPORARY),
        ("error_as_finish", ErrorClass.TEMPORARY),
        ("cut_in_the_middle", ErrorClass.TRUNCATED),
        ("nothing_but_the_role", ErrorClass.TRUNCATED),
        ("malformed_event", ErrorClass.MALFORMED),
    ],
)
def test_what_is_no_answer_is_a_classified_failure(name: str, cls: ErrorClass) -> None:
    """Promises 4 and 11."""
    error = answer(name).error
    assert error is not None and error.cls is cls


@pytest.mark.parametrize("name", ["usage_in_the_last_content_chunk", "usage_in_every_chunk", "usage_after_the_finish"])
def test_usage_is_read_wherever_it_stands(name: str) -> None:
    usage = answer(name).usage
    assert (usage.input, usage.output) == (9, 4)


def test_cached_and_reasoning_shares() -> None:
    usage = answer("cached_and_reasoning_tokens").usage
    assert (usage.cache_read, usage.reasoning) == (5, 2)
    assert answer("cached_tokens_of_deepseek").usage.cache_read == 5


def test_calls_do_not_overlap_unless_the_provider_interleaves_them() -> None:
    def shape(name: str) -> list[tuple[str, int]]:
        return [
            (type(event).__name__, event.index) for event in events(name) if isinstance(event, (PartOpen, PartClose))
        ]

    apart = [("PartOpen", 0), ("PartClose", 0), ("PartOpen", 1), ("PartClose", 1)]
    assert shape("two_calls_in_one_chunk") == apart
    assert shape("interleaved_calls")[:2] == [("PartOpen", 0), ("PartOpen", 1)]


def test_the_offset_of_a_malformed_event_is_told() -> None:
    """Promise 11."""
    error = answer("malformed_event").error
    assert error is not None and "at byte" in error.message
