"""HTTP/1 without the places where mitmproxy waits for ever, driven without a socket."""

from collections.abc import AsyncIterator

import pytest
from h11._readers import ChunkedReader
from mitmproxy.proxy.layers.http import _http1

from addons.request_framing import FramedServer
from harness.wire import Wire, wired

HEAD = b"POST /v1/x HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
TRAILED = HEAD + b"2\r\n{}\r\n0\r\nhost: evil.example\r\ncontent-length: 7\r\n\r\n"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as made:
        made.streams.unheard = frozenset({"requestheaders", "responseheaders", "response", "error"})
        yield made


def test_mitmproxy_reads_chunks_as_it_did() -> None:
    """What addons/request_framing.py leans on."""
    assert type(_http1.make_body_reader(None)) is ChunkedReader
    assert _http1.Http1Server.read_body is _http1.Http1Client.read_body


async def test_the_clients_end_is_ours(wire: Wire) -> None:
    assert type(wire.layer.connections[wire.client]) is FramedServer


@pytest.mark.parametrize("cut", range(1, len(TRAILED)))
async def test_trailers_are_dropped_wherever_they_are_cut(wire: Wire, cut: int) -> None:
    """Promise 42."""
    wire.receives(TRAILED[:cut])
    wire.receives(TRAILED[cut:])
    assert wire.names == ["request"]
    request = wire.flow.request
    assert (request.content, request.headers["host"], request.trailers) == (b"{}", "localhost", None)
    assert "content-length" not in request.headers


@pytest.mark.parametrize("cut", [1, 2, 3])
async def test_one_blank_line_before_a_request_is_skipped(wire: Wire, cut: int) -> None:
    """Promise 42."""
    whole = b"\r\nGET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
    wire.receives(whole[:cut])
    wire.receives(whole[cut:])
    assert wire.names == ["request"]


@pytest.mark.parametrize("before", [b"\r\n\r\n", b"\n", b"\rG", b"\r\n\n"])
async def test_other_empty_lines_are_refused(wire: Wire, before: bytes) -> None:
    """Promise 42."""
    wire.receives(before)
    wire.receives(b"ET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert (wire.sent[:12], wire.sent.count(b"HTTP/1.1 "), wire.closed, wire.hooks) == (
        b"HTTP/1.1 400", 1, True, [],
    )  # fmt: skip


async def test_a_broken_body_is_refused_in_the_dialect_of_the_path(wire: Wire) -> None:
    wire.receives(HEAD.replace(b"/v1/x", b"/v1/messages") + b"no size\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 400")
    assert b'{"type":"error"' in wire.sent
    assert wire.closed
