"""Specification of addons/observed.py and records.py: what observers hear of a request."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest

from addons.core.buckets import Bucket
from addons.core.errors import ErrorClass
from addons.core.http import Ask, PassOn, Reply
from addons.core.windows import Window
from addons.observed import Listener, Record
from addons.records import record_of
from addons.seek import Trace
from harness.asks import CHAT, CLAUDE, ask
from harness.engine import read, settle
from harness.memory import RESET, Scripted
from harness.routed import Routed, failing, good, routed, running


class Hearing:
    """Writes down everything."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self.said_: list[bytes] = []
        self.records: list[Record] = []

    def opened(self, ask: Ask, request_id: str) -> Listener | None:
        self.asks.append(ask)
        return self

    def sent(self, data: bytes) -> None:
        raise AssertionError("the body was there")

    def said(self, data: bytes) -> None:
        self.said_.append(data)

    def done(self, record: Record) -> None:
        self.records.append(record)


def observed(*names: str, **more: Any) -> tuple[Routed, Hearing]:
    router, hearing = routed(*names, **more), Hearing()
    router.exchange._observers = (hearing,)
    return router, hearing


async def test_a_streamed_answer_is_heard_to_its_end() -> None:
    router, hearing = observed("a")
    reply = await router.ask()
    assert hearing.records == []
    data = await read(reply)
    (record,) = hearing.records
    assert b"".join(hearing.said_) == data
    assert (record.id, record.requested, record.served, record.status) == ("req_1", "all", "a/m", 200)
    assert (record.client, record.provider, record.stream, record.left) == (CHAT, CHAT, True, False)
    assert (record.usage.input, record.usage.output, record.route) == (7, 3, "all")


async def test_the_times_are_those_of_the_router() -> None:
    gate = asyncio.Event()
    router, hearing = observed("a", scripts={"a": [running(gate)]})
    begun = router.now
    reply = await router.ask()
    router.now += 5
    gate.set()
    await read(reply)
    assert (hearing.records[0].at, hearing.records[0].first_event, hearing.records[0].total) == (begun, 0.0, 5.0)


async def test_a_refusal_is_heard_with_its_class_and_what_was_tried() -> None:
    router, hearing = observed("a", "b", scripts={"a": [failing(401)], "b": [failing(429)]})
    await router.done()
    (record,) = hearing.records
    assert (record.status, record.error, record.served) == (429, ErrorClass.RATE_LIMITED, "")
    assert record.attempts == ("a/m:401/auth_failed#1", "b/m:429/rate_limited#1")


async def test_what_was_not_asked_is_heard_too() -> None:
    bucket = Bucket("b", {"requests": 1}, Window("minute"))
    router, hearing = observed("a", "b", providers={"a": {"buckets": (bucket,)}})
    await router.done()
    await router.done()
    assert hearing.records[1].skipped == ("a/m:quota-exhausted:b",)


async def test_an_answer_that_breaks_says_by_what() -> None:
    router, hearing = observed("a", scripts={"a": [Scripted((*good().body[:2], RESET))]})
    await router.done()
    assert hearing.records[0].broken is ErrorClass.TRUNCATED


async def test_a_client_that_leaves_in_the_middle_is_heard_to_leave() -> None:
    router, hearing = observed("a", scripts={"a": [running(asyncio.Event())]})
    reply = await router.ask()
    await reply.body.aclose()  # type: ignore[union-attr]
    assert [record.left for record in hearing.records] == [True]


async def test_a_client_that_leaves_before_the_answer_is_heard_to_leave() -> None:
    router, hearing = observed("a", scripts={"a": [Scripted((asyncio.Event(),))]})
    asking = asyncio.ensure_future(router.ask())
    await settle()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert [(record.left, record.status) for record in hearing.records] == [(True, 499)]


@pytest.mark.parametrize("path", ["/health", "/v1/models", "/"])
async def test_what_asks_no_model_is_of_no_interest(path: str) -> None:
    router, hearing = observed("a")
    await router.send(Ask("GET", path))
    assert hearing.asks == []


async def test_an_answer_is_heard_once_however_often_it_is_closed() -> None:
    router, hearing = observed("a")
    reply = await router.ask()
    await read(reply)
    await reply.body.aclose()  # type: ignore[union-attr]
    assert len(hearing.records) == 1


@pytest.mark.parametrize("moment", ["opened", "said", "done"])
async def test_an_observer_that_fails_harms_nobody(moment: str, caplog: pytest.LogCaptureFixture) -> None:
    router, hearing = observed("a")

    def fail(*_: object) -> None:
        raise RuntimeError("observer")

    setattr(hearing, moment, fail)
    other = Hearing()
    router.exchange._observers = (hearing, other)
    with caplog.at_level(logging.ERROR, "llr"):
        assert await router.done() == 200
    assert len(other.records) == 1 and "an observer failed" in caplog.text


async def test_a_joined_answer_says_so() -> None:
    gate = asyncio.Event()
    router, hearing = observed("a", more={"joins": True}, scripts={"a": [running(gate)]})
    replies = [await router.ask(), await router.ask()]
    gate.set()
    for reply in replies:
        await read(reply)
    assert sorted(record.joined for record in hearing.records) == [False, True]


def test_what_was_passed_on_has_no_status_that_is_known_here() -> None:
    refusal = Reply(404)
    reply = PassOn(status=404, refusal=refusal)
    record = record_of(Trace("req_1", CHAT), ask(CHAT), reply, 1.0)
    assert (record.passed_on, record.status) == (True, 0)
    assert not record_of(Trace("req_1", CHAT), ask(CHAT), refusal, 1.0).passed_on


async def test_losses_are_heard() -> None:
    router, hearing = observed("a")
    request = ask(CLAUDE, "all")
    body = request.body.replace(b"{", b'{"top_k": 3, ', 1)
    await read(await router.send(replace(request, body=body)))
    assert "top_k" in [loss.path for loss in hearing.records[0].losses]
