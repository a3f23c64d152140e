"""Request bodies that are too large, sent to a real `llr start` by real clients."""

from collections.abc import AsyncIterator

import anthropic
import httpx
import psutil
import pytest

from harness.process import RouterProcess

LIMIT = 1_000_000
CONFIG = {
    "version": 2,
    "providers": [{"id": "p", "baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "format": "openai", "models": ["m"]}],
}


@pytest.fixture
async def router() -> AsyncIterator[RouterProcess]:
    async with RouterProcess(CONFIG, env={"LLM_ROUTER_MAX_REQUEST_BODY_BYTES": str(LIMIT)}) as started:
        yield started


async def chunked(megabytes: int) -> AsyncIterator[bytes]:
    for _ in range(megabytes):
        yield b"x" * 1_000_000


async def test_a_client_that_writes_it_all_first_reads_the_refusal(router: RouterProcess) -> None:
    """Promise 20, and the router gathers nothing of it."""
    before = psutil.Process(router.pid).memory_info().rss
    async with httpx.AsyncClient(timeout=30) as http:
        announced = await http.post(f"{router.url}/v1/chat/completions", content=b"x" * 50_000_000)
        counted = await http.post(f"{router.url}/v1/messages", content=chunked(50))
    assert (announced.status_code, counted.status_code) == (413, 413)
    assert "50000000" in announced.json()["error"]["message"]
    assert counted.json()["type"] == "error"
    assert psutil.Process(router.pid).memory_info().rss - before < 30_000_000


async def test_anthropics_sdk_raises_its_own_class(router: RouterProcess) -> None:
    client = anthropic.AsyncAnthropic(base_url=f"{router.url}/anthropic", api_key="x", max_retries=0)
    with pytest.raises(anthropic.RequestTooLargeError):
        await client.messages.create(model="p/m", max_tokens=9, messages=[{"role": "user", "content": "x" * 2_000_000}])


async def test_the_next_request_finds_the_router_well(router: RouterProcess) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        await http.post(f"{router.url}/v1/chat/completions", content=b"x" * 2_000_000)
        assert (await http.get(f"{router.url}/health")).status_code == 200
    assert router.stderr == ""
