"""Tavily. Source: Tavily API reference, "Search"."""

from typing import Any

from addons.core import jsonio
from addons.core.http import UpstreamRequest
from addons.core.web_search import SearchService
from addons.search.service import DEADLINES, Query, Result, member, members, result

URL = "https://api.tavily.com/search"


def request(service: SearchService, query: Query) -> UpstreamRequest:
    fields: dict[str, Any] = {"query": query.text, "max_results": query.count}
    if query.allowed:
        fields["include_domains"] = list(query.allowed)
    if query.blocked:
        fields["exclude_domains"] = list(query.blocked)
    headers = (
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("authorization", f"Bearer {service.key or ''}"),
    )
    return UpstreamRequest(service.url or URL, headers, jsonio.dumps(fields), DEADLINES)


def results(body: Any) -> tuple[Result, ...]:
    return tuple(
        found
        for each in members(member(body, "results"))
        for found in result(each.get("title"), each.get("url"), each.get("content"), each.get("published_date"))
    )
