"""Gemini's older way of streaming: without `alt=sse` the chunks are the items of one JSON array.

Source: Gemini API reference, "streamGenerateContent".
"""

from collections.abc import AsyncIterator
from typing import Self

from addons.closing import close
from addons.core.sse import SseParser

WHITE_SPACE = b"\n"


class ArrayForm:
    """A stream of SSE bytes as a JSON array. White space stands in for keep-alives. `aclose()` closes what is
    inside."""

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        self._events = events
        self._parser = SseParser()
        self._begun = False
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._ended:
            raise StopAsyncIteration
        try:
            data = await anext(self._events)
        except StopAsyncIteration:
            self._ended = True
            return self._items([event.data for event in self._parser.finish()]) + (b"]" if self._begun else b"[]")
        return self._items([event.data for event in self._parser.feed(data)]) or WHITE_SPACE

    def _items(self, items: list[bytes]) -> bytes:
        if not items:
            return b""
        before = b",\r\n" if self._begun else b"["
        self._begun = True
        return before + b",\r\n".join(items)

    async def aclose(self) -> None:
        await close(self._events)


async def one(data: bytes) -> AsyncIterator[bytes]:
    """A whole body as a stream."""
    yield data
