"""Specification of addons/search: what each service is asked, and what its answer says."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from addons.core.http import UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Auth, Candidate, Model, Provider
from addons.core.web_search import SearchService, ServiceKind
from addons.search.finder import SERVICES
from addons.search.service import Query, Result, fits

PLAIN: tuple[ServiceKind, ...] = ("brave", "tavily", "exa", "searxng")
WANTED = Query("llamas & alpacas", 4)


def service(kind: ServiceKind, url: str | None = None) -> SearchService:
    return SearchService(kind, kind, "secret", url or ("http://127.0.0.1:8080/" if kind == "searxng" else None), 4)


def asked(kind: ServiceKind, query: Query = WANTED, url: str | None = None) -> UpstreamRequest:
    request: UpstreamRequest = SERVICES[kind].request(service(kind, url), query)
    return request


def fields(request: UpstreamRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}


def results(kind: ServiceKind, body: object) -> tuple[Result, ...]:
    found: tuple[Result, ...] = SERVICES[kind].results(body)
    return found


def test_brave_is_asked_by_its_query() -> None:
    request = asked("brave")
    assert request.method == "GET" and request.url.startswith("https://api.search.brave.com/res/v1/web/search?")
    assert fields(request)["q"] == "llamas & alpacas" and fields(request)["count"] == "4"
    assert dict(request.headers)["x-subscription-token"] == "secret"


def test_tavily_is_asked_by_its_body() -> None:
    request = asked("tavily")
    assert (request.method, request.url) == ("POST", "https://api.tavily.com/search")
    assert json.loads(request.body) == {"query": "llamas & alpacas", "max_results": 4}
    assert dict(request.headers)["authorization"] == "Bearer secret"


def test_exa_is_asked_by_its_body() -> None:
    request = asked("exa")
    body = json.loads(request.body)
    assert request.url == "https://api.exa.ai/search" and (body["query"], body["numResults"]) == (WANTED.text, 4)
    assert dict(request.headers)["x-api-key"] == "secret"


@pytest.mark.parametrize("url", ["http://s:1", "http://s:1/", "http://s:1/search", "http://s:1/search?x=1"])
def test_searxng_is_asked_for_json(url: str) -> None:
    request = asked("searxng", url=url)
    assert request.url.startswith("http://s:1/search?") and fields(request)["format"] == "json"
    assert "secret" not in str(request.headers)


@pytest.mark.parametrize("kind", PLAIN)
def test_a_search_is_short(kind: ServiceKind) -> None:
    deadlines = asked(kind).deadlines
    assert deadlines.total == 15.0


@pytest.mark.parametrize("kind", ["brave", "searxng"])
def test_domains_stand_in_the_query_where_there_is_no_field(kind: ServiceKind) -> None:
    allowed = fields(asked(kind, Query("a", 1, allowed=("x.example", "y.example"))))["q"]
    blocked = fields(asked(kind, Query("a", 1, blocked=("x.example",))))["q"]
    assert (allowed, blocked) == ("a (site:x.example OR site:y.example)", "a -site:x.example")


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [("tavily", "include_domains", "exclude_domains"), ("exa", "includeDomains", "excludeDomains")],
)
def test_domains_have_fields_of_their_own(kind: ServiceKind, inside: str, outside: str) -> None:
    allowed = json.loads(asked(kind, Query("a", 1, allowed=("x.example",))).body)
    blocked = json.loads(asked(kind, Query("a", 1, blocked=("x.example",))).body)
    assert allowed[inside] == ["x.example"] and outside not in allowed
    assert blocked[outside] == ["x.example"] and inside not in blocked


HIT = {"title": "On <strong>llamas</strong>", "url": "https://l.example/"}
READ = Result("On llamas", "https://l.example/", "They hum & spit.", "2026-01-02")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "brave",
            {"web": {"results": [{**HIT, "description": "They <b>hum</b> &amp; spit.", "page_age": "2026-01-02"}]}},
        ),
        ("tavily", {"results": [{**HIT, "content": "They hum &amp; spit.", "published_date": "2026-01-02"}]}),
        ("exa", {"results": [{**HIT, "highlights": ["They hum & spit."], "publishedDate": "2026-01-02"}]}),
        ("exa", {"results": [{**HIT, "text": "They hum & spit.", "publishedDate": "2026-01-02"}]}),
        ("searxng", {"results": [{**HIT, "content": "They hum & spit.", "publishedDate": "2026-01-02"}]}),
    ],
)
def test_results_are_plain_text(kind: ServiceKind, body: object) -> None:
    assert results(kind, body) == (READ,)


@pytest.mark.parametrize("kind", [*PLAIN, "hosted"])
@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"results": None, "web": None, "output": 1, "content": {}, "candidates": "x"},
        {"results": [None, 3, {}, {"url": 3}, {"url": "ftp://x"}, {"url": "https://["}], "web": {"results": [{}]}},
        {"output": [{"content": [{"annotations": [{"url": "javascript:x"}], "text": 3}], "action": {"sources": [1]}}]},
        {"candidates": [{"groundingMetadata": {"groundingChunks": [{}], "groundingSupports": [{"segment": 1}]}}]},
    ],
)
def test_what_is_no_result_is_none(kind: ServiceKind, body: object) -> None:
    assert results(kind, body) == ()


def hosted(dialect: DialectName) -> SearchService:
    auth = {dialect: Auth("header", "x-key", "")}
    provider = Provider("p", "p", (dialect,), {dialect: "https://p.example/v1"}, (Model("m"),), auth=auth, key="secret")
    return SearchService("p/m", "hosted", count=4, target=Candidate(provider, provider.models[0], dialect))


@pytest.mark.parametrize(
    ("dialect", "tool"),
    [
        (DialectName.RESPONSES, {"type": "web_search"}),
        (DialectName.ANTHROPIC, {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}),
        (DialectName.GEMINI, {"googleSearch": {}}),
    ],
)
def test_a_hosted_search_is_asked_of_its_model(dialect: DialectName, tool: dict[str, Any]) -> None:
    request: UpstreamRequest = SERVICES["hosted"].request(hosted(dialect), WANTED)
    body = json.loads(request.body)
    assert request.url.startswith("https://p.example/v1") and body["tools"] == [tool]
    assert "llamas & alpacas" in json.dumps(body) and dict(request.headers)["x-key"] == "secret"


def test_the_citations_of_openai_are_results() -> None:
    text = "Llamas hum ([l.example](https://l.example/))."
    marks = [{"type": "url_citation", "title": "L", "url": "https://l.example/", "start_index": 11, "end_index": 44}]
    call = {
        "type": "web_search_call",
        "action": {"type": "search", "sources": [{"type": "url", "url": "https://m.example/"}]},
    }
    said = {"type": "message", "content": [{"type": "output_text", "text": text, "annotations": marks}]}
    assert results("hosted", {"output": [call, said]}) == (
        Result("https://m.example/", "https://m.example/"),
        Result("L", "https://l.example/", "Llamas hum"),
    )


def test_the_citations_of_anthropic_are_results() -> None:
    hit = {"type": "web_search_result", "title": "L", "url": "https://l.example/", "page_age": "May"}
    cited = {"type": "web_search_result_location", "title": "L", "url": "https://l.example/", "cited_text": "They hum."}
    body = {
        "content": [
            {"type": "web_search_tool_result", "content": [hit]},
            {"type": "text", "text": "so", "citations": [cited]},
        ]
    }
    (only,) = results("hosted", body)
    assert (only.url, only.snippet) == ("https://l.example/", "They hum.")


def test_the_grounding_of_gemini_is_results() -> None:
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://l.example/", "title": "L"}}],
        "groundingSupports": [{"segment": {"text": "They hum."}, "groundingChunkIndices": [0]}],
    }
    assert results("hosted", {"candidates": [{"groundingMetadata": grounding}]}) == (
        Result("L", "https://l.example/", "They hum."),
    )


@pytest.mark.parametrize(
    ("url", "allowed", "blocked", "expected"),
    [
        ("https://a.example/x", (), (), True),
        ("https://a.example/x", ("a.example",), (), True),
        ("https://www.a.example/x", ("a.example",), (), True),
        ("https://nota.example/x", ("a.example",), (), False),
        ("https://a.example.evil/x", ("a.example",), (), False),
        ("https://a.example/docs/x", ("a.example/docs",), (), True),
        ("https://a.example/blog", ("a.example/docs",), (), False),
        ("https://a.example/en/docs", ("a.example/*/docs",), (), True),
        ("https://a.example/x", (), ("a.example",), False),
        ("https://b.example/x", (), ("a.example",), True),
    ],
)
def test_domains_that_fit(url: str, allowed: tuple[str, ...], blocked: tuple[str, ...], expected: bool) -> None:
    """Source: Anthropic documentation, "Web search tool", domain filtering."""
    assert fits(url, Query("", 1, allowed, blocked)) is expected
