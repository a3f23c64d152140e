"""HTTPS on the router's own port: `llr start --tls`."""

from collections.abc import AsyncIterator

import httpx
import pytest

from addons.core.model import DialectName
from harness.asks import body
from harness.proxied import ROUTED, Parts, proxied


@pytest.fixture(scope="module")
async def parts() -> AsyncIterator[Parts]:
    async with proxied("--tls") as made:
        yield made


def address(parts: Parts, host: str = "localhost") -> str:
    return f"https://{host}:{parts.router.port}/anthropic/v1/messages"


@pytest.mark.parametrize("http2", [False, True], ids=["http/1.1", "http/2"])
async def test_a_client_is_answered_over_tls(parts: Parts, http2: bool) -> None:
    async with httpx.AsyncClient(verify=parts.trusting, http2=http2, trust_env=False) as http:
        reply = await http.post(address(parts), json=body(DialectName.ANTHROPIC, ROUTED, stream=False))
    assert reply.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    assert reply.json()["content"][0]["text"] == "from the provider"


async def test_a_stream_is_answered_over_tls(parts: Parts) -> None:
    asked = body(DialectName.ANTHROPIC, ROUTED)
    async with (
        httpx.AsyncClient(verify=parts.trusting, http2=True, trust_env=False) as http,
        http.stream("POST", address(parts), json=asked) as reply,
    ):
        text = (await reply.aread()).decode()
    assert "from the provider" in text
    assert "message_stop" in text


async def test_what_comes_in_the_clear_is_turned_away(parts: Parts) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        reply = await http.post(
            f"http://localhost:{parts.router.port}/anthropic/v1/messages", json=body(DialectName.ANTHROPIC, ROUTED)
        )
    assert reply.status_code == 400
    assert "HTTPS" in reply.json()["error"]["message"]


async def test_the_address_that_is_shown_is_the_one_to_use(parts: Parts) -> None:
    assert f"https://127.0.0.1:{parts.router.port}" in parts.router.stdout + parts.router.stderr
