"""Specification of addons/embeddings.py: embeddings reach a provider that has them, or are refused with a reason."""

import json
from dataclasses import replace

import pytest

from addons.core.model import DialectName
from addons.core.plan import RetryPolicy
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES
from harness.engine import assert_error_in, engine, json_of, offered, planned, posted, read
from harness.memory import REFUSED, MemoryUpstream, Scripted, json_answer

BODY = {"model": "all", "input": ["one", "two"], "encoding_format": "base64", "dimensions": 256}
RAW = b'{ "input":["one"], "model":"all" ,"x":1.0 }'
ANSWER = b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"model":"m"}'


@pytest.mark.parametrize("path", ["/v1/embeddings", "/openai/v1/embeddings", "/embeddings"])
async def test_a_request_is_passed_on_as_it_is_but_for_the_model(path: str) -> None:
    upstream = MemoryUpstream(a=[json_answer(ANSWER)])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(posted(path, RAW))
    (sent,) = upstream.sent
    assert (sent.url, sent.body) == ("http://a/v1/embeddings", RAW.replace(b'"all"', b'"m"'))
    assert dict(sent.headers)["authorization"] == "Bearer key-of-a"
    assert (reply.status, await read(reply)) == (200, ANSWER)


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES])
async def test_every_provider_of_an_openai_format_may_have_embeddings(dialect: DialectName) -> None:
    upstream = MemoryUpstream(a=[json_answer(ANSWER)])
    reply = await engine(planned(offered("a", dialect)), upstream).answer(posted("/v1/embeddings", BODY))
    assert reply.status == 200 and upstream.sent[0].url == "http://a/v1/embeddings"


async def test_a_provider_of_several_formats_is_asked_once() -> None:
    upstream = MemoryUpstream(a=[json_answer(b"", 500)])
    reply = await engine(planned(offered("a", CLAUDE, RESPONSES, CHAT)), upstream).answer(
        posted("/v1/embeddings", BODY)
    )
    assert reply.status == 500 and upstream.asked == ["a"]


async def test_a_query_that_the_endpoint_needs_is_kept() -> None:
    """Azure's version stands in the query of the configured address."""
    versioned = replace(offered("a", CHAT), endpoints={CHAT: "http://a/v1/chat/completions?api-version=2026-01-01"})
    upstream = MemoryUpstream(a=[json_answer(ANSWER)])
    await engine(planned(versioned), upstream).answer(posted("/v1/embeddings", BODY))
    assert upstream.sent[0].url == "http://a/v1/embeddings?api-version=2026-01-01"


FAILURES = {
    "overloaded": json_answer(b'{"error":{"message":"x"}}', 529),
    "limited": json_answer(b'{"error":{"message":"x"}}', 429),
    "no such endpoint": json_answer(b'{"error":{"message":"x"}}', 404),
    "unreachable": REFUSED,
    "a page": Scripted((b"<html>",), 200, {"content-type": "text/html"}),
    "cut": Scripted((b"{", REFUSED), 200, {"content-type": "application/json"}),
    "an error in a 200": json_answer(b'{"error":{"message":"x"}}'),
}


@pytest.mark.parametrize("failure", list(FAILURES))
async def test_the_next_candidate_is_asked_when_one_fails(failure: str) -> None:
    upstream = MemoryUpstream(a=[FAILURES[failure]], b=[json_answer(ANSWER)])
    reply = await engine(planned(offered("a", CHAT), offered("b", CHAT)), upstream).answer(
        posted("/v1/embeddings", BODY)
    )
    assert (reply.status, await read(reply), upstream.asked) == (200, ANSWER, ["a", "b"])


async def test_the_origin_is_tried_again_first() -> None:
    upstream = MemoryUpstream(a=[json_answer(b"", 500), json_answer(ANSWER)])
    plan = planned(offered("a", CHAT), retry=RetryPolicy(attempts=2))
    reply = await engine(plan, upstream).answer(posted("/v1/embeddings", BODY))
    assert reply.status == 200 and upstream.asked == ["a", "a"]


async def test_candidates_of_other_formats_are_passed_over() -> None:
    upstream = MemoryUpstream(a=[], b=[json_answer(ANSWER)])
    reply = await engine(planned(offered("a", CLAUDE), offered("b", CHAT)), upstream).answer(
        posted("/v1/embeddings", BODY)
    )
    assert reply.status == 200 and upstream.asked == ["b"]


async def test_the_providers_own_refusal_comes_back_as_it_is() -> None:
    raw = b'{"error":{"message":"input is too long","type":"invalid_request_error","param":null,"code":"x","y":1}}'
    upstream = MemoryUpstream(a=[json_answer(raw, 400)])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(posted("/v1/embeddings", BODY))
    assert (reply.status, await read(reply)) == (400, raw)


@pytest.mark.parametrize("dialect", [CLAUDE, GEMINI])
async def test_without_a_provider_of_openais_formats_the_refusal_says_so(dialect: DialectName) -> None:
    upstream = MemoryUpstream(a=[])
    reply = await engine(planned(offered("a", dialect)), upstream).answer(posted("/v1/embeddings", BODY))
    body = await json_of(reply)
    assert reply.status == 400 and upstream.sent == []
    assert_error_in(CHAT, 400, body)
    assert body["error"]["param"] == "model" and "OpenAI" in body["error"]["message"]


async def test_an_unknown_model_is_404() -> None:
    reply = await engine(planned(offered("a", CHAT)), MemoryUpstream(a=[])).answer(
        posted("/v1/embeddings", {**BODY, "model": "nobody"})
    )
    body = await json_of(reply)
    assert reply.status == 404 and body["error"]["code"] == "model_not_found"
    assert_error_in(CHAT, 404, body)


@pytest.mark.parametrize("reply", [json_answer(ANSWER), json_answer(b"", 500)])
async def test_the_upstream_answer_is_closed(reply: Scripted) -> None:
    await engine(planned(offered("a", CHAT)), MemoryUpstream(a=[reply])).answer(posted("/v1/embeddings", BODY))
    assert reply.closed


async def test_a_stream_that_nobody_can_give_is_not_begun() -> None:
    """`stream` is no field of embeddings; a client that sets it gets its answer nevertheless."""
    upstream = MemoryUpstream(a=[json_answer(ANSWER)])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(
        posted("/v1/embeddings", {**BODY, "stream": True})
    )
    assert reply.body == ANSWER and json.loads(upstream.sent[0].body)["stream"] is True
