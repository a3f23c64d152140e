"""A SearXNG instance; its settings must allow the JSON format. Source: SearXNG documentation, "Search API"."""

from typing import Any
from urllib.parse import urlencode

from addons.core.http import UpstreamRequest
from addons.core.web_search import SearchService
from addons.search.service import DEADLINES, Query, Result, member, members, result, with_sites


def request(service: SearchService, query: Query) -> UpstreamRequest:
    """It knows no number of results: those beyond `query.count` are left out afterwards."""
    base = (service.url or "").partition("?")[0].rstrip("/").removesuffix("/search")
    fields = {"q": with_sites(query), "format": "json", "categories": "general"}
    return UpstreamRequest(
        f"{base}/search?{urlencode(fields)}", (("accept", "application/json"),), b"", DEADLINES, "GET"
    )


def results(body: Any) -> tuple[Result, ...]:
    return tuple(
        found
        for each in members(member(body, "results"))
        for found in result(each.get("title"), each.get("url"), each.get("content"), each.get("publishedDate"))
    )
