"""Searches that the router ran itself, in the history of a client whose next request goes to Anthropic.

Their blocks look like Anthropic's, but it would refuse what they hold (`encrypted_content` is sealed by the router):
they are told in words.
"""

from typing import Any

from addons.core.in_words import in_words
from addons.core.model import DialectName, Opaque
from addons.core.sealed_text import ID_MARK
from addons.dialects.base import Body

MARK = ID_MARK.encode()
_KEYS = ("id", "tool_use_id")


def told(message: Any) -> Any:
    """The same message where it has none."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list) or not any(map(_is_ours, content)):
        return message
    blocks = (_words(block) if _is_ours(block) else block for block in content)
    return {**message, "content": [block for block in blocks if block is not None]}


def _is_ours(block: Any) -> bool:
    if not isinstance(block, dict) or block.get("type") in ("tool_use", "tool_result"):
        return False
    return any(isinstance(block.get(key), str) and block[key].startswith(ID_MARK) for key in _KEYS)


def _words(block: Body) -> Body | None:
    text = in_words(Opaque(DialectName.ANTHROPIC, block))
    return {"type": "text", "text": text} if text else None
