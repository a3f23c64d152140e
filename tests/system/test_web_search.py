"""Searches that a real router runs: the vendors' SDKs on a provider that cannot search, and AMP's own calls."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import openai
import pytest
from clients import tools

from addons.core.model import DialectName
from harness.answers import Call, Said, stream, whole
from harness.process import RouterProcess
from harness.replies import Reply, json_reply, sse
from harness.upstream import FakeUpstream, Received

CHAT = DialectName.CHAT
TOOL: Any = {"type": "web_search_20250305", "name": "web_search", "max_uses": 5}
HITS = {
    "results": [
        {"title": "Llamas", "url": "https://llamas.example/", "content": "They hum.", "published_date": "2026-01-02"}
    ]
}
LOOK = Said("Let me look.", calls=(Call("web_search", '{"query": "llamas"}'),))
DONE = Said("They hum, says llamas.example.")


class Internet(FakeUpstream):
    """A provider without a search, a search service and AMP's server in one: told apart by their paths. The model
    searches whenever its history ends with the user's words."""

    def __init__(self) -> None:
        super().__init__(default=self._answer)
        self.held: asyncio.Event | None = None

    def _answer(self, received: Received) -> Reply:
        if received.path == "/search":
            return json_reply(HITS) if self.held is None else json_reply(HITS, before=self.held)
        if received.path == "/api/internal":
            return json_reply({"ok": True, "result": "of AMP's server"})
        said = LOOK if received.json["messages"][-1]["role"] == "user" else DONE
        return sse(stream(CHAT, said)) if received.json.get("stream") else json_reply(whole(CHAT, said))

    def searches(self) -> list[Any]:
        return [each.json for each in self.requests if each.path == "/search"]


@pytest.fixture
async def internet() -> AsyncIterator[Internet]:
    async with Internet() as it:
        yield it


def searching(internet: Internet, **amp: Any) -> dict[str, Any]:
    """A configuration that answers AMP's searches, but for what the `amp` block says otherwise."""
    return {
        "version": 2,
        "providers": [{"id": "p", "baseUrl": internet.url, "apiKey": "k", "format": "openai", "models": ["m"]}],
        "amp": {"upstreamUrl": internet.url, "upstreamApiKey": "sgamp", **amp},
        "webSearch": {
            "interceptInternalSearch": True,
            "providers": [{"id": "tavily", "apiKey": "tvly-key", "url": f"{internet.url}/search"}],
        },
    }


@pytest.fixture
async def router(internet: Internet) -> AsyncIterator[RouterProcess]:
    async with RouterProcess(searching(internet)) as it:
        yield it


def chat_with_claude_code(received: Received) -> Reply:
    """The model of Claude Code: it loads the tool WebSearch, uses it, and inside of that the search itself."""
    body = received.json
    offered = [tool["function"]["name"] for tool in body.get("tools") or ()]
    last = body["messages"][-1]
    called = [call["function"]["name"] for m in body["messages"] for call in m.get("tool_calls") or ()]
    if offered == ["web_search"]:
        said = DONE if last["role"] == "tool" else Said(calls=(Call("web_search", '{"query": "llamas"}'),))
    elif "ToolSearch" in offered and not called:
        said = Said(calls=(Call("ToolSearch", '{"query": "select:WebSearch", "max_results": 1}', "call_1"),))
    elif "WebSearch" in offered and "WebSearch" not in called:
        said = Said(calls=(Call("WebSearch", '{"query": "llamas"}', "call_2"),), turn=2)
    else:
        results = [str(message["content"]) for message in body["messages"] if message["role"] == "tool"]
        said = Said(f"RESULTS {results}")
    return sse(stream(CHAT, said)) if body.get("stream") else json_reply(whole(CHAT, said))


def claude(router: RouterProcess) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=f"{router.url}/anthropic", api_key="any", max_retries=0)


QUESTION: Any = [{"role": "user", "content": "what do llamas do?"}]


@pytest.mark.parametrize("streamed", [True, False])
async def test_anthropics_sdk_sees_a_search_as_if_anthropic_had_run_it(
    internet: Internet, router: RouterProcess, streamed: bool
) -> None:
    async with claude(router) as client:
        if streamed:
            async with client.messages.stream(model="p/m", max_tokens=99, messages=QUESTION, tools=[TOOL]) as events:
                message = await events.get_final_message()
        else:
            message = await client.messages.create(model="p/m", max_tokens=99, messages=QUESTION, tools=[TOOL])
    text, call, result, answer = message.content
    assert text.type == "text" and answer.type == "text"
    assert (text.text, answer.text, message.stop_reason) == (LOOK.text, DONE.text, "end_turn")
    assert call.type == "server_tool_use" and call.input == {"query": "llamas"}
    assert result.type == "web_search_tool_result" and isinstance(result.content, list)
    assert (result.tool_use_id, result.content[0].title) == (call.id, "Llamas")
    assert message.usage.server_tool_use is not None
    assert message.usage.server_tool_use.web_search_requests == 1
    assert internet.searches() == [{"query": "llamas", "max_results": 5}]
    assert dict(internet.requests[1].headers)["authorization"] == "Bearer tvly-key"


async def test_a_conversation_goes_on_from_what_was_found(internet: Internet, router: RouterProcess) -> None:
    async with claude(router) as client:
        first = await client.messages.create(model="p/m", max_tokens=99, messages=QUESTION, tools=[TOOL])
        messages: Any = [
            *QUESTION,
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": "why?"},
        ]
        await client.messages.create(model="p/m", max_tokens=99, messages=messages, tools=[TOOL])
    history = internet.requests[3].json["messages"]
    assert [each["role"] for each in history] == ["user", "assistant", "tool", "assistant", "user"]
    assert "They hum." in history[2]["content"]


async def test_the_client_sees_what_is_searched_before_it_is_found(internet: Internet, router: RouterProcess) -> None:
    """Promise 7: nothing is buffered between the rounds."""
    internet.held = asyncio.Event()
    seen: list[str] = []
    async with (
        asyncio.timeout(20),
        claude(router) as client,
        client.messages.stream(model="p/m", max_tokens=99, messages=QUESTION, tools=[TOOL]) as events,
    ):
        async for event in events:
            if event.type == "content_block_stop":
                seen.append(event.content_block.type)
            if seen and seen[-1] == "server_tool_use":
                internet.held.set()
    assert seen == ["text", "server_tool_use", "web_search_tool_result", "text"]


async def test_a_client_that_leaves_during_a_search_ends_it(internet: Internet, router: RouterProcess) -> None:
    """Promise 8."""
    internet.held = asyncio.Event()
    async with asyncio.timeout(20):
        async with (
            claude(router) as client,
            client.messages.stream(model="p/m", max_tokens=99, messages=QUESTION, tools=[TOOL]),
        ):
            search = await internet.request(1)
        await search.gone()
    assert len(internet.requests) == 2


async def test_openais_sdk_sees_the_search_as_an_item(internet: Internet, router: RouterProcess) -> None:
    client = openai.AsyncOpenAI(base_url=f"{router.url}/openai/v1", api_key="any", max_retries=0)
    async with client, client.responses.stream(model="p/m", input="hi", tools=[{"type": "web_search"}]) as events:
        types = [event.type async for event in events]
        response = await events.get_final_response()
    assert types[-1] == "response.completed"
    assert [item.type for item in response.output] == ["message", "web_search_call", "message"]
    assert response.output_text.endswith(DONE.text)


async def test_amps_searches_are_answered_here(internet: Internet, router: RouterProcess) -> None:
    params = {"objective": "animals", "searchQueries": ["llamas", "alpacas"], "maxResults": 3}
    body = gzip.compress(json.dumps({"method": "webSearch2", "params": params}).encode())
    async with httpx.AsyncClient(base_url=router.url) as client:
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        reply = await client.post("/api/internal?webSearch2", content=body, headers=headers)
    told = reply.json()
    assert told["ok"] is True and told["result"]["provider"] == "tavily"
    assert told["result"]["results"] == [
        {"title": "Llamas", "url": "https://llamas.example/", "excerpts": ["They hum."]}
    ]
    assert {each["query"] for each in internet.searches()} == {"llamas", "alpacas"}


async def test_amps_searches_are_left_to_its_server_where_the_configuration_says_so(internet: Internet) -> None:
    body = gzip.compress(json.dumps({"method": "webSearch2", "params": {"searchQueries": ["llamas"]}}).encode())
    async with (
        RouterProcess(searching(internet, proxyWebSearchToUpstream=True)) as router,
        httpx.AsyncClient(base_url=router.url) as client,
    ):
        reply = await client.post("/api/internal?webSearch2", content=body, headers={"content-encoding": "gzip"})
    assert reply.json()["result"] == "of AMP's server"
    (received,) = internet.requests
    assert (received.target, received.body) == ("/api/internal?webSearch2", body)
    assert received.headers["authorization"] == "Bearer sgamp"


async def test_a_page_inside_the_network_is_not_read_for_amp(internet: Internet, router: RouterProcess) -> None:
    """Promise 39: AMP's own server is asked, which cannot reach it either."""
    async with httpx.AsyncClient(base_url=router.url) as client:
        params = {"url": f"{internet.url}/secret"}
        reply = await client.post("/api/internal?extractWebPageContent", json={"params": params})
    assert reply.json()["result"] == "of AMP's server"
    assert [each.path for each in internet.requests] == ["/api/internal"]


async def test_other_calls_of_amps_go_to_its_server(internet: Internet, router: RouterProcess) -> None:
    async with httpx.AsyncClient(base_url=router.url) as client:
        reply = await client.post("/api/internal?getThread", json={"params": {}})
    assert reply.json()["result"] == "of AMP's server"


@pytest.mark.clients
@pytest.mark.timeout(180)
async def test_claude_codes_web_search_works_on_a_provider_that_has_none() -> None:
    """It sends a request of its own for each search, with nothing but the hosted tool, which it forces."""
    if not tools.binary("claude").exists():
        pytest.fail("claude is not installed; run tests/clients/install")

    def answer(received: Received) -> Reply:
        return json_reply(HITS) if received.path == "/search" else chat_with_claude_code(received)

    async with FakeUpstream(default=answer) as up:
        config = {
            "version": 2,
            "providers": [{"id": "p", "baseUrl": up.url, "apiKey": "k", "format": "openai", "models": ["m"]}],
            "modelAliases": {"claude-*": {"targets": ["p/m"]}},
            "webSearch": {"providers": [{"id": "tavily", "apiKey": "k", "url": f"{up.url}/search"}]},
        }
        async with RouterProcess(config) as router:
            url = f"{router.url}/anthropic"
            ran = await tools.claude_code(url, "claude-sonnet-4-5", prompt="what do llamas do?", allowed=["WebSearch"])
    assert ran.code == 0, ran.output
    # Claude Code lists the links that it has found in the blocks of the answer
    assert "https://llamas.example/" in ran.text and DONE.text in ran.text, ran.output
    assert [each.json["query"] for each in up.requests if each.path == "/search"] == ["llamas"]
