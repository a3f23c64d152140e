"""Specification of addons/search/internal.py: AMP's searches and page readings, answered here."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from addons.amp.plan import AmpPlan
from addons.core.cooldowns import Policy
from addons.core.health import Health
from addons.core.http import Ask
from addons.core.plan import Plan
from addons.core.web_search import SearchService, WebSearch
from addons.inline import NotFetched
from addons.ledger import Ledger, State
from addons.search.finder import Finder
from addons.search.internal import answer_internal, intercepts
from harness.memory import MemoryUpstream, Scripted, json_answer

TAVILY = SearchService("tavily", "tavily", "k", "http://tavily/search")
PLAN = Plan(web_search=WebSearch((TAVILY,), intercepts=True))


class Pages:
    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        if "private" in url:
            raise NotFetched("private is not a public address")
        return "text/html", b"<title>T</title><p>They hum.</p>"


def hits(*names: str) -> Scripted:
    found = [{"title": name, "url": f"https://{name}.example/", "content": f"of {name}"} for name in names]
    return json_answer(json.dumps({"results": found}).encode())


def ask(method: str, params: object, **headers: str) -> Ask:
    return Ask("POST", "/api/internal", method, headers, json.dumps({"method": method, "params": params}).encode())


async def answer(asked: Ask, *replies: Scripted, plan: Plan = PLAN) -> Any:
    """The answer, or None; and what was asked of the service."""
    upstream = MemoryUpstream(tavily=list(replies) or [hits()])
    finder = Finder(State(Ledger(Health(Policy()))), upstream, Pages(), lambda: 1_800_000_000.0)
    reply = await answer_internal(plan, asked, finder)
    if reply is None:
        return None, upstream.sent
    assert isinstance(reply.body, bytes) and reply.status == 200
    return json.loads(reply.body), upstream.sent


async def test_a_search_is_answered_as_amps_server_does() -> None:
    told, _ = await answer(ask("webSearch2", {"objective": "o", "searchQueries": ["a"], "maxResults": 3}), hits("x"))
    assert told == {
        "ok": True,
        "result": {
            "results": [{"title": "x", "url": "https://x.example/", "excerpts": ["of x"]}],
            "provider": "tavily",
            "showParallelAttribution": False,
        },
        "creditsConsumed": "0",
    }


async def test_the_best_of_every_query_come_first_and_each_address_once() -> None:
    params = {"searchQueries": ["a", "b"], "maxResults": 3}
    told, _ = await answer(ask("webSearch2", params), hits("x", "y", "v"), hits("x", "z", "w"))
    assert [each["title"] for each in told["result"]["results"]] == ["x", "y", "z"]


async def test_the_objective_is_the_query_where_there_is_none() -> None:
    _, sent = await answer(ask("webSearch2", {"objective": "llamas"}), hits("x"))
    assert [json.loads(each.body)["query"] for each in sent] == ["llamas"]


async def test_ten_queries_and_twenty_results_at_most() -> None:
    params = {"searchQueries": [f"q{n}" for n in range(30)], "maxResults": 500}
    told, sent = await answer(ask("webSearch2", params), hits(*(f"h{n}" for n in range(50))))
    assert len(sent) == 10 and len(told["result"]["results"]) == 20


async def test_compressed_bodies_are_read() -> None:
    """AMP compresses what has more than 25,600 bytes."""
    plain = ask("webSearch2", {"searchQueries": ["a"]})
    packed = replace(plain, headers={"content-encoding": "gzip"}, body=gzip.compress(plain.body))
    told, _ = await answer(packed, hits("x"))
    assert told["ok"] is True


@pytest.mark.parametrize(("objective", "member"), [(None, "fullContent"), ("why", "excerpts")])
async def test_a_page_is_read(objective: str | None, member: str) -> None:
    told, _ = await answer(ask("extractWebPageContent", {"url": "https://x.example/", "objective": objective}))
    assert list(told["result"]) == [member] and "They hum." in str(told["result"])


@pytest.mark.parametrize(
    "asked",
    [
        ask("webSearch2", {}),
        ask("webSearch2", {"searchQueries": [3, " "]}),
        ask("webSearch2", []),
        replace(ask("webSearch2", {}), body=b"no json"),
        replace(ask("webSearch2", {}), headers={"content-encoding": "gzip"}),
        ask("extractWebPageContent", {}),
        ask("extractWebPageContent", {"url": "http://private.example/"}),
        ask("getThread", {}),
        replace(ask("webSearch2", {}), method="GET"),
        replace(ask("webSearch2", {}), path="/api/internal/x"),
    ],
)
async def test_everything_else_is_for_amps_server(asked: Ask) -> None:
    """Promise 39 among them."""
    assert await answer(asked) == (None, [])


async def test_what_is_not_found_here_is_for_amps_server() -> None:
    told, _ = await answer(ask("webSearch2", {"searchQueries": ["a"]}), json_answer(b"{}", 500))
    assert told is None


@pytest.mark.parametrize(
    ("plan", "method", "expected"),
    [
        (PLAN, "webSearch2", True),
        (PLAN, "webSearch2&x=1", True),
        (Plan(web_search=WebSearch((TAVILY,))), "webSearch2", False),
        (Plan(web_search=WebSearch((), intercepts=True)), "webSearch2", False),
        (Plan(web_search=WebSearch((), intercepts=True)), "extractWebPageContent", True),
        (Plan(web_search=WebSearch((), intercepts=True), fetches=False), "extractWebPageContent", False),
        (replace(PLAN, fetches=False), "extractWebPageContent", False),
        (replace(PLAN, amp=AmpPlan(searches_upstream=True)), "webSearch2", False),
        (replace(PLAN, amp=AmpPlan(searches_upstream=True)), "extractWebPageContent", True),
    ],
)
def test_what_may_be_answered_here(plan: Plan, method: str, expected: bool) -> None:
    assert intercepts(plan, ask(method, {})) is expected
