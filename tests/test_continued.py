"""Specification of addons/continued.py through the engine, where client and provider both speak Responses: who is told
an id, and who the whole conversation."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from addons.core.http import Ask, Reply
from addons.core.model import DialectName
from addons.core.plan import Alias, Credential, Memory, Plan, RetryPolicy, Target
from addons.exchange import Exchange
from harness import answers
from harness.answers import Call, Said
from harness.engine import read, refusal
from harness.memory import REFUSED, MemoryUpstream, Scripted, json_answer, provider

RESPONSES, CLAUDE = DialectName.RESPONSES, DialectName.ANTHROPIC
TOOLS = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]
GONE = "Previous response with id 'resp_1' not found."

type Json = dict[str, Any]


def planned(**memories: Memory) -> Plan:
    """Responses providers that keep conversations, or not."""
    made = tuple(replace(provider(name, RESPONSES), memory=memory) for name, memory in memories.items())
    alias = Alias("all", targets=tuple(Target(f"{name}/m") for name in memories))
    return Plan(made, {"all": alias}, retry=RetryPolicy(attempts=1), debug=True)


class Client:
    def __init__(self, plan: Plan, **scripts: list[Any]) -> None:
        numbers: Iterator[int] = count(1)
        self.upstream = MemoryUpstream(**scripts)
        self.engine = Exchange(plan, self.upstream, new_id=lambda: f"req_r{next(numbers)}", now=lambda: 0.0)

    async def reply(self, given: object, **more: object) -> Reply:
        data = json.dumps({"model": "all", "input": given, **more}).encode()
        return await self.engine.answer(Ask("POST", "/v1/responses", "", {"content-type": "application/json"}, data))

    async def post(self, given: object = "hi", **more: object) -> Json:
        """The response, or the error."""
        reply = await self.reply(given, **more)
        body = json.loads((await read(reply)).split(b"\ndata: ")[-1])
        found = body.get("response", body) if reply.status == 200 else {"status": reply.status, **body["error"]}
        assert isinstance(found, dict)
        return found

    @property
    def sent(self) -> list[Json]:
        return [json.loads(request.body) for request in self.upstream.sent]


def says(text: str, name: str, *output: Json, stream: bool = False, thinks: Json | None = None) -> Scripted:
    """An answer of a Responses provider, under its own id `name`."""
    message = {
        "type": "message", "id": f"msg_{name}", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    }  # fmt: skip
    body = answers.whole(RESPONSES, Said(text))
    items = [*([] if thinks is None else [thinks]), *output, message]
    body = {**body, "id": name, "output": items}
    if not stream:
        return json_answer(json.dumps(body).encode())
    events = [{"type": "response.created", "response": {**body, "status": "in_progress", "output": []}}]
    events += [{"type": "response.output_item.done", "output_index": n, "item": item} for n, item in enumerate(items)]
    events += [{"type": "response.completed", "response": body}]
    return Scripted(tuple(answers.event(each, str(each["type"])) for each in events))


def spelt(body: Json) -> list[str]:
    """What a provider is told of the conversation, shortly."""
    given = body["input"]
    if isinstance(given, str):
        return [given]
    return [_short(item) for item in given]


def _short(item: Json) -> str:
    content = item.get("content")
    if isinstance(content, list) and content:
        return str(content[0]["text"])
    return str(content or item.get("type"))


streamed = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


@streamed
@pytest.mark.parametrize("memory", ["none", "unsure"])
async def test_a_provider_without_a_memory_is_told_the_whole_conversation(memory: Memory, stream: bool) -> None:
    client = Client(planned(a=memory), a=[says("Hello", "resp_1", stream=stream), says("Again", "resp_2")])
    first = await client.post("hi", stream=stream)
    assert first["id"] == "resp_1"
    await client.post("more", previous_response_id="resp_1")
    assert spelt(client.sent[1]) == ["hi", "Hello", "more"]
    assert "previous_response_id" not in client.sent[1]


async def test_it_may_be_told_its_own_items_as_they_were() -> None:
    """An inference server that looks nothing up, and wants what it has written."""
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]}
    client = Client(planned(a="unsure"), a=[says("Hello", "resp_1", thinks=thought), says("Again", "resp_2")])
    await client.post("hi")
    await client.post("more", previous_response_id="resp_1")
    _, reasoning, message, _ = client.sent[1]["input"]
    assert reasoning == thought
    assert message["id"] == "msg_resp_1"


async def test_a_provider_that_keeps_the_conversation_gets_the_clients_own_body() -> None:
    client = Client(planned(a="keeps"), a=[says("Hello", "resp_1"), says("Again", "resp_2")])
    await client.post("hi")
    await client.post("more", previous_response_id="resp_1")
    assert client.sent[1] == {"model": "m", "input": "more", "previous_response_id": "resp_1"}


async def test_a_reference_to_an_item_goes_as_it_is_to_who_keeps_it() -> None:
    client = Client(planned(a="keeps", b="none"), a=[says("Hello", "resp_1"), REFUSED], b=[says("Again", "resp_2")])
    await client.post("hi")
    mark = {"type": "item_reference", "id": "msg_resp_1"}
    await client.post([mark, {"role": "user", "content": "more"}])
    assert client.upstream.asked == ["a", "a", "b"]
    assert client.sent[1]["input"][0] == mark
    assert spelt(client.sent[2]) == ["Hello", "more"]


@pytest.mark.parametrize("memory", ["keeps", "unsure", "none"])
async def test_an_id_is_never_sent_to_another_provider(memory: Memory) -> None:
    client = Client(planned(a="keeps", b=memory), a=[says("Hello", "resp_1"), REFUSED], b=[says("Again", "resp_2")])
    await client.post("hi")
    second = await client.post("more", previous_response_id="resp_1")
    assert client.upstream.asked == ["a", "a", "b"]
    assert second["id"] == "resp_2"
    assert spelt(client.sent[2]) == ["hi", "Hello", "more"]
    assert "previous_response_id" not in client.sent[2]


async def test_the_first_provider_is_told_what_the_second_has_answered() -> None:
    client = Client(
        planned(a="keeps", b="keeps"),
        a=[says("Hello", "resp_1"), REFUSED, says("Third", "resp_3")],
        b=[says("Again", "resp_2")],
    )
    await client.post("hi")
    await client.post("more", previous_response_id="resp_1")
    await client.post("and more", previous_response_id="resp_2")
    assert spelt(client.sent[3]) == ["hi", "Hello", "more", "Again", "and more"]


async def test_reasoning_of_another_provider_stays_behind_and_is_told_as_lost() -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
    client = Client(
        planned(a="keeps", b="keeps"),
        a=[says("Hello", "resp_1", thinks=thought), REFUSED],
        b=[says("Again", "resp_2")],
    )
    await client.post("hi")
    reply = await client.reply("more", previous_response_id="resp_1")
    assert spelt(client.sent[2]) == ["hi", "Hello", "more"]
    assert "input: reasoning of another provider" in dict(reply.headers)["x-llm-router-losses"]


async def test_who_looks_ids_up_is_told_none_of_another() -> None:
    """OpenAI refuses ids that are not of its form, and finds items of the same name."""
    call = {"type": "function_call", "id": "call-1", "call_id": "c1", "name": "look", "arguments": "{}"}
    client = Client(
        planned(a="none", b="keeps"), a=[says("Hello", "resp_1", call), REFUSED], b=[says("Again", "resp_2")]
    )
    await client.post("hi", tools=TOOLS)
    result = {"type": "function_call_output", "call_id": "c1", "output": "blue"}
    await client.post([result], tools=TOOLS, previous_response_id="resp_1")
    _, called, message, answered = client.sent[2]["input"]
    assert (called["call_id"], answered["call_id"]) == ("c1", "c1")
    assert "id" not in called and "id" not in message


REFUSALS = [
    (400, GONE),
    (404, "Response with id 'resp_1' not found."),
    (400, "Unsupported parameter: 'previous_response_id'"),
    (404, "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
    (501, "stateful responses are not implemented"),
]


@pytest.mark.parametrize(("status", "message"), REFUSALS, ids=[message[:30] for _, message in REFUSALS])
async def test_a_provider_that_has_forgotten_is_asked_once_more_with_everything(status: int, message: str) -> None:
    client = Client(
        planned(a="keeps"), a=[says("Hello", "resp_1"), refusal(RESPONSES, status, message), says("Again", "resp_2")]
    )
    await client.post("hi")
    second = await client.post("more", previous_response_id="resp_1")
    assert second["id"] == "resp_2"
    assert spelt(client.sent[2]) == ["hi", "Hello", "more"]
    assert "previous_response_id" not in client.sent[2]


async def test_it_is_remembered_that_it_forgets() -> None:
    client = Client(
        planned(a="keeps"),
        a=[says("Hello", "resp_1"), refusal(RESPONSES, 400, GONE), says("Again", "resp_2"), says("End", "resp_3")],
    )
    await client.post("hi")
    await client.post("more", previous_response_id="resp_1")
    await client.post("end", previous_response_id="resp_2")
    assert len(client.sent) == 4
    assert spelt(client.sent[3]) == ["hi", "Hello", "more", "Again", "end"]


async def test_reasoning_that_only_its_forgetful_provider_knew_stays_behind() -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    client = Client(
        planned(a="keeps"),
        a=[says("Hello", "resp_1", thinks=thought), refusal(RESPONSES, 400, GONE), says("Again", "resp_2")],
    )
    await client.post("hi")
    reply = await client.reply("more", previous_response_id="resp_1")
    assert spelt(client.sent[2]) == ["hi", "Hello", "more"]
    assert "input: reasoning that its provider knows by id alone" in dict(reply.headers)["x-llm-router-losses"]


async def test_what_was_never_seen_is_not_dropped_for_a_refusal() -> None:
    """Without it the model would answer another question."""
    client = Client(planned(a="keeps"), a=[refusal(RESPONSES, 400, "Unsupported parameter: 'previous_response_id'")])
    error = await client.post("more", previous_response_id="resp_x")
    assert error["status"] == 400
    assert len(client.sent) == 1


async def test_an_unknown_id_is_not_for_who_keeps_nothing() -> None:
    """It would answer without the conversation."""
    client = Client(planned(a="none", b="unsure"), a=[], b=[says("Hello", "resp_2")])
    reply = await client.reply("more", previous_response_id="resp_x")
    assert client.upstream.asked == ["b"]
    assert dict(reply.headers)["x-llm-router-skipped-candidates"].startswith("a/m: ")


async def test_an_unknown_id_where_nobody_keeps_anything_is_refused() -> None:
    client = Client(planned(a="none"), a=[])
    error = await client.post("more", previous_response_id="resp_x")
    assert (error["status"], error["code"]) == (400, "previous_response_not_found")


@pytest.mark.parametrize("given", [{"previous_response_id": "resp_x"}, {"conversation": "c"}, {"prompt": {"id": "p"}}])
async def test_a_conversation_whose_beginning_is_not_known_is_not_kept(given: Json) -> None:
    client = Client(planned(a="keeps", b="none"), a=[says("Hello", "resp_1"), REFUSED], b=[says("Again", "resp_2")])
    await client.post("hi", **given)
    error = await client.post("more", previous_response_id="resp_1")
    assert client.upstream.asked == ["a", "a"]
    assert error["status"] >= 400


async def test_what_is_not_to_be_stored_is_not() -> None:
    client = Client(planned(a="none"), a=[says("Hello", "resp_1")])
    await client.post("hi", store=False)
    assert (await client.post("more", previous_response_id="resp_1"))["code"] == "previous_response_not_found"


async def test_a_stream_whose_last_event_has_no_output_is_known_by_its_items() -> None:
    """Groq, and Codex's backend."""
    whole = says("Hello", "resp_1", stream=True)
    last = whole.body[-1]
    assert isinstance(last, bytes)
    ended = json.loads(last.split(b"data: ")[1])
    ended["response"]["output"] = []
    bare = Scripted((*whole.body[:-1], b"data: " + json.dumps(ended).encode() + b"\r\n\r\n"))
    client = Client(planned(a="none"), a=[bare, says("Again", "resp_2")])
    await client.post("hi", stream=True)
    await client.post("more", previous_response_id="resp_1")
    assert spelt(client.sent[1]) == ["hi", "Hello", "more"]


async def test_an_id_that_the_router_gave_is_told_to_nobody() -> None:
    """The provider was asked for a stream and gave none: the client has read an answer of the router's making."""
    client = Client(planned(a="keeps"), a=[says("Hello", "resp_own"), says("Again", "resp_2")])
    first = await client.post("hi", stream=True)
    assert first["id"] == "resp_r1"
    await client.post("more", previous_response_id="resp_r1")
    assert spelt(client.sent[1]) == ["hi", "Hello", "more"]


async def test_a_model_can_differ_from_its_provider() -> None:
    (made,) = planned(a="keeps").providers
    plan = replace(planned(a="keeps"), providers=(replace(made, models=(replace(made.models[0], memory="none"),)),))
    client = Client(plan, a=[says("Hello", "resp_1"), says("Again", "resp_2")])
    await client.post("hi")
    await client.post("more", previous_response_id="resp_1")
    assert spelt(client.sent[1]) == ["hi", "Hello", "more"]


async def test_another_key_that_does_not_know_the_response_is_told_everything() -> None:
    (made,) = planned(a="keeps").providers
    keys = (Credential("1", "one"), Credential("2", "two"))
    plan = replace(planned(a="keeps"), providers=(replace(made, keys=keys),))
    client = Client(plan, a=[says("Hello", "resp_1"), refusal(RESPONSES, 400, GONE), says("Again", "resp_2")])
    await client.post("hi")
    assert (await client.post("more", previous_response_id="resp_1"))["id"] == "resp_2"
    assert spelt(client.sent[2]) == ["hi", "Hello", "more"]


async def test_the_result_of_a_call_finds_its_call() -> None:
    called = answers.whole(RESPONSES, Said(calls=(Call("look", '{"at":"it"}', "c1"),)))
    client = Client(planned(a="none"), a=[json_answer(json.dumps(called).encode()), says("Seen", "resp_2")])
    first = await client.post("go", tools=TOOLS)
    result = {"type": "function_call_output", "call_id": "c1", "output": "blue"}
    await client.post([result], tools=TOOLS, previous_response_id=first["id"])
    assert [item.get("call_id") for item in client.sent[1]["input"]] == [None, "c1", "c1"]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Unsupported parameter: 'temperature'"),
        (404, "The model 'm' does not exist"),
        (500, GONE),
        (429, GONE),
    ],
)
async def test_a_refusal_for_something_else_has_nothing_spelt_out(status: int, message: str) -> None:
    client = Client(planned(a="keeps"), a=[says("Hello", "resp_1"), refusal(RESPONSES, status, message)])
    await client.post("hi")
    await client.post("more", previous_response_id="resp_1")
    assert all(body.get("previous_response_id") == "resp_1" for body in client.sent[1:])
