"""Specification of places in limits: each call to a provider takes one of its own, also those that one attempt makes
after its first, and those that only count tokens (addons/booking.py, call.py, counting.py, search/rounds.py)."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from addons.core.buckets import Bucket, Lease, Shortage
from addons.core.cooldowns import Policy, Where
from addons.core.health import Health
from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.plan import Plan, Provider
from addons.core.web_search import SearchService, WebSearch
from addons.core.windows import Window
from addons.exchange import Exchange
from addons.ledger import Ledger, State
from harness.answers import Call, Said, stream, whole
from harness.asks import CHAT, CLAUDE, body, path
from harness.engine import header, json_of, no_sleep, offered, planned, posted, read, refusal
from harness.memory import REFUSED, MemoryUpstream, Scripted, json_answer

NOW = 1_800_000_000.0
DAY = Window("day")
TOOL = {"type": "web_search_20250305", "name": "web_search"}
FOUND = {"web": {"results": [{"title": "Llamas", "url": "https://llamas.example/", "description": "They hum."}]}}
WEB = WebSearch((SearchService("brave", "brave", "k", "http://brave/search", 3, None),))
UNKNOWN_FIELD = refusal(CHAT, 400, "Unknown parameter: 'seed'.")


def limited(name: str, dialect: DialectName = CHAT, **caps: int) -> Provider:
    window = None if caps.keys() == {"concurrent"} else DAY
    return replace(offered(name, dialect), buckets=(Bucket("cap", caps, window),))


def engine(plan: Plan, upstream: MemoryUpstream) -> Exchange:
    return Exchange(
        plan, upstream, chance=lambda: 0.0, sleep=no_sleep, now=lambda: 0.0, new_id=lambda: "req_1", clock=lambda: NOW
    )


def used(router: Exchange, provider: Provider) -> int:
    """How many requests its bucket counts."""
    (bucket,) = provider.buckets
    left = router.state.ledger.counters.remaining(f"{provider.id}:cap", bucket, NOW)
    return round((1 - left) * bucket.caps["requests"])


def running(router: Exchange, provider: Provider) -> int:
    return router.state.ledger.counters.running(f"{provider.id}:cap")


def said(what: Said, *, whole_answer: bool = False) -> Scripted:
    if whole_answer:
        return json_answer(json.dumps(whole(CHAT, what)).encode())
    return Scripted(tuple(stream(CHAT, what)))


# --- a request that was mended ---


def with_seed() -> Ask:
    return posted(path(CHAT), {**body(CHAT), "seed": 1})


async def test_the_second_try_of_a_mended_request_counts() -> None:
    provider = limited("a", requests=10)
    router = engine(planned(provider), MemoryUpstream(a=[UNKNOWN_FIELD, said(Said("Hello"))]))
    assert (await router.answer(with_seed())).status == 200
    assert used(router, provider) == 2


async def test_a_mended_request_holds_one_place_at_a_time() -> None:
    provider = limited("a", concurrent=1)
    router = engine(planned(provider), MemoryUpstream(a=[UNKNOWN_FIELD, said(Said("Hello"))]))
    reply = await router.answer(with_seed())
    assert (reply.status, running(router, provider)) == (200, 1)
    await read(reply)
    assert running(router, provider) == 0


async def test_a_mended_request_without_room_goes_to_the_next_target() -> None:
    upstream = MemoryUpstream(a=[UNKNOWN_FIELD], b=[said(Said("Hello"))])
    router = engine(planned(limited("a", requests=1), offered("b", CHAT)), upstream)
    reply = await router.answer(with_seed())
    assert (reply.status, upstream.asked) == (200, ["a", "b"])
    assert header(reply, "x-llm-router-skipped-candidates") == "a/m:quota-exhausted:cap"


async def test_a_mended_request_without_room_anywhere_is_told_when_to_come_back() -> None:
    """It would be accepted then, which the refusal itself does not say."""
    upstream = MemoryUpstream(a=[UNKNOWN_FIELD])
    provider = limited("a", requests=1)
    router = engine(planned(provider), upstream)
    reply = await router.answer(with_seed())
    assert (reply.status, len(upstream.sent), used(router, provider), running(router, provider)) == (429, 1, 1, 0)
    assert int(header(reply, "retry-after") or 0) > 0


async def test_that_there_is_no_room_for_a_second_try_cools_nobody() -> None:
    router = engine(planned(limited("a", requests=1)), MemoryUpstream(a=[UNKNOWN_FIELD]))
    await router.answer(with_seed())
    assert router.state.ledger.health.excluded(Where("a", "m"), NOW) is None
    assert router.state.ledger.health.busy(Where("a", "m")) == 0


async def test_what_a_mended_request_used_is_counted_once() -> None:
    provider = limited("a", requests=10, tokens=100_000)
    router = engine(
        planned(provider),
        MemoryUpstream(a=[UNKNOWN_FIELD, said(Said("Hello", input_tokens=7, cached=0, output_tokens=3, reasoning=0))]),
    )
    await read(await router.answer(with_seed()))
    (bucket,) = provider.buckets
    only_tokens = replace(bucket, caps={"tokens": 1000})
    assert router.state.ledger.counters.remaining("a:cap", only_tokens, NOW) == pytest.approx(1 - 10 / 1000)


async def test_a_client_that_leaves_before_the_second_try_leaves_nothing_behind() -> None:
    provider = limited("a", concurrent=1)
    gate = asyncio.Event()
    script = [UNKNOWN_FIELD, Scripted((gate,))]
    router = engine(planned(provider), MemoryUpstream(a=script))
    waiting = asyncio.ensure_future(router.answer(with_seed()))
    while running(router, provider) == 0:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert running(router, provider) == 0
    assert router.state.ledger.health.busy(Where("a", "m")) == 0


# --- a place that others refuse ---


class Shared(State):
    """Others have taken all the places that this router knows of in limits."""

    async def confirm(self, lease: Lease, now: float) -> Lease | Shortage:
        if not any(part.key.endswith(":cap") for part in lease.parts):
            return lease
        self.settle(lease, None, now)
        return Shortage("cap", "requests", 60.0)


async def test_no_call_is_made_before_its_place_is_sure() -> None:
    provider = limited("a", requests=10)
    upstream = MemoryUpstream(a=[said(Said("Hello"))], b=[said(Said("Hello"))])
    state = Shared(Ledger(Health(Policy())))
    router = Exchange(
        planned(provider, offered("b", CHAT)), upstream, new_id=lambda: "req_1", clock=lambda: NOW, state=state
    )
    reply = await router.answer(with_seed())
    assert (reply.status, upstream.asked, used(router, provider)) == (200, ["b"], 0)
    assert state.ledger.health.busy(Where("a", "m")) == 0


async def test_a_count_that_others_refuse_is_an_estimate() -> None:
    upstream = MemoryUpstream(a=[COUNTED])
    state = Shared(Ledger(Health(Policy())))
    router = Exchange(planned(limited("a", CLAUDE, requests=10)), upstream, clock=lambda: NOW, state=state)
    assert (header(await router.answer(COUNT), ESTIMATE), upstream.sent) == ("true", [])


# --- rounds of a search ---


def searching(*, stream: bool) -> Ask:
    question = [{"role": "user", "content": "what do llamas do?"}]
    return posted(
        path(CLAUDE), {"model": "all", "max_tokens": 500, "messages": question, "stream": stream, "tools": [TOOL]}
    )


def looks(n: int = 1) -> Said:
    """The model wants to know something."""
    return Said(calls=(Call("web_search", json.dumps({"query": f"llamas {n}"}), f"call_{n}"),), turn=n)


def hits() -> Scripted:
    return json_answer(json.dumps(FOUND).encode())


@pytest.mark.parametrize("stream", [True, False])
async def test_every_round_of_a_search_counts(stream: bool) -> None:
    provider = limited("a", requests=10)
    script = [said(each, whole_answer=not stream) for each in (looks(1), looks(2), Said("They hum."))]
    router = engine(planned(provider, web_search=WEB), MemoryUpstream(a=script, brave=[hits()]))
    reply = await router.answer(searching(stream=stream))
    await read(reply)
    assert (reply.status, used(router, provider)) == (200, 3)


@pytest.mark.parametrize("stream", [True, False])
async def test_the_tokens_of_all_rounds_are_counted_once(stream: bool) -> None:
    provider = limited("a", tokens=100_000)
    script = [said(each, whole_answer=not stream) for each in (looks(1), Said("They hum.", input_tokens=200))]
    router = engine(planned(provider, web_search=WEB), MemoryUpstream(a=script, brave=[hits()]))
    await read(await router.answer(searching(stream=stream)))
    (bucket,) = provider.buckets
    left = router.state.ledger.counters.remaining("a:cap", bucket, NOW)
    assert left == pytest.approx(1 - 340 / 100_000)


async def test_a_round_without_room_is_the_next_targets_turn_while_nothing_was_said() -> None:
    script = {"a": [said(looks(), whole_answer=True)], "b": [said(Said("They hum."), whole_answer=True)]}
    upstream = MemoryUpstream(**script, brave=[hits()])
    router = engine(planned(limited("a", requests=1), offered("b", CHAT), web_search=WEB), upstream)
    reply = await router.answer(searching(stream=False))
    assert (reply.status, upstream.asked) == (200, ["a", "brave", "b"])


async def test_a_round_without_room_ends_a_stream_that_has_begun_and_blames_nobody() -> None:
    provider = limited("a", requests=1)
    begun = replace(looks(), text="Let me look.")
    upstream = MemoryUpstream(a=[said(begun)], brave=[hits()])
    router = engine(planned(provider, web_search=WEB), upstream)
    data = await read(await router.answer(searching(stream=True)))
    assert b"Let me" in data and b"event: error" in data and b"has no room" in data
    assert upstream.asked == ["a", "brave"]
    health = router.state.ledger.health
    assert (health.excluded(Where("a", "m"), NOW), health.busy(Where("a", "m"))) == (None, 0)
    assert (used(router, provider), running(router, provider)) == (1, 0)


# --- token counts ---

COUNT = posted("/v1/messages/count_tokens", {"model": "all", "messages": [{"role": "user", "content": "How many?"}]})
COUNTED = json_answer(b'{"input_tokens":17}')
ESTIMATE = "x-llm-router-estimate"


async def test_a_count_is_a_request() -> None:
    provider = limited("a", CLAUDE, requests=10, tokens=10)
    router = engine(planned(provider), MemoryUpstream(a=[COUNTED]))
    reply = await router.answer(COUNT)
    assert (await json_of(reply), header(reply, ESTIMATE)) == ({"input_tokens": 17}, None)
    assert (used(router, provider), running(router, provider)) == (1, 0)


async def test_a_count_without_room_is_an_estimate() -> None:
    upstream = MemoryUpstream(a=[COUNTED])
    router = engine(planned(limited("a", CLAUDE, requests=1)), upstream)
    replies = await asyncio.gather(*(router.answer(COUNT) for _ in range(20)))
    assert [each.status for each in replies] == [200] * 20
    assert [header(each, ESTIMATE) for each in replies].count("true") == 19
    assert len(upstream.sent) == 1


@pytest.mark.parametrize(("script", "counts"), [(REFUSED, 0), (json_answer(b"{}", 404), 1)], ids=["unreached", "404"])
async def test_a_count_that_fails_is_settled_and_blames_nobody(script: Any, counts: int) -> None:
    provider = limited("a", CLAUDE, requests=10)
    router = engine(planned(provider), MemoryUpstream(a=[script]))
    for _ in range(3):
        assert header(await router.answer(COUNT), ESTIMATE) == "true"
    assert (used(router, provider), running(router, provider)) == (3 * counts, 0)
    assert router.state.ledger.health.excluded(Where("a", "m"), NOW) is None
