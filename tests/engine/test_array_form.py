"""Specification of addons/array_form.py: Gemini's streams without `alt=sse` are one JSON array."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from addons.array_form import ArrayForm, one
from addons.core.http import Reply
from addons.core.model import DialectName
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, ask, begun, stream
from harness.engine import assert_error_in, engine, header, offered, planned, read, refusal
from harness.memory import RESET, MemoryUpstream, Scripted
from harness.spoken import PROVIDERS

OLD = replace(ask(GEMINI), query="")


async def asked(provider: DialectName, *script: Any, **settings: Any) -> Reply:
    upstream = MemoryUpstream(a=list(script))
    return await engine(planned(offered("a", provider), **settings), upstream).answer(OLD)


def said(items: list[Any]) -> str:
    return "".join(
        part.get("text", "")
        for item in items
        for candidate in item.get("candidates", [])
        for part in candidate.get("content", {}).get("parts", [])
    )


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_chunks_are_the_items_of_an_array(provider: DialectName) -> None:
    reply = await asked(provider, Scripted(tuple(stream(provider, "Grüße"))))
    items = json.loads(await read(reply))
    assert (reply.status, header(reply, "content-type")) == (200, "application/json")
    assert isinstance(items, list) and said(items) == "Grüße"
    assert items[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_a_gemini_provider_is_asked_for_events_all_the_same() -> None:
    upstream = MemoryUpstream(a=[Scripted(tuple(stream(GEMINI)))])
    await engine(planned(offered("a", GEMINI)), upstream).answer(OLD)
    assert upstream.sent[0].url == "http://a/v1beta/models/m:streamGenerateContent?alt=sse"


@pytest.mark.parametrize("query", ["alt=sse", "alt=json", "alt=sse&key=secret", "$alt=json;enum-encoding=int"])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_gemini_provider_is_told_once_how_to_answer(query: str, streamed: bool) -> None:
    upstream = MemoryUpstream(a=[Scripted(tuple(stream(GEMINI)))])
    asked_for = replace(ask(GEMINI, stream=streamed), query=query)
    await engine(planned(offered("a", GEMINI)), upstream).answer(asked_for)
    sent = parse_qsl(urlsplit(upstream.sent[0].url).query)
    assert [value for name, value in sent if name == "alt"] == (["sse"] if streamed else [])
    assert not {"key", "$alt"} & dict(sent).keys()


async def test_only_geminis_chunks_are_kept_as_they_are() -> None:
    reply = await asked(GEMINI, Scripted(tuple(stream(GEMINI))))
    sent = [json.loads(event.removeprefix(b"data: ")) for event in stream(GEMINI)]
    assert json.loads(await read(reply)) == sent


async def test_the_first_item_is_not_held_back() -> None:
    """Promise 7."""
    gate = asyncio.Event()
    reply = await asked(GEMINI, Scripted((*begun(GEMINI), gate, *stream(GEMINI)[2:])))
    assert not isinstance(reply.body, bytes)
    first = await anext(reply.body)
    assert first.startswith(b"[") and b"Hello" in first
    gate.set()
    assert isinstance(json.loads(first + await read(reply)), list)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_break_in_the_middle_is_an_error_as_the_last_item(provider: DialectName) -> None:
    """Promise 3."""
    items = json.loads(await read(await asked(provider, Scripted((*begun(provider), RESET)))))
    assert said(items[:-1]) == "Hello"
    assert_error_in(GEMINI, items[-1]["error"]["code"], items[-1])


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_failure_before_the_first_item_is_a_plain_error(provider: DialectName) -> None:
    reply = await asked(provider, refusal(provider, 429, "slow down"))
    assert reply.status == 429
    assert_error_in(GEMINI, 429, json.loads(await read(reply)))


async def test_signs_of_life_are_white_space() -> None:
    gate = asyncio.Event()
    reply = await asked(CHAT, Scripted((gate, *stream(CHAT))), keepalive=0.001)
    assert not isinstance(reply.body, bytes)
    first = await anext(reply.body)
    assert first and not first.strip()
    gate.set()
    assert said(json.loads(first + await read(reply))) == "Hello"


@pytest.mark.parametrize("provider", [CHAT, CLAUDE, RESPONSES, GEMINI])
async def test_a_failure_after_signs_of_life_is_the_only_item(provider: DialectName) -> None:
    gate = asyncio.Event()
    reply = await asked(provider, Scripted((gate, RESET)), keepalive=0.001)
    gate.set()
    items = json.loads(await read(reply))
    assert reply.status == 200 and len(items) == 1
    assert_error_in(GEMINI, items[0]["error"]["code"], items[0])


async def test_a_client_that_leaves_closes_the_upstream() -> None:
    """Promise 8."""
    scripted = Scripted((*begun(GEMINI), asyncio.Event()))
    reply = await asked(GEMINI, scripted)
    assert not isinstance(reply.body, bytes)
    await anext(reply.body)
    await reply.body.aclose()  # type: ignore[attr-defined]
    assert scripted.closed


@pytest.mark.parametrize("method", ["generateContent"])
async def test_what_is_not_streamed_is_no_array(method: str) -> None:
    upstream = MemoryUpstream(a=[Scripted(tuple(stream(CHAT)))])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(
        replace(OLD, path=f"/v1beta/models/all:{method}")
    )
    assert isinstance(json.loads(await read(reply)), dict)


async def test_nothing_at_all_is_an_empty_array() -> None:
    assert b"".join([chunk async for chunk in ArrayForm(one(b""))]).strip() == b"[]"


@pytest.mark.parametrize("cut", range(1, 40, 3))
async def test_any_split_of_the_events_gives_the_same_items(cut: int) -> None:
    """Promise 1."""
    data = b"".join(stream(GEMINI))

    async def pieces() -> Any:
        for start in range(0, len(data), cut):
            yield data[start : start + cut]

    split = b"".join([chunk async for chunk in ArrayForm(pieces())])
    assert json.loads(split) == json.loads(b"".join([chunk async for chunk in ArrayForm(one(data))]))
