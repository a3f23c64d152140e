"""Exa. Source: Exa API reference, "Search"."""

from typing import Any

from addons.core import jsonio
from addons.core.http import UpstreamRequest
from addons.core.web_search import SearchService
from addons.search.service import DEADLINES, SNIPPET, Query, Result, member, members, result

URL = "https://api.exa.ai/search"


def request(service: SearchService, query: Query) -> UpstreamRequest:
    fields: dict[str, Any] = {
        "query": query.text,
        "type": "auto",
        "numResults": query.count,
        "contents": {"highlights": True, "text": {"maxCharacters": SNIPPET}},
    }
    if query.allowed:
        fields["includeDomains"] = list(query.allowed)
    if query.blocked:
        fields["excludeDomains"] = list(query.blocked)
    headers = (
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("x-api-key", service.key or ""),
    )
    return UpstreamRequest(service.url or URL, headers, jsonio.dumps(fields), DEADLINES)


def results(body: Any) -> tuple[Result, ...]:
    return tuple(
        found
        for each in members(member(body, "results"))
        for found in result(each.get("title"), each.get("url"), _said(each), each.get("publishedDate"))
    )


def _said(each: Any) -> object:
    """The passages that fit the query, or else how the page begins."""
    marked = each.get("highlights")
    passages = [text for text in marked if isinstance(text, str)] if isinstance(marked, list) else []
    return " … ".join(passages) or each.get("summary") or each.get("text")
