"""Specification of addons/passing_watch.py: what the listeners of a request hear of its passage."""

import pytest
from mitmproxy import http
from mitmproxy.test import tflow
from wsproto import events as ws
from wsproto.connection import Connection, ConnectionType

from addons.core.errors import ErrorClass
from addons.core.frames import Frames, Talk
from addons.core.http import Ask
from addons.core.model import DialectName
from addons.observed import Observed, Record
from addons.passing_watch import Watch


class Hearing:
    def __init__(self) -> None:
        self.body = self.heard = b""
        self.records: list[Record] = []

    def opened(self, ask: Ask, request_id: str) -> "Hearing":
        return self

    def sent(self, data: bytes) -> None:
        self.body += data

    def said(self, data: bytes) -> None:
        self.heard += data

    def done(self, record: Record) -> None:
        self.records.append(record)


class Watched:
    """A passage that began at 100; every look at the clock is a second later."""

    def __init__(self) -> None:
        self.hearing, self.now = Hearing(), 100.0
        ask = Ask("GET", "/actors/x")
        record = Record("req_1", self.now, "amp", "GET", "/actors/x", DialectName.CHAT, served="amp-upstream")
        self.watch = Watch(Observed((self.hearing,), ask, "req_1"), record, self._clock)
        self.flow = tflow.tflow()

    def _clock(self) -> float:
        self.now += 1
        return self.now

    def answers(self, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.flow.response = http.Response.make(status, b"", named)
        self.watch.answered(self.flow.response)

    @property
    def record(self) -> Record:
        (record,) = self.hearing.records
        return record


@pytest.fixture
def passage() -> Watched:
    return Watched()


def test_bodies_are_heard_both_ways(passage: Watched) -> None:
    passage.watch.sent(b"up")
    passage.answers()
    assert passage.watch.said(b"down") == b"down"
    passage.watch.ended(passage.flow, left=False)
    assert (passage.hearing.body, passage.hearing.heard) == (b"up", b"down")
    assert (passage.record.status, passage.record.first_event, passage.record.total) == (200, 1.0, 2.0)


def test_the_coding_of_an_answer_is_told(passage: Watched) -> None:
    passage.answers(content_encoding="br")
    passage.watch.ended(passage.flow, left=False)
    assert passage.record.coding == "br"


def test_a_client_that_leaves_is_told(passage: Watched) -> None:
    passage.flow.response = None
    passage.watch.ended(passage.flow, left=True)
    assert (passage.record.status, passage.record.left, passage.record.broken) == (499, True, None)


def test_a_server_that_breaks_off_is_no_client_that_leaves(passage: Watched) -> None:
    passage.answers()
    passage.watch.broke()
    passage.watch.ended(passage.flow, left=True)
    assert (passage.record.left, passage.record.broken) == (False, ErrorClass.TRUNCATED)


def test_a_websocket_is_told_when_it_is_over_and_only_counted(passage: Watched) -> None:
    """Promise 44."""
    client, server = Connection(ConnectionType.CLIENT), Connection(ConnectionType.SERVER)
    passage.answers(101)
    passage.watch.ended(passage.flow, left=False)
    passage.watch.relayed(client.send(ws.TextMessage("canary")), from_client=True)
    passage.watch.relayed(server.send(ws.BytesMessage(b"canary!")), from_client=False)
    passage.watch.relayed(server.send(ws.Ping(b"")), from_client=False)
    assert passage.hearing.records == []
    passage.watch.closed()
    assert passage.record.talk == Talk(Frames(1, 1, 6), Frames(2, 1, 7))
    assert (passage.record.status, passage.record.total, passage.hearing.heard) == (101, 2.0, b"")


def test_a_websocket_whose_client_left_before_it_was_open_is_over(passage: Watched) -> None:
    passage.answers(101)
    passage.watch.ended(passage.flow, left=True)
    passage.watch.closed()
    assert (passage.record.talk, passage.record.left) == (None, True)
