"""Specification of addons/passing.py: requests go to the tool's own provider, and come back, untouched."""

import asyncio
import json
from pathlib import Path

import pytest

from addons.core.errors import ErrorClass
from addons.core.http import Ask, UpstreamFailure
from addons.observed import Record
from addons.passing import AMP, CHATGPT, MAX_BODY, Passing, begun, home_of
from harness.asks import CHAT, stream
from harness.engine import read
from harness.memory import REFUSED, RESET, MemoryUpstream, Scripted, json_answer

HOME = "https://a"


class Hearing:
    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.records: list[Record] = []

    def opened(self, ask: Ask, request_id: str) -> "Hearing":
        return self

    def sent(self, data: bytes) -> None:
        raise AssertionError("the body was there")

    def said(self, data: bytes) -> None:
        self.data.append(data)

    def done(self, record: Record) -> None:
        self.records.append(record)


def passing(*script: Scripted | UpstreamFailure) -> tuple[Passing, Hearing, MemoryUpstream]:
    hearing, upstream = Hearing(), MemoryUpstream(a=list(script))
    return Passing(upstream, (hearing,), lambda ask: HOME), hearing, upstream


HEADERS = {"x-api-key": "the client's", "x-own": "kept", "host": "127.0.0.1", "connection": "close"}


async def test_a_request_arrives_as_it_came() -> None:
    router, _, upstream = passing(json_answer(b"{}"))
    await read(await router.answer(Ask("POST", "/any/path", "beta=true&a=%20", HEADERS, b'{"model" : "m"}')))
    (sent,) = upstream.sent
    assert (sent.url, sent.method, sent.body) == (f"{HOME}/any/path?beta=true&a=%20", "POST", b'{"model" : "m"}')
    headers = dict(sent.headers)
    assert headers == {"x-api-key": "the client's", "x-own": "kept", "accept-encoding": "identity"}


async def test_an_answer_arrives_as_it_came() -> None:
    router, hearing, _ = passing(json_answer(b'{"error": "no"}', 418, **{"x-one": "1", "content-length": "9"}))
    reply = await router.answer(Ask("GET", "/x"))
    assert (reply.status, dict(reply.headers)["x-one"]) == (418, "1") and "content-length" not in dict(reply.headers)
    assert await read(reply) == b'{"error": "no"}'
    assert hearing.records[0].status == 418 and b"".join(hearing.data) == b'{"error": "no"}'


async def test_what_amp_asks_for_is_told() -> None:
    router, hearing, _ = passing(json_answer(b"{}"))
    row = json.loads((Path(__file__).parent / "fixtures/amp/smart_may.json").read_text())
    await read(await router.answer(Ask("POST", row["path"], "", row["headers"], json.dumps(row["body"]).encode())))
    (record,) = hearing.records
    assert (record.entity, record.mode, record.requested) == ("smart", "smart", "claude-opus-4-7")


async def test_a_stream_is_heard_to_its_end() -> None:
    router, hearing, _ = passing(Scripted(tuple(stream(CHAT))))
    reply = await router.answer(Ask("POST", "/v1/chat/completions", "", {}, b'{"model":"m","stream":true}'))
    assert hearing.records == []
    assert await read(reply) == b"".join(stream(CHAT))
    (record,) = hearing.records
    assert (record.requested, record.stream, record.client, record.left) == ("m", True, CHAT, False)


async def test_a_stream_that_breaks_breaks_for_the_client_too() -> None:
    router, hearing, _ = passing(Scripted((*stream(CHAT)[:1], RESET)))
    reply = await router.answer(Ask("POST", "/v1/chat/completions"))
    with pytest.raises(UpstreamFailure):
        await read(reply)
    await reply.body.aclose()  # type: ignore[union-attr]
    assert (hearing.records[0].broken, hearing.records[0].left) == (ErrorClass.TRUNCATED, False)


async def test_a_client_that_leaves_is_heard_to_leave() -> None:
    router, hearing, _ = passing(Scripted((*stream(CHAT)[:1], asyncio.Event())))
    reply = await router.answer(Ask("POST", "/v1/chat/completions"))
    await reply.body.aclose()  # type: ignore[union-attr]
    assert hearing.records[0].left


async def test_a_client_that_leaves_before_the_first_byte_leaves_nothing_open() -> None:
    answer = Scripted((asyncio.Event(),))
    router, _, _ = passing(answer)
    reply = await router.answer(Ask("POST", "/v1/chat/completions"))
    await reply.body.aclose()  # type: ignore[union-attr]
    assert answer.closed


async def test_a_provider_that_cannot_be_reached_is_told_in_the_clients_dialect() -> None:
    router, hearing, _ = passing(REFUSED)
    reply = await router.answer(Ask("POST", "/v1/messages"))
    assert reply.status == 502 and json.loads(await read(reply))["type"] == "error"
    assert (hearing.records[0].status, hearing.records[0].error) == (502, ErrorClass.NETWORK)


async def test_a_websocket_is_refused_so_that_the_tool_asks_by_https() -> None:
    router, hearing, upstream = passing()
    reply = await router.answer(Ask("GET", "/v1/responses", "", {"upgrade": "websocket", "connection": "Upgrade"}))
    assert reply.status == 426 and hearing.records[0].status == 426 and upstream.sent == []


def test_what_is_too_large_is_refused() -> None:
    router, _, _ = passing()
    assert router.too_large(Ask("POST", "/v1/messages"), MAX_BODY + 1).status == 413


@pytest.mark.parametrize(
    ("path", "headers", "tool"),
    [
        ("/api/internal", {}, "amp"),
        ("/v1/messages", {"x-amp-mode": "smart"}, "amp"),
        ("/v1/messages", {}, "unknown"),
        ("/api/telemetry", {"user-agent": "claude-cli/2.1"}, "claude-code"),
    ],
)
def test_the_tool_is_known_by_what_nobody_else_asks(path: str, headers: dict[str, str], tool: str) -> None:
    assert begun(Ask("POST", path, "", headers), 1.0).tool == tool


@pytest.mark.parametrize(
    ("path", "agent", "home"),
    [
        ("/v1/messages", "", "https://api.anthropic.com"),
        ("/api/event_logging", "claude-cli/2.1", "https://api.anthropic.com"),
        ("/v1/responses", "codex_exec/1", "https://api.openai.com"),
        ("/v1/chat/completions", "", "https://api.openai.com"),
        ("/v1beta/models/gemini-3:generateContent", "", "https://generativelanguage.googleapis.com"),
        ("/api/provider/openai/v1/responses", "", AMP),
        ("/backend-api/codex/responses", "codex_exec/1", CHATGPT),
        ("/api/internal", "", AMP),
        ("/actors/gateway", "Bun/1.3", AMP),
    ],
)
def test_each_tool_has_its_home(path: str, agent: str, home: str) -> None:
    assert home_of(Ask("POST", path, "", {"user-agent": agent})) == home
