"""The search that a provider hosts itself, asked for through a model: OpenAI's, Anthropic's or Google's.

Sources: OpenAI documentation, "Web search"; Anthropic documentation, "Web search tool"; Gemini API documentation,
"Grounding with Google Search".
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.headers import NO_HEADERS, upstream_headers
from addons.core.http import UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Candidate, Deadlines
from addons.core.web_search import SearchService
from addons.search.service import Query, Result, member, members, result, with_sites

# a model reads what it finds before it answers
DEADLINES = Deadlines(connect=10.0, first_event=90.0, idle=90.0, total=90.0)
MAX_TOKENS = 4096


def request(service: SearchService, query: Query) -> UpstreamRequest:
    assert service.target is not None, "a hosted search has a model"
    target = service.target
    body = _BODIES[target.dialect](target, query, _question(query))
    headers = upstream_headers(target, NO_HEADERS, target.dialect, stream=False)
    return UpstreamRequest(target.url(), headers, jsonio.dumps(body), DEADLINES)


def results(body: Any) -> tuple[Result, ...]:
    """Each address once; what the model says of it is the snippet."""
    found: dict[str, Result] = {}
    for each in (*_of_responses(body), *_of_claude(body), *_of_gemini(body)):
        known = found.get(each.url)
        if known is None or len(each.snippet) > len(known.snippet):
            found[each.url] = each
    return tuple(found.values())


def _question(query: Query) -> str:
    return (
        f"Search the web for: {query.text}\nSay in a sentence or two what each of the best {query.count} results says, "
        "with a citation for each. Answer with nothing else."
    )


def _responses(target: Candidate, query: Query, question: str) -> Mapping[str, Any]:
    tool: dict[str, Any] = {"type": "web_search"}
    if query.allowed:
        tool["filters"] = {"allowed_domains": list(query.allowed)}
    include = ["web_search_call.action.sources"]
    return {"model": target.model.id, "input": question, "tools": [tool], "include": include, "store": False}


def _claude(target: Candidate, query: Query, question: str) -> Mapping[str, Any]:
    tool: dict[str, Any] = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}
    if query.allowed:
        tool["allowed_domains"] = list(query.allowed)
    elif query.blocked:
        tool["blocked_domains"] = list(query.blocked)
    messages = [{"role": "user", "content": question}]
    return {"model": target.model.id, "max_tokens": MAX_TOKENS, "messages": messages, "tools": [tool]}


def _gemini(target: Candidate, query: Query, question: str) -> Mapping[str, Any]:
    asked = question.replace(query.text, with_sites(query), 1)
    return {"contents": [{"role": "user", "parts": [{"text": asked}]}], "tools": [{"googleSearch": {}}]}


_BODIES: Mapping[DialectName, Callable[[Candidate, Query, str], Mapping[str, Any]]] = {
    DialectName.RESPONSES: _responses,
    DialectName.ANTHROPIC: _claude,
    DialectName.GEMINI: _gemini,
}


def _of_responses(body: Any) -> Iterator[Result]:
    for item in members(member(body, "output")):
        for source in members(member(item, "action", "sources")):
            yield from result(source.get("title") or source.get("url"), source.get("url"))
        for part in members(item.get("content")):
            for mark in members(part.get("annotations")):
                yield from result(mark.get("title"), mark.get("url"), _cited(part.get("text"), mark))


def _cited(text: object, mark: Mapping[str, Any]) -> str:
    """The line that a citation ends; its own mark, a link, is left out."""
    start = mark.get("start_index")
    if not isinstance(text, str) or not isinstance(start, int) or not 0 <= start <= len(text):
        return ""
    return text[:start].rstrip(" ([").rpartition("\n")[2]


def _of_claude(body: Any) -> Iterator[Result]:
    for block in members(member(body, "content")):
        if block.get("type") == "web_search_tool_result":
            for hit in members(block.get("content")):
                yield from result(hit.get("title"), hit.get("url"), "", hit.get("page_age"))
        for mark in members(block.get("citations")):
            yield from result(mark.get("title"), mark.get("url"), mark.get("cited_text"))


def _of_gemini(body: Any) -> Iterator[Result]:
    for candidate in members(member(body, "candidates")):
        grounding = candidate.get("groundingMetadata")
        said: dict[int, list[str]] = {}
        for support in members(member(grounding, "groundingSupports")):
            for index in member(support, "groundingChunkIndices") or ():
                if isinstance(index, int):
                    said.setdefault(index, []).append(str(member(support, "segment", "text") or ""))
        for n, chunk in enumerate(members(member(grounding, "groundingChunks"))):
            yield from result(member(chunk, "web", "title"), member(chunk, "web", "uri"), " ".join(said.get(n, ())))
