"""Web pages under the guard of `fetch.py`: smaller than files, and as UTF-8 whatever their server says they are in."""

import time
from collections.abc import Callable

import aiohttp

from addons.core.addresses import is_public
from addons.edge.fetch import GuardedFetcher

MAX_BYTES = 3 * 1024 * 1024
MAX_SECONDS = 15.0


class GuardedPages(GuardedFetcher):
    """Implements `addons.inline.Fetcher` for pages. One instance a process; `aclose` ends its connections."""

    def __init__(
        self,
        *,
        allowed: Callable[[str], bool] = is_public,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(allowed=allowed, max_bytes=max_bytes, max_seconds=max_seconds, now=now)

    async def _read(self, reply: aiohttp.ClientResponse, url: str) -> bytes:
        data = await super()._read(reply, url)
        if reply.charset is None or reply.charset.lower() in ("utf-8", "utf8"):
            return data
        try:
            return data.decode(reply.charset, "replace").encode()
        except LookupError:
            return data
