"""Specification of addons/counting.py: who counts the tokens of a request, and what the client is told."""

import json
from dataclasses import replace
from typing import Any

import pytest

from addons.core.model import DialectName
from addons.core.plan import Deadlines, Model
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES
from harness.engine import assert_error_in, body_of, engine, header, json_of, offered, planned, posted
from harness.memory import REFUSED, MemoryUpstream, Scripted, json_answer

ESTIMATE = "x-llm-router-estimate"
WORDS = "How many tokens are these words?"
CLAUDE_BODY: dict[str, Any] = {"model": "all", "system": "Brief.", "messages": [{"role": "user", "content": WORDS}]}
CONTENTS = [{"role": "user", "parts": [{"text": WORDS}]}]
GEMINI_PATH = "/v1beta/models/all:countTokens"
CLAUDE_ASK = posted("/v1/messages/count_tokens", CLAUDE_BODY)
GEMINI_ASK = posted(GEMINI_PATH, {"contents": CONTENTS})
RESPONSES_BODY: dict[str, Any] = {"model": "all", "instructions": "Brief.", "input": WORDS}
RESPONSES_ASK = posted("/v1/responses/input_tokens", RESPONSES_BODY)
ASKS = {CLAUDE: CLAUDE_ASK, RESPONSES: RESPONSES_ASK, GEMINI: GEMINI_ASK}
OBJECT = {"object": "response.input_tokens"}
FIELDS = {CLAUDE: "input_tokens", RESPONSES: "input_tokens", GEMINI: "totalTokens"}
COUNTS = {
    CLAUDE: b'{"input_tokens":17}',
    RESPONSES: b'{"object":"response.input_tokens","input_tokens":17}',
    GEMINI: b'{"totalTokens":17}',
}


@pytest.mark.parametrize("client", ASKS)
@pytest.mark.parametrize("provider", ASKS)
async def test_a_provider_that_counts_is_asked(client: DialectName, provider: DialectName) -> None:
    upstream = MemoryUpstream(a=[json_answer(COUNTS[provider])])
    reply = await engine(planned(offered("a", provider)), upstream).answer(ASKS[client])
    beside = OBJECT if client is RESPONSES else {}
    assert reply.status == 200 and await json_of(reply) == {**beside, FIELDS[client]: 17}
    assert header(reply, ESTIMATE) is None


async def test_anthropics_endpoint_gets_the_clients_body_with_the_model_rewritten() -> None:
    upstream = MemoryUpstream(a=[json_answer(COUNTS[CLAUDE])])
    raw = b'{ "model":"all" , "messages":[{"role":"user","content":"hi"}], "output_config":{"x":1.0} }'
    ask = posted("/v1/messages/count_tokens", raw, "beta=true&key=secret", anthropic_beta="one-2026-01-01")
    await engine(planned(offered("a", CLAUDE)), upstream).answer(ask)
    (sent,) = upstream.sent
    assert sent.url == "http://a/v1/messages/count_tokens?beta=true"
    assert sent.body == raw.replace(b'"all"', b'"m"')
    headers = dict(sent.headers)
    assert headers["x-api-key"] == "key-of-a" and headers["anthropic-version"]
    assert headers["anthropic-beta"] == "one-2026-01-01"


async def test_openais_endpoint_is_sent_only_what_it_counts() -> None:
    upstream = MemoryUpstream(a=[json_answer(COUNTS[RESPONSES])])
    ask = posted("/v1/messages/count_tokens", {**CLAUDE_BODY, "max_tokens": 9})
    await engine(planned(offered("a", RESPONSES)), upstream).answer(ask)
    (sent,) = upstream.sent
    assert sent.url == "http://a/v1/responses/input_tokens"
    assert body_of(sent).keys() == {"model", "instructions", "input"} and WORDS in json.dumps(body_of(sent)["input"])


async def test_googles_endpoint_names_the_model_in_the_path() -> None:
    upstream = MemoryUpstream(a=[json_answer(COUNTS[GEMINI])])
    await engine(planned(offered("a", GEMINI)), upstream).answer(GEMINI_ASK)
    (sent,) = upstream.sent
    assert sent.url == "http://a/v1beta/models/m:countTokens"
    assert body_of(sent) == {"contents": CONTENTS}
    assert dict(sent.headers)["x-goog-api-key"] == "key-of-a"


async def test_the_request_that_google_wraps_names_the_providers_model() -> None:
    """Google refuses a wrapped request of another model than the path's."""
    upstream = MemoryUpstream(a=[json_answer(COUNTS[GEMINI])])
    wrapped = {"generateContentRequest": {"model": "models/all", "contents": CONTENTS, "safetySettings": []}}
    await engine(planned(offered("a", GEMINI)), upstream).answer(posted(GEMINI_PATH, wrapped))
    expected = {**wrapped["generateContentRequest"], "model": "models/m"}
    assert body_of(upstream.sent[0]) == {"generateContentRequest": expected}


async def test_a_claude_request_is_counted_whole_by_google() -> None:
    upstream = MemoryUpstream(a=[json_answer(COUNTS[GEMINI])])
    await engine(planned(offered("a", GEMINI)), upstream).answer(CLAUDE_ASK)
    (sent,) = upstream.sent
    wrapped = body_of(sent)["generateContentRequest"]
    assert sent.url == "http://a/v1beta/models/m:countTokens"
    assert wrapped["model"] == "models/m" and wrapped["contents"] == CONTENTS
    assert "Brief." in json.dumps(wrapped["systemInstruction"])


@pytest.mark.parametrize("wrapped", [False, True])
async def test_anthropic_is_sent_only_what_it_counts(wrapped: bool) -> None:
    inner = {"contents": CONTENTS, "generationConfig": {"temperature": 0.5, "maxOutputTokens": 9}}
    body = {"generateContentRequest": {"model": "models/all", **inner}} if wrapped else inner
    upstream = MemoryUpstream(a=[json_answer(COUNTS[CLAUDE])])
    await engine(planned(offered("a", CLAUDE)), upstream).answer(posted(GEMINI_PATH, body))
    sent = body_of(upstream.sent[0])
    assert sent.keys() == {"model", "messages"} and WORDS in json.dumps(sent["messages"])


async def test_what_google_counts_only_when_it_is_wrapped_is_wrapped() -> None:
    """Vertex AI counts `systemInstruction` beside `contents`; the Gemini API refuses it there."""
    instruction = {"parts": [{"text": "Brief."}]}
    upstream = MemoryUpstream(a=[json_answer(COUNTS[GEMINI])])
    ask = posted(GEMINI_PATH, {"contents": CONTENTS, "systemInstruction": instruction})
    await engine(planned(offered("a", GEMINI)), upstream).answer(ask)
    expected = {"model": "models/m", "contents": CONTENTS, "systemInstruction": instruction}
    assert body_of(upstream.sent[0]) == {"generateContentRequest": expected}


async def test_thinking_that_the_provider_cannot_read_is_not_sent_to_be_counted() -> None:
    """An unsigned block is what another provider has left in the history; Anthropic would refuse to count it."""
    foreign = [{"type": "thinking", "thinking": "hm", "signature": ""}, {"type": "text", "text": "hello"}]
    turns = [*CLAUDE_BODY["messages"], {"role": "assistant", "content": foreign}, {"role": "user", "content": "on"}]
    upstream = MemoryUpstream(a=[json_answer(COUNTS[CLAUDE])])
    ask = posted("/v1/messages/count_tokens", {**CLAUDE_BODY, "messages": turns})
    await engine(planned(offered("a", CLAUDE)), upstream).answer(ask)
    assert body_of(upstream.sent[0])["messages"][1]["content"] == foreign[1:]


@pytest.mark.parametrize("client", ASKS)
async def test_where_nobody_counts_the_answer_is_an_estimate_and_says_so(client: DialectName) -> None:
    upstream = MemoryUpstream(a=[])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(ASKS[client])
    body = await json_of(reply)
    assert reply.status == 200 and upstream.sent == []
    assert body.keys() - OBJECT.keys() == {FIELDS[client]} and 8 <= body[FIELDS[client]] <= 30
    assert header(reply, ESTIMATE) == "true"


async def test_a_wrapped_request_is_estimated_by_what_is_inside() -> None:
    wrapped = posted(GEMINI_PATH, {"generateContentRequest": {"model": "models/all", "contents": CONTENTS}})
    router = engine(planned(offered("a", CHAT)), MemoryUpstream(a=[]))
    assert await json_of(await router.answer(wrapped)) == await json_of(await router.answer(GEMINI_ASK))


REFUSALS: dict[str, Any] = {
    "not found": json_answer(b'{"error":{"message":"no such endpoint"}}', 404),
    "failed": json_answer(b"", 500),
    "unreachable": REFUSED,
    "a page": Scripted((b"<html>",), 200, {"content-type": "text/html"}),
    "no count": json_answer(b'{"ok":true}'),
    "no number": json_answer(b'{"input_tokens":"many","totalTokens":true}'),
    "cut": Scripted((b'{"input_', REFUSED), 200, {"content-type": "application/json"}),
}


@pytest.mark.parametrize("refusal", list(REFUSALS))
@pytest.mark.parametrize("provider", ASKS)
@pytest.mark.parametrize("client", ASKS)
async def test_a_provider_that_refuses_to_count_costs_no_answer(
    client: DialectName, provider: DialectName, refusal: str
) -> None:
    upstream = MemoryUpstream(a=[REFUSALS[refusal]])
    reply = await engine(planned(offered("a", provider)), upstream).answer(ASKS[client])
    assert reply.status == 200 and (await json_of(reply))[FIELDS[client]] > 0
    assert header(reply, ESTIMATE) == "true"


async def test_the_upstream_answer_is_closed() -> None:
    scripted = json_answer(COUNTS[CLAUDE])
    await engine(planned(offered("a", CLAUDE)), MemoryUpstream(a=[scripted])).answer(CLAUDE_ASK)
    assert scripted.closed


async def test_another_candidate_counts_when_the_first_has_no_way_to() -> None:
    upstream = MemoryUpstream(a=[], b=[json_answer(COUNTS[CLAUDE])])
    reply = await engine(planned(offered("a", CHAT), offered("b", CLAUDE)), upstream).answer(CLAUDE_ASK)
    assert await json_of(reply) == {"input_tokens": 17} and upstream.asked == ["b"]


@pytest.mark.parametrize("client", ASKS)
async def test_an_unknown_model_is_404_in_the_clients_dialect(client: DialectName) -> None:
    ask = {
        CLAUDE: posted("/v1/messages/count_tokens", {**CLAUDE_BODY, "model": "nobody"}),
        RESPONSES: posted("/v1/responses/input_tokens", {**RESPONSES_BODY, "model": "nobody"}),
        GEMINI: posted("/v1beta/models/nobody:countTokens", {"contents": CONTENTS}),
    }[client]
    reply = await engine(planned(offered("a", CLAUDE)), MemoryUpstream(a=[])).answer(ask)
    assert reply.status == 404
    assert_error_in(client, 404, await json_of(reply))


async def test_a_body_that_nobody_can_read_is_400() -> None:
    ask = posted("/v1/messages/count_tokens", {**CLAUDE_BODY, "messages": 7})
    reply = await engine(planned(offered("a", CHAT)), MemoryUpstream(a=[])).answer(ask)
    body = await json_of(reply)
    assert reply.status == 400 and "messages" in body["error"]["message"]
    assert_error_in(CLAUDE, 400, body)


@pytest.mark.parametrize(("configured", "waited"), [(2.0, 2.0), (600.0, 20.0)])
async def test_a_count_is_not_waited_for_as_long_as_an_answer(configured: float, waited: float) -> None:
    upstream = MemoryUpstream(a=[json_answer(COUNTS[CLAUDE])])
    provider = replace(offered("a", CLAUDE), deadlines=Deadlines(connect=3.0, first_event=configured))
    await engine(planned(provider), upstream).answer(CLAUDE_ASK)
    assert upstream.sent[0].deadlines == Deadlines(connect=3.0, first_event=waited)


async def test_a_capability_switched_off_is_not_sent_to_be_counted() -> None:
    plain = Model("m", disabled_capabilities=frozenset({"supportsThinking"}))
    upstream = MemoryUpstream(a=[json_answer(COUNTS[CLAUDE])])
    ask = posted("/v1/messages/count_tokens", {**CLAUDE_BODY, "thinking": {"type": "adaptive"}})
    await engine(planned(offered("a", CLAUDE, model=plain)), upstream).answer(ask)
    assert "thinking" not in body_of(upstream.sent[0])
