"""Specification of addons/edge/web.py: pages under the guard, as UTF-8."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from addons.edge.web import GuardedPages
from addons.inline import NotFetched
from addons.search.pages import MAX_URL, page
from harness.replies import Reply, raw_reply
from harness.upstream import FakeUpstream


@pytest.fixture
async def up() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture
async def pages() -> AsyncIterator[GuardedPages]:
    """This machine counts as a public one."""
    fetcher = GuardedPages(allowed=lambda _: True, max_bytes=10_000)
    yield fetcher
    await fetcher.aclose()


def served(data: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Reply:
    return raw_reply(data, kind, status, headers)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "UTF-16LE", "no-such-charset"])
async def test_a_page_is_read_as_its_server_says_it_is_written(
    up: FakeUpstream, pages: GuardedPages, charset: str
) -> None:
    coding = "utf-8" if charset.startswith("no") else charset
    up.script(served("<title>T</title><p>Café</p>".encode(coding), f"text/html; charset={charset}"))
    found = await page(pages, f"{up.url}/x")
    assert (found.title, found.text) == ("T", "Café")


async def test_this_machine_is_not_read_from(up: FakeUpstream) -> None:
    """Promise 39."""
    guarded = GuardedPages()
    with pytest.raises(NotFetched, match="not a public address"):
        await page(guarded, up.url)
    await guarded.aclose()
    assert up.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://user@example.com/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "http://",
        "http://[",
    ],
)
async def test_no_way_leads_inside(url: str) -> None:
    """Promise 39."""
    guarded = GuardedPages(max_seconds=5)
    with pytest.raises(NotFetched):
        await page(guarded, url)
    await guarded.aclose()


async def test_a_redirect_is_looked_at_like_any_address(up: FakeUpstream) -> None:
    """Promise 39: a public page may not send the router inside."""
    asked: list[str] = []

    def first_alone(address: str) -> bool:
        asked.append(address)
        return len(asked) == 1

    guarded = GuardedPages(allowed=first_alone)
    up.script(served(b"", status=302, location=f"{up.url}/inside"))
    with pytest.raises(NotFetched):
        await page(guarded, up.url)
    await guarded.aclose()
    assert len(up.requests) == 1 and len(asked) == 2


async def test_a_page_has_a_size(up: FakeUpstream, pages: GuardedPages) -> None:
    up.script(served(b"x" * 20_000))
    with pytest.raises(NotFetched, match="more than"):
        await page(pages, up.url)


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream"])
async def test_only_text_is_read(up: FakeUpstream, pages: GuardedPages, kind: str) -> None:
    up.script(served(b"%PDF", kind))
    with pytest.raises(NotFetched, match="sent"):
        await page(pages, up.url)


async def test_a_url_has_a_length(pages: GuardedPages) -> None:
    with pytest.raises(NotFetched, match="too long"):
        await page(pages, "http://a.example/" + "x" * MAX_URL)


async def test_a_server_that_says_nothing_is_not_waited_for(up: FakeUpstream) -> None:
    guarded = GuardedPages(allowed=lambda _: True, max_seconds=0.05)
    up.script(raw_reply(b"", "text/html", before=asyncio.Event()))
    with pytest.raises(NotFetched, match="in time"):
        await page(guarded, up.url)
    await guarded.aclose()
