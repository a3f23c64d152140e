"""What a real `llr capture` and its activity log hear of requests that go on to the tool's own server."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.http11 import Request, Response

from addons.core.activity import Entry
from addons.core.frames import Frames, Talk
from addons.edge.activity_files import entries
from harness.capturing import CapturingProcess
from harness.process import free_port
from harness.replies import Reply, json_reply, raw_reply
from harness.upstream import FakeUpstream, Received

KEY = "sgamp_upstream"
MODEL = "/api/provider/anthropic/v1/messages"
ASKED = {"model": "claude-unmapped", "max_tokens": 5, "messages": [{"role": "user", "content": "canary question"}]}


def answers(received: Received) -> Reply:
    if received.target.startswith("/api/threads/zipped"):
        return raw_reply(
            gzip.compress(b'{"said": "zipped words"}'), "application/json", 200, {"content-encoding": "gzip"}
        )
    return json_reply({"type": "message", "role": "assistant", "content": [{"type": "text", "text": "canary answer"}]})


def config(url: str) -> dict[str, Any]:
    return {"version": 2, "amp": {"upstreamUrl": url, "upstreamApiKey": KEY}}


@asynccontextmanager
async def capturing(*options: str) -> AsyncIterator[tuple[CapturingProcess, httpx.AsyncClient]]:
    async with (
        FakeUpstream(answers) as upstream,
        CapturingProcess(config(upstream.url), *options) as router,
        httpx.AsyncClient(base_url=router.url, timeout=20) as client,
    ):
        yield router, client


def logged(router: CapturingProcess) -> list[Entry]:
    return list(entries(router.home / ".local/state/llr/activity.jsonl"))


async def test_a_management_path_is_a_line_of_both() -> None:
    async with capturing() as (router, client):
        await client.post("/api/internal?getUserInfo", json={"method": "getUserInfo", "params": {"text": "canary"}})
        (line,) = await router.ended()
        (entry,) = logged(router)
        written = router.written()
    assert (line["tool"], line["requested"], line["request"]["path"]) == ("amp", "", "/api/internal")
    assert line["routed"]["passedOn"] and line["routed"]["served"] == "amp-upstream"
    assert line["response"]["status"] == 200 and line["response"]["bytes"] > 10
    assert line["request"]["body"]["params"] and line["request"]["bytes"] > 10
    assert (entry.path, entry.passed_on, entry.status, entry.tool) == ("/api/internal", True, 200, "amp")
    assert not any(b"canary" in data for data in written.values())


async def test_a_model_that_maps_to_nothing_is_one_line_with_its_name_and_the_servers_answer() -> None:
    async with capturing() as (router, client):
        reply = await client.post(MODEL, json=ASKED)
        (line,) = await router.ended()
        (entry,) = logged(router)
    assert reply.json()["content"][0]["text"] == "canary answer"
    assert (line["requested"], line["response"]["status"], line["routed"]["passedOn"]) == ("claude-unmapped", 200, True)
    assert line["verdict"]["known"] is False
    assert line["id"] == entry.id == reply.headers["x-llm-router-request-id"]
    assert (entry.requested, entry.status, entry.served) == ("claude-unmapped", 200, "amp-upstream")


async def test_a_full_capture_keeps_both_bodies_without_secrets() -> None:
    async with capturing("--full") as (router, client):
        await client.post("/api/threads/zipped", json={"said": f"my words, not {KEY}"})
        await client.post("/api/telemetry", content=gzip.compress(b'{"said": "packed words"}'),
                          headers={"content-encoding": "gzip", "content-type": "application/json"})  # fmt: skip
        zipped, packed = await router.ended()
    assert zipped["request"]["body"]["said"] == "my words, not [SECRET REMOVED]"
    assert zipped["response"]["body"] == '{"said": "zipped words"}'
    assert packed["request"]["body"] == {"said": "packed words"}
    assert "canary answer" in packed["response"]["body"]


async def test_a_server_that_is_down_is_a_failure() -> None:
    async with (
        CapturingProcess(config(f"http://127.0.0.1:{free_port()}")) as router,
        httpx.AsyncClient(base_url=router.url) as client,
    ):
        await client.get("/api/threads")
        (line,) = await router.ended()
        (entry,) = logged(router)
    assert (line["response"]["status"], line["response"]["error"], entry.failed) == (502, "network_error", True)


seen: list[Request] = []


async def echo(socket: ServerConnection) -> None:
    assert socket.request is not None
    seen[:] = [socket.request]
    async for message in socket:
        await socket.send(message)
        await socket.send(b"more")


@pytest.mark.parametrize(
    ("ends", "options"),
    [("the client closes", ()), ("the router is ended", ()), ("the client closes", ("--full", "--debug"))],
    ids=["closed", "ended", "full"],
)
async def test_a_websocket_is_a_line_with_its_counts_and_without_its_words(ends: str, options: tuple[str, ...]) -> None:
    """Promise 44: the words of a WebSocket are kept in no mode."""
    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with CapturingProcess(config(f"http://127.0.0.1:{port}"), *options) as router:
            url = router.url.replace("http:", "ws:") + "/actors/gateway?token=canary-token"
            async with connect(url, compression=None, ping_interval=None) as client:
                for message in ("canary one", b"canary two"):
                    await client.send(message)
                    assert await client.recv() == message
                    await client.recv()
                if ends == "the router is ended":
                    lines = await router.ended()
            if ends == "the client closes":
                lines = await router.ended()
            (entry,) = logged(router)
            written = router.written()
    (line,) = lines
    assert (line["response"]["status"], line["request"]["path"]) == (101, "/actors/gateway")
    sent, received = line["response"]["socket"]["sent"], line["response"]["socket"]["received"]
    assert (sent["messages"], sent["bytes"]) == (2, 20)
    assert (received["messages"], received["bytes"]) == (4, 28)
    assert entry.talk == Talk(Frames(**sent), Frames(**received))
    assert not any(b"canary" in data for data in written.values())


def healthy(connection: ServerConnection, request: Request) -> Response | None:
    """An observing router passes on the question whether it is ready, too."""
    return connection.respond(HTTPStatus.OK, "") if request.path == "/base/health" else None


async def asked(router: CapturingProcess) -> list[dict[str, Any]]:
    return [line for line in await router.ended() if line["request"]["path"] != "/health"]


async def test_an_observed_tool_keeps_its_websockets() -> None:
    """Promise 44: nothing of what goes by is kept but counts."""
    async with serve(echo, "127.0.0.1", 0, compression=None, process_request=healthy) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/base"
        async with CapturingProcess(config(url), "--observe", "--upstream", url) as router:
            target = router.url.replace("http:", "ws:") + "/actors/gateway?key=canary-key"
            headers = {"authorization": "Bearer canary-token"}
            async with connect(target, compression=None, ping_interval=None, additional_headers=headers) as client:
                await client.send("canary")
                await client.recv()
                await client.recv()
            (line,) = await asked(router)
            entry = logged(router)[-1]
            written = router.written()
    (served,) = seen
    assert (served.path, served.headers["authorization"]) == (
        "/base/actors/gateway?key=canary-key",
        "Bearer canary-token",
    )
    assert served.headers["host"] == url.split("/")[2]
    assert line["response"]["socket"]["sent"]["messages"] == 1
    assert entry.talk is not None and entry.talk.sent.messages == 1
    assert line["routed"]["passedOn"] and line["verdict"] is None
    assert not any(b"canary" in data for data in written.values())


@pytest.mark.parametrize("path", ["/v1/responses", "/backend-api/codex/responses"])
async def test_an_observed_tool_asks_models_by_https(path: str) -> None:
    async with (
        FakeUpstream(answers) as upstream,
        CapturingProcess(config(upstream.url), "--observe", "--upstream", upstream.url) as router,
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(router.url.replace("http:", "ws:") + path):
                pass
        (line,) = await asked(router)
    assert refused.value.response.status_code == line["response"]["status"] == 426
    assert {each.target for each in upstream.requests} <= {"/health"}


async def test_what_is_only_observed_is_logged_and_no_page_is_let_in() -> None:
    async with (
        FakeUpstream(answers) as upstream,
        CapturingProcess(config(upstream.url), "--observe", "--upstream", upstream.url) as router,
        httpx.AsyncClient(base_url=router.url) as client,
    ):
        reply = await client.post("/v1/messages", json=ASKED)
        page = await client.post("/v1/messages", json=ASKED, headers={"origin": "https://evil.example"})
        (line,) = await asked(router)
        entry = logged(router)[-1]
    assert (reply.status_code, page.status_code) == (200, 403)
    assert [each.target for each in upstream.requests].count("/v1/messages") == 1
    assert (entry.requested, entry.passed_on, entry.path) == ("claude-unmapped", True, "/v1/messages")
    assert line["routed"]["passedOn"]
