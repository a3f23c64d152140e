"""A guess at the tokens of a request, where nobody counts them: for context meters and for choosing a window.

Only an estimate, and labelled as one wherever it is shown. Rules of thumb from the vendors' pages: four characters of
Latin text are a token, one of Chinese, Japanese or Korean is about one; an image is about 1,600 (Anthropic's "Vision"
page, for the largest); a PDF page about 2,000, at some 50 kB of base64 a page.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from addons.core.model import Document, HostedTool, Image, Opaque, Part, Request, Text, Thinking, ToolCall, ToolResult

CHARS_PER_TOKEN = 4
IMAGE_TOKENS = 1600
PAGE_TOKENS = 2000
PAGE_CHARS = 50_000
MESSAGE_TOKENS = 4
# from here on (CJK radicals) characters are about a token each
WIDE = "⺀"
_WIDE_RUN = re.compile(f"[{WIDE}-\U0010ffff]+")


def estimate(request: Request) -> int:
    """Tokens of the whole request, at least 1: its messages, its tools, its format."""
    total = sum(MESSAGE_TOKENS + _parts(message.parts) for message in request.messages)
    for tool in request.tools:
        total += of_json(tool.raw if isinstance(tool, HostedTool) else tool.schema)
        if not isinstance(tool, HostedTool):
            total += of_text(tool.name) + of_text(tool.description or "") + MESSAGE_TOKENS
    if request.format is not None:
        total += of_json(request.format.schema)
    return max(1, total)


def of_text(text: str) -> int:
    """Tokens of `text`."""
    if text.isascii():
        return -(-len(text) // CHARS_PER_TOKEN)
    wide = sum(map(len, _WIDE_RUN.findall(text)))
    return wide + -(-(len(text) - wide) // CHARS_PER_TOKEN)


def of_json(value: Any) -> int:
    return 0 if value is None else of_text(json.dumps(value, ensure_ascii=False))


def _parts(parts: Iterable[Part]) -> int:
    return sum(map(_part, parts))


def _part(part: Part) -> int:
    match part:
        case Text() | Thinking():
            return of_text(part.text)
        case ToolCall():
            return of_text(part.name) + of_text(part.arguments) + MESSAGE_TOKENS
        case ToolResult():
            return MESSAGE_TOKENS + _parts(part.content)
        case Image():
            return IMAGE_TOKENS
        case Document(text=str(text)):
            return of_text(text)
        case Document():
            return PAGE_TOKENS * max(1, len(part.data or "") // PAGE_CHARS)
        case Opaque():
            return of_json(part.raw)
