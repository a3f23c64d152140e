"""Conversations by id with OpenAI's own SDK, through a real router, on providers that keep none."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai.types.responses import Response

from addons.core.model import DialectName
from harness.answers import Call, Said, stream, whole
from harness.process import RouterProcess
from harness.replies import Reply, json_reply, sse
from harness.upstream import FakeUpstream

CLAUDE, CHAT, RESPONSES, GEMINI = (
    DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES, DialectName.GEMINI,
)  # fmt: skip
PROVIDERS = [CLAUDE, CHAT, RESPONSES, GEMINI]
TOOLS: Any = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}, "strict": False}]

both_modes = pytest.mark.parametrize("streamed", [True, False], ids=["stream", "whole"])
every_foreign = pytest.mark.parametrize("dialect", [CLAUDE, CHAT, GEMINI])


def model(dialect: DialectName) -> str:
    return f"p-{dialect}/m"


@pytest.fixture(scope="module")
async def serving() -> AsyncIterator[tuple[FakeUpstream, RouterProcess]]:
    async with FakeUpstream() as upstream:
        providers = [
            {"id": f"p-{name}", "baseUrl": upstream.url, "apiKey": "k", "format": str(name), "models": ["m"]}
            for name in PROVIDERS
        ]
        aliases = {"both": {"targets": [model(CLAUDE), model(RESPONSES)]}}
        env = {"LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS": "1"}
        async with RouterProcess({"version": 2, "providers": providers, "modelAliases": aliases}, env=env) as router:
            yield upstream, router


@pytest.fixture
def up(serving: tuple[FakeUpstream, RouterProcess]) -> FakeUpstream:
    upstream, _ = serving
    upstream.requests.clear()
    return upstream


@pytest.fixture
async def client(serving: tuple[FakeUpstream, RouterProcess]) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{serving[1].url}/v1", api_key="any", max_retries=0) as made:
        yield made


def reply(dialect: DialectName, said: Said, streamed: bool) -> Reply:
    return sse(stream(dialect, said)) if streamed else json_reply(whole(dialect, said))


async def ask(client: openai.AsyncOpenAI, streamed: bool, **wanted: Any) -> Response:
    if not streamed:
        made = await client.responses.create(**wanted)
        assert isinstance(made, Response)
        return made
    async with client.responses.stream(**wanted) as running:
        return await running.get_final_response()


def order(received: Any, *words: str) -> list[str]:
    """The words in the order in which the body has them."""
    body = json.dumps(received.json, ensure_ascii=False)
    return sorted((word for word in words if word in body), key=body.index)


@both_modes
@every_foreign
async def test_a_second_turn_goes_on_from_the_first(
    up: FakeUpstream, client: openai.AsyncOpenAI, dialect: DialectName, streamed: bool
) -> None:
    up.script(reply(dialect, Said("Grüezi"), streamed), reply(dialect, Said("Adieu"), streamed))
    first = await ask(client, streamed, model=model(dialect), input="question one")
    second = await ask(
        client, streamed, model=model(dialect), input="question two", previous_response_id=first.id
    )  # fmt: skip
    assert (second.output_text, second.previous_response_id, second.status) == ("Adieu", first.id, "completed")
    assert first.id != second.id
    assert order(up.requests[1], "question two", "question one", "Grüezi") == [
        "question one", "Grüezi", "question two",
    ]  # fmt: skip


@both_modes
@every_foreign
async def test_a_result_follows_its_call_by_id_alone(
    up: FakeUpstream, client: openai.AsyncOpenAI, dialect: DialectName, streamed: bool
) -> None:
    call = Said(calls=(Call("look", '{"at":"sky"}'),))
    up.script(reply(dialect, call, streamed), reply(dialect, Said("It is blue"), streamed))
    first = await ask(client, streamed, model=model(dialect), input="go", tools=TOOLS)
    (called,) = [item for item in first.output if item.type == "function_call"]
    result = {"type": "function_call_output", "call_id": called.call_id, "output": "the-colour"}
    wanted = {"model": model(dialect), "input": [result], "tools": TOOLS, "previous_response_id": first.id}
    second = await ask(client, streamed, **wanted)
    assert second.output_text == "It is blue"
    assert order(up.requests[1], "the-colour", "sky") == ["sky", "the-colour"]


async def test_an_item_is_put_where_it_is_referred_to(up: FakeUpstream, client: openai.AsyncOpenAI) -> None:
    up.script(reply(CLAUDE, Said("Grüezi"), False), reply(CLAUDE, Said("Adieu"), False))
    first = await ask(client, False, model=model(CLAUDE), input="question one")
    given = [
        {"role": "user", "content": "question one"},
        {"type": "item_reference", "id": first.output[0].id},
        {"role": "user", "content": "question two"},
    ]
    await ask(client, False, model=model(CLAUDE), input=given)
    assert [(each["role"], each["content"][0]["text"]) for each in up.requests[1].json["messages"]] == [
        ("user", "question one"), ("assistant", "Grüezi"), ("user", "question two"),
    ]  # fmt: skip


@both_modes
async def test_an_unknown_id_is_the_sdks_bad_request_with_openais_code(
    up: FakeUpstream, client: openai.AsyncOpenAI, streamed: bool
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await ask(client, streamed, model=model(CLAUDE), input="more", previous_response_id="resp_nobody")
    assert (refused.value.code, refused.value.param) == ("previous_response_not_found", "previous_response_id")
    assert "resp_nobody" in refused.value.message
    assert up.requests == []


async def test_an_unknown_item_is_the_sdks_not_found(up: FakeUpstream, client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="msg_nobody"):
        await ask(client, False, model=model(CLAUDE), input=[{"type": "item_reference", "id": "msg_nobody"}])
    assert up.requests == []


async def test_what_is_not_stored_cannot_be_gone_on_with(up: FakeUpstream, client: openai.AsyncOpenAI) -> None:
    up.script(reply(CLAUDE, Said("Grüezi"), True))
    first = await ask(client, True, model=model(CLAUDE), input="one", store=False)
    with pytest.raises(openai.BadRequestError) as refused:
        await ask(client, True, model=model(CLAUDE), input="two", store=False, previous_response_id=first.id)
    assert refused.value.code == "previous_response_not_found"


@both_modes
@pytest.mark.parametrize("name", [model(RESPONSES), "both"])
async def test_a_provider_that_may_know_an_id_gets_it_as_it_is(
    up: FakeUpstream, client: openai.AsyncOpenAI, name: str, streamed: bool
) -> None:
    up.script(reply(RESPONSES, Said("Adieu"), streamed))
    last = await ask(client, streamed, model=name, input="more", previous_response_id="resp_of_openai")
    assert last.output_text == "Adieu"
    (received,) = up.requests
    assert (received.json["previous_response_id"], received.json["input"]) == ("resp_of_openai", "more")


async def test_a_conversation_moves_to_another_provider(up: FakeUpstream, client: openai.AsyncOpenAI) -> None:
    up.script(reply(CLAUDE, Said("Grüezi", "let me see"), True), reply(RESPONSES, Said("Adieu"), True))
    first = await ask(client, True, model=model(CLAUDE), input="question one")
    await ask(client, True, model=model(RESPONSES), input="question two", previous_response_id=first.id)
    sent = up.requests[1].json
    assert "previous_response_id" not in sent
    assert [item.get("role") for item in sent["input"]] == ["user", "assistant", "user"]


async def over_a_socket(connection: Any, **wanted: Any) -> Response:
    await connection.response.create(**wanted)
    async for event in connection:
        assert event.type not in ("error", "response.failed"), event
        if event.type == "response.completed":
            assert isinstance(event.response, Response)
            return event.response
    raise AssertionError("the connection ended")


async def test_a_conversation_moves_from_http_to_websocket_and_back(
    up: FakeUpstream, client: openai.AsyncOpenAI
) -> None:
    up.script(*(reply(CLAUDE, Said(text), streamed) for text, streamed in (("A1", False), ("A2", True), ("A3", False))))
    first = await ask(client, False, model=model(CLAUDE), input="Q1")
    async with client.responses.connect() as connection:
        second = await over_a_socket(connection, model=model(CLAUDE), input="Q2", previous_response_id=first.id)
    await ask(client, False, model=model(CLAUDE), input="Q3", previous_response_id=second.id)
    assert second.previous_response_id == first.id
    assert order(up.requests[2], "A2", "Q3", "Q2", "A1", "Q1") == ["Q1", "A1", "Q2", "A2", "Q3"]


@every_foreign
async def test_the_sdks_socket_calls_tools_turn_by_turn_without_storing(
    up: FakeUpstream, client: openai.AsyncOpenAI, dialect: DialectName
) -> None:
    """With `store: false` the connection alone remembers."""
    call = Said(calls=(Call("look", '{"at":"sky"}'),))
    up.script(reply(dialect, call, True), reply(dialect, Said("It is blue"), True))
    wanted = {"model": model(dialect), "tools": TOOLS, "store": False}
    async with client.responses.connect() as connection:
        first = await over_a_socket(connection, input="go", **wanted)
        (called,) = [item for item in first.output if item.type == "function_call"]
        result = {"type": "function_call_output", "call_id": called.call_id, "output": "the-colour"}
        second = await over_a_socket(connection, input=[result], previous_response_id=first.id, **wanted)
    assert second.output_text == "It is blue"
    assert order(up.requests[1], "the-colour", "sky") == ["sky", "the-colour"]
    with pytest.raises(openai.BadRequestError):
        await ask(client, False, model=model(dialect), input="more", previous_response_id=second.id)


@both_modes
async def test_a_responses_provider_that_may_keep_nothing_is_told_everything(
    up: FakeUpstream, client: openai.AsyncOpenAI, streamed: bool
) -> None:
    up.script(reply(RESPONSES, Said("Grüezi", turn=1), streamed), reply(RESPONSES, Said("Adieu", turn=2), streamed))
    first = await ask(client, streamed, model=model(RESPONSES), input="question one")
    second = await ask(
        client, streamed, model=model(RESPONSES), input="question two", previous_response_id=first.id
    )  # fmt: skip
    assert (first.id, second.id, second.output_text) == ("resp_0001", "resp_0002", "Adieu")
    assert "previous_response_id" not in up.requests[1].json
    assert order(up.requests[1], "question two", "question one", "Grüezi") == [
        "question one", "Grüezi", "question two",
    ]  # fmt: skip


async def test_a_conversation_of_a_responses_provider_moves_away_and_over_a_socket(
    up: FakeUpstream, client: openai.AsyncOpenAI
) -> None:
    up.script(
        reply(RESPONSES, Said("A1", turn=1), False),
        reply(CLAUDE, Said("A2"), True),
        reply(RESPONSES, Said("A3", turn=3), True),
    )
    first = await ask(client, False, model=model(RESPONSES), input="Q1")
    async with client.responses.connect() as connection:
        second = await over_a_socket(connection, model=model(CLAUDE), input="Q2", previous_response_id=first.id)
        await over_a_socket(connection, model=model(RESPONSES), input="Q3", previous_response_id=second.id)
    assert order(up.requests[1], "A1", "Q2", "Q1") == ["Q1", "A1", "Q2"]
    assert order(up.requests[2], "A2", "Q3", "Q2", "A1", "Q1") == ["Q1", "A1", "Q2", "A2", "Q3"]
