"""Specification of answers for Gemini clients. Oracle: the vendor's own types and client."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types
from google.genai.types import GenerateContentResponse

from addons.core.accumulate import Answer, fold
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
from addons.core.model import DialectName, Opaque, Reasoning, Request, Text, Thinking, ToolCall, ToolKind
from addons.core.sse import SseParser
from addons.dialects._gemini_encode import KEEP_ALIVE, GeminiEncoder, render_response
from addons.dialects._gemini_request import parse_request
from addons.dialects._gemini_signature import unwrap

GEMINI, CLAUDE, CHAT = DialectName.GEMINI, DialectName.ANTHROPIC, DialectName.CHAT
REQUEST = Request(GEMINI, "gemini-3-pro", (), stream=True)
USAGE = Usage(input=100, output=20, cache_read=40, reasoning=5)
COUNTED = {
    "promptTokenCount": 100,
    "cachedContentTokenCount": 40,
    "candidatesTokenCount": 15,
    "thoughtsTokenCount": 5,
    "totalTokenCount": 120,
}


def answer(*events: Event, finish: Event | None = None) -> list[Event]:
    return [Begin("resp_1", "claude"), *events, UsageReport(USAGE), finish or Finish(FinishReason.END_TURN)]


def text(index: int, *pieces: str) -> list[Event]:
    return [PartOpen(index, "text"), *(PartDelta(index, piece) for piece in pieces), PartClose(index)]


def thought(index: int, said: str, signature: str | None, dialect: DialectName | None, **more: Any) -> list[Event]:
    opened = PartOpen(index, "thinking", dialect=dialect, **more)
    return [opened, *([PartDelta(index, said)] if said else []), PartDelta(index, "", signature), PartClose(index)]


def call(index: int, arguments: str, name: str = "f", kind: ToolKind = "function") -> list[Event]:
    half = len(arguments) // 2
    opened = PartOpen(index, "tool_call", id=f"c{index}", name=name, tool_kind=kind)
    return [opened, PartDelta(index, arguments[:half]), PartDelta(index, arguments[half:]), PartClose(index)]


def written(events: list[Event], request: Request = REQUEST) -> bytes:
    encoder = GeminiEncoder(request, "gemini-3-pro")
    return b"".join(encoder.feed(event) for event in events)


def chunks(events: list[Event], request: Request = REQUEST) -> list[dict[str, Any]]:
    found = [json.loads(event.data) for event in SseParser().feed(written(events, request))]
    for each in found:
        GenerateContentResponse.model_validate(each)
    return found


def parts(events: list[Event], request: Request = REQUEST) -> list[dict[str, Any]]:
    return [part for chunk in chunks(events, request) for part in chunk["candidates"][0]["content"]["parts"]]


def test_text_is_written_as_it_comes() -> None:
    encoder = GeminiEncoder(REQUEST, "gemini-3-pro")
    for event in (Begin("resp_1"), PartOpen(0, "text")):
        assert encoder.feed(event) == b""
    chunk = {
        "candidates": [{"content": {"parts": [{"text": "Grüße"}], "role": "model"}, "index": 0}],
        "modelVersion": "gemini-3-pro",
        "responseId": "resp_1",
    }
    assert encoder.feed(PartDelta(0, "Grüße")) == (
        b"data: " + json.dumps(chunk, ensure_ascii=False, separators=(",", ":")).encode() + b"\r\n\r\n"
    )


def test_the_last_chunk_has_the_reason_and_the_counts() -> None:
    *before, last = chunks(answer(*text(0, "a", "b")))
    assert [chunk["candidates"][0].get("finishReason") for chunk in before] == [None, None]
    assert last["candidates"][0]["finishReason"] == "STOP"
    assert last["usageMetadata"] == COUNTED


def test_a_stream_has_no_end_mark() -> None:
    assert b"[DONE]" not in written(answer(*text(0, "a")))


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.END_TURN, "STOP"),
        (FinishReason.STOP_SEQUENCE, "STOP"),
        (FinishReason.TOOL_USE, "STOP"),
        (FinishReason.PAUSE_TURN, "STOP"),
        (FinishReason.MAX_TOKENS, "MAX_TOKENS"),
        (FinishReason.CONTEXT_WINDOW, "MAX_TOKENS"),
        (FinishReason.REFUSAL, "SAFETY"),
    ],
)
def test_every_reason_to_finish(reason: FinishReason, word: str) -> None:
    events = answer(finish=Finish(reason))
    assert chunks(events)[-1]["candidates"][0]["finishReason"] == word
    assert render_response(fold(events), REQUEST, "m")["candidates"][0]["finishReason"] == word
    assert types.FinishReason(word) in list(types.FinishReason)


def test_a_call_is_written_whole_when_it_is_complete() -> None:
    """Promise 14."""
    encoder = GeminiEncoder(REQUEST, "m")
    *opening, close = call(0, '{"path":"ü","n":1.0}')
    assert b"".join(encoder.feed(event) for event in opening) == b""
    (event,) = SseParser().feed(encoder.feed(close))
    (part,) = json.loads(event.data)["candidates"][0]["content"]["parts"]
    assert part == {"functionCall": {"id": "c0", "name": "f", "args": {"path": "ü", "n": 1.0}}}


@pytest.mark.parametrize(
    ("arguments", "kind", "args"),
    [
        ("", "function", {}),
        ('{"a":', "function", {"arguments": '{"a":'}),
        ("[1]", "function", {"arguments": "[1]"}),
        ("text(1)", "custom", {"input": "text(1)"}),
    ],
    ids=["none", "garbled", "no object", "free text"],
)
def test_arguments_are_always_an_object(arguments: str, kind: ToolKind, args: dict[str, Any]) -> None:
    assert parts(answer(*call(0, arguments, kind=kind)))[0]["functionCall"]["args"] == args


def test_interleaved_calls_each_come_once() -> None:
    a, b = call(0, '{"a":1}'), call(1, '{"b":2}')
    mixed = [event for pair in zip(a, b, strict=True) for event in pair]
    called = [part["functionCall"]["args"] for part in parts(answer(*mixed)) if "functionCall" in part]
    assert called == [{"a": 1}, {"b": 2}]


# --- thinking


def test_thoughts_are_parts_of_their_own() -> None:
    found = parts(answer(*thought(0, "hm", None, CHAT), *text(1, "so")))
    assert found == [{"text": "hm", "thought": True}, {"text": "so"}, {"text": ""}]


@pytest.mark.parametrize(
    ("reasoning", "shown"),
    [(None, True), (Reasoning(budget=9, enabled=True), False), (Reasoning(effort="high", summary="auto"), True)],
    ids=["nothing said", "thinking without thoughts", "with thoughts"],
)
def test_a_client_that_configures_thinking_decides_about_thoughts(reasoning: Reasoning | None, shown: bool) -> None:
    request = Request(GEMINI, "m", (), reasoning=reasoning)
    events = answer(*thought(0, "hm", None, CLAUDE), *text(1, "so"))
    assert any(part.get("thought") for part in parts(events, request)) is shown


def test_googles_own_signature_stands_on_the_part_that_follows() -> None:
    """Promise 15."""
    found = parts(answer(*thought(0, "", "c2ln", GEMINI), *call(1, "{}"), *call(2, "{}")))
    assert [part.get("thoughtSignature") for part in found] == ["c2ln", None, None]


def test_googles_own_signature_of_a_thought_stays_with_it() -> None:
    """Promise 15."""
    found = parts(answer(*thought(0, "hm", "c2ln", GEMINI), *call(1, "{}")))
    assert found[1] == {"text": "", "thought": True, "thoughtSignature": "c2ln"}
    assert "thoughtSignature" not in found[2]


@pytest.mark.parametrize("then", [call(1, "{}"), text(1, "so", "?"), []], ids=["a call", "a text", "nothing"])
@pytest.mark.parametrize("whole", [True, False])
def test_another_providers_thinking_survives_a_gemini_client(then: list[Event], whole: bool) -> None:
    """Promise 15: also with a client that drops thoughts, as Gemini CLI does."""
    events = answer(*thought(0, "let me see", "SIG", CLAUDE), *then)
    made = render_response(fold(events), REQUEST, "m")["candidates"][0]["content"]["parts"] if whole else parts(events)
    kept = [part for part in made if not part.get("thought")]
    history = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": kept}]}
    first, *others = parse_request(history).messages[1].parts
    assert first == Thinking("let me see", "SIG", dialect=CLAUDE)
    assert not any(isinstance(part, Thinking) for part in others)


def test_several_thoughts_travel_in_one_signature() -> None:
    hidden = thought(1, "", "ENC", CLAUDE, redacted=True)
    (carrier,) = parts(answer(*thought(0, "a", "S1", CLAUDE), *hidden, *call(2, "{}")))[1:2]
    assert unwrap(carrier["thoughtSignature"]) == [
        Thinking("a", "S1", dialect=CLAUDE),
        Thinking("", "ENC", redacted=True, dialect=CLAUDE),
    ]


def test_thinking_without_a_signature_needs_no_wrapping() -> None:
    assert "thoughtSignature" not in str(parts(answer(*thought(0, "hm", None, CLAUDE), *text(1, "so"))))


def test_what_google_ran_itself_is_shown_and_what_others_ran_is_not() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1+1"}}
    events: list[Event] = [
        PartOpen(0, "opaque", dialect=GEMINI, raw=code), PartClose(0),
        PartOpen(1, "opaque", dialect=CLAUDE, raw={"type": "server_tool_use"}), PartClose(1),
    ]  # fmt: skip
    assert parts(answer(*events)) == [code, {"text": ""}]
    whole = render_response(Answer(parts=(Opaque(GEMINI, code), Opaque(CLAUDE, {"a": 1}))), REQUEST, "m")
    assert whole["candidates"][0]["content"]["parts"] == [code]


# --- whole answers


def test_a_whole_answer() -> None:
    done = Answer("resp_1", "claude", parts=(Text("Hi"), ToolCall("c1", "f", '{"a":1}')), usage=USAGE)
    body = render_response(done, REQUEST, "gemini-3-pro")
    called = {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}}
    assert body == {
        "candidates": [
            {"content": {"parts": [{"text": "Hi"}, called], "role": "model"}, "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": COUNTED,
        "modelVersion": "gemini-3-pro",
        "responseId": "resp_1",
    }
    read = GenerateContentResponse.model_validate(body)
    assert read.function_calls and read.function_calls[0].args == {"a": 1}


def test_an_empty_answer_has_a_part() -> None:
    """Naive clients index it."""
    assert render_response(Answer(), REQUEST, "m")["candidates"][0]["content"]["parts"] == [{"text": ""}]


# --- the vendor's client

FAILED = Failed(ErrorInfo(ErrorClass.OVERLOADED, "too much going on", status=529))


class Streamed(httpx.AsyncByteStream, httpx.SyncByteStream):
    """Bytes as the client's transport gets them."""

    def __init__(self, data: bytes, size: int) -> None:
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)


def heard(data: bytes, size: int = 7) -> list[GenerateContentResponse]:
    """What google-genai makes of a stream."""

    def answered(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Streamed(data, size))

    transport = httpx.Client(transport=httpx.MockTransport(answered))
    with genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=transport)) as client:
        return list(client.models.generate_content_stream(model="m", contents="hi"))


def test_the_vendors_client_reads_a_stream() -> None:
    events = answer(*thought(0, "hm", "SIG", CLAUDE), *text(1, "Grü", "ße"), *call(2, '{"a":1}'))
    found = heard(written(events))
    assert "".join(chunk.text or "" for chunk in found) == "Grüße"
    assert [each.args for chunk in found for each in chunk.function_calls or ()] == [{"a": 1}]
    usage = found[-1].usage_metadata
    assert usage is not None and (usage.total_token_count, usage.thoughts_token_count) == (120, 5)
    assert found[-1].candidates and found[-1].candidates[0].finish_reason is types.FinishReason.STOP


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_the_vendors_client_hears_of_a_failure_in_the_middle(size: int) -> None:
    """Promise 3."""
    events: list[Event] = [Begin(), *text(0, "a"), FAILED]
    with pytest.raises(errors.ServerError, match="too much going on") as caught:
        heard(written(events), size)
    assert (caught.value.code, caught.value.status) == (529, "UNAVAILABLE")


def test_a_failure_is_one_event_and_the_same_again_as_bare_json() -> None:
    """Google's client for JavaScript sees errors in bare JSON only: with the event alone the stream would only end."""
    data = GeminiEncoder(REQUEST, "m").feed(FAILED)
    (event,) = SseParser().feed(data)
    _, _, bare = data.partition(b"\r\n\r\n")
    assert list(json.loads(event.data)) == ["error"] and json.loads(bare) == json.loads(event.data)


def test_keep_alives_disturb_nobody() -> None:
    """Promise 13: a comment, which every other client skips, breaks Google's."""
    first, *others = [GeminiEncoder(REQUEST, "m").feed(Ping()), *written(answer(*text(0, "a", "b"))).splitlines(True)]
    assert first == KEEP_ALIVE
    quiet = KEEP_ALIVE * 3 + b"".join(others).replace(b"\r\n\r\n", b"\r\n\r\n" + KEEP_ALIVE * 3)
    assert "".join(chunk.text or "" for chunk in heard(quiet)) == "ab"
    with pytest.raises(errors.UnknownApiResponseError):
        heard(b": keep-alive\n\n" + b"".join(others))
