"""Long silences through a real `llr start`: signs of life in the client's dialect, and no commitment by them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import httpx
import openai
from google import genai

from addons.core.model import DialectName
from addons.dialects import DIALECTS
from harness.asks import ask, begun, stream
from harness.process import RouterProcess
from harness.replies import NEVER, Reply, json_reply
from harness.spoken import CLIENTS
from harness.upstream import FakeUpstream

SSE = {"content-type": "text/event-stream"}
CHAT = DialectName.CHAT
SOON = {"LLM_ROUTER_KEEPALIVE_MS": "60", "LLM_ROUTER_FALLBACK_CIRCUIT_FAILURES": "0"}


@asynccontextmanager
async def routed(**env: str) -> AsyncIterator[tuple[FakeUpstream, FakeUpstream, RouterProcess]]:
    """Two Chat providers behind the alias `all`, asked in order."""
    async with FakeUpstream() as first, FakeUpstream() as second:
        providers: list[dict[str, Any]] = [
            {"id": name, "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
            for name, upstream in (("a", first), ("b", second))
        ]
        config = {"version": 2, "providers": providers, "modelAliases": {"all": {"targets": ["a/m", "b/m"]}}}
        async with RouterProcess(config, env={**SOON, **env}) as router:
            yield first, second, router


async def chunks(router: RouterProcess, client: DialectName) -> AsyncIterator[bytes]:
    request = ask(client)
    url = f"{router.url}{request.path}" + (f"?{request.query}" if request.query else "")
    async with (
        httpx.AsyncClient(timeout=10) as http,
        http.stream("POST", url, content=request.body, headers=dict(request.headers)) as reply,
    ):
        assert reply.status_code == 200
        async for chunk in reply.aiter_raw():
            yield chunk


async def until(data: bytes, source: AsyncIterator[bytes]) -> bytes:
    """What comes until `data` is in it."""
    got = b""
    async for chunk in source:
        got += chunk
        if data in got:
            return got
    raise AssertionError(f"{data!r} never came: {got!r}")


async def test_a_client_sees_life_before_the_first_event() -> None:
    async with routed() as (first, _, router):
        for client in CLIENTS:
            beat = DIALECTS[client].keepalive
            go = asyncio.Event()
            first.script(Reply(200, SSE, stream(CHAT), before=go))
            source = chunks(router, client)
            got = await until(beat * 3, source)
            assert got == beat * len(got.split(beat)[:-1])
            go.set()
            assert b"Hello" in await until(b"Hello", source)


async def test_a_client_sees_life_in_the_middle_of_an_answer() -> None:
    async with routed() as (first, _, router):
        for client in CLIENTS:
            beat = DIALECTS[client].keepalive
            go = asyncio.Event()
            first.script(Reply(200, SSE, [*begun(CHAT), go, *stream(CHAT)[len(begun(CHAT)) :]]))
            source = chunks(router, client)
            await until(b"Hello", source)
            await until(beat * 2, source)
            go.set()
            assert [chunk async for chunk in source]


async def test_a_provider_that_fails_after_signs_of_life_was_never_committed_to() -> None:
    async with routed() as (first, second, router):
        for client in CLIENTS:
            go = asyncio.Event()
            first.script(json_reply({"error": {"message": "busy"}}, 503, before=go))
            second.script(Reply(200, SSE, stream(CHAT)))
            source = chunks(router, client)
            beat = DIALECTS[client].keepalive
            await until(beat, source)
            go.set()
            assert b"busy" not in await until(b"Hello", source)


async def test_when_all_fail_after_signs_of_life_the_stream_ends_in_an_error_event() -> None:
    async with routed() as (first, second, router):
        for client in CLIENTS:
            go = asyncio.Event()
            first.script(json_reply({"error": {"message": "busy"}}, 503, before=go))
            second.script(json_reply({"error": {"message": "busy"}}, 503))
            source = chunks(router, client)
            await until(DIALECTS[client].keepalive, source)
            go.set()
            rest = await until(b"busy", source)
            assert b"error" in rest and [chunk async for chunk in source] in ([], [b"data: [DONE]\n\n"])


async def test_a_client_that_leaves_in_the_silence_ends_the_search() -> None:
    """Promise 8."""
    async with routed() as (first, _, router):
        first.script(NEVER)
        source = chunks(router, CHAT)
        await until(DIALECTS[CHAT].keepalive, source)
        received = await first.request()
        await source.aclose()  # type: ignore[attr-defined]
        await received.gone(1.0)
        assert router.stderr == ""


async def test_an_answer_in_time_has_no_signs_of_life() -> None:
    async with routed(LLM_ROUTER_KEEPALIVE_MS="5000") as (first, _, router):
        first.script(Reply(200, SSE, stream(CHAT)))
        assert b"".join([chunk async for chunk in chunks(router, CHAT)]) == b"".join(stream(CHAT))


def halting(go: asyncio.Event) -> Reply:
    return Reply(200, SSE, [*begun(CHAT), go, *stream(CHAT)[len(begun(CHAT)) :]], before=0.3)


async def test_anthropics_sdk_reads_over_the_signs() -> None:
    go = asyncio.Event()
    async with routed() as (first, _, router):
        first.script(halting(go))
        client = anthropic.AsyncAnthropic(base_url=f"{router.url}/anthropic", api_key="x", max_retries=0)
        question: Any = [{"role": "user", "content": "hi"}]
        async with client.messages.stream(model="all", max_tokens=9, messages=question) as answer:
            async for _ in answer.text_stream:
                asyncio.get_running_loop().call_later(0.3, go.set)
            assert (await answer.get_final_message()).content[0].to_dict() == {"type": "text", "text": "Hello"}


async def test_openais_sdk_reads_over_the_signs() -> None:
    go = asyncio.Event()
    async with routed() as (first, _, router):
        first.script(halting(go), halting(go))
        asyncio.get_running_loop().call_later(0.6, go.set)
        client = openai.AsyncOpenAI(base_url=f"{router.url}/v1", api_key="x", max_retries=0)
        question: Any = [{"role": "user", "content": "hi"}]
        texts = [
            chunk.choices[0].delta.content or ""
            async for chunk in await client.chat.completions.create(model="all", messages=question, stream=True)
            if chunk.choices
        ]
        assert "".join(texts) == "Hello"
        events = [event.type async for event in await client.responses.create(model="all", input="hi", stream=True)]
        assert events[-1] == "response.completed"


async def test_googles_sdk_reads_over_the_signs() -> None:
    go = asyncio.Event()
    async with routed() as (first, _, router):
        first.script(halting(go))
        asyncio.get_running_loop().call_later(0.6, go.set)
        options: Any = {"base_url": f"{router.url}/gemini"}
        client = genai.Client(api_key="x", http_options=options)
        found = [
            chunk.text or ""
            async for chunk in await client.aio.models.generate_content_stream(model="all", contents="hi")
        ]
        assert "".join(found) == "Hello"


async def test_the_array_form_stays_json() -> None:
    go = asyncio.Event()
    async with routed() as (first, _, router):
        first.script(halting(go))
        asyncio.get_running_loop().call_later(0.6, go.set)
        async with httpx.AsyncClient(timeout=10) as http:
            url = f"{router.url}/gemini/v1beta/models/all:streamGenerateContent"
            reply = await http.post(url, json={"contents": [{"role": "user", "parts": [{"text": "hi"}]}]})
        assert reply.content.startswith(b"\n")
        parts = [
            chunk["candidates"][0]["content"]["parts"] for chunk in json.loads(reply.content) if "candidates" in chunk
        ]
        assert "".join(part.get("text", "") for found in parts for part in found) == "Hello"
