"""Responses streams, each fixture a provider's quirk, as events."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.errors import ErrorClass
from addons.core.events import Begin, Cause, Failed, Finish, FinishReason, PartClose, PartDelta, PartOpen, Ping
from addons.core.model import DialectName, Opaque, Text, Thinking, ToolCall
from addons.core.sse import SseEvent, SseParser
from addons.dialects.base import Look
from addons.dialects.openai_responses import DIALECT

FIXTURES = {
    path.stem: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures/responses").glob("*.sse"))
}
HELLO = "Hello, wörld \u2028 done"
FULL = (
    Thinking("**Plan**\n\nThen act", "ENC", id="rs_1", dialect=DialectName.RESPONSES),
    Text(HELLO),
    ToolCall("call_1", "exec_command", '{"cmd":"ls"}'),
)
SHELL = FULL[2]
EXEC = ToolCall("call_9", "exec", "const r = 1;", "custom", "functions")


def decode(*pieces, cause=Cause.COMPLETE):
    decoder = DIALECT.decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.finish(cause)


def sse(*bodies):
    return b"".join(b"data: " + jsonio.dumps(body) + b"\n\n" for body in bodies)


def check_law(events):
    """The law of addons.core.events."""
    opened, closed = [], []
    for event in events:
        match event:
            case PartOpen():
                assert event.index == len(opened)
                opened.append(event.index)
            case PartDelta():
                assert event.index in opened
                assert event.index not in closed
            case PartClose():
                assert event.index not in closed
                closed.append(event.index)
    assert [type(event) for event in events if isinstance(event, (Finish, Failed))] == [type(events[-1])]
    assert sorted(closed) == opened
    assert isinstance(events[0], Begin | Failed)


@pytest.mark.parametrize(
    "name",
    [
        "reasoning_text_and_call",
        "without_event_names",
        "crlf_and_comments",
        "everything_only_in_item_done",
        "everything_only_in_completed",
        "completed_without_output",
        "no_item_added",
        "no_output_index",
        "output_index_always_zero",
    ],
)
def test_nothing_is_lost_and_nothing_repeated(name):
    answer = fold(decode(FIXTURES[name]))

    assert answer.parts == FULL
    assert answer.finish is FinishReason.TOOL_USE
    assert (answer.id, answer.model, answer.created) == ("resp_1", "gpt-5.5", 1700000000)
    assert (answer.usage.input, answer.usage.cache_read, answer.usage.output, answer.usage.reasoning) == (12, 4, 9, 3)


def test_ids_may_change_in_every_event():
    """Seen at GitHub Copilot: only `output_index` and `call_id` can be relied on."""
    thinking, *others = fold(decode(FIXTURES["ids_change_in_every_event"])).parts

    assert (thinking.text, thinking.signature) == (FULL[0].text, "ENC")
    assert tuple(others) == FULL[1:]


@pytest.mark.parametrize(
    ("name", "parts", "finish"),
    [
        ("text_only_in_done_event", (Text(HELLO),), FinishReason.END_TURN),
        ("arguments_only_in_done_event", (SHELL,), FinishReason.TOOL_USE),
        ("name_only_in_item_done", (SHELL,), FinishReason.TOOL_USE),
        ("custom_call", (EXEC,), FinishReason.TOOL_USE),
        ("custom_call_only_in_item_done", (EXEC,), FinishReason.TOOL_USE),
        ("interleaved_calls", (SHELL, ToolCall("call_2", "wait", '{"n":1}')), FinishReason.TOOL_USE),
        ("refusal", (Text("I cannot."),), FinishReason.REFUSAL),
        ("two_contents_in_a_message", (Text("one"), Text("two")), FinishReason.END_TURN),
        ("incomplete_max_tokens", (Text("cut"),), FinishReason.MAX_TOKENS),
        ("incomplete_content_filter", (Text("x"),), FinishReason.REFUSAL),
        ("completed_event_says_incomplete", (Text("cut"),), FinishReason.MAX_TOKENS),
        ("done_marker_after_completed", (Text("x"),), FinishReason.END_TURN),
        ("missing_last_blank_line", (Text("x"),), FinishReason.END_TURN),
    ],
)
def test_what_a_stream_amounts_to(name, parts, finish):
    answer = fold(decode(FIXTURES[name]))

    assert (answer.parts, answer.finish) == (parts, finish)


def test_a_namespaced_call_keeps_its_namespace():
    (call,) = fold(decode(FIXTURES["namespaced_call"])).parts

    assert (call.name, call.namespace) == ("close_agent", "multi_agent_v1")


def test_reasoning_in_plain_text_is_thinking():
    thinking, text = fold(decode(FIXTURES["reasoning_text"])).parts

    assert (thinking.text, text.text) == ("hmm", "ok")


def test_reasoning_that_nobody_finished_still_gets_its_signature():
    parts = fold(decode(FIXTURES["no_item_done"])).parts

    assert "".join(part.text for part in parts if isinstance(part, Thinking)) == "**Plan**\n\nThen act"
    assert [part.signature for part in parts if isinstance(part, Thinking)][-1] == "ENC"
    assert parts[1:3] == FULL[1:]


@pytest.mark.parametrize(
    ("name", "kind"), [("hosted_search_is_opaque", "web_search_call"), ("compaction_item", "compaction")]
)
def test_items_without_a_canonical_form_are_opaque_once(name, kind):
    found = [part for part in fold(decode(FIXTURES[name])).parts if isinstance(part, Opaque)]

    assert [part.raw["type"] for part in found] == [kind]


def test_keepalives_are_pings():
    assert Ping() in decode(FIXTURES["keepalives"])


@pytest.mark.parametrize(
    ("name", "cls", "status"),
    [
        ("failed_rate_limit", ErrorClass.RATE_LIMITED, 429),
        ("failed_without_a_reason", ErrorClass.TEMPORARY, 500),
        ("error_event_flat", ErrorClass.OVERLOADED, 529),
        ("error_event_nested", ErrorClass.CONTEXT, 400),
        ("bare_error_object", ErrorClass.AUTH, 401),
        ("cut_in_the_middle", ErrorClass.TRUNCATED, 502),
        ("done_marker_without_completed", ErrorClass.TRUNCATED, 502),
        ("malformed_event", ErrorClass.MALFORMED, 502),
    ],
)
def test_how_a_stream_fails(name, cls, status):
    """Promises 4 and 11."""
    last = decode(FIXTURES[name])[-1]

    assert isinstance(last, Failed)
    assert (last.error.cls, last.error.status) == (cls, status)


def test_an_invalid_prompt_is_the_clients_fault():
    error = {"code": "invalid_prompt", "message": "no"}

    (failed,) = decode(sse({"type": "response.failed", "response": {"error": error}}))[-1:]

    assert (failed.error.cls, failed.error.status) == (ErrorClass.INVALID_REQUEST, 400)


def test_a_call_that_never_gets_a_name_is_malformed():
    delta = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{}"}

    last = decode(sse(delta, {"type": "response.completed", "response": {}}))[-1]

    assert isinstance(last, Failed)
    assert last.error.cls is ErrorClass.MALFORMED


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("name", FIXTURES)
def test_every_stream_keeps_the_law(name, cause):
    """Promise 2."""
    check_law(decode(FIXTURES[name], cause=cause))


@pytest.mark.parametrize("name", FIXTURES)
def test_one_byte_at_a_time_gives_the_same_events(name):
    """Promise 1."""
    data = FIXTURES[name]

    assert decode(*(data[n : n + 1] for n in range(len(data)))) == decode(data)


@given(st.sampled_from(sorted(FIXTURES)), st.data())
def test_any_split_gives_the_same_events(name, draw):
    """Promise 1."""
    data = FIXTURES[name]
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    assert decode(*pieces) == decode(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "text"]), inner),
    max_leaves=5,
)
TYPES = st.sampled_from(
    [
        "response.created",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.output_text.done",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
        "response.custom_tool_call_input.done",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "error",
    ]
)
ITEMS = st.fixed_dictionaries(
    {"type": st.sampled_from(["message", "reasoning", "function_call", "custom_tool_call", "web_search_call"])},
    optional={
        name: st.text(max_size=3) | VALUES
        for name in ("id", "call_id", "name", "namespace", "arguments", "input", "content", "summary")
    },
)
BODIES = st.fixed_dictionaries(
    {"type": TYPES},
    optional={
        "item": ITEMS | VALUES,
        "output_index": st.integers(0, 2) | VALUES,
        "item_id": st.text(max_size=1) | VALUES,
        "delta": st.text(max_size=3) | VALUES,
        "text": st.text(max_size=3) | VALUES,
        "input": VALUES,
        "content_index": st.integers(0, 1) | VALUES,
        "error": VALUES,
        "response": st.fixed_dictionaries(
            {}, optional={"output": st.lists(ITEMS), "usage": VALUES, "created_at": VALUES, "error": VALUES}
        )
        | VALUES,
    },
)


@given(st.lists(BODIES, max_size=8))
def test_any_events_end_in_exactly_one_terminal_event(bodies):
    """Promise 2."""
    check_law(decode(sse(*bodies)))


@given(st.lists(BODIES, max_size=4))
def test_any_event_can_be_peeked_at(bodies):
    for body in bodies:
        DIALECT.peek(SseEvent("", jsonio.dumps(body)))


@given(st.binary(max_size=200))
def test_any_bytes_end_in_exactly_one_terminal_event(data):
    """Promise 2."""
    check_law(decode(b"data: " + data + b"\n\n"))


@given(
    VALUES | st.fixed_dictionaries({"output": st.lists(ITEMS | VALUES)}, optional={"usage": VALUES, "error": VALUES})
)
def test_any_whole_answer_keeps_the_law(value):
    check_law(DIALECT.parse_response(value if isinstance(value, dict) else {"output": value}))


def test_a_whole_answer_gives_the_same_as_its_stream():
    data = FIXTURES["everything_only_in_completed"]
    body = jsonio.loads(SseParser().feed(data)[-1].data)["response"]

    assert fold(DIALECT.parse_response(body)) == fold(decode(data))


def test_a_whole_answer_without_output_is_malformed():
    (failed,) = DIALECT.parse_response({"id": "x"})

    assert failed.error.cls is ErrorClass.MALFORMED


@pytest.mark.parametrize(
    ("body", "look"),
    [
        ({"type": "response.created", "response": {"error": None}}, Look.QUIET),
        ({"type": "response.in_progress"}, Look.QUIET),
        ({"type": "response.output_item.added", "item": {}}, Look.QUIET),
        ({"type": "response.content_part.added"}, Look.QUIET),
        ({"type": "response.output_text.delta", "delta": "x"}, Look.CONTENT),
        ({"type": "response.custom_tool_call_input.delta", "delta": "x"}, Look.CONTENT),
        ({"type": "response.output_item.done", "item": {}}, Look.CONTENT),
        ({"type": "response.completed", "response": {}}, Look.DONE),
        ({"type": "response.incomplete", "response": {}}, Look.DONE),
        ({"type": "response.failed", "response": {}}, Look.ERROR),
        ({"type": "error", "message": "x"}, Look.ERROR),
        ({"error": {"message": "x"}}, Look.ERROR),
    ],
    ids=str,
)
def test_what_a_forwarded_event_means(body, look):
    data = jsonio.dumps(body)

    assert DIALECT.peek(SseEvent("", data)).look is look
    assert look in (Look.QUIET, Look.CONTENT) or DIALECT.marks.search(data)


def test_a_forwarded_end_reports_its_usage():
    events = SseParser().feed(FIXTURES["reasoning_text_and_call"])

    assert DIALECT.peek(events[-1]).usage.input == 12
