"""Specification of routing through the engine: balance, limits, failures, conversations."""

import asyncio
import json
from typing import Any

import pytest

from addons.core.buckets import Bucket
from addons.core.cooldowns import Policy, Where
from addons.core.plan import Alias, Credential, Model, RetryPolicy, Target
from addons.core.strategy import STRATEGY_NAMES
from addons.core.windows import Window
from harness.asks import CHAT, ask
from harness.engine import header, json_of, posted, read, settle
from harness.memory import REFUSED, RESET, Scripted, json_answer
from harness.routed import failing, good, routed, running

MINUTE = Window("minute")


async def test_weights_are_kept_smoothly() -> None:
    router = routed("a", "b", strategy="weighted-rr", weights={"a": 3})
    for _ in range(8):
        await router.done()
    assert "".join(router.upstream.asked) == "aabaaaba"


async def test_requests_at_the_same_time_are_given_turns_too() -> None:
    router = routed("a", "b", strategy="round-robin")
    await asyncio.gather(*(router.done() for _ in range(10)))
    assert sorted(router.upstream.asked) == ["a"] * 5 + ["b"] * 5


async def test_a_bucket_lets_exactly_its_cap_through() -> None:
    """Promise: twenty at once against two."""
    router = routed("a", providers={"a": {"buckets": (Bucket("b", {"requests": 2}, MINUTE),)}})
    statuses = await asyncio.gather(*(router.done() for _ in range(20)))
    assert (statuses.count(200), statuses.count(429), len(router.upstream.sent)) == (2, 18, 2)


async def test_a_full_bucket_sends_the_request_to_the_next_target() -> None:
    router = routed("a", "b", providers={"a": {"buckets": (Bucket("b", {"requests": 1}, MINUTE),)}})
    for _ in range(3):
        await router.done()
    assert router.upstream.asked == ["a", "b", "b"]


async def test_what_is_full_says_which_limit_and_when_it_resets() -> None:
    router = routed("a", providers={"a": {"buckets": (Bucket("team", {"requests": 1}, MINUTE),)}})
    await router.done()
    reply = await router.ask()
    body = await json_of(reply)
    assert reply.status == 429 and "quota-exhausted:team" in body["error"]["message"]
    assert 0 < int(header(reply, "retry-after") or 0) <= 60
    assert header(reply, "x-llm-router-skipped-candidates") == "a/m:quota-exhausted:team"


async def test_the_next_window_is_open_again() -> None:
    router = routed("a", providers={"a": {"buckets": (Bucket("b", {"requests": 1}, MINUTE),)}})
    assert [await router.done(), await router.done()] == [200, 429]
    router.now += 60
    assert await router.done() == 200


async def test_a_request_that_never_reached_its_provider_is_given_back() -> None:
    bucket = Bucket("b", {"requests": 1}, MINUTE)
    router = routed("a", providers={"a": {"buckets": (bucket,)}}, scripts={"a": [REFUSED, good()]})
    assert [await router.done(), await router.done()] == [502, 200]


async def test_a_retry_counts() -> None:
    bucket = Bucket("b", {"requests": 2}, MINUTE)
    scripts = {"a": [failing(500), good()]}
    router = routed("a", providers={"a": {"buckets": (bucket,)}}, scripts=scripts, settings={"retry": RetryPolicy()})
    assert [await router.done(), await router.done()] == [200, 429]


async def test_tokens_are_settled_by_what_was_used() -> None:
    """The scripted answer reports seven and three; the estimate held a thousand for the output."""
    bucket = Bucket("b", {"tokens": 1050}, MINUTE)
    router = routed("a", providers={"a": {"buckets": (bucket,)}})
    assert [await router.done() for _ in range(3)] == [200, 200, 200]
    assert router.state.ledger.counters.remaining("a:b", bucket, router.now) == pytest.approx(1 - 30 / 1050)


async def test_concurrent_requests_are_bounded_and_freed_at_the_end() -> None:
    gate = asyncio.Event()
    bucket = Bucket("b", {"concurrent": 1})
    router = routed("a", providers={"a": {"buckets": (bucket,)}}, scripts={"a": [running(gate), good()]})
    first = await router.ask()
    assert (first.status, await router.done()) == (200, 429)
    gate.set()
    await read(first)
    assert await router.done() == 200


@pytest.mark.parametrize("stage", ["searching", "streaming"])
async def test_a_client_that_leaves_frees_its_place(stage: str) -> None:
    """Promise 8."""
    gate = asyncio.Event()
    bucket = Bucket("b", {"concurrent": 1})
    script = Scripted((gate,)) if stage == "searching" else running(gate)
    router = routed("a", providers={"a": {"buckets": (bucket,)}}, scripts={"a": [script, good()]})
    asking = asyncio.ensure_future(router.ask())
    await settle()
    if stage == "searching":
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    else:
        body = (await asking).body
        assert not isinstance(body, bytes)
        await body.aclose()  # type: ignore[attr-defined]
    await settle()
    assert script.closed and await router.done() == 200


async def test_a_model_takes_so_many_at_once_and_the_others_go_elsewhere() -> None:
    """Promise 26: one that hangs takes no more than its places."""
    gate = asyncio.Event()
    hanging = Scripted((gate,))
    router = routed("a", "b", providers={"a": {"concurrency": 2}}, scripts={"a": [hanging]})
    asking = [asyncio.ensure_future(router.ask()) for _ in range(5)]
    await settle()
    assert sorted(router.upstream.asked) == ["a", "a", "b", "b", "b"]
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


@pytest.mark.parametrize(
    ("status", "headers", "rest"),
    [
        (429, {}, 30.0),
        (429, {"retry_after": "7"}, 7.0),
        (401, {}, 600.0),
        (402, {}, 900.0),
        (404, {}, 45.0),
    ],
)
async def test_a_failed_target_rests(status: int, headers: dict[str, str], rest: float) -> None:
    router = routed("a", "b", scripts={"a": [failing(status, **headers), good()]})
    await router.done()
    router.now += rest - 0.5
    await router.done()
    router.now += 1.0
    await router.done()
    assert router.upstream.asked == ["a", "b", "b", "a"]


async def test_two_failures_in_a_row_open_the_circuit_and_one_request_probes() -> None:
    """Promise 26."""
    gate = asyncio.Event()
    scripts = {"a": [failing(500), failing(500), running(gate), good()]}
    router = routed("a", "b", scripts=scripts)
    for _ in range(3):
        await router.done()
    assert router.upstream.asked == ["a", "b", "a", "b", "b"]
    router.now += 31
    probe = await router.ask()
    assert router.upstream.asked[5:] == ["a"]
    gate.set()
    await read(probe)
    await router.done()
    assert router.upstream.asked[6:] == ["a"]


async def test_while_one_probes_the_others_stay_away() -> None:
    """Promise 26."""
    gate = asyncio.Event()
    scripts = {"a": [failing(500), failing(500), Scripted((gate, *good().body))]}
    router = routed("a", "b", scripts=scripts)
    for _ in range(2):
        await router.done()
    router.now += 31
    asking = [asyncio.ensure_future(router.done()) for _ in range(4)]
    await settle()
    assert sorted(router.upstream.asked[4:]) == ["a", "b", "b", "b"]
    gate.set()
    assert await asyncio.gather(*asking) == [200] * 4


@pytest.mark.parametrize("status", [400, 422])
async def test_a_clients_own_mistake_is_never_held_against_a_target(status: int) -> None:
    """Promise 26."""
    router = routed("a", "b", scripts={"a": [failing(status)]})
    for _ in range(12):
        await router.done()
    assert set(router.upstream.asked) == {"a"}


async def test_an_answer_that_breaks_counts_as_a_failure() -> None:
    broken = Scripted((*good().body[:2], RESET))
    router = routed("a", "b", scripts={"a": [broken]})
    for _ in range(3):
        await router.done()
    assert router.upstream.asked == ["a", "a", "b"]


async def test_a_long_answer_of_the_probe_keeps_nobody_out() -> None:
    gate = asyncio.Event()
    router = routed("a", "b", scripts={"a": [REFUSED, REFUSED, running(gate), good()]})
    await router.done()
    await router.done()
    router.now += 30
    probe = await router.ask()
    assert await router.done() == 200
    assert router.upstream.asked == ["a", "b", "a", "b", "a", "a"]
    gate.set()
    await read(probe)


async def test_clients_that_leave_their_answers_say_nothing_of_the_target() -> None:
    router = routed("a", "b", scripts={"a": [running(asyncio.Event())] * 4})
    for _ in range(4):
        left = await router.ask()
        await left.body.aclose()  # type: ignore[union-attr]
    assert router.upstream.asked == ["a"] * 4
    assert router.state.ledger.health.score(Where("a", "m"), router.now) == 1.0


async def test_when_everybody_rests_the_soonest_is_asked_all_the_same() -> None:
    scripts = {"a": [failing(429, retry_after="50"), good()], "b": [failing(429, retry_after="20"), good()]}
    router = routed("a", "b", scripts=scripts)
    await router.done()
    reply = await router.ask()
    assert (reply.status, router.upstream.asked) == (200, ["a", "b", "b"])
    assert header(reply, "x-llm-router-route-strategy") == "ordered (overridden)"


async def test_when_everybody_rests_and_fails_again_the_answer_says_when_to_come_back() -> None:
    policy = Policy(circuit_failures=1, circuit_cooldown=20)
    router = routed("a", scripts={"a": [failing(500)]}, settings={"cooldowns": policy})
    await router.done()
    reply = await router.ask()
    assert reply.status == 500 and 0 < int(header(reply, "retry-after") or 0) <= 20


KEYS = (Credential("1", "k1"), Credential("2", "k2"))


def keys_of(router: Any) -> list[str]:
    return [dict(sent.headers)["authorization"].removeprefix("Bearer ") for sent in router.upstream.sent]


async def test_the_keys_of_a_provider_take_turns() -> None:
    router = routed("a", providers={"a": {"keys": KEYS}})
    for _ in range(4):
        router.now += 1
        await router.done()
    assert keys_of(router) == ["k1", "k2", "k1", "k2"]


async def test_a_refused_key_rests_alone() -> None:
    router = routed("a", providers={"a": {"keys": KEYS}}, scripts={"a": [failing(401), good()]})
    statuses = []
    for _ in range(3):
        router.now += 1
        statuses.append(await router.done())
    assert (statuses, keys_of(router)) == ([401, 200, 200], ["k1", "k2", "k2"])


async def test_a_bucket_of_each_key_is_its_own() -> None:
    bucket = Bucket("b", {"requests": 1}, MINUTE, per_key=True)
    router = routed("a", providers={"a": {"keys": KEYS, "buckets": (bucket,)}})
    assert [await router.done() for _ in range(3)] == [200, 200, 429]
    assert sorted(keys_of(router)) == ["k1", "k2"]


async def test_auto_uses_up_the_subscription_that_resets_first() -> None:
    def window(reset: float) -> dict[str, str]:
        return {
            "anthropic_ratelimit_unified_7d_status": "allowed",
            "anthropic_ratelimit_unified_7d_utilization": "0.5",
            "anthropic_ratelimit_unified_7d_reset": str(int(reset)),
        }

    router = routed("a", strategy="auto", providers={"a": {"keys": KEYS}})
    named = [
        {name.replace("_", "-"): value for name, value in window(router.now + days * 86400).items()} for days in (6, 1)
    ]
    events = {"content-type": "text/event-stream"}
    answers = [Scripted(good().body, headers={**events, **each}) for each in named]
    router.upstream.scripts["a"] = [*answers, good()]
    for _ in range(6):
        router.now += 1
        await router.done()
    assert keys_of(router) == ["k1", "k2", "k2", "k2", "k2", "k2"]


async def test_a_conversation_stays_with_its_target_and_key() -> None:
    more = {"affinity": 3600.0}
    router = routed("a", "b", strategy="round-robin", more=more, providers={"a": {"keys": KEYS}, "b": {"keys": KEYS}})
    for conversation in "xyxyxxy":
        router.now += 1
        await router.done(x_session_id=conversation)
    asked = list(zip(router.upstream.asked, keys_of(router), strict=True))
    assert asked[0] == asked[2] == asked[4] == asked[5]
    assert asked[1] == asked[3] == asked[6] and asked[0][0] != asked[1][0]


async def test_a_conversation_moves_when_its_target_rests_and_stays_there() -> None:
    scripts = {"a": [good(), failing(429), good()]}
    router = routed("a", "b", more={"affinity": 3600.0}, scripts=scripts)
    for _ in range(3):
        await router.done(x_session_id="x")
    router.now += 31
    await router.done(x_session_id="x")
    await router.done(x_session_id="y")
    assert router.upstream.asked == ["a", "a", "b", "b", "b", "a"]


async def test_a_conversation_is_known_by_its_words() -> None:
    router = routed("a", "b", strategy="round-robin", more={"affinity": 3600.0})

    async def turn(*messages: tuple[str, str]) -> None:
        said = [{"role": role, "content": text} for role, text in messages]
        body = {"model": "all", "messages": said, "stream": True}
        await read(await router.send(posted("/v1/chat/completions", body)))

    first, second = ("user", "one"), ("user", "two")
    for opening in (first, second):
        await turn(opening)
    for opening in (first, second, first):
        await turn(opening, ("assistant", "Hello"), ("user", "more"))
    assert router.upstream.asked == ["a", "b", "a", "b", "a"]


async def test_a_request_that_is_too_long_goes_to_a_window_that_fits() -> None:
    providers = {"a": {"models": (Model("m", context_window=2000),)}, "b": {"models": (Model("m"),)}}
    router = routed("a", "b", providers=providers)
    long = posted("/v1/chat/completions", {"model": "all", "messages": [{"role": "user", "content": "word " * 4000}]})
    reply = await router.send(long)
    assert router.upstream.asked == ["b"] and reply.status == 200
    assert header(reply, "x-llm-router-skipped-candidates") == "a/m:context-too-small"


async def test_what_a_provider_finds_too_long_goes_to_a_larger_window() -> None:
    models = {"a": 9_000, "b": 8_000, "c": 20_000}
    providers = {name: {"models": (Model("m", context_window=size),)} for name, size in models.items()}
    too_long = json_answer(b'{"error":{"message":"too long","code":"context_length_exceeded"}}', 400)
    router = routed("a", "b", "c", providers=providers, scripts={"a": [too_long]})
    await router.done()
    assert router.upstream.asked == ["a", "c"]


async def test_a_silent_target_gets_company_and_the_first_to_begin_answers() -> None:
    slow = Scripted((asyncio.Event(),))
    router = routed("a", "b", more={"hedge": 0.01}, scripts={"a": [slow]})
    reply = await router.ask()
    await read(reply)
    assert (router.upstream.asked, slow.closed) == (["a", "b"], True)
    assert header(reply, "x-llm-router-selected-candidate") == "b/m (openai)"


async def test_a_quick_target_gets_no_company() -> None:
    router = routed("a", "b", more={"hedge": 5.0})
    await router.done()
    assert router.upstream.asked == ["a"]


async def test_when_both_of_a_hedge_fail_the_third_is_asked() -> None:
    gate = asyncio.Event()
    slow = Scripted((gate, *failing(500).body), 500, {"content-type": "application/json"})

    scripts = {"a": [slow], "b": [failing(503)]}
    router = routed("a", "b", "c", more={"hedge": 0.01}, scripts=scripts)
    asking = asyncio.ensure_future(router.ask())
    async with asyncio.timeout(5):
        while router.upstream.asked != ["a", "b"]:
            await asyncio.sleep(0)
    gate.set()
    reply = await asking
    assert (reply.status, router.upstream.asked) == (200, ["a", "b", "c"])


async def test_a_request_waits_for_a_limit_to_reset_where_the_alias_says_so() -> None:
    bucket = Bucket("b", {"requests": 1}, MINUTE)
    router = routed("a", more={"hold": 120.0}, providers={"a": {"buckets": (bucket,)}})
    assert [await router.done(), await router.done()] == [200, 200]
    assert 0 < sum(router.slept) <= 61


async def test_it_waits_out_what_a_provider_says() -> None:
    router = routed("a", more={"hold": 60.0}, scripts={"a": [failing(429, retry_after="40"), good()]})
    assert await router.done() == 200 and 40 <= sum(router.slept) <= 41


async def test_it_does_not_wait_longer_than_the_alias_allows() -> None:
    router = routed("a", more={"hold": 10.0}, scripts={"a": [failing(429, retry_after="40"), good()]})
    assert await router.done() == 429 and router.slept == []


async def test_a_provider_that_fails_always_gets_a_tenth_more_at_the_most() -> None:
    """Promise 25."""
    settings = {"retry": RetryPolicy(), "cooldowns": Policy(circuit_failures=0)}
    router = routed("a", scripts={"a": [failing(500)]}, settings=settings)
    for _ in range(500):
        await router.done()
    assert len(router.upstream.sent) <= 550


async def test_an_equal_request_joins_the_answer_that_runs() -> None:
    gate = asyncio.Event()
    router = routed("a", more={"joins": True}, scripts={"a": [running(gate)]})
    first, second = await router.ask(), await router.ask()
    gate.set()
    assert await read(first) == await read(second) != b""
    assert len(router.upstream.sent) == 1
    assert header(second, "x-llm-router-joined") == "yes" and header(first, "x-llm-router-joined") is None


async def test_nested_aliases_keep_their_own_strategy_and_fallbacks() -> None:
    router = routed("a", "b", "c", scripts={"b": [failing(500)]}, settings={"cooldowns": Policy(circuit_failures=0)})
    inner = Alias("inner", "round-robin", (Target("a/m"), Target("b/m")), (Target("c/m"),))
    outer = Alias("all", "ordered", (Target("inner"),))
    router.exchange.plan = router.plan.__class__(router.providers, {"all": outer, "inner": inner}, retry=RetryPolicy(1))
    for _ in range(4):
        await router.done()
    assert router.upstream.asked == ["a", "b", "a", "a", "b", "a"]


@pytest.mark.parametrize("strategy", sorted(set(STRATEGY_NAMES.values())))
async def test_every_strategy_answers_whatever_fails(strategy: str) -> None:
    router = routed("a", "b", "c", strategy=strategy, scripts={"b": [failing(500)]})
    assert [await router.done() for _ in range(12)] == [200] * 12


async def test_a_whole_answer_is_settled_too() -> None:
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    message = {"role": "assistant", "content": "hi"}
    body |= {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    body |= {"usage": {"prompt_tokens": 40, "completion_tokens": 2, "total_tokens": 42}}
    whole = Scripted((json.dumps(body).encode(),), 200, {"content-type": "application/json"})
    bucket = Bucket("b", {"tokens": 2000, "concurrent": 1}, MINUTE)
    router = routed("a", providers={"a": {"buckets": (bucket,)}}, scripts={"a": [whole]})
    for _ in range(2):
        assert (await router.send(ask(CHAT, "all", stream=False))).status == 200
    assert router.state.ledger.counters.remaining("a:b", bucket, router.now) == pytest.approx(1 - 84 / 2000)


async def test_a_short_request_is_not_looked_into_for_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr("addons.needs.required", lambda request, **_: looked.append(request) or 1)
    router = routed("a", providers={"a": {"models": (Model("m", context_window=5000),)}})
    assert await router.done() == 200 and looked == []
    long = posted("/v1/chat/completions", {"model": "all", "messages": [{"role": "user", "content": "word " * 4000}]})
    await router.send(long)
    assert len(looked) == 1
