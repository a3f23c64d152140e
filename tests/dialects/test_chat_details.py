"""Thinking of other dialects in the `reasoning_details` of a Chat client's history, and how it is taken out again."""

import json
from pathlib import Path
from typing import Any

import pytest

from addons.core.accumulate import Answer, fold, unfold
from addons.core.events import Cause, FinishReason
from addons.core.model import DialectName, Message, Request, Text, Thinking, ToolCall
from addons.core.sse import SseParser
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.dialects._chat_details import details, kept
from addons.dialects.openai_chat import DIALECT

CLAUDE, CHAT, GEMINI = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.GEMINI
RESPONSES = DialectName.RESPONSES
REQUEST = Request(CHAT, "m", (), stream=True)
A, B = ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}")
FIRST = Thinking("one", "s1", id="rs_1", dialect=RESPONSES)
SECOND = Thinking("two", "s2", id="rs_2", dialect=RESPONSES)
REAL = {"type": "reasoning.text", "text": "x", "signature": "y"}


def message(*parts: Any) -> dict[str, Any]:
    body: dict[str, Any] = DIALECT.render_response(Answer(parts=parts), REQUEST, "m")["choices"][0]["message"]
    return body


def parsed(raw: dict[str, Any]) -> Message:
    return DIALECT.parse_request({"model": "m", "messages": [raw]}).messages[0]


def said(parts: tuple[Any, ...]) -> list[Any]:
    """The parts without what only tells how they were written."""
    return [part.text if isinstance(part, Text) else part.id if isinstance(part, ToolCall) else part for part in parts]


@pytest.mark.parametrize(
    "parts",
    [
        (FIRST, Text("so"), A),
        (FIRST, SECOND, A, B),
        (FIRST, A, SECOND, B),
        (Text("so"), Thinking("", "sig", dialect=GEMINI), A, B),
        (Thinking("", "blob", redacted=True, dialect=CLAUDE), Thinking("t", "s", dialect=CLAUDE), A),
        (FIRST, Text("the answer")),
    ],
    ids=["before the text", "two of one call", "one of each call", "of the call itself", "redacted", "without a call"],
)
def test_thinking_comes_back_where_it_stood(parts: tuple[Any, ...]) -> None:
    """Promise 15."""
    assert said(parsed(message(*parts)).parts) == said(parts)


def test_a_tool_that_keeps_one_detail_of_a_call_keeps_it_all() -> None:
    """pi finds the detail by the id of the call."""
    assert [each["id"] for each in details((FIRST, SECOND, A, Thinking("three", "s3", dialect=CLAUDE), B))] == [
        "a",
        "b",
    ]


def test_the_stream_has_the_detail_behind_its_call() -> None:
    encoder = DIALECT.encoder(REQUEST, "m")
    data = b"".join(encoder.feed(event) for event in unfold(Answer(parts=(FIRST, A, SECOND, B))))
    deltas = [choice["delta"] for event in SseParser().feed(data)[:-1] for choice in json.loads(event.data)["choices"]]

    heads = [next(iter(delta)) for delta in deltas if "tool_calls" in delta or "reasoning_details" in delta]
    pieces = [detail for delta in deltas for detail in delta.get("reasoning_details", ())]
    assert heads[:2] == ["tool_calls", "reasoning_details"]
    assert pieces == message(FIRST, A, SECOND, B)["reasoning_details"]


@pytest.mark.parametrize(
    "thought", [Thinking("plan", dialect=CHAT), Thinking("plan"), Thinking("plan", dialect=GEMINI)]
)
def test_thinking_without_a_signature_needs_none(thought: Thinking) -> None:
    assert "reasoning_details" not in message(thought, A)


def test_details_of_others_are_no_thinking_of_ours() -> None:
    raw = {"role": "assistant", "content": "a", "reasoning": "x", "reasoning_details": [REAL, 7]}

    assert parsed(raw).parts[0] == Thinking("x", dialect=CHAT, extras={"key": "reasoning"})


def test_a_chat_provider_is_not_sent_them() -> None:
    ours = message(FIRST, A)
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}, ours]}
    changes, losses = DIALECT.residue(json.dumps(body).encode(), body)

    assert changes["messages"] == [body["messages"][0], {k: v for k, v in ours.items() if k != "reasoning_details"}]
    assert [loss.path for loss in losses] == ["messages[1].reasoning_details"]


def test_a_chat_provider_is_sent_its_own() -> None:
    mixed = {"role": "assistant", "content": "a", "reasoning_details": [*details((FIRST,)), REAL]}
    body = {"messages": [mixed]}

    assert DIALECT.residue(json.dumps(body).encode(), body)[0]["messages"][0]["reasoning_details"] == [REAL]


@pytest.mark.parametrize("messages", [None, [7, {"reasoning_details": 7}], [{"reasoning_details": [REAL]}]])
def test_a_body_of_any_shape_may_be_asked(messages: Any) -> None:
    assert DIALECT.residue(b"bGxyOjE6", {"messages": messages}) == ({}, [])


FIXTURES = Path(__file__).parents[1] / "fixtures/chat"
TEXT = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0, "text": "Let me look."}
ENCRYPTED = {"type": "reasoning.encrypted", "id": "rs_1", "format": "openai-responses-v1", "index": 0, "data": "ZW5j"}
GOOGLE = {"google": {"thought_signature": "c2ln"}}


def decoded(name: str) -> tuple[Any, ...]:
    decoder = DIALECT.decoder()
    data = (FIXTURES / f"{name}.sse").read_bytes()
    return fold([*decoder.feed(data), *decoder.finish(Cause.COMPLETE)]).parts


def sent_back(client: DialectName, parts: tuple[Any, ...], model: str = "google/gemini-3-pro") -> dict[str, Any]:
    """What a Chat provider gets in the next turn of a client that kept `parts`."""
    answer = Answer("i", "m", parts=parts, finish=FinishReason.TOOL_USE)
    body = DIALECTS[client].render_response(answer, Request(client, "m", ()), "m")
    turn: dict[DialectName, Any] = {
        CLAUDE: lambda: {"max_tokens": 9, "messages": [{"role": "assistant", "content": body["content"]}]},
        RESPONSES: lambda: {"input": body["output"]},
        GEMINI: lambda: {"contents": [body["candidates"][0]["content"]]},
    }
    request = DIALECTS[client].parse_request({"model": "m", **turn[client]()})
    rendered = DIALECT.render_request(request, Traits.of(model), ToolNames.of(request))
    return next(message for message in rendered.body["messages"] if message["role"] == "assistant")


every_client = pytest.mark.parametrize("client", [CLAUDE, RESPONSES, GEMINI])


@every_client
@pytest.mark.parametrize(
    ("fixture", "detail"),
    [("reasoning_details_in_pieces", {**TEXT, "signature": "c2ln"}), ("encrypted_reasoning_without_words", ENCRYPTED)],
)
def test_details_come_back_to_their_provider(client: DialectName, fixture: str, detail: dict[str, Any]) -> None:
    """Promise 15."""
    message = sent_back(client, decoded(fixture))

    assert message["reasoning_details"] == [detail] and "reasoning_content" not in message


@every_client
def test_a_signature_of_google_comes_back_with_its_call(client: DialectName) -> None:
    """Promise 15: without it Gemini 3 refuses the call."""
    calls = sent_back(client, decoded("signature_in_extra_content"))["tool_calls"]

    assert [call.get("extra_content") for call in calls] == [GOOGLE, None]


@pytest.mark.parametrize("fixture", ["reasoning_details_in_pieces", "signature_in_extra_content"])
def test_openai_itself_is_sent_none_of_it(fixture: str) -> None:
    message = sent_back(CLAUDE, decoded(fixture), "gpt-5.5")

    assert message.keys() == {"role", "content", "tool_calls"}
    assert all(call.keys() == {"id", "type", "function"} for call in message["tool_calls"])


def test_a_whole_answer_has_the_details_too() -> None:
    said = {"role": "assistant", "content": "a", "reasoning": "Let me look.", "reasoning_details": [TEXT, ENCRYPTED]}
    answer = fold(DIALECT.parse_response({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}))

    thinking = answer.parts[0]
    assert isinstance(thinking, Thinking) and thinking.text == "Let me look."
    assert kept(thinking) == {"reasoning_details": [TEXT, ENCRYPTED]}


@pytest.mark.parametrize("signature", [None, "", "c2ln", "[1]"])
def test_another_signature_is_no_detail(signature: str | None) -> None:
    assert kept(Thinking("x", signature, dialect=CHAT)) == {}
    assert kept(Thinking("x", '{"reasoning_details": []}', dialect=CLAUDE)) == {}
