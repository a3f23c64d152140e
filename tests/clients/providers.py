"""The providers that the real tools are run against: one of every dialect, behind a real router."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from clients.complaint import SIGNATURE
from clients.meters import Meter
from clients.script import SEEN, ScriptedProvider

from addons.core.model import DialectName
from harness.process import RouterProcess
from harness.upstream import FakeUpstream, Received

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


@dataclass(frozen=True)
class Routed:
    """A router, and the one provider behind it."""

    router: RouterProcess
    upstream: FakeUpstream
    script: ScriptedProvider
    provider: Provider

    @property
    def url(self) -> str:
        return self.router.url

    def reported(self) -> Meter:
        """What the provider counted, over all of its answers but those without anything to say (a title)."""
        told = [said for said in self.script.answered if said.text.strip() != SEEN]
        counts = (Meter(said.input_tokens, said.cached, said.output_tokens) for said in told)
        return sum(counts, Meter())

    def assert_thoughts_came_back(self) -> None:
        """What was thought before a call goes back with its signature, whatever the tool's dialect is: without it the
        next step starts from nothing. OpenAI's Chat has no place for it; some models think only when asked to."""
        thought = any(said.thinking and said.calls for said in self.script.answered)
        if thought and self.provider.dialect is not CHAT:
            assert SIGNATURE.encode() in self.upstream.requests[-1].body

    def assert_reached(self) -> None:
        """Every request went where the provider's dialect has its place, for the provider's own model."""
        if self.provider.dialect is GEMINI:
            assert all(GEMINI_LEAF.fullmatch(received.path) for received in self.upstream.requests)
        else:
            assert {received.path for received in self.upstream.requests} == {LEAVES[self.provider.dialect]}
        assert {asked_model(received) for received in self.upstream.requests} == {self.provider.model}


# what listens in on a tool stands at a port of its own, and passes the Host header on as it came
TAPPED = {"LLM_ROUTER_ALLOWED_HOSTS": "127.0.0.1"}


@asynccontextmanager
async def routed(
    provider: Provider, *aliases: str, crowded: bool = False, env: Mapping[str, str] | None = None
) -> AsyncIterator[Routed]:
    """`aliases` are what the tool calls the provider's model; `env` are variables of the router."""
    script = ScriptedProvider(crowded)
    async with (
        FakeUpstream(script) as upstream,
        RouterProcess(config(upstream.url, provider, *aliases), env={**TAPPED, **(env or {})}) as router,
    ):
        yield Routed(router, upstream, script, provider)
