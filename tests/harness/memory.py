"""An upstream in memory for tests of the engine: scripted replies per provider, everything that was sent recorded.

Providers are named by host: a provider `a` has its endpoints at `http://a/…`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from addons.core.errors import ErrorClass
from addons.core.http import UpstreamFailure, UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Alias, Auth, Model, Plan, Provider, RetryPolicy, Target

LEAVES = {
    DialectName.ANTHROPIC: "v1/messages",
    DialectName.CHAT: "v1/chat/completions",
    DialectName.RESPONSES: "v1/responses",
    DialectName.GEMINI: "v1beta/models",
}
RESET = UpstreamFailure(ErrorClass.TRUNCATED, "connection reset")
SILENCE = UpstreamFailure(ErrorClass.TIMEOUT, "no data in time")
REFUSED = UpstreamFailure(ErrorClass.NETWORK, "connection refused")


@dataclass
class Scripted:
    """One reply: `body` pieces are bytes to give, failures to raise, or an event to wait for."""

    body: tuple[bytes | UpstreamFailure | asyncio.Event, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})
    closed: bool = False

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self.body:
            if isinstance(piece, UpstreamFailure):
                raise piece
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            else:
                yield piece

    async def read(self, limit: int) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def aclose(self) -> None:
        self.closed = True


def json_answer(body: bytes, status: int = 200, **headers: str) -> Scripted:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted((body,), status, {"content-type": "application/json", **named})


class MemoryUpstream:
    """Plays each provider's script from the front; the last reply is repeated."""

    def __init__(self, **scripts: list[Scripted | UpstreamFailure]) -> None:
        self.scripts = scripts
        self.sent: list[UpstreamRequest] = []

    @property
    def asked(self) -> list[str]:
        return [urlsplit(request.url).netloc for request in self.sent]

    async def open(self, request: UpstreamRequest) -> Scripted:
        self.sent.append(request)
        script = self.scripts[urlsplit(request.url).netloc]
        reply = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(reply, UpstreamFailure):
            raise reply
        return reply


def provider(name: str, *dialects: DialectName) -> Provider:
    """A provider with one model, `m`, and a key."""
    return Provider(
        name,
        name,
        dialects,
        {dialect: f"http://{name}/{LEAVES[dialect]}" for dialect in dialects},
        (Model("m"),),
        auth={dialect: Auth() for dialect in dialects},
        key=f"key-of-{name}",
    )


def plan(**dialects: DialectName) -> Plan:
    """A plan with a provider of one dialect for each name, an alias `all` over them in order, and no retries."""
    providers = tuple(provider(name, dialect) for name, dialect in dialects.items())
    alias = Alias("all", targets=tuple(Target(f"{name}/m") for name in dialects))
    return Plan(providers, {"all": alias}, retry=RetryPolicy(attempts=1), debug=True)
