"""The laws of every decoder and encoder, over every fixture and every dialect.

A fixture is one provider's raw stream with one quirk, named for it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from anthropic.types import RawMessageStreamEvent
from google.genai.types import GenerateContentResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types import Completion
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from addons.core.accumulate import Answer, fold
from addons.core.estimate import estimate
from addons.core.events import (
    Begin,
    Cause,
    Event,
    Failed,
    Finish,
    PartClose,
    PartDelta,
    PartOpen,
)
from addons.core.model import DialectName, Message, Request, Text, Thinking, ToolCall
from addons.core.sse import SseParser
from addons.dialects import DIALECTS
from harness.answers import Call, Said, stream
from harness.spoken import CLIENTS

FIXTURES = Path(__file__).parents[1] / "fixtures"
CHAT, GEMINI, COMPLETIONS = DialectName.CHAT, DialectName.GEMINI, DialectName.COMPLETIONS
FOLDERS = {
    DialectName.ANTHROPIC: "anthropic",
    CHAT: "chat",
    DialectName.RESPONSES: "responses",
    GEMINI: "gemini",
    COMPLETIONS: "completions",
}
CASES = [
    pytest.param(name, path.read_bytes(), id=f"{folder}-{path.stem}")
    for name, folder in FOLDERS.items()
    for path in sorted((FIXTURES / folder).glob("*.sse"))
] + [
    pytest.param(name, b"".join(stream(name, said)), id=f"{FOLDERS[name]}-{label}")
    for name in CLIENTS
    for label, said in {
        "plain_text": Said("Grüße 🙂"),
        "thinking_text_and_calls": Said("a", "hm", calls=(Call("f", '{"x":1}'), Call("g", "{}", "call_2"))),
    }.items()
]
every_case = pytest.mark.parametrize(("name", "data"), CASES)
every_client = pytest.mark.parametrize("client", list(CLIENTS))


def decode(name: DialectName, *chunks: bytes, cause: Cause = Cause.COMPLETE) -> list[Event]:
    decoder = DIALECTS[name].decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events + decoder.finish(cause)


def encode(name: DialectName, events: list[Event]) -> bytes:
    encoder = DIALECTS[name].encoder(Request(name, "m", (), stream=True), "m")
    return b"".join(encoder.feed(event) for event in events)


def assert_lawful(events: list[Event]) -> None:
    """The law of addons.core.events."""
    assert [type(event) for event in events if isinstance(event, (Finish, Failed))] == [type(events[-1])]
    assert isinstance(events[0], (Begin, Failed)) and sum(isinstance(event, Begin) for event in events) <= 1
    opened: list[int] = []
    closed: set[int] = set()
    for event in events:
        match event:
            case PartOpen():
                assert event.index == len(opened)
                opened.append(event.index)
            case PartDelta() | PartClose():
                assert event.index in opened and event.index not in closed
                if isinstance(event, PartClose):
                    closed.add(event.index)
            case _:
                pass
    assert closed == set(opened)


@every_case
def test_every_stream_keeps_the_law_whatever_ends_it(name: DialectName, data: bytes) -> None:
    """Promise 2."""
    for cause in Cause:
        assert_lawful(decode(name, data, cause=cause))
        assert_lawful(decode(name, data[: len(data) // 2], cause=cause))


@every_case
def test_byte_by_byte_is_the_same_as_whole(name: DialectName, data: bytes) -> None:
    """Promise 1."""
    assert decode(name, *(data[n : n + 1] for n in range(len(data)))) == decode(name, data)


@every_client
@every_case
@settings(max_examples=5, deadline=None)
@given(split=st.data())
def test_any_split_gives_the_client_the_same_bytes(
    name: DialectName, data: bytes, client: DialectName, split: st.DataObject
) -> None:
    """Promise 1."""
    cuts = sorted(split.draw(st.lists(st.integers(0, len(data)), max_size=6)))
    chunks = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert encode(client, decode(name, *chunks)) == encode(client, decode(name, data))


def essence(answer: Answer, client: DialectName) -> tuple[object, ...]:
    """What `client` can say of an answer."""
    parts: list[tuple[str, object]] = []
    for part in answer.parts:
        match part:
            case Text() if part.text:
                parts.append(("text", part.text))
            case Thinking() if part.text and not part.redacted and client is not COMPLETIONS:
                parts.append(("thinking", part.text))
            case ToolCall() if client is not COMPLETIONS:
                arguments = as_object(part) if client is GEMINI else part.arguments or "{}"
                parts.append(("call", (part.id, part.name, arguments)))
            case _:
                pass
    if client is CHAT:
        parts.sort(key=lambda each: ("thinking", "text", "call").index(each[0]))
    return tuple(joined(parts) if client in UNDIVIDED else parts), answer.error is None


# their streams say where a part of another kind begins, not where one of the same kind does
UNDIVIDED = (CHAT, GEMINI, COMPLETIONS)


def joined(parts: list[tuple[str, object]]) -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    for kind, value in parts:
        if out and out[-1][0] == kind and isinstance(value, str):
            value = f"{out.pop()[1]}{value}"
        out.append((kind, value))
    return out


def as_object(call: ToolCall) -> object:
    """Gemini's arguments are an object, whatever the model wrote."""
    if call.kind == "custom":
        return {"input": call.arguments}
    try:
        value = json.loads(call.arguments or "{}")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"arguments": call.arguments}


@every_client
@every_case
def test_decoding_what_was_encoded_gives_the_same_answer(name: DialectName, data: bytes, client: DialectName) -> None:
    events = decode(name, data)
    again = decode(client, encode(client, events))
    assert_lawful(again)
    assert essence(fold(again), client) == essence(fold(events), client)


ADAPTERS: dict[DialectName, TypeAdapter[Any]] = {
    DialectName.ANTHROPIC: TypeAdapter(RawMessageStreamEvent),
    DialectName.CHAT: TypeAdapter(ChatCompletionChunk),
    DialectName.RESPONSES: TypeAdapter(ResponseStreamEvent),
    GEMINI: TypeAdapter(GenerateContentResponse),
    COMPLETIONS: TypeAdapter(Completion),
}
NOT_IN_THE_TYPES = {"ping", "error"}


@every_client
@every_case
def test_every_event_for_a_client_is_of_the_vendors_type(name: DialectName, data: bytes, client: DialectName) -> None:
    for event in SseParser().feed(encode(client, decode(name, data))):
        if event.data == b"[DONE]":
            continue
        body = json.loads(event.data)
        if body.get("type") in NOT_IN_THE_TYPES or "error" in body:
            continue
        if body.get("type") == "response.failed":
            # Codex acts on codes that the SDK's list does not have, such as server_is_overloaded
            body["response"]["error"]["code"] = "server_error"
        for choice in body.get("choices") or ():
            if client is COMPLETIONS:
                # the SDK has no type of its own for chunks, whose finish reason is null until the last
                choice["finish_reason"] = choice["finish_reason"] or "stop"
                continue
            # the streaming type of the SDK lacks custom tools, which its whole answers have
            calls = choice["delta"].get("tool_calls") or ()
            choice["delta"]["tool_calls"] = [call for call in calls if "custom" not in call]
        ADAPTERS[client].validate_python(body)


@every_client
@every_case
def test_every_client_stream_has_exactly_one_end(name: DialectName, data: bytes, client: DialectName) -> None:
    """Promise 2."""
    ends = 0
    found = SseParser().feed(encode(client, decode(name, data)))
    for event in found:
        body = {} if event.data == b"[DONE]" else json.loads(event.data)
        finished = any("finishReason" in candidate for candidate in body.get("candidates") or ())
        ends += event.data == b"[DONE]" or bool(body.get("error")) or finished or body.get("type") in ENDS
    assert ends == 1


ENDS = {"message_stop", "response.completed", "response.incomplete", "response.failed"}


@pytest.mark.parametrize("name", list(CLIENTS))
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_end_lawfully_and_raise_nothing(name: DialectName, data: bytes) -> None:
    """Promises 2 and 11."""
    assert_lawful(decode(name, data))


@every_case
def test_a_claude_client_is_told_at_once_what_went_in(name: DialectName, data: bytes) -> None:
    """Claude Code reads the size of its context in `message_start`: an estimate, where the provider has not said yet,
    which the end corrects."""
    asked = Request(DialectName.ANTHROPIC, "m", (Message("user", (Text("hi"),)),), stream=True)
    encoder = DIALECTS[DialectName.ANTHROPIC].encoder(asked, "m")
    said = b"".join(encoder.feed(event) for event in decode(name, data))
    bodies = {body["type"]: body for body in (json.loads(event.data) for event in SseParser().feed(said))}

    for body, usage in ((body, body.get("message", body).get("usage")) for body in bodies.values()):
        if usage is None:
            continue
        shares = [usage[f"{share}input_tokens"] for share in ("", "cache_read_", "cache_creation_")]
        assert sum(shares) > 0
        assert sum(shares) == estimate(asked) or "estimated_usage" not in body
    reported = fold(decode(name, data)).usage.input
    if reported and "message_delta" in bodies:
        assert "estimated_usage" not in bodies["message_delta"]


mutations = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


@every_case
@settings(max_examples=10, deadline=None)
@given(choice=st.data())
def test_a_mutated_event_ends_lawfully_and_raises_nothing(
    name: DialectName, data: bytes, choice: st.DataObject
) -> None:
    """Promise 11."""
    found = SseParser().feed(data + b"\n\n")
    bodies = [json.loads(event.data) for event in found if event.data[:1] == b"{" and event.data[-1:] == b"}"]
    if not bodies:
        return
    body = choice.draw(st.sampled_from(bodies))
    _mutate(body, choice)
    mutated = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in bodies)
    assert_lawful(decode(name, mutated))


def _mutate(body: Any, choice: st.DataObject) -> None:
    while isinstance(body, dict) and body:
        key = choice.draw(st.sampled_from(sorted(body)))
        if not isinstance(body[key], dict) or choice.draw(st.booleans()):
            body[key] = choice.draw(mutations)
            return
        body = body[key]
