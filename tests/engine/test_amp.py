"""Specification of AMP's requests through the engine: taken for what they are, routed, answered as AMP wants it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addons.amp.plan import AmpPlan, AmpUpstream
from addons.core.accumulate import fold
from addons.core.http import Ask, PassOn, Reply
from addons.core.model import DialectName, ToolCall
from addons.core.plan import Alias, Model, Plan, Provider, Target
from addons.dialects import DIALECTS
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, stream
from harness.engine import body_of, engine, header, json_of, offered, planned, read, streamed
from harness.memory import MemoryUpstream, Scripted, json_answer

FIXTURES = Path(__file__).parent.parent / "fixtures" / "amp"
ROUTES = {name: f"{name}/m" for name in ("smart", "rush", "deep", "title", "search", "oracle", "task", "handoff")}
ROUTES |= {"painter": "painter/m", "look-at": "look-at/m", "read-thread": "read-thread/m", "large": "large/m"}


def recorded(name: str, **body: Any) -> Ask:
    row = json.loads((FIXTURES / f"{name}.json").read_text())
    return Ask("POST", row["path"], "", row["headers"], json.dumps({**row["body"], **body}).encode())


def plan(*providers: Provider, **amp: Any) -> Plan:
    return planned(*providers, amp=AmpPlan(schema="routes", **amp))


def one(dialect: DialectName = CHAT, *, model: str = "m", **amp: Any) -> Plan:
    """Everything goes to `a`, which speaks `dialect`."""
    return plan(offered("a", dialect, model=Model(model)), default_route=f"a/{model}", **amp)


def answered(dialect: DialectName, *, stream_too: bool = False) -> MemoryUpstream:
    return MemoryUpstream(a=[Scripted(tuple(stream(dialect)))])


def whole_chat(message: dict[str, Any], reason: str = "stop") -> MemoryUpstream:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "served", "choices": [choice]}
    return MemoryUpstream(a=[json_answer(json.dumps(body).encode())])


def calling(name: str, text: str | None = None) -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": '{"title":"T"}'}}
    return {"content": text, "tool_calls": [call]}


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
async def test_every_recorded_request_goes_where_its_entity_does(path: Path) -> None:
    entity = json.loads(path.read_text())["entity"]
    names = [*ROUTES, "rest"]
    upstream = MemoryUpstream(**{name: [Scripted(tuple(stream(CHAT)))] for name in names})
    providers = [offered(name, CHAT) for name in names]
    exchange = engine(plan(*providers, routes=ROUTES, default_route="rest/m"), upstream)
    reply = await exchange.answer(recorded(path.stem))
    await read(reply)
    assert (reply.status, upstream.asked) == (200, [entity or "rest"])


PATHS = [
    ("anthropic/v1/messages", CLAUDE),
    ("openai/v1/responses", RESPONSES),
    ("xai/v1/chat/completions", CHAT),
    ("kimi/chat/completions", CHAT),
]


def small(path: str, dialect: DialectName, *, streams: bool) -> Ask:
    message = [{"role": "user", "content": "hi"}]
    body: dict[str, Any] = {"model": "claude-opus-4-6", "stream": streams}
    body |= {"input": message} if dialect is RESPONSES else {"messages": message}
    body |= {"max_tokens": 100} if dialect is CLAUDE else {}
    headers = {"content-type": "application/json", "x-amp-thread-id": "T-1"}
    return Ask("POST", f"/api/provider/{path}", "", headers, json.dumps(body).encode())


@pytest.mark.parametrize("provider", [CHAT, CLAUDE, RESPONSES, GEMINI])
@pytest.mark.parametrize(("path", "client"), PATHS)
async def test_the_requested_name_is_restored_in_streams(path: str, client: DialectName, provider: DialectName) -> None:
    exchange = engine(one(provider), answered(provider))
    reply = await exchange.answer(small(path, client, streams=True))
    assert reply.status == 200
    answer = await streamed(client, reply)
    assert answer.model == "claude-opus-4-6" and answer.error is None


@pytest.mark.parametrize(("path", "client"), PATHS)
async def test_the_requested_name_is_restored_in_whole_answers(path: str, client: DialectName) -> None:
    exchange = engine(one(CHAT), whole_chat({"content": "Hello"}))
    reply = await exchange.answer(small(path, client, streams=False))
    body = await json_of(reply)
    assert (reply.status, body["model"]) == (200, "claude-opus-4-6")


async def test_gemini_names_the_version_that_was_asked_for() -> None:
    exchange = engine(one(CHAT), whole_chat({"content": "Hello"}))
    body = await json_of(await exchange.answer(recorded("look_at_has_no_tools")))
    assert body["modelVersion"] == "gemini-3-flash-preview"


async def test_the_names_of_tools_have_their_own_case() -> None:
    exchange = engine(one(CHAT), whole_chat(calling("bash"), "tool_calls"))
    body = await json_of(await exchange.answer(recorded("smart_may", stream=False)))
    (call,) = [block for block in body["content"] if block["type"] == "tool_use"]
    assert (call["name"], body["stop_reason"]) == ("Bash", "tool_use")


async def test_the_title_of_a_thread_is_a_call_and_nothing_before_it() -> None:
    exchange = engine(one(CHAT), whole_chat(calling("set_title", "Here it is."), "tool_calls"))
    body = await json_of(await exchange.answer(recorded("title_february")))
    assert [block["type"] for block in body["content"]] == ["tool_use", "text"]
    answer = fold(DIALECTS[CLAUDE].parse_response(body))
    assert isinstance(answer.parts[0], ToolCall) and answer.parts[0].name == "set_title"


class TestDecision:
    async def test_the_headers_tell_it(self) -> None:
        exchange = engine(one(CHAT, routes={"title": "a/m"}), whole_chat(calling("set_title")))
        reply = await exchange.answer(recorded("title_february"))
        told = {name: value for name, value in reply.headers if name.startswith("x-llm-router-amp-")}
        assert told == {
            "x-llm-router-amp-detected": "yes",
            "x-llm-router-amp-mode": "smart",
            "x-llm-router-amp-agent": "title",
            "x-llm-router-amp-requested-model": "claude-haiku-4-5-20251001",
            "x-llm-router-amp-matched-by": "entity title",
            "x-llm-router-amp-matched-ref": "a/m",
        }

    async def test_the_application_is_told(self) -> None:
        reply = await engine(one(CHAT), answered(CHAT)).answer(recorded("smart_may"))
        await read(reply)
        assert header(reply, "x-llm-router-amp-application") == "CLI Execute Mode"

    async def test_others_have_no_such_headers(self) -> None:
        ask = replace(small("x", CLAUDE, streams=True), path="/v1/messages", headers={}, body=b"{}")
        reply = await engine(one(CHAT), answered(CHAT)).answer(ask)
        assert header(reply, "x-llm-router-amp-detected") is None

    async def test_headers_alone_make_it_amps(self) -> None:
        ask = replace(recorded("smart_may"), path="/v1/messages")
        reply = await engine(one(CHAT), answered(CHAT)).answer(ask)
        await read(reply)
        assert header(reply, "x-llm-router-amp-detected") == "yes"


class TestPassingOn:
    @pytest.mark.parametrize("name", ["smart_may", "deep_february", "finder_is_told_by_its_tools"])
    async def test_what_maps_to_nothing_is_for_amps_own_server(self, name: str) -> None:
        upstream = MemoryUpstream()
        reply = await engine(one(on_unknown="upstream"), upstream).answer(recorded(name))
        assert isinstance(reply, PassOn) and upstream.sent == []

    async def test_a_refusal_is_ready_in_the_clients_dialect(self) -> None:
        reply = await engine(one(on_unknown="upstream"), MemoryUpstream()).answer(recorded("smart_may"))
        assert isinstance(reply, PassOn)
        body = await json_of(reply.refusal)
        assert reply.refusal.status == 503 and body["type"] == "error" and "amp" in body["error"]["message"].lower()

    async def test_what_is_switched_off_is_refused(self) -> None:
        reply = await engine(one(on_unknown="none"), MemoryUpstream()).answer(recorded("smart_may"))
        assert type(reply) is Reply and reply.status == 404

    async def test_paths_below_a_provider_that_are_none_of_ours_are_passed_on(self) -> None:
        ask = Ask("GET", "/api/provider/cerebras/v1/tcp_warming")
        reply = await engine(one(), MemoryUpstream()).answer(ask)
        assert isinstance(reply, PassOn) and reply.refusal.status == 404

    async def test_what_came_to_the_routers_own_paths_is_not(self) -> None:
        ask = replace(recorded("smart_may"), path="/v1/messages")
        reply = await engine(one(on_unknown="upstream"), MemoryUpstream()).answer(ask)
        assert type(reply) is Reply and reply.status == 404

    async def test_nobody_passes_without_the_routers_key(self) -> None:
        settings = replace(one(on_unknown="upstream"), require_auth=True, master_key="k")
        reply = await engine(replace(settings, amp_upstream=AmpUpstream("http://x")), MemoryUpstream()).answer(
            recorded("smart_may")
        )
        assert type(reply) is Reply and reply.status == 401


class TestDemands:
    def plan(self) -> Plan:
        small_one = offered("a", CHAT, model=Model("m", context_window=100_000))
        large_one = offered("b", CHAT, model=Model("m", context_window=400_000))
        alias = Alias("both", targets=(Target("a/m"), Target("b/m")))
        found = plan(small_one, large_one, routes={"smart": "both", "title": "both"})
        return replace(found, aliases={"both": alias})

    async def test_a_mode_demands_its_window(self) -> None:
        upstream = MemoryUpstream(**{name: [Scripted(tuple(stream(CHAT)))] for name in "ab"})
        reply = await engine(self.plan(), upstream).answer(recorded("smart_february"))
        await read(reply)
        assert upstream.asked == ["b"]
        assert header(reply, "x-llm-router-context-required") == "168000"
        assert header(reply, "x-llm-router-context-hint-source") == "amp"

    async def test_a_title_does_not(self) -> None:
        upstream = whole_chat(calling("set_title"))
        reply = await engine(self.plan(), upstream).answer(recorded("title_february"))
        assert (reply.status, upstream.asked) == (200, ["a"])

    @pytest.mark.parametrize(
        ("mode", "said", "effort"), [("rush", {}, "low"), ("deep", {}, "high"), ("smart", {}, None)]
    )
    async def test_the_mode_says_how_long_to_think(self, mode: str, said: dict[str, Any], effort: str | None) -> None:
        ask = small("anthropic/v1/messages", CLAUDE, streams=True)
        ask = replace(ask, headers={**ask.headers, "x-amp-mode": mode})
        upstream = answered(CHAT)
        await read(await engine(one(CHAT, model="gpt-5.4"), upstream).answer(ask))
        assert body_of(upstream.sent[0]).get("reasoning_effort") == effort

    async def test_what_the_request_says_counts_first(self) -> None:
        upstream = answered(CHAT)
        ask = recorded("smart_may", output_config={"effort": "medium"})
        ask = replace(ask, headers={**ask.headers, "x-amp-mode": "deep"})
        await read(await engine(one(CHAT, model="gpt-5.4"), upstream).answer(ask))
        assert body_of(upstream.sent[0])["reasoning_effort"] == "medium"


async def test_the_painter_gets_its_image() -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    candidate = {"content": {"role": "model", "parts": [image]}, "finishReason": "STOP"}
    body = {"candidates": [candidate], "modelVersion": "served"}
    upstream = MemoryUpstream(a=[json_answer(json.dumps(body).encode())])
    reply = await engine(one(GEMINI), upstream).answer(recorded("painter_wants_images"))
    given = await json_of(reply)
    assert given["candidates"][0]["content"]["parts"] == [image]
    assert given["modelVersion"] == "gemini-3-pro-image-preview"
    assert body_of(upstream.sent[0])["generationConfig"]["responseModalities"] == ["TEXT", "IMAGE"]


async def test_the_list_of_models_below_a_provider() -> None:
    reply = await engine(one(), MemoryUpstream()).answer(Ask("GET", "/api/provider/anthropic/v1/models"))
    body = await json_of(reply)
    assert [each["id"] for each in body["data"]] == ["all", "a/m"] and body["data"][0]["type"] == "model"
