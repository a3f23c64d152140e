"""Reading a page that a model or a tool names, through the guard of the edge."""

import asyncio

from addons.inline import Fetcher, NotFetched
from addons.search.page import MAX_CHARS, Page, read

KINDS = (
    "text/", "application/xhtml+xml", "application/json", "application/xml", "application/rss+xml",
    "application/atom+xml", "application/ld+json", "application/javascript", "application/yaml",
)  # fmt: skip
MAX_URL = 2_048


async def page(fetcher: Fetcher | None, url: str, limit: int = MAX_CHARS) -> Page:
    """Raises NotFetched."""
    if fetcher is None:
        raise NotFetched("pages are not read here")
    if len(url) > MAX_URL:
        raise NotFetched("the URL is too long")
    media_type, data = await fetcher.fetch(url, KINDS)
    # a long page takes a while, and others wait for their answers
    return await asyncio.to_thread(read, url, media_type, data, limit)
