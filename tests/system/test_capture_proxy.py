"""A real `llr capture --mode proxy`: what tools send to their vendors' own hosts, routed or only looked at."""

import httpx
import pytest

from addons.core.model import DialectName
from harness.asks import body
from harness.capturing import CapturingProcess
from harness.proxied import KEY, ROUTED, Parts, proxied

SECRET = "sk-ant-the-tools-own-canary"
TEXT = "a text that nobody shall find again"


async def ask(http: httpx.AsyncClient, url: str, model: str = ROUTED) -> httpx.Response:
    asked = {**body(DialectName.ANTHROPIC, model, stream=False), "messages": [{"role": "user", "content": TEXT}]}
    headers = {"x-api-key": SECRET, "anthropic-version": "2023-06-01", "user-agent": "claude-cli/2.1.0 (external, cli)"}
    return await http.post(f"{url}/v1/messages?key={SECRET}", json=asked, headers=headers)


def capturing(parts: Parts) -> CapturingProcess:
    assert isinstance(parts.router, CapturingProcess)
    return parts.router


async def test_what_is_routed_and_what_goes_on_is_captured() -> None:
    async with proxied("--mode", "proxy", process=CapturingProcess) as parts:
        async with parts.client() as http:
            await ask(http, "https://api.anthropic.com")
            await ask(http, parts.meant, "claude-of-tomorrow")
            await http.post(f"{parts.meant}/api/event_logging", content=TEXT.encode())
        routed, unknown, logged = await capturing(parts).ended()
    assert (routed["tool"], routed["routed"]["served"]) == ("claude-code", "p/m")
    assert (unknown["requested"], unknown["routed"]["passedOn"]) == ("claude-of-tomorrow", True)
    assert (logged["request"]["path"], logged["routed"]["passedOn"]) == ("/api/event_logging", True)


async def test_what_is_only_looked_at_goes_to_its_own_host() -> None:
    async with proxied("--mode", "proxy", "--observe", process=CapturingProcess) as parts:
        async with parts.client() as http:
            reply = await ask(http, parts.meant)
        assert reply.json() == {"from": "the origin"}
        assert parts.provider.requests == []
        assert parts.origin.requests[0].headers["x-api-key"] == SECRET
        (line,) = await capturing(parts).ended()
    assert line["request"]["body"]["model"] == ROUTED
    assert line["response"]["status"] == 200


@pytest.mark.parametrize("observe", [(), ("--observe",)], ids=["routed", "observed"])
async def test_no_secret_and_no_text_is_written(observe: tuple[str, ...]) -> None:
    """Promises 44 and 48."""
    async with proxied("--mode", "proxy", *observe, process=CapturingProcess) as parts:
        async with parts.client() as http:
            await ask(http, parts.meant)
            await ask(http, parts.meant, "claude-of-tomorrow")
            await http.get(f"{parts.meant}/api/x", headers={"cookie": f"session={SECRET}"})
        assert len(await capturing(parts).ended()) == 3
        own = {name: data for name, data in capturing(parts).written().items() if "certs" not in name.parts}
    found = [str(name) for name, data in own.items() for word in (SECRET, TEXT, KEY) if word.encode() in data]
    assert found == []
