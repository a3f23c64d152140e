"""Specification of what the vendors' SDKs make of keep-alives, counts and embeddings: what they cannot read is none."""

import asyncio
import json
from typing import Any

import anthropic
import openai
import pytest
from google import genai

from addons.core.http import Ask, Reply
from addons.core.plan import Plan
from addons.exchange import Exchange
from harness.asks import CHAT, CLAUDE, GEMINI, stream
from harness.engine import engine, offered, planned
from harness.memory import RESET, MemoryUpstream, Scripted, json_answer
from harness.sdks import anthropic_client, gemini_client, openai_client

MESSAGES: Any = [{"role": "user", "content": "hi"}]


class Patient(Exchange):
    """Lets the provider answer only when the client waits already, with keep-alives."""

    def __init__(self, *then: Any) -> None:
        self._gate = asyncio.Event()
        plan: Plan = planned(offered("a", CHAT), keepalive=0.001)
        super().__init__(plan, MemoryUpstream(a=[Scripted((self._gate, *then))]), new_id=lambda: "req_1")

    async def answer(self, ask: Ask) -> Reply:
        reply = await super().answer(ask)
        assert not isinstance(reply.body, bytes)
        self._gate.set()
        return reply


async def test_openais_sdk_reads_over_keepalives() -> None:
    client = openai_client(Patient(*stream(CHAT)))
    chunks = await client.chat.completions.create(model="all", messages=MESSAGES, stream=True)
    said = [choice.delta.content async for chunk in chunks for choice in chunk.choices]
    assert "".join(text for text in said if text) == "Hello"


async def test_openais_sdk_reads_over_keepalives_of_responses() -> None:
    client = openai_client(Patient(*stream(CHAT)))
    async with client.responses.stream(model="all", input="hi") as events:
        final = [event async for event in events][-1]
    assert final.type == "response.completed" and final.response.output_text == "Hello"


async def test_openais_sdk_reads_over_keepalives_of_legacy_completions() -> None:
    client = openai_client(Patient(*stream(CHAT)), strict=False)
    chunks = await client.completions.create(model="all", prompt="hi", stream=True)
    assert "".join([choice.text async for chunk in chunks for choice in chunk.choices]) == "Hello"


async def test_anthropics_sdk_reads_over_keepalives() -> None:
    client = anthropic_client(Patient(*stream(CHAT)))
    async with client.messages.stream(model="all", max_tokens=9, messages=MESSAGES) as events:
        message = await events.get_final_message()
    assert [block.text for block in message.content if block.type == "text"] == ["Hello"]


async def test_googles_sdk_reads_over_keepalives() -> None:
    client = gemini_client(Patient(*stream(CHAT)))
    chunks = await client.models.generate_content_stream(model="all", contents="hi")
    assert "".join([chunk.text or "" async for chunk in chunks]) == "Hello"


async def test_every_sdk_raises_its_own_error_when_nothing_came_after_keepalives() -> None:
    """Promise 3."""
    chat = await openai_client(Patient(RESET)).chat.completions.create(model="all", messages=MESSAGES, stream=True)
    with pytest.raises(openai.APIError):
        _ = [chunk async for chunk in chat]
    responses = await openai_client(Patient(RESET)).responses.create(model="all", input="hi", stream=True)
    events = [event async for event in responses]
    assert events[-1].type in ("response.failed", "error")
    messages = anthropic_client(Patient(RESET)).messages
    said = await messages.create(model="all", max_tokens=9, messages=MESSAGES, stream=True)
    with pytest.raises(anthropic.APIStatusError):
        _ = [event async for event in said]
    parts = await gemini_client(Patient(RESET)).models.generate_content_stream(model="all", contents="hi")
    with pytest.raises(genai.errors.APIError):
        _ = [chunk async for chunk in parts]


async def test_the_sdks_read_counts_and_estimates() -> None:
    counting = json_answer(b'{"input_tokens":17,"totalTokens":17}')
    for provider, expected in ((CLAUDE, {17}), (GEMINI, {17}), (CHAT, range(1, 10))):
        router = engine(planned(offered("a", provider)), MemoryUpstream(a=[counting]))
        claude = await anthropic_client(router).messages.count_tokens(model="all", messages=MESSAGES)
        google = await gemini_client(router).models.count_tokens(model="all", contents="hi")
        assert claude.input_tokens in expected and google.total_tokens in expected


async def test_openais_sdk_reads_embeddings() -> None:
    """It asks for base64 by itself, and unpacks that."""
    answer = {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": "AACAPwAAAEA="}],
        "model": "m",
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }
    router = engine(planned(offered("a", CHAT)), MemoryUpstream(a=[json_answer(json.dumps(answer).encode())]))
    found = await openai_client(router, strict=False).embeddings.create(model="all", input="hi")
    assert found.data[0].embedding == [1.0, 2.0]
