"""Specification of addons/limited_stream.py, and of what it leans on in mitmproxy: a body that is too large."""

from collections.abc import AsyncIterator

import pytest
from mitmproxy import http

from addons import limited_stream
from harness.wire import Wire, wired

LIMIT = 10
HEAD = b"POST /v1/x HTTP/1.1\r\nhost: localhost\r\n"


def refuse(flow: http.HTTPFlow, size: int) -> http.Response | None:
    if size <= LIMIT:
        return None
    return http.Response.make(413, f"{flow.request.path} {size}", {"connection": "close"})


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as made:
        made.streams.check_size = refuse
        made.streams.unheard = frozenset({"requestheaders", "responseheaders", "response", "error"})
        yield made


async def test_a_body_within_the_limit_is_taken(wire: Wire) -> None:
    wire.receives(HEAD + b"content-length: 10\r\n\r\n" + b"x" * 10)
    assert wire.names == ["request"] and wire.flow.request.content == b"x" * 10


async def test_an_announced_size_is_refused_before_a_byte_of_it_comes(wire: Wire) -> None:
    """Promise 20."""
    wire.receives(HEAD + b"content-length: 11\r\n\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 413") and wire.sent.endswith(b"/v1/x 11")
    assert wire.names == []


async def test_a_chunked_body_is_refused_as_soon_as_it_is_too_large(wire: Wire) -> None:
    """Promise 20."""
    wire.receives(HEAD + b"transfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n")
    assert wire.sent == b""
    wire.receives(b"8\r\n12345678\r\n")
    assert wire.sent.endswith(b"/v1/x 16")


async def test_what_still_comes_is_thrown_away_and_then_the_connection_closes(wire: Wire) -> None:
    """A reset would take the answer away from a client that writes first and reads then."""
    wire.receives(HEAD + b"content-length: 20\r\n\r\n" + b"x" * 15)
    assert not wire.closed
    (stream,) = wire.layer.streams.values()
    assert len(stream.request_body_buf) == 0
    wire.receives(b"x" * 5)
    assert wire.closed and wire.layer.streams == {}


async def test_a_client_that_goes_on_and_on_is_cut_off(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_stream, "PATIENCE_BYTES", 50)
    wire.receives(HEAD + b"content-length: 1000\r\n\r\n" + b"x" * 40)
    assert not wire.closed
    wire.receives(b"x" * 40)
    assert wire.closed


async def test_a_client_that_waits_for_100_continue_gets_the_refusal_instead(wire: Wire) -> None:
    wire.receives(HEAD + b"content-length: 11\r\nexpect: 100-continue\r\n\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 413")


async def test_a_client_that_leaves_after_the_refusal_leaves_nothing_behind(wire: Wire) -> None:
    """Promise 8."""
    wire.receives(HEAD + b"content-length: 20\r\n\r\n" + b"x" * 15)
    wire.leaves()
    assert (wire.layer.streams, len(wire.streams)) == ({}, 0)
