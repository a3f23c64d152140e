"""Folding events into an answer and back."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.accumulate import Accumulator, Answer, fold, merge_usage, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import (
    Begin,
    Event,
    Failed,
    Finish,
    FinishReason,
    PartClose,
    PartDelta,
    PartOpen,
    Ping,
    Usage,
    UsageReport,
)
from addons.core.model import DialectName, Opaque, Text, Thinking, ToolCall

COUNTS = st.none() | st.integers(0, 10**7)
NAMES = st.none() | st.text(max_size=8)
PARTS = (
    st.builds(Text, st.text())
    | st.builds(Thinking, st.text(), NAMES, st.booleans(), NAMES, st.none() | st.sampled_from(DialectName))
    | st.builds(
        ToolCall, st.text(max_size=9), st.text(max_size=9), st.text(), st.sampled_from(["function", "custom"]), NAMES
    )
    | st.builds(Opaque, st.sampled_from(DialectName), st.dictionaries(st.text(max_size=3), st.integers()))
)
ANSWERS = st.builds(
    Answer,
    id=NAMES,
    model=NAMES,
    created=COUNTS,
    parts=st.lists(PARTS, max_size=5).map(tuple),
    usage=st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    finish=st.sampled_from(FinishReason),
    stop_sequence=NAMES,
)
FAILURE = ErrorInfo(ErrorClass.OVERLOADED, "busy", status=529)


@given(ANSWERS)
def test_what_is_unfolded_folds_into_the_same_answer(answer: Answer) -> None:
    assert fold(unfold(answer)) == answer


@given(ANSWERS)
def test_a_failed_answer_keeps_its_parts_and_its_error(answer: Answer) -> None:
    failed = replace(answer, finish=None, stop_sequence=None, error=FAILURE)

    assert fold(unfold(failed)) == failed


@given(ANSWERS)
def test_unfolded_streams_keep_the_law_of_events(answer: Answer) -> None:
    """Promise 2: one Begin first, one end last, every part opened once and closed once, deltas in between."""
    events = list(unfold(answer))

    assert isinstance(events[0], Begin)
    assert [isinstance(event, Finish | Failed) for event in events].count(True) == 1
    assert isinstance(events[-1], Finish | Failed)
    open_parts: set[int] = set()
    for event in events:
        match event:
            case PartOpen():
                open_parts.add(event.index)
            case PartDelta():
                assert event.index in open_parts
            case PartClose():
                open_parts.remove(event.index)
    assert not open_parts


@given(st.text(), st.lists(st.integers(0, 50), max_size=6))
def test_tool_arguments_are_the_exact_concatenation_of_their_deltas(arguments: str, cuts: list[int]) -> None:
    """Promise 14: also when they are not JSON."""
    bounds = [0, *sorted(cuts), len(arguments)]
    pieces = [arguments[a:b] for a, b in itertools.pairwise(bounds)]
    whole = "".join(pieces)
    events: list[Event] = [Begin(), PartOpen(0, "tool_call", id="c", name="f")]
    events += [PartDelta(0, piece) for piece in pieces]

    answer = fold([*events, PartClose(0), Finish(FinishReason.TOOL_USE)])

    assert answer.parts == (ToolCall("c", "f", whole),)


def test_parts_that_overlap_stay_apart() -> None:
    events: list[Event] = [
        Begin(),
        PartOpen(0, "tool_call", id="a", name="f"),
        PartOpen(1, "tool_call", id="b", name="g"),
    ]
    events += [PartDelta(1, "2"), PartDelta(0, "1"), PartDelta(1, "3"), PartClose(1), PartClose(0)]

    assert fold(events).parts == (ToolCall("a", "f", "1"), ToolCall("b", "g", "23"))


def test_the_last_signature_of_a_thought_counts() -> None:
    """Promise 15."""
    events = [Begin(), PartOpen(0, "thinking"), PartDelta(0, "hm", "one"), PartDelta(0, "", "two"), PartClose(0)]

    assert fold(events).parts == (Thinking("hm", "two"),)


def test_pings_leave_no_trace() -> None:
    answer = Answer(id="a", parts=(Text("x"),), finish=FinishReason.END_TURN)

    assert fold(event for original in unfold(answer) for event in (Ping(), original)) == answer


def test_a_later_usage_report_replaces_only_what_it_says() -> None:
    first, second = Usage(input=10, output=1, cache_read=4, extras={"a": 1}), Usage(output=7, extras={"b": 2})

    assert merge_usage(first, second) == Usage(input=10, output=7, cache_read=4, extras={"a": 1, "b": 2})


def test_a_reported_zero_is_a_report() -> None:
    assert merge_usage(Usage(output=5), Usage(output=0)).output == 0


def test_usage_comes_before_the_end() -> None:
    kinds = [type(event) for event in unfold(Answer(usage=Usage(input=1), finish=FinishReason.END_TURN))]

    assert kinds == [Begin, UsageReport, Finish]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_answer_so_far_can_be_looked_at_any_time(count: int) -> None:
    accumulator = Accumulator()
    for event in [PartOpen(0, "text"), *[PartDelta(0, "ab")] * count]:
        accumulator.add(event)

    assert accumulator.answer.parts == (Text("ab" * count),)
    assert accumulator.answer.finish is None
