"""The state of real routers: killed under load, with a broken file, two on one Redis, and a Redis that dies."""

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.asks import body
from harness.process import RouterProcess
from harness.redis import RedisServer
from harness.replies import Reply, json_reply
from harness.states import eventually
from harness.upstream import FakeUpstream, Received

CHAT = DialectName.CHAT
KILLS, CLIENTS = 20, 4
# what a kill may cost; and what it may take a busy machine to get there
LOST_SECONDS = 0.1
BUSY_SECONDS = 0.2


def good(_: Received) -> Reply:
    return json_reply(whole(CHAT, Said("Hello")))


def limited_at_m(received: Received) -> Reply:
    if received.json["model"] == "m":
        return json_reply({"error": {"message": "slow down"}}, 429)
    return good(received)


def models(upstream: FakeUpstream) -> list[str]:
    """Who was asked."""
    return [received.json["model"] for received in upstream.requests]


def config(upstream: FakeUpstream, **caps: int) -> dict[str, Any]:
    limits = [{"id": "cap", "window": {"unit": "day", "size": 1}, **caps}] if caps else []
    provider = {"baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
    return {
        "version": 2,
        "providers": [{**provider, "id": "p", "rateLimits": limits}, {**provider, "id": "q", "models": ["n"]}],
        "modelAliases": {"all": {"targets": ["p/m"]}, "pair": {"targets": ["p/m", "q/n"]}},
    }


async def ask(http: httpx.AsyncClient, router: RouterProcess, model: str = "all") -> int:
    reply = await http.post(f"{router.url}/v1/chat/completions", json=body(CHAT, model, stream=False))
    return reply.status_code


async def health_of(http: httpx.AsyncClient, router: RouterProcess) -> Any:
    return (await http.get(f"{router.url}/health")).json()


def database(router: RouterProcess) -> Path:
    return router.home / ".local/state/llr/state.db"


def counted(router: RouterProcess) -> int:
    """Requests, as the file says; the router must have ended."""
    with closing(sqlite3.connect(database(router))) as file:
        found = file.execute("SELECT used FROM counts WHERE measure = 'requests'").fetchone()
    return int(found[0]) if found else 0


def rests(router: RouterProcess) -> int:
    """How many the file knows of."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{database(router)}?mode=ro", uri=True)) as file:
        return int(file.execute("SELECT count(*) FROM facts WHERE kind = 'cooling'").fetchone()[0])
    return 0


async def kill(router: RouterProcess) -> None:
    router.process.kill()
    await router.process.wait()


async def again(router: RouterProcess) -> None:
    await router.spawn()
    await router.ready()


# --- SQLite ---


@pytest.mark.timeout(400)  # twenty starts, on a machine that may be busy
async def test_a_router_that_is_killed_under_load_loses_a_moment_of_counts_and_nothing_else() -> None:
    """Promise 50: twenty kills. What the provider had is counted but for the last moment, nothing is counted twice, and
    no reservation stays behind."""
    rng, lost = random.Random(50), list[float]()
    async with (
        FakeUpstream(good) as upstream,
        RouterProcess(config(upstream, requests=100_000, concurrent=8)) as router,
    ):
        for number in range(KILLS):
            if number:
                await again(router)
            before, known = counted(router) if number else 0, len(upstream.requests)
            times, killed = await load_until_killed(router, rng.randrange(20, 80))
            sent, kept = len(upstream.requests) - known, counted(router) - before
            assert 0 <= kept <= sent + CLIENTS
            lost.append(killed - times[kept] if kept < len(times) else 0.0)
    assert median(lost) < LOST_SECONDS + BUSY_SECONDS, lost
    assert max(lost) < 2.0, lost


async def load_until_killed(router: RouterProcess, answers: int) -> tuple[list[float], float]:
    """When each answer came, and when the router was killed: after so many."""
    times: list[float] = []
    async with httpx.AsyncClient(timeout=10) as http:
        load = [asyncio.ensure_future(one_after_the_other(http, router, times)) for _ in range(CLIENTS)]
        await eventually(lambda: len(times) >= answers, 20)
        killed = time.monotonic()
        await kill(router)
        await asyncio.gather(*load)
    return sorted(times), killed


async def one_after_the_other(http: httpx.AsyncClient, router: RouterProcess, times: list[float]) -> None:
    """Each is let through: no place is held by one from before the last kill."""
    with suppress(httpx.TransportError):
        while True:
            assert await ask(http, router) == 200
            times.append(time.monotonic())


async def test_a_router_that_is_killed_still_knows_who_rests() -> None:
    async with FakeUpstream(limited_at_m) as upstream, RouterProcess(config(upstream)) as router:
        async with httpx.AsyncClient() as http:
            assert await ask(http, router, "pair") == 200
            assert models(upstream) == ["m", "n"]
            await eventually(lambda: rests(router) == 1)
            await kill(router)
        async with httpx.AsyncClient() as http:
            await again(router)
            assert await ask(http, router, "pair") == 200
        assert models(upstream) == ["m", "n", "n"]


async def test_a_router_that_is_asked_to_end_writes_everything() -> None:
    """Promise 58."""
    async with FakeUpstream(good) as upstream, RouterProcess(config(upstream, requests=100)) as router:
        async with httpx.AsyncClient() as http:
            assert await asyncio.gather(*(ask(http, router) for _ in range(20))) == [200] * 20
            router.terminate()
            assert await router.wait() == 0
        assert counted(router) == 20


async def test_a_broken_database_is_set_aside_at_the_start() -> None:
    """Promise 51."""
    async with FakeUpstream(good) as upstream:
        router = RouterProcess(config(upstream, requests=100))
        database(router).parent.mkdir(parents=True)
        database(router).write_bytes(b"garbage" * 1000)
        async with router, httpx.AsyncClient() as http:
            assert await ask(http, router) == 200
            assert "problem" not in (await health_of(http, router))["state"]
            (kept,) = database(router).parent.glob("state.db.corrupt-*")
            assert kept.name in router.stderr
            assert kept.read_bytes() == b"garbage" * 1000


async def test_a_database_that_cannot_be_written_stops_nothing_and_shows() -> None:
    """Promise 51."""
    async with FakeUpstream(good) as upstream:
        router = RouterProcess(config(upstream, requests=3))
        database(router).mkdir(parents=True)
        async with router, httpx.AsyncClient() as http:
            assert [await ask(http, router) for _ in range(4)] == [200, 200, 200, 429]
            found = await health_of(http, router)
            assert (found["status"], found["state"]["backend"]) == ("ok", "sqlite")
            assert "cannot be kept" in found["state"]["problem"]
            assert router.stderr.count("cannot be kept") == 1


async def test_two_routers_on_one_file_count_together() -> None:
    async with FakeUpstream(good) as upstream, RouterProcess(config(upstream, requests=30)) as first:
        env = {"LLM_ROUTER_STATE_DIR": str(database(first).parent)}
        async with RouterProcess(config(upstream, requests=30), env=env) as second, httpx.AsyncClient() as http:
            assert [await ask(http, each) for _ in range(10) for each in (first, second)] == [200] * 20
            await asyncio.sleep(1.5)
            assert [await ask(http, first) for _ in range(12)] == [200] * 10 + [429] * 2
            for router in (first, second):
                assert "problem" not in (await health_of(http, router))["state"]
                router.terminate()
                assert await router.wait() == 0
        assert counted(first) == 30


async def test_a_state_that_there_is_not_is_said_in_a_line() -> None:
    router = RouterProcess({"version": 2, "providers": []}, env={"LLM_ROUTER_STATE_BACKEND": "postgres"})
    await router.spawn()
    assert await router.wait() == 1
    assert "LLM_ROUTER_STATE_BACKEND" in router.stderr
    assert "Traceback" not in router.stderr
    await router.stop()


# --- Redis ---


def on(server: RedisServer) -> dict[str, str]:
    return {"LLM_ROUTER_STATE_BACKEND": "redis", "LLM_ROUTER_REDIS_URL": server.url}


@asynccontextmanager
async def two_on(server: RedisServer, settings: dict[str, Any]) -> AsyncIterator[tuple[RouterProcess, RouterProcess]]:
    async with RouterProcess(settings, env=on(server)) as first, RouterProcess(settings, env=on(server)) as second:
        yield first, second


async def test_of_forty_at_once_over_two_routers_exactly_the_cap_passes() -> None:
    async with FakeUpstream(good) as upstream, RedisServer() as server, httpx.AsyncClient(timeout=20) as http:
        async with two_on(server, config(upstream, requests=7)) as both:
            found = await asyncio.gather(*(ask(http, router) for _ in range(20) for router in both))
        assert (found.count(200), found.count(429)) == (7, 33)
        assert len(upstream.requests) == 7


async def test_a_rest_that_one_router_learnt_is_known_to_the_other() -> None:
    async with FakeUpstream(limited_at_m) as upstream, RedisServer() as server, httpx.AsyncClient() as http:
        async with two_on(server, config(upstream)) as (first, second):
            assert await ask(http, first, "pair") == 200
            await until_it_rests(server)
            assert await ask(http, second, "pair") == 200
        assert models(upstream) == ["m", "n", "n"]


async def until_it_rests(server: RedisServer) -> None:
    async with asyncio.timeout(5), Redis.from_url(server.url) as client:
        while not await client.hlen("llr:cooling"):
            await asyncio.sleep(0.005)


async def test_a_redis_that_dies_under_load_fails_no_request() -> None:
    """What was used before and meanwhile counts when it is back, empty; but for what one router had told, and the other
    had not heard."""
    async with (
        FakeUpstream(good) as upstream,
        RedisServer() as server,
        httpx.AsyncClient(timeout=20) as http,
        two_on(server, config(upstream, requests=10_000)) as both,
    ):
        running = [asyncio.ensure_future(many(http, router, 40)) for router in both for _ in range(CLIENTS)]
        await asyncio.sleep(0.3)
        server.kill()
        found = [status for each in running for status in await each]
        assert found == [200] * 40 * 2 * CLIENTS
        for router in both:
            assert router.stderr.count("the state is not shared") == 1
            assert "not shared" in (await health_of(http, router))["state"]["problem"]
        await server.start()
        await until_shared(http, both)
        async with asyncio.timeout(10):
            while await requests_in(server) < len(found) - 2 * CLIENTS:
                await asyncio.sleep(0.05)
        assert await requests_in(server) <= len(found)


async def many(http: httpx.AsyncClient, router: RouterProcess, times: int) -> list[int]:
    return [await ask(http, router) for _ in range(times)]


async def requests_in(server: RedisServer) -> int:
    async with Redis.from_url(server.url, decode_responses=True) as client:
        keys = [key async for key in client.scan_iter("llr:count:*")]
        return sum([int(await client.hget(key, "requests") or 0) for key in keys])


async def until_shared(http: httpx.AsyncClient, routers: Sequence[RouterProcess]) -> None:
    async with asyncio.timeout(10):
        for router in routers:
            while "problem" in (await health_of(http, router))["state"]:
                await asyncio.sleep(0.05)
            assert "shared over Redis again" in router.stderr
