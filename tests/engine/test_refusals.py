"""Specification of every refusal through the engine: in the dialect of the client, for each of the five. Promise 64."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anthropic
import openai
import pytest
from google import genai

from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.exchange import Exchange
from harness.asks import CHAT, CLAUDE, COMPLETIONS, GEMINI, RESPONSES, ask, begun, path
from harness.engine import assert_error_in, engine, header, json_of, offered, planned, posted, refusal
from harness.memory import REFUSED, RESET, SILENCE, MemoryUpstream, Scripted
from harness.sdks import anthropic_client, gemini_client, openai_client
from harness.spoken import CLIENTS

LOCKED = {"master_key": "s3cret", "require_auth": True}


def unkeyed() -> Plan:
    """The only provider lacks its key."""
    return planned(replace(offered("a", CHAT), key=None, key_problem="its key is not set"))


def changed(**fields: Any) -> Callable[[DialectName], Ask]:
    return lambda client: replace(ask(client), **fields)


# what is asked, by which plan, and the answer: its status and its class
CASES: dict[str, tuple[Callable[[DialectName], Ask], Plan, int, str]] = {
    "no such model": (lambda client: ask(client, "nobody"), planned(offered("a", CHAT)), 404, "model_not_found"),
    "no JSON": (changed(body=b"{"), planned(offered("a", CHAT)), 400, "invalid_request"),
    "no object": (changed(body=b"[]"), planned(offered("a", CHAT)), 400, "invalid_request"),
    "no UTF-8": (changed(body=b'{"a":"\xff"}'), planned(offered("a", CHAT)), 400, "invalid_request"),
    "too deep": (changed(body=b'{"a":' * 100_000), planned(offered("a", CHAT)), 400, "invalid_request"),
    "too large": (changed(body=b" " * 200), planned(offered("a", CHAT), max_body=100), 413, "client_error"),
    "a form": (changed(headers={"content-type": "text/plain"}), planned(offered("a", CHAT)), 415, "client_error"),
    "no key": (ask, planned(offered("a", CHAT), **LOCKED), 401, "auth_failed"),
    "nobody to ask": (ask, unkeyed(), 503, "configuration_error"),
    "wrong method": (changed(method="PUT"), planned(offered("a", CHAT)), 405, "client_error"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_refusal_is_of_the_clients_dialect_and_explains_itself(client: DialectName, case: str) -> None:
    asked, plan, status, cls = CASES[case]
    upstream = MemoryUpstream(a=[])
    reply = await engine(plan, upstream).answer(asked(client))
    told = await json_of(reply)
    assert reply.status == status and upstream.sent == []
    assert_error_in(client, status, told)
    shown = told if client is CLAUDE else told["error"]
    assert (told["error"]["class"], shown["request_id"]) == (cls, "req_1") and told["error"]["hint"]
    assert header(reply, "content-type") == "application/json" and header(reply, "cache-control") == "no-store"


FAILURES: dict[str, tuple[Any, int]] = {
    "refused": (refusal(RESPONSES, 400, "input is wrong"), 400),
    "no credit": (refusal(RESPONSES, 402, "payment required"), 402),
    "the key of the provider": (refusal(RESPONSES, 401, "invalid api key"), 401),
    "forbidden": (refusal(RESPONSES, 403, "not for you"), 403),
    "gone": (refusal(RESPONSES, 404, "no such endpoint"), 404),
    "too long": (refusal(RESPONSES, 413, "input is too long"), 413),
    "limited": (refusal(RESPONSES, 429, "slow down"), 429),
    "failed": (refusal(RESPONSES, 500, "oops"), 500),
    "overloaded": (refusal(RESPONSES, 529, "overloaded"), 529),
    "a page": (Scripted((b"<html>",), 502, {"content-type": "text/html"}), 502),
    "a page that is no error": (Scripted((b"<html>",), 200, {"content-type": "text/html"}), 502),
    "a redirect": (Scripted((), 302, {"location": "http://elsewhere/"}), 502),
    "unreachable": (REFUSED, 502),
    "cut": (Scripted((RESET,)), 502),
    "silent": (Scripted((SILENCE,)), 504),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("client", [CLAUDE, CHAT, GEMINI, COMPLETIONS])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_providers_failure_is_told_in_the_clients_dialect(
    client: DialectName, failure: str, stream: bool
) -> None:
    script, status = FAILURES[failure]
    reply = await engine(planned(offered("a", RESPONSES)), MemoryUpstream(a=[script])).answer(
        ask(client, stream=stream)
    )
    told = await json_of(reply)
    assert reply.status == status
    assert_error_in(client, status, told)
    assert told["error"]["tried"][0].startswith("a/m:") and told["error"]["hint"]
    assert "<html>" not in json.dumps(told)


class Broken(MemoryUpstream):
    async def open(self, request: Any) -> Scripted:
        raise RuntimeError("a secret of the machine room")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("keepalive", [0.0, 60.0])
async def test_a_failure_of_the_router_itself_is_told_without_its_details(
    client: DialectName, keepalive: float, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await engine(planned(offered("a", CHAT), keepalive=keepalive), Broken()).answer(ask(client))
    told = await json_of(reply)
    assert reply.status == 500 and "secret" not in json.dumps(told)
    assert_error_in(client, 500, told)
    assert "a secret of the machine room" in caplog.text and "req_1" in caplog.text


def router(*script: Any) -> Exchange:
    return engine(planned(offered("a", CHAT)), MemoryUpstream(a=list(script)))


MESSAGES: Any = [{"role": "user", "content": "hi"}]
LIMITED = refusal(CHAT, 429, "slow down")
CUT = Scripted((*begun(CHAT), RESET))


async def test_the_sdks_raise_their_own_errors() -> None:
    with pytest.raises(openai.RateLimitError, match="slow down"):
        await openai_client(router(LIMITED)).chat.completions.create(model="all", messages=MESSAGES)
    with pytest.raises(openai.RateLimitError, match="slow down"):
        await openai_client(router(LIMITED)).responses.create(model="all", input="hi")
    with pytest.raises(anthropic.RateLimitError, match="slow down"):
        await anthropic_client(router(LIMITED)).messages.create(model="all", max_tokens=9, messages=MESSAGES)
    with pytest.raises(genai.errors.ClientError, match="slow down") as raised:
        await gemini_client(router(LIMITED)).models.generate_content(model="all", contents="hi")
    assert (raised.value.code, raised.value.status) == (429, "RESOURCE_EXHAUSTED")


async def test_the_sdks_raise_their_own_errors_in_the_middle_of_a_stream() -> None:
    """Promise 3."""
    chat = await openai_client(router(CUT)).chat.completions.create(model="all", messages=MESSAGES, stream=True)
    with pytest.raises(openai.APIError):
        _ = [chunk async for chunk in chat]
    async with anthropic_client(router(CUT)).messages.stream(model="all", max_tokens=9, messages=MESSAGES) as said:
        with pytest.raises(anthropic.APIStatusError):
            _ = [event async for event in said]
    parts = await gemini_client(router(CUT)).models.generate_content_stream(model="all", contents="hi")
    with pytest.raises(genai.errors.APIError):
        _ = [chunk async for chunk in parts]


async def test_the_path_of_an_unknown_resource_tells_the_dialect() -> None:
    homes = {CLAUDE: "/anthropic/v1/nothing", CHAT: "/openai/v1/nothing", GEMINI: "/gemini/v1beta/nothing"}
    for client, where in homes.items():
        reply = await router().answer(posted(where, {}))
        assert reply.status == 404
        assert_error_in(client, 404, await json_of(reply))


async def test_the_methods_that_are_answered_are_named() -> None:
    reply = await router().answer(Ask("GET", path(CHAT)))
    assert reply.status == 405 and header(reply, "allow") == "POST"
