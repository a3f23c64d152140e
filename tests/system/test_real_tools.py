"""The real coding tools through a real router, each on a provider of every dialect.

A tool passes when it really did all that the provider's script asked for (several calls at once, one of them failing,
tools with long names and demanding schemas, one more call), gave the final text that quotes every result, and counts
the tokens that the provider reported. The provider refuses what the real ones refuse, of requests and for single
models. `tests/clients/install` puts the tools there.
"""

from collections.abc import Awaitable, Callable

import pytest
from clients import tools
from clients.providers import CHAT, CLAUDE, CURRENT, GEMINI, OTHERS, RESPONSES, Provider, of, routed
from clients.script import ALL
from clients.tools import Ran

from addons.core.model import DialectName

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

type Run = Callable[[str], Awaitable[Ran]]


def cases(providers: tuple[Provider, ...], own: DialectName, *models: str) -> list[tuple[str, Provider]]:
    return [(model, provider) for model in models for provider in of(providers, own, model)]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """A tool that is missing is a failure that says what to do, not a test that passes by being skipped."""
    missing = [name for name in ("node", "claude", "codex", "pi") if not tools.binary(name).exists()]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run tests/clients/install")


async def check(provider: Provider, run: Run, *aliases: str, keeps_thoughts: bool = True) -> None:
    async with routed(provider, *aliases) as case:
        ran = await run(case.url)

        assert case.script.refusals == []
        assert ran.seen == ALL, ran.output
        assert ran.meter == case.reported()
        case.assert_reached()
        if keeps_thoughts:
            case.assert_thoughts_came_back()


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


def spoken_by_pi() -> list[tuple[str, Provider]]:
    return [(api, provider) for api, (own, _) in PI.items() for provider in of(CURRENT, own, "my-model")]


@pytest.mark.parametrize(("api", "provider"), spoken_by_pi(), ids=str)
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


# its Google client leaves references out of schemas, which Google refuses however untouched they arrive
OWN_FAULT = ("google-generative-ai", Provider(GEMINI, "my-model"))


@pytest.mark.skipif(not tools.binary("opencode").exists(), reason="optional: run tests/clients/install opencode")
@pytest.mark.parametrize(
    ("api", "provider"),
    [case for case in spoken_by_pi() if case != OWN_FAULT],
    ids=str,
)
async def test_opencode_works_in_each_of_its_dialects_on_every_kind_of_provider(api: str, provider: Provider) -> None:
    base = "/anthropic/v1" if api == "anthropic-messages" else PI[api][1]
    # its Chat client sends back the words of a thought alone, and Gemini's signatures stand beside the calls
    keeps = api != "openai-completions" or provider.dialect is not GEMINI
    await check(provider, lambda url: tools.opencode(url + base, api, "my-model"), "my-model", keeps_thoughts=keeps)
