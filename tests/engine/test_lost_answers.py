"""Specification of what a client is told that it is not shown of an answer. Promise 22."""

import json
from typing import Any

import pytest

from addons.core.model import DialectName, Message, Request, Text
from addons.dialects import DIALECTS
from addons.observed import Listener, Record
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, ask
from harness.engine import engine, header, offered, planned, read
from harness.memory import MemoryUpstream, Scripted, json_answer
from harness.spoken import PROVIDERS

LOSSES = "x-llm-router-losses"
USED = {"input_tokens": 7, "output_tokens": 3}
# what has no form in any other dialect
ANSWERS: dict[DialectName, dict[str, Any]] = {
    CLAUDE: {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "bash_code_execution", "input": {"command": "ls"}},
            {"type": "text", "text": "Hello"},
        ],
        "usage": USED,
    },
    CHAT: {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop",
             "logprobs": {"content": [{"token": "Hello", "logprob": -0.1, "bytes": None, "top_logprobs": []}]}}
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    },
    RESPONSES: {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m",
        "output": [
            {"type": "code_interpreter_call", "id": "ci_1", "status": "completed", "code": "1", "container_id": "c"},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "Hello", "annotations": []}]},
        ],
        "usage": {**USED, "total_tokens": 10},
    },
    GEMINI: {
        "candidates": [
            {"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
                {"executableCode": {"language": "PYTHON", "code": "1"}}, {"text": "Hello"}]}}
        ],
        "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
        "modelVersion": "m",
    },
}  # fmt: skip
LOST = {
    CLAUDE: "answer.server_tool_use",
    CHAT: "answer.choices[].logprobs",
    RESPONSES: "answer.code_interpreter_call",
    GEMINI: "answer.executableCode",
}
PAIRS = [(client, provider) for client in PROVIDERS for provider in PROVIDERS if client is not provider]
pairs = pytest.mark.parametrize(("client", "provider"), PAIRS)


class Records:
    """Keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def opened(self, ask: object, request_id: str) -> Listener | None:
        return self

    def said(self, data: bytes) -> None:
        """Of no interest."""

    def done(self, record: Record) -> None:
        self.records.append(record)

    @property
    def lost(self) -> list[str]:
        (record,) = self.records
        return [loss.path for loss in record.losses if loss.path.startswith("answer.")]


def whole(provider: DialectName) -> Scripted:
    return json_answer(json.dumps(ANSWERS[provider]).encode())


def streaming(provider: DialectName) -> Scripted:
    dialect = DIALECTS[provider]
    encoder = dialect.encoder(Request(provider, "m", (Message("user", (Text("hi"),)),), stream=True), "m")
    data = b"".join(encoder.feed(event) for event in dialect.parse_response(ANSWERS[provider]))
    if provider is CHAT:
        logprobs = json.dumps(ANSWERS[CHAT]["choices"][0]["logprobs"]).encode()
        data = data.replace(b'"logprobs":null', b'"logprobs":' + logprobs)
    return Scripted((data,))


async def answered(
    client: DialectName, provider: DialectName, answer: Scripted, *, stream: bool
) -> tuple[Any, Records]:
    router, heard = engine(planned(offered("a", provider)), MemoryUpstream(a=[answer])), Records()
    router._observers = (heard,)
    reply = await router.answer(ask(client, "a/m", stream=stream))
    assert reply.status == 200 and b"Hello" in await read(reply)
    return reply, heard


@pairs
async def test_of_a_whole_answer_header_and_record_tell(client: DialectName, provider: DialectName) -> None:
    reply, heard = await answered(client, provider, whole(provider), stream=False)
    assert heard.lost == [LOST[provider]]
    assert f"{LOST[provider]}: no place in " in (header(reply, LOSSES) or "")


@pairs
async def test_of_a_stream_the_record_tells_for_its_headers_have_left(
    client: DialectName, provider: DialectName
) -> None:
    reply, heard = await answered(client, provider, streaming(provider), stream=True)
    assert heard.lost == [LOST[provider]]
    assert "answer." not in (header(reply, LOSSES) or "")


@pairs
async def test_of_a_whole_answer_to_who_wanted_a_stream_both_tell(client: DialectName, provider: DialectName) -> None:
    reply, heard = await answered(client, provider, whole(provider), stream=True)
    assert heard.lost == [LOST[provider]]
    assert LOST[provider] in (header(reply, LOSSES) or "")


@pytest.mark.parametrize("dialect", PROVIDERS)
@pytest.mark.parametrize("stream", [True, False])
async def test_within_a_dialect_nothing_is_lost(dialect: DialectName, stream: bool) -> None:
    """Promise 16."""
    answer = streaming(dialect) if stream else whole(dialect)
    reply, heard = await answered(dialect, dialect, answer, stream=stream)
    assert (heard.lost, header(reply, LOSSES)) == ([], None)


async def test_what_somebody_should_have_read_comes_first_in_the_header() -> None:
    """It has room for eight: settings of the request do not push a record of the answer out."""
    router = engine(planned(offered("a", CLAUDE)), MemoryUpstream(a=[whole(CLAUDE)]))
    asked = ask(CHAT, "a/m", stream=False)
    knobs = dict.fromkeys(("seed", "presence_penalty", "frequency_penalty", "n", "top_logprobs"), 1)
    knobs |= {f"made_up_{n}": 1 for n in range(8)}
    body = json.dumps({**json.loads(asked.body), **knobs}).encode()
    reply = await router.answer(type(asked)(asked.method, asked.path, "", asked.headers, body))
    assert (header(reply, LOSSES) or "").startswith("answer.server_tool_use: no place in Chat Completions, ")
