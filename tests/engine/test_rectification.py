"""Specification of rectification through the engine: what a provider refuses is left out, once, and remembered."""

import json
from typing import Any

import pytest

from addons.core.errors import ErrorClass
from addons.core.http import Ask, UpstreamFailure
from addons.core.model import DialectName
from addons.core.plan import RetryPolicy
from addons.core.rectify import ROUNDS
from harness.asks import CHAT, CLAUDE, RESPONSES, body, error_event, opening, path, stream
from harness.engine import assert_error_in, body_of, engine, header, json_of, offered, planned, posted, read, refusal
from harness.memory import RESET, MemoryUpstream, Scripted

QUESTION = {"role": "user", "content": "hi"}
SIGNED = {"type": "thinking", "thinking": "hm", "signature": "foreign"}
SAID = {"type": "text", "text": "x"}


def good(dialect: DialectName) -> Scripted:
    return Scripted(tuple(stream(dialect)))


def asked(dialect: DialectName, **fields: Any) -> Ask:
    return posted(path(dialect), {**body(dialect), **fields})


# the dialect, what the client asks for, the words of the refusal, what is asked instead (None: left out), and where the
# loss is told
CASES: dict[str, tuple[DialectName, dict[str, Any], str, dict[str, Any], str]] = {
    "a signature": (
        CLAUDE,
        {"messages": [QUESTION, {"role": "assistant", "content": [SIGNED, SAID]}, QUESTION]},
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        {"messages": [QUESTION, {"role": "assistant", "content": [SAID]}, QUESTION]},
        "messages",
    ),
    "a budget": (
        CLAUDE,
        {"max_tokens": 3000, "thinking": {"type": "enabled", "budget_tokens": 3000}},
        "`max_tokens` must be greater than `thinking.budget_tokens`",
        {"thinking": {"type": "enabled", "budget_tokens": 2250}},
        "thinking",
    ),
    "an effort": (
        CHAT,
        {"reasoning_effort": "xhigh"},
        "Unsupported value: 'reasoning_effort' does not support 'xhigh'. Supported values are: 'low' and 'high'.",
        {"reasoning_effort": "high"},
        "reasoning",
    ),
    "an unknown field": (
        CHAT,
        {"metadata": {"a": "b"}},
        "Unknown parameter: 'metadata'.",
        {"metadata": None},
        "metadata",
    ),
    "a field of today": (
        RESPONSES,
        {"prompt_cache_retention": "24h"},
        "Unsupported parameter: 'prompt_cache_retention' is not supported with this model.",
        {"prompt_cache_retention": None},
        "prompt_cache_retention",
    ),
    "a nested field": (
        CLAUDE,
        {"tools": [{"name": "t", "input_schema": {"type": "object"}, "strict": True}]},
        "tools.0.custom.strict: Extra inputs are not permitted",
        {"tools": [{"name": "t", "input_schema": {"type": "object"}}]},
        "tools.*.custom.strict",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_refused_request_is_asked_once_more_without_what_was_refused(case: str) -> None:
    dialect, fields, message, change, _ = CASES[case]
    upstream = MemoryUpstream(a=[refusal(dialect, 400, message), good(dialect)])
    reply = await engine(planned(offered("a", dialect)), upstream).answer(asked(dialect, **fields))
    first, second = map(body_of, upstream.sent)
    expected = {key: value for key, value in {**first, **change}.items() if value is not None}
    assert reply.status == 200 and b"Hello" in await read(reply)
    assert second == expected != first


@pytest.mark.parametrize("case", CASES)
async def test_the_next_request_is_right_from_the_start(case: str) -> None:
    dialect, fields, message, _, _ = CASES[case]
    upstream = MemoryUpstream(a=[refusal(dialect, 400, message), good(dialect)])
    router = engine(planned(offered("a", dialect)), upstream)
    await read(await router.answer(asked(dialect, **fields)))
    await read(await router.answer(asked(dialect, **fields)))
    assert len(upstream.sent) == 3 and upstream.sent[2].body == upstream.sent[1].body


@pytest.mark.parametrize("case", CASES)
async def test_what_was_left_out_is_listed(case: str) -> None:
    dialect, fields, message, _, told = CASES[case]
    upstream = MemoryUpstream(a=[refusal(dialect, 400, message), good(dialect)])
    router = engine(planned(offered("a", dialect)), upstream)
    for _ in range(2):
        losses = header(await router.answer(asked(dialect, **fields)), "x-llm-router-losses")
        assert losses is not None and losses.startswith(f"{told}: ")


async def test_what_stays_is_the_clients_byte_for_byte() -> None:
    """Promise 16."""
    raw = b'{ "model":"all" ,"seed":1, "messages":[{"role":"user","content":"\\u00e9"}], "top_p":1.0,"stream":true }'
    upstream = MemoryUpstream(a=[refusal(CHAT, 400, "Unknown parameter: 'seed'."), good(CHAT)])
    await engine(planned(offered("a", CHAT)), upstream).answer(posted(path(CHAT), raw))
    assert upstream.sent[1].body == raw.replace(b'"seed":1, ', b"").replace(b'"all"', b'"m"')


@pytest.mark.parametrize("client", [CHAT, RESPONSES])
async def test_a_translated_request_is_mended_too(client: DialectName) -> None:
    fields = {CHAT: {"reasoning_effort": "high"}, RESPONSES: {"reasoning": {"effort": "high"}}}[client]
    upstream = MemoryUpstream(a=[refusal(CLAUDE, 400, "thinking: Extra inputs are not permitted"), good(CLAUDE)])
    plan = planned(offered("a", CLAUDE))
    reply = await engine(plan, upstream).answer(asked(client, **fields))
    first, second = map(body_of, upstream.sent)
    assert reply.status == 200 and "thinking" in first and "thinking" not in second


async def test_a_refusal_inside_a_stream_is_mended_as_well() -> None:
    """Before the commit point it is a refusal like any other."""
    event = error_event(CLAUDE, "invalid_request_error").replace(
        b"too much going on", b"messages.1.content.0: Invalid `signature` in `thinking` block"
    )
    turns = [QUESTION, {"role": "assistant", "content": [SIGNED, SAID]}, QUESTION]
    upstream = MemoryUpstream(a=[Scripted((*opening(CLAUDE), event)), good(CLAUDE)])
    reply = await engine(planned(offered("a", CLAUDE)), upstream).answer(asked(CLAUDE, messages=turns))
    assert reply.status == 200 and len(upstream.sent) == 2
    assert body_of(upstream.sent[1])["messages"][1]["content"] == [SAID]


async def test_one_request_is_mended_a_few_times_and_no_more() -> None:
    fields = {f"f{n}": n for n in range(ROUNDS + 2)}
    refusals: list[Scripted | UpstreamFailure] = [refusal(CHAT, 400, f"Unknown parameter: 'f{n}'.") for n in range(9)]
    upstream = MemoryUpstream(a=refusals)
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(asked(CHAT, **fields))
    assert reply.status == 400 and len(upstream.sent) == ROUNDS + 1
    assert f"f{ROUNDS}" in (await json_of(reply))["error"]["message"]


async def test_a_provider_that_refuses_all_the_same_is_not_asked_forever() -> None:
    upstream = MemoryUpstream(a=[refusal(CHAT, 400, "Unknown parameter: 'seed'.")])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(asked(CHAT, seed=1))
    assert reply.status == 400 and len(upstream.sent) == 2


async def test_what_did_not_help_is_not_remembered() -> None:
    upstream = MemoryUpstream(a=[refusal(CHAT, 400, "Unknown parameter: 'seed'.")])
    router = engine(planned(offered("a", CHAT)), upstream)
    for _ in range(2):
        await router.answer(asked(CHAT, seed=1))
    assert body_of(upstream.sent[2])["seed"] == 1


async def test_what_one_provider_refuses_another_is_asked_for() -> None:
    upstream = MemoryUpstream(
        a=[refusal(CHAT, 400, "Unknown parameter: 'seed'."), good(CHAT), refusal(CHAT, 529, "overloaded")],
        b=[good(CHAT)],
    )
    router = engine(planned(offered("a", CHAT), offered("b", CHAT)), upstream)
    for _ in range(2):
        await read(await router.answer(asked(CHAT, seed=1)))
    assert upstream.asked == ["a", "a", "a", "b"]
    assert ["seed" in body_of(sent) for sent in upstream.sent] == [True, False, False, True]


async def test_mends_cost_none_of_the_tries() -> None:
    upstream = MemoryUpstream(
        a=[refusal(CHAT, 400, "Unknown parameter: 'seed'."), refusal(CHAT, 500, "oops"), good(CHAT)]
    )
    plan = planned(offered("a", CHAT), retry=RetryPolicy(attempts=2))
    reply = await engine(plan, upstream).answer(asked(CHAT, seed=1))
    assert reply.status == 200 and header(reply, "x-llm-router-attempts") == "a/m:500/temporary_error#1"


async def test_nothing_is_asked_again_after_the_commit_point() -> None:
    """Promise 5."""
    event = error_event(CHAT, "invalid_request_error").replace(b"too much going on", b"Unknown parameter: 'seed'.")
    upstream = MemoryUpstream(a=[Scripted((*stream(CHAT)[:2], event)), good(CHAT)])
    data = await read(await engine(planned(offered("a", CHAT)), upstream).answer(asked(CHAT, seed=1)))
    assert upstream.asked == ["a"] and b"Hello" in data and b"Unknown parameter" in data


@pytest.mark.parametrize("failure", [RESET, refusal(CHAT, 429, "Unknown parameter: 'seed'.")])
async def test_only_refusals_are_mended(failure: Any) -> None:
    upstream = MemoryUpstream(a=[failure])
    await engine(planned(offered("a", CHAT)), upstream).answer(asked(CHAT, seed=1))
    assert upstream.asked == ["a"]


async def test_a_refusal_that_nothing_is_known_against_is_the_clients() -> None:
    upstream = MemoryUpstream(a=[refusal(CHAT, 400, "Invalid 'messages[0].content': string too long.")])
    reply = await engine(planned(offered("a", CHAT)), upstream).answer(asked(CLAUDE))
    told = await json_of(reply)
    assert reply.status == 400 and upstream.asked == ["a"]
    assert_error_in(CLAUDE, 400, told)
    assert told["error"]["class"] == ErrorClass.INVALID_REQUEST


async def test_what_a_provider_refused_is_not_sent_to_be_counted_either() -> None:
    turns = [QUESTION, {"role": "assistant", "content": [SIGNED, SAID]}, QUESTION]
    message = "messages.1.content.0: Invalid `signature` in `thinking` block"
    counted = Scripted((b'{"input_tokens":5}',), 200, {"content-type": "application/json"})
    upstream = MemoryUpstream(a=[refusal(CLAUDE, 400, message), good(CLAUDE), counted])
    router = engine(planned(offered("a", CLAUDE)), upstream)
    await read(await router.answer(asked(CLAUDE, messages=turns)))
    await router.answer(posted("/v1/messages/count_tokens", {"model": "all", "messages": turns}))
    assert "foreign" not in json.dumps(body_of(upstream.sent[2]))


@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
async def test_what_a_request_goes_on_from_is_never_left_out(field: str) -> None:
    """The model would answer without the conversation."""
    upstream = MemoryUpstream(a=[refusal(RESPONSES, 400, f"Unsupported parameter: '{field}'")])
    reply = await engine(planned(offered("a", RESPONSES)), upstream).answer(asked(RESPONSES, **{field: "x_1"}))
    assert reply.status == 400
    assert len(upstream.sent) == 1
