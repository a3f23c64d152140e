"""The client of the providers against sockets that behave, and sockets that do not."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from addons.core.errors import ErrorClass
from addons.core.http import UpstreamFailure, UpstreamRequest
from addons.core.plan import Deadlines
from addons.edge.upstream import HttpxUpstream

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
QUICK = Deadlines(connect=1.0, first_event=5.0, idle=5.0)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[tuple[str, HttpxUpstream]]:
    """A provider at a real port, as its URL, and the client to reach it with."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    upstream = HttpxUpstream(now=lambda: 1_700_000_000.0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", upstream
    finally:
        await upstream.aclose()
        server.close()


async def request_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The head and the body of the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(v) for k, _, v in (line.partition(b":") for line in head.lower().split(b"\r\n"))
                   if k == b"content-length"), 0)  # fmt: skip
    return head, await reader.readexactly(length)


def answering(*writes: bytes, then: Callable[[asyncio.StreamWriter], None] | None = None) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        for data in writes:
            writer.write(data)
            await writer.drain()
        if then is not None:
            then(writer)

    return handler


def asking(url: str, deadlines: Deadlines = QUICK, **headers: str) -> UpstreamRequest:
    return UpstreamRequest(url, tuple(headers.items()), b'{"a":1}', deadlines)


async def failure_of(awaitable: Awaitable[object]) -> UpstreamFailure:
    with pytest.raises(UpstreamFailure) as caught:
        await awaitable
    return caught.value


async def body_of(upstream: HttpxUpstream, request: UpstreamRequest) -> bytes:
    reply = await upstream.open(request)
    try:
        return b"".join([chunk async for chunk in reply.chunks()])
    finally:
        await reply.aclose()


async def test_only_the_given_headers_and_the_needed_ones_are_sent() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(HEAD + b"set-cookie: a=b\r\ncontent-length: 2\r\n\r\nok")

    async with serving(handler) as (url, upstream):
        await body_of(upstream, asking(url + "/v1/x?y=1", authorization="Bearer k"))
        await body_of(upstream, asking(url + "/v1/x?y=1", authorization="Bearer k"))
    head, body = seen[1]
    names = sorted(line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:] if line)
    assert head.startswith(b"POST /v1/x?y=1 HTTP/1.1\r\n")
    assert names == [b"accept-encoding", b"authorization", b"content-length", b"host"]
    assert b"accept-encoding: identity" in head.lower()
    assert body == b'{"a":1}'


async def test_chunks_arrive_as_they_are_written() -> None:
    go = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        await go.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    async with serving(handler) as (url, upstream):
        reply = await upstream.open(asking(url))
        chunks = reply.chunks()
        assert await anext(chunks) == b"one"
        go.set()
        assert [chunk async for chunk in chunks] == [b"two"]
        await reply.aclose()


async def test_a_body_that_ends_with_the_connection_is_whole() -> None:
    async with serving(answering(HEAD + b"\r\nall of it")) as (url, upstream):
        assert await body_of(upstream, asking(url)) == b"all of it"


async def test_a_compressed_answer_is_decoded_although_none_was_asked_for() -> None:
    packed = gzip.compress(b"hello")
    answer = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed) + packed
    async with serving(answering(answer)) as (url, upstream):
        assert await body_of(upstream, asking(url)) == b"hello"
        reply = await upstream.open(asking(url))
        assert await reply.read(10) == b"hello"
        await reply.aclose()


@pytest.mark.parametrize(
    ("writes", "then"),
    [
        ((HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n8\r\ncut",), None),
        ((HEAD + b"content-length: 99\r\n\r\nshort",), None),
        ((HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n",), lambda writer: writer.transport.abort()),
        ((HEAD + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",), None),
    ],
    ids=["cut chunk", "short body", "reset", "bad gzip"],
)
async def test_a_body_that_breaks_is_truncated(
    writes: tuple[bytes, ...], then: Callable[[asyncio.StreamWriter], None] | None
) -> None:
    async with serving(answering(*writes, then=then)) as (url, upstream):
        failure = await failure_of(body_of(upstream, asking(url)))
    assert failure.cls is ErrorClass.TRUNCATED
    assert failure.message.startswith("127.0.0.1:")


async def test_no_headers_in_time_is_a_timeout() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(handler) as (url, upstream):
        failure = await failure_of(upstream.open(asking(url, Deadlines(first_event=0.05))))
    assert failure.cls is ErrorClass.TIMEOUT


@pytest.mark.parametrize("body", [b"", b"3\r\none\r\n"], ids=["before the first byte", "between two reads"])
async def test_silence_in_a_body_is_a_timeout(body: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n" + body)
        await reader.read()

    deadlines = Deadlines(first_event=5.0, idle=0.05) if body else Deadlines(first_event=0.2, idle=5.0)
    async with serving(handler) as (url, upstream):
        reply = await upstream.open(asking(url, deadlines))
        failure = await failure_of(_all(reply.chunks()))
        await reply.aclose()
    assert failure.cls is ErrorClass.TIMEOUT


@pytest.mark.parametrize("total", [0.3, None])
async def test_an_answer_that_never_ends_is_a_timeout_by_the_total(total: float | None) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        for _ in range(60):
            writer.write(b"3\r\none\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(b"0\r\n\r\n")

    async with serving(handler) as (url, upstream):
        reply = await upstream.open(asking(url, Deadlines(total=total)))
        if total is None:
            assert len(b"".join(await _all(reply.chunks()))) == 180
        else:
            assert (await failure_of(_all(reply.chunks()))).cls is ErrorClass.TIMEOUT
        await reply.aclose()


async def test_a_refused_connection_is_a_network_failure() -> None:
    async with serving(answering()) as (url, upstream):
        pass
    failure = await failure_of(upstream.open(asking(url)))
    await upstream.aclose()
    assert failure.cls is ErrorClass.NETWORK
    assert "cannot be reached" in failure.message


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n"], ids=["nothing", "no HTTP"])
async def test_no_answer_is_a_network_failure(answer: bytes) -> None:
    async with serving(answering(answer)) as (url, upstream):
        failure = await failure_of(upstream.open(asking(url)))
    assert failure.cls is ErrorClass.NETWORK


@pytest.mark.parametrize("url", ["ftp://example.invalid/", "http://[bad", "nothing", "http://a b/"])
async def test_an_unusable_url_is_a_network_failure(url: str) -> None:
    upstream = HttpxUpstream()
    failure = await failure_of(upstream.open(asking(url)))
    await upstream.aclose()
    assert failure.cls is ErrorClass.NETWORK


async def test_the_message_of_a_failure_names_the_host_and_no_secret() -> None:
    async with serving(answering(b"")) as (url, upstream):
        failure = await failure_of(upstream.open(asking(url + "/v1?key=s3cret", authorization="Bearer s3cret")))
    assert url.removeprefix("http://") in failure.message
    assert "s3cret" not in failure.message


async def test_a_body_beyond_the_limit_is_refused() -> None:
    async with serving(answering(HEAD + b"content-length: 11\r\n\r\n12345678901")) as (url, upstream):
        reply = await upstream.open(asking(url))
        failure = await failure_of(reply.read(10))
        await reply.aclose()
    assert "more than 10 bytes" in failure.message


async def test_closing_in_the_middle_of_a_body_closes_the_connection() -> None:
    """Promise 8."""
    gone = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        assert await reader.read() == b""
        gone.set()

    async with serving(handler) as (url, upstream):
        reply = await upstream.open(asking(url))
        assert await anext(reply.chunks()) == b"one"
        await reply.aclose()
        await asyncio.wait_for(gone.wait(), 1.0)


async def test_a_cancelled_open_closes_the_connection() -> None:
    """Promise 8."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        asked.set()
        assert await reader.read() == b""
        gone.set()

    async with serving(handler) as (url, upstream):
        task = asyncio.ensure_future(upstream.open(asking(url)))
        await asked.wait()
        task.cancel()
        await asyncio.wait_for(gone.wait(), 1.0)
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_redirect_is_an_answer() -> None:
    """Promise 37."""
    async with serving(answering(b"HTTP/1.1 307 X\r\nlocation: http://evil.invalid/\r\ncontent-length: 0\r\n\r\n")) as (
        url,
        upstream,
    ):
        reply = await upstream.open(asking(url))
        assert (reply.status, reply.headers["location"]) == (307, "http://evil.invalid/")
        await reply.aclose()


class Stale:
    """Answers the first request of every connection and closes it, unanswered, at the second."""

    def __init__(self, last_words: bytes = b"", times: int = 1) -> None:
        self.connections = 0
        self.requests = 0
        self._last_words = last_words
        self._times = times

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            await request_of(reader)
            self.requests += 1
            if self.requests in range(2, 2 + self._times):
                writer.write(self._last_words)
                return
            writer.write(HEAD + b"content-length: 2\r\n\r\nok")


async def test_a_kept_connection_that_closes_as_it_is_used_again_is_replaced_unseen() -> None:
    """Promise 59."""
    provider = Stale()
    async with serving(provider) as (url, upstream):
        assert [await body_of(upstream, asking(url)) for _ in range(2)] == [b"ok", b"ok"]
    assert (provider.connections, provider.requests) == (2, 3)


async def test_nothing_is_sent_again_once_an_answer_has_begun() -> None:
    """Promise 59."""
    provider = Stale(last_words=b"HTTP/1.1 200 OK\r\nx-")
    async with serving(provider) as (url, upstream):
        assert await body_of(upstream, asking(url)) == b"ok"
        failure = await failure_of(upstream.open(asking(url)))
    assert failure.cls is ErrorClass.NETWORK
    assert provider.requests == 2


async def test_a_fresh_connection_that_closes_is_not_tried_again() -> None:
    """Promise 59."""
    provider = Stale(times=2)
    async with serving(provider) as (url, upstream):
        await body_of(upstream, asking(url))
        await failure_of(upstream.open(asking(url)))
    assert provider.requests == 3


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("30", "30"),
        ("1.5", "1.5"),
        ("Tue, 14 Nov 2023 22:14:20 GMT", "60"),
        ("Mon, 13 Nov 2023 22:13:20 GMT", "0"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "86400"),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_retry_after_is_seconds_in_the_end(sent: str, seen: str | None) -> None:
    """Promise 24: the clock stands at Tue, 14 Nov 2023 22:13:20 GMT."""
    answer = b"HTTP/1.1 429 X\r\nretry-after: %s\r\ncontent-length: 0\r\n\r\n" % sent.encode()
    async with serving(answering(answer)) as (url, upstream):
        reply = await upstream.open(asking(url))
        assert reply.headers.get("retry-after") == seen
        await reply.aclose()


async def _all(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


@pytest.mark.parametrize("value", ["a\r\nx-injected: 1", "a\nb", "a\rb", "a\0b"])
@pytest.mark.parametrize("place", ["value", "name"])
async def test_no_header_can_break_out_of_its_line(value: str, place: str) -> None:
    """Promise 41."""
    heads: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await request_of(reader))[0])
        writer.write(HEAD + b"content-length: 0\r\n\r\n")

    async with serving(handler) as (url, upstream):
        headers = {"x-stainless-lang": value} if place == "value" else {value: "1"}
        failure = await failure_of(upstream.open(asking(url, **headers)))
    assert failure.cls is ErrorClass.NETWORK
    assert heads == []
