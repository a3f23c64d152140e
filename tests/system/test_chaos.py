"""Chaos: many streams over providers that flip between well and broken, through a real `llr start`."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from addons.core.accumulate import fold
from addons.core.errors import ErrorInfo, classify
from addons.core.events import Cause
from addons.core.model import DialectName
from addons.dialects import DIALECTS
from harness.asks import ask, begun, stream
from harness.engine import assert_error_in
from harness.process import RouterProcess
from harness.replies import NEVER, RESET, End, Reply, json_reply
from harness.spoken import CLIENTS, PROVIDERS
from harness.upstream import FakeUpstream, Received

SSE = {"content-type": "text/event-stream"}
FORMATS = {
    DialectName.ANTHROPIC: "claude",
    DialectName.CHAT: "openai",
    DialectName.RESPONSES: "openai-responses",
    DialectName.GEMINI: "gemini",
}
STREAMS = 200
SEED = 20261121
BAD = ("limited", "broken", "hanging", "reset", "torn", "cut")
# of one request: the tries of the first target, and each of the others once
ATTEMPTS = 3 + len(PROVIDERS) - 1


@dataclass
class Flipping:
    """A provider that is in one mood for a few requests, then in another; well half of the time, and in each bad mood
    once before any comes again. `dice` is seeded."""

    dialect: DialectName
    dice: random.Random
    left: int = 0
    mood: str = "well"
    deck: list[str] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)

    def __call__(self, received: Received) -> Reply:
        if not self.left:
            self.left = self.dice.randint(3, 12)
            self.mood = self._drawn()
        self.left -= 1
        self.moods.append(self.mood)
        return self._reply()

    def _drawn(self) -> str:
        if not self.deck:
            self.deck = self.dice.sample([*BAD, *["well"] * len(BAD)], 2 * len(BAD))
        return self.deck.pop()

    def _reply(self) -> Reply:
        events = stream(self.dialect)
        match self.mood:
            case "limited":
                return self._error(429, "slow down", {"retry-after": "1"})
            case "broken":
                return self._error(500, "broken")
            case "hanging":
                return NEVER
            case "reset":
                return RESET
            case "torn":
                return Reply(200, SSE, events[:1], end=End.RESET)
            case "cut":
                return Reply(200, SSE, begun(self.dialect), end=End.RESET)
            case _:
                return Reply(200, SSE, [piece for event in events for piece in (event, 0.005)])

    def _error(self, status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
        info = ErrorInfo(classify(self.dialect, status, message), message, status)
        return json_reply(DIALECTS[self.dialect].render_error(info), status, headers)


def config(upstreams: dict[DialectName, FakeUpstream], patience: int = 1500) -> dict[str, Any]:
    """`patience` is in milliseconds."""
    deadlines = {"connectMs": patience, "firstEventMs": patience, "idleMs": patience}
    providers = [
        {
            "id": f"p{n}", "baseUrl": upstream.url, "format": FORMATS[dialect], "apiKey": "k", "models": ["m"],
            "deadlines": deadlines,
        }
        for n, (dialect, upstream) in enumerate(upstreams.items())
    ]  # fmt: skip
    targets = [f"p{n}/m" for n in range(len(providers))]
    return {"version": 2, "providers": providers, "modelAliases": {"all": {"strategy": "auto", "targets": targets}}}


async def outcome(http: httpx.AsyncClient, url: str, client: DialectName) -> str:
    """What one client sees: an answer, an error event, or a refusal; anything else fails the test."""
    request = ask(client)
    where = f"{url}{request.path}" + (f"?{request.query}" if request.query else "")
    reply = await http.post(where, content=request.body, headers=dict(request.headers))
    if reply.status_code != 200:
        assert_error_in(client, reply.status_code, reply.json())
        return "refused"
    decoder = DIALECTS[client].decoder()
    answer = fold([*decoder.feed(reply.content), *decoder.finish(Cause.COMPLETE)])
    if answer.error is not None:
        assert "Hello" in reply.text, "an error before any content is a refusal, not an event"
        return "broke off"
    assert answer.finish is not None and json.dumps([part.text for part in answer.parts]) == '["Hello"]'  # type: ignore[union-attr]
    return "answered"


async def probed(http: httpx.AsyncClient, url: str, until: asyncio.Event) -> list[float]:
    """Seconds that /health took, again and again: it waits for nothing but the event loop."""
    took: list[float] = []
    while not until.is_set():
        began = time.monotonic()
        assert (await http.get(f"{url}/health")).status_code == 200
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.01)
    return took


async def test_nobody_starves_beside_many_streams() -> None:
    """Promise 57. The bar is loose: this process, the provider and the router share the cores with other tests."""
    answer = Reply(200, SSE, [piece for event in stream(DialectName.CHAT) for piece in (event, 0.05)])
    upstreams = {DialectName.CHAT: FakeUpstream(lambda _: answer)}
    async with upstreams[DialectName.CHAT], RouterProcess(config(upstreams, patience=30_000)) as router:
        limits = httpx.Limits(max_connections=STREAMS + 1)
        done = asyncio.Event()
        async with httpx.AsyncClient(timeout=60, limits=limits) as http:
            probing = asyncio.ensure_future(probed(http, router.url, done))
            found = await asyncio.gather(*(outcome(http, router.url, DialectName.ANTHROPIC) for _ in range(STREAMS)))
            done.set()
            took = sorted(await probing)
    assert set(found) == {"answered"}
    assert took[int(len(took) * 0.99)] < 2.0


async def test_every_request_ends_in_an_answer_or_in_one_proper_error() -> None:
    """Promises 2, 3, 5, 6, 24, 26 and 57."""
    dice = random.Random(SEED)
    flipping = {dialect: Flipping(dialect, random.Random(dice.random())) for dialect in PROVIDERS}
    upstreams = {dialect: FakeUpstream(provider) for dialect, provider in flipping.items()}
    for upstream in upstreams.values():
        await upstream.start()
    try:
        async with RouterProcess(config(upstreams), env={"LLM_ROUTER_STATE_BACKEND": "memory"}) as router:
            process = psutil.Process(router.pid)
            limits = httpx.Limits(max_connections=STREAMS)
            async with httpx.AsyncClient(timeout=60, limits=limits) as http:
                clients = [CLIENTS[n % len(CLIENTS)] for n in range(STREAMS)]
                found = await asyncio.gather(*(outcome(http, router.url, client) for client in clients))
                again = await asyncio.gather(*(outcome(http, router.url, client) for client in clients))
            calls = sum(len(provider.moods) for provider in flipping.values())
            assert router.stderr.count("Traceback") == 0
            assert process.is_running()
    finally:
        for upstream in upstreams.values():
            await upstream.stop()
    outcomes = found + again
    assert set(outcomes) <= {"answered", "broke off", "refused"}
    assert outcomes.count("answered") > len(outcomes) / 3, Counter(outcomes)
    assert calls <= ATTEMPTS * len(outcomes)
    seen = {mood for provider in flipping.values() for mood in provider.moods}
    assert seen >= {"well", "limited", "broken"}
