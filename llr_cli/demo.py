"""`llr demo`: fallback and translation, seen with one's own eyes. No key, no network.

Three fake providers on loopback (one rate-limited, one that hangs up, one that works) stand behind one alias of a
real router; each client dialect asks it for a stream. Succeeds only if everything that it shows really happened.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from addons.core.events import Cause, Event, Failed, Finish, PartDelta
from addons.core.http import UpstreamFailure, UpstreamReply, UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Deadlines
from addons.dialects import DIALECTS
from addons.edge.upstream import HttpxUpstream
from llr_cli import render
from llr_cli.demo_providers import WORDS, FakeProvider, providers

QUESTION = "Who are you?"
EXPECTED = "".join(WORDS)
START_LIMIT = 20.0
# A show is no activity and leaves no state; every client is to meet the broken providers, so that none may rest.
SWITCHES = {
    "LLM_ROUTER_DEBUG_ROUTING": "true",
    "LLM_ROUTER_ACTIVITY_LOG": "off",
    "LLM_ROUTER_STATE_BACKEND": "memory",
    "LLM_ROUTER_ORIGIN_RATE_LIMIT_COOLDOWN_MS": "0",
    "LLM_ROUTER_FALLBACK_CIRCUIT_FAILURES": "0",
}


@dataclass(frozen=True, slots=True)
class Client:
    """One client dialect: what it is called, where it asks, and what it sends."""

    label: str
    dialect: DialectName
    path: str
    body: dict[str, object]


_MESSAGES = [{"role": "user", "content": QUESTION}]
CLIENTS = (
    Client(
        "Anthropic Messages (Claude Code)",
        DialectName.ANTHROPIC,
        "/anthropic/v1/messages",
        {"model": "demo", "max_tokens": 100, "stream": True, "messages": _MESSAGES},
    ),
    Client(
        "OpenAI Chat Completions",
        DialectName.CHAT,
        "/openai/v1/chat/completions",
        {"model": "demo", "stream": True, "messages": _MESSAGES},
    ),
    Client(
        "OpenAI Responses (Codex)",
        DialectName.RESPONSES,
        "/openai/v1/responses",
        {"model": "demo", "stream": True, "input": QUESTION},
    ),
    Client(
        "Gemini (Gemini CLI)",
        DialectName.GEMINI,
        "/gemini/v1beta/models/demo:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]},
    ),
)


def demo() -> int:
    """Runs the show; 0 when all of it really happened, else 1."""
    return asyncio.run(_demo())


async def _demo() -> int:
    render.heading("llr demo: one alias, three providers, four client dialects")
    async with providers() as fakes, _router(fakes) as base, _network() as upstream:
        for fake in fakes.values():
            render.line(f"  provider {fake.name:<7} {fake.url}")
        render.line(f"  router           {base}")
        passed = [await _ask(client, base, upstream, fakes) for client in CLIENTS]
    render.line("")
    if all(passed):
        render.success("Every request went past the two broken providers and was answered in its own dialect.")
        return 0
    render.error("Something did not happen as it should; see above.")
    return 1


async def _ask(client: Client, base: str, upstream: HttpxUpstream, fakes: dict[str, FakeProvider]) -> bool:
    render.heading(client.label)
    render.line(f"  asks   POST {client.path}  model=demo  stream=true")
    before = {name: fake.asked for name, fake in fakes.items()}
    request = UpstreamRequest(
        base + client.path,
        (("content-type", "application/json"), ("anthropic-version", "2023-06-01")),
        json.dumps(client.body).encode(),
        Deadlines(first_event=20, idle=20),
    )
    reply = await upstream.open(request)
    try:
        _show_attempts(reply)
        text, finished = await _show_answer(client, reply)
    finally:
        await reply.aclose()
    return _verify(reply, text, finished, {name: fakes[name].asked - count for name, count in before.items()})


def _show_attempts(reply: UpstreamReply) -> None:
    for attempt in filter(None, reply.headers.get("x-llm-router-attempts", "").split(", ")):
        render.failure(f"  tried  {attempt}")
    render.success(f"  served {reply.headers.get('x-llm-router-selected-candidate', 'by nobody')}")


async def _show_answer(client: Client, reply: UpstreamReply) -> tuple[str, bool]:
    """Writes the answer as it streams in; gives its text, and whether it ended well."""
    decoder = DIALECTS[client.dialect].decoder()
    text: list[str] = []
    render.write("  answer ")
    finished = False
    async for chunk in reply.chunks():
        finished |= _take(decoder.feed(chunk), text)
    finished |= _take(decoder.finish(Cause.COMPLETE), text)
    render.line("")
    return "".join(text), finished


def _take(events: list[Event], text: list[str]) -> bool:
    finished = False
    for event in events:
        match event:
            case PartDelta():
                text.append(event.text)
                render.write(event.text)
            case Failed():
                render.failure(event.error.message)
            case Finish():
                finished = True
            case _:
                pass
    return finished


def _verify(reply: UpstreamReply, text: str, finished: bool, asked: dict[str, int]) -> bool:
    attempts = reply.headers.get("x-llm-router-attempts", "")
    checks = {
        "the status is 200": reply.status == 200,
        "the rate limit was met": "busy/" in attempts and "429/rate_limited" in attempts,
        "the broken connection was met": "broken/" in attempts and "network_error" in attempts,
        "the third provider answered": reply.headers.get("x-llm-router-selected-candidate", "").startswith("works/"),
        "each provider was asked once": asked == {"busy": 1, "broken": 1, "works": 1},
        "the whole text arrived": text == EXPECTED,
        "the stream ended properly": finished,
    }
    for check, held in checks.items():
        if not held:
            render.error(f"  not so: {check} (providers asked: {asked})")
    return all(checks.values())


def _config(fakes: dict[str, FakeProvider]) -> dict[str, object]:
    return {
        "version": 2,
        "providers": [
            {"id": name, "baseUrl": fake.url, "apiKey": "demo", "format": "openai", "models": [f"{name}-model"]}
            for name, fake in fakes.items()
        ],
        "modelAliases": {
            "demo": {
                "targets": ["busy/busy-model", "broken/broken-model"],
                "fallbackTargets": ["works/works-model"],
            }
        },
    }


@asynccontextmanager
async def _router(fakes: dict[str, FakeProvider]) -> AsyncIterator[str]:
    """A real `llr start` on a free port; ends it at the end."""
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_ROUTER", "ROUTE_CONFIG"))}
    env = {**kept, "LLM_ROUTER_CONFIG_JSON": json.dumps(_config(fakes)), **SWITCHES}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llr_cli.main", "start", "--port", str(port),
        env=env, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}"
        await _ready(base, process)
        yield base
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(base: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_LIMIT), _network() as upstream:
        while process.returncode is None:
            try:
                reply = await upstream.open(UpstreamRequest(f"{base}/health", (), b"", method="GET"))
            except UpstreamFailure:
                await asyncio.sleep(0.05)
                continue
            await reply.aclose()
            return
    raise RuntimeError("the router did not start")


@asynccontextmanager
async def _network() -> AsyncIterator[HttpxUpstream]:
    upstream = HttpxUpstream()
    try:
        yield upstream
    finally:
        await upstream.aclose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
