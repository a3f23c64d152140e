"""Specification of addons/core/listing.py through the engine: model lists and single models, as each SDK reads them."""

from dataclasses import replace
from typing import Any

import anthropic
import openai
import pytest
from google import genai

from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.plan import Model, Plan
from addons.exchange import Exchange
from harness.asks import CHAT, CLAUDE, GEMINI
from harness.engine import assert_error_in, engine, json_of, offered, planned
from harness.memory import MemoryUpstream
from harness.sdks import anthropic_client, gemini_client, openai_client

WIDE = Model("org/wide:8b", context_window=200_000)
PLAN = planned(offered("a", CHAT), offered("b", CHAT, model=WIDE))
IDS = ["all", "a/m", "b/org/wide:8b"]
HOMES = {CHAT: "/openai/v1/models", CLAUDE: "/anthropic/v1/models", GEMINI: "/v1beta/models"}
SIGNS = {CHAT: {}, CLAUDE: {"anthropic-version": "2023-06-01"}, GEMINI: {"x-goog-api-key": "k"}}


async def got(path: str, headers: dict[str, str] | None = None, status: int = 200) -> Any:
    reply = await engine(PLAN, MemoryUpstream()).answer(Ask("GET", path, "", headers or {}))
    assert reply.status == status
    return await json_of(reply)


def router(plan: Plan = PLAN) -> Exchange:
    return engine(plan, MemoryUpstream())


async def test_openais_sdk_reads_the_list_and_each_model() -> None:
    client = openai_client(router())
    listed = [model async for model in client.models.list()]
    assert [model.id for model in listed] == IDS
    assert listed[2].owned_by == "b" and listed[2].model_extra == {"context_window": 200_000}
    assert [await client.models.retrieve(each) for each in IDS] == listed


async def test_anthropics_sdk_reads_the_list_and_each_model() -> None:
    client = anthropic_client(router())
    listed = [model async for model in client.models.list(limit=1000)]
    assert [model.id for model in listed] == IDS and listed[2].max_input_tokens == 200_000
    assert [await client.models.retrieve(each) for each in IDS] == listed
    page = await client.models.list()
    assert (page.has_more, page.first_id, page.last_id) == (False, IDS[0], IDS[-1])


async def test_googles_sdk_reads_the_list_and_each_model() -> None:
    client = gemini_client(router())
    listed = [model async for model in await client.models.list()]
    assert [model.name for model in listed] == [f"models/{each}" for each in IDS]
    assert listed[2].input_token_limit == 200_000 and "generateContent" in (listed[0].supported_actions or [])
    assert [(await client.models.get(model=f"models/{each}")).name for each in IDS] == [m.name for m in listed]


async def test_every_sdk_raises_its_own_not_found() -> None:
    with pytest.raises(openai.NotFoundError):
        await openai_client(router()).models.retrieve("nobody")
    with pytest.raises(anthropic.NotFoundError):
        await anthropic_client(router()).models.retrieve("nobody")
    with pytest.raises(genai.errors.ClientError) as raised:
        await gemini_client(router()).models.get(model="nobody")
    assert (raised.value.code, raised.value.status) == (404, "NOT_FOUND")


@pytest.mark.parametrize("dialect", [CHAT, CLAUDE, GEMINI])
async def test_a_shared_path_answers_in_the_dialect_of_the_headers(dialect: DialectName) -> None:
    assert await got("/v1/models", SIGNS[dialect]) == await got(HOMES[dialect])


@pytest.mark.parametrize("dialect", [CHAT, CLAUDE, GEMINI])
@pytest.mark.parametrize("number", range(len(IDS)))
async def test_one_model_is_its_entry_of_the_list(dialect: DialectName, number: int) -> None:
    body = await got(HOMES[dialect])
    entries = body["models"] if dialect is GEMINI else body["data"]
    assert await got(f"{HOMES[dialect]}/{IDS[number]}") == entries[number]


@pytest.mark.parametrize("dialect", [CHAT, CLAUDE, GEMINI])
async def test_a_name_in_its_percent_encoded_form_is_the_same_model(dialect: DialectName) -> None:
    """SDKs encode the slash of `provider/model`."""
    assert await got(f"{HOMES[dialect]}/a%2Fm") == await got(f"{HOMES[dialect]}/a/m")


@pytest.mark.parametrize("dialect", [CHAT, CLAUDE, GEMINI])
async def test_a_bare_name_that_the_router_takes_has_an_entry_too(dialect: DialectName) -> None:
    body = await got(f"{HOMES[dialect]}/m")
    assert body["name" if dialect is GEMINI else "id"] == ("models/m" if dialect is GEMINI else "m")


@pytest.mark.parametrize("dialect", [CHAT, CLAUDE, GEMINI])
@pytest.mark.parametrize("home", [True, False])
async def test_an_unknown_model_is_404_in_the_clients_dialect(dialect: DialectName, home: bool) -> None:
    path = HOMES[dialect] if home else "/v1/models"
    body = await got(f"{path}/nobody", SIGNS[dialect], 404)
    assert_error_in(dialect, 404, body)
    assert "nobody" in body["error"]["message"]


async def test_a_listed_model_has_an_entry_even_while_nobody_can_answer_for_it() -> None:
    unkeyed = planned(replace(offered("a", CHAT), key=None, key_problem="its key is not set"))
    listed = [model async for model in openai_client(router(unkeyed)).models.list()]
    assert [await openai_client(router(unkeyed)).models.retrieve(each.id) for each in listed] == listed


async def test_an_empty_configuration_has_empty_lists() -> None:
    empty = planned()
    del empty.aliases["all"]  # type: ignore[attr-defined]
    for dialect, path in HOMES.items():
        body = await json_of(await engine(empty, MemoryUpstream()).answer(Ask("GET", path)))
        assert body["models" if dialect is GEMINI else "data"] == []


@pytest.mark.parametrize("method", ["embedContent", "batchEmbedContents", "predict"])
@pytest.mark.parametrize("prefix", ["/v1beta", "/gemini/v1beta", "/v1/publishers/google"])
async def test_a_gemini_method_that_is_not_answered_is_404_in_geminis_dialect(prefix: str, method: str) -> None:
    ask = Ask("POST", f"{prefix}/models/m:{method}", "", {"content-type": "application/json"}, b"{}")
    reply = await engine(PLAN, MemoryUpstream()).answer(ask)
    assert reply.status in (404, 405)
    assert_error_in(GEMINI, reply.status, await json_of(reply))
