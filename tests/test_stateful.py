"""Specification of addons/stateful.py, through the engine: the conversations that a Responses client does not send."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from addons.core.http import Ask, Reply
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.exchange import Exchange
from harness import answers
from harness.answers import Call, Said
from harness.asks import begun
from harness.memory import REFUSED, RESET, MemoryUpstream, Scripted, json_answer, plan

CLAUDE, CHAT, RESPONSES, GEMINI = (
    DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES, DialectName.GEMINI,
)  # fmt: skip
FOREIGN = [CLAUDE, CHAT, GEMINI]
TOOLS = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]

type Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Client:
    """Posts to an engine whose requests are called req_1, req_2, …"""

    def __init__(self, a_plan: Plan, upstream: MemoryUpstream, now: Callable[[], float] = lambda: 0.0) -> None:
        numbers: Iterator[int] = count(1)
        self.engine = Exchange(a_plan, upstream, now=now, new_id=lambda: f"req_{next(numbers)}")
        self.upstream = upstream

    async def reply(self, given: object = "hi", **more: object) -> Reply:
        data = json.dumps({"model": "all", "input": given, **more}).encode()
        return await self.engine.answer(Ask("POST", "/v1/responses", "", {"content-type": "application/json"}, data))

    async def post(self, given: object = "hi", **more: object) -> Json:
        """The response object, or the error."""
        reply = await self.reply(given, **more)
        events = (await read(reply)).split(b"\ndata: ")
        body = json.loads(events[-1])
        found = body.get("response", body) if reply.status == 200 else {"status": reply.status, **body["error"]}
        assert isinstance(found, dict)
        return found

    @property
    def sent(self) -> list[Json]:
        return [json.loads(request.body) for request in self.upstream.sent]


async def read(reply: Reply) -> bytes:
    if isinstance(reply.body, bytes):
        return reply.body
    return b"".join([data async for data in reply.body])


def says(dialect: DialectName, *what: Said, stream: bool = True) -> list[Scripted]:
    if stream:
        return [Scripted(tuple(answers.stream(dialect, said))) for said in what]
    return [json_answer(json.dumps(answers.whole(dialect, said)).encode()) for said in what]


def talk(dialect: DialectName = CLAUDE, *, stream: bool = True, now: Callable[[], float] = lambda: 0.0) -> Client:
    """A client of a provider that says "Hello", then "Again"."""
    upstream = MemoryUpstream(a=list(says(dialect, Said("Hello"), Said("Again"), stream=stream)))
    return Client(plan(a=dialect), upstream, now)


def texts(body: Json) -> list[tuple[str, str]]:
    """The messages of a Claude body."""
    return [(message["role"], message["content"][0]["text"]) for message in body["messages"]]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("dialect", FOREIGN)
async def test_a_conversation_goes_on_from_an_id(dialect: DialectName, stream: bool) -> None:
    client = talk(dialect, stream=stream)
    first = await client.post("hi", stream=stream)
    second = await client.post("more", previous_response_id=first["id"], stream=stream)
    assert second["output"][0]["content"][0]["text"] == "Again"
    asked = json.dumps(client.sent[1])
    assert [asked.index(word) for word in ("hi", "Hello", "more")] == sorted(map(asked.index, ("hi", "Hello", "more")))
    assert "previous_response_id" not in asked


async def test_a_stream_that_its_provider_did_not_stream_is_kept_too() -> None:
    upstream = MemoryUpstream(a=says(CLAUDE, Said("Hello"), Said("Again"), stream=False))
    client = Client(plan(a=CLAUDE), upstream)
    first = await client.post("hi", stream=True)
    await client.post("more", previous_response_id=first["id"])
    assert texts(client.sent[1]) == [("user", "hi"), ("assistant", "Hello"), ("user", "more")]


async def test_the_conversation_grows_turn_by_turn() -> None:
    client = talk()
    name = None
    for text in ("one", "two", "three"):
        name = (await client.post(text, previous_response_id=name))["id"]
    assert [text for _, text in texts(client.sent[2])] == ["one", "Hello", "two", "Again", "three"]


async def test_a_conversation_can_branch() -> None:
    client = talk()
    root = await client.post("hi")
    await client.post("left", previous_response_id=root["id"])
    await client.post("right", previous_response_id=root["id"])
    assert [text for _, text in texts(client.sent[2])] == ["hi", "Hello", "right"]


async def test_instructions_are_not_carried_over() -> None:
    """OpenAI: so that they are easily swapped."""
    client = talk()
    first = await client.post("hi", instructions="Rhyme.")
    await client.post("more", previous_response_id=first["id"])
    assert "Rhyme." in json.dumps(client.sent[0])
    assert "Rhyme." not in json.dumps(client.sent[1])


async def test_the_result_of_a_call_finds_its_call() -> None:
    upstream = MemoryUpstream(a=says(CLAUDE, Said(calls=(Call("look", '{"at":"it"}', "toolu_1"),)), Said("Seen")))
    client = Client(plan(a=CLAUDE), upstream)
    first = await client.post("go", tools=TOOLS)
    result = {"type": "function_call_output", "call_id": first["output"][0]["call_id"], "output": "blue"}
    await client.post([result], tools=TOOLS, previous_response_id=first["id"])
    _, call, answer = client.sent[1]["messages"]
    assert (call["content"][0]["name"], call["content"][0]["input"]) == ("look", {"at": "it"})
    assert answer["content"][0]["tool_use_id"] == call["content"][0]["id"] == "toolu_1"


async def test_thinking_goes_back_with_its_signature() -> None:
    upstream = MemoryUpstream(a=says(CLAUDE, Said("Hello", "hm", signature="c2ln"), Said("Again")))
    client = Client(plan(a=CLAUDE), upstream)
    first = await client.post("hi", reasoning={"effort": "high"})
    await client.post("more", previous_response_id=first["id"], reasoning={"effort": "high"})
    assert client.sent[1]["messages"][1]["content"][0] == {"type": "thinking", "thinking": "hm", "signature": "c2ln"}


async def test_a_reference_becomes_the_item() -> None:
    client = talk()
    (message,) = (await client.post("hi"))["output"]
    mark = {"type": "item_reference", "id": message["id"]}
    await client.post([{"role": "user", "content": "hi"}, mark, {"role": "user", "content": "more"}])
    assert texts(client.sent[1]) == [("user", "hi"), ("assistant", "Hello"), ("user", "more")]


async def test_the_answer_says_what_it_went_on_from() -> None:
    client = talk()
    first = await client.post("hi")
    second = await client.post("more", previous_response_id=first["id"])
    assert (first["previous_response_id"], second["previous_response_id"]) == (None, first["id"])


async def test_the_router_names_the_answers_for_providers_repeat_themselves() -> None:
    """Ollama draws from a thousand ids."""
    client = talk()
    names = {(await client.post("hi"))["id"] for _ in range(3)}
    assert names == {"resp_1", "resp_2", "resp_3"}


async def test_an_answer_has_the_time_at_which_it_was_asked_for() -> None:
    """Anthropic says no time."""
    assert (await talk().post("hi"))["created_at"] > 1_700_000_000


@pytest.mark.parametrize("dialect", FOREIGN)
async def test_an_unknown_id_is_refused_by_its_name_and_nobody_is_asked(dialect: DialectName) -> None:
    client = talk(dialect)
    error = await client.post("more", previous_response_id="resp_x")
    assert (error["status"], error["code"]) == (400, "previous_response_not_found")
    assert (error["param"], error["message"]) == (
        "previous_response_id", "Previous response with id 'resp_x' not found.",
    )  # fmt: skip
    assert client.sent == []


async def test_an_unknown_item_is_refused_by_its_name_and_nobody_is_asked() -> None:
    client = talk()
    error = await client.post([{"type": "item_reference", "id": "msg_x"}])
    assert (error["status"], error["param"], error["message"]) == (404, "input", "Item with id 'msg_x' not found.")
    assert client.sent == []


@pytest.mark.parametrize("nothing", [None, ""])
async def test_no_id_at_all_is_no_unknown_one(nothing: str | None) -> None:
    assert (await talk().post("hi", previous_response_id=nothing))["status"] == "completed"


async def test_what_is_not_to_be_stored_is_not() -> None:
    client = talk()
    first = await client.post("hi", store=False)
    error = await client.post("more", previous_response_id=first["id"])
    assert error["code"] == "previous_response_not_found"


async def test_a_stored_conversation_may_go_on_without_being_stored() -> None:
    client = talk()
    first = await client.post("hi")
    await client.post("more", previous_response_id=first["id"], store=False)
    assert [text for _, text in texts(client.sent[1])] == ["hi", "Hello", "more"]


async def test_an_answer_that_was_cut_short_can_be_gone_on_with() -> None:
    upstream = MemoryUpstream(a=says(CLAUDE, Said("Hel", stop="max_tokens"), Said("lo")))
    client = Client(plan(a=CLAUDE), upstream)
    first = await client.post("hi")
    assert first["status"] == "incomplete"
    await client.post("go on", previous_response_id=first["id"])
    assert [text for _, text in texts(client.sent[1])] == ["hi", "Hel", "go on"]


async def test_an_answer_that_broke_off_cannot() -> None:
    broken = Scripted((*begun(CLAUDE), RESET))
    client = Client(plan(a=CLAUDE), MemoryUpstream(a=[broken, *says(CLAUDE, Said("Again"))]))
    first = await client.post("hi", stream=True)
    assert first["status"] == "failed"
    error = await client.post("more", previous_response_id=first["id"])
    assert error["code"] == "previous_response_not_found"


async def test_it_is_kept_before_the_client_sees_the_end() -> None:
    """The next request may come while the connection of this one is still open."""
    events = answers.stream(CLAUDE, Said("Hello"))
    never = Scripted((*events, asyncio.Event()))
    client = Client(plan(a=CLAUDE), MemoryUpstream(a=[never, *says(CLAUDE, Said("Again"))]))
    reply = await client.reply("hi", stream=True)
    assert not isinstance(reply.body, bytes)
    async for data in reply.body:
        if b"response.completed" in data:
            break
    second = await client.post("more", previous_response_id="resp_1")
    assert second["status"] == "completed"


async def test_closing_the_answer_closes_its_provider() -> None:
    """Promise 8."""
    script = says(CLAUDE, Said("Hello"))
    reply = await Client(plan(a=CLAUDE), MemoryUpstream(a=list(script))).reply("hi", stream=True)
    await reply.body.aclose()  # type: ignore[union-attr]
    assert script[0].closed


async def test_a_model_that_speaks_of_events_ends_nothing() -> None:
    told = 'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_x","output":[]}}\n\n'
    client = Client(plan(a=CLAUDE), MemoryUpstream(a=says(CLAUDE, Said(told), Said("Again"))))
    first = await client.post("hi", stream=True)
    assert first["output"][0]["content"][0]["text"] == told
    assert (await client.post("more", previous_response_id="resp_x"))["status"] == 400


async def test_what_is_too_old_is_unknown() -> None:
    clock = Clock()
    client = talk(now=clock)
    client.engine.plan = replace(client.engine.plan, responses_age=60.0)
    first = await client.post("hi")
    clock.now = 61.0
    assert (await client.post("more", previous_response_id=first["id"]))["code"] == "previous_response_not_found"


async def test_what_has_no_room_is_unknown() -> None:
    client = talk()
    client.engine.plan = replace(client.engine.plan, responses_bytes=2000)
    first = await client.post("x" * 4000)
    assert (await client.post("more", previous_response_id=first["id"]))["code"] == "previous_response_not_found"


async def test_an_id_of_the_same_dialect_is_passed_on_byte_for_byte() -> None:
    client = Client(plan(a=RESPONSES), MemoryUpstream(a=says(RESPONSES, Said("Hello"))))
    await client.post("more", previous_response_id="resp_openai", stream=True)
    assert client.sent == [
        {"model": "m", "input": "more", "previous_response_id": "resp_openai", "stream": True}
    ]  # fmt: skip


async def test_with_an_id_that_only_one_can_know_no_other_is_asked() -> None:
    """A fallback would answer a conversation that it has not seen."""
    client = Client(plan(a=CLAUDE, b=RESPONSES), MemoryUpstream(b=says(RESPONSES, Said("Hello"))))
    reply = await client.reply("more", previous_response_id="resp_openai", stream=True)
    assert client.upstream.asked == ["b"]
    assert dict(reply.headers)["x-llm-router-skipped-candidates"].startswith("a/m: ")


async def test_what_a_fallback_answered_can_be_gone_on_with_by_the_origin() -> None:
    """It has never heard of the answer: it is told the whole conversation."""
    upstream = MemoryUpstream(
        a=[REFUSED, *says(RESPONSES, Said("Again"))], b=says(CLAUDE, Said("Hello", "hm", signature="c2ln"))
    )
    client = Client(plan(a=RESPONSES, b=CLAUDE), upstream)
    first = await client.post("hi", stream=True)
    await client.post("more", previous_response_id=first["id"], stream=True)
    assert client.upstream.asked == ["a", "b", "a"]
    sent = client.sent[2]
    assert "previous_response_id" not in sent
    # without the thinking of another provider, which OpenAI would refuse
    assert [item.get("role") for item in sent["input"]] == ["user", "assistant", "user"]


async def test_a_summary_takes_the_place_of_the_conversation() -> None:
    upstream = MemoryUpstream(a=says(CLAUDE, Said("Hello"), Said("The state."), Said("Again")))
    client = Client(plan(a=CLAUDE), upstream)
    first = await client.post("hi")
    second = await client.post([{"type": "compaction_trigger"}], previous_response_id=first["id"])
    await client.post("more", previous_response_id=second["id"])
    asked = json.dumps(client.sent[2])
    assert "The state." in asked and "Hello" not in asked
