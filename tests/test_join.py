"""Specification of addons/join.py: what becomes of a request that comes twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from addons.core.http import Ask, Reply
from addons.edge.tasks import Tasks
from addons.join import Joins, sameness
from addons.patience import Found, close

SOON = 0.01


class Answer:
    """A streamed answer that gives its pieces when it is told to."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.searches = 0
        self.closed = asyncio.Event()
        self.found = asyncio.Event()

    def say(self, *pieces: bytes | Exception | None) -> None:
        for piece in pieces:
            self.pieces.put_nowait(piece)

    async def search(self) -> Found:
        self.searches += 1
        try:
            await self.found.wait()
        except asyncio.CancelledError:
            self.closed.set()
            raise
        return Found(Reply(200, (), self._body()))

    async def _body(self) -> AsyncIterator[bytes]:
        try:
            while (piece := await self.pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed.set()


def joins() -> Joins:
    return Joins(Tasks().spawn, SOON)


async def body(made: Joins, answer: Answer) -> AsyncIterator[bytes]:
    found, _ = await made.attend("key", answer.search)
    assert not isinstance(found.reply.body, bytes)
    return found.reply.body


async def all_of(source: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in source])


async def test_the_second_is_given_the_answer_of_the_first_from_its_beginning() -> None:
    made, answer = joins(), Answer()
    answer.found.set()
    first = await body(made, answer)
    answer.say(b"one ")
    assert await anext(first) == b"one "
    second = await body(made, answer)
    answer.say(b"two", None)
    assert (await all_of(first), await all_of(second)) == (b"two", b"one two")
    assert answer.searches == 1


async def test_one_that_comes_while_the_search_runs_waits_with_the_first() -> None:
    made, answer = joins(), Answer()
    both = [asyncio.ensure_future(made.attend("key", answer.search)) for _ in range(2)]
    await asyncio.sleep(0)
    answer.found.set()
    (one, joined_one), (two, joined_two) = await asyncio.gather(*both)
    answer.say(b"x", None)
    assert (joined_one, joined_two, answer.searches) == (False, True, 1)
    assert not isinstance(one.reply.body, bytes) and not isinstance(two.reply.body, bytes)
    assert await all_of(one.reply.body) == await all_of(two.reply.body) == b"x"


async def test_the_answer_goes_on_for_the_one_that_is_left() -> None:
    made, answer = joins(), Answer()
    answer.found.set()
    first, second = await body(made, answer), await body(made, answer)
    await close(first)
    await asyncio.sleep(SOON * 3)
    answer.say(b"x", None)
    assert await all_of(second) == b"x"


async def test_one_that_comes_back_at_once_finds_the_answer_still_running() -> None:
    made, answer = Joins(Tasks().spawn, 5.0), Answer()
    answer.found.set()
    await close(await body(made, answer))
    again = await body(made, answer)
    answer.say(b"x", None)
    assert await all_of(again) == b"x" and answer.searches == 1


async def test_an_answer_that_nobody_wants_any_more_is_ended() -> None:
    """Promise 8."""
    made, answer = joins(), Answer()
    answer.found.set()
    await close(await body(made, answer))
    await asyncio.wait_for(answer.closed.wait(), 1.0)
    assert len(made) == 0


async def test_a_search_that_nobody_waits_for_any_more_is_ended() -> None:
    """Promise 8."""
    made, answer = joins(), Answer()
    waiting = asyncio.ensure_future(made.attend("key", answer.search))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(answer.closed.wait(), 1.0)
    assert len(made) == 0


async def test_a_finished_answer_is_not_joined() -> None:
    made, answer = joins(), Answer()
    answer.found.set()
    answer.say(b"x", None)
    assert await all_of(await body(made, answer)) == b"x"
    answer.say(b"y", None)
    assert await all_of(await body(made, answer)) == b"y"
    assert answer.searches == 2


async def test_a_whole_answer_is_given_to_both() -> None:
    made = joins()
    go = asyncio.Event()

    async def search() -> Found:
        await go.wait()
        return Found(Reply(200, (), b"whole"))

    both = [asyncio.ensure_future(made.attend("key", search)) for _ in range(2)]
    await asyncio.sleep(0)
    go.set()
    assert [found.reply.body for found, _ in await asyncio.gather(*both)] == [b"whole", b"whole"]
    assert len(made) == 0


async def test_what_breaks_the_answer_breaks_it_for_all() -> None:
    made, answer = joins(), Answer()
    answer.found.set()
    first, second = await body(made, answer), await body(made, answer)
    answer.say(ValueError("broken"))
    for listener in (first, second):
        with pytest.raises(ValueError, match="broken"):
            await all_of(listener)


ASK = Ask("POST", "/v1/messages", "", {"x-api-key": "a"}, b"{}")


@pytest.mark.parametrize(
    "other",
    [
        replace(ASK, body=b"{ }"),
        replace(ASK, path="/v1/responses"),
        replace(ASK, query="beta=true"),
        replace(ASK, headers={"x-api-key": "b"}),
        replace(ASK, headers={"x-api-key": "a", "anthropic-beta": "x"}),
    ],
)
def test_only_what_is_equal_in_everything_that_counts_is_the_same(other: Ask) -> None:
    assert sameness(other) != sameness(ASK)


def test_what_differs_between_two_tries_of_a_client_does_not_count() -> None:
    again = replace(ASK, headers={"x-api-key": "a", "x-stainless-retry-count": "1"})
    assert sameness(again) == sameness(ASK)
