"""Specification of the answers of providers that name another content type than they send."""

import pytest

from addons.core.model import DialectName, Text
from harness.asks import CHAT, RESPONSES, ask, error_event, opening, stream
from harness.engine import engine, header, json_of, offered, planned, read, streamed
from harness.memory import MemoryUpstream, Scripted
from harness.spoken import PROVIDERS

ODD = ["", "text/plain", "application/octet-stream", "Text/Event-Stream; Charset=UTF-8"]
PAIRS = [(client, provider) for client in PROVIDERS for provider in PROVIDERS]


def typed(content_type: str, *body: bytes) -> Scripted:
    return Scripted(body, 200, {"content-type": content_type} if content_type else {})


@pytest.mark.parametrize("content_type", ODD)
@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_a_stream_is_a_stream_whatever_it_is_called(
    client: DialectName, provider: DialectName, content_type: str
) -> None:
    upstream = MemoryUpstream(a=[typed(content_type, *stream(provider))])
    reply = await engine(planned(offered("a", provider)), upstream).answer(ask(client))
    assert (header(reply, "content-type") or "").lower().startswith("text/event-stream")
    assert [name for name, _ in reply.headers].count("content-type") == 1
    assert (await streamed(client, reply)).parts == (Text("Hello"),)


@pytest.mark.parametrize("content_type", ODD)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_it_falls_back_like_any_other(provider: DialectName, content_type: str) -> None:
    """Promise 6."""
    broken = typed(content_type, *opening(provider), error_event(provider))
    upstream = MemoryUpstream(a=[broken], b=[Scripted(tuple(stream(provider)))])
    plan = planned(offered("a", provider), offered("b", provider))
    reply = await engine(plan, upstream).answer(ask(CHAT))
    assert reply.status == 200 and b"Hello" in await read(reply) and upstream.asked == ["a", "b"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "text/html", "application/json"])
@pytest.mark.parametrize("body", [b"", b"<html>no stream</html>", b"plainly wrong"])
async def test_what_is_no_answer_is_a_failure_all_the_same(content_type: str, body: bytes) -> None:
    upstream = MemoryUpstream(a=[typed(content_type, body)], b=[Scripted(tuple(stream(CHAT)))])
    reply = await engine(planned(offered("a", CHAT), offered("b", CHAT)), upstream).answer(ask(CHAT))
    assert b"Hello" in await read(reply) and upstream.asked == ["a", "b"]


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
async def test_a_whole_answer_to_who_wanted_a_stream_is_streamed(content_type: str) -> None:
    """Some servers cannot stream, and say so by not doing it."""
    whole = (
        b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",'
        b'"message":{"role":"assistant","content":"Hello"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
    )
    for client in (CHAT, RESPONSES):
        upstream = MemoryUpstream(a=[typed(content_type, whole)])
        reply = await engine(planned(offered("a", CHAT)), upstream).answer(ask(client))
        assert (await streamed(client, reply)).parts == (Text("Hello"),)


async def test_who_wanted_no_stream_gets_json() -> None:
    upstream = MemoryUpstream(a=[typed("text/event-stream", *stream(CHAT))])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(ask(CHAT, stream=False))
    assert header(reply, "content-type") == "application/json"
    assert (await json_of(reply))["choices"][0]["message"]["content"] == "Hello"
