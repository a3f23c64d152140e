"""A provider that knows no compaction compacts for a client that wants it. The oracle is Codex, as recorded."""

import json
from pathlib import Path

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from addons.core import jsonio
from addons.core.accumulate import Answer, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Begin, Failed, FinishReason, PartDelta, PartOpen, Usage
from addons.core.model import DialectName, Loss, Opaque, Text, Thinking, ToolCall, ToolChoice
from addons.core.sse import SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.dialects.openai_responses import DIALECT

ORACLE = TypeAdapter(ResponseStreamEvent)
RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures/responses/codex_bodies.jsonl").read_bytes().splitlines()
]
TRIGGER = next(body for body in RECORDED if body["input"][-1]["type"] == "compaction_trigger")
REQUEST = DIALECT.parse_request(TRIGGER)
# the recording is shortened: of its tools, these are whole
WHOLE = DIALECT.parse_request({**TRIGGER, "tools": [tool for tool in TRIGGER["tools"] if "type" in tool]})
FOREIGN = [DialectName.ANTHROPIC, DialectName.CHAT, DialectName.GEMINI]
SUMMARY = "Goal: Grüße 🙂. Next: run `make`."
DONE = Answer("msg_01", "m", 1700000000, (Thinking("hm"), Text(SUMMARY)), Usage(900, 40), FinishReason.END_TURN)


def bodies(events, request=REQUEST):
    encoder = DIALECT.encoder(request, "alias")
    return [jsonio.loads(event.data) for event in SseParser().feed(b"".join(map(encoder.feed, events)))]


def compacted(answer):
    """The request that Codex sends after the answer, and what stands in it for the conversation."""
    (item,) = DIALECT.render_response(answer, REQUEST, "alias")["output"]
    request = DIALECT.parse_request({**TRIGGER, "input": [*TRIGGER["input"][:4], item]})
    return item, request


def test_the_trigger_becomes_a_question_for_a_summary():
    last = REQUEST.messages[-1]

    assert (last.role, len(last.parts)) == ("user", 1)
    for word in ("summary", "Goal", "Constraints", "Decisions", "State", "Open steps", "Do not call any tool"):
        assert word in last.parts[0].text


def test_no_tool_may_be_called_and_no_schema_is_asked_for():
    schema = {"type": "json_schema", "name": "n", "schema": {"type": "object"}}
    request = DIALECT.parse_request({**TRIGGER, "text": {"format": schema}})

    assert request.tool_choice == ToolChoice("none")
    assert (request.parallel_tool_calls, request.format) == (None, None)


def test_the_tools_stay_so_that_the_prompt_is_still_in_the_providers_cache():
    before = DIALECT.parse_request({**TRIGGER, "input": TRIGGER["input"][:-1]})

    assert REQUEST.tools == before.tools
    assert REQUEST.messages[:-1] == before.messages


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_provider_reads_the_question_last(name):
    rendered = DIALECTS[name].render_request(REQUEST, Traits.of("glm-5.1"), ToolNames.of(REQUEST))

    assert "Write that summary now" in json.dumps(rendered.body.get("messages", rendered.body.get("contents"))[-1])
    assert not [loss for loss in rendered.losses if loss.content]


def test_a_trigger_that_is_not_last_is_content_that_nobody_understands():
    request = DIALECT.parse_request({"model": "m", "input": [{"type": "compaction_trigger"}, {"role": "user"}]})

    assert isinstance(request.messages[0].parts[0], Opaque)
    assert request.tool_choice is None


def test_the_answer_is_exactly_one_compaction_item():
    found = bodies(unfold(DONE))

    kinds = [body["type"].removeprefix("response.") for body in found]
    assert kinds == [
        "created", "in_progress", "output_item.added", "compaction.compacting", "output_item.done", "completed",
    ]  # fmt: skip
    (item,) = found[-1]["response"]["output"]
    assert found[-2]["item"] == item
    assert item.keys() == {"id", "type", "encrypted_content"}
    assert (item["type"], found[2]["item"]["id"]) == ("compaction", item["id"])
    assert found[-1]["response"]["usage"]["input_tokens"] == 900


def test_every_event_is_of_the_vendors_types():
    for body in bodies(unfold(DONE), WHOLE):
        ORACLE.validate_python(body, strict=True)


def test_the_whole_answer_is_what_its_stream_ends_with():
    body = DIALECT.render_response(DONE, WHOLE, "alias")

    assert body == bodies(unfold(DONE), WHOLE)[-1]["response"]
    Response.model_validate(body)


def test_the_summary_comes_back_as_a_message_that_every_model_reads():
    item, request = compacted(DONE)

    assert SUMMARY not in item["encrypted_content"]
    assert request.messages[-1].role == "user"
    assert request.messages[-1].parts == (Text(f"Summary of the conversation so far:\n\n{SUMMARY}"),)


@pytest.mark.parametrize("kind", ["compaction", "compaction_summary"])
def test_a_summary_is_known_under_both_of_its_names(kind):
    item, _ = compacted(DONE)

    request = DIALECT.parse_request({"model": "m", "input": [{**item, "type": kind}]})

    assert SUMMARY in request.messages[0].parts[0].text


@pytest.mark.parametrize("name", FOREIGN)
def test_a_summary_of_openais_own_is_lost_content(name):
    item = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAA"}
    request = DIALECT.parse_request({"model": "m", "input": [{"role": "user", "content": "hi"}, item]})

    losses = DIALECTS[name].render_request(request, Traits.of("m"), ToolNames.of(request)).losses

    assert [(loss.path, loss.content) for loss in losses if loss.content] == [("input[1]", True)]


@pytest.mark.parametrize("content", ["llr1.summary.", "llr1.summary.%%", "llr1.summary.W10=", "llr2.summary.e30="])
def test_a_damaged_summary_is_never_read_as_an_empty_one(content):
    request = DIALECT.parse_request({"model": "m", "input": [{"type": "compaction", "encrypted_content": content}]})

    assert isinstance(request.messages[0].parts[0], Opaque)


def test_calls_and_thinking_are_no_part_of_a_summary():
    answer = Answer(parts=(Thinking("hm"), Text("a"), ToolCall("1", "exec_command", "{}"), Text("b")))

    _, request = compacted(answer)

    assert request.messages[-1].parts[0].text.endswith("\n\na\n\nb")


def test_a_summary_that_was_cut_off_is_used_and_says_so():
    """The client would only ask again, with a conversation that is as long as before."""
    answer = Answer(parts=(Text("half"),), finish=FinishReason.MAX_TOKENS)

    _, request = compacted(answer)

    assert DIALECT.render_response(answer, REQUEST, "alias")["status"] == "completed"
    assert request.messages[-1].parts[0].text.endswith("half\n\n[The summary was cut off here.]")


@pytest.mark.parametrize("parts", [(), (Text("  \n"),), (ToolCall("1", "exec_command", "{}"),)], ids=str)
def test_no_summary_at_all_is_a_failure_that_the_client_retries(parts):
    last = bodies(unfold(Answer(parts=parts, finish=FinishReason.END_TURN)))[-1]

    assert (last["type"], last["response"]["output"]) == ("response.failed", [])
    assert last["response"]["error"]["code"] == "server_error"


def test_a_refused_summary_is_incomplete():
    last = bodies(unfold(Answer(parts=(Text("no"),), finish=FinishReason.REFUSAL)))[-1]

    assert (last["type"], last["response"]["output"]) == ("response.incomplete", [])


def test_a_failure_in_the_middle_shows_no_summary():
    """Promise 3."""
    failed = Failed(ErrorInfo(ErrorClass.TRUNCATED, "cut"))

    found = bodies([Begin("msg_1"), PartOpen(0, "text"), PartDelta(0, "half"), failed])

    assert [body["type"] for body in found[2:]] == [
        "response.output_item.added", "response.compaction.compacting", "response.failed",
    ]  # fmt: skip
    assert found[-1]["response"]["output"] == []


def test_a_compaction_without_tools_chooses_none():
    request = DIALECT.parse_request({"model": "m", "input": [{"type": "compaction_trigger"}]})

    assert (request.tools, request.tool_choice) == ((), None)


def test_our_own_words_are_not_listed_as_lost():
    rendered = DIALECTS[DialectName.CHAT].render_request(REQUEST, Traits.of("m"), ToolNames.of(REQUEST))

    ours = ("raw", "compaction", "said")
    assert not [loss for loss in rendered.losses if loss.path.endswith(ours)]
    assert all(isinstance(loss, Loss) for loss in rendered.losses)
