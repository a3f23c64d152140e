"""Which URLs a model may have fetched: those that stand in the conversation, or in what was found.

A page may tell a model to fetch an address that has something of the conversation in it; a URL that nobody but the
model wrote is not fetched. Source: Anthropic documentation, "Web fetch tool", URL validation.
"""

from collections.abc import Iterable

from addons.core import jsonio
from addons.core.in_words import in_words
from addons.core.model import Document, Image, Message, Opaque, Part, Text, ToolResult
from addons.search.lookups import Looked, SearchTool
from addons.search.service import Query, fits, urlsplit_or_none

MAX_URL = 250


class Prior:
    """`messages` are the conversation; what the model itself has said in it does not count."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = tuple(messages)
        self._text: list[str] | None = None

    def refusal(self, tool: SearchTool, url: str) -> str | None:
        """The code of the error for a URL that is not fetched, or None."""
        if urlsplit_or_none(url) is None:
            return "invalid_tool_input"
        if len(url) > MAX_URL:
            return "url_too_long"
        if not fits(url, Query("", 0, tool.allowed, tool.blocked)):
            return "url_not_allowed"
        bare = url.rstrip("/")
        return None if any(bare in text for text in self._texts()) else "url_not_in_prior_context"

    def add(self, looked: Looked) -> None:
        texts = self._texts()
        texts += [each.url for each in looked.results]
        if looked.page is not None:
            texts.append(looked.page.text)

    def _texts(self) -> list[str]:
        """Gathered only when something is to be fetched."""
        if self._text is None:
            spoken = (message for message in self._messages if message.role != "assistant")
            self._text = [text for message in spoken for part in message.parts for text in _of(part)]
        return self._text


def _of(part: Part) -> list[str]:
    match part:
        case Text():
            return [part.text]
        case ToolResult():
            return [text for inner in part.content for text in _of(inner)]
        case Document() | Image():
            return [text for text in (part.url, getattr(part, "text", None)) if text]
        case Opaque():
            return [in_words(part) or jsonio.text(part.raw)]
        case _:
            return []
