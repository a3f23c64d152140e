"""A router between the real AMP, a provider of models, and AMP's own server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients import amp
from clients.actor import Ampcode
from clients.amp_script import AmpProvider
from clients.providers import BASES, Provider

from harness.process import RouterProcess
from harness.upstream import FakeUpstream, Received

PAINTER = "gemini-3-pro-image-preview"
UPSTREAM_KEY = "sgamp_user_upstream"
ENTITIES = (
    "smart", "rush", "deep", "large", "review", "search", "oracle", "librarian", "task", "look-at", "read-thread",
    "handoff", "title",
)  # fmt: skip


def model_of(provider: Provider, entity: str) -> str:
    """The provider has a model for every entity, so that the model tells what a request was taken for."""
    return PAINTER if entity == "painter" else f"{provider.model}-{entity}"


def providers(url: str, provider: Provider) -> list[dict[str, Any]]:
    """The provider, and one of Google's kind for pictures, which nobody else makes; both at `url`."""
    base = f"{url}{BASES[provider.dialect]}"
    models = [model_of(provider, entity) for entity in ENTITIES]
    return [
        {"id": "scripted", "baseUrl": base, "apiKey": "k", "format": provider.dialect, "models": models},
        {"id": "images", "baseUrl": url, "apiKey": "k", "format": "gemini", "models": [PAINTER]},
    ]


def to_server(url: str) -> dict[str, Any]:
    """The part of the `amp` block that says where AMP's own server is. What has no route goes there."""
    return {"upstreamUrl": url, "upstreamApiKey": UPSTREAM_KEY, "fallback": {"onUnknown": "upstream"}}


def routes(provider: Provider) -> dict[str, str]:
    """A route of its own for every entity."""
    own = {entity: f"scripted/{model_of(provider, entity)}" for entity in ENTITIES}
    return {**own, "painter": f"images/{PAINTER}"}


@dataclass(frozen=True)
class Amp:
    """One AMP, and what it talks to."""

    script: AmpProvider
    upstream: FakeUpstream
    server: Ampcode
    router: RouterProcess
    home: Path

    async def run(self, version: str, mode: str, prompt: str, **env: str) -> amp.Ran:
        return await amp.run(version, ["--mode", mode, "-x", prompt], self.router.url, self.home, env=env)

    async def command(self, version: str, *words: str, **settings: object) -> amp.Ran:
        """`settings` are AMP's own, with _ for the dots in their names."""
        told = {name.replace("_", "."): value for name, value in settings.items()}
        return await amp.run(version, words, self.router.url, self.home, settings=told)

    def fallen(self) -> list[str]:
        """The requests for models that came to AMP's own server."""
        return [path for path in self.server.asked if path.startswith("/api/provider")]

    def of_agent(self) -> list[Received]:
        """What the provider was asked by the agent itself."""
        return [received for received in self.upstream.requests if b"TOOLTEST" in received.body]


@asynccontextmanager
async def routed(provider: Provider, home: Path, *, features: Sequence[str] = (), **block: Any) -> AsyncIterator[Amp]:
    """`features` are flags of AMP's user, `block` is what the `amp` block says besides."""
    script = AmpProvider(work=amp.folder(home))
    async with FakeUpstream(script) as upstream, Ampcode(features=features) as server:
        document = {
            "version": 2,
            "providers": providers(upstream.url, provider),
            "amp": {**to_server(server.url), "routes": routes(provider), **block},
        }
        async with RouterProcess(document) as router:
            yield Amp(script, upstream, server, router, home)
