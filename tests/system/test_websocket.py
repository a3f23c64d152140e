"""The Responses API over WebSocket, through a real router process and a client library of another make."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from addons.core.model import DialectName
from harness import answers
from harness.answers import Call, Said
from harness.process import RouterProcess
from harness.replies import NEVER, End, json_reply, sse
from harness.spoken import PROVIDERS
from harness.upstream import FakeUpstream

CHAT, RESPONSES = DialectName.CHAT, DialectName.RESPONSES
MODEL = "scripted-model"
HELLO = Said("Hello")
SOON = 1.0

type Frame = dict[str, Any]


def config(provider_url: str, dialect: DialectName = CHAT, **more: object) -> dict[str, object]:
    version = "/v1beta" if dialect is DialectName.GEMINI else "/v1"
    base = f"{provider_url}{version}"
    provider = {"id": "p", "baseUrl": base, "apiKey": "k", "format": dialect, "models": [MODEL]}
    return {"version": 2, "providers": [provider], **more}


def socket_url(router: RouterProcess, path: str = "/v1/responses") -> str:
    return router.url.replace("http:", "ws:") + path


@asynccontextmanager
async def talking(
    dialect: DialectName = CHAT, **env: str
) -> AsyncIterator[tuple[FakeUpstream, ClientConnection, RouterProcess]]:
    """A provider of `dialect`, and a WebSocket to the router before it."""
    async with (
        FakeUpstream() as upstream,
        RouterProcess(config(upstream.url, dialect), env=env) as router,
        connect(socket_url(router), max_size=None) as client,
    ):
        yield upstream, client, router


async def create(client: ClientConnection, given: object, **more: object) -> None:
    await client.send(json.dumps({"type": "response.create", "model": f"p/{MODEL}", "input": given, **more}))


async def read(client: ClientConnection) -> Frame:
    frame = json.loads(await asyncio.wait_for(client.recv(), 10))
    assert isinstance(frame, dict)
    return frame


async def answer(client: ClientConnection) -> list[Frame]:
    """The frames up to the one that ends a response."""
    frames = [await read(client)]
    while frames[-1]["type"] not in ("response.completed", "response.failed", "error"):
        frames.append(await read(client))
    return frames


async def end(client: ClientConnection) -> Frame:
    return (await answer(client))[-1]


def said(dialect: DialectName, what: Said) -> Any:
    return sse(answers.stream(dialect, what))


def user(text: str) -> Frame:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


async def test_a_prewarmed_conversation_goes_on_with_new_items_alone() -> None:
    async with talking() as (upstream, client, _):
        await create(client, [user("one")], generate=False)
        warmed = await end(client)
        assert upstream.requests == []

        upstream.script(said(CHAT, HELLO))
        await create(client, [user("two")], previous_response_id=warmed["response"]["id"])
        assert (await end(client))["type"] == "response.completed"
        received = await upstream.request()
        assert [message["content"] for message in received.json["messages"]] == ["one", "two"]


@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_a_tool_call_and_its_result_make_two_turns(dialect: DialectName) -> None:
    async with talking(dialect) as (upstream, client, _):
        upstream.script(said(dialect, Said(calls=(Call("look", '{"at":"it"}'),))), said(dialect, Said("Seen")))
        tools = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]
        await create(client, "go", tools=tools)
        first = (await end(client))["response"]
        (call,) = first["output"]
        result = {"type": "function_call_output", "call_id": call["call_id"], "output": "blue"}
        await create(client, [result], tools=tools, previous_response_id=first["id"])
        second = (await end(client))["response"]

        assert second["output"][0]["content"][0]["text"] == "Seen"
        body = json.dumps(upstream.requests[1].json)
        assert all(word in body for word in ("go", "look", "blue"))
        assert "previous_response_id" not in body


async def test_the_events_are_those_of_the_http_stream() -> None:
    async with talking(RESPONSES) as (upstream, client, router), httpx.AsyncClient() as http:
        upstream.script(said(RESPONSES, HELLO), said(RESPONSES, HELLO))
        await create(client, "go")
        frames = await answer(client)
        body = {"model": f"p/{MODEL}", "input": "go", "stream": True}
        text = (await http.post(f"{router.url}/v1/responses", json=body)).text
        events = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: {")]
        assert frames == events


async def test_an_error_leaves_the_connection_open_for_the_next_request() -> None:
    async with talking() as (upstream, client, _):
        refusal = {"error": {"message": "no such thing", "type": "invalid_request_error"}}
        upstream.script(json_reply(refusal, 400), said(CHAT, HELLO))
        await create(client, "go")
        error = await end(client)
        assert (error["type"], error["status"]) == ("error", 400)
        assert error["error"]["message"].startswith("no such thing")

        await create(client, "again")
        assert (await end(client))["type"] == "response.completed"


async def test_an_answer_that_breaks_off_is_an_error_and_no_silence() -> None:
    async with talking() as (upstream, client, _):
        upstream.script(sse(answers.stream(CHAT, HELLO), after=2, end=End.RESET))
        await create(client, "go")
        assert (await end(client))["type"] == "response.failed"


async def test_a_client_that_leaves_cancels_the_search() -> None:
    """Promise 8."""
    async with talking() as (upstream, client, _):
        upstream.script(NEVER)
        await create(client, "go")
        received = await upstream.request()
        client.transport.abort()
        await received.gone(SOON)


async def test_a_client_that_leaves_in_the_middle_closes_the_upstream() -> None:
    """Promise 8."""
    async with talking() as (upstream, client, _):
        upstream.script(sse(answers.stream(CHAT, HELLO), after=2, end=End.HANG))
        await create(client, "go")
        received = await upstream.request()
        await read(client)
        await client.close()
        await received.gone(SOON)


async def test_a_second_request_at_the_same_time_is_refused_and_the_first_goes_on() -> None:
    async with talking() as (upstream, client, _):
        gate = asyncio.Event()
        upstream.script(sse(answers.stream(CHAT, HELLO), gates={2: gate}))
        await create(client, "one")
        await upstream.request()
        await create(client, "two")
        frames = await answer(client)
        assert frames[-1]["error"]["code"] == "response_in_progress"
        gate.set()
        assert (await end(client))["type"] == "response.completed"
        assert len(upstream.requests) == 1


async def test_a_message_beyond_the_cap_closes_with_the_reason() -> None:
    async with talking(LLM_ROUTER_MAX_REQUEST_BODY_BYTES="5000") as (upstream, client, _):
        await create(client, "x" * 6000)
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1009, "a message may have 5000 bytes")
        assert upstream.requests == []


async def test_a_fragmented_message_is_one_message() -> None:
    async with talking() as (upstream, client, _):
        upstream.script(said(CHAT, HELLO))
        text = json.dumps({"type": "response.create", "model": f"p/{MODEL}", "input": "é" * 1000})
        await client.send(text[at : at + 100] for at in range(0, len(text), 100))
        await end(client)
        assert "é" * 1000 in json.dumps((await upstream.request()).json, ensure_ascii=False)


async def test_a_ping_is_answered_while_a_response_runs() -> None:
    async with talking() as (upstream, client, _):
        upstream.script(NEVER)
        await create(client, "go")
        await upstream.request()
        await asyncio.wait_for(await client.ping(), SOON)


async def test_a_slow_client_holds_the_provider_back() -> None:
    """Promise 56: what is not read is not fetched, and takes no memory."""
    big = answers.stream(RESPONSES, HELLO)
    delta = next(event for event in big if b"output_text.delta" in event)
    flood = [*big[:4], *[delta.replace(b"He", b"x" * 64_000)] * 2000, *big[4:]]
    async with talking(RESPONSES) as (upstream, client, router):
        upstream.script(sse(flood))
        await create(client, "go")
        received = await upstream.request()
        await read(client)
        before = -1
        while before != received.sent:  # until nothing moves any more
            before = received.sent
            await asyncio.sleep(0.5)
        assert received.sent < len(flood) / 2
        assert psutil.Process(router.pid).memory_info().rss < 250 * 1024 * 1024


async def test_a_connection_that_waits_does_not_hold_up_the_end() -> None:
    """Promise 58."""
    async with talking() as (_, client, router):
        await create(client, "go", generate=False)
        await end(client)
        router.process.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), 3)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert await asyncio.wait_for(router.process.wait(), 5) == 0


async def test_the_end_waits_for_a_response_that_runs() -> None:
    """Promise 58."""
    async with talking() as (upstream, client, router):
        gate = asyncio.Event()
        upstream.script(sse(answers.stream(CHAT, HELLO), gates={2: gate}))
        await create(client, "go")
        await upstream.request()
        await read(client)
        router.process.terminate()
        gate.set()
        assert (await end(client))["type"] == "response.completed"
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)


async def test_without_the_key_there_is_no_connection() -> None:
    async with (
        FakeUpstream() as upstream,
        RouterProcess(config(upstream.url, masterKey="the-key"), "--require-auth") as router,
    ):
        with pytest.raises(InvalidStatus) as refused:
            await connect(socket_url(router))
        assert refused.value.response.status_code == 401
        async with connect(socket_url(router), additional_headers={"authorization": "Bearer the-key"}) as client:
            upstream.script(said(CHAT, HELLO))
            await create(client, "go")
            assert (await end(client))["type"] == "response.completed"
