"""What a model wants to know of the web, and what was found: the canonical values between dialects and services.

The codes of errors are Anthropic's (documentation, "Web search tool" and "Web fetch tool").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from addons.search.page import CUT, Page
from addons.search.service import Result

type LookupKind = Literal["search", "fetch"]
# the codes that say nothing new to a model that can only try something else
_SAID: Mapping[str, str] = {
    "max_uses_exceeded": "the tool must not be used any more: answer with what is known",
    "invalid_tool_input": "the input of the tool was not understood",
    "query_too_long": "the query was too long",
    "too_many_requests": "the quota for searches is used up",
    "url_not_allowed": "this URL may not be fetched",
    "url_not_in_prior_context": "only URLs that stand in the conversation may be fetched",
    "url_not_accessible": "the page could not be fetched",
    "url_too_long": "the URL is too long",
    "unsupported_content_type": "this is no page of text",
}


@dataclass(frozen=True, slots=True)
class SearchTool:
    """A hosted tool that the router runs. `name` is the client's word for it, `function` the name that the model calls
    it by. `max_uses` None: no limit of the client's. `chars`: of a page."""

    kind: LookupKind
    name: str
    function: str
    max_uses: int | None = None
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    chars: int | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """One call: `wanted` is the query or the URL, `arguments` the model's own object. `id` is the client's id of it,
    `call_id` the provider's. With an `error` nothing is looked up."""

    tool: SearchTool
    id: str
    call_id: str
    wanted: str
    arguments: Mapping[str, Any]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of it; `at` is when, in ISO 8601."""

    lookup: Lookup
    results: tuple[Result, ...] = ()
    page: Page | None = None
    error: str | None = None
    at: str | None = None


def told(looked: Looked) -> str:
    """What the model reads."""
    if looked.error is not None:
        return f"[{looked.lookup.tool.kind} failed: {_SAID.get(looked.error, 'the service is not available now')}]"
    if looked.page is not None:
        page = looked.page
        return "\n".join((page.title or page.url, page.url, "", page.text or "[no text]"))
    if not looked.results:
        return "[no results]"
    return "\n\n".join(_entry(n, each.title, each.url, each.published, each.snippet) for n, each in _numbered(looked))


def _numbered(looked: Looked) -> list[tuple[int, Result]]:
    return list(enumerate(looked.results, 1))


def _entry(number: int, title: str, url: str, published: str | None, snippet: str) -> str:
    lines = (f"{number}. {title}", url, f"published: {published}" if published else "", snippet)
    return "\n".join(line for line in lines if line)


def shortened(page: Page, chars: int | None) -> Page:
    if chars is None or len(page.text) <= chars:
        return page
    return Page(page.url, page.title, page.text[:chars].rstrip() + CUT)
