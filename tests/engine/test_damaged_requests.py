"""Specification of odd requests through the engine: whatever a client sends, the router itself does not fail."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addons.core.model import DialectName
from addons.core.plan import Model
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, body, path, stream
from harness.damage import damaged, replaced
from harness.engine import assert_error_in, engine, json_of, offered, planned, posted, read, refusal
from harness.memory import MemoryUpstream, Scripted
from harness.rich_requests import REQUESTS
from harness.spoken import CLIENTS, PROVIDERS

LENIENT = Model("m", drops_content=True)


async def asked(client: DialectName, provider: DialectName, value: Any) -> int:
    """The status of the answer, which is in order whatever it is."""
    upstream = MemoryUpstream(a=[Scripted(tuple(stream(provider)))])
    ask = posted(path(client), value, "alt=sse" if client is GEMINI else "")
    reply = await engine(planned(offered("a", provider, model=LENIENT), keepalive=0.0), upstream).answer(ask)
    if reply.status == 200:
        json.loads(upstream.sent[0].body)
        assert b"Hello" in await read(reply)
    else:
        assert_error_in(client, reply.status, await json_of(reply))
    return reply.status


@pytest.mark.parametrize(("client", "provider"), [(client, provider) for client in CLIENTS for provider in PROVIDERS])
async def test_the_undamaged_request_is_answered(client: DialectName, provider: DialectName) -> None:
    assert await asked(client, provider, REQUESTS[client]) == 200


@pytest.mark.parametrize("client", CLIENTS)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_damaged_request_is_answered_or_refused(client: DialectName, data: st.DataObject) -> None:
    """Promise 64."""
    value = data.draw(damaged(REQUESTS[client]))
    for provider in PROVIDERS:
        assert await asked(client, provider, value) in (200, 400, 404, 503)


REFUSED = (
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "`max_tokens` must be greater than `thinking.budget_tokens`",
    "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    "Unsupported value: 'reasoning_effort' does not support 'high'. Supported values are: 'low'.",
    "tools.0.custom.strict: Extra inputs are not permitted",
)


@pytest.mark.parametrize("dialect", PROVIDERS)
@given(data=st.data())
async def test_a_damaged_request_that_is_refused_stays_refused(dialect: DialectName, data: st.DataObject) -> None:
    """Bodies that stay in their dialect are mended as they are: nobody has looked at their types."""
    value = data.draw(damaged(REQUESTS[dialect]))
    for message in REFUSED:
        upstream = MemoryUpstream(a=[refusal(dialect, 400, message)])
        reply = await engine(planned(offered("a", dialect), keepalive=0.0), upstream).answer(
            posted(path(dialect), value)
        )
        assert reply.status in (400, 404, 503)


# what was the router's own failure once
FOUND: dict[str, tuple[DialectName, tuple[str | int, ...], Any]] = {
    "a required property that is no name": (CLAUDE, ("tools", 0, "input_schema", "required", 0), {"type": None}),
    "one of an answer's format": (GEMINI, ("generationConfig", "responseJsonSchema", "required", 0), []),
    "a description that is no text": (CHAT, ("tools", 0, "function", "description"), ["x"]),
    "parameters that are no schema": (CHAT, ("tools", 0, "function", "parameters"), True),
    "a custom tool's format": (CHAT, ("tools", 1, "custom", "format"), "x"),
    "the name of an answer's format": (CHAT, ("response_format", "json_schema", "name"), 7),
}


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_was_found_so_stays_mended(case: str, provider: DialectName) -> None:
    client, where, odd = FOUND[case]
    assert await asked(client, provider, replaced(REQUESTS[client], where, odd)) in (200, 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_number_that_is_none_is_400(client: DialectName, number: str) -> None:
    """RFC 8259 has no such numbers; one that is repeated in an answer would break that too."""
    raw = json.dumps({**body(client), "temperature": 0.125}).replace("0.125", number).encode()
    assert await asked(client, CHAT, raw) == 400


@pytest.mark.parametrize("depth", [150, 480, 900])
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_is_nested_too_deeply_to_be_translated_is_400(provider: DialectName, depth: int) -> None:
    """Promise 19."""
    schema = '{"type":"object","properties":{"a":' * depth + '{"type":"string"}' + "}}" * depth
    tools = f'[{{"type":"function","name":"f","strict":true,"parameters":{schema}}}]'
    raw = json.dumps({**body(RESPONSES), "tools": 0}).replace('"tools": 0', f'"tools": {tools}').encode()
    assert await asked(RESPONSES, provider, raw) == (200 if provider is RESPONSES else 400)
