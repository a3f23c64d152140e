"""Specification of what happens to content that a provider cannot be sent: it is never dropped silently. Promise 22."""

import base64
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.plan import Model
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, body, path, stream
from harness.engine import assert_error_in, body_of, engine, header, json_of, offered, planned, posted, read
from harness.memory import MemoryUpstream, Scripted, json_answer
from harness.spoken import PROVIDERS

B64 = base64.b64encode(b"\x89PNG").decode()
DATA = f"data:image/png;base64,{B64}"
FIELDS = {CLAUDE: "messages", CHAT: "messages", RESPONSES: "input", GEMINI: "contents"}
TEXTS: Mapping[DialectName, dict[str, Any]] = {
    CLAUDE: {"type": "text", "text": "what is this?"},
    CHAT: {"type": "text", "text": "what is this?"},
    RESPONSES: {"type": "input_text", "text": "what is this?"},
    GEMINI: {"text": "what is this?"},
}
PICTURES: Mapping[DialectName, dict[str, Any]] = {
    CLAUDE: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": B64}},
    CHAT: {"type": "image_url", "image_url": {"url": DATA}},
    RESPONSES: {"type": "input_image", "image_url": DATA},
    GEMINI: {"inlineData": {"mimeType": "image/png", "data": B64}},
}
BLIND = Model("m", overrides={"images": False})
BLIND_TO_ALL = Model("m", overrides={"images": False}, drops_content=True)
PAIRS = [(client, provider) for client in PROVIDERS for provider in PROVIDERS if client is not provider]


def showing(client: DialectName) -> Ask:
    parts = [TEXTS[client], PICTURES[client]]
    content = {"parts": parts} if client is GEMINI else {"content": parts}
    kind = {"type": "message"} if client is RESPONSES else {}
    query = "alt=sse" if client is GEMINI else ""
    return posted(path(client), {**body(client), FIELDS[client]: [{**kind, "role": "user", **content}]}, query)


def good(dialect: DialectName) -> Scripted:
    return Scripted(tuple(stream(dialect)))


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_lost_content_is_400_that_names_the_field(client: DialectName, provider: DialectName) -> None:
    upstream = MemoryUpstream(a=[good(provider)])
    reply = await engine(planned(offered("a", provider, model=BLIND)), upstream).answer(showing(client))
    told = await json_of(reply)
    assert reply.status == 400 and upstream.sent == []
    assert_error_in(client, 400, told)
    assert f"{FIELDS[client]}: " in told["error"]["message"] and "image" in told["error"]["message"]
    assert "dropContent" in told["error"]["hint"] and told["error"]["class"] == "not_supported"
    assert told["error"].get("param") in ((FIELDS[client],) if client in (CHAT, RESPONSES) else (None, FIELDS[client]))


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_with_its_owners_leave_a_model_is_sent_the_rest_and_the_loss_is_listed(
    client: DialectName, provider: DialectName
) -> None:
    upstream = MemoryUpstream(a=[good(provider)])
    reply = await engine(planned(offered("a", provider, model=BLIND_TO_ALL)), upstream).answer(showing(client))
    sent = upstream.sent[0].body.decode()
    assert reply.status == 200 and b"Hello" in await read(reply)
    assert "what is this?" in sent and B64 not in sent
    assert f"{FIELDS[client]}: " in (header(reply, "x-llm-router-losses") or "")


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_a_candidate_that_can_carry_it_is_chosen_before(client: DialectName, provider: DialectName) -> None:
    upstream = MemoryUpstream(a=[good(provider)], b=[good(provider)])
    plan = planned(offered("a", provider, model=BLIND), offered("b", provider))
    reply = await engine(plan, upstream).answer(showing(client))
    assert reply.status == 200 and upstream.asked == ["b"] and B64 in upstream.sent[0].body.decode()


async def test_what_cannot_be_sent_outweighs_a_candidate_that_only_failed() -> None:
    """The client can do something about it."""
    upstream = MemoryUpstream(a=[], b=[json_answer(b"", 500)])
    plan = planned(offered("a", CHAT, model=BLIND), offered("b", CHAT))
    reply = await engine(plan, upstream).answer(showing(CLAUDE))
    told = await json_of(reply)
    assert reply.status == 400 and "image" in told["error"]["message"]
    assert told["error"]["tried"] == ["a/m:400/not_supported#1", "b/m:500/temporary_error#1"]


@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_within_a_dialect_the_provider_is_the_judge(dialect: DialectName) -> None:
    """Promise 16."""
    upstream = MemoryUpstream(a=[good(dialect)])
    reply = await engine(planned(offered("a", dialect, model=BLIND)), upstream).answer(showing(dialect))
    assert reply.status == 200 and B64 in upstream.sent[0].body.decode()


async def test_a_knob_that_has_no_home_costs_no_request(caplog: pytest.LogCaptureFixture) -> None:
    """Only content does: a knob is left out, listed, and logged in one line."""
    upstream = MemoryUpstream(a=[good(CLAUDE)])
    ask = posted(path(CHAT), {**body(CHAT), "seed": 7, "frequency_penalty": 0.5})
    with caplog.at_level(logging.INFO, "llr"):
        reply = await engine(planned(offered("a", CLAUDE)), upstream).answer(ask)
    losses = header(reply, "x-llm-router-losses") or ""
    lines = [record.getMessage() for record in caplog.records if "lost on the way" in record.getMessage()]
    assert reply.status == 200 and not {"seed", "frequency_penalty"} & body_of(upstream.sent[0]).keys()
    assert "seed: " in losses and "frequency_penalty: " in losses
    assert len(lines) == 1 and "req_1" in lines[0] and "a/m" in lines[0]
    assert "seed: " in lines[0] and "frequency_penalty: " in lines[0]


async def test_without_debug_losses_are_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    upstream = MemoryUpstream(a=[good(CLAUDE)])
    ask = posted(path(CHAT), {**body(CHAT), "seed": 7})
    with caplog.at_level(logging.INFO, "llr"):
        reply = await engine(planned(offered("a", CLAUDE), debug=False), upstream).answer(ask)
    assert header(reply, "x-llm-router-losses") is None and "seed: " in caplog.text


async def test_a_request_that_loses_nothing_has_no_list(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "llr"):
        reply = await engine(planned(offered("a", CLAUDE)), MemoryUpstream(a=[good(CLAUDE)])).answer(
            posted(path(CHAT), body(CHAT))
        )
    assert header(reply, "x-llm-router-losses") is None and "lost on the way" not in caplog.text


async def test_a_long_list_of_losses_is_cut_in_the_header_and_whole_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fields = {f"unknown_{n}": n for n in range(20)}
    with caplog.at_level(logging.INFO, "llr"):
        reply = await engine(planned(offered("a", CLAUDE)), MemoryUpstream(a=[good(CLAUDE)])).answer(
            posted(path(CHAT), {**body(CHAT), **fields})
        )
    assert len(header(reply, "x-llm-router-losses") or "") <= 512
    assert all(f"{name}: " in caplog.text for name in fields)


async def test_a_capability_switched_off_is_a_loss() -> None:
    plain = Model("m", disabled_capabilities=frozenset({"supportsServiceTier"}))
    upstream = MemoryUpstream(a=[good(CHAT)])
    ask = posted(path(CHAT), {**body(CHAT), "service_tier": "flex"})
    reply = await engine(planned(offered("a", CHAT, model=plain)), upstream).answer(ask)
    assert "service_tier: " in (header(reply, "x-llm-router-losses") or "")
    assert "service_tier" not in body_of(upstream.sent[0])
