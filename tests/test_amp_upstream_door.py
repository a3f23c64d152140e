"""The door to AMP's server: who may pass, what is asked, what is told of it afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from mitmproxy import http
from mitmproxy.connection import Client
from mitmproxy.test import tflow, tutils

from addons.amp.plan import AmpUpstream
from addons.amp_upstream import AmpUpstreamDoor, Gunzip, ToAmp
from addons.client_connection import FOREVER, keep_open
from addons.core.errors import ErrorClass
from addons.core.http import Ask, PassOn, Reply
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.edge.master import REQUEST_HOOKS
from addons.edge.tasks import Tasks
from addons.http_layer import LlrStream
from addons.observed import Handover, Observed, Record
from addons.router import Router
from harness.fixed_engine import Engine
from harness.wire import Wire, wired

KEY = "sgamp_secret"
HOME = AmpUpstream("http://amp.example:8080/base", KEY)
MODEL = b"POST /api/provider/anthropic/v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"


def flow_from(peer: str, path: str = "/api/internal?getUserInfo", method: str = "POST") -> http.HTTPFlow:
    client = Client(peername=(peer, 1234), sockname=("192.0.2.1", 8376), timestamp_start=1.0)
    request = tutils.treq(method=method.encode(), path=path.encode(), content=None)
    return tflow.tflow(client_conn=client, req=request)


def door(upstream: AmpUpstream | None = HOME, **more: object) -> AmpUpstreamDoor:
    return AmpUpstreamDoor(lambda: Plan(amp_upstream=upstream), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/v1/messages", "/api/provider/anthropic/v1/messages", "/", "//threads"])
def test_other_paths_are_none_of_its_business(path: str) -> None:
    assert door().passage(flow_from("127.0.0.1", path)) is None


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", None), ("::1", None), ("203.0.113.7", 403)])
def test_management_can_be_for_this_machine_alone(peer: str, status: int | None) -> None:
    local = AmpUpstream("http://amp.example", restrict_to_localhost=True)
    found = door(local).passage(flow_from(peer))
    assert (found.status_code if isinstance(found, http.Response) else None) == status


def test_a_refusal_is_json_with_a_class_a_hint_and_an_id() -> None:
    """Promise 64."""
    found = door(AmpUpstream()).passage(flow_from("127.0.0.1"))
    assert isinstance(found, http.Response)
    error = json.loads(found.content or b"")["error"]
    assert (found.status_code, error["class"]) == (503, "configuration_error")
    assert error["hint"]
    assert error["request_id"] == found.headers["x-llm-router-request-id"]
    assert found.headers["connection"] == "close"


def test_a_request_goes_where_the_configuration_says() -> None:
    """Promise 36."""
    flow = flow_from("127.0.0.1")
    flow.request.headers["host"] = "evil.example"
    found = door().passage(flow)
    assert isinstance(found, ToAmp)
    found.request(flow)
    asked = flow.request
    assert (asked.scheme, asked.host, asked.port) == ("http", "amp.example", 8080)
    assert (asked.path, asked.headers["host"]) == ("/base/api/internal?getUserInfo", "amp.example:8080")


def test_the_key_is_not_shown_by_accident() -> None:
    """Promise 44."""
    found = door().passage(flow_from("127.0.0.1"))
    assert KEY not in repr(found)
    assert KEY not in repr(Plan(amp_upstream=HOME))


def test_nothing_is_no_chunk_of_an_expanded_body() -> None:
    """mitmproxy would end a chunked body with it."""
    assert Gunzip()(b"\x1f\x8b") == []


class Listening:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self.body = self.heard = b""
        self.records: list[Record] = []

    def opened(self, ask: Ask, request_id: str) -> "Listening":
        self.asks.append(ask)
        return self

    def sent(self, data: bytes) -> None:
        self.body += data

    def said(self, data: bytes) -> None:
        self.heard += data

    def done(self, record: Record) -> None:
        self.records.append(record)


def test_observers_hear_of_an_exchange() -> None:
    observer, times = Listening(), iter((100.0, 101.0, 103.0))
    flow = flow_from("127.0.0.1")
    found = door(observers=(observer,), clock=lambda: next(times)).passage(flow)
    assert isinstance(found, ToAmp)
    flow.response = http.Response.make(200)
    found.head(flow)
    found.ended(flow, left=False)
    (record,) = observer.records
    assert (record.tool, record.served, record.path) == ("amp", "amp-upstream", "/api/internal")
    assert (record.status, record.at, record.first_event, record.total, record.left) == (200, 100.0, 1.0, 3.0, False)
    assert record.passed_on


def test_observers_hear_of_a_server_that_is_down() -> None:
    observer = Listening()
    flow = flow_from("127.0.0.1")
    found = door(observers=(observer,)).passage(flow)
    assert isinstance(found, ToAmp)
    flow.response = found.refusal(flow, "nobody there")
    found.ended(flow, left=False)
    (record,) = observer.records
    assert (record.status, record.error) == (502, ErrorClass.NETWORK)
    assert b"network_error" in observer.heard


def test_observers_hear_of_a_refusal() -> None:
    observer = Listening()
    door(None, observers=(observer,)).passage(flow_from("127.0.0.1"))
    (record,) = observer.records
    assert (record.status, record.error, record.served) == (503, ErrorClass.CONFIGURATION, "")
    assert not record.passed_on


class PassingOn(Engine):
    def __init__(self, *observers: Listening) -> None:
        super().__init__()
        self._observers = observers

    async def answer(self, ask: Ask) -> Reply:
        headers = (("x-llm-router-request-id", "req_1"), ("x-llm-router-amp-mode", "smart"), ("content-type", "a/b"))
        record = Record("req_1", 1.0, "amp", ask.method, ask.path, DialectName.ANTHROPIC, status=0, passed_on=True)
        handed = Handover(Observed(self._observers, ask, "req_1"), replace(record, requested="big"))
        return PassOn(404, headers, refusal=Reply(404, (), b"nobody knows this model"), handed=handed)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as made:
        made.streams.unheard = REQUEST_HOOKS
        yield made


async def routed(wire: Wire, upstream: AmpUpstream | None, *observers: Listening) -> None:
    # what the engine has begun to tell is told once
    wire.streams.door = None if upstream is None else door(upstream, observers=observers)
    router = Router(PassingOn(*observers), Tasks(), wire.streams)
    wire.receives(MODEL)
    await asyncio.wait_for(router.request(wire.flow), 5)
    wire.complete()


async def test_a_model_that_maps_to_nothing_goes_to_amps_server(wire: Wire) -> None:
    await routed(wire, HOME)
    assert wire.opened
    assert wire.sent == b""


async def test_the_engines_words_are_in_the_answer_of_the_server(wire: Wire) -> None:
    await routed(wire, HOME)
    (stream,) = wire.layer.streams.values()
    flow = stream.flow
    flow.response = http.Response.make(200, b"", {"content-type": "text/event-stream", "x-llm-router-route": "forged"})
    assert isinstance(stream, LlrStream)
    assert stream.passage is not None
    stream.passage.head(flow)
    assert [field for field in flow.response.headers.items() if field[0].startswith("x-llm-router-")] == [
        ("x-llm-router-request-id", "req_1"),
        ("x-llm-router-amp-mode", "smart"),
    ]
    assert flow.response.headers["content-type"] == "text/event-stream"


async def test_who_heard_of_a_request_hears_what_amps_server_said(wire: Wire) -> None:
    observer = Listening()
    await routed(wire, HOME, observer)
    (stream,) = wire.layer.streams.values()
    flow = stream.flow
    assert isinstance(stream, LlrStream)
    assert stream.passage is not None
    assert observer.records == []
    flow.response = http.Response.make(200, b"")
    stream.passage.head(flow)
    assert callable(flow.response.stream)
    assert flow.response.stream(b"answer") == b"answer"
    stream.passage.ended(flow, left=False)
    (record,) = observer.records
    assert (record.id, record.requested, record.served, record.status) == ("req_1", "big", "amp-upstream", 200)
    assert (record.passed_on, observer.heard, len(observer.asks)) == (True, b"answer", 1)


@pytest.mark.parametrize(("upstream", "status"), [(AmpUpstream(), 503), (None, 404)], ids=["by the door", "no door"])
async def test_who_heard_of_a_request_hears_that_nobody_took_it(
    wire: Wire, upstream: AmpUpstream | None, status: int
) -> None:
    observer = Listening()
    await routed(wire, upstream, observer)
    (record,) = observer.records
    assert (record.id, record.status, record.passed_on, len(observer.asks)) == ("req_1", status, False, 1)
    assert observer.heard and observer.heard in wire.sent


async def test_without_a_server_its_refusal_names_the_setting(wire: Wire) -> None:
    await routed(wire, AmpUpstream())
    assert not wire.opened
    assert wire.sent.startswith(b"HTTP/1.1 503 ")
    assert b"amp.upstreamUrl" in wire.sent


async def test_without_a_door_the_engines_refusal_is_the_answer(wire: Wire) -> None:
    await routed(wire, None)
    assert not wire.opened
    assert wire.sent.endswith(b"nobody knows this model")


class Connected:
    """A client's connection, as mitmproxy keeps it."""

    class Watchdog:
        timeout = 3600.0

    def __init__(self) -> None:
        self.timeout_watchdog = self.Watchdog()


async def test_an_open_websocket_may_be_silent(wire: Wire) -> None:
    flow, handler = flow_from("127.0.0.1"), Connected()
    wire.server.connections[flow.client_conn.id] = handler  # type: ignore[assignment]
    keep_open(flow)
    assert handler.timeout_watchdog.timeout == FOREVER
