"""The engine as tests run it: providers in memory, no waiting, no chance, and a request id that is known."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from addons.core.accumulate import Answer, fold
from addons.core.errors import ErrorInfo, classify
from addons.core.events import Cause
from addons.core.http import Ask, Reply, UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Alias, Auth, Model, Plan, Provider, RetryPolicy, Target
from addons.dialects import DIALECTS
from addons.exchange import Exchange
from addons.inline import Fetcher
from harness.asks import CHAT, CLAUDE, COMPLETIONS, GEMINI, RESPONSES
from harness.memory import MemoryUpstream, Scripted, json_answer

LEAVES: Mapping[DialectName, str] = {
    CLAUDE: "v1/messages",
    CHAT: "v1/chat/completions",
    RESPONSES: "v1/responses",
    GEMINI: "v1beta/models",
    COMPLETIONS: "v1/completions",
}
AUTH: Mapping[DialectName, Auth] = {
    CLAUDE: Auth("x-api-key", "x-api-key", ""),
    GEMINI: Auth("header", "x-goog-api-key", ""),
}
MODEL = Model("m")
JSON = {"content-type": "application/json"}


def offered(name: str, *dialects: DialectName, model: Model = MODEL) -> Provider:
    """A provider at `http://<name>/…` that offers `model` in `dialects`."""
    return Provider(
        name,
        name,
        dialects,
        {dialect: f"http://{name}/{LEAVES[dialect]}" for dialect in dialects},
        (model,),
        auth={dialect: AUTH.get(dialect, Auth()) for dialect in dialects},
        key=f"key-of-{name}",
    )


def planned(*providers: Provider, **settings: Any) -> Plan:
    """A plan with an alias `all` over the providers' models in order, without retries."""
    alias = Alias("all", targets=tuple(Target(f"{each.id}/{model.id}") for each in providers for model in each.models))
    settings = {"retry": RetryPolicy(attempts=1), "debug": True, **settings}
    return replace(Plan(providers, {"all": alias}), **settings)


async def no_sleep(seconds: float) -> None:
    return None


def engine(plan: Plan, upstream: MemoryUpstream, fetcher: Fetcher | None = None) -> Exchange:
    return Exchange(
        plan, upstream, fetcher=fetcher, chance=lambda: 0.0, sleep=no_sleep, now=lambda: 0.0, new_id=lambda: "req_1"
    )


def posted(path: str, body: object, query: str = "", **headers: str) -> Ask:
    """A client's request; `_` in a header's name is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Ask("POST", path, query, {**JSON, **named}, raw)


async def read(reply: Reply) -> bytes:
    """The whole body; a stream is closed at its end, as the proxy does."""
    if isinstance(reply.body, bytes):
        return reply.body
    data = b"".join([chunk async for chunk in reply.body])
    await reply.body.aclose()  # type: ignore[attr-defined]
    return data


async def json_of(reply: Reply) -> Any:
    return json.loads(await read(reply))


async def streamed(dialect: DialectName, reply: Reply) -> Answer:
    """What a client of `dialect` makes of a stream."""
    decoder = DIALECTS[dialect].decoder()
    return fold([*decoder.feed(await read(reply)), *decoder.finish(Cause.COMPLETE)])


def body_of(sent: UpstreamRequest) -> Any:
    return json.loads(sent.body)


def refusal(dialect: DialectName, status: int, message: str) -> Scripted:
    """A provider of `dialect` answers with an error of its own."""
    info = ErrorInfo(classify(dialect, status, message), message, status=status)
    return json_answer(json.dumps(DIALECTS[dialect].render_error(info)).encode(), status)


def header(reply: Reply, name: str) -> str | None:
    return dict(reply.headers).get(name)


async def settle() -> None:
    """Everything that can run without time passing has run."""
    for _ in range(50):
        await asyncio.sleep(0)


def assert_error_in(dialect: DialectName, status: int, body: Any) -> None:
    """The body of a refusal is of the shape that the clients of `dialect` read. Sources: Anthropic's "Errors" page,
    OpenAI's "Error codes", Google's AIP-193."""
    error = body["error"]
    assert isinstance(error["message"], str) and error["message"]
    match dialect:
        case DialectName.ANTHROPIC:
            assert body["type"] == "error" and isinstance(error["type"], str)
        case DialectName.GEMINI:
            assert error["code"] == status and error["status"].isupper()
        case _:
            assert "type" not in body and {"type", "code", "param"} <= error.keys()
