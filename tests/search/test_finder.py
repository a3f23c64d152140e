"""Specification of addons/search/finder.py: who is asked, and within which quota."""

import json
from dataclasses import replace

import pytest

from addons.core.buckets import Bucket
from addons.core.cooldowns import Policy
from addons.core.errors import ErrorClass
from addons.core.health import Health
from addons.core.http import UpstreamFailure
from addons.core.web_search import SearchService, WebSearch
from addons.core.windows import Window
from addons.ledger import Ledger, State
from addons.search.finder import Finder, SearchFailed
from addons.search.service import Query
from harness.memory import MemoryUpstream, Scripted, json_answer

NOVEMBER, DECEMBER = 1_794_000_000.0, 1_797_000_000.0
MONTH = Window("month", 1)


def quota(limit: int) -> Bucket:
    return Bucket("month", {"requests": limit}, MONTH)


def service(name: str, limit: int = 10, **more: object) -> SearchService:
    own = SearchService(name, "tavily", "k", f"http://{name}/search", 5, quota(limit))
    return replace(own, **more)  # type: ignore[arg-type]


def hits(*names: str) -> Scripted:
    return json_answer(json.dumps({"results": [{"title": n, "url": f"https://{n}.example/"} for n in names]}).encode())


class Clock:
    now = NOVEMBER

    def __call__(self) -> float:
        return self.now


def finder(upstream: MemoryUpstream, clock: Clock | None = None) -> Finder:
    return Finder(State(Ledger(Health(Policy()))), upstream, None, clock or Clock())


async def search(found: Finder, web: WebSearch, *, first: SearchService | None = None, loaded_at: float = 0.0) -> str:
    return (await found.search(web, Query("q", 0), first=first, loaded_at=loaded_at)).service


async def test_services_are_asked_in_order_until_one_answers() -> None:
    refused = json_answer(b"{}", 403)
    broken = UpstreamFailure(ErrorClass.NETWORK, "no way")
    upstream = MemoryUpstream(a=[refused], b=[broken], c=[json_answer(b"no json")], d=[hits("x")])
    web = WebSearch(tuple(service(name) for name in "abcd"))
    assert await search(finder(upstream), web) == "d" and upstream.asked == list("abcd")


async def test_no_more_results_than_are_asked_for() -> None:
    upstream = MemoryUpstream(a=[hits(*"uvwxyz")])
    found = await finder(upstream).search(WebSearch((service("a", count=2),)), Query("q", 0))
    more = await finder(upstream).search(WebSearch((service("a", count=2),)), Query("q", 4))
    assert (len(found.results), len(more.results)) == (2, 4)


async def test_a_quota_that_is_used_up_is_the_next_ones_turn() -> None:
    upstream = MemoryUpstream(a=[hits("x")], b=[hits("x")])
    router, web = finder(upstream), WebSearch((service("a", 2), service("b")))
    assert [await search(router, web) for _ in range(3)] == ["a", "a", "b"]


async def test_a_new_month_is_a_new_quota() -> None:
    clock = Clock()
    router, web = finder(MemoryUpstream(a=[hits("x")]), clock), WebSearch((service("a", 1),))
    assert await search(router, web) == "a"
    with pytest.raises(SearchFailed):
        await search(router, web)
    clock.now = DECEMBER
    assert await search(router, web) == "a"


async def test_a_search_that_failed_costs_nothing() -> None:
    upstream = MemoryUpstream(a=[json_answer(b"{}", 500), hits("x")])
    router, web = finder(upstream), WebSearch((service("a", 1),))
    with pytest.raises(SearchFailed):
        await search(router, web)
    assert await search(router, web) == "a"


async def test_balanced_quotas_are_used_evenly() -> None:
    upstream = MemoryUpstream(a=[hits("x")], b=[hits("x")])
    router, web = finder(upstream), WebSearch((service("a", 10), service("b", 20)), "quota-balance")
    served = [await search(router, web) for _ in range(30)]
    assert (served.count("a"), served.count("b")) == (10, 20)


async def test_what_the_configuration_says_is_left_holds_for_its_month() -> None:
    clock = Clock()
    router, web = finder(MemoryUpstream(a=[hits("x")]), clock), WebSearch((service("a", 10, remaining=1),))
    assert await search(router, web, loaded_at=NOVEMBER) == "a"
    with pytest.raises(SearchFailed) as failed:
        await search(router, web, loaded_at=NOVEMBER)
    assert failed.value.code == "too_many_requests"
    clock.now = DECEMBER
    assert [await search(router, web, loaded_at=NOVEMBER) for _ in range(3)] == ["a"] * 3


async def test_who_comes_first_is_followed_by_the_others() -> None:
    upstream = MemoryUpstream(a=[hits("x")], b=[json_answer(b"{}", 500)])
    web = WebSearch((service("a"), service("b")))
    assert await search(finder(upstream), web, first=web.services[1]) == "a"
    assert upstream.asked == ["b", "a"]


async def test_a_first_one_that_is_not_in_the_list() -> None:
    upstream = MemoryUpstream(b=[hits("x")])
    assert await search(finder(upstream), WebSearch(), first=service("b")) == "b"


@pytest.mark.parametrize(("status", "code"), [(429, "too_many_requests"), (500, "unavailable"), (302, "unavailable")])
async def test_what_became_of_it_has_a_code(status: int, code: str) -> None:
    """Promise 37: a redirect is not followed, so it is no answer."""
    with pytest.raises(SearchFailed) as failed:
        await search(finder(MemoryUpstream(a=[json_answer(b"{}", status)])), WebSearch((service("a"),)))
    assert failed.value.code == code and "k" not in str(failed.value).split()


async def test_every_answer_is_closed() -> None:
    replies = [hits("x"), json_answer(b"{}", 500)]
    upstream = MemoryUpstream(a=list(replies))
    router, web = finder(upstream), WebSearch((service("a"),))
    await search(router, web)
    with pytest.raises(SearchFailed):
        await search(router, web)
    assert all(reply.closed for reply in replies)
