"""Images and documents that a client names by URL, for providers that take only their bytes: fetched beforehand.

A tool knows nothing of the provider behind the router, so it may name a picture by its address; Gemini and Chat
Completions have no form for some of them.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from addons.core.model import DialectName, Document, Image, Message, Part, Request, ToolResult

type Kinds = tuple[type[Image] | type[Document], ...]

# what each dialect takes as bytes only. Sources: "Image understanding" (Gemini API), "File inputs" (OpenAI)
BYTES_ONLY: Mapping[DialectName, Kinds] = {
    DialectName.GEMINI: (Image, Document),
    DialectName.CHAT: (Document,),
}
IMAGES = ("image/",)
DOCUMENTS = ("application/pdf", "text/")
# of all files of one request
TOTAL_LIMIT = 64 * 1024 * 1024


class NotFetched(Exception):
    """What a URL names was not fetched; the text says why and names the host alone."""


class Fetcher(Protocol):
    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        """The media type, which begins with one of `kinds`, and the bytes at `url`. Raises NotFetched."""
        ...


async def inlined(request: Request, dialect: DialectName, fetcher: Fetcher | None) -> Request:
    """`request` with what `dialect` takes as bytes only fetched. Raises NotFetched."""
    kinds = BYTES_ONLY.get(dialect, ())
    if fetcher is None or not any(_fetchable(part, kinds) for message in request.messages for part in message.parts):
        return request
    files = _Files(fetcher, kinds)
    return replace(request, messages=tuple([await files.message(message) for message in request.messages]))


def _fetchable(part: Part, kinds: Kinds) -> bool:
    if isinstance(part, ToolResult):
        return any(_fetchable(inner, kinds) for inner in part.content)
    return isinstance(part, kinds) and part.url is not None and part.url.startswith(("http://", "https://"))


class _Files:
    """Puts the files of one request in place, and counts their bytes."""

    def __init__(self, fetcher: Fetcher, kinds: Kinds) -> None:
        self._fetcher = fetcher
        self._kinds = kinds
        self._left = TOTAL_LIMIT

    async def message(self, message: Message) -> Message:
        if not any(_fetchable(part, self._kinds) for part in message.parts):
            return message
        return replace(message, parts=tuple([await self._part(part) for part in message.parts]))

    async def _part(self, part: Part) -> Part:
        if not _fetchable(part, self._kinds):
            return part
        match part:
            case Image(url=str(url)):
                media_type, data = await self._fetch(url, IMAGES)
                return replace(part, url=None, media_type=media_type, data=data)
            case Document(url=str(url)):
                media_type, data = await self._fetch(url, DOCUMENTS)
                return replace(part, url=None, media_type=media_type, data=data)
            case ToolResult():
                content = [await self._part(inner) for inner in part.content]
                return replace(part, content=tuple(content))  # type: ignore[arg-type]  # each part keeps its type
            case _:
                return part

    async def _fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, str]:
        media_type, data = await self._fetcher.fetch(url, kinds)
        self._left -= len(data)
        if self._left < 0:
            raise NotFetched(f"the files of one request may have {TOTAL_LIMIT} bytes in all")
        return media_type, base64.b64encode(data).decode()
