"""Specification of addons/edge/fetch.py: a stranger's URL and what may come of it. Promise 39."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from addons.core.addresses import is_public
from addons.edge.fetch import KEPT_SECONDS, GuardedFetcher
from addons.inline import NotFetched

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
IMAGE = ("image/",)


def loopback(address: str) -> bool:
    return address == "127.0.0.1"


class Site:
    """A web site on loopback; `asked` are the paths that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        match request.path:
            case "/cat.png":
                return web.Response(body=PNG, content_type="image/png")
            case "/page":
                return web.Response(text="<html>", content_type="text/html")
            case "/once":
                raise web.HTTPFound(f"{self.url}/cat.png")
            case "/round":
                raise web.HTTPFound(f"{self.url}/round")
            case "/inside":
                raise web.HTTPFound("http://169.254.169.254/latest/meta-data")
            case "/to-a-file":
                raise web.HTTPFound("file:///etc/passwd")
            case _:
                return web.Response(status=404)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    server = web.Application()
    server.router.add_get("/{tail:.*}", found.answer)
    runner = web.AppRunner(server)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def fetcher() -> AsyncIterator[Callable[..., GuardedFetcher]]:
    made: list[GuardedFetcher] = []

    def make(**options: object) -> GuardedFetcher:
        made.append(GuardedFetcher(**{"allowed": loopback, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


async def failure(work: Awaitable[object]) -> str:
    with pytest.raises(NotFetched) as caught:
        await work
    return str(caught.value)


async def test_a_picture_is_fetched_with_its_type(site: Site, fetcher: Callable[..., GuardedFetcher]) -> None:
    assert await fetcher().fetch(f"{site.url}/cat.png", IMAGE) == ("image/png", PNG)


async def test_a_redirect_is_followed(site: Site, fetcher: Callable[..., GuardedFetcher]) -> None:
    assert (await fetcher().fetch(f"{site.url}/once", IMAGE))[1] == PNG


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/inside", "169.254.169.254 is not a public address"),
        ("/to-a-file", "only http and https"),
        ("/round", "more than 3 times"),
        ("/page", "sent 'text/html', not image/"),
        ("/nothing", "answered 404"),
    ],
)
async def test_what_is_found_there_may_not_do(
    site: Site, fetcher: Callable[..., GuardedFetcher], path: str, why: str
) -> None:
    assert why in await failure(fetcher().fetch(site.url + path, IMAGE))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png",
        "http://[::1]/x.png",
        "http://[::ffff:127.0.0.1]/x.png",
        "http://169.254.169.254/latest",
        "http://0.0.0.0/x.png",
        "http://2130706433/x.png",
        "http://127.1/x.png",
        "http://localhost/x.png",
        "ftp://example.com/x.png",
        "file:///etc/passwd",
        "http://user:secret@example.com/x.png",
        "http:///x.png",
        "http://[broken/x.png",
    ],
)
async def test_no_address_of_this_machine_or_network_is_asked(url: str, fetcher: Callable[..., GuardedFetcher]) -> None:
    told = await failure(fetcher(allowed=is_public).fetch(url, IMAGE))

    assert "secret" not in told


async def test_a_name_is_judged_by_the_address_that_it_leads_to(
    site: Site, fetcher: Callable[..., GuardedFetcher]
) -> None:
    named = site.url.replace("127.0.0.1", "localhost")

    assert "not public" in await failure(fetcher(allowed=lambda address: False).fetch(f"{named}/cat.png", IMAGE))
    assert site.asked == []


async def test_no_more_is_read_than_the_cap(site: Site, fetcher: Callable[..., GuardedFetcher]) -> None:
    assert "more than 50 bytes" in await failure(fetcher(max_bytes=50).fetch(f"{site.url}/cat.png", IMAGE))


async def test_there_is_a_deadline(site: Site, fetcher: Callable[..., GuardedFetcher]) -> None:
    assert "in time" in await failure(fetcher(max_seconds=0.0).fetch(f"{site.url}/cat.png", IMAGE))


async def test_the_same_picture_is_fetched_once_in_a_while(site: Site, fetcher: Callable[..., GuardedFetcher]) -> None:
    clock = [0.0]
    keeping = fetcher(now=lambda: clock[0])
    for _ in range(3):
        await keeping.fetch(f"{site.url}/cat.png", IMAGE)
    assert site.asked == ["/cat.png"]

    clock[0] = KEPT_SECONDS + 1
    await keeping.fetch(f"{site.url}/cat.png", IMAGE)

    assert site.asked == ["/cat.png", "/cat.png"]
