"""Specification of addons/inline.py through the engine: files that a client names by URL reach every provider."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from addons import inline
from addons.core.http import Ask
from addons.core.model import DialectName
from addons.inline import NotFetched
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, body, path, stream
from harness.engine import assert_error_in, body_of, engine, json_of, offered, planned, posted
from harness.memory import MemoryUpstream, Scripted

PICTURE, PDF = "https://pictures.example/cat.png", "https://papers.example/paper.pdf"
BYTES = b"\x89PNG not really"
B64 = base64.b64encode(BYTES).decode()
FILES = {PICTURE: ("image/png", BYTES), PDF: ("application/pdf", b"%PDF-1.7")}
FIELDS = {CLAUDE: "messages", CHAT: "messages", RESPONSES: "input", GEMINI: "contents"}
PICTURES: Mapping[DialectName, dict[str, Any]] = {
    CLAUDE: {"type": "image", "source": {"type": "url", "url": PICTURE}},
    CHAT: {"type": "image_url", "image_url": {"url": PICTURE}},
    RESPONSES: {"type": "input_image", "image_url": PICTURE},
    GEMINI: {"fileData": {"fileUri": PICTURE, "mimeType": "image/png"}},
}
CLIENTS = [CLAUDE, CHAT, RESPONSES]


class Web:
    """Serves FILES, and refuses what is not among them as the guard does."""

    def __init__(self) -> None:
        self.fetched: list[tuple[str, tuple[str, ...]]] = []

    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        self.fetched.append((url, kinds))
        if url not in FILES:
            raise NotFetched("10.0.0.1 is not a public address")
        return FILES[url]


def showing(dialect: DialectName, part: Mapping[str, Any]) -> Ask:
    """A client of `dialect` shows a file."""
    content = {"parts": [part]} if dialect is GEMINI else {"content": [part]}
    kind = {"type": "message"} if dialect is RESPONSES else {}
    return posted(path(dialect), {**body(dialect), FIELDS[dialect]: [{**kind, "role": "user", **content}]})


def good(dialect: DialectName) -> Scripted:
    return Scripted(tuple(stream(dialect)))


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_provider_that_takes_bytes_only_gets_the_bytes(client: DialectName) -> None:
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)])
    reply = await engine(planned(offered("a", GEMINI)), upstream, web).answer(showing(client, PICTURES[client]))
    assert reply.status == 200 and web.fetched == [(PICTURE, ("image/",))]
    (content,) = body_of(upstream.sent[0])["contents"]
    assert content["parts"] == [{"inlineData": {"mimeType": "image/png", "data": B64}}]


@pytest.mark.parametrize("client", [*CLIENTS, GEMINI])
@pytest.mark.parametrize("provider", [CLAUDE, CHAT, RESPONSES])
async def test_a_provider_that_takes_urls_gets_the_url(client: DialectName, provider: DialectName) -> None:
    web, upstream = Web(), MemoryUpstream(a=[good(provider)])
    reply = await engine(planned(offered("a", provider)), upstream, web).answer(showing(client, PICTURES[client]))
    assert reply.status == 200 and web.fetched == []
    assert PICTURE in upstream.sent[0].body.decode()


async def test_what_stays_in_its_dialect_is_not_looked_at() -> None:
    """Promise 16: a Gemini client knows what Gemini takes."""
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)])
    ask = showing(GEMINI, PICTURES[GEMINI])
    await engine(planned(offered("a", GEMINI)), upstream, web).answer(ask)
    assert upstream.sent[0].body == ask.body and web.fetched == []


async def test_a_picture_in_the_result_of_a_tool_is_fetched_too() -> None:
    """A tool names a picture by its address, whatever the provider behind the router takes."""
    turns = [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "see", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [PICTURES[CLAUDE]]}]},
    ]
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)])
    ask = posted(path(CLAUDE), {**body(CLAUDE), "messages": turns})
    await engine(planned(offered("a", GEMINI)), upstream, web).answer(ask)
    assert B64 in upstream.sent[0].body.decode() and PICTURE not in upstream.sent[0].body.decode()


async def test_a_document_is_fetched_for_chat_completions() -> None:
    web, upstream = Web(), MemoryUpstream(a=[good(CHAT)])
    ask = showing(CLAUDE, {"type": "document", "source": {"type": "url", "url": PDF}})
    await engine(planned(offered("a", CHAT)), upstream, web).answer(ask)
    assert [url for url, _ in web.fetched] == [PDF]
    assert base64.b64encode(FILES[PDF][1]).decode() in upstream.sent[0].body.decode()


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_refused_fetch_is_400_that_names_the_field(client: DialectName) -> None:
    inside = json.loads(json.dumps(PICTURES[client]).replace(PICTURE, "http://10.0.0.1/secret.png"))
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)])
    reply = await engine(planned(offered("a", GEMINI)), upstream, web).answer(showing(client, inside))
    told = await json_of(reply)
    assert reply.status == 400 and upstream.sent == []
    assert_error_in(client, 400, told)
    assert "10.0.0.1" in told["error"]["message"] and "base64" in told["error"]["hint"]
    assert "secret.png" not in json.dumps(told)
    assert told["error"].get("param", FIELDS[client]) == FIELDS[client]


async def test_the_files_of_one_request_have_a_limit_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inline, "TOTAL_LIMIT", 2 * len(BYTES))
    asked = [MemoryUpstream(a=[good(GEMINI)]) for _ in range(2)]
    for upstream, pictures, status in zip(asked, (2, 3), (200, 400), strict=True):
        shown = showing(CLAUDE, PICTURES[CLAUDE])
        turns = [{"role": "user", "content": [PICTURES[CLAUDE]] * pictures}]
        ask = posted(shown.path, {**json.loads(shown.body), "messages": turns})
        reply = await engine(planned(offered("a", GEMINI)), upstream, Web()).answer(ask)
        assert reply.status == status
    assert asked[1].sent == []


async def test_a_candidate_that_takes_the_url_is_asked_instead() -> None:
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)], b=[good(CLAUDE)])
    ask = showing(CHAT, {"type": "image_url", "image_url": {"url": "http://10.0.0.1/x.png"}})
    reply = await engine(planned(offered("a", GEMINI), offered("b", CLAUDE)), upstream, web).answer(ask)
    assert reply.status == 200 and upstream.asked == ["b"]


@pytest.mark.parametrize("client", CLIENTS)
async def test_where_fetching_is_switched_off_nothing_is_fetched(client: DialectName) -> None:
    """The provider is told the URL: some can fetch it themselves."""
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)])
    plan = planned(offered("a", GEMINI), fetches=False)
    reply = await engine(plan, upstream, web).answer(showing(client, PICTURES[client]))
    assert reply.status == 200 and web.fetched == []
    assert PICTURE in upstream.sent[0].body.decode()


@pytest.mark.parametrize("url", ["data:image/png;base64,AAAA", "gs://bucket/cat.png", "file:///etc/passwd"])
async def test_only_http_addresses_are_fetched(url: str) -> None:
    web, upstream = Web(), MemoryUpstream(a=[good(GEMINI)])
    ask = showing(CHAT, {"type": "image_url", "image_url": {"url": url}})
    await engine(planned(offered("a", GEMINI)), upstream, web).answer(ask)
    assert web.fetched == []


async def test_a_document_that_may_not_be_fetched_is_not_dropped_silently() -> None:
    """Promise 22."""
    upstream = MemoryUpstream(a=[good(CHAT)])
    ask = showing(CLAUDE, {"type": "document", "source": {"type": "url", "url": PDF}})
    reply = await engine(planned(offered("a", CHAT), fetches=False), upstream, Web()).answer(ask)
    told = await json_of(reply)
    assert reply.status == 400 and upstream.sent == []
    assert "a document by URL" in told["error"]["message"]
