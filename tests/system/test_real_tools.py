"""The real coding tools through a real router, each on a provider of every dialect.

A tool passes when it really ran the shell command that the provider's script asked for and printed the final text
that quotes its output. The provider refuses what the real ones refuse, of requests and for single models.
`tests/clients/install` puts the tools there.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from clients import tools
from clients.script import ScriptedProvider
from clients.tools import Ran

from addons.core.model import DialectName
from harness.process import RouterProcess
from harness.upstream import FakeUpstream, Received

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

CLAUDE, CHAT, RESPONSES, GEMINI = (
    DialectName.ANTHROPIC,
    DialectName.CHAT,
    DialectName.RESPONSES,
    DialectName.GEMINI,
)
LEAVES = {CLAUDE: "/v1/messages", CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses"}
GEMINI_LEAF = re.compile(r"/v1beta/models/([^/:]+):(?:streamGenerateContent|generateContent)")
# Google's base URL carries no version
BASES = {CLAUDE: "/v1", CHAT: "/v1", RESPONSES: "/v1", GEMINI: ""}

type Run = Callable[[str], Awaitable[Ran]]


@dataclass(frozen=True)
class Provider:
    """`model` is the provider's own name of its one model: what it takes hangs on that."""

    dialect: DialectName
    model: str

    def __str__(self) -> str:
        return f"{self.dialect}:{self.model}"


# today's model of each vendor, then one that is asked to think in another way or takes less
CURRENT = (
    Provider(CLAUDE, "claude-opus-4-8"),
    Provider(CHAT, "gpt-5.1"),
    Provider(RESPONSES, "gpt-5.5"),
    Provider(GEMINI, "gemini-3.8-flash"),
)
OTHERS = (
    Provider(CLAUDE, "claude-sonnet-4-5"),
    Provider(CHAT, "glm-5"),
    Provider(GEMINI, "gemini-2.5-pro"),
)


def of(dialects: tuple[Provider, ...], own: DialectName, model: str) -> list[Provider]:
    """The providers; where the tool speaks their dialect, so that nothing is translated, with the model it asks for."""
    return [Provider(own, model) if provider.dialect is own else provider for provider in dialects]


def cases(providers: tuple[Provider, ...], own: DialectName, *models: str) -> list[tuple[str, Provider]]:
    return [(model, provider) for model in models for provider in of(providers, own, model)]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """A tool that is missing is a failure that says what to do, not a test that passes by being skipped."""
    missing = [name for name in ("node", "claude", "codex", "pi") if not tools.binary(name).exists()]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run tests/clients/install")


def config(url: str, provider: Provider, *aliases: str) -> dict[str, object]:
    """The one provider; what the tool calls by `aliases` is its one model."""
    base = f"{url}{BASES[provider.dialect]}"
    entry = {"id": "scripted", "baseUrl": base, "apiKey": "k", "format": provider.dialect, "models": [provider.model]}
    targets = [f"scripted/{provider.model}"]
    return {"version": 2, "providers": [entry], "modelAliases": {alias: {"targets": targets} for alias in aliases}}


def asked_model(received: Received) -> str:
    """The model that a request is for, once it is sure where it went."""
    found = GEMINI_LEAF.fullmatch(received.path)
    return found[1] if found else str(received.json["model"])


@asynccontextmanager
async def routed(provider: Provider, *aliases: str) -> AsyncIterator[tuple[str, FakeUpstream, ScriptedProvider]]:
    """The router's URL, and the provider behind it."""
    script = ScriptedProvider()
    async with FakeUpstream(script) as upstream, RouterProcess(config(upstream.url, provider, *aliases)) as router:
        yield router.url, upstream, script


async def check(provider: Provider, run: Run, *aliases: str) -> None:
    async with routed(provider, *aliases) as (url, upstream, script):
        ran = await run(url)

        assert script.refusals == []
        assert ran.passed, ran.output
        if provider.dialect is GEMINI:
            assert all(GEMINI_LEAF.fullmatch(received.path) for received in upstream.requests)
        else:
            assert {received.path for received in upstream.requests} == {LEAVES[provider.dialect]}
        assert {asked_model(received) for received in upstream.requests} == {provider.model}


@pytest.mark.parametrize(
    ("model", "provider"),
    [*cases(CURRENT, CLAUDE, "claude-sonnet-4-5", "claude-opus-4-8"), *cases(OTHERS[1:], CLAUDE, "claude-opus-4-8")],
    ids=str,
)
async def test_claude_code_works_on_every_kind_of_provider(model: str, provider: Provider) -> None:
    await check(provider, lambda url: tools.claude_code(f"{url}/anthropic", model), model)


@pytest.mark.parametrize(
    ("model", "provider"),
    [*cases(CURRENT, RESPONSES, "gpt-5.1-codex", "gpt-5.5", "gpt-6-sol"), *cases(OTHERS, RESPONSES, "gpt-5.5")],
    ids=str,
)
async def test_codex_works_on_every_kind_of_provider(model: str, provider: Provider) -> None:
    """The three models stand for three ways in which Codex offers its tools."""
    await check(provider, lambda url: tools.codex(f"{url}/openai/v1", model), model)


PI = {
    "openai-completions": (CHAT, "/openai/v1"),
    "openai-responses": (RESPONSES, "/openai/v1"),
    "anthropic-messages": (CLAUDE, "/anthropic"),
    "google-generative-ai": (GEMINI, "/v1beta"),
}


@pytest.mark.parametrize(
    ("api", "provider"),
    [(api, provider) for api, (own, _) in PI.items() for provider in of(CURRENT, own, "my-model")],
    ids=str,
)
async def test_pi_works_in_each_of_its_dialects_on_every_kind_of_provider(api: str, provider: Provider) -> None:
    await check(provider, lambda url: tools.pi(url + PI[api][1], api, "my-model"), "my-model")


@pytest.mark.parametrize("provider", OTHERS, ids=str)
async def test_pi_works_on_models_that_are_asked_in_another_way(provider: Provider) -> None:
    api = "openai-responses"
    await check(provider, lambda url: tools.pi(url + PI[api][1], api, "my-model"), "my-model")


@pytest.mark.skipif(not tools.binary("gemini").exists(), reason="optional: run tests/clients/install gemini")
@pytest.mark.parametrize("provider", of(CURRENT, GEMINI, "gemini-3.8-flash"), ids=str)
async def test_gemini_cli_works_on_every_kind_of_provider(provider: Provider) -> None:
    model = "gemini-3.8-flash"
    await check(provider, lambda url: tools.gemini_cli(url, model), model)
