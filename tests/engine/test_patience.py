"""Specification of addons/patience.py: who waits long sees signs of life, and nothing is committed by them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.core.errors import ErrorClass
from addons.core.http import Reply
from addons.core.model import DialectName, Text
from addons.core.plan import Plan
from addons.dialects import DIALECTS
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, ask, begun, opening, stream
from harness.engine import assert_error_in, engine, header, offered, planned, read, refusal, settle, streamed
from harness.memory import RESET, MemoryUpstream, Scripted, json_answer
from harness.spoken import CLIENTS, PROVIDERS

SOON = 0.001  # seconds of silence; what is waited for comes only when a test lets it
NEVER = 3600.0


def two(dialect: DialectName, **settings: Any) -> Plan:
    return planned(offered("a", dialect), offered("b", dialect), **{"keepalive": SOON, **settings})


def held(gate: asyncio.Event, *then: Any, before: tuple[bytes, ...] = ()) -> Scripted:
    """An answer that says nothing of substance until `gate` is open."""
    return Scripted((*before, gate, *then))


def body_of(reply: Reply) -> AsyncIterator[bytes]:
    assert not isinstance(reply.body, bytes)
    return reply.body


@pytest.mark.parametrize("client", CLIENTS)
async def test_the_client_sees_a_sign_of_life_of_its_own_dialect(client: DialectName) -> None:
    """Promise 13."""
    gate = asyncio.Event()
    upstream = MemoryUpstream(a=[held(gate, *stream(CHAT), before=tuple(opening(CHAT)))])
    reply = await engine(planned(offered("a", CHAT), keepalive=SOON), upstream).answer(ask(client))
    assert reply.status == 200 and (header(reply, "content-type") or "").startswith("text/event-stream")
    assert await anext(body_of(reply)) == DIALECTS[client].keepalive
    gate.set()
    assert b"Hello" in await read(reply)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_keepalives_do_not_disturb_the_answer(client: DialectName, provider: DialectName) -> None:
    gate = asyncio.Event()
    upstream = MemoryUpstream(a=[held(gate, *stream(provider))])
    reply = await engine(planned(offered("a", provider), keepalive=SOON), upstream).answer(ask(client))
    gate.set()
    got = await streamed(client, reply)
    assert (got.parts, got.error) == ((Text("Hello"),), None)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_fallback_after_keepalives_is_still_invisible(client: DialectName, provider: DialectName) -> None:
    """Promise 6."""
    gate = asyncio.Event()
    upstream = MemoryUpstream(
        a=[held(gate, RESET, before=tuple(opening(provider)))], b=[Scripted(tuple(stream(provider)))]
    )
    reply = await engine(two(provider), upstream).answer(ask(client))
    gate.set()
    got = await streamed(client, reply)
    assert (got.parts, got.error, upstream.asked) == ((Text("Hello"),), None, ["a", "b"])


@pytest.mark.parametrize("client", CLIENTS)
async def test_when_all_fail_after_keepalives_the_error_is_an_event_of_the_dialect(client: DialectName) -> None:
    """Promises 2 and 3."""
    gate = asyncio.Event()
    other = json_answer(b'{"error":{"message":"slow down"}}', 429)
    upstream = MemoryUpstream(a=[held(gate, RESET)], b=[other])
    reply = await engine(two(CHAT), upstream).answer(ask(client))
    assert reply.status == 200
    gate.set()
    got = await streamed(client, reply)
    assert got.parts == () and got.error is not None and "slow down" in got.error.message
    assert got.error.cls is ErrorClass.RATE_LIMITED


async def test_the_providers_own_words_are_not_put_raw_into_a_stream() -> None:
    """Outside a stream a provider's JSON of the same dialect comes back verbatim."""
    raw = b'{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}'
    upstream = GatedUpstream(a=[json_answer(raw, 400)])
    reply = await engine(planned(offered("a", CLAUDE), keepalive=SOON), upstream).answer(ask(CLAUDE))
    upstream.gate.set()
    data = await read(reply)
    assert raw not in data and data.count(b"event: error\n") == 1 and b"max_tokens: too many" in data


class GatedUpstream(MemoryUpstream):
    """Answers nothing, not even headers, until its gate is open."""

    def __init__(self, **scripts: Any) -> None:
        super().__init__(**scripts)
        self.gate = asyncio.Event()
        self.left = False

    async def open(self, request: Any) -> Scripted:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.left = True
            raise
        return await super().open(request)


@pytest.mark.parametrize("client", CLIENTS)
async def test_headers_that_do_not_come_are_waited_for_with_keepalives_too(client: DialectName) -> None:
    upstream = GatedUpstream(a=[Scripted(tuple(stream(CHAT)))])
    reply = await engine(planned(offered("a", CHAT), keepalive=SOON), upstream).answer(ask(client))
    assert await anext(body_of(reply)) == DIALECTS[client].keepalive and upstream.sent == []
    upstream.gate.set()
    assert b"Hello" in await read(reply)


async def test_a_client_that_leaves_before_the_headers_ends_the_search() -> None:
    """Promise 8."""
    upstream = GatedUpstream(a=[Scripted(())])
    reply = await engine(planned(offered("a", CHAT), keepalive=SOON), upstream).answer(ask(CLAUDE))
    await body_of(reply).aclose()  # type: ignore[attr-defined]
    assert upstream.left


@pytest.mark.parametrize("seen", [0, 1])
async def test_a_client_that_leaves_while_it_waits_closes_the_upstream(seen: int) -> None:
    """Promise 8."""
    scripted = held(asyncio.Event(), before=tuple(opening(CHAT)))
    upstream = MemoryUpstream(a=[scripted], b=[Scripted(tuple(stream(CHAT)))])
    reply = await engine(two(CHAT), upstream).answer(ask(CLAUDE))
    body = body_of(reply)
    for _ in range(seen):
        await anext(body)
    await body.aclose()  # type: ignore[attr-defined]
    assert scripted.closed and upstream.asked == ["a"]


async def test_a_client_that_leaves_when_the_answer_has_just_come_closes_it() -> None:
    """Promise 8."""
    gate = asyncio.Event()
    scripted = held(gate, *begun(CHAT), asyncio.Event())
    reply = await engine(planned(offered("a", CHAT), keepalive=SOON), MemoryUpstream(a=[scripted])).answer(ask(CLAUDE))
    gate.set()
    await settle()
    await body_of(reply).aclose()  # type: ignore[attr-defined]
    assert scripted.closed


async def test_a_client_that_leaves_in_the_answer_closes_the_upstream() -> None:
    """Promise 8."""
    gate = asyncio.Event()
    scripted = held(gate, *begun(CHAT), asyncio.Event())
    reply = await engine(planned(offered("a", CHAT), keepalive=SOON), MemoryUpstream(a=[scripted])).answer(ask(CLAUDE))
    body = body_of(reply)
    gate.set()
    while b"Hello" not in await anext(body):
        pass
    await body.aclose()  # type: ignore[attr-defined]
    assert scripted.closed


async def test_a_client_that_leaves_at_the_first_moment_ends_the_search() -> None:
    """Promise 8: the proxy cancels the request as long as there is no answer."""
    upstream = GatedUpstream(a=[Scripted(())])
    task = asyncio.ensure_future(engine(two(CHAT, keepalive=NEVER), upstream).answer(ask(CLAUDE)))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert upstream.left


@pytest.mark.parametrize("client", CLIENTS)
async def test_an_answer_in_time_has_no_keepalive(client: DialectName) -> None:
    upstream = MemoryUpstream(a=[Scripted(tuple(stream(CHAT)))])
    reply = await engine(planned(offered("a", CHAT), keepalive=NEVER), upstream).answer(ask(client))
    assert not (await read(reply)).startswith(DIALECTS[client].keepalive)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_failure_in_time_has_its_own_status(client: DialectName) -> None:
    upstream = MemoryUpstream(a=[refusal(CHAT, 429, "slow down")])
    reply = await engine(planned(offered("a", CHAT), keepalive=NEVER), upstream).answer(ask(client))
    assert reply.status == 429
    assert_error_in(client, 429, json.loads(await read(reply)))


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_that_wants_one_body_is_sent_nothing_before_it(client: DialectName) -> None:
    upstream = GatedUpstream(a=[Scripted(tuple(stream(CHAT)))])
    plan = planned(offered("a", CHAT), keepalive=SOON)
    task = asyncio.ensure_future(engine(plan, upstream).answer(ask(client, stream=False)))
    await asyncio.wait((task,), timeout=SOON * 20)
    assert not task.done()
    upstream.gate.set()
    reply = await task
    assert reply.status == 200 and isinstance(json.loads(await read(reply)), dict)


async def test_keepalives_can_be_switched_off() -> None:
    upstream = GatedUpstream(a=[Scripted(tuple(stream(CHAT)))])
    task = asyncio.ensure_future(engine(planned(offered("a", CHAT), keepalive=0.0), upstream).answer(ask(CLAUDE)))
    await asyncio.wait((task,), timeout=SOON * 20)
    assert not task.done()
    upstream.gate.set()
    assert DIALECTS[CLAUDE].keepalive not in await read(await task)


@pytest.mark.parametrize("client", [CLAUDE, CHAT, RESPONSES, GEMINI])
async def test_a_body_that_cannot_be_translated_is_refused_at_once(client: DialectName) -> None:
    """What is wrong with the request itself is known before anybody is waited for."""
    plan = planned(offered("a", CHAT if client is not CHAT else CLAUDE), keepalive=SOON)
    wrong = ask(client)
    field = {RESPONSES: "input", GEMINI: "contents"}.get(client, "messages")
    body = {**json.loads(wrong.body), field: 7}
    wrong = type(wrong)(wrong.method, wrong.path, wrong.query, wrong.headers, json.dumps(body).encode())
    reply = await engine(plan, MemoryUpstream(a=[])).answer(wrong)
    assert reply.status == 400
    assert_error_in(client, 400, json.loads(await read(reply)))
