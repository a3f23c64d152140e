"""Specification of addons/exchange.py: what a client gets, whatever the providers do."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from addons.core.accumulate import Answer, fold
from addons.core.events import Cause
from addons.core.http import Ask, Reply
from addons.core.model import DialectName, Text
from addons.core.plan import Plan
from addons.dialects import DIALECTS
from addons.exchange import Exchange
from addons.ledger import State
from addons.relay import Forward, Translation
from harness.asks import CHAT, CLAUDE, GEMINI, PATHS, RESPONSES, ask, begun, error_event, opening, stream
from harness.memory import REFUSED, RESET, SILENCE, MemoryUpstream, Scripted, json_answer, plan
from harness.spoken import CLIENTS, PROVIDERS

PAIRS = [(client, provider) for client in CLIENTS for provider in PROVIDERS]


async def no_sleep(seconds: float) -> None:
    return None


def exchange(a_plan: Plan, upstream: MemoryUpstream) -> Exchange:
    return Exchange(a_plan, upstream, chance=lambda: 0.0, sleep=no_sleep, new_id=lambda: "req_1")


async def read(reply: Reply) -> bytes:
    if isinstance(reply.body, bytes):
        return reply.body
    return b"".join([chunk async for chunk in reply.body])


async def answer(dialect: DialectName, reply: Reply) -> Answer:
    """What a client of `dialect` makes of the reply."""
    decoder = DIALECTS[dialect].decoder()
    return fold([*decoder.feed(await read(reply)), *decoder.finish(Cause.COMPLETE)])


def good(dialect: DialectName, text: str = "Hello") -> Scripted:
    return Scripted(tuple(stream(dialect, text)))


def broken(provider: DialectName) -> dict[str, Any]:
    """Every way to fail before the first content."""
    return {
        "overloaded": json_answer(b'{"error":{"message":"x"}}', 529),
        "rate limited": json_answer(b'{"error":{"message":"x"}}', 429),
        "refused": REFUSED,
        "html": Scripted((b"<html>gateway</html>",), 502, {"content-type": "text/html"}),
        "empty stream": Scripted(()),
        "only openings": Scripted(tuple(opening(provider))),
        "error event": Scripted((*opening(provider), error_event(provider))),
        "error event first": Scripted((error_event(provider),)),
        "reset": Scripted((*opening(provider), RESET)),
        "silence": Scripted((*opening(provider), SILENCE)),
        "garbage": Scripted((b"data: {broken\n\n",)),
    }


@pytest.mark.parametrize("failure", list(broken(CLAUDE)))
@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_fallback_before_the_first_content_is_invisible(
    client: DialectName, provider: DialectName, failure: str
) -> None:
    """Promise 6."""
    upstream = MemoryUpstream(a=[broken(provider)[failure]], b=[good(provider)])
    reply = await exchange(plan(a=provider, b=provider), upstream).answer(ask(client))
    got = await answer(client, reply)
    assert (reply.status, got.parts, got.error) == (200, (Text("Hello"),), None)
    assert upstream.asked == ["a", "b"]


@pytest.mark.parametrize("end", [RESET, SILENCE, None, "error"])
@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_a_failure_after_the_commit_point_is_an_error_event_and_nothing_is_sent_again(
    client: DialectName, provider: DialectName, end: Any
) -> None:
    """Promises 3, 4 and 5."""
    last = [] if end is None else [error_event(provider)] if end == "error" else [end]
    upstream = MemoryUpstream(a=[Scripted((*begun(provider), *last))], b=[good(provider)])
    reply = await exchange(plan(a=provider, b=provider), upstream).answer(ask(client))
    got = await answer(client, reply)
    assert got.error is not None and got.parts == (Text("Hello"),)
    assert upstream.asked == ["a"]


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_an_answer_is_translated_whole(client: DialectName, provider: DialectName) -> None:
    upstream = MemoryUpstream(a=[good(provider, "Grüße")])
    reply = await exchange(plan(a=provider), upstream).answer(ask(client))
    got = await answer(client, reply)
    assert (got.parts, got.error) == ((Text("Grüße"),), None)
    assert dict(upstream.sent[0].headers)["authorization"] == "Bearer key-of-a"


@pytest.mark.parametrize("dialect", [CLAUDE, RESPONSES])
async def test_usage_reaches_the_client_across_dialects(dialect: DialectName) -> None:
    reply = await exchange(plan(a=CHAT), MemoryUpstream(a=[good(CHAT)])).answer(ask(dialect))
    usage = (await answer(dialect, reply)).usage
    assert (usage.input, usage.output) == (7, 3)


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_a_client_that_wants_no_stream_gets_one_body(client: DialectName, provider: DialectName) -> None:
    """Some providers stream whatever was asked for."""
    upstream = MemoryUpstream(a=[good(provider)])
    reply = await exchange(plan(a=provider), upstream).answer(ask(client, stream=False))
    body = json.loads(await read(reply))
    assert fold(DIALECTS[client].parse_response(body)).parts == (Text("Hello"),)


@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_the_same_dialect_is_forwarded_byte_for_byte(dialect: DialectName) -> None:
    """Promise 16."""
    named = b"" if dialect is GEMINI else b'"model":"all" ,"stream":true, '
    raw = b"{ " + named + b'"unknown":[1.0,12345678901234567890] }'
    upstream = MemoryUpstream(a=[good(dialect)])
    request = ask(dialect)
    query = "&".join(part for part in (request.query, "beta=true&key=secret") if part)
    reply = await exchange(plan(a=dialect), upstream).answer(replace(request, body=raw, query=query))
    assert await read(reply) == b"".join(stream(dialect))
    assert upstream.sent[0].body == raw.replace(b'"all"', b'"m"')
    assert upstream.sent[0].url.endswith("beta=true") and "secret" not in upstream.sent[0].url


@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_the_first_content_is_not_held_back(dialect: DialectName) -> None:
    """Promise 7."""
    gate = asyncio.Event()
    upstream = MemoryUpstream(a=[Scripted((*begun(dialect), gate, *stream(dialect)[len(begun(dialect)) :]))])
    reply = await exchange(plan(a=dialect), upstream).answer(ask(dialect))
    assert not isinstance(reply.body, bytes)
    assert b"Hello" in await anext(reply.body)
    gate.set()
    assert [chunk async for chunk in reply.body]


@pytest.mark.parametrize("stage", ["before the first content", "after it"])
@pytest.mark.parametrize("stream_wanted", [True, False])
async def test_a_client_that_leaves_closes_the_upstream(stage: str, stream_wanted: bool) -> None:
    """Promise 8."""
    scripted = Scripted((*(begun(CHAT) if stage == "after it" else opening(CHAT)), asyncio.Event()))
    task = asyncio.ensure_future(
        exchange(plan(a=CHAT), MemoryUpstream(a=[scripted])).answer(ask(CLAUDE, stream=stream_wanted))
    )
    for _ in range(20):
        await asyncio.sleep(0)
    if task.done():
        body = (await task).body
        assert not isinstance(body, bytes)
        await body.aclose()  # type: ignore[attr-defined]
    else:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert scripted.closed


@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_a_finished_stream_closes_the_upstream(dialect: DialectName) -> None:
    scripted = good(dialect)
    await read(await exchange(plan(a=dialect), MemoryUpstream(a=[scripted])).answer(ask(CLAUDE)))
    assert scripted.closed


REFUSALS: dict[str, tuple[dict[str, Any], int]] = {
    "unknown model": ({"model": "al"}, 404),
    "model is no name": ({"model": 7}, 400),
    "messages are no list": ({"messages": 7, "input": 7, "contents": 7, "prompt": 7}, 400),
}


@pytest.mark.parametrize("case", list(REFUSALS))
@pytest.mark.parametrize("dialect", CLIENTS)
async def test_every_refusal_explains_itself_in_the_clients_dialect(dialect: DialectName, case: str) -> None:
    """Promise 64."""
    change, status = REFUSALS[case]
    other = CHAT if dialect is not CHAT else CLAUDE
    request = ask(dialect, model=str(change.get("model", "all")))
    request = replace(request, body=json.dumps({**json.loads(request.body), **change}).encode())
    reply = await exchange(plan(a=other), MemoryUpstream(a=[good(other)])).answer(request)
    body = json.loads(await read(reply))
    assert reply.status == (404 if dialect is GEMINI and "model" in change else status)
    assert DIALECTS[dialect].parse_error(status, {}, json.dumps(body).encode()).message
    assert "req_1" in json.dumps(body) and body["error"]["class"] and body["error"]["hint"]
    assert ("type" in body and body["type"] == "error") is (dialect is CLAUDE)


async def test_an_unknown_model_names_the_nearest() -> None:
    reply = await exchange(plan(a=CHAT), MemoryUpstream(a=[good(CHAT)])).answer(ask(CHAT, model="al"))
    assert "all" in json.loads(await read(reply))["error"]["message"]


@pytest.mark.parametrize("client", CLIENTS)
async def test_when_all_fail_the_most_useful_error_comes_back_with_what_was_tried(client: DialectName) -> None:
    """Promise 64."""
    provider = RESPONSES if client is not RESPONSES else CHAT
    limited = json_answer(b'{"error":{"message":"slow down"}}', 429, retry_after="7")
    upstream = MemoryUpstream(a=[limited], b=[json_answer(b"", 500)])
    reply = await exchange(plan(a=provider, b=provider), upstream).answer(ask(client))
    body = json.loads(await read(reply))
    assert reply.status == 429 and dict(reply.headers)["retry-after"] == "7"
    assert "slow down" in body["error"]["message"]
    assert body["error"]["tried"] == ["a/m:429/rate_limited#1", "b/m:500/temporary_error#1"]


async def test_a_same_dialect_error_comes_back_verbatim() -> None:
    raw = b'{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required","x":1}}'
    upstream = MemoryUpstream(a=[json_answer(raw, 400, request_id="req_up")])
    reply = await exchange(plan(a=CLAUDE), upstream).answer(ask(CLAUDE))
    assert (reply.status, await read(reply)) == (400, raw)
    assert dict(reply.headers)["request-id"] == "req_up"


async def test_the_origin_is_retried_before_falling_back() -> None:
    upstream = MemoryUpstream(a=[json_answer(b"", 500), good(CHAT)], b=[good(CHAT)])
    two = plan(a=CHAT, b=CHAT)
    reply = await exchange(replace(two, retry=replace(two.retry, attempts=3)), upstream).answer(ask(CLAUDE))
    assert reply.status == 200 and upstream.asked == ["a", "a"]


async def test_debug_headers_show_the_decision() -> None:
    upstream = MemoryUpstream(a=[json_answer(b"", 429)], b=[good(CHAT)])
    headers = dict((await exchange(plan(a=CHAT, b=CHAT), upstream).answer(ask(CLAUDE))).headers)
    assert headers["x-llm-router-requested-model"] == "all"
    assert headers["x-llm-router-attempts"] == "a/m:429/rate_limited#1"
    assert headers["x-llm-router-selected-candidate"].startswith("b/m")
    assert headers["x-llm-router-request-id"] == "req_1"


async def test_without_debug_only_the_request_id_is_shown() -> None:
    quiet = replace(plan(a=CHAT), debug=False)
    reply = await exchange(quiet, MemoryUpstream(a=[good(CHAT)])).answer(ask(CLAUDE))
    assert [name for name, _ in reply.headers if name.startswith("x-llm-router")] == ["x-llm-router-request-id"]


LOCKED = replace(plan(a=CHAT), master_key="s3cret", require_auth=True)


@pytest.mark.parametrize("dialect", CLIENTS)
async def test_without_the_gateway_key_nothing_is_sent(dialect: DialectName) -> None:
    upstream = MemoryUpstream(a=[good(CHAT)])
    reply = await exchange(LOCKED, upstream).answer(ask(dialect))
    assert reply.status == 401 and upstream.sent == []
    assert json.loads(await read(reply))["error"]["class"] == "auth_failed"


async def test_with_the_gateway_key_it_is() -> None:
    request = ask(CLAUDE, headers={"authorization": "bearer s3cret"})
    assert (await exchange(LOCKED, MemoryUpstream(a=[good(CHAT)])).answer(request)).status == 200


async def test_health_needs_no_key() -> None:
    reply = await exchange(LOCKED, MemoryUpstream()).answer(Ask("GET", "/health"))
    assert reply.status == 200 and json.loads(await read(reply))["status"] == "ok"


async def test_health_names_the_state_and_its_problem() -> None:
    """Promise 51: visible, and nothing fails for it."""
    router = exchange(plan(a=CHAT), MemoryUpstream())
    healthy = json.loads(await read(await router.answer(Ask("GET", "/health"))))
    router.state = Troubled(router.state.ledger)
    troubled = json.loads(await read(await router.answer(Ask("GET", "/health"))))
    assert (healthy["state"], healthy["status"]) == ({"backend": "memory"}, "ok")
    assert (troubled["state"], troubled["status"]) == ({"backend": "sqlite", "problem": "the disk is full"}, "ok")


class Troubled(State):
    backend = "sqlite"

    @property
    def problem(self) -> str:
        return "the disk is full"


async def test_a_websocket_upgrade_gets_426_at_once() -> None:
    request = Ask("GET", "/v1/responses", "", {"upgrade": "websocket", "connection": "Upgrade"})
    assert (await exchange(plan(a=CHAT), MemoryUpstream()).answer(request)).status == 426


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (Ask("GET", "/nowhere"), 404),
        (Ask("GET", "/v1/messages"), 405),
        (Ask("POST", "/v1/messages", "", {"content-type": "text/plain"}, b"{}"), 415),
        (Ask("POST", "/v1/messages", "", {"content-type": "application/json"}, b"[1]"), 400),
        (Ask("POST", "/v1/messages", "", {"content-type": "application/json"}, b"{" + b" " * 100), 413),
        (Ask("POST", "/v1/messages", "", {"content-type": "application/json"}, b'{"a":' + b"[" * 50), 400),
    ],
)
async def test_what_is_no_request_is_refused(request_: Ask, status: int) -> None:
    """Promises 19, 20 and 64."""
    small = replace(plan(a=CHAT), max_body=64)
    reply = await exchange(small, MemoryUpstream()).answer(request_)
    assert reply.status == status and json.loads(await read(reply))["error"]["message"]


async def test_models_are_listed_in_the_shape_of_the_asking_dialect() -> None:
    router = exchange(plan(a=CHAT), MemoryUpstream())
    openai = json.loads(await read(await router.answer(Ask("GET", "/v1/models"))))
    claude = json.loads(await read(await router.answer(Ask("GET", "/anthropic/v1/models"))))
    assert openai["object"] == "list" and [entry["id"] for entry in openai["data"]] == ["all", "a/m"]
    assert claude["has_more"] is False and [entry["type"] for entry in claude["data"]] == ["model", "model"]


async def test_the_unified_endpoint_answers_in_the_dialect_that_it_detects() -> None:
    body = {"model": "all", "messages": [{"role": "user", "content": "hi"}], "max_completion_tokens": 9}
    request = Ask("POST", "/route", "", {"content-type": "application/json"}, json.dumps(body).encode())
    reply = await exchange(plan(a=CLAUDE), MemoryUpstream(a=[good(CLAUDE)])).answer(request)
    assert json.loads(await read(reply))["object"] == "chat.completion"


async def test_every_path_is_known_to_this_specification() -> None:
    assert set(PATHS) == set(CLIENTS)


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_a_fault_of_the_router_in_the_middle_is_an_error_event_too(
    client: DialectName, provider: DialectName, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 3."""
    events = stream(provider)
    rest = events[len(begun(provider)) :]
    upstream = MemoryUpstream(a=[Scripted((*begun(provider), b"FAULT", *rest))])
    for relay in (Forward, Translation):
        monkeypatch.setattr(relay, "feed", _faulty(relay.feed))
    with caplog.at_level("ERROR", "llr"):
        got = await answer(client, await exchange(plan(a=provider), upstream).answer(ask(client)))
    assert got.error is not None and got.parts == (Text("Hello"),)
    assert "failed in the middle" in caplog.text


def _faulty(feed: Any) -> Any:
    def faulty(relay: Any, data: bytes) -> bytes:
        if data == b"FAULT":
            raise RuntimeError("fault")
        return bytes(feed(relay, data))

    return faulty
