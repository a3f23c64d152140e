"""What a conversation with another provider leaves in the history of an Anthropic client, and Anthropic would refuse.

Our encoder gives thinking of another provider a sealed signature (`_anthropic_seal`), or an empty one, or makes it a
redacted block. A client sends it back as it came; Anthropic answers that with 400 ("Invalid `signature` in `thinking`
block"). The ids of calls are the other provider's too (Kimi's are `functions.Bash:0`): Anthropic wants
`[a-zA-Z0-9_-]+`.
"""

import re
from typing import Any

from addons.core.mends import unthinking_mid_turn, without_clearing
from addons.core.model import Loss
from addons.dialects import _anthropic_searches as _searches
from addons.dialects._anthropic_content import tool_id
from addons.dialects._anthropic_seal import is_sealed
from addons.dialects._gemini_signature import MARK
from addons.dialects.base import Body

_THINKING = re.compile(rb'"signature"\s*:\s*"(?:"|' + re.escape(MARK) + rb")" + rb'|"data"\s*:\s*"' + re.escape(MARK))
_ID = re.compile(rb'"(?:tool_use_)?id"\s*:\s*"[^"]*[^a-zA-Z0-9_"-]')
_ID_KEYS = {"tool_use": "id", "tool_result": "tool_use_id"}


def residue(raw: bytes, body: Body) -> tuple[Body, list[Loss]]:
    """The members to replace; `raw` is the body as it came, a quick way to see that there is nothing to do."""
    messages, mended, told = body.get("messages"), body, list[Loss]()
    for mark, change, why in _CHANGES:
        if mark in raw and isinstance(messages, list):
            changed = [change(message) for message in messages]
            if any(new is not old for new, old in zip(changed, messages, strict=True)):
                messages, mended = changed, {**mended, "messages": changed}
                told.append(Loss("messages", why))
    changes, losses = _foreign_residue(raw, mended)
    return ({"messages": messages, **changes} if told else changes), told + losses


def _uncited(message: Any) -> Any:
    """Without sources that another provider gave, which have no index that Anthropic could read."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list) or not any(map(_is_cited, content)):
        return message
    return {**message, "content": [_without_sources(block) if _is_cited(block) else block for block in content]}


def _is_cited(block: Any) -> bool:
    sources = block.get("citations") if isinstance(block, dict) else None
    return isinstance(sources, list) and any(map(_is_foreign_source, sources))


def _is_foreign_source(source: Any) -> bool:
    return isinstance(source, dict) and source.get("encrypted_index") == ""


def _without_sources(block: Body) -> Body:
    kept = [each for each in block["citations"] if not _is_foreign_source(each)]
    return {
        **{key: value for key, value in block.items() if key != "citations"},
        **({"citations": kept} if kept else {}),
    }


# what shows that there may be something to change, the change, and how it is told
_CHANGES = (
    (_searches.MARK, _searches.told, "searches that the router ran are sent as text"),
    (b'"encrypted_index"', _uncited, "sources that another provider gave are not sent"),
)


def _foreign_residue(raw: bytes, body: Body) -> tuple[Body, list[Loss]]:
    messages = body.get("messages")
    if not (_THINKING.search(raw) or _ID.search(raw)) or not isinstance(messages, list):
        return {}, []
    named = [_named(message) for message in messages]
    cleaned = [_cleaned(message) for message in named]
    thought = any(new is not old for new, old in zip(cleaned, named, strict=True))
    if not thought:
        renamed = any(new is not old for new, old in zip(named, messages, strict=True))
        return ({"messages": named} if renamed else {}), []
    mended = {**body, "messages": [message for message in cleaned if message is not None]}
    losses = [Loss("messages", "thinking of another provider is not sent")]
    if _by_budget(body) and unthinking_mid_turn(mended) is not mended:
        losses.append(Loss("thinking", "the turn goes on after a call whose thinking was not sent: no thinking"))
        edited = without_clearing(mended).get("context_management", {"edits": []})
        given = {"context_management": edited} if "context_management" in body else {}
        return {"messages": mended["messages"], "thinking": {"type": "disabled"}, **given}, losses
    return {"messages": mended["messages"]}, losses


def _named(message: Any) -> Any:
    """With ids that Anthropic takes; a call and its result keep one and the same."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    named = [_block(block) for block in content]
    return message if all(a is b for a, b in zip(named, content, strict=True)) else {**message, "content": named}


def _block(block: Any) -> Any:
    key = _ID_KEYS.get(str(block.get("type"))) if isinstance(block, dict) else None
    found = block.get(key) if key else None
    legal = tool_id(found) if isinstance(found, str) else found
    return block if legal == found else {**block, key: legal}


def _by_budget(body: Body) -> bool:
    """Adaptive thinking does not ask how a message begins (Anthropic documentation, "Adaptive thinking")."""
    thinking = body.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") == "enabled"


def _cleaned(message: Any) -> Any:
    """Without thinking that Anthropic did not sign; None for a message of which nothing is left."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    kept = [block for block in content if not _foreign(block)]
    return message if len(kept) == len(content) else {**message, "content": kept} if kept else None


def _foreign(block: Any) -> bool:
    if not isinstance(block, dict):
        return False
    if block.get("type") == "redacted_thinking":
        return is_sealed(block.get("data"))
    return block.get("type") == "thinking" and (block.get("signature") == "" or is_sealed(block.get("signature")))
