"""The door to the providers, over httpx with aiohttp's transport. The only file that imports either.

The transport is called directly: httpx's client pipeline (auth, redirects, cookies, hooks) would cost half a
millisecond a request and do nothing here. What it refuses to do: follow a redirect, keep a cookie, use a proxy from
the environment, or send anything twice once a byte of an answer has arrived.
"""

import asyncio
import contextlib
import math
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Self

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from addons.core.errors import ErrorClass
from addons.core.http import UpstreamFailure, UpstreamRequest

KEEPALIVE_SECONDS = 60.0
MAX_HEADER_BYTES = 64 * 1024
MAX_RETRY_AFTER = 86400.0
URLS = 256  # those that are kept, parsed; a client's query may make more of them

# The transport maps aiohttp's exceptions to httpx's, but calls any lost connection a ConnectTimeout: so the cause
# (aiohttp's own exception) is looked at first. First match wins; the texts are ends of "<host> …".
_FAILURES: tuple[tuple[tuple[type[BaseException], ...], ErrorClass, str], ...] = (
    ((aiohttp.ConnectionTimeoutError,), ErrorClass.TIMEOUT, "did not accept a connection in time"),
    ((TimeoutError, aiohttp.ServerTimeoutError), ErrorClass.TIMEOUT, "did not answer in time"),
    ((aiohttp.ClientConnectorDNSError,), ErrorClass.NETWORK, "has no address (DNS)"),
    ((aiohttp.ClientSSLError, ssl.SSLError), ErrorClass.NETWORK, "failed the TLS handshake"),
    ((aiohttp.ClientConnectorError,), ErrorClass.NETWORK, "cannot be reached"),
    ((aiohttp.ServerDisconnectedError,), ErrorClass.NETWORK, "closed the connection without an answer"),
    ((aiohttp.ClientPayloadError,), ErrorClass.TRUNCATED, "broke off in the middle of an answer"),
    ((aiohttp.ClientResponseError,), ErrorClass.NETWORK, "does not speak HTTP"),
    ((aiohttp.InvalidURL, httpx.InvalidURL, httpx.UnsupportedProtocol), ErrorClass.NETWORK, "is not a usable URL"),
    ((aiohttp.ClientError, OSError), ErrorClass.NETWORK, "dropped the connection"),
    ((httpx.DecodingError,), ErrorClass.TRUNCATED, "sent a compressed answer that cannot be decoded"),
    ((httpx.TimeoutException,), ErrorClass.TIMEOUT, "did not answer in time"),
    ((httpx.HTTPError, ValueError), ErrorClass.NETWORK, "cannot be asked"),
)
_CAUGHT = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError)


def _failure(error: BaseException, url: str, *, body: bool) -> UpstreamFailure:
    """What `error` amounts to. Whatever breaks a running body (`body`), but for silence, truncates it."""
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
    cls, text = next(
        ((cls, text) for types, cls, text in _FAILURES if isinstance(cause, types)), (ErrorClass.NETWORK, "failed")
    )
    if body and cls is ErrorClass.NETWORK:
        cls = ErrorClass.TRUNCATED
    reason = f" ({cause.strerror})" if isinstance(cause, OSError) and cause.strerror else ""
    return UpstreamFailure(cls, f"{_host(url)} {text}{reason}")


@dataclass(slots=True)
class _Connection:
    reused: bool = False


_connection: ContextVar[_Connection] = ContextVar("llr_upstream_connection")


async def _on_reuse(*_: object) -> None:
    _connection.get().reused = True


class HttpxReply:
    """An answer whose headers have arrived; see `UpstreamReply`."""

    def __init__(
        self, response: httpx.Response, url: str, headers: Mapping[str, str], deadline: float, idle: float, end: float
    ) -> None:
        """`deadline` (loop time) is that of the first bytes, `idle` that of each read after them, in seconds; `end`
        (loop time) that of the last ones."""
        self._response = response
        self._url = url
        self._headers = headers
        self._deadline = deadline
        self._idle = idle
        self._end = end
        self._source = _body(response, headers)

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._headers

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, content encoding undone.

        Raises (while it is read):
            UpstreamFailure: TIMEOUT for a silence longer than the deadline, TRUNCATED for anything that broke it.
        """
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            async with asyncio.timeout_at(self._deadline):
                data = await anext(self._source)
        except _CAUGHT as error:
            raise _failure(error, self._url, body=True) from error
        self._deadline = min(asyncio.get_running_loop().time() + self._idle, self._end)
        return data

    async def read(self, limit: int) -> bytes:
        """The whole body, within the `first_event` deadline.

        Raises:
            UpstreamFailure: as `chunks`; TRUNCATED also for a body of more than `limit` bytes.
        """
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout_at(self._deadline):
                async for data in self._source:
                    size += len(data)
                    if size > limit:
                        raise UpstreamFailure(
                            ErrorClass.TRUNCATED, f"{_host(self._url)} sent an answer of more than {limit} bytes"
                        )
                    parts.append(data)
        except _CAUGHT as error:
            raise _failure(error, self._url, body=True) from error
        return b"".join(parts)

    async def aclose(self) -> None:
        """Gives the connection back, or closes it when the body has not ended. May be called more than once."""
        with contextlib.suppress(*_CAUGHT):
            await self._response.aclose()
        if isinstance(self._source, AsyncGenerator):
            await self._source.aclose()  # left to the collector, it would end in a task of its own


def _body(response: httpx.Response, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    if "content-encoding" in headers:
        return response.aiter_bytes()
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    return aiter(stream)


class HttpxUpstream:
    """Implements `Upstream`. One instance a process; its connections live until `aclose`."""

    def __init__(self, *, now: Callable[[], float] = time.time, context: ssl.SSLContext | None = None) -> None:
        """`now` is the wall clock (for dates in Retry-After); `context` replaces the system's idea of trust."""
        self._now = now
        self._context = context
        self._transport: AiohttpTransport | None = None

    async def open(self, request: UpstreamRequest) -> HttpxReply:
        """Sends `request` and waits for the headers.

        A connection that was kept alive may be closed by the provider in the moment it is used again; then nothing
        was received, and the request is sent once more.

        Raises:
            UpstreamFailure: no answer; its message names the host and holds no secrets.
        """
        begun, limits = asyncio.get_running_loop().time(), request.deadlines
        end = math.inf if limits.total is None else begun + limits.total
        first_by = min(begun + limits.first_event, end)
        try:
            prepared = _prepare(request)
            async with asyncio.timeout_at(first_by):
                response = await self._send(prepared)
        except _CAUGHT as error:
            raise _failure(error, request.url, body=False) from error
        return HttpxReply(response, request.url, _response_headers(response, self._now), first_by, limits.idle, end)

    async def aclose(self) -> None:
        """Closes every connection."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        transport = self._transport = self._transport or _transport(self._context)
        connection = _Connection()
        _connection.set(connection)
        try:
            return await transport.handle_async_request(request)
        except httpx.HTTPError as error:
            if not (connection.reused and _was_stale(error.__cause__)):
                raise
        return await transport.handle_async_request(request)


def _was_stale(error: BaseException | None) -> bool:
    """Whether the connection ended before a byte of an answer: a started head is kept as the error's message."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)
    return isinstance(error, aiohttp.ClientOSError) and not isinstance(error, aiohttp.ClientConnectorError)


def _transport(context: ssl.SSLContext | None) -> AiohttpTransport:
    context = context or httpx.create_ssl_context()

    def session() -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_on_reuse)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=KEEPALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),  # a provider's cookie must not travel with another client's request
            skip_auto_headers=("user-agent", "content-type", "accept"),
            trace_configs=[trace],
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    return AiohttpTransport(verify=context, client=session)


def _prepare(request: UpstreamRequest) -> httpx.Request:
    headers = [(name.encode("ascii"), value.encode("utf-8", "surrogateescape")) for name, value in request.headers]
    if not any(name.lower() == b"accept-encoding" for name, _ in headers):
        headers.append((b"accept-encoding", b"identity"))  # nothing to undo: events arrive as they are written
    connect = request.deadlines.connect
    extensions: dict[str, Any] = {"timeout": {"connect": connect, "pool": connect}}
    # a stream rather than content: httpx would go through the headers twice more to add what aiohttp adds anyway
    stream = httpx.ByteStream(request.body)
    prepared = httpx.Request(request.method, _url(request.url), headers=headers, stream=stream, extensions=extensions)
    prepared.read()
    return prepared


@lru_cache(maxsize=URLS)
def _url(text: str) -> httpx.URL:
    """Raises httpx.InvalidURL. Kept, because the same few are asked again and again."""
    return httpx.URL(text)


def _host(url: str) -> str:
    try:
        parsed = _url(url)
    except httpx.InvalidURL:
        return "the provider's address"
    return parsed.netloc.decode("ascii") or "the provider's address"


def _response_headers(response: httpx.Response, now: Callable[[], float]) -> Mapping[str, str]:
    headers = _by_name(response.headers)
    value = headers.get("retry-after")
    if value is not None and not value.strip().replace(".", "", 1).isdecimal():
        seconds = _seconds_until(value, now)
        if seconds is None:
            del headers["retry-after"]
        else:
            headers["retry-after"] = str(seconds)
    return headers


def _by_name(headers: httpx.Headers) -> dict[str, str]:
    """What `dict(headers)` is: that would look through all of them for each."""
    found: dict[str, str] = {}
    for name, value in headers.multi_items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _seconds_until(date: str, now: Callable[[], float]) -> int | None:
    """Seconds from now until an HTTP-date (RFC 9110 §10.2.3), 0 for one gone by; None for what is no date."""
    try:
        moment = parsedate_to_datetime(date)
        stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return round(min(max(stamp - now(), 0.0), MAX_RETRY_AFTER))
