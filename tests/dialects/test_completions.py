"""Specification of the legacy completions dialect. Oracle: the vendor's type."""

import json
from typing import Any

import pytest
from openai.types import Completion

from addons.core.accumulate import Answer, fold
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo
from addons.core.events import (
    Begin,
    Cause,
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
from addons.core.model import DialectName, Message, Rendered, Request, Text, Thinking, ToolCall
from addons.core.sse import SseEvent, SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.dialects.base import Look
from harness.answers import Said, event, stream, whole

COMPLETIONS = DialectName.COMPLETIONS
DIALECT = DIALECTS[COMPLETIONS]
USAGE = Usage(input=100, output=20)


def parsed(**body: Any) -> Request:
    return DIALECT.parse_request({"model": "m", "prompt": "def f(", **body})


def rendered(request: Request, provider: DialectName = COMPLETIONS) -> Rendered:
    return DIALECTS[provider].render_request(request, Traits.of("other"), ToolNames.of(request))


# --- requests


@pytest.mark.parametrize("prompt", ["def f(", ["def f("]])
def test_the_prompt_is_what_the_user_says(prompt: Any) -> None:
    assert parsed(prompt=prompt).messages == (Message("user", (Text("def f("),)),)


@pytest.mark.parametrize(
    "prompt", [["a", "b"], [1, 2], [[1, 2]], None, 7, []], ids=["several", "tokens", "lists", "none", "7", "empty"]
)
def test_a_prompt_that_cannot_be_translated_is_named(prompt: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        parsed(prompt=prompt)
    assert caught.value.path == "prompt"


def test_a_request_without_a_limit_means_the_documented_one() -> None:
    assert parsed().max_tokens == 16 and parsed(max_tokens=0).max_tokens == 0


def test_settings_have_their_canonical_names() -> None:
    request = parsed(max_tokens=9, temperature=0.1, top_p=0.9, stop=["\n", "#"], user="me", stream=True)
    assert (request.max_tokens, request.temperature, request.top_p, request.stop) == (9, 0.1, 0.9, ("\n", "#"))
    assert (request.user, request.stream, request.include_usage) == ("me", True, False)
    assert parsed(stop="\n").stop == ("\n",)
    assert parsed(stream_options={"include_usage": True}).include_usage


LOST = {"suffix": "\n", "echo": True, "best_of": 3, "n": 2, "logprobs": 5, "seed": 7}


@pytest.mark.parametrize("provider", [DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES])
def test_what_chat_models_cannot_do_is_a_loss(provider: DialectName) -> None:
    """Promise 22."""
    losses = {loss.path for loss in rendered(parsed(**LOST), provider).losses}
    assert losses >= LOST.keys() - {"seed"}


def test_asking_for_nothing_special_is_no_loss() -> None:
    assert parsed(n=1, best_of=1, echo=False, suffix=None, logprobs=None, logit_bias={}).extras == {}


def test_it_renders_its_own_requests() -> None:
    body = rendered(parsed(stop="\n", temperature=0.5, stream=True, **LOST)).body
    options = {"stream": True, "stream_options": {"include_usage": True}}
    said = {"model": "other", "prompt": "def f(", "max_tokens": 16, "temperature": 0.5, "stop": ["\n"]}
    assert body == {**said, **options, **LOST}


# --- answers


def answer(*events: Event, reason: FinishReason = FinishReason.END_TURN) -> list[Event]:
    return [Begin("cmpl-1", "x", 7), *events, UsageReport(USAGE), Finish(reason)]


TEXT: list[Event] = [PartOpen(0, "text"), PartDelta(0, "Grü"), PartDelta(0, "ße"), PartClose(0)]


def chunks(events: list[Event], request: Request) -> list[Any]:
    encoder = DIALECT.encoder(request, "m")
    data = b"".join(encoder.feed(event) for event in events)
    return [each.data if each.data == b"[DONE]" else json.loads(each.data) for each in SseParser().feed(data)]


def test_a_streamed_answer() -> None:
    *found, done = chunks(answer(*TEXT), parsed(stream=True))
    assert done == b"[DONE]"
    assert [chunk["choices"][0]["text"] for chunk in found] == ["Grü", "ße", ""]
    assert [chunk["choices"][0]["finish_reason"] for chunk in found] == [None, None, "stop"]
    assert {(chunk["id"], chunk["object"], chunk["created"], chunk["model"]) for chunk in found} == {
        ("cmpl-1", "text_completion", 7, "m")
    }
    assert not any("usage" in chunk for chunk in found)


def test_usage_comes_to_those_who_ask() -> None:
    *_, last, done = chunks(answer(*TEXT), parsed(stream=True, stream_options={"include_usage": True}))
    assert last["choices"] == [] and last["usage"]["total_tokens"] == 120 and done == b"[DONE]"
    Completion.model_validate(last)


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.END_TURN, "stop"),
        (FinishReason.STOP_SEQUENCE, "stop"),
        (FinishReason.TOOL_USE, "stop"),
        (FinishReason.PAUSE_TURN, "stop"),
        (FinishReason.MAX_TOKENS, "length"),
        (FinishReason.CONTEXT_WINDOW, "length"),
        (FinishReason.REFUSAL, "content_filter"),
    ],
)
def test_every_reason_to_finish(reason: FinishReason, word: str) -> None:
    events = answer(*TEXT, reason=reason)
    assert chunks(events, parsed())[-2]["choices"][0]["finish_reason"] == word
    body = DIALECT.render_response(fold(events), parsed(), "m")
    assert Completion.model_validate(body).choices[0].finish_reason == word


def test_thoughts_and_calls_are_not_shown() -> None:
    hidden: list[Event] = [
        PartOpen(0, "thinking"), PartDelta(0, "hm"), PartClose(0), PartOpen(1, "text"), PartDelta(1, "so"),
        PartClose(1), PartOpen(2, "tool_call", id="c", name="f"), PartDelta(2, "{}"), PartClose(2),
    ]  # fmt: skip
    texts = [chunk["choices"][0]["text"] for chunk in chunks(answer(*hidden), parsed())[:-1]]
    assert texts == ["so", ""]
    done = Answer(parts=(Thinking("hm"), Text("so"), ToolCall("c", "f", "{}")))
    assert DIALECT.render_response(done, parsed(), "m")["choices"][0]["text"] == "so"


def test_a_failure_in_the_middle_is_an_error_event() -> None:
    """Promise 3."""
    failed = Failed(ErrorInfo(ErrorClass.OVERLOADED, "busy", status=529))
    *_, last = chunks([Begin(), *TEXT, failed], parsed())
    assert last["error"]["message"] == "busy"


def test_a_ping_is_a_comment() -> None:
    assert DIALECT.encoder(parsed(), "m").feed(Ping()).startswith(b":")


def test_a_whole_answer_is_of_the_vendors_type() -> None:
    body = DIALECT.render_response(fold(answer(*TEXT)), parsed(), "m")
    read = Completion.model_validate(body)
    assert (read.id, read.model, read.choices[0].text) == ("cmpl-1", "m", "Grüße")
    assert read.usage is not None and read.usage.prompt_tokens == 100


# --- as a provider

SAID = Said("Grüße")


def test_stream_and_whole_are_read_alike() -> None:
    decoder = DIALECT.decoder()
    streamed = fold([*decoder.feed(b"".join(stream(COMPLETIONS, SAID))), *decoder.finish(Cause.COMPLETE)])
    assert streamed == fold(DIALECT.parse_response(whole(COMPLETIONS, SAID)))
    assert streamed.parts == (Text("Grüße"),) and streamed.usage.output == 20


@pytest.mark.parametrize("body", [{}, {"choices": []}, {"choices": [{"text": None}]}, {"choices": [7]}])
def test_an_answer_without_text_is_malformed(body: dict[str, Any]) -> None:
    (failed,) = DIALECT.parse_response(body)
    assert isinstance(failed, Failed) and failed.error.cls is ErrorClass.MALFORMED


def test_a_stream_is_peeked_at() -> None:
    looks = [DIALECT.peek(SseEvent("", data[6:].strip())).look for data in stream(COMPLETIONS, SAID)]
    assert looks == [Look.CONTENT, Look.CONTENT, Look.COMPLETE, Look.QUIET, Look.DONE]
    error = DIALECT.peek(SseEvent("", event({"error": {"message": "no", "code": "rate_limit_exceeded"}})[6:].strip()))
    assert error.look is Look.ERROR and error.error is not None and error.error.cls is ErrorClass.RATE_LIMITED
    assert DIALECT.peek(SseEvent("", b"7")).look is Look.ERROR


def test_errors_are_openais() -> None:
    info = DIALECT.parse_error(429, {"retry-after": "3"}, b'{"error":{"message":"slow","type":"requests"}}')
    assert (info.cls, info.retry_after) == (ErrorClass.RATE_LIMITED, 3.0)
    assert DIALECT.render_error(info)["error"]["code"] == "rate_limit_exceeded"
