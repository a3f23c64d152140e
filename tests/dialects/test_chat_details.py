"""Thinking of other dialects in the `reasoning_details` of a Chat client's history, and how it is taken out again."""

import json
from typing import Any

import pytest

from addons.core.accumulate import Answer, unfold
from addons.core.model import DialectName, Message, Request, Text, Thinking, ToolCall
from addons.core.sse import SseParser
from addons.dialects._chat_details import details
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
    kept = message(FIRST, A)
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}, kept]}
    changes, losses = DIALECT.residue(json.dumps(body).encode(), body)

    assert changes["messages"] == [body["messages"][0], {k: v for k, v in kept.items() if k != "reasoning_details"}]
    assert [loss.path for loss in losses] == ["messages[1].reasoning_details"]


def test_a_chat_provider_is_sent_its_own() -> None:
    mixed = {"role": "assistant", "content": "a", "reasoning_details": [*details((FIRST,)), REAL]}
    body = {"messages": [mixed]}

    assert DIALECT.residue(json.dumps(body).encode(), body)[0]["messages"][0]["reasoning_details"] == [REAL]


@pytest.mark.parametrize("messages", [None, [7, {"reasoning_details": 7}], [{"reasoning_details": [REAL]}]])
def test_a_body_of_any_shape_may_be_asked(messages: Any) -> None:
    assert DIALECT.residue(b"bGxyOjE6", {"messages": messages}) == ({}, [])
