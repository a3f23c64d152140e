"""Specification of foreign thinking through the engine: what one provider has signed goes back to it alone.

A conversation is answered by one provider, and goes on with another. The history that the client sends back holds what
the router made of the first one's thinking; nobody else may see it, and the first one gets its own words back.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from addons.core.mends import UNCHECKED_SIGNATURE
from addons.core.model import DialectName
from addons.core.plan import Plan
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, body, path, stream
from harness.engine import body_of, engine, header, json_of, offered, planned, posted, read
from harness.memory import MemoryUpstream, Scripted, json_answer

SIGNATURE = "U0lHTkVEIGJ5IHRoZSBmaXJzdCBwcm92aWRlcg=="
THOUGHT = "Let me think about it."
SIGNED: Mapping[DialectName, dict[str, Any]] = {
    CLAUDE: {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 7, "output_tokens": 3},
        "content": [
            {"type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE},
            {"type": "text", "text": "Hello"},
        ],
    },
    RESPONSES: {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": THOUGHT}],
             "encrypted_content": SIGNATURE},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "Hello", "annotations": []}]},
        ],
        "usage": {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10},
    },
    GEMINI: {
        "candidates": [
            {"content": {"role": "model", "parts": [
                {"text": THOUGHT, "thought": True}, {"text": "Hello", "thoughtSignature": SIGNATURE}]},
             "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
        "modelVersion": "m",
    },
}  # fmt: skip
FIELDS = {CLAUDE: "messages", RESPONSES: "input", GEMINI: "contents"}
CLIENTS = [CLAUDE, RESPONSES, GEMINI]
PAIRS = [(client, first) for client in CLIENTS for first in CLIENTS if client is not first]


def turn(dialect: DialectName, text: str) -> dict[str, Any]:
    if dialect is GEMINI:
        return {"role": "user", "parts": [{"text": text}]}
    return {"role": "user", "content": text}


def said(dialect: DialectName, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What a client puts into its history of an answer."""
    match dialect:
        case DialectName.ANTHROPIC:
            return [{"role": "assistant", "content": answer["content"]}]
        case DialectName.RESPONSES:
            return list(answer["output"])
        case _:
            return [answer["candidates"][0]["content"]]


def request(client: DialectName, model: str, history: list[dict[str, Any]]) -> Any:
    fields: dict[str, Any] = {**body(client, model, stream=False), FIELDS[client]: history}
    if client is RESPONSES:
        fields |= {"include": ["reasoning.encrypted_content"], "store": False}
    return posted(path(client, model, stream=False), fields)


def plan_of(client: DialectName, first: DialectName) -> Plan:
    """`a` answers first; `b` speaks the client's dialect; `c` one that is neither's."""
    (third,) = (dialect for dialect in CLIENTS if dialect not in (client, first))
    return planned(offered("a", first), offered("b", client), offered("c", third), offered("d", CHAT))


class Conversation:
    """A first turn that `a` has answered with signed thinking."""

    def __init__(self, client: DialectName, first: DialectName) -> None:
        self.client = client
        plan = plan_of(client, first)
        scripts = {each.id: [Scripted(tuple(stream(each.dialects[0])))] for each in plan.providers}
        scripts["a"] = [json_answer(json.dumps(SIGNED[first]).encode()), *scripts["a"]]
        self.upstream = MemoryUpstream(**scripts)  # type: ignore[arg-type]
        self.router = engine(plan, self.upstream)
        self.history = [turn(client, "hi")]

    async def begin(self) -> None:
        reply = await self.router.answer(request(self.client, "a/m", self.history))
        assert reply.status == 200
        self.history += [*said(self.client, await json_of(reply)), turn(self.client, "go on")]

    async def go_on(self, provider: str) -> Any:
        """The body that `provider` is sent for the next turn."""
        reply = await self.router.answer(request(self.client, f"{provider}/m", self.history))
        assert reply.status == 200 and b"Hello" in await read(reply)
        self.losses = header(reply, "x-llm-router-losses") or ""
        assert self.upstream.asked[-1] == provider
        return body_of(self.upstream.sent[-1])


async def begun(client: DialectName, first: DialectName) -> Conversation:
    conversation = Conversation(client, first)
    await conversation.begin()
    return conversation


@pytest.mark.parametrize(("client", "first"), PAIRS)
async def test_the_client_is_shown_the_thinking(client: DialectName, first: DialectName) -> None:
    conversation = await begun(client, first)
    assert THOUGHT in json.dumps(conversation.history)


@pytest.mark.parametrize(("client", "first"), PAIRS)
async def test_the_provider_that_signed_gets_its_signature_back(client: DialectName, first: DialectName) -> None:
    """Promise 15."""
    conversation = await begun(client, first)
    sent = json.dumps(await conversation.go_on("a"))
    assert f'"{SIGNATURE}"' in sent


@pytest.mark.parametrize(("client", "first"), PAIRS)
async def test_a_provider_of_the_clients_dialect_sees_nothing_of_it(client: DialectName, first: DialectName) -> None:
    conversation = await begun(client, first)
    before = json.dumps(conversation.history)
    sent = await conversation.go_on("b")
    history = sent[FIELDS[client]]
    assert SIGNATURE not in json.dumps(sent) and "Hello" in json.dumps(history)
    assert signatures_in(client, history) == [] and signatures_in(client, json.loads(before)) != []
    assert "thinking of another provider is not sent" in conversation.losses


@pytest.mark.parametrize("provider", ["c", "d"])
@pytest.mark.parametrize(("client", "first"), PAIRS)
async def test_a_third_provider_sees_no_signature(client: DialectName, first: DialectName, provider: str) -> None:
    sent = json.dumps(await (await begun(client, first)).go_on(provider))
    assert SIGNATURE not in sent and "Hello" in sent


def signatures_in(dialect: DialectName, history: list[dict[str, Any]]) -> list[str]:
    """What `dialect` has for signed thinking in a history; also what is unsigned, where it must not be."""
    match dialect:
        case DialectName.ANTHROPIC:
            blocks = [
                each for message in history if isinstance(message["content"], list) for each in message["content"]
            ]
            return [block.get("signature", "") for block in blocks if block["type"] == "thinking"]
        case DialectName.RESPONSES:
            return [item.get("encrypted_content", "") for item in history if item.get("type") == "reasoning"]
        case _:
            parts = [part for content in history for part in content["parts"] if "thoughtSignature" in part]
            return [part["thoughtSignature"] for part in parts if part["thoughtSignature"] != UNCHECKED_SIGNATURE]


@pytest.mark.parametrize(("client", "first"), PAIRS)
async def test_everything_else_is_the_clients_byte_for_byte(client: DialectName, first: DialectName) -> None:
    """Promise 16."""
    conversation = await begun(client, first)
    history = json.dumps(conversation.history, indent=1)
    raw = f'{{ "x":1.0 , "y" : 12345678901234567890,\n"{FIELDS[client]}" : {history} , "z":"\\u00e9" }}'
    await conversation.router.answer(posted(path(client, "b/m", stream=False), with_model(client, raw)))
    sent = conversation.upstream.sent[-1].body.decode()
    assert sent.startswith('{ "x":1.0 , "y" : 12345678901234567890,\n') and '"z":"\\u00e9"' in sent


def with_model(client: DialectName, raw: str) -> bytes:
    return (raw if client is GEMINI else raw.replace('"z":', '"model":"b/m","z":')).encode()


@pytest.mark.parametrize("dialect", CLIENTS)
async def test_a_history_of_one_providers_own_is_not_touched(dialect: DialectName) -> None:
    """Promises 15 and 16."""
    history = [turn(dialect, "hi"), *said(dialect, dict(SIGNED[dialect])), turn(dialect, "go on")]
    ask = request(dialect, "b/m", history)
    upstream = MemoryUpstream(b=[Scripted(tuple(stream(dialect)))])
    await engine(planned(offered("b", dialect)), upstream).answer(ask)
    assert upstream.sent[0].body == ask.body.replace(b'"b/m"', b'"m"')
