"""AMP's searches and page readings, which it asks its own server for, answered here.

Sources: AMP 0.0.1770734955 and 0.0.1777897475 (`POST /api/internal?webSearch2` and `?extractWebPageContent`), and the
public proxies that answer them; the predecessor's limits of ten queries and twenty results.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from addons.core import jsonio
from addons.core.http import Ask, Reply
from addons.core.plan import Plan
from addons.encodings import TooLarge, Undecodable, decoded
from addons.inline import NotFetched
from addons.refusal import json_reply
from addons.search.finder import Finder, Found, SearchFailed
from addons.search.pages import page
from addons.search.service import Query, Result

PATH = "/api/internal"
MAX_QUERIES = 10
MAX_RESULTS = 20
DEFAULT_RESULTS = 5


def method_of(ask: Ask) -> str:
    """The method that a request to AMP's server calls; empty when it calls none that is answered here."""
    if ask.method != "POST" or ask.path.rstrip("/") != PATH:
        return ""
    name = ask.query.partition("&")[0].partition("=")[0]
    return name if name in _ANSWERS else ""


def intercepts(plan: Plan, ask: Ask) -> bool:
    """Whether `ask` may be answered here: then its body is needed, whole."""
    return plan.web_search.intercepts and (_searches(plan, ask) or _reads(plan, ask))


async def answer_internal(plan: Plan, ask: Ask, finder: Finder) -> Reply | None:
    """None where AMP's own server is to answer: what is not intercepted, is not understood, or was not found here."""
    if not intercepts(plan, ask):
        return None
    params = _params(plan, ask)
    found = None if params is None else await _ANSWERS[method_of(ask)](plan, params, finder)
    return None if found is None else json_reply({"ok": True, "result": found, "creditsConsumed": "0"})


def _searches(plan: Plan, ask: Ask) -> bool:
    """What `amp.proxyWebSearchToUpstream` leaves to AMP's own server is its searches; pages are still read here."""
    return bool(plan.web_search.services) and not plan.amp.searches_upstream and method_of(ask) == "webSearch2"


def _reads(plan: Plan, ask: Ask) -> bool:
    return plan.fetches and method_of(ask) == "extractWebPageContent"


def _params(plan: Plan, ask: Ask) -> Mapping[str, Any] | None:
    try:
        body = jsonio.loads(decoded(ask.body, ask.headers.get("content-encoding", ""), plan.max_body))
    except (TooLarge, Undecodable, jsonio.JsonError):
        return None
    params = body.get("params") if isinstance(body, Mapping) else None
    return params if isinstance(params, Mapping) else None


async def _search(plan: Plan, params: Mapping[str, Any], finder: Finder) -> Mapping[str, Any] | None:
    queries = _queries(params)
    if not queries:
        return None
    most = params.get("maxResults")
    count = min(max(most, 1), MAX_RESULTS) if isinstance(most, int) else DEFAULT_RESULTS
    found = [each for each in await asyncio.gather(*(_one(plan, text, count, finder) for text in queries)) if each]
    if not found:
        return None
    results = list(_mixed([each.results for each in found]))[:count]
    return {
        "results": [{"title": each.title, "url": each.url, "excerpts": _excerpts(each)} for each in results],
        "provider": found[0].service,
        "showParallelAttribution": False,
    }


def _queries(params: Mapping[str, Any]) -> list[str]:
    given = params.get("searchQueries")
    listed = given if isinstance(given, list) and given else [params.get("objective")]
    texts = [text.strip() for text in listed if isinstance(text, str) and text.strip()]
    return list(dict.fromkeys(texts))[:MAX_QUERIES]


async def _one(plan: Plan, text: str, count: int, finder: Finder) -> Found | None:
    """What was found, or None: a failure as a value, because the other queries may have been luckier."""
    try:
        return await finder.search(plan.web_search, Query(text, count), loaded_at=plan.loaded_at)
    except SearchFailed:
        return None


def _mixed(found: Sequence[Sequence[Result]]) -> Iterator[Result]:
    """The best of every query first; each address once."""
    seen: set[str] = set()
    for each in chain.from_iterable(zip_longest(*found)):
        if each is not None and each.url not in seen:
            seen.add(each.url)
            yield each


def _excerpts(result: Result) -> list[str]:
    return [result.snippet] if result.snippet else []


async def _extract(plan: Plan, params: Mapping[str, Any], finder: Finder) -> Mapping[str, Any] | None:
    url, objective = params.get("url"), params.get("objective")
    if not isinstance(url, str) or not plan.fetches:
        return None
    try:
        found = await page(finder.pages, url)
    except NotFetched:
        return None
    text = f"# {found.title}\n\n{found.text}" if found.title else found.text
    return {"excerpts": [text]} if isinstance(objective, str) and objective else {"fullContent": text}


_ANSWERS: Mapping[str, Callable[[Plan, Mapping[str, Any], Finder], Awaitable[Mapping[str, Any] | None]]] = {
    "webSearch2": _search,
    "extractWebPageContent": _extract,
}
