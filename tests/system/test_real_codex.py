"""What only Codex does: WebSocket with a state, falling back from it, and compaction in its two forms.

Each on a provider of every dialect, the scripted conversation as in `test_real_tools`.
"""

from typing import Any

import pytest
from clients import tools
from clients.complaint import SUMMARY
from clients.providers import CHAT, CURRENT, RESPONSES, Provider, Routed, of, routed
from clients.script import ALL, THEN
from clients.tap import Tap
from clients.tools import Ran

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

PROVIDERS = of(CURRENT, RESPONSES, "gpt-5.5")
OPEN = "GET /v1/responses HTTP/1.1"
ASK = "POST /v1/responses HTTP/1.1"
# Codex compacts when more than this is in its context; a crowded provider says so after its first answer
LIMIT = "model_auto_compact_token_limit = 200000"


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    missing = [name for name in ("node", "codex") if not tools.binary(name).exists()]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run tests/clients/install")


def assert_whole(case: Routed, ran: Ran) -> None:
    assert case.script.refusals == []
    assert ran.seen == ALL, ran.output
    case.assert_reached()


def new_items(frames: list[Any]) -> list[set[str]]:
    """The kinds of the input items of every frame but the first that is generated from."""
    return [{item["type"] for item in frame["input"]} for frame in frames[2:]]


@pytest.mark.parametrize("model", ["gpt-5.5", "gpt-5.1-codex", "gpt-6-sol"])
@pytest.mark.parametrize("provider", PROVIDERS, ids=str)
async def test_a_conversation_over_websocket_sends_new_items_alone(provider: Provider, model: str) -> None:
    async with routed(provider, model) as case, Tap(case.router.port) as tap:
        ran = await tools.codex(f"{tap.url}/v1", model, websockets=True)

        assert_whole(case, ran)
        assert ran.meter == case.reported()
        case.assert_thoughts_came_back()
        # one connection for all turns, and no falling back
        assert tap.lines == [OPEN]
        warming, *asked = tap.frames
        assert warming["generate"] is False
        assert len(asked) == len(case.script.answered) == len(case.upstream.requests)
        assert all(frame["previous_response_id"] for frame in asked)
        assert all(kind.endswith("_output") for kinds in new_items(tap.frames) for kind in kinds)


@pytest.mark.parametrize("provider", PROVIDERS, ids=str)
async def test_without_websocket_it_falls_back_at_once(provider: Provider) -> None:
    async with routed(provider, "gpt-5.5", env={"LLM_ROUTER_WEBSOCKET": "off"}) as case, Tap(case.router.port) as tap:
        ran = await tools.codex(f"{tap.url}/v1", "gpt-5.5", websockets=True)

        assert_whole(case, ran)
        assert ran.meter == case.reported()
        # refused with 426 it tries once; with 404 it would try seven times
        assert tap.lines == [OPEN, *[ASK] * len(case.script.answered)]


@pytest.mark.parametrize("provider", PROVIDERS, ids=str)
async def test_a_conversation_that_was_summed_up_in_words_goes_on(provider: Provider) -> None:
    """A provider that Codex does not know as OpenAI is asked for a summary like for any other answer."""
    async with routed(provider, "gpt-5.5", crowded=True) as case:
        ran = await tools.codex(f"{case.url}/v1", "gpt-5.5", more=LIMIT)

        assert_whole(case, ran)
        assert ran.meter == case.reported()
        assert case.script.summaries == 1
        assert_goes_on_without_results(case)


@pytest.mark.parametrize("websockets", [False, True], ids=["http", "websocket"])
@pytest.mark.parametrize("provider", PROVIDERS, ids=str)
async def test_a_conversation_that_was_compacted_by_the_provider_goes_on(provider: Provider, websockets: bool) -> None:
    """OpenAI answers a `compaction_trigger` with one item; the router has other providers write a summary for it."""
    async with routed(provider, "gpt-5.5", crowded=True) as case, Tap(case.router.port) as tap:
        ran = await tools.codex(f"{tap.url}/v1", "gpt-5.5", name="OpenAI", more=LIMIT, websockets=websockets)

        assert_whole(case, ran)
        assert case.script.summaries == 1
        assert_goes_on_without_results(case)
        if websockets:
            assert tap.lines == [OPEN]
            assert [frame["input"][-1]["type"] for frame in tap.frames].count("compaction_trigger") == 1


def assert_goes_on_without_results(case: Routed) -> None:
    """What came after the summary no longer holds the results, only the summary of them."""
    said = [answer.text.startswith(SUMMARY) for answer in case.script.answered]
    after = case.upstream.requests[said.index(True) + 1].body
    assert b"exit 3" not in after
    assert any(call.arguments.count(str(THEN[0].command)) for answer in case.script.answered for call in answer.calls)


@pytest.mark.parametrize("provider", [Provider(CHAT, "glm-5")], ids=str)
async def test_models_that_are_asked_in_another_way_work_over_websocket_too(provider: Provider) -> None:
    async with routed(provider, "gpt-5.5") as case, Tap(case.router.port) as tap:
        assert_whole(case, await tools.codex(f"{tap.url}/v1", "gpt-5.5", websockets=True))
        assert tap.lines == [OPEN]
