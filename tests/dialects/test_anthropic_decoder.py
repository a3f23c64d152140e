"""Anthropic streams, each fixture a provider's quirk, as events; whole answers likewise."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.errors import ErrorClass
from addons.core.events import (
    Begin,
    Cause,
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
from addons.core.model import Citation, DialectName, Opaque, Text, Thinking, ToolCall
from addons.dialects._anthropic_decode import usage_of
from addons.dialects.anthropic_messages import DIALECT

FIXTURES = {
    path.stem: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures/anthropic").glob("*.sse"))
}
CLAUDE = DialectName.ANTHROPIC
HELLO = Text("Hello, wörld \u2028 🙂")
BASH = ToolCall("toolu_1", "Bash", '{"command":"ls"}')
FULL = (
    Thinking("plan", "SIG==", dialect=CLAUDE),
    Text("I look."),
    ToolCall("toolu_1", "Bash", '{"command": "ls"}'),
)


def decode(*pieces, cause=Cause.COMPLETE):
    decoder = DIALECT.decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.finish(cause)


def answer(name):
    return fold(decode(FIXTURES[name]))


def error(name):
    events = decode(FIXTURES[name])
    assert isinstance(events[-1], Failed)
    return events[-1].error


@pytest.mark.parametrize("name", FIXTURES)
@given(data=st.data())
def test_any_split_gives_the_same_events(name, data):
    """Promise 1."""
    raw = FIXTURES[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]

    assert decode(*pieces) == decode(raw)


@pytest.mark.parametrize(
    "name",
    [
        "thinking_text_and_call",
        "without_event_names",
        "crlf_and_comments",
        "bom_and_cr",
        "missing_last_blank_line",
        "no_block_index",
    ],
)
def test_nothing_is_lost_whatever_the_framing(name):
    """Promise 9."""
    whole = answer(name)

    assert whole.parts == FULL
    assert whole.finish is FinishReason.TOOL_USE
    assert (whole.id, whole.model) == ("msg_01", "claude-sonnet-4-5")


def test_line_separators_inside_text_split_nothing():
    """Promise 10."""
    assert answer("plain_text").parts == (HELLO,)


def test_text_streams_delta_by_delta():
    kinds = [type(event) for event in decode(FIXTURES["plain_text"])]

    assert kinds == [
        Begin, UsageReport, PartOpen, Ping, PartDelta, PartDelta, PartClose, UsageReport, Finish,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("redacted_thinking", (Thinking("", "BLOB", redacted=True, dialect=CLAUDE), Text("Yes."))),
        ("thinking_without_signature", (Thinking("plan", dialect=CLAUDE), Text("Yes."))),
        ("two_calls", (BASH, ToolCall("toolu_2", "Read", '{"file_path":"a"}'))),
        ("call_without_arguments", (ToolCall("toolu_1", "ListAgents", ""),)),
        ("arguments_only_at_block_start", (BASH,)),
        ("arguments_at_block_start_and_in_deltas", (BASH,)),
        ("garbled_arguments", (ToolCall("toolu_1", "Bash", '{"command": "ls'),)),
        ("text_at_block_start", (Text("Yes."),)),
        ("unknown_events_and_deltas", (Text("Yes."),)),
        ("no_block_stop", (HELLO,)),
        ("no_message_stop", (HELLO,)),
        ("done_marker", (HELLO,)),
        ("done_marker_without_message_stop", (HELLO,)),
        ("refusal", ()),
    ],
)
def test_parts(name, parts):
    """Promises 14 and 15."""
    assert answer(name).parts == parts
    assert answer(name).error is None


def test_a_tool_of_the_provider_is_opaque_with_its_whole_input():
    search, result, text = answer("server_tool_with_citations").parts

    assert search.raw == {
        "type": "server_tool_use",
        "id": "srvtoolu_1",
        "name": "web_search",
        "input": {"query": "x"},
    }
    assert isinstance(result, Opaque) and result.raw["content"][0]["encrypted_content"] == "ENC"
    assert text == Text("Found.", citations=(Citation("https://example.com", "Example", "x"),))


def test_a_tool_of_the_provider_without_input_is_no_failure():
    whole = answer("server_tool_without_input")

    assert whole.parts[0].raw["input"] == {}
    assert whole.finish is FinishReason.PAUSE_TURN


@pytest.mark.parametrize(
    "name",
    [
        "plain_text",
        "usage_only_at_the_end",
        "cache_shares_only_at_the_start",
        "null_cache_shares_at_the_end",
    ],
)
def test_the_input_counts_cached_shares_wherever_they_are_told(name):
    usage = answer(name).usage

    assert (usage.input, usage.cache_read, usage.cache_write, usage.output) == (100, 70, 20, 9)


def test_the_tokens_of_thinking_are_a_share_of_the_output():
    told = {"input_tokens": 1, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}

    assert usage_of(told) == Usage(1, 9, reasoning=4)


@pytest.mark.parametrize("details", [None, {}])
def test_a_model_that_does_not_think_tells_no_such_share(details):
    assert usage_of({"output_tokens": 9, "output_tokens_details": details}).reasoning is None


def test_a_provider_may_count_nothing():
    assert answer("no_usage").usage == Usage()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("plain_text", FinishReason.END_TURN),
        ("thinking_text_and_call", FinishReason.TOOL_USE),
        ("garbled_arguments", FinishReason.MAX_TOKENS),
        ("stop_sequence", FinishReason.STOP_SEQUENCE),
        ("refusal", FinishReason.REFUSAL),
        ("server_tool_without_input", FinishReason.PAUSE_TURN),
        ("context_window_exceeded", FinishReason.CONTEXT_WINDOW),
        ("unknown_stop_reason", FinishReason.END_TURN),
    ],
)
def test_every_stop_reason(name, reason):
    assert answer(name).finish is reason


def test_the_stop_sequence_is_told():
    assert answer("stop_sequence").stop_sequence == "END"


@pytest.mark.parametrize(
    ("name", "cls", "message"),
    [
        ("error_first", ErrorClass.OVERLOADED, "Overloaded"),
        ("error_after_content", ErrorClass.OVERLOADED, "Overloaded"),
        ("error_of_rate", ErrorClass.RATE_LIMITED, "slow down"),
        ("bare_error_object", ErrorClass.AUTH, "no such account"),
    ],
)
def test_an_error_event_has_the_class_of_its_words(name, cls, message):
    assert (error(name).cls, error(name).message) == (cls, message)


@pytest.mark.parametrize("name", ["cut_in_the_middle", "nothing_but_the_start"])
def test_a_stream_without_a_stop_reason_is_truncated(name):
    """Promise 4."""
    assert error(name).cls is ErrorClass.TRUNCATED


@pytest.mark.parametrize("cause", [Cause.TRUNCATED, Cause.TIMEOUT])
def test_a_broken_connection_is_no_success_even_after_the_stop_reason(cause):
    """Promise 4."""
    events = decode(FIXTURES["no_message_stop"], cause=cause)

    assert isinstance(events[-1], Failed)


def test_nothing_comes_after_the_end():
    events = decode(FIXTURES["plain_text"] + FIXTURES["error_first"])

    assert events[-1] == Finish(FinishReason.END_TURN)


@pytest.mark.parametrize("name", ["malformed_event", "delta_of_no_block"])
def test_an_event_of_a_wrong_shape_fails_and_names_its_place(name):
    """Promise 11."""
    assert error(name).cls is ErrorClass.MALFORMED
    assert "at byte" in error(name).message


@given(data=st.binary(max_size=300))
def test_any_bytes_end_once_and_raise_nothing(data):
    """Promises 2 and 11."""
    events = decode(data)

    assert [event for event in events if isinstance(event, (Finish, Failed))] == [events[-1]]


WHOLE = {
    "id": "msg_01",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [
        {"type": "thinking", "thinking": "plan", "signature": "SIG=="},
        {"type": "redacted_thinking", "data": "BLOB"},
        {"type": "text", "text": "I look."},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
        {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 70, "output_tokens": 9},
}


def test_a_whole_answer_is_the_same_events():
    whole = fold(DIALECT.parse_response(WHOLE))

    assert whole.parts == (
        FULL[0],
        Thinking("", "BLOB", redacted=True, dialect=CLAUDE),
        FULL[1],
        Opaque(CLAUDE, WHOLE["content"][3]),
        BASH,
    )
    assert (whole.finish, whole.usage.input, whole.id) == (FinishReason.TOOL_USE, 100, "msg_01")


def test_a_whole_answer_that_is_an_error_is_a_failure():
    """Promise 4."""
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}

    assert fold(DIALECT.parse_response(body)).error.cls is ErrorClass.OVERLOADED


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": 5},
        {"content": [5]},
        {"content": [{"type": "tool_use"}]},
        {**WHOLE, "usage": {"input_tokens": "x"}},
    ],
)
def test_a_whole_answer_of_a_wrong_shape_is_a_failure(body):
    """Promise 11."""
    assert fold(DIALECT.parse_response(body)).error.cls is ErrorClass.MALFORMED


def test_integers_in_arguments_keep_their_digits():
    """Promise 17."""
    number = 2**70
    body = {**WHOLE, "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"n": number}}]}

    (call,) = fold(DIALECT.parse_response(jsonio.loads(jsonio.dumps(body)))).parts

    assert call.arguments == f'{{"n":{number}}}'
