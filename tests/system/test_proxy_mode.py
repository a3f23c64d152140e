"""A real `llr start` as a forward proxy: what it routes, what it leads on, and what it does not even look at."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from addons.core.model import DialectName
from harness.asks import body
from harness.process import free_port
from harness.proxied import KEY, ROUTED, Parts, proxied
from harness.replies import Reply

MESSAGES = {"x-api-key": "sk-ant-the-tools-own", "anthropic-version": "2023-06-01"}


@pytest.fixture(scope="module")
async def parts() -> AsyncIterator[Parts]:
    async with proxied() as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(parts: Parts) -> None:
    parts.provider.requests.clear()
    parts.origin.requests.clear()


async def ask(http: httpx.AsyncClient, url: str, model: str = ROUTED, **headers: str) -> httpx.Response:
    asked = body(DialectName.ANTHROPIC, model, stream=False)
    return await http.post(f"{url}/v1/messages", json=asked, headers={**MESSAGES, **headers})


async def test_what_asks_a_model_of_a_vendor_is_routed(parts: Parts) -> None:
    async with parts.client() as http:
        reply = await ask(http, "https://api.anthropic.com")
    assert reply.json()["content"] == [{"type": "text", "text": "from the provider"}]
    (received,) = parts.provider.requests
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert "sk-ant-the-tools-own" not in str(received.raw_headers)


async def test_codex_with_a_login_is_routed_under_its_own_path(parts: Parts) -> None:
    async with parts.client() as http:
        asked = body(DialectName.RESPONSES, ROUTED, stream=False)
        reply = await http.post("https://chatgpt.com/backend-api/codex/responses", json=asked)
    assert reply.json()["output"][-1]["content"][0]["text"] == "from the provider"


async def test_http_2_is_spoken_to_clients(parts: Parts) -> None:
    async with parts.client(http2=True) as http:
        reply = await ask(http, "https://api.anthropic.com")
    assert (reply.http_version, reply.status_code) == ("HTTP/2", 200)


async def test_a_model_that_nobody_here_has_goes_on_with_the_tools_own_key(parts: Parts) -> None:
    async with parts.client() as http:
        reply = await ask(http, parts.meant, "claude-of-tomorrow")
    assert reply.json() == {"from": "the origin"}
    (received,) = parts.origin.requests
    assert received.headers["x-api-key"] == "sk-ant-the-tools-own"
    assert received.headers["host"] == f"localhost:{parts.origin.port}"
    assert received.json["model"] == "claude-of-tomorrow"
    assert parts.provider.requests == []


async def test_what_asks_no_model_goes_on_as_it_came(parts: Parts) -> None:
    async with parts.client() as http:
        reply = await http.post(
            f"{parts.meant}/api/oauth/usage?detail=1",
            content=b"\x00raw",
            headers={"cookie": "session=1", "x-forwarded-for": "1.2.3.4", "connection": "x-hop", "x-hop": "1"},
        )
    assert reply.json() == {"from": "the origin"}
    (received,) = parts.origin.requests
    assert (received.target, received.body) == ("/api/oauth/usage?detail=1", b"\x00raw")
    assert received.headers["cookie"] == "session=1"
    assert "x-hop" not in received.headers


async def test_a_body_that_cannot_be_read_goes_on_as_it_came(parts: Parts) -> None:
    async with parts.client() as http:
        reply = await http.post(f"{parts.meant}/v1/messages", content=b"{not json", headers=MESSAGES)
    assert reply.json() == {"from": "the origin"}
    assert parts.origin.requests[0].body == b"{not json"


async def test_a_stream_is_led_on_as_it_comes(parts: Parts) -> None:
    parts.origin.script(Reply(200, {"content-type": "text/event-stream"}, [b"data: 1\n\n", 0.05, b"data: 2\n\n"]))
    async with parts.client() as http, http.stream("GET", f"{parts.meant}/events") as reply:
        assert b"".join([piece async for piece in reply.aiter_raw()]) == b"data: 1\n\ndata: 2\n\n"


async def test_a_page_spends_nobodys_keys(parts: Parts) -> None:
    async with parts.client() as http:
        reply = await ask(http, parts.meant, origin="https://evil.example")
    assert reply.json() == {"from": "the origin"}
    assert parts.provider.requests == []


async def test_a_socket_is_turned_down_so_that_the_tool_goes_on_over_http(parts: Parts) -> None:
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": "x"}
    async with parts.client() as http:
        reply = await http.get("https://chatgpt.com/backend-api/codex/responses", headers=upgrade)
    assert reply.status_code == 426


async def test_a_host_that_is_not_routed_is_not_looked_into(parts: Parts) -> None:
    """Its own certificate reaches the client, which does not believe the router's."""
    more = {"proxy": {"allow": ["localhost"]}}
    async with proxied(more=more) as untouched, untouched.client(verify=untouched.strict) as http:
        reply = await ask(http, untouched.meant)
    assert reply.json() == {"from": "the origin"}


async def test_a_host_that_shall_pass_is_looked_into_and_left_alone() -> None:
    more = {"proxy": {"hosts": {"localhost": "pass"}, "allow": ["localhost"]}}
    async with proxied(more=more) as parts, parts.client() as http:
        reply = await ask(http, parts.meant)
    assert reply.json() == {"from": "the origin"}


@pytest.mark.parametrize(
    "to", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "0.0.0.0:22", "169.254.169.254:80", "[fe80::1]:80"]
)
async def test_this_machine_and_its_link_are_not_led_to(parts: Parts, to: str) -> None:
    """Promise 39."""
    head = await parts.tunnel(to.format(port=parts.router.port))
    assert head.startswith(b"HTTP/1.1 403 ")


async def test_what_the_configuration_does_not_name_is_not_led_to_from_inside_either() -> None:
    """Promise 39."""
    async with proxied(allow=False) as parts, parts.client() as http:
        reply = await ask(http, parts.meant, "claude-of-tomorrow")
        assert (reply.status_code, parts.origin.connections) == (502, 0)
        assert "proxy.allow" in reply.json()["error"]["message"]


async def test_a_name_that_nobody_knows_is_told(parts: Parts) -> None:
    assert (await parts.tunnel("nobody.invalid:443")).startswith(b"HTTP/1.1 502 ")


async def test_a_tunnel_to_one_host_serves_no_other(parts: Parts) -> None:
    async with parts.client() as http:
        reply = await ask(http, "https://api.anthropic.com", host="api.openai.com")
    assert reply.status_code == 421


async def test_the_proxys_port_is_the_routers_too(parts: Parts) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        reply = await ask(http, parts.router.url)
    assert reply.json()["content"][0]["text"] == "from the provider"


async def test_plain_http_is_led_on(parts: Parts) -> None:
    """The provider of the configuration is a host that it names."""
    async with parts.client() as http:
        reply = await http.get(f"{parts.provider.url}/anything", headers={"proxy-connection": "keep-alive"})
    assert reply.status_code == 200
    assert parts.provider.requests[0].target == "/anything"
    assert "proxy-connection" not in parts.provider.requests[0].headers


def with_key(parts: Parts, key: str) -> str:
    return parts.router.url.replace("http://", f"http://llr:{key}@")


async def test_where_the_key_is_demanded_the_proxy_demands_it() -> None:
    demanding: dict[str, Any] = {"masterKey": "sk-llr-master"}
    async with proxied("--mode", "proxy", "--require-auth", more=demanding) as parts:
        assert (await parts.tunnel("api.anthropic.com:443")).startswith(b"HTTP/1.1 407 ")
        wrong = base64.b64encode(b"llr:wrong").decode()
        denied = await parts.tunnel("api.anthropic.com:443", f"Proxy-Authorization: Basic {wrong}\r\n")
        assert denied.startswith(b"HTTP/1.1 407 ")
        async with parts.client(proxy=with_key(parts, "sk-llr-master")) as http:
            assert (await ask(http, "https://api.anthropic.com")).status_code == 200
            led = await ask(http, parts.meant, "claude-of-tomorrow")
        assert led.json() == {"from": "the origin"}
        assert "proxy-authorization" not in parts.origin.requests[0].headers


async def test_a_proxy_beside_the_router_has_a_port_of_its_own() -> None:
    port = free_port()
    async with proxied("--proxy-port", str(port)) as parts:
        async with parts.client(proxy=f"http://127.0.0.1:{port}") as http:
            assert (await ask(http, "https://api.anthropic.com")).status_code == 200
        assert (await parts.tunnel("api.anthropic.com:443")).startswith(b"HTTP/1.1 400 ")
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await ask(http, parts.router.url)).status_code == 200


async def test_a_client_that_leaves_ends_what_is_led_on(parts: Parts) -> None:
    parts.origin.script(Reply(200, {"content-type": "text/event-stream"}, [b"data: 1\n\n", 60.0, b"data: 2\n\n"]))
    async with parts.client() as http, http.stream("GET", f"{parts.meant}/events") as reply:
        assert await anext(reply.aiter_raw()) == b"data: 1\n\n"
    await asyncio.wait_for(parts.origin.requests[0].gone(), 5)
