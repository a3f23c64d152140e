"""Specification of addons/edge/redis_heard.py with a real server: how old what is known of others may be."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest

from addons.core.buckets import Shortage
from addons.core.cooldowns import Cooling
from addons.core.errors import ErrorClass
from addons.edge.redis_heard import FRESH_SECONDS
from addons.edge.redis_state import RedisState
from harness.redis import RedisServer
from harness.states import HOURLY, NARROW, NOW, Router, claim, eventually, router

RESTING = Cooling("p/m", NOW + 60, ErrorClass.OVERLOADED)
# no test lasts so long
ALWAYS = 600.0


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with RedisServer() as server:
        yield server


def run(server: RedisServer, fresh: float = FRESH_SECONDS) -> AbstractAsyncContextManager[Router[RedisState]]:
    return router(
        lambda ledger, spawn, told: RedisState(
            ledger, server.url, lambda: NOW, spawn, "llr", told, timeout=0.3, retry=0.05, fresh=fresh
        )
    )


async def refresh(each: Router[RedisState], *conversation: str, group: str = "fast") -> None:
    await each.state.refresh([group], list(conversation), [claim(HOURLY)])


async def test_a_choice_waits_for_nobody_while_what_is_known_is_fresh(server: RedisServer) -> None:
    async with run(server, ALWAYS) as first:
        await refresh(first)
        server.freeze()
        begun = time.perf_counter()
        await refresh(first)
        assert time.perf_counter() - begun < 0.1
        assert first.state.problem == ""
        server.thaw()


async def test_another_alias_is_another_matter(server: RedisServer) -> None:
    async with run(server, ALWAYS) as first, run(server, ALWAYS) as second:
        await refresh(first)
        second.state.rotate({"slow": {"p/a": 1.0}})
        await refresh(second, group="slow")
        await refresh(first, group="slow")
        assert first.state.ledger.rotations["slow"] == {"p/a": 1.0}


async def test_a_rest_that_one_learns_is_known_to_the_other_in_a_tenth_of_a_second(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        await refresh(second)
        first.rest(RESTING)
        await asyncio.sleep(FRESH_SECONDS)
        await refresh(second)
        assert second.state.ledger.health.resting(NOW) == (RESTING,)


async def test_a_busy_router_hears_without_ever_waiting(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it needs to know comes with its news."""

    async def nobody_waits(*_: object) -> None:
        raise AssertionError("a request waits")

    async with run(server) as first, run(server, fresh=2.0) as second:
        await refresh(second)
        monkeypatch.setattr(second.state._link, "ask", nobody_waits)
        first.rest(RESTING)
        async with asyncio.timeout(1.9):
            while not second.state.ledger.health.resting(NOW):
                await refresh(second)
                await asyncio.sleep(0.01)


async def test_a_conversation_that_is_unknown_is_asked_for(server: RedisServer) -> None:
    async with run(server, ALWAYS) as first, run(server, ALWAYS) as second:
        await refresh(second)
        first.state.bind(("k",), "p/m#", NOW, 3600.0)
        await refresh(first, "other")
        await refresh(second, "k")
        assert second.state.ledger.bindings.find(("k",), NOW) == "p/m#"


async def test_a_conversation_that_another_has_moved_is_heard_of_later(server: RedisServer) -> None:
    async with run(server, fresh=0.2) as first, run(server, fresh=0.2) as second:
        second.state.bind(("k",), "p/m#", NOW, 3600.0)
        await refresh(second, "k")
        await refresh(first, "k")
        first.state.bind(("k",), "q/m#", NOW, 3600.0)
        async with asyncio.timeout(5):
            while second.state.ledger.bindings.find(("k",), NOW) != "q/m#":
                await refresh(second, "k")
                await asyncio.sleep(0.01)


async def test_after_a_refusal_the_next_choice_knows_why(server: RedisServer) -> None:
    async with run(server, ALWAYS) as first, run(server, ALWAYS) as second:
        await second.state.refresh([], [], [claim(NARROW)])
        assert await first.serve(5, NARROW) == 5
        assert second.state.ledger.counters.room_at(claim(NARROW), NOW) == 0.0
        assert isinstance(await second.reserve(NARROW), Shortage)
        await second.state.refresh([], [], [claim(NARROW)])
        assert second.state.ledger.counters.room_at(claim(NARROW), NOW) == 1800.0


async def test_a_connection_that_redis_closed_for_its_silence_is_made_again(server: RedisServer) -> None:
    async with run(server) as first:
        await first.serve()
        wire = first.state._link._wire
        assert wire is not None
        wire.close()
        assert await first.serve() == 1
        await eventually(lambda: first.used() == 2)
        assert (first.state.problem, first.told) == ("", [])
