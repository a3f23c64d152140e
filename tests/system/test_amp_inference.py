"""AMP's requests for models through a real router process: those that map here, and those that map to nothing."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.process import RouterProcess
from harness.replies import json_reply
from harness.upstream import FakeUpstream

FIXTURES = Path(__file__).parent.parent / "fixtures" / "amp"
KEY = "sgamp_upstream"
COMPLETION = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "served",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
}

type Parts = tuple[FakeUpstream, FakeUpstream, httpx.AsyncClient]


def recorded(name: str, **body: Any) -> tuple[str, dict[str, str], bytes]:
    row = json.loads((FIXTURES / f"{name}.json").read_text())
    return row["path"], row["headers"], json.dumps({**row["body"], **body}).encode()


@pytest.fixture(scope="module")
async def amp() -> AsyncIterator[Parts]:
    """AMP's server, a provider, and a client of the router between them."""
    async with FakeUpstream() as server, FakeUpstream() as provider:
        config = {
            "version": 2,
            "providers": [
                {"id": "p", "baseUrl": f"{provider.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
            ],
            "amp": {
                "upstreamUrl": server.url,
                "upstreamApiKey": KEY,
                "routes": {"title": "p/m"},
                "fallback": {"onUnknown": "upstream"},
            },
        }
        async with RouterProcess(config) as router, httpx.AsyncClient(base_url=router.url, timeout=20) as client:
            yield server, provider, client


@pytest.fixture(autouse=True)
def nothing_heard_yet(amp: Parts) -> None:
    for heard in amp[:2]:
        heard.requests.clear()


async def test_what_has_a_route_is_answered_here(amp: Parts) -> None:
    _, provider, client = amp
    provider.script(json_reply(COMPLETION))
    path, headers, body = recorded("title_february")
    answer = await client.post(path, headers=headers, content=body)

    assert (answer.status_code, answer.json()["model"]) == (200, "claude-haiku-4-5-20251001")
    assert (await provider.request()).json["model"] == "m"


@pytest.mark.parametrize("compressed", [False, True])
async def test_what_has_none_goes_to_amps_server_as_it_came(amp: Parts, compressed: bool) -> None:
    server, _, client = amp
    server.script(json_reply({"from": "amp"}))
    path, headers, body = recorded("smart_may", stream=False)
    if compressed:
        body, headers = gzip.compress(body, mtime=0), {**headers, "content-encoding": "gzip"}
    answer = await client.post(path, headers=headers, content=body)

    assert (answer.status_code, answer.json()) == (200, {"from": "amp"})
    received = await server.request()
    assert (received.target, received.body) == (path, body)
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["x-amp-feature"] == "amp.chat"


async def test_a_path_below_a_provider_that_is_no_endpoint_goes_to_amps_server(amp: Parts) -> None:
    server, _, client = amp
    server.script(json_reply({"warm": True}))
    answer = await client.get("/api/provider/cerebras/v1/tcp_warming")
    assert (answer.status_code, answer.json()) == (200, {"warm": True})
    assert (await server.request()).target == "/api/provider/cerebras/v1/tcp_warming"
