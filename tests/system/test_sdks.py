"""The vendors' own SDKs as clients of a real router, on a provider of each dialect."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anthropic
import openai
import pytest

from addons.core.model import DialectName
from harness.answers import Call, Said, stream, whole
from harness.process import RouterProcess
from harness.replies import End, Reply, json_reply, raw_reply, sse
from harness.upstream import FakeUpstream

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
# Gemini is in the matrix of capabilities, with all others
DIALECTS = [CLAUDE, CHAT, RESPONSES]
# what one test breaks must not rest in the next
FORGETFUL = {"LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS": "1", "LLM_ROUTER_FALLBACK_CIRCUIT_FAILURES": "0"}
TOOL_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ARGUMENTS = '{"city": "Zürich"}'


@dataclass
class Heard:
    """What a client's SDK makes of an answer."""

    text: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    finish: str | None = None
    tokens: tuple[int, int, int] = (0, 0, 0)  # input in all, of it cached, output


@pytest.fixture(scope="module")
async def up() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
async def router(up: FakeUpstream) -> AsyncIterator[RouterProcess]:
    providers = [
        {"id": f"p-{name}", "baseUrl": up.url, "apiKey": "k", "format": str(name), "models": ["m"]} for name in DIALECTS
    ]
    async with RouterProcess({"version": 2, "providers": providers}, env=FORGETFUL) as it:
        yield it


def claude(router: RouterProcess) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=f"{router.url}/anthropic", api_key="any", max_retries=0)


def gpt(router: RouterProcess) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{router.url}/openai/v1", api_key="any", max_retries=0)


async def ask_claude(router: RouterProcess, model: str, streamed: bool) -> Heard:
    tools: Any = [{"name": "weather", "input_schema": TOOL_SCHEMA}]
    wanted: Any = {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "?"}], "tools": tools}
    client = claude(router)
    if streamed:
        async with client.messages.stream(**wanted) as running:
            message = await running.get_final_message()
    else:
        message = await client.messages.create(**wanted)
    usage = message.usage
    read, write = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Heard(
        "".join(block.text for block in message.content if block.type == "text"),
        [(block.name, str(block.input)) for block in message.content if block.type == "tool_use"],
        message.stop_reason,
        (usage.input_tokens + read + write, read, usage.output_tokens),
    )


async def ask_chat(router: RouterProcess, model: str, streamed: bool) -> Heard:
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": TOOL_SCHEMA}}]
    wanted: Any = {"model": model, "messages": [{"role": "user", "content": "?"}], "tools": tools}
    client = gpt(router)
    if streamed:
        async with client.chat.completions.stream(**wanted, stream_options={"include_usage": True}) as running:
            completion = await running.get_final_completion()
    else:
        completion = await client.chat.completions.create(**wanted)
    (choice,), usage = completion.choices, completion.usage
    assert usage is not None
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
    return Heard(
        choice.message.content or "",
        [(call.function.name, str(json.loads(call.function.arguments))) for call in choice.message.tool_calls or ()],
        choice.finish_reason,
        (usage.prompt_tokens, cached or 0, usage.completion_tokens),
    )


async def ask_responses(router: RouterProcess, model: str, streamed: bool) -> Heard:
    tools: Any = [{"type": "function", "name": "weather", "parameters": TOOL_SCHEMA, "strict": False}]
    client = gpt(router)
    if streamed:
        async with client.responses.stream(model=model, input="?", tools=tools) as running:
            response: Any = await running.get_final_response()
    else:
        response = await client.responses.create(model=model, input="?", tools=tools)
    usage = response.usage
    return Heard(
        response.output_text,
        [(item.name, str(json.loads(item.arguments))) for item in response.output if item.type == "function_call"],
        response.status,
        (usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens),
    )


type Asker = Callable[[RouterProcess, str, bool], Awaitable[Heard]]
CLIENTS: dict[DialectName, Asker] = {CLAUDE: ask_claude, CHAT: ask_chat, RESPONSES: ask_responses}
FINISH = {
    CLAUDE: {"text": "end_turn", "call": "tool_use", "cut": "max_tokens"},
    CHAT: {"text": "stop", "call": "tool_calls", "cut": "length"},
    RESPONSES: {"text": "completed", "call": "completed"},
}
CUT = {CLAUDE: "max_tokens", CHAT: "length", RESPONSES: "max_output_tokens"}


def reply(provider: DialectName, said: Said, streamed: bool) -> Reply:
    return sse(stream(provider, said)) if streamed else json_reply(whole(provider, said))


every_pair = pytest.mark.parametrize("provider", DIALECTS)
every_client = pytest.mark.parametrize("client", DIALECTS)
both_modes = pytest.mark.parametrize("streamed", [True, False], ids=["stream", "whole"])


@both_modes
@every_pair
@every_client
async def test_text_and_usage_arrive(
    router: RouterProcess, up: FakeUpstream, client: DialectName, provider: DialectName, streamed: bool
) -> None:
    up.script(reply(provider, Said("Grüße aus der Schweiz"), streamed))
    heard = await CLIENTS[client](router, f"p-{provider}/m", streamed)
    assert heard == Heard("Grüße aus der Schweiz", [], FINISH[client]["text"], (100, 40, 20))


@both_modes
@every_pair
@every_client
async def test_parallel_tool_calls_arrive_with_their_arguments(
    router: RouterProcess, up: FakeUpstream, client: DialectName, provider: DialectName, streamed: bool
) -> None:
    """Promise 14."""
    calls = (Call("weather", ARGUMENTS, "call_a"), Call("weather", '{"city": "Bern"}', "call_b"))
    up.script(reply(provider, Said("", calls=calls), streamed))
    heard = await CLIENTS[client](router, f"p-{provider}/m", streamed)
    assert heard.calls == [("weather", "{'city': 'Zürich'}"), ("weather", "{'city': 'Bern'}")]
    assert heard.finish == FINISH[client]["call"]


@every_pair
@every_client
async def test_an_answer_that_was_cut_says_so(
    router: RouterProcess, up: FakeUpstream, client: DialectName, provider: DialectName
) -> None:
    up.script(reply(provider, Said("half an ans", stop=CUT[provider]), True))
    if client is CHAT:
        with pytest.raises(openai.LengthFinishReasonError):
            await ask_chat(router, f"p-{provider}/m", True)
    elif client is RESPONSES:
        # the SDK's stream helper knows no incomplete end, not even OpenAI's own
        *_, last = [event async for event in await raw_responses(router, provider)]
        assert (last.type, last.response.incomplete_details.reason) == ("response.incomplete", "max_output_tokens")
    else:
        assert (await CLIENTS[client](router, f"p-{provider}/m", True)).finish == FINISH[client]["cut"]


ERRORS: list[tuple[int, dict[str, Any], str]] = [
    (400, {"message": "temperature: out of range"}, "BadRequestError"),
    (401, {"message": "invalid x-api-key"}, "AuthenticationError"),
    (403, {"message": "not for you"}, "PermissionDeniedError"),
    (404, {"message": "model: nope was not found"}, "NotFoundError"),
    (429, {"message": "slow down"}, "RateLimitError"),
    (500, {"message": "oops"}, "InternalServerError"),
]


@pytest.mark.parametrize(("status", "error", "name"), ERRORS)
@every_pair
@every_client
async def test_each_sdk_raises_its_own_class(
    router: RouterProcess,
    up: FakeUpstream,
    client: DialectName,
    provider: DialectName,
    status: int,
    error: Any,
    name: str,
) -> None:
    up.script(json_reply({"type": "error", "error": error}, status, {"retry-after": "7"}))
    sdk: Any = anthropic if client is CLAUDE else openai
    with pytest.raises(getattr(sdk, name)) as caught:
        await CLIENTS[client](router, f"p-{provider}/m", True)
    assert error["message"] in str(caught.value)
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.response.headers["x-llm-router-request-id"]


@pytest.mark.parametrize("end", [End.RESET, End.FIN])
@every_pair
@every_client
async def test_a_break_in_the_middle_is_an_api_error_and_no_decode_error(
    router: RouterProcess, up: FakeUpstream, client: DialectName, provider: DialectName, end: End
) -> None:
    """Promise 3."""
    events = stream(provider, Said("a long enough text"))
    first_content = next(n for n, event in enumerate(events) if b"a long" in event)
    up.script(sse(events, after=first_content + 1, end=end))
    if client is RESPONSES:
        failed = [event async for event in await raw_responses(router, provider) if event.type == "response.failed"]
        assert len(failed) == 1
        return
    sdk: Any = anthropic if client is CLAUDE else openai
    with pytest.raises(sdk.APIError):
        await CLIENTS[client](router, f"p-{provider}/m", True)


async def raw_responses(router: RouterProcess, provider: DialectName) -> Any:
    return await gpt(router).responses.create(model=f"p-{provider}/m", input="?", stream=True)


@every_client
async def test_an_html_error_page_is_json_in_the_clients_dialect(
    router: RouterProcess, up: FakeUpstream, client: DialectName
) -> None:
    """Promise 64."""
    up.script(raw_reply(b"<html><h1>502</h1></html>", "text/html", 502))
    sdk: Any = anthropic if client is CLAUDE else openai
    with pytest.raises(sdk.InternalServerError) as caught:
        await CLIENTS[client](router, f"p-{CHAT}/m", True)
    assert "html" not in str(caught.value).lower()


async def test_models_are_listed_for_each_sdk(router: RouterProcess) -> None:
    theirs = [model.id async for model in claude(router).models.list()]
    ours = [model.id async for model in gpt(router).models.list()]
    assert theirs == ours == [f"p-{name}/m" for name in DIALECTS]


async def test_thinking_and_its_signature_stay_within_the_dialect(router: RouterProcess, up: FakeUpstream) -> None:
    """Promise 15."""
    up.script(sse(stream(CLAUDE, Said("done", thinking="let me see"))))
    async with claude(router).messages.stream(
        model=f"p-{CLAUDE}/m", max_tokens=100, messages=[{"role": "user", "content": "?"}]
    ) as running:
        thought: Any = (await running.get_final_message()).content[0]
    assert (thought.thinking, thought.signature) == ("let me see", "c2lnbmF0dXJl")


async def test_reasoning_of_a_chat_provider_is_thinking_for_claude(router: RouterProcess, up: FakeUpstream) -> None:
    up.script(sse(stream(CHAT, Said("done", thinking="let me see"))))
    async with claude(router).messages.stream(
        model=f"p-{CHAT}/m", max_tokens=100, messages=[{"role": "user", "content": "?"}]
    ) as running:
        thought: Any = (await running.get_final_message()).content[0]
    assert thought.thinking == "let me see"
