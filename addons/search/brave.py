"""Brave Search. Source: Brave Search API documentation, "Web search"."""

from typing import Any
from urllib.parse import urlencode

from addons.core.http import UpstreamRequest
from addons.core.web_search import SearchService
from addons.search.service import DEADLINES, Query, Result, member, members, result, with_sites

URL = "https://api.search.brave.com/res/v1/web/search"


def request(service: SearchService, query: Query) -> UpstreamRequest:
    fields = {"q": with_sites(query), "count": str(query.count), "text_decorations": "false"}
    headers = (("accept", "application/json"), ("x-subscription-token", service.key or ""))
    return UpstreamRequest(f"{service.url or URL}?{urlencode(fields)}", headers, b"", DEADLINES, "GET")


def results(body: Any) -> tuple[Result, ...]:
    return tuple(
        found
        for each in members(member(body, "web", "results"))
        for found in result(each.get("title"), each.get("url"), _said(each), each.get("page_age") or each.get("age"))
    )


def _said(each: Any) -> str:
    more = each.get("extra_snippets")
    extra = [text for text in more if isinstance(text, str)] if isinstance(more, list) else []
    return "\n".join([str(each.get("description") or ""), *extra])
