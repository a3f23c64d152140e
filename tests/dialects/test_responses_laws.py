"""The laws of a stream for a Responses client, whatever order the parts come in. Source: OpenAI API reference,
"Streaming events"."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from addons.core import jsonio
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Begin, Failed, Finish, FinishReason, PartClose, PartDelta, PartOpen, Ping, UsageReport
from addons.core.events import Usage as Counts
from addons.core.model import DialectName
from addons.core.sse import SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.dialects.openai_responses import DIALECT

ORACLE = TypeAdapter(ResponseStreamEvent)
REQUEST = DIALECT.parse_request({"model": "alias", "input": "hi", "tools": [{"type": "local_shell"}]})
BROKEN = Failed(ErrorInfo(ErrorClass.TRUNCATED, "cut"))
CUT = {FinishReason.MAX_TOKENS: "max_output_tokens", FinishReason.REFUSAL: "content_filter"}
# deltas of an item → where the whole text stands in its `done`
GROWTH = {
    "response.output_text.delta": ("response.output_text.done", "text"),
    "response.reasoning_summary_text.delta": ("response.reasoning_summary_text.done", "text"),
    "response.function_call_arguments.delta": ("response.function_call_arguments.done", "arguments"),
    "response.custom_tool_call_input.delta": ("response.custom_tool_call_input.done", "input"),
}

OPENINGS = st.sampled_from(
    [
        PartOpen(0, "text"),
        PartOpen(0, "thinking"),
        PartOpen(0, "thinking", dialect=DialectName.ANTHROPIC),
        PartOpen(0, "tool_call", id="call_1", name="f"),
        PartOpen(0, "tool_call", id="call_2", name="g", tool_kind="custom"),
        PartOpen(0, "tool_call", id="call_3", name="h", namespace="n"),
        PartOpen(0, "tool_call", id="call_4", name="local_shell"),
    ]
)
NOISE = st.sampled_from([Ping(), UsageReport(Counts(input=3, output=1))])


@st.composite
def parts(draw):
    """Parts that open in order, grow in any order, and close in any order."""
    pending = [
        [replace(draw(OPENINGS), index=n), *[PartDelta(n, text) for text in draw(st.lists(st.text(), max_size=3))],
         PartClose(n)]
        for n in range(draw(st.integers(0, 4)))
    ]  # fmt: skip
    events, opened = [], 0
    while any(pending):
        ready = [n for n, rest in enumerate(pending) if rest and n <= opened]
        n = draw(st.sampled_from(ready))
        opened = max(opened, n + 1)
        events += [pending[n].pop(0), *draw(st.lists(NOISE, max_size=1))]
    return events


ENDS = st.sampled_from([*map(Finish, (FinishReason.END_TURN, *CUT)), BROKEN])
STREAMS = st.builds(lambda events, end: [Begin("msg_1"), *events, end], parts(), ENDS)


def bodies(events, request=REQUEST):
    encoder = DIALECT.encoder(request, "alias")
    return [jsonio.loads(event.data) for event in SseParser().feed(b"".join(map(encoder.feed, events)))]


def of(found, kind):
    return [body for body in found if body["type"] == f"response.{kind}"]


@given(STREAMS)
def test_numbers_rise_by_one_from_zero(events):
    found = bodies(events)

    assert [body["sequence_number"] for body in found] == list(range(len(found)))


@given(STREAMS)
def test_every_event_is_of_the_vendors_types(events):
    for body in bodies(events):
        ORACLE.validate_python(body, strict=True)


@given(STREAMS)
def test_one_id_from_the_first_event_to_the_last(events):
    found = bodies(events)

    assert [body["type"] for body in found[:2]] == ["response.created", "response.in_progress"]
    assert {body["response"]["id"] for body in found if "response" in body} == {"resp_msg_1"}


@given(STREAMS)
def test_there_is_one_end_and_it_says_how(events):
    """Promise 2."""
    found = bodies(events)

    last = found[-1]["response"]
    (status,) = {"response.completed", "response.incomplete", "response.failed"} & {body["type"] for body in found}
    assert found[-1]["type"] == status == f"response.{last['status']}"
    reason = None if events[-1] is BROKEN else CUT.get(events[-1].reason)
    assert last["incomplete_details"] == (reason and {"reason": reason})
    assert (last["error"] is not None) == (events[-1] is BROKEN)


@given(STREAMS)
def test_what_is_added_is_done_unless_the_stream_broke(events):
    """Promise 3: a client runs what is done."""
    found = bodies(events)

    added = {body["item"]["id"]: body["output_index"] for body in of(found, "output_item.added")}
    done = {body["item"]["id"]: body["output_index"] for body in of(found, "output_item.done")}
    if events[-1] is BROKEN:
        assert done.items() <= added.items()
    else:
        assert done == added
        assert sorted(added.values()) == list(range(len(added)))
    by_index = sorted(of(found, "output_item.done"), key=lambda body: body["output_index"])
    assert [body["item"] for body in by_index] == found[-1]["response"]["output"]


@given(STREAMS)
def test_an_item_is_added_before_it_grows_and_nothing_follows_its_end(events):
    stage = {}
    for body in bodies(events):
        match body["type"].removeprefix("response."):
            case "output_item.added":
                assert stage.setdefault(body["item"]["id"], "open") == "open"
            case "output_item.done":
                assert stage.get(body["item"]["id"]) == "open"
                stage[body["item"]["id"]] = "done"
            case _ if "item_id" in body:
                assert stage.get(body["item_id"]) == "open"
            case _:
                pass


@given(STREAMS)
def test_what_is_done_is_what_has_grown(events):
    found = bodies(events)

    for kind, (done, member) in GROWTH.items():
        for last in [body for body in found if body["type"] == done]:
            grown = [body["delta"] for body in found if (body["type"], body.get("item_id")) == (kind, last["item_id"])]
            assert "".join(grown) == last[member]


@given(parts(), st.sampled_from([FinishReason.END_TURN, FinishReason.MAX_TOKENS]))
def test_only_the_last_item_of_a_cut_answer_is_incomplete(events, reason):
    found = bodies([Begin("msg_1"), *events, Finish(reason)])

    statuses = [body["item"]["status"] for body in of(found, "output_item.done")]
    assert set(statuses[:-1]) <= {"completed"}
    assert not statuses or statuses[-1] == ("incomplete" if reason in CUT else "completed")


@pytest.mark.parametrize(
    ("opening", "kind"),
    [
        (PartOpen(0, "text"), "response.output_text.delta"),
        (PartOpen(0, "thinking"), "response.reasoning_summary_text.delta"),
        (PartOpen(0, "tool_call", id="c", name="f"), "response.function_call_arguments.delta"),
        (PartOpen(0, "tool_call", id="c", name="f", tool_kind="custom"), "response.custom_tool_call_input.delta"),
    ],
)
def test_pieces_are_passed_on_as_they_come(opening, kind):
    encoder = DIALECT.encoder(REQUEST, "alias")
    for event in (Begin(), opening):
        encoder.feed(event)

    for piece in ('{"a"', ": 1", "}"):
        last = SseParser().feed(encoder.feed(PartDelta(0, piece)))[-1]
        body = jsonio.loads(last.data)
        assert (body["type"], body["delta"]) == (kind, piece)


def test_a_failure_behind_content_keeps_what_was_done_and_nothing_else():
    done = [PartOpen(0, "text"), PartDelta(0, "a"), PartClose(0)]
    begun = [PartOpen(1, "tool_call", id="c", name="f"), PartDelta(1, '{"rm"'), PartClose(1)]

    last = bodies([Begin(), *done, *begun, BROKEN])[-1]

    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert [item["type"] for item in last["response"]["output"]] == ["message"]
    assert last["response"]["error"] == {"code": "server_error", "message": "cut"}


SETTLED = replace(REQUEST, answer={"id": "resp_llr", "created_at": 5, "previous_response_id": "resp_0"})


@given(STREAMS)
def test_what_was_settled_before_stands_in_every_response(events):
    found = bodies(events, SETTLED)

    for response in [body["response"] for body in found if "response" in body]:
        assert (response["id"], response["created_at"], response["previous_response_id"]) == ("resp_llr", 5, "resp_0")
    assert all("_llr_" in body["item"]["id"] for body in of(found, "output_item.added"))


def test_the_providers_own_time_counts():
    assert bodies([Begin("x", created=7)], SETTLED)[0]["response"]["created_at"] == 7


def test_what_was_settled_is_no_loss_and_is_sent_to_nobody():
    """Another dialect is asked the same with and without it."""
    for dialect in (DialectName.ANTHROPIC, DialectName.CHAT, DialectName.GEMINI):
        plain, settled = (
            DIALECTS[dialect].render_request(request, Traits.of("m"), ToolNames.of(request))
            for request in (REQUEST, SETTLED)
        )
        assert plain == settled
