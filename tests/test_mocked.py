"""Specification of addons/mocked.py: a capture answers as a provider did."""

import json
from typing import Any

import pytest

from addons.core.http import Ask
from addons.core.redact import Mode
from addons.mocked import Mocked
from harness.asks import CHAT, CLAUDE, RESPONSES, stream
from harness.captures import line
from harness.engine import read


def asked(*texts: str, model: str = "m", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text} for text in texts], **more}


async def answer(mocked: Mocked, body: dict[str, Any], path: str = "/v1/messages") -> str:
    return (await read(await mocked.answer(Ask("POST", path, "", {}, json.dumps(body).encode())))).decode()


def mocked(*pairs: tuple[dict[str, Any], str]) -> Mocked:
    return Mocked(line(body, json.dumps({"said": text}).encode()) for body, text in pairs)


async def test_the_same_request_gets_the_same_answer() -> None:
    found = mocked((asked("a"), "one"), (asked("b"), "two"))
    assert '"two"' in await answer(found, asked("b"))
    assert '"one"' in await answer(found, asked("a"))


async def test_the_next_turn_of_a_conversation_gets_the_next_answer() -> None:
    found = mocked((asked("a"), "first"), (asked("a", "b"), "second"))
    assert '"first"' in await answer(found, asked("another"))
    assert '"second"' in await answer(found, asked("another", "and on"))


async def test_requests_that_are_alike_are_answered_in_their_turn() -> None:
    found = mocked((asked("a"), "one"), (asked("a"), "two"))
    assert ['"one"' in await answer(found, asked("a")), '"two"' in await answer(found, asked("a"))] == [True, True]
    assert '"one"' in await answer(found, asked("a"))


async def test_a_request_that_is_not_streamed_gets_no_stream() -> None:
    found = mocked((asked("a", stream=True), "streamed"), (asked("x", "y", "z"), "whole"))
    assert '"whole"' in await answer(found, asked("a"))


async def test_a_stream_is_a_stream_again() -> None:
    data = b"".join(stream(CLAUDE))
    found = Mocked([line(asked("a"), data)])
    reply = await found.answer(Ask("POST", "/v1/messages", "", {}, json.dumps(asked("a")).encode()))
    assert dict(reply.headers) == {"content-type": "text/event-stream"}
    text = (await read(reply)).decode()
    assert [json.loads(each[5:]) for each in text.split("\n") if each.startswith("data:")] == [
        json.loads(each[5:]) for each in data.decode().split("\n") if each.startswith("data:")
    ]


async def test_the_same_dialect_at_another_path_is_answered() -> None:
    assert "one" in await answer(mocked((asked("a"), "one")), asked("a"), "/anthropic/v1/messages")


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES])
async def test_what_was_never_asked_is_refused(dialect: Any) -> None:
    path = {CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses"}[dialect]
    reply = await mocked((asked("a"), "one")).answer(Ask("POST", path, "", {}, b"{}"))
    assert reply.status == 404 and "nothing like this" in (await read(reply)).decode()


async def test_failures_are_answered_as_failures() -> None:
    found = Mocked([line(asked("a"), b'{"type":"error"}', status=529)])
    assert (await found.answer(Ask("POST", "/v1/messages", "", {}, b"{}"))).status == 529


def test_a_signature_has_no_answers() -> None:
    assert len(Mocked([line(asked("a"), b"{}", mode=Mode.SIGNATURE)])) == 0
