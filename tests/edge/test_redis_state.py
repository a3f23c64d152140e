"""Specification of addons/edge/redis_state.py, redis_link.py and redis_scripts.py, with a real server."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from redis.asyncio import Redis

from addons.core.buckets import Bucket, Lease, Shortage, Spent
from addons.core.cooldowns import Cooling
from addons.core.errors import ErrorClass
from addons.core.provider_limits import SubscriptionWindow
from addons.core.strategy import Standing, rank
from addons.edge.redis_heard import FRESH_SECONDS
from addons.edge.redis_state import RedisState
from harness.redis import RedisServer
from harness.states import HOURLY, NARROW, NOW, TOKENS, WIDTH, Router, claim, eventually, router

RESTING = Cooling("p/m", NOW + 60, ErrorClass.OVERLOADED)
WEEKLY = SubscriptionWindow("7d", 0.5, NOW + 86_400, 604_800)
TIMEOUT, RETRY = 0.3, 0.05
ALONE = TIMEOUT + 0.25  # what a request may wait at most, with some room for a busy machine


@pytest.fixture(scope="module")
async def shared_server() -> AsyncIterator[RedisServer]:
    async with RedisServer() as server:
        yield server


@pytest.fixture
async def server(shared_server: RedisServer) -> RedisServer:
    """Empty."""
    async with Redis.from_url(shared_server.url) as client:
        await client.flushall()
    return shared_server


@pytest.fixture
async def own_server() -> AsyncIterator[RedisServer]:
    """One that a test may end."""
    async with RedisServer() as server:
        yield server


def run(
    server: RedisServer | str, lease: float = 30.0, fresh: float = 0.0
) -> AbstractAsyncContextManager[Router[RedisState]]:
    """A router that asks every time, unless what is known may be as old as `fresh`."""
    url = server if isinstance(server, str) else server.url
    return router(
        lambda ledger, spawn, told: RedisState(
            ledger, url, lambda: NOW, spawn, "llr", told, lease=lease, timeout=TIMEOUT, retry=RETRY, fresh=fresh
        )
    )


async def refresh(each: Router[RedisState], *buckets: Bucket, group: str = "fast", key: str = "k") -> None:
    await each.state.refresh([group], [key], [claim(bucket) for bucket in buckets])


async def said(server: RedisServer, bucket: Bucket = HOURLY, measure: str = "requests") -> int:
    """What Redis says of a count."""
    async with Redis.from_url(server.url, decode_responses=True) as client:
        keys = [key async for key in client.scan_iter(f"llr:count:p:{bucket.id}:*")]
        assert len(keys) <= 1
        return int(await client.hget(keys[0], measure) or 0) if keys else 0


async def says(server: RedisServer, expected: int, bucket: Bucket = HOURLY, measure: str = "requests") -> None:
    """Waits until Redis says so."""
    async with asyncio.timeout(5):
        while await said(server, bucket, measure) != expected:
            await asyncio.sleep(0.005)


def granted(found: Sequence[Lease | Shortage]) -> list[Lease]:
    return [each for each in found if isinstance(each, Lease)]


# --- reservations ---


@pytest.mark.parametrize(("bucket", "tokens"), [(NARROW, 0), (TOKENS, 500), (WIDTH, 0)], ids=lambda each: str(each))
async def test_of_forty_at_once_over_two_routers_exactly_the_cap_passes(
    server: RedisServer, bucket: Bucket, tokens: int
) -> None:
    async with run(server) as first, run(server) as second:
        both = [each.reserve(bucket, tokens) for _ in range(20) for each in (first, second)]
        found = await asyncio.gather(*both)
        assert len(granted(found)) == 5


async def test_a_refusal_names_the_bucket_and_when_it_resets(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        assert await first.serve(5, NARROW) == 5
        assert await second.reserve(NARROW) == Shortage("narrow", "requests", 1800.0)


async def test_several_buckets_all_have_room_or_nothing_is_taken(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        assert await first.serve(5, NARROW) == 5
        found = await second.state.reserve([claim(HOURLY), claim(WIDTH), claim(NARROW)], NOW)
        assert found == Shortage("narrow", "requests", 1800.0)
        assert await said(server, HOURLY) == 0
        assert len(granted([await first.reserve(WIDTH) for _ in range(5)])) == 5


async def test_a_refund_makes_room_for_the_other(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        leases = granted([await first.reserve(NARROW) for _ in range(5)])
        first.state.sent(leases[0])
        first.state.settle(leases[0], None, NOW)
        await says(server, 4, NARROW)
        assert len(granted([await second.reserve(NARROW) for _ in range(2)])) == 1


async def test_a_refund_is_known_to_the_next_attempt_of_the_same_router(server: RedisServer) -> None:
    """What is told goes before what is asked."""
    one = Bucket("one", {"requests": 1, "concurrent": 1}, HOURLY.window)
    async with run(server) as first:
        for _ in range(20):
            lease = await first.reserve(one)
            assert isinstance(lease, Lease)
            first.state.settle(lease, None, NOW)


async def test_settling_puts_what_was_spent_in_place_of_the_estimate(server: RedisServer) -> None:
    async with run(server) as first:
        (lease,) = granted([await first.reserve(TOKENS, 1000)])
        assert await said(server, TOKENS, "input_tokens") == 1000
        first.state.sent(lease)
        first.state.settle(lease, Spent(7, 2000), NOW)
        await says(server, 7, TOKENS, "input_tokens")
        assert (await said(server, TOKENS, "output_tokens"), await said(server, TOKENS)) == (2000, 1)


async def test_what_both_have_used_and_reserved_is_known_to_both(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        await first.serve(3)
        (lease,) = granted([await first.reserve()])
        await second.serve(4)
        first.state.sent(lease)
        for _ in range(2):
            await refresh(first, HOURLY)
            await refresh(second, HOURLY)
            assert (first.used(), second.used()) == (8, 8)
        first.state.settle(lease, Spent(), NOW)
        await refresh(first, HOURLY)
        assert first.used() == 8


async def test_the_places_of_a_router_that_died_are_free_when_its_leases_end(server: RedisServer) -> None:
    """Promise 50: a killed router leaves no reservation behind."""
    async with run(server) as survivor:
        async with run(server, lease=0.3) as dying:
            assert len(granted([await dying.reserve(WIDTH) for _ in range(5)])) == 5
            dying.state._held.clear()  # it neither settles nor prolongs them any more
        assert isinstance(await survivor.reserve(WIDTH), Shortage)
        await asyncio.sleep(0.35)
        assert len(granted([await survivor.reserve(WIDTH) for _ in range(5)])) == 5


async def test_the_places_of_a_router_that_lives_are_kept(server: RedisServer) -> None:
    async with run(server) as other, run(server, lease=1.0) as slow, Redis.from_url(server.url) as client:

        async def first_end() -> float:
            return float((await client.zrange("llr:leases:p:width", 0, 0, withscores=True))[0][1])

        assert len(granted([await slow.reserve(WIDTH) for _ in range(5)])) == 5
        begun = await first_end()
        async with asyncio.timeout(5):
            while await first_end() < begun + 0.5:
                await asyncio.sleep(0.05)
        assert isinstance(await other.reserve(WIDTH), Shortage)


async def test_a_router_that_ends_gives_its_places_back(server: RedisServer) -> None:
    async with run(server) as survivor:
        async with run(server) as ending:
            assert len(granted([await ending.reserve(WIDTH) for _ in range(5)])) == 5
        assert len(granted([await survivor.reserve(WIDTH) for _ in range(5)])) == 5


async def test_a_client_that_leaves_while_its_place_is_asked_for_holds_none(server: RedisServer) -> None:
    async with run(server) as first:
        waiting = asyncio.ensure_future(first.reserve(NARROW))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert await first.serve(5, NARROW) == 5
        await says(server, 5, NARROW)


async def test_a_place_that_is_given_back_before_redis_has_answered_is_free(server: RedisServer) -> None:
    """A request that could not be translated, or whose client left meanwhile."""
    one = Bucket("one", {"requests": 1, "concurrent": 1}, HOURLY.window)
    async with run(server) as first:
        lease = first.state.take([claim(one)], NOW)
        assert isinstance(lease, Lease)
        first.state.settle(lease, None, NOW)
        assert isinstance(await first.reserve(one), Lease)
        assert await said(server, one) == 1


async def test_redis_is_asked_as_soon_as_a_place_is_taken(server: RedisServer) -> None:
    """What the request needs besides is done meanwhile."""
    async with run(server) as first:
        lease = first.state.take([claim(NARROW)], NOW)
        assert isinstance(lease, Lease)
        await says(server, 1, NARROW)
        server.freeze()
        assert await first.state.confirm(lease, NOW) == lease
        server.thaw()


async def test_a_clock_of_redis_that_was_set_keeps_nobody_from_counting(server: RedisServer) -> None:
    async with run(server) as first:
        await first.serve()
        first.state._link.ahead -= 3600.0
        await first.serve()
        assert await said(server) == 2


# --- rotations ---


async def pick(each: Router[RedisState]) -> str:
    """One turn at 3:1."""
    await refresh(each)
    members = (Standing("p/a", weight=3.0), Standing("p/b", weight=1.0))
    found = rank("weighted-rr", members, each.state.ledger.rotations.get("fast", {}), lambda: 0.5)
    each.state.rotate({"fast": found.currents})
    return members[found.order[0]].key


async def test_two_routers_take_turns_as_one(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        picks = [await pick(each) for _ in range(200) for each in (first, second)]
    assert abs(picks.count("p/a") - 300) <= 1
    assert all(3 - 1 <= picks[at : at + 4].count("p/a") <= 3 + 1 for at in range(0, 400, 4))


async def test_turns_that_are_taken_at_once_are_different_turns(server: RedisServer) -> None:
    async with run(server) as first:
        picks = await asyncio.gather(*(pick(first) for _ in range(40)))
    assert picks.count("p/a") == 30


@pytest.mark.parametrize("fresh", [0.0, FRESH_SECONDS])
async def test_routers_that_pick_at_once_keep_the_shares(server: RedisServer, fresh: float) -> None:
    """Also where neither waits to hear of the other's turns."""

    async def many(each: Router[RedisState]) -> list[str]:
        picks = []
        each.state.bind(("k",), "p/a#", NOW, 3600.0)  # what is unknown is waited for
        for _ in range(200):
            picks.append(await pick(each))
            await asyncio.sleep(0.001)
        return picks

    async with run(server, fresh=fresh) as first, run(server, fresh=fresh) as second:
        picks = await asyncio.gather(many(first), many(second))
    assert abs(sum(each.count("p/a") for each in picks) - 300) <= 3


async def test_a_mark_that_is_taken_off_is_taken_off_for_all(server: RedisServer) -> None:
    """As `least-latency` does."""
    async with run(server) as first, run(server) as second:
        first.state.rotate({"fast": {"p/a": 1.0}})
        await refresh(first)
        await refresh(second)
        assert second.state.ledger.rotations["fast"] == {"p/a": 1.0}
        second.state.rotate({"fast": {}})
        await refresh(second)
        await refresh(first)
        assert first.state.ledger.rotations["fast"] == {}


# --- what is learnt ---


async def test_a_rest_is_known_to_the_other_and_ended_for_both(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        first.rest(RESTING)
        await refresh(first)
        await refresh(second)
        assert second.state.ledger.health.resting(NOW) == (RESTING,)
        second.recover(RESTING.key)
        await refresh(second)
        await refresh(first)
        assert first.state.ledger.health.resting(NOW) == ()


async def test_a_rest_that_is_just_being_told_is_not_forgotten(server: RedisServer) -> None:
    """What was asked before it was told does not know of it."""
    async with run(server) as first:
        asked = asyncio.ensure_future(refresh(first))
        await asyncio.sleep(0)
        first.rest(RESTING)
        await asked
        assert first.state.ledger.health.resting(NOW) == (RESTING,)


async def test_a_rest_that_begins_again_is_not_ended_by_its_old_end(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        for _ in range(20):
            first.rest(RESTING)
            first.recover(RESTING.key)
            first.rest(RESTING)
            await refresh(first)
            await refresh(second)
            assert second.state.ledger.health.resting(NOW) == (RESTING,)
            first.recover(RESTING.key)


async def test_conversations_are_shared(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        first.state.bind(("k",), "p/m#key", NOW, 3600.0)
        await refresh(first)
        await refresh(second)
        assert second.state.ledger.bindings.find(("k",), NOW) == "p/m#key"
        assert second.state.ledger.bindings.find(("k",), NOW + 3601) is None


async def test_subscription_windows_are_shared(server: RedisServer) -> None:
    async with run(server) as first, run(server) as second:
        first.state.observed("p#k", (WEEKLY,))
        await refresh(first)
        await refresh(second)
        assert second.state.ledger.windows == {"p#k": (WEEKLY,)}


async def test_nothing_stays_in_redis_for_good_but_rests_and_windows(server: RedisServer) -> None:
    async with run(server) as first:
        await first.serve()
        await first.reserve(WIDTH)
        first.state.bind(("k",), "p/m#", NOW, 3600.0)
        first.state.rotate({"fast": {"p/a": 1.0}})
        first.rest(RESTING)
        first.state.observed("p#k", (WEEKLY,))
        await refresh(first)
        async with Redis.from_url(server.url, decode_responses=True) as client:
            lasting = {key async for key in client.scan_iter() if await client.ttl(key) < 0}
    assert lasting == {"llr:cooling", "llr:windows"}


async def test_what_others_wrote_that_makes_no_sense_is_left_out(server: RedisServer) -> None:
    async with Redis.from_url(server.url) as client:
        await client.hset("llr:cooling", mapping={"a": "x", "b": f"{NOW + 9} nonsense", "c": "", "d": "nan overloaded"})
        await client.hset("llr:windows", mapping={"a": "x", "b": "[1]", "c": "{}", "d": '[{"name": 1}]'})
        await client.hset("llr:rotation:fast", mapping={"a": "x", "b": "nan", "c": "0.5"})
        await client.set("llr:binding:k", "nonsense")
    async with run(server) as first:
        await refresh(first)
        ledger = first.state.ledger
        assert (ledger.rotations["fast"], ledger.health.resting(NOW), first.told) == ({"c": 0.5}, (), [])
        assert ledger.windows.keys() <= {"c"}
        assert first.state.problem == ""


# --- Redis goes and comes ---


async def timed(each: Router[RedisState], times: int = 1) -> list[float]:
    """How long each of so many requests waited for its state. They all pass."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await refresh(each, HOURLY)
        assert await each.serve_one()
        took.append(time.perf_counter() - begun)
    return took


async def test_without_redis_each_router_goes_on_and_says_so_once(own_server: RedisServer) -> None:
    async with run(own_server) as first:
        await timed(first)
        own_server.kill()
        took = await timed(first, 50)
        assert max(took) < ALONE
        assert sorted(took)[40] < 0.05
        assert "not shared" in first.state.problem
        assert len(first.told) == 1
        assert first.used() == 51


async def test_nobody_waits_for_a_redis_that_hangs_but_those_who_found_out(own_server: RedisServer) -> None:
    async with run(own_server) as first:
        await timed(first)
        own_server.freeze()
        begun = time.perf_counter()
        await asyncio.gather(*(refresh(first, HOURLY) for _ in range(20)))
        assert time.perf_counter() - begun < ALONE
        took = await timed(first, 200)
        assert max(took) < 0.1
        assert len(first.told) == 1
        own_server.thaw()
        await eventually(lambda: first.state.problem == "")


async def test_a_redis_that_is_not_there_at_the_start_stops_nothing(own_server: RedisServer) -> None:
    own_server.kill()
    async with run(own_server) as first:
        assert "not shared" in first.state.problem
        assert await first.serve(3) == 3
        await own_server.start()
        await eventually(lambda: first.state.problem == "")
        await says(own_server, 3)


async def test_an_own_cap_holds_without_redis(own_server: RedisServer) -> None:
    async with run(own_server) as first:
        await first.serve(2, NARROW)
        own_server.kill()
        assert await first.serve(9, NARROW) == 3


async def test_a_redis_that_hung_counts_nothing_twice(own_server: RedisServer) -> None:
    """It does what was sent to it before it hung, when nobody waits for it any more."""
    async with run(own_server) as first:
        await first.serve(2)
        own_server.freeze()
        await first.serve(3)
        (lease,) = granted([await first.reserve(TOKENS, 100)])
        await eventually(lambda: first.state.problem != "")
        await asyncio.sleep(TIMEOUT)
        first.state.sent(lease)
        own_server.thaw()
        await eventually(lambda: first.state.problem == "")
        first.state.settle(lease, Spent(10, 10), NOW)
        await first.serve(1)
        await refresh(first, HOURLY, TOKENS)
        assert (await said(own_server), first.used()) == (6, 6)
        assert (await said(own_server, TOKENS), await said(own_server, TOKENS, "input_tokens")) == (1, 10)


async def test_a_redis_that_comes_back_empty_learns_what_was_known(own_server: RedisServer) -> None:
    async with run(own_server) as first, run(own_server) as second:
        await first.serve(3)
        await second.serve(4)
        first.rest(RESTING)
        first.state.observed("p#k", (WEEKLY,))
        await refresh(first, HOURLY)
        await refresh(second, HOURLY)
        own_server.kill()
        await asyncio.gather(timed(first), timed(second))
        await own_server.start()
        await eventually(lambda: first.state.problem == second.state.problem == "")
        await says(own_server, 9)
        async with run(own_server) as third:
            await refresh(third, HOURLY)
            assert third.used() == 9
            assert third.state.ledger.health.resting(NOW) == (RESTING,)
            assert third.state.ledger.windows == {"p#k": (WEEKLY,)}


async def test_news_that_did_not_arrive_come_on_top_of_what_was_known(own_server: RedisServer) -> None:
    async with run(own_server) as first:
        await first.serve(3, TOKENS, Spent(100, 0))
        (lease,) = granted([await first.reserve(TOKENS, 500)])
        await refresh(first, TOKENS)
        own_server.kill()
        first.state.settle(lease, Spent(10, 0), NOW)
        await eventually(lambda: first.state.problem != "")
        await own_server.start()
        await says(own_server, 310, TOKENS, "input_tokens")
        assert await said(own_server, TOKENS) == 4


async def test_what_was_used_and_learnt_meanwhile_is_told_afterwards(own_server: RedisServer) -> None:
    async with run(own_server) as first:
        own_server.kill()
        await timed(first, 3)
        first.rest(RESTING)
        first.state.bind(("k",), "p/m#", NOW, 3600.0)
        (running,) = granted([await first.reserve(WIDTH)])
        await own_server.start()
        await eventually(lambda: first.state.problem == "")
        async with run(own_server) as second:
            await refresh(second, HOURLY)
            assert second.used() == 3
            assert second.state.ledger.health.resting(NOW) == (RESTING,)
            assert second.state.ledger.bindings.find(("k",), NOW) == "p/m#"
        first.state.settle(running, Spent(), NOW)
        assert len(first.told) == 2


async def test_a_request_that_began_without_redis_gets_a_place_when_it_is_back(own_server: RedisServer) -> None:
    async with run(own_server, lease=0.3) as first:
        own_server.kill()
        await first.serve()
        (running,) = granted([await first.reserve(WIDTH)])
        await own_server.start()
        await eventually(lambda: first.state.problem == "")
        await asyncio.sleep(0.2)
        async with run(own_server) as second:
            assert len(granted([await second.reserve(WIDTH) for _ in range(5)])) == 4
            first.state.settle(running, Spent(), NOW)
            await refresh(first)
            assert isinstance(await second.reserve(WIDTH), Lease)


async def test_scripts_that_redis_forgot_are_brought_again(server: RedisServer) -> None:
    async with run(server) as first:
        await first.serve()
        async with Redis.from_url(server.url) as client:
            await client.script_flush()
        await timed(first)
        await eventually(lambda: first.state.problem == "")
        await first.serve()
        await says(server, 3)


async def test_a_key_that_somebody_else_ruined_is_said_and_stops_nothing(server: RedisServer) -> None:
    async with Redis.from_url(server.url) as client:
        await client.set("llr:cooling", "no hash")
        async with run(server) as first:
            await timed(first, 3)
            assert "WRONGTYPE" in first.state.problem
            await client.delete("llr:cooling")
            await eventually(lambda: first.state.problem == "")
            await timed(first)
            await says(server, 4)


async def test_a_router_that_has_nothing_to_tell_waits_for_no_answer(server: RedisServer) -> None:
    async with run(server) as first:
        first.state._link.tell(at_once=True)
        await asyncio.sleep(2 * TIMEOUT)
        assert await first.serve() == 1
        assert first.told == []


# --- who may ask ---


async def test_a_password_is_used(tmp_path: object) -> None:
    async with RedisServer(password="opensesame") as server, run(server) as first, run(server) as second:
        await first.serve(2)
        await refresh(second, HOURLY)
        assert (second.used(), first.told) == (2, [])


@pytest.mark.parametrize("user", ["", "nobody"])
async def test_a_wrong_password_is_said_and_never_shown(user: str) -> None:
    async with RedisServer(password="opensesame") as server:
        url = f"redis://{user}:not-that-word@127.0.0.1:{server.port}/0"
        async with run(url) as first:
            assert await first.serve(2) == 2
            assert "not shared" in first.state.problem
            (line,) = first.told
            shown = line + first.state.problem
            assert not {"opensesame", "not-that-word"} & set(shown.replace(":", " ").split())
            assert "not-that-word" not in shown


async def test_a_database_that_does_not_exist_is_said(server: RedisServer) -> None:
    async with run(server.url.replace("/0", "/4711")) as first:
        assert await first.serve(2) == 2
        assert "DB index" in first.state.problem
