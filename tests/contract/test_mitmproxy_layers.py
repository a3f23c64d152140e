"""What addons/http_layer.py leans on in mitmproxy's HTTP layer, driven without a socket.

When one of these fails after an update of mitmproxy, that file has to be read again before the update is taken.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator

import h2.config
import h2.connection
import pytest
from mitmproxy import http, options
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.layers.http import HttpLayer, HttpStream
from mitmproxy.proxy.server import ConnectionHandler
from mitmproxy.test.tflow import tclient_conn

from addons.core.http import Ask, Reply
from addons.edge.master import REQUEST_HOOKS
from addons.http_layer import LlrHttpLayer, LlrStream, Pushed, forked
from addons.router import Router
from harness.fixed_engine import Engine
from harness.wire import Wire, wired

REQUEST = b"POST /v1/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as made:
        made.streams.unheard = REQUEST_HOOKS
        yield made


class Body:
    """A streamed body that never says anything, and knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def __aiter__(self) -> "Body":
        return self

    async def __anext__(self) -> bytes:
        await asyncio.Event().wait()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed.set()


def head_of_a_stream() -> http.Response:
    response = http.Response.make(200, b"", {"transfer-encoding": "chunked"})
    response.headers.pop("content-length", None)
    return response


def pushing(wire: Wire) -> tuple[http.HTTPFlow, LlrStream, Body]:
    """Brings a request to the state in which chunks are pushed; the pump itself is not part of it."""
    wire.receives(REQUEST)
    flow, body = wire.flow, Body()
    (stream,) = wire.layer.streams.values()
    flow.response = head_of_a_stream()
    wire.streams.stream(flow, body)
    wire.complete()
    assert isinstance(stream, LlrStream)
    return flow, stream, body


def test_a_layer_of_mitmproxys_becomes_ours_in_place() -> None:
    assert issubclass(LlrHttpLayer, HttpLayer)
    assert not hasattr(HttpLayer, "__slots__")
    assert list(inspect.signature(HttpLayer.make_stream).parameters) == ["self", "stream_id"]
    assert list(inspect.signature(HttpStream.__init__).parameters) == ["self", "context", "stream_id"]


def test_a_forked_context_shares_all_but_its_layers() -> None:
    context = Context(tclient_conn(), options.Options())
    context.layers.append(Layer(context))
    ours, theirs = forked(context), context.fork()
    assert vars(ours) == vars(theirs)
    assert ours.layers is not context.layers


@pytest.mark.parametrize("name", ["send_response", "check_killed", "make_server_connection", "handle_protocol_error"])
def test_what_is_overridden_is_there(name: str) -> None:
    assert callable(getattr(HttpStream, name))


@pytest.mark.parametrize("name", ["server_event", "drain_writers"])
def test_a_connection_takes_events_and_drains(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(ConnectionHandler, name))


def test_connections_are_found_by_the_id_of_the_client() -> None:
    assert Proxyserver().connections == {}


async def test_hooks_that_nobody_hears_are_not_dispatched(wire: Wire) -> None:
    wire.receives(REQUEST)
    flow = wire.flow
    flow.response = http.Response.make(200, b"done")
    wire.complete()
    assert wire.names == ["request"]
    assert wire.sent.endswith(b"\r\n\r\ndone")
    assert (flow.live, wire.layer.streams, len(wire.streams)) == (False, {}, 0)


async def test_hooks_that_are_heard_are_dispatched(wire: Wire) -> None:
    wire.streams.unheard = frozenset()
    wire.receives(REQUEST)
    wire.complete()
    wire.flow.response = http.Response.make(200, b"done")
    wire.complete()
    wire.complete()
    wire.complete()
    assert wire.names == ["requestheaders", "request", "responseheaders", "response"]
    assert wire.sent.endswith(b"\r\n\r\ndone")


async def test_the_list_of_hooks_of_a_request_is_whole(wire: Wire) -> None:
    wire.streams.unheard = frozenset()
    wire.receives(REQUEST)
    wire.leaves()
    wire.complete()
    wire.complete()
    assert set(wire.names) - {"request"} <= REQUEST_HOOKS
    assert "error" in wire.names


async def test_pushed_chunks_go_out_and_end_the_response(wire: Wire) -> None:
    flow, stream, _ = pushing(wire)
    wire.feed(Pushed(stream.stream_id, b"one"))
    assert wire.sent.endswith(b"\r\n\r\n3\r\none\r\n")
    wire.feed(Pushed(stream.stream_id, None))
    assert wire.sent.endswith(b"3\r\none\r\n0\r\n\r\n")
    assert (flow.live, wire.layer.streams, wire.closed) == (False, {}, False)


async def test_a_broken_stream_is_cut_and_not_ended(wire: Wire) -> None:
    flow, stream, _ = pushing(wire)
    wire.feed(Pushed(stream.stream_id, b"one"))
    wire.feed(Pushed(stream.stream_id, None, broken=True))
    assert wire.sent.endswith(b"3\r\none\r\n")
    assert (flow.live, wire.layer.streams, wire.closed) == (False, {}, True)


async def test_a_client_that_leaves_ends_the_pump(wire: Wire) -> None:
    """Promise 8."""
    flow, stream, _ = pushing(wire)
    pump = stream.worker
    assert pump is not None
    wire.leaves()
    with pytest.raises(asyncio.CancelledError):
        await pump
    assert (flow.live, wire.layer.streams, len(wire.streams)) == (False, {}, 0)
    wire.feed(Pushed(1, b"too late"))
    assert b"too late" not in wire.sent


async def test_a_client_that_leaves_during_the_hook_cancels_it(wire: Wire) -> None:
    """Promise 8."""
    wire.receives(REQUEST)
    flow = wire.flow
    reached: list[str] = []

    async def hook() -> None:
        with wire.streams.asking(flow):
            await asyncio.Event().wait()
            reached.append("an answer")
        reached.append("the end")

    task = asyncio.ensure_future(hook())
    await asyncio.sleep(0)
    wire.leaves()
    await task
    wire.complete()
    assert reached == ["the end"]
    assert (flow.live, wire.layer.streams, len(wire.streams), wire.opened) == (False, {}, 0, False)


async def test_the_end_of_the_grace_cancels_a_running_hook(wire: Wire) -> None:
    """Promise 58: a search that went on could ask the next provider while the process ends."""

    class Searching(Engine):
        async def answer(self, ask: Ask) -> Reply:
            await asyncio.Event().wait()
            raise AssertionError("never reached")

    router = Router(Searching(), wire.streams.tasks, wire.streams)
    wire.receives(REQUEST)
    hook = asyncio.ensure_future(router.request(wire.flow))
    await asyncio.sleep(0)
    assert not await router.shutdown(0)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(hook, 1.0)


async def test_a_cancellation_from_elsewhere_is_not_swallowed(wire: Wire) -> None:
    wire.receives(REQUEST)
    flow = wire.flow

    async def hook() -> None:
        with wire.streams.asking(flow):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(hook())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_body_is_closed_when_the_client_left_as_it_was_found(wire: Wire) -> None:
    """Promise 8: the hook has ended, its completion is still on its way."""
    wire.receives(REQUEST)
    flow, body = wire.flow, Body()
    flow.response = head_of_a_stream()
    wire.streams.stream(flow, body)
    wire.leaves()
    await asyncio.wait_for(body.closed.wait(), 1.0)
    wire.complete()
    assert (flow.live, wire.layer.streams, wire.sent) == (False, {}, b"")


async def test_a_flow_that_another_addon_kills_closes_its_body(wire: Wire) -> None:
    wire.receives(REQUEST)
    flow, body = wire.flow, Body()
    flow.response = head_of_a_stream()
    wire.streams.stream(flow, body)
    flow.kill()
    wire.complete()
    await asyncio.wait_for(body.closed.wait(), 1.0)
    assert (flow.live, len(wire.streams), wire.closed) == (False, 0, True)


async def test_a_request_without_an_answer_is_never_passed_on(wire: Wire) -> None:
    wire.receives(REQUEST)
    flow = wire.flow
    wire.complete()
    assert wire.sent.startswith(b"HTTP/1.1 502 ")
    assert (wire.opened, flow.live, wire.layer.streams, len(wire.streams)) == (False, False, {}, 0)


async def test_an_http_2_stream_that_is_reset_cancels_its_own_hook_alone() -> None:
    """Promise 8."""
    async with wired(b"h2") as wire:
        wire.streams.unheard = REQUEST_HOOKS
        client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        client.initiate_connection()
        fields = [(":method", "POST"), (":scheme", "https"), (":path", "/v1/x"), (":authority", "localhost")]
        for stream_id in (1, 3):
            client.send_headers(stream_id, fields, end_stream=True)
        wire.receives(client.data_to_send())
        assert wire.names == ["request", "request"]
        first, second = wire.layer.streams[1], wire.layer.streams[3]
        assert isinstance(first, LlrStream)
        assert isinstance(second, LlrStream)
        client.reset_stream(1, 8)
        wire.receives(client.data_to_send())
        assert (first.gone, second.gone) == (True, False)
        assert len(wire.streams) == 1
