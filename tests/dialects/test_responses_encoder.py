"""Events as a stream for a Responses client. The oracle is the vendor's own types."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from addons.core import jsonio
from addons.core.accumulate import Answer, fold, unfold
from addons.core.errors import ErrorClass, ErrorInfo
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
from addons.core.model import DialectName, Opaque, Text, Thinking, ToolCall
from addons.core.sse import SseParser
from addons.dialects.openai_responses import DIALECT

ORACLE = TypeAdapter(ResponseStreamEvent)
RESPONSES = DialectName.RESPONSES
SEARCH = {"type": "search", "query": "q"}
TOOLS = [
    {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False},
    {"type": "custom", "name": "g", "format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
    {"type": "namespace", "name": "n", "description": "d", "tools": [{"type": "function", "name": "h"}]},
    {"type": "web_search"},
]
BODY = {
    "model": "alias",
    "input": "hi",
    "instructions": "Be brief.",
    "tools": TOOLS,
    "tool_choice": {"type": "custom", "name": "g"},
    "parallel_tool_calls": False,
    "temperature": 0.5,
    "top_p": 0.9,
    "max_output_tokens": 99,
    "metadata": {"a": "b"},
    "reasoning": {"effort": "low", "summary": "auto"},
    "text": {"verbosity": "low"},
    "store": False,
    "truncation": "auto",
    "user": "u",
    "previous_response_id": "resp_0",
}
REQUEST = DIALECT.parse_request(BODY)
FULL = Answer(
    "msg_01",
    "m",
    1700000000,
    (
        Thinking("plan", "ENC", id="rs_7", dialect=RESPONSES),
        Text("hello"),
        ToolCall("call_1", "h", '{"a":', namespace="n"),
        ToolCall("call_2", "g", "raw \n text", "custom"),
        Opaque(RESPONSES, {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": SEARCH}),
    ),
    Usage(12, 9, 4, 0, 3),
    FinishReason.TOOL_USE,
)


def encode(events, request=REQUEST):
    encoder = DIALECT.encoder(request, "alias")
    return b"".join(encoder.feed(event) for event in events)


def bodies(events, request=REQUEST):
    parsed = SseParser().feed(encode(events, request))
    found = [jsonio.loads(event.data) for event in parsed]
    assert [event.name for event in parsed] == [body["type"] for body in found]
    return found


def of(found, kind):
    return [body for body in found if body["type"] == f"response.{kind}"]


def test_every_event_is_of_the_vendors_types():
    for body in bodies(unfold(FULL)):
        ORACLE.validate_python(body, strict=True)


def test_the_order_of_events():
    kinds = [body["type"].removeprefix("response.") for body in bodies(unfold(FULL))]

    assert kinds == [
        "created", "in_progress",
        "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
        "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
        "output_item.added", "custom_tool_call_input.delta", "custom_tool_call_input.done", "output_item.done",
        "output_item.added", "output_item.done",
        "completed",
    ]  # fmt: skip


def test_events_are_numbered_without_a_gap():
    found = bodies(unfold(FULL))

    assert [body["sequence_number"] for body in found] == list(range(len(found)))


def test_what_is_added_is_done_and_stands_in_the_finished_response():
    found = bodies(unfold(FULL))

    added = [(body["output_index"], body["item"]["id"]) for body in of(found, "output_item.added")]
    done = of(found, "output_item.done")
    assert added == [(body["output_index"], body["item"]["id"]) for body in done]
    assert [index for index, _ in added] == list(range(5))
    assert [body["item"] for body in done] == found[-1]["response"]["output"]
    assert {body["item_id"] for body in found if "item_id" in body} < {name for _, name in added}


def test_the_ids_of_the_response_agree():
    found = bodies(unfold(FULL))

    assert {body["response"]["id"] for body in found if "response" in body} == {"resp_msg_01"}


@pytest.mark.parametrize(("given_id", "shown"), [("resp_7", "resp_7"), ("chatcmpl-1", "resp_chatcmpl-1")])
def test_the_id_of_the_response(given_id, shown):
    assert bodies([Begin(given_id)])[0]["response"]["id"] == shown


def test_a_provider_without_ids_gets_another_id_every_turn():
    """Items of two turns with one id would be refused by OpenAI as duplicates."""
    later = DIALECT.parse_request(
        {**BODY, "input": [{"role": "user", "content": "hi"}, {"role": "user", "content": "x"}]}
    )

    first, second = (bodies([Begin()], request)[0]["response"]["id"] for request in (REQUEST, later))

    assert first != second
    assert first == bodies([Begin()])[0]["response"]["id"]


@pytest.mark.parametrize("given_id", ["x" * 200, "gen:1/2 3"])
def test_the_ids_of_items_are_such_that_openai_takes_them_back(given_id):
    (item,) = bodies(unfold(Answer(given_id, parts=(Text("x"),))))[-1]["response"]["output"]

    assert re.fullmatch(r"msg_[A-Za-z0-9_-]{1,60}", item["id"])


def test_item_ids_are_the_same_every_time():
    assert encode(unfold(FULL)) == encode(unfold(FULL))


def test_a_namespaced_call_says_its_namespace():
    """Codex refuses the call otherwise."""
    added = of(bodies(unfold(FULL)), "output_item.added")[2]["item"]

    assert (added["type"], added["name"], added["namespace"]) == ("function_call", "h", "n")


def test_a_custom_call_is_a_custom_call():
    """Codex never runs it otherwise."""
    item = of(bodies(unfold(FULL)), "output_item.done")[3]["item"]

    assert (item["type"], item["call_id"], item["input"]) == ("custom_tool_call", "call_2", "raw \n text")


def reasoning(thinking):
    (item,) = bodies(unfold(Answer(parts=(thinking,))))[-1]["response"]["output"]
    return item


def test_reasoning_of_this_dialect_keeps_its_signature():
    """Promise 15."""
    assert reasoning(Thinking("hm", "S", id="x", dialect=RESPONSES))["encrypted_content"] == "S"
    assert reasoning(Thinking("hm", None, id="x", dialect=RESPONSES))["encrypted_content"] is None


def test_thinking_of_nobody_known_has_no_signature():
    assert reasoning(Thinking("hm", "S"))["encrypted_content"] is None


def test_opaque_items_of_others_show_nothing():
    assert bodies(unfold(Answer(parts=(Opaque(DialectName.ANTHROPIC, {}),))))[-1]["response"]["output"] == []


@pytest.mark.parametrize(
    ("reason", "status", "detail"),
    [
        (FinishReason.END_TURN, "completed", None),
        (FinishReason.TOOL_USE, "completed", None),
        (FinishReason.STOP_SEQUENCE, "completed", None),
        (FinishReason.PAUSE_TURN, "completed", None),
        (FinishReason.MAX_TOKENS, "incomplete", {"reason": "max_output_tokens"}),
        (FinishReason.CONTEXT_WINDOW, "incomplete", {"reason": "max_output_tokens"}),
        (FinishReason.REFUSAL, "incomplete", {"reason": "content_filter"}),
    ],
)
def test_how_an_answer_finishes(reason, status, detail):
    last = bodies(unfold(Answer(parts=(Text("x"),), finish=reason)))[-1]

    assert last["type"] == f"response.{status}"
    assert (last["response"]["status"], last["response"]["incomplete_details"]) == (status, detail)
    assert last["response"]["output"][0]["status"] == status


@pytest.mark.parametrize(
    ("cls", "code"),
    [
        (ErrorClass.RATE_LIMITED, "rate_limit_exceeded"),
        (ErrorClass.CONTEXT, "context_length_exceeded"),
        (ErrorClass.INVALID_REQUEST, "invalid_prompt"),
        (ErrorClass.BILLING, "insufficient_quota"),
        (ErrorClass.OVERLOADED, "server_is_overloaded"),
        (ErrorClass.TRUNCATED, "server_error"),
    ],
)
def test_a_failure_is_one_terminal_event_with_its_code(cls, code):
    """Promises 2 and 3."""
    last = bodies([Begin("resp_1"), Failed(ErrorInfo(cls, "why"))])[-1]

    assert last["type"] == "response.failed"
    assert (last["response"]["id"], last["response"]["status"]) == ("resp_1", "failed")
    assert last["response"]["error"] == {"code": code, "message": "why"}


def test_a_failure_before_everything_is_a_whole_response_too():
    (failed,) = bodies([Failed(ErrorInfo(ErrorClass.TEMPORARY, "why"))])

    ORACLE.validate_python(failed, strict=True)


def test_a_call_that_broke_off_is_never_shown_as_done():
    """Promise 3: the law closes every part before a failure, but a client runs what is done."""
    call = [PartOpen(0, "tool_call", id="c", name="f"), PartDelta(0, '{"rm":'), PartClose(0)]

    found = bodies([Begin(), *call, Failed(ErrorInfo(ErrorClass.TRUNCATED, "cut"))])

    assert [body["type"] for body in found[-2:]] == ["response.function_call_arguments.delta", "response.failed"]
    assert found[-1]["response"]["output"] == []


def test_calls_may_interleave():
    events = [
        Begin(),
        PartOpen(0, "tool_call", id="a", name="f"),
        PartOpen(1, "tool_call", id="b", name="f"),
        PartDelta(1, "2"),
        PartDelta(0, "1"),
        PartClose(1),
        PartClose(0),
        Finish(FinishReason.TOOL_USE),
    ]

    output = bodies(events)[-1]["response"]["output"]

    assert [(item["call_id"], item["arguments"]) for item in output] == [("a", "1"), ("b", "2")]


def test_a_ping_is_a_comment_even_where_an_end_is_held_back():
    encoder = DIALECT.encoder(REQUEST, "m")
    for event in (Begin(), PartOpen(0, "text"), PartDelta(0, "x"), PartClose(0)):
        encoder.feed(event)

    assert encoder.feed(Ping()).startswith(b":")
    assert b"output_item.done" in encoder.feed(Finish(FinishReason.END_TURN))


def test_the_response_repeats_the_request():
    response = bodies(unfold(FULL))[-1]["response"]

    for name in BODY.keys() - {"input", "text"}:
        assert response[name] == BODY[name], name
    assert response["text"] == {"format": {"type": "text"}, "verbosity": "low"}


def test_usage_has_all_its_details():
    usage = bodies([Begin(), UsageReport(Usage(input=12, cache_read=4)), UsageReport(Usage(output=9, reasoning=3)),
                    Finish(FinishReason.END_TURN)])[-1]["response"]["usage"]  # fmt: skip

    assert usage == {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 21,
    }


def test_a_whole_answer_is_what_its_stream_ends_with():
    body = DIALECT.render_response(FULL, REQUEST, "alias")

    assert body == bodies(unfold(FULL))[-1]["response"]
    Response.model_validate(body)


WORDS = st.text(min_size=1, max_size=8)
NAMES = st.text("abc_", min_size=1, max_size=5)
CALLS = st.builds(
    ToolCall, NAMES, NAMES, WORDS, kind=st.sampled_from(["function", "custom"]), namespace=st.none() | NAMES
)
PARTS = (
    st.builds(Text, WORDS)
    | CALLS
    | st.builds(Thinking, WORDS, st.none() | WORDS, id=NAMES.map("rs_{}".format), dialect=st.just(RESPONSES))
)
COUNTS = st.integers(0, 10**6)


@st.composite
def answers(draw):
    """Answers whose every fact this dialect can say: ids are never met twice."""
    parts = draw(st.lists(PARTS, max_size=5, unique_by=lambda part: getattr(part, "id", None) or id(part)))
    called = any(isinstance(part, ToolCall) for part in parts)
    done = FinishReason.TOOL_USE if called else FinishReason.END_TURN
    return Answer(
        "resp_1",
        "alias",
        draw(COUNTS),
        tuple(parts),
        draw(st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)),
        draw(st.sampled_from([done, FinishReason.MAX_TOKENS, FinishReason.REFUSAL])),
    )


@given(answers())
def test_what_is_encoded_is_decoded_the_same(answer):
    """Promise 14: arguments included, whatever they are."""
    decoder = DIALECT.decoder()

    events = decoder.feed(encode(unfold(answer))) + decoder.finish(Cause.COMPLETE)

    assert fold(events) == answer


@given(answers())
def test_whole_answers_are_parsed_as_they_were_rendered(answer):
    assert fold(DIALECT.parse_response(DIALECT.render_response(answer, REQUEST, "alias"))) == answer
