"""Specification of compressed requests through the engine: providers get them plain, and a bomb gets nowhere."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import brotli
import pytest
import zstandard

from addons.core.http import Ask
from addons.core.model import DialectName
from harness.asks import CHAT, CLAUDE, GEMINI, ask, stream
from harness.engine import assert_error_in, engine, header, json_of, offered, planned, posted
from harness.memory import MemoryUpstream, Scripted
from harness.spoken import CLIENTS

CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


def coded(plain: Ask, coding: str, data: bytes | None = None) -> Ask:
    """`plain` as a client that compresses sends it; `data` instead of its body."""
    body = CODINGS[coding](plain.body) if data is None else data
    return replace(plain, headers={**plain.headers, "content-encoding": coding}, body=body)


def upstream() -> MemoryUpstream:
    return MemoryUpstream(a=[Scripted(tuple(stream(CHAT)))])


@pytest.mark.parametrize("coding", CODINGS)
async def test_the_provider_gets_what_the_client_meant(coding: str) -> None:
    """Promises 16 and 21."""
    asked = upstream()
    reply = await engine(planned(offered("a", CHAT)), asked).answer(coded(ask(CHAT), coding))
    (sent,) = asked.sent
    assert reply.status == 200 and sent.body == ask(CHAT).body.replace(b'"all"', b'"m"')
    assert "content-encoding" not in dict(sent.headers)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_bomb_is_413_in_the_clients_dialect(client: DialectName, coding: str) -> None:
    """Promises 20 and 21."""
    asked = upstream()
    bomb = CODINGS[coding](b'{"x":"' + b" " * 1_000_000 + b'"}')
    plan = planned(offered("a", CHAT), max_body=100_000)
    reply = await engine(plan, asked).answer(coded(ask(client), coding, bomb))
    assert reply.status == 413 and asked.sent == []
    assert_error_in(client, 413, await json_of(reply))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_broken_body_is_400_in_the_clients_dialect(client: DialectName, coding: str) -> None:
    asked = upstream()
    whole = CODINGS[coding](ask(client).body)
    reply = await engine(planned(offered("a", CHAT)), asked).answer(
        coded(ask(client), coding, whole[: len(whole) // 2])
    )
    told = await json_of(reply)
    assert reply.status == 400 and asked.sent == []
    assert_error_in(client, 400, told)
    assert coding in told["error"]["message"]


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip, gzip", "aws-chunked"])
@pytest.mark.parametrize("client", CLIENTS)
async def test_an_unknown_coding_is_415_and_the_known_ones_are_named(client: DialectName, coding: str) -> None:
    asked = upstream()
    reply = await engine(planned(offered("a", CHAT)), asked).answer(coded(ask(client), coding, b"x"))
    assert reply.status == 415 and asked.sent == []
    assert_error_in(client, 415, await json_of(reply))
    assert header(reply, "accept-encoding") == "gzip, deflate, br, zstd"


async def test_counts_and_embeddings_may_be_compressed_too() -> None:
    router = engine(planned(offered("a", CLAUDE)), MemoryUpstream(a=[Scripted((b'{"input_tokens":3}',), 200, {})]))
    plain = posted("/v1/messages/count_tokens", {"model": "all", "messages": [{"role": "user", "content": "hi"}]})
    assert await json_of(await router.answer(coded(plain, "zstd"))) == {"input_tokens": 3}


async def test_the_unified_endpoint_finds_the_dialect_inside() -> None:
    plain = posted("/route", {"model": "all", "input": "hi"})
    reply = await engine(planned(offered("a", CHAT)), upstream()).answer(coded(plain, "gzip"))
    assert (await json_of(reply))["object"] == "response"


async def test_the_unified_endpoint_tells_a_gemini_provider_nothing_that_is_not_geminis() -> None:
    """The model and the way of answering stand in the body there; Google refuses unknown fields."""
    contents = [{"role": "user", "parts": [{"text": "hi"}]}]
    asked = MemoryUpstream(a=[Scripted(tuple(stream(GEMINI)))])
    whole = posted("/route", {"model": "all", "stream": True, "contents": contents})
    reply = await engine(planned(offered("a", GEMINI)), asked).answer(whole)
    assert reply.status == 200 and json.loads(asked.sent[0].body) == {"contents": contents}
