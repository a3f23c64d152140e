"""Specification of addons/rehearsal.py: what the router would send, without sending it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from addons.config import load
from addons.core.endpoints import Kind
from addons.core.errors import ErrorClass
from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.plan import Model, Plan
from addons.core.web_search import SearchService, WebSearch
from addons.rehearsal import CONTINUED, NOT_GENERATED, PASSED_ON, Change, Rehearsal, rehearse
from harness.asks import CHAT, CLAUDE, COMPLETIONS, GEMINI, RESPONSES, ask, stream
from harness.engine import engine, offered, planned, posted, read
from harness.memory import MemoryUpstream, Scripted

TALKING = (CLAUDE, CHAT, RESPONSES, GEMINI)


def plan_of(*dialects: DialectName, **model: Any) -> Plan:
    named = [offered(f"p{n}", dialect, model=replace(Model("m"), **model)) for n, dialect in enumerate(dialects)]
    return planned(*named)


@pytest.mark.parametrize("client", DialectName)
@pytest.mark.parametrize("provider", TALKING)
@pytest.mark.parametrize("streamed", [True, False])
async def test_it_says_what_the_engine_sends(client: DialectName, provider: DialectName, streamed: bool) -> None:
    """Promise 66, for whole requests."""
    plan, upstream = plan_of(provider), MemoryUpstream(p0=[Scripted(tuple(stream(provider)))])
    request = ask(
        client, "all", stream=streamed, headers={"user-agent": "x/1", "authorization": "Bearer of-the-client"}
    )
    (found,) = (await rehearse(plan, request)).sent
    await read(await engine(plan, upstream).answer(request))
    (sent,) = upstream.sent
    assert (found.url, found.body) == (sent.url, sent.body)
    assert set(found.headers) == {name for name, _ in sent.headers}


@pytest.mark.parametrize("provider", [CLAUDE, CHAT, GEMINI])
async def test_it_says_what_the_engine_sends_when_the_router_searches(provider: DialectName) -> None:
    """Promise 66, for whole requests."""
    service = SearchService("s", "brave", "k", "http://s/search", 3)
    plan = planned(offered("p0", provider), web_search=WebSearch((service,)))
    upstream = MemoryUpstream(p0=[Scripted(tuple(stream(provider)))])
    tool = {"type": "web_search_20250305", "name": "web_search"}
    body = {
        "model": "all",
        "max_tokens": 9,
        "stream": True,
        "tools": [tool],
        "messages": [{"role": "user", "content": "?"}],
    }
    request = posted("/v1/messages", body)
    (found,) = (await rehearse(plan, request)).sent
    await read(await engine(plan, upstream).answer(request))
    assert (found.url, found.body) == (upstream.sent[0].url, upstream.sent[0].body)
    assert (found.searches, found.as_it_came) == (("web_search",), False)


def amp_plan(**amp: Any) -> Plan:
    provider = {"id": "p0", "baseUrl": "http://p0", "format": "openai", "apiKey": "k", "models": ["m"]}
    document = {"providers": [provider], "amp": {"routes": {"smart": "p0/m"}, **amp}}
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)}).plan


def of_amp(model: str = "claude-opus-4-8", mode: str = "smart") -> Ask:
    return replace(ask(CLAUDE, model, headers={"x-amp-mode": mode}), path="/api/provider/anthropic/v1/messages")


async def test_it_says_what_the_engine_sends_for_amp() -> None:
    """Promise 66, for whole requests."""
    plan, upstream = amp_plan(), MemoryUpstream(p0=[Scripted(tuple(stream(CHAT)))])
    found = await rehearse(plan, of_amp())
    await read(await engine(plan, upstream).answer(of_amp()))
    assert (found.sent[0].url, found.sent[0].body) == (upstream.sent[0].url, upstream.sent[0].body)
    assert found.amp is not None and (found.amp.mode, found.amp.matched_ref) == ("smart", "p0/m")


async def test_what_amps_own_server_would_answer_is_said_to_go_there() -> None:
    plan = amp_plan(routes={}, upstreamUrl="https://amp.example", upstreamApiKey="k")
    found = await rehearse(plan, of_amp())
    assert (found.sent, found.problem) == ((), None) and PASSED_ON in found.notes


async def test_every_step_is_told() -> None:
    request = ask(CLAUDE, "all", headers={"user-agent": "claude-cli/2"})
    found = await rehearse(plan_of(CHAT), request)
    assert (found.tool, found.dialect, found.detected, found.model, found.stream) == (
        "claude-code", CLAUDE, False, "all", True
    )  # fmt: skip
    assert found.endpoint is not None and found.endpoint.kind is Kind.GENERATE
    assert found.route is not None and (found.route.ref, found.route.kind) == ("all", "alias")
    assert found.problem is None


async def test_a_body_that_stays_in_its_dialect_changes_in_its_model_alone() -> None:
    """Promise 16."""
    request = ask(CLAUDE, "all")
    (sent,) = (await rehearse(plan_of(CLAUDE), request)).sent
    assert sent.as_it_came and sent.changes == (Change("model", "all", "m"),)
    assert sent.body[: sent.head] == request.body[: sent.head]
    assert sent.body[len(sent.body) - sent.tail :] == request.body[len(request.body) - sent.tail :]
    assert len(sent.body) - sent.head - sent.tail == 1


async def test_a_member_that_is_taken_out_is_a_change_to_nothing() -> None:
    plan = plan_of(CHAT, disabled_capabilities=frozenset({"supportsServiceTier"}))
    request = posted("/v1/chat/completions", {"model": "m", "service_tier": "flex", "messages": []})
    (sent,) = (await rehearse(plan, request)).sent
    assert sent.changes == (Change("service_tier", "flex", None),)
    assert [loss.path for loss in sent.losses] == ["service_tier"]


async def test_nothing_changes_when_the_model_has_its_own_name() -> None:
    request = posted("/v1/chat/completions", {"model": "m", "messages": []})
    (sent,) = (await rehearse(plan_of(CHAT), request)).sent
    assert (sent.changes, sent.body) == ((), request.body)


async def test_losses_and_names_of_a_translation_are_told() -> None:
    tool = {"name": "read.file", "input_schema": {"type": "object", "properties": {}}}
    plain = {**tool, "name": "write"}
    body = {
        "model": "all",
        "max_tokens": 9,
        "top_k": 3,
        "tools": [tool, plain],
        "messages": [{"role": "user", "content": "hi"}],
    }
    (sent,) = (await rehearse(plan_of(CHAT), posted("/v1/messages", body))).sent
    assert not sent.as_it_came and sent.tools == {"read.file": "read_file"}
    assert [loss.path for loss in sent.losses] == ["top_k"]
    assert sent.value is not None and json.loads(sent.body) == sent.value


VIDEO = {
    "model": "all",
    "messages": [
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}]}
    ],
}


@pytest.mark.parametrize(("drops", "refused"), [(False, True), (True, False)])
async def test_content_that_cannot_be_sent_refuses_the_candidate_without_its_leave(drops: bool, refused: bool) -> None:
    found = await rehearse(plan_of(CLAUDE, drops_content=drops), posted("/v1/chat/completions", VIDEO))
    assert bool(found.sent[0].refusal) is refused


async def test_a_body_that_cannot_be_translated_says_where() -> None:
    request = posted("/v1/messages", {"model": "all", "max_tokens": 9, "messages": 7})
    own, other = (await rehearse(plan_of(CLAUDE, CHAT), request)).sent
    assert own.refusal == "" and "messages" in other.refusal


async def test_every_candidate_is_shown() -> None:
    found = await rehearse(plan_of(CLAUDE, CHAT, GEMINI), ask(CLAUDE, "all"))
    assert [(sent.candidate.ref, sent.as_it_came) for sent in found.sent] == [
        ("p0/m", True), ("p1/m", False), ("p2/m", False)
    ]  # fmt: skip


async def test_nothing_is_fetched_and_what_would_be_is_told_without_its_secrets() -> None:
    url = "https://user:canary@i.example/a.png?signature=canary"
    image = {"type": "image", "source": {"type": "url", "url": url}}
    body = {"model": "all", "max_tokens": 9, "messages": [{"role": "user", "content": [image]}]}
    (sent,) = (await rehearse(plan_of(GEMINI), posted("/v1/messages", body))).sent
    assert sent.fetched == ("https://i.example/a.png",) and b"canary" not in sent.body


async def test_no_key_of_the_configuration_is_in_it() -> None:
    found = await rehearse(plan_of(CLAUDE, GEMINI), ask(CLAUDE, "all"))
    shown = str([(sent.url, sent.headers, sent.body) for sent in found.sent])
    assert "x-api-key" in shown and "key-of-" not in shown


@pytest.mark.parametrize(
    ("request_", "status", "cls"),
    [
        (posted("/nowhere", {}), 404, ErrorClass.CLIENT),
        (Ask("GET", "/v1/messages"), 405, ErrorClass.CLIENT),
        (posted("/v1/messages", b"{"), 400, ErrorClass.INVALID_REQUEST),
        (posted("/v1/messages", {"model": "nobody"}), 404, ErrorClass.MODEL_NOT_FOUND),
        (posted("/v1/messages", {"model": "all"}, content_type="text/plain"), 415, ErrorClass.CLIENT),
        (posted("/v1/messages", {"model": "all"}, content_encoding="odd"), 415, ErrorClass.CLIENT),
    ],
)
async def test_where_the_client_would_be_refused_the_steps_end_with_its_words(
    request_: Ask, status: int, cls: ErrorClass
) -> None:
    found = await rehearse(plan_of(CLAUDE), request_)
    assert found.problem is not None and (found.problem.status, found.problem.cls) == (status, cls)
    assert found.sent == ()


async def test_what_was_understood_before_the_refusal_is_told() -> None:
    found = await rehearse(plan_of(CLAUDE), posted("/v1/messages", {"model": "nobody"}))
    assert (found.dialect, found.model, found.route) == (CLAUDE, "nobody", None)


async def test_the_unified_endpoint_is_detected_from_the_body() -> None:
    found = await rehearse(plan_of(CHAT), posted("/", {"model": "all", "input": "hi"}))
    assert (found.dialect, found.detected) == (RESPONSES, True)


async def test_a_continued_conversation_is_said_to_be_unknown_here() -> None:
    found = await rehearse(
        plan_of(RESPONSES), posted("/v1/responses", {"model": "all", "previous_response_id": "resp_1"})
    )
    assert CONTINUED in found.notes


async def test_of_other_kinds_the_route_is_shown() -> None:
    found = await rehearse(plan_of(CLAUDE), posted("/v1/messages/count_tokens", {"model": "all", "messages": []}))
    assert found.route is not None and found.sent == () and NOT_GENERATED in found.notes


async def test_completions_are_a_format_too() -> None:
    found: Rehearsal = await rehearse(plan_of(CHAT), ask(COMPLETIONS, "all"))
    assert [sent.refusal for sent in found.sent] == [""]
