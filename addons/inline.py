"""Images and documents that a client names by URL, for providers that take only their bytes: fetched beforehand.

A tool knows nothing of the provider behind the router, so it may name a picture by its address; Gemini and Chat
Completions have no form for some of them.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from addons.core.model import DialectName, Document, Image, Message, Part, Request, ToolResult

# what each dialect takes as bytes only. Sources: "Image understanding" (Gemini API), "File inputs" (OpenAI)
BYTES_ONLY: Mapping[DialectName, tuple[type[Image] | type[Document], ...]] = {
    DialectName.GEMINI: (Image, Document),
    DialectName.CHAT: (Document,),
}
IMAGES = ("image/",)
DOCUMENTS = ("application/pdf", "text/")


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
    messages = [await _message(message, kinds, fetcher) for message in request.messages]
    return replace(request, messages=tuple(messages))


def _fetchable(part: Part, kinds: tuple[type[Image] | type[Document], ...]) -> bool:
    if isinstance(part, ToolResult):
        return any(_fetchable(inner, kinds) for inner in part.content)
    return isinstance(part, kinds) and part.url is not None and part.url.startswith(("http://", "https://"))


async def _message(message: Message, kinds: tuple[type[Image] | type[Document], ...], fetcher: Fetcher) -> Message:
    if not any(_fetchable(part, kinds) for part in message.parts):
        return message
    parts = [await _part(part, kinds, fetcher) for part in message.parts]
    return replace(message, parts=tuple(parts))


async def _part(part: Part, kinds: tuple[type[Image] | type[Document], ...], fetcher: Fetcher) -> Part:
    if not _fetchable(part, kinds):
        return part
    match part:
        case Image(url=str(url)):
            media_type, data = await fetcher.fetch(url, IMAGES)
            return replace(part, url=None, media_type=media_type, data=base64.b64encode(data).decode())
        case Document(url=str(url)):
            media_type, data = await fetcher.fetch(url, DOCUMENTS)
            return replace(part, url=None, media_type=media_type, data=base64.b64encode(data).decode())
        case ToolResult():
            content = [await _part(inner, kinds, fetcher) for inner in part.content]
            return replace(part, content=tuple(content))  # type: ignore[arg-type]  # each part keeps its type
        case _:
            return part
