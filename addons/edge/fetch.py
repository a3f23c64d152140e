"""Fetches what a client's URL names, under a guard: http(s), public addresses only, capped in size and time.

Anybody who can put text before a model can put a URL there. So the name is resolved here, every address is looked at
before it is connected to (and it is that very address that is connected to), and each redirect is a new URL.
"""

import asyncio
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from addons.core.addresses import is_public
from addons.inline import NotFetched

MAX_BYTES = 20 * 1024 * 1024
MAX_SECONDS = 15.0
MAX_REDIRECTS = 3
# the same picture is asked for again in every turn of its conversation
KEPT_SECONDS = 600.0
KEPT_BYTES = 64 * 1024 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FAILED = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


class _Guarded(AbstractResolver):
    """Gives only the addresses of a name that are allowed."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._inner = ThreadedResolver()
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if any(not self._allowed(each["host"]) for each in found):
            raise OSError("it leads to an address that is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()


class GuardedFetcher:
    """Implements `addons.inline.Fetcher`. One instance a process; `aclose` ends its connections."""

    def __init__(
        self,
        *,
        allowed: Callable[[str], bool] = is_public,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._kept: OrderedDict[str, tuple[float, str, bytes]] = OrderedDict()

    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        """The media type, which begins with one of `kinds`, and the bytes. Raises NotFetched."""
        kept = self._kept.get(url)
        if kept is not None and kept[0] > self._now():
            return _of_kind(kept[1], kinds, url), kept[2]
        try:
            async with asyncio.timeout(self._max_seconds):
                media_type, data = await self._follow(url, kinds)
        except _FAILED as error:
            raise NotFetched(f"{_host(url)} {_reason(error)}") from error
        self._keep(url, media_type, data)
        return media_type, data

    async def aclose(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _follow(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        for _ in range(MAX_REDIRECTS + 1):
            self._check(url)
            async with self._open().get(url, allow_redirects=False) as reply:
                if reply.status in _REDIRECTS and "location" in reply.headers:
                    url = urljoin(url, reply.headers["location"])
                    continue
                if reply.status != 200:
                    raise NotFetched(f"{_host(url)} answered {reply.status}")
                return _of_kind(reply.content_type, kinds, url), await self._read(reply, url)
        raise NotFetched(f"{_host(url)} redirects more than {MAX_REDIRECTS} times")

    def _check(self, url: str) -> None:
        """What the resolver never sees: other schemes, and hosts that are addresses already."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotFetched("only http and https are fetched")
        if parts.username is not None:
            raise NotFetched(f"{_host(url)}: a URL with user information is not fetched")
        literal = parts.hostname.replace(":", "").replace(".", "").isdecimal() or ":" in parts.hostname
        if literal and not self._allowed(parts.hostname):
            raise NotFetched(f"{_host(url)} is not a public address")

    async def _read(self, reply: aiohttp.ClientResponse, url: str) -> bytes:
        data = bytearray()
        async for piece in reply.content.iter_chunked(1 << 16):
            data += piece
            if len(data) > self._max_bytes:
                raise NotFetched(f"{_host(url)} sent more than {self._max_bytes} bytes")
        return bytes(data)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=_Guarded(self._allowed), use_dns_cache=False, limit=8)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"user-agent": "llr", "accept-encoding": "identity"},
                trust_env=False,
            )
        return self._session

    def _keep(self, url: str, media_type: str, data: bytes) -> None:
        self._kept[url] = (self._now() + KEPT_SECONDS, media_type, data)
        self._kept.move_to_end(url)
        while sum(len(kept[2]) for kept in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


def _of_kind(media_type: str, kinds: tuple[str, ...], url: str) -> str:
    if not media_type.startswith(kinds):
        raise NotFetched(f"{_host(url)} sent {media_type[:60]!r}, not {' or '.join(kinds)}")
    return media_type


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the address"
    except ValueError:
        return "the address"


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, aiohttp.ClientConnectorDNSError | aiohttp.ClientConnectorError):
        return f"cannot be reached ({error.os_error.strerror or error.os_error})"
    return "cannot be fetched from"
