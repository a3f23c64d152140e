"""Events as Anthropic streams and whole answers."""

import json

import pytest

from addons.core.accumulate import Answer, fold, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.estimate import estimate
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
from addons.core.model import DialectName, Message, Opaque, Request, Text, Thinking, ToolCall
from addons.core.sse import SseParser
from addons.dialects._anthropic_seal import unseal
from addons.dialects._anthropic_whole import render_response
from addons.dialects.anthropic_messages import DIALECT

CLAUDE, RESPONSES = DialectName.ANTHROPIC, DialectName.RESPONSES
REQUEST = Request(CLAUDE, "alias", (), stream=True)
END = Finish(FinishReason.END_TURN)
USAGE = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 20,
    "cache_read_input_tokens": 70,
    "output_tokens": 0,
}
SEARCH = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}


LONG = Request(CLAUDE, "alias", (Message("user", (Text("word " * 100),)),), stream=True)


def raw(events, request=REQUEST):
    encoder = DIALECT.encoder(request, "alias")
    return b"".join(encoder.feed(event) for event in events)


def encode(*events, request=REQUEST):
    found = SseParser().feed(raw(events, request))
    bodies = [json.loads(event.data) for event in found]
    assert [event.name for event in found] == [body["type"] for body in bodies]
    return bodies


def answered(*parts, finish=FinishReason.END_TURN):
    return encode(*unfold(Answer("msg_1", "m", None, parts, finish=finish)))


def kinds(bodies):
    return [body["type"] for body in bodies]


def blocks(bodies):
    return [body["content_block"] for body in bodies if body["type"] == "content_block_start"]


def deltas(bodies):
    return [body["delta"] for body in bodies if body["type"] == "content_block_delta"]


def stop(bodies):
    return next(body for body in bodies if body["type"] == "message_delta")


def test_an_answer_has_the_order_that_the_api_promises():
    assert kinds(answered(Text("a"))) == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_the_start_carries_the_usage_that_is_known_by_then():
    start = encode(Begin("msg_1", "m"), UsageReport(Usage(100, None, 70, 20)), PartOpen(0, "text"))[0]

    assert start["message"]["usage"] == USAGE
    assert (start["message"]["id"], start["message"]["model"]) == ("msg_1", "alias")


def test_the_usage_of_the_start_is_whole_even_when_nothing_is_known():
    start = encode(Begin(), PartOpen(0, "text"))[0]

    assert start["message"]["usage"].keys() == USAGE.keys()
    assert start["message"]["id"] == "msg_llr"


@pytest.mark.parametrize("known", [(), (UsageReport(Usage(output=1)),), (UsageReport(Usage(0, 0)),)])
def test_the_start_estimates_what_went_in_and_says_so(known):
    """Claude Code reads the size of its context there: nothing would be wrong."""
    start = encode(Begin(), *known, PartOpen(0, "text"), request=LONG)[0]

    assert start["message"]["usage"]["input_tokens"] == estimate(LONG) > 100
    assert start["estimated_usage"] is True and "estimated_usage" not in start["message"]


def test_the_estimate_of_the_start_is_corrected_at_the_end():
    bodies = encode(Begin(), PartOpen(0, "text"), PartClose(0), UsageReport(Usage(70, 9)), END, request=LONG)

    assert stop(bodies)["usage"]["input_tokens"] == 70
    assert "estimated_usage" not in stop(bodies)


def test_an_estimate_that_nothing_corrects_is_marked_at_the_end_too():
    bodies = encode(Begin(), PartOpen(0, "text"), PartClose(0), END, request=LONG)

    assert stop(bodies)["usage"]["input_tokens"] == estimate(LONG)
    assert stop(bodies)["estimated_usage"] is True


def test_a_whole_answer_without_usage_is_estimated_and_says_so():
    body = render_response(Answer(parts=(Text("a"),)), LONG, "m")

    assert (body["usage"]["input_tokens"], body["estimated_usage"]) == (estimate(LONG), True)
    assert "estimated_usage" not in render_response(Answer(usage=Usage(5, 1)), LONG, "m")


def test_the_end_carries_the_final_usage():
    bodies = encode(Begin(), PartOpen(0, "text"), PartClose(0), UsageReport(Usage(100, 9, 70, 20)), END)

    assert stop(bodies)["usage"] == {**USAGE, "output_tokens": 9}


def test_the_tokens_of_thinking_are_told_apart():
    bodies = encode(Begin(), UsageReport(Usage(100, 9, reasoning=4)), END)

    assert stop(bodies)["usage"]["output_tokens_details"] == {"thinking_tokens": 4}


def test_blocks_are_numbered_without_gaps_though_some_are_not_shown():
    bodies = answered(Opaque(RESPONSES, {"type": "x"}), Text("a"), Opaque(CLAUDE, SEARCH), Text("b"))

    numbers = [body["index"] for body in bodies if body["type"] == "content_block_start"]
    assert numbers == [0, 1, 2]
    assert blocks(bodies)[1] == {**SEARCH, "input": {}}


@pytest.mark.parametrize("dialect", [None, CLAUDE])
def test_the_signature_comes_before_the_stop(dialect):
    """Promise 15."""
    bodies = answered(Thinking("plan", "SIG==", dialect=dialect))

    assert deltas(bodies) == [
        {"type": "thinking_delta", "thinking": "plan"},
        {"type": "signature_delta", "signature": "SIG=="},
    ]


@pytest.mark.parametrize("dialect", [None, CLAUDE, DialectName.GEMINI, RESPONSES])
def test_thinking_without_a_signature_has_an_empty_one(dialect):
    assert deltas(answered(Thinking("plan", dialect=dialect)))[-1] == {"type": "signature_delta", "signature": ""}


ENCRYPTED = Thinking("plan", "ENC", id="rs_1", dialect=RESPONSES)
REASONING = Thinking("plan", dialect=DialectName.CHAT)


@pytest.mark.parametrize("thought", [ENCRYPTED, REASONING], ids=["responses", "chat"])
def test_thinking_of_another_provider_has_a_sealed_signature(thought):
    """Promise 15: it comes back with the history."""
    sealed = deltas(answered(thought, Text("a")))[1]["signature"]

    assert unseal(sealed, "plan") == thought
    assert sealed == render_response(Answer(parts=(thought,)), REQUEST, "m")["content"][0]["signature"]


def test_thinking_that_shows_nothing_stands_before_what_follows_it():
    """OpenAI gives no summary unasked: all of the reasoning is in what is encrypted."""
    bodies = answered(Thinking("", "ENC", id="rs_1", dialect=RESPONSES), GOOGLE, ToolCall("c", "f", "{}"))

    assert [block["type"] for block in blocks(bodies)] == ["redacted_thinking", "redacted_thinking", "tool_use"]
    assert [body["index"] for body in bodies if body["type"] == "content_block_stop"] == [0, 1, 2]
    assert [unseal(block["data"], "").signature for block in blocks(bodies)[:2]] == ["ENC", "c2ln"]


def test_thinking_that_shows_nothing_is_the_same_block_in_a_whole_answer():
    """Some clients drop a block of thinking without words (pi does): a redacted one has none by its nature."""
    answer = Answer("i", "m", parts=(GOOGLE, ToolCall("c", "f", "{}")), finish=FinishReason.TOOL_USE)
    (thought, _) = DIALECT.render_response(answer, REQUEST, "alias")["content"]

    assert thought == blocks(answered(*answer.parts))[0]
    assert (thought["type"], unseal(thought["data"], "")) == ("redacted_thinking", GOOGLE)


GOOGLE = Thinking("", "c2ln", dialect=DialectName.GEMINI)


@pytest.mark.parametrize("thought", [GOOGLE, Thinking("")], ids=["foreign", "unsigned"])
def test_thinking_that_shows_nothing_here_is_no_block(thought):
    """Claude Code takes the last block for the answer; Gemini signs an answer at its very end."""
    bodies = answered(Text("the answer"), thought)

    assert [block["type"] for block in blocks(bodies)] == ["text"]


def test_a_text_without_a_word_is_no_block():
    """Anthropic refuses an empty text when the client sends it back."""
    assert [block["type"] for block in blocks(answered(Text(""), ToolCall("c", "f", "{}")))] == ["tool_use"]
    assert render_response(Answer(parts=(Text(""), Text("a"))), REQUEST, "m")["content"] == [
        {"type": "text", "text": "a"}
    ]


def test_thinking_that_is_only_signed_is_a_block():
    """What "omitted" thinking of this dialect looks like; its signature must come back."""
    assert [block["type"] for block in blocks(answered(Thinking("", "SIG==", dialect=CLAUDE)))] == ["thinking"]


def test_a_whole_answer_has_no_block_for_thinking_that_shows_nothing_here():
    answer = Answer("i", "m", parts=(Text("the answer"), GOOGLE), finish=FinishReason.END_TURN)

    assert [block["type"] for block in DIALECT.render_response(answer, REQUEST, "alias")["content"]] == ["text"]


@pytest.mark.parametrize("data", ["BLOB", None])
def test_redacted_thinking_is_one_whole_block(data):
    """Promise 15."""
    bodies = answered(Thinking("", data, redacted=True, dialect=CLAUDE), Text("a"))

    assert blocks(bodies)[0] == {"type": "redacted_thinking", "data": data or ""}
    assert kinds(bodies)[1:3] == ["content_block_start", "content_block_stop"]


def test_arguments_travel_piece_by_piece_and_verbatim():
    """Promise 14."""
    call = PartOpen(0, "tool_call", id="call_1", name="f")
    bodies = encode(Begin(), call, PartDelta(0, '{"a": '), PartDelta(0, "1"), PartClose(0), END)

    assert blocks(bodies) == [{"type": "tool_use", "id": "call_1", "name": "f", "input": {}}]
    assert [delta["partial_json"] for delta in deltas(bodies)] == ['{"a": ', "1"]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.END_TURN, "end_turn"),
        (FinishReason.MAX_TOKENS, "max_tokens"),
        (FinishReason.TOOL_USE, "tool_use"),
        (FinishReason.REFUSAL, "refusal"),
        (FinishReason.PAUSE_TURN, "pause_turn"),
        (FinishReason.CONTEXT_WINDOW, "model_context_window_exceeded"),
    ],
)
def test_every_stop_reason(reason, word):
    assert stop(answered(Text("a"), finish=reason))["delta"] == {"stop_reason": word, "stop_sequence": None}


def test_the_stop_sequence_is_told():
    bodies = encode(Begin(), Finish(FinishReason.STOP_SEQUENCE, "END"))

    assert stop(bodies)["delta"] == {"stop_reason": "stop_sequence", "stop_sequence": "END"}


@pytest.mark.parametrize(
    ("reason", "word"), [(FinishReason.END_TURN, "tool_use"), (FinishReason.MAX_TOKENS, "max_tokens")]
)
def test_a_turn_that_ends_in_a_call_waits_for_its_result(reason, word):
    call = ToolCall("call_1", "f", "{}")
    whole = DIALECT.render_response(Answer("i", "m", parts=(call,), finish=reason), REQUEST, "alias")

    assert stop(answered(call, finish=reason))["delta"]["stop_reason"] == word
    assert whole["stop_reason"] == word


def test_an_answer_without_parts_is_still_an_answer():
    assert kinds(encode(Begin(), END)) == ["message_start", "message_delta", "message_stop"]


def test_a_keep_alive_is_a_ping():
    """Promise 13."""
    assert encode(Begin(), Ping())[-1] == {"type": "ping"}


def test_a_failure_in_the_middle_is_the_only_end():
    """Promises 2 and 3."""
    failure = ErrorInfo(ErrorClass.OVERLOADED, "busy", status=529)
    bodies = encode(Begin(), PartOpen(0, "text"), PartDelta(0, "a"), PartClose(0), Failed(failure))

    assert kinds(bodies)[-2:] == ["content_block_stop", "error"]
    assert (bodies[-1]["error"]["type"], bodies[-1]["error"]["message"]) == ("overloaded_error", "busy")
    assert "message_stop" not in kinds(bodies)


def test_a_failure_before_anything_shows_only_itself():
    assert kinds(encode(Failed(ErrorInfo(ErrorClass.NETWORK, "gone")))) == ["error"]


FULL = Answer(
    "msg_1",
    "alias",
    None,
    (
        Thinking("plan", "SIG==", dialect=CLAUDE),
        Thinking("", "BLOB", redacted=True, dialect=CLAUDE),
        Text("a \u2028 b"),
        Opaque(CLAUDE, SEARCH),
        ToolCall("call_1", "f", '{"a": 1}'),
    ),
    Usage(100, 9, 70, 20),
    FinishReason.TOOL_USE,
)


def test_what_was_encoded_decodes_to_the_same_answer():
    decoder = DIALECT.decoder()

    assert fold([*decoder.feed(raw(unfold(FULL))), *decoder.finish(Cause.COMPLETE)]) == FULL


def test_a_whole_answer_parses_to_the_same_answer():
    body = DIALECT.render_response(FULL, REQUEST, "alias")
    again = fold(DIALECT.parse_response(body))

    assert again.parts[:-1] == FULL.parts[:-1]
    assert again.parts[-1] == ToolCall("call_1", "f", '{"a":1}')
    assert (again.usage, again.finish, again.id) == (FULL.usage, FULL.finish, FULL.id)


@pytest.mark.parametrize("arguments", ['{"a": ', "[1]", "text"])
def test_a_whole_answer_keeps_garbled_arguments_as_text(arguments):
    """Promise 14."""
    answer = Answer("i", "m", parts=(ToolCall("c", "f", arguments),), finish=FinishReason.TOOL_USE)

    (block,) = DIALECT.render_response(answer, REQUEST, "alias")["content"]

    assert block["input"] == {"arguments": arguments}


def test_a_whole_answer_shows_no_signature_of_another_provider():
    answer = Answer("i", "m", parts=(Thinking("plan", "ENC", dialect=RESPONSES),), finish=FinishReason.END_TURN)

    assert "ENC" not in json.dumps(DIALECT.render_response(answer, REQUEST, "alias"))


def test_the_input_of_a_call_that_is_not_the_clients_comes_in_deltas_too():
    """The API streams it so, and clients gather it from there."""
    bodies = answered(Opaque(CLAUDE, SEARCH))

    (delta,) = [body["delta"] for body in bodies if body["type"] == "content_block_delta"]
    assert delta["type"] == "input_json_delta" and json.loads(delta["partial_json"]) == SEARCH["input"]


def test_a_whole_answer_has_the_input_of_such_a_call_in_place():
    body = render_response(Answer(parts=(Opaque(CLAUDE, SEARCH),)), REQUEST, "m")

    assert body["content"] == [SEARCH]


def test_the_usage_counts_what_was_searched():
    counts = {"server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0}}
    body = render_response(Answer(usage=Usage(5, 1, extras=counts)), REQUEST, "m")

    assert body["usage"]["server_tool_use"] == counts["server_tool_use"]
