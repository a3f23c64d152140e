"""Specification of odd answers through the engine: whatever a provider says, the client gets an answer or an error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.accumulate import fold
from addons.core.events import Cause
from addons.core.model import DialectName, Request
from addons.dialects import DIALECTS
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, ask
from harness.damage import damaged, replaced
from harness.engine import assert_error_in, engine, offered, planned, read
from harness.memory import MemoryUpstream, Scripted
from harness.rich_answers import ANSWERS, as_sse
from harness.spoken import CLIENTS, PROVIDERS

PAIRS = [(client, provider) for client in CLIENTS for provider in PROVIDERS]


async def asked(client: DialectName, provider: DialectName, events: list[Any], *, stream: bool) -> bytes:
    upstream = MemoryUpstream(a=[Scripted(tuple(as_sse(events)))])
    router = engine(planned(offered("a", provider), keepalive=0.0), upstream)
    reply = await router.answer(ask(client, stream=stream))
    data = await read(reply)
    assert reply.status in (200, 429) or reply.status >= 400
    if reply.status != 200:
        told = json.loads(data)
        assert_error_in(client, reply.status, told)
        assert told["error"].get("message") != "the router failed; its log has the details"
    return data


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_the_undamaged_answer_arrives(client: DialectName, provider: DialectName, stream: bool) -> None:
    data = await asked(client, provider, ANSWERS[provider], stream=stream)
    assert b"elephant" in data


@pytest.mark.parametrize("provider", PROVIDERS)
@given(data=st.data())
async def test_a_damaged_answer_is_an_answer_or_an_error(provider: DialectName, data: st.DataObject) -> None:
    """Promises 2, 3 and 11."""
    events = list(ANSWERS[provider])
    number = data.draw(st.integers(0, len(events) - 1))
    name, body = events[number]
    events[number] = (name, data.draw(damaged(body)) if not isinstance(body, str) else body)
    for client in CLIENTS:
        await asked(client, provider, events, stream=True)
        await asked(client, provider, events, stream=False)


def whole(provider: DialectName) -> Any:
    """The same answer, not streamed."""
    decoder = DIALECTS[provider].decoder()
    events = [event for piece in as_sse(ANSWERS[provider]) for event in decoder.feed(piece)]
    request = Request(provider, "m", ())
    return DIALECTS[provider].render_response(fold([*events, *decoder.finish(Cause.COMPLETE)]), request, "m")


@pytest.mark.parametrize("provider", PROVIDERS)
@given(data=st.data())
async def test_a_damaged_whole_answer_is_an_answer_or_an_error(provider: DialectName, data: st.DataObject) -> None:
    raw = json.dumps(data.draw(damaged(whole(provider)))).encode()
    for client in CLIENTS:
        for stream in (True, False):
            upstream = MemoryUpstream(a=[Scripted((raw,), 200, {"content-type": "application/json"})])
            reply = await engine(planned(offered("a", provider), keepalive=0.0), upstream).answer(
                ask(client, stream=stream)
            )
            assert reply.status != 500 and await read(reply)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("key", ["choices", "output", "content", "candidates"])
@pytest.mark.parametrize("odd", [7, "x", ["x"], [None], [[]], {"x": 1}])
async def test_a_whole_answer_of_an_unknown_shape_is_a_failure_of_the_provider(
    client: DialectName, key: str, odd: Any
) -> None:
    (provider,) = (each for each in PROVIDERS if key in whole(each))
    raw = json.dumps({**whole(provider), key: odd}).encode()
    upstream = MemoryUpstream(a=[Scripted((raw,), 200, {"content-type": "application/json"})])
    reply = await engine(planned(offered("a", provider)), upstream).answer(ask(client, stream=False))
    assert reply.status in (200, 502)


def with_odd(provider: DialectName, number: int, path: tuple[str | int, ...], odd: Any) -> list[Any]:
    events = list(ANSWERS[provider])
    name, body = events[number]
    events[number] = (name, replaced(body, path, odd))
    return events


CALL = ("choices", 0, "delta", "tool_calls", 0, "function")
# what raised in the middle of a stream once: the event, the place in it, and what stood there
FOUND: dict[str, tuple[int, tuple[str | int, ...], Any]] = {
    "the name of a call": (3, (*CALL, "name"), {"type": None}),
    "the arguments of a call": (4, (*CALL, "arguments"), 7),
    "the reason of the end": (5, ("choices", 0, "finish_reason"), ["x"]),
    "a count that is text": (6, ("usage", "prompt_tokens"), "x"),
    "a count that is an object": (6, ("usage", "completion_tokens"), {}),
}


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("client", [CLAUDE, CHAT, RESPONSES, GEMINI])
@pytest.mark.parametrize("stream", [True, False])
async def test_what_was_found_so_stays_mended(client: DialectName, case: str, stream: bool) -> None:
    assert await asked(client, CHAT, with_odd(CHAT, *FOUND[case]), stream=stream)


@pytest.mark.parametrize("whole", [b'["error"]', b'[{"error":{"message":"x"}}]', b'"error"', b"7", b"null", b"{}"])
@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_a_whole_answer_of_another_shape_is_a_failure(
    client: DialectName, provider: DialectName, whole: bytes
) -> None:
    if whole == b"{}" and client is provider:
        return  # within a dialect an object passes as it is
    upstream = MemoryUpstream(a=[Scripted((whole,), 200, {"content-type": "application/json"})])
    reply = await engine(planned(offered("a", provider)), upstream).answer(ask(client, stream=False))
    assert reply.status == 502
    assert_error_in(client, 502, json.loads(await read(reply)))
