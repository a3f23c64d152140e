"""Deadlines, in a real router with short ones."""

from collections.abc import AsyncIterator

import anthropic
import pytest

from addons.core.model import DialectName
from harness.answers import Said, event, stream
from harness.process import RouterProcess
from harness.replies import NEVER, End, Framing, Reply, sse
from harness.upstream import FakeUpstream

CLAUDE = DialectName.ANTHROPIC
IDLE = 0.6
PING = event({"type": "ping"}, "ping")


@pytest.fixture(scope="module")
async def up() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
async def client(up: FakeUpstream) -> AsyncIterator[anthropic.AsyncAnthropic]:
    deadlines = {"connectMs": 500, "firstEventMs": IDLE * 1000, "idleMs": IDLE * 1000}
    base = {"apiKey": "k", "format": "claude", "models": ["m"], "deadlines": deadlines}
    providers = [{"id": "p", "baseUrl": up.url, **base}]
    async with RouterProcess({"version": 2, "providers": providers}) as router:
        yield anthropic.AsyncAnthropic(base_url=f"{router.url}/anthropic", api_key="any", max_retries=0)


async def ask(client: anthropic.AsyncAnthropic) -> str:
    question: anthropic.types.MessageParam = {"role": "user", "content": "?"}
    async with client.messages.stream(model="p/m", max_tokens=9, messages=[question]) as running:
        return await running.get_final_text()


async def test_a_long_thought_with_pings_is_not_cut(client: anthropic.AsyncAnthropic, up: FakeUpstream) -> None:
    """Promise 13: the pings alone last four times the idle deadline."""
    first, *rest = stream(CLAUDE, Said("at last"))
    pings: list[bytes | float] = [piece for _ in range(8) for piece in (IDLE / 2, PING)]
    up.script(Reply(200, {"content-type": "text/event-stream"}, [first, *pings, *rest], Framing.CHUNKED, End.COMPLETE))
    assert await ask(client) == "at last"


async def test_silence_in_the_middle_is_an_error(client: anthropic.AsyncAnthropic, up: FakeUpstream) -> None:
    """Promise 13."""
    events = stream(CLAUDE, Said("never finished"))
    content = next(n for n, each in enumerate(events) if b"never" in each)
    up.script(sse(events, after=content + 1, end=End.HANG))
    with pytest.raises(anthropic.APIError, match="silent"):
        await ask(client)


async def test_a_provider_that_never_answers_is_a_gateway_timeout(
    client: anthropic.AsyncAnthropic, up: FakeUpstream
) -> None:
    up.script(NEVER)
    with pytest.raises(anthropic.APIStatusError) as caught:
        await ask(client)
    assert caught.value.status_code == 504
