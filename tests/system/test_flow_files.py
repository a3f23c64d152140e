"""What a bare mitmdump wrote, through the commands that take captures."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.answers import Said, whole
from harness.asks import CLAUDE
from harness.capturing import CapturingProcess
from harness.process import POLL, START_LIMIT, free_port
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received

KEY = "the-key-of-the-tool-canary"
BODY = {"model": "claude-seen", "max_tokens": 9, "messages": [{"role": "user", "content": "the question"}]}
LATER = {**BODY, "model": "claude-newer", "temperature": 1}


def answers(received: Received) -> Reply:
    return json_reply(whole(CLAUDE, Said("the answer")))


def config(upstream: FakeUpstream) -> dict[str, Any]:
    named = {"apiKey": "provider-canary", "format": "claude", "models": ["m"]}
    return {"version": 2, "providers": [{"id": "p", "baseUrl": upstream.url, **named}]}


@asynccontextmanager
async def mitmdump(url: str, file: Path) -> AsyncIterator[str]:
    """A reverse proxy to `url`, which writes what passes into `file`."""
    port, program = free_port(), Path(sys.executable).parent / "mitmdump"
    words = ["--mode", f"reverse:{url}", "--listen-host", "127.0.0.1", "-p", str(port), "-w", str(file), "-q"]
    process = await asyncio.create_subprocess_exec(program, *words, "--set", f"confdir={file.parent}")
    try:
        async with asyncio.timeout(START_LIMIT):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(POLL)
        writer.close()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


type Parts = tuple[FakeUpstream, CapturingProcess]


@pytest.fixture(scope="module")
async def parts() -> AsyncIterator[Parts]:
    """A home with two dumps: one of an earlier version of a tool, one of a later one."""
    async with FakeUpstream(answers) as upstream:
        llr = CapturingProcess(config(upstream))
        for name, body in (("earlier.flow", BODY), ("later.any", LATER)):
            async with mitmdump(upstream.url, llr.home / name) as url, httpx.AsyncClient() as http:
                headers = {"x-api-key": KEY, "user-agent": "claude-cli/2.1 (external)"}
                await http.post(f"{url}/v1/messages?key={KEY}", json=body, headers=headers)
        yield upstream, llr


async def test_it_is_reported(parts: Parts) -> None:
    """Promise 44."""
    shown = await parts[1].shown("capture", "report", "earlier.flow", "--json")
    found = json.loads(shown)
    (model,) = found["models"]
    assert (found["summary"]["requests"], found["summary"]["tools"]) == (1, {"claude-code": 1})
    assert (model["model"], model["paths"]) == ("claude-seen", ["/v1/messages"])
    assert b"canary" not in shown and b"question" not in shown


async def test_configuration_is_suggested_for_it(parts: Parts) -> None:
    found = json.loads(await parts[1].run("capture", "suggest", "earlier.flow"))
    assert list(found["modelAliases"]) == ["claude-seen"]


async def test_two_are_compared(parts: Parts) -> None:
    found = json.loads(await parts[1].shown("capture", "diff", "earlier.flow", "later.any", "--json"))
    changes = {(each["kind"], each["what"].split(" at ")[0], each["added"]) for each in found}
    assert {("models", "claude-newer", True), ("models", "claude-seen", False), ("fields", "temperature", True)} == {
        each for each in changes if each[0] != "headers"
    }


async def test_it_is_asked_again(parts: Parts) -> None:
    upstream, llr = parts
    found = json.loads(await llr.run("replay", "earlier.flow", "--model", "p/m", "--json"))
    assert (found["captured"]["text"], found["replayed"]["text"]) == ("the answer", "the answer")
    assert upstream.requests[-1].json["messages"] == BODY["messages"]
    assert "canary" not in json.dumps(found)


async def test_it_is_served(parts: Parts) -> None:
    async with parts[1].serving("mock", "earlier.flow") as url, httpx.AsyncClient() as http:
        reply = await http.post(f"{url}/v1/messages", json=BODY)
    assert reply.json()["content"][0]["text"] == "the answer"


async def test_its_request_is_explained(parts: Parts) -> None:
    found = json.loads(await parts[1].run("debug", "request", "earlier.flow", "--model", "p/m", "--json"))
    assert found["tool"] == "claude-code" and found["candidates"][0]["ref"] == "p/m"


async def test_it_is_exported_without_what_it_says(parts: Parts) -> None:
    """Promise 44."""
    await parts[1].shown("capture", "export", "earlier.flow", "--har", "made.har")
    text = (parts[1].home / "made.har").read_text()
    assert "claude-seen" in text and "canary" not in text and "question" not in text
