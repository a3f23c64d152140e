"""Specification of the Gemini decoder: a provider's quirk a fixture, named for it."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.genai.types import GenerateContentResponse
from hypothesis import given
from hypothesis import strategies as st

from addons.core.accumulate import Answer, fold
from addons.core.errors import ErrorClass
from addons.core.events import Begin, Cause, Event, Failed, Finish, FinishReason, PartClose, PartOpen
from addons.core.model import Citation, DialectName, Opaque, Text, Thinking, ToolCall
from addons.core.sse import SseEvent, SseParser
from addons.dialects._gemini_decode import MARKS, GeminiDecoder, parse_response, peek
from addons.dialects.base import Look

FIXTURES = Path(__file__).parents[1] / "fixtures" / "gemini"
GEMINI = DialectName.GEMINI
HI = (Text("Hi!"),)
BERN = ToolCall("a1", "weather", '{"city":"Bern"}')
CHUR = ToolCall("a2", "weather", '{"city":"Chur"}')
STREAMS = sorted(path.stem for path in FIXTURES.glob("*.sse"))
END, CALLS = FinishReason.END_TURN, FinishReason.TOOL_USE


def events(name: str, cause: Cause = Cause.COMPLETE) -> list[Event]:
    decoder = GeminiDecoder()
    return [*decoder.feed((FIXTURES / f"{name}.sse").read_bytes()), *decoder.finish(cause)]


def answer(name: str) -> Answer:
    return fold(events(name))


def sse(name: str) -> list[SseEvent]:
    parser = SseParser()
    return [*parser.feed((FIXTURES / f"{name}.sse").read_bytes()), *parser.finish()]


def whole(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return body


def thought(words: str, signature: str | None = None) -> Thinking:
    return Thinking(words, signature, dialect=GEMINI)


SIGNED = thought("", "c2lnMQ==")


@pytest.mark.parametrize(
    ("name", "parts", "finish"),
    [
        ("plain_text", HI, END),
        ("lf_line_ends", HI, END),
        ("missing_last_blank_line", HI, END),
        ("bom_and_comments", HI, END),
        ("done_marker", HI, END),
        ("chunks_in_a_list", HI, END),
        ("null_members", HI, END),
        ("no_usage", HI, END),
        ("usage_after_the_finish", HI, END),
        ("finish_reason_in_every_chunk", HI, END),
        ("unknown_finish_reason", HI, END),
        ("second_candidate_is_ignored", HI, END),
        ("cached_and_thought_tokens", HI, END),
        ("line_separator_inside_a_string", (Text("a\u2028b\u2029c\u0085d"),), END),
        ("grounded_answer", (Text("It rains.", citations=(Citation("https://example.org/", "example.org"),)),), END),
        ("thoughts_and_text", (thought("**Looking**\n\nlet me see"), *HI), END),
        ("signature_on_a_thought", (thought("hm", "c2lnMQ=="), *HI), END),
        ("signature_on_a_text", (SIGNED, *HI), END),
        ("signature_on_the_last_empty_text", (*HI, SIGNED), END),
        ("two_calls_and_one_signature", (Text("Both:"), SIGNED, BERN, CHUR), CALLS),
        ("calls_between_texts", (Text("One. "), BERN, Text("Two.")), CALLS),
        ("call_without_arguments", (ToolCall("a1", "now", "{}"), ToolCall("a2", "later", "{}")), CALLS),
        (
            "arguments_in_pieces",
            (
                SIGNED,
                ToolCall("a1", "weather", '{"city":"Bern","days":[{"at noon":3},null],"exact":true}'),
            ),
            CALLS,
        ),
        ("stopped_for_safety", (Text("Hi"),), FinishReason.REFUSAL),
        ("stopped_for_recitation", (Text("Hi"),), FinishReason.REFUSAL),
        ("limit_reached_in_thoughts", (thought("hm"),), FinishReason.MAX_TOKENS),
        ("blocked_prompt", (), FinishReason.REFUSAL),
    ],
)
def test_a_quirk_loses_nothing(name: str, parts: tuple[object, ...], finish: FinishReason) -> None:
    """Promises 9, 10, 14 and 15."""
    found = answer(name)
    assert (found.parts, found.finish, found.error) == (parts, finish, None)


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("error_first", ErrorClass.OVERLOADED),
        ("error_after_content", ErrorClass.TEMPORARY),
        ("error_in_a_list", ErrorClass.RATE_LIMITED),
        ("malformed_function_call", ErrorClass.TEMPORARY),
        ("ended_without_a_word", ErrorClass.TEMPORARY),
        ("cut_in_the_middle", ErrorClass.TRUNCATED),
        ("nothing_but_usage", ErrorClass.TRUNCATED),
        ("malformed_event", ErrorClass.MALFORMED),
        ("arguments_in_pieces_of_two_shapes", ErrorClass.MALFORMED),
    ],
)
def test_what_is_no_answer_is_a_classified_failure(name: str, cls: ErrorClass) -> None:
    """Promises 4 and 11."""
    error = answer(name).error
    assert error is not None and error.cls is cls


def test_an_error_of_the_rate_says_when_to_come_back() -> None:
    error = answer("error_in_a_list").error
    assert error is not None and error.retry_after == 12


@pytest.mark.parametrize("cause", list(Cause))
def test_an_answer_with_a_finish_reason_is_whole_whatever_ends_its_bytes(cause: Cause) -> None:
    assert events("plain_text", cause)[-1] == Finish(END)


def test_the_id_and_the_model_are_the_providers() -> None:
    assert events("plain_text")[0] == Begin("mK8faeqpB8Tsz7IPx-vC2AE", "gemini-2.5-flash")


def test_content_that_only_this_dialect_has_is_kept_as_it_came() -> None:
    """Promise 22."""
    code, output, text = answer("executed_code").parts
    assert code == Opaque(GEMINI, {"executableCode": {"language": "PYTHON", "code": "print(6*7)\n"}})
    assert output == Opaque(GEMINI, {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n"}})
    assert text == Text("42")
    image = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
    assert answer("generated_image").parts == (Text("Here: "), Opaque(GEMINI, image))


def test_calls_without_an_id_get_one_that_no_other_answer_has() -> None:
    (one,) = answer("call_without_an_id").parts
    (other,) = answer("call_without_an_id_and_a_response_id").parts
    assert isinstance(one, ToolCall) and isinstance(other, ToolCall)
    assert one.id.startswith("call_") and other.id.startswith("call_")
    assert one.id != other.id
    assert answer("call_without_an_id").parts == (one,)


def test_usage_counts_what_the_provider_counts_apart() -> None:
    """`input` has the cached share and the results of the provider's tools, `output` the thoughts."""
    usage = answer("cached_and_thought_tokens").usage
    assert (usage.input, usage.cache_read, usage.output, usage.reasoning) == (900, 800, 34, 30)
    assert answer("executed_code").usage.input == 59
    assert answer("limit_reached_in_thoughts").usage.output == 64


@pytest.mark.parametrize("name", ["plain_text", "usage_after_the_finish", "finish_reason_in_every_chunk"])
def test_the_last_usage_counts(name: str) -> None:
    usage = answer(name).usage
    assert (usage.input, usage.output) == (9, 4)


def test_parts_do_not_overlap() -> None:
    shape = [type(event) for event in events("two_calls_and_one_signature") if isinstance(event, PartOpen | PartClose)]
    assert shape == [PartOpen, PartClose] * 4


@pytest.mark.parametrize("name", STREAMS)
def test_fixtures_are_answers_of_the_vendor(name: str) -> None:
    for event in sse(name):
        if event.data[:1] != b"{" or event.data[-1:] != b"}" or b'"error"' in event.data:
            continue
        GenerateContentResponse.model_validate(json.loads(event.data))


# --- whole answers ---


def test_a_whole_answer_is_the_streamed_one() -> None:
    found = fold(parse_response(whole("whole_thoughts_text_and_calls")))
    assert found.parts == (thought("hm"), Text("Hi"), SIGNED, BERN, CHUR)
    assert (found.finish, found.usage.output, found.model) == (CALLS, 28, "gemini-3.8-flash")


def test_a_prompt_that_was_blocked_is_a_refusal() -> None:
    found = fold(parse_response(whole("whole_blocked_prompt")))
    assert (found.parts, found.finish, found.error) == ((), FinishReason.REFUSAL, None)


@pytest.mark.parametrize("body", [{}, {"candidates": []}, {"candidates": [None]}, {"candidates": {"a": 1}}])
def test_a_whole_answer_without_candidates_is_a_failure(body: dict[str, Any]) -> None:
    error = fold(parse_response(body)).error
    assert error is not None and error.cls is ErrorClass.MALFORMED


def test_a_whole_error_is_a_failure() -> None:
    (failed,) = parse_response({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})
    assert isinstance(failed, Failed) and failed.error.cls is ErrorClass.OVERLOADED


MEMBERS = (
    "candidates", "content", "parts", "text", "functionCall", "args", "name", "partialArgs", "jsonPath",
    "finishReason", "usageMetadata", "promptFeedback", "error", "thoughtSignature", "inlineData", "index",
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner | st.sampled_from(["$.a", "$[0]", "$.a.b", "STOP", 0]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["candidates", "promptFeedback", "usageMetadata", "error"]), json_values))
def test_no_body_makes_it_raise(body: dict[str, Any]) -> None:
    """Promise 11."""
    data = json.dumps(body).encode()
    assert isinstance(parse_response(body)[-1], Finish | Failed)
    decoder = GeminiDecoder()
    assert isinstance([*decoder.feed(b"data: " + data + b"\n\n"), *decoder.finish(Cause.COMPLETE)][-1], Finish | Failed)
    peek(SseEvent("", data))


# --- looking at forwarded streams ---


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("plain_text", [Look.CONTENT, Look.COMPLETE]),
        ("nothing_but_usage", [Look.QUIET]),
        ("usage_after_the_finish", [Look.COMPLETE, Look.QUIET]),
        ("done_marker", [Look.CONTENT, Look.COMPLETE, Look.DONE]),
        ("call_with_id_and_signature", [Look.CONTENT, Look.COMPLETE]),
        ("executed_code", [Look.CONTENT, Look.CONTENT, Look.COMPLETE]),
        ("blocked_prompt", [Look.COMPLETE]),
        ("error_first", [Look.ERROR]),
        ("error_in_a_list", [Look.ERROR]),
        ("chunks_in_a_list", [Look.COMPLETE]),
        ("malformed_event", [Look.CONTENT, Look.ERROR, Look.COMPLETE]),
        ("null_members", [Look.QUIET, Look.CONTENT, Look.COMPLETE, Look.QUIET]),
    ],
)
def test_what_an_event_of_a_forwarded_stream_means(name: str, looks: list[Look]) -> None:
    assert [peek(event).look for event in sse(name)] == looks


def test_usage_is_seen_in_passing() -> None:
    usage = peek(sse("plain_text")[-1]).usage
    assert usage is not None and usage.output == 4


@pytest.mark.parametrize("name", STREAMS)
def test_no_end_and_no_error_escapes_the_marks(name: str) -> None:
    for event in sse(name):
        if peek(event).look in (Look.COMPLETE, Look.DONE):
            assert MARKS.search(event.data)
        if b'{"error"' in event.data:
            assert MARKS.search(event.data)
