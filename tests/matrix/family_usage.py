"""What it cost: the tokens of an answer, and of a request that is not sent."""

import asyncio
from typing import Any

from matrix.cell import Cell, either
from matrix.outcomes import CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.wishes import Wish, user

from harness.answers import Said
from harness.replies import json_reply

COUNTED = {
    CLAUDE: {"input_tokens": 1234},
    RESPONSES: {"object": "response.input_tokens", "input_tokens": 1234},
    GEMINI: {"totalTokens": 1234},
}


async def usage(cell: Cell) -> Outcome:
    heard = await cell.ask(says=Said("Hello!", input_tokens=120, cached=0, output_tokens=30))
    tokens = heard.tokens
    assert tokens is not None
    assert (tokens.given, tokens.cached, tokens.made) == (120, 0, 30)
    return Outcome.YES


async def cached_tokens(cell: Cell) -> Outcome:
    tokens = (await cell.ask(says=Said("Hello!", input_tokens=120, cached=80, output_tokens=30))).tokens
    assert tokens is not None
    assert (tokens.given, tokens.cached) == (120, 80)
    return Outcome.YES


async def thinking_tokens(cell: Cell) -> Outcome:
    said = Said("Hello!", thinking="Who is it?", output_tokens=30, reasoning=11)
    tokens = (await cell.ask(Wish(effort="high"), said)).tokens
    assert tokens is not None
    assert (tokens.made, tokens.thought) == (30, 11)
    return Outcome.YES


async def count_tokens(cell: Cell) -> Outcome:
    """A provider that cannot count leaves it to the router's estimate, which says that it is one."""
    cell.upstream.requests.clear()
    cell.upstream.default = lambda received: json_reply(COUNTED.get(cell.provider, {}))
    sdk: Any = cell.sdk
    tokens, estimated = await asyncio.to_thread(sdk.count, cell.body(Wish((user("How long is this?"),))))
    if estimated:
        assert 1 < tokens < 20
    else:
        assert tokens == 1234
    return either(not estimated, estimated)


async def written_tokens(cell: Cell) -> Outcome:
    """Into the cache."""
    tokens = (await cell.ask(says=Said("Hello!", input_tokens=120, cached=40, cache_written=60))).tokens
    assert tokens is not None
    assert (tokens.given, tokens.cached, tokens.written) == (120, 40, 60)
    return Outcome.YES
