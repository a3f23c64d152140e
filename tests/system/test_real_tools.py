"""The real coding tools through a real router, each on a provider of another dialect than its own.

A tool passes when it really ran the shell command that the provider's script asked for and printed the final text
that quotes its output. The provider refuses what the real ones refuse. `tests/clients/install` puts the tools there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from clients import tools
from clients.script import ScriptedProvider
from clients.tools import Ran

from addons.core.model import DialectName
from harness.process import RouterProcess
from harness.spoken import PROVIDERS
from harness.upstream import FakeUpstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
LEAVES = {CLAUDE: "/v1/messages", CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses"}
MODEL = "scripted-model"

type Run = Callable[[str], Awaitable[Ran]]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """A tool that is missing is a failure that says what to do, not a test that passes by being skipped."""
    missing = [name for name in ("node", "claude", "codex", "pi") if not tools.binary(name).exists()]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run tests/clients/install")


def config(provider_url: str, dialect: DialectName, alias: str) -> dict[str, object]:
    """One provider of `dialect`; what the tool calls `alias` is its one model."""
    return {
        "version": 2,
        "providers": [
            {"id": "scripted", "baseUrl": f"{provider_url}/v1", "apiKey": "k", "format": dialect, "models": [MODEL]}
        ],
        "modelAliases": {alias: {"targets": [f"scripted/{MODEL}"]}},
    }


@asynccontextmanager
async def routed(dialect: DialectName, alias: str) -> AsyncIterator[tuple[str, FakeUpstream, ScriptedProvider]]:
    """The router's URL, and the provider of `dialect` behind it."""
    script = ScriptedProvider()
    async with FakeUpstream(script) as upstream, RouterProcess(config(upstream.url, dialect, alias)) as router:
        yield router.url, upstream, script


async def check(dialect: DialectName, alias: str, run: Run) -> None:
    async with routed(dialect, alias) as (url, upstream, script):
        ran = await run(url)

        assert script.refusals == []
        assert ran.passed, ran.output
        assert {received.path for received in upstream.requests} == {LEAVES[dialect]}
        assert {received.json["model"] for received in upstream.requests} == {MODEL}


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-4-8"])
@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_claude_code_works_on_every_kind_of_provider(model: str, dialect: DialectName) -> None:
    await check(dialect, model, lambda url: tools.claude_code(f"{url}/anthropic", model))


@pytest.mark.parametrize("model", ["gpt-5.1-codex", "gpt-5.5", "gpt-6-sol"])
@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_codex_works_on_every_kind_of_provider(model: str, dialect: DialectName) -> None:
    """The three models stand for three ways in which Codex offers its tools."""
    await check(dialect, model, lambda url: tools.codex(f"{url}/openai/v1", model))


PI = {
    "openai-completions": "/openai/v1",
    "openai-responses": "/openai/v1",
    "anthropic-messages": "/anthropic",
}


@pytest.mark.parametrize("api", PI)
@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_pi_works_in_each_of_its_dialects_on_every_kind_of_provider(api: str, dialect: DialectName) -> None:
    await check(dialect, "my-model", lambda url: tools.pi(url + PI[api], api, "my-model"))
