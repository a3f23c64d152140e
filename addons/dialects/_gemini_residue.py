"""Signatures that only this router can read (`_gemini_signature`), taken out of a Gemini body before a Gemini provider
sees it: a conversation that another provider has answered holds them, and Google refuses what it did not sign."""

from addons.core.mends import UNCHECKED_SIGNATURE
from addons.core.model import Loss
from addons.dialects._gemini_signature import MARK
from addons.dialects.base import Body

_KEYS = ("thoughtSignature", "thought_signature")
_CALLS = ("functionCall", "function_call")


def residue(raw: bytes, body: Body) -> tuple[Body, list[Loss]]:
    """The `contents` without them, when there are any. A call keeps the placeholder that Google documents for calls of
    other models: without any signature its newer models refuse the call."""
    contents = body.get("contents")
    if MARK not in raw or not isinstance(contents, list):
        return {}, []
    losses: list[Loss] = []
    cleaned = [_content(content, f"contents[{n}]", losses) for n, content in enumerate(contents)]
    return ({"contents": cleaned}, losses) if losses else ({}, [])


def _content(content: object, path: str, losses: list[Loss]) -> object:
    if not isinstance(content, dict) or not isinstance(content.get("parts"), list):
        return content
    parts = [_part(part, f"{path}.parts[{n}]", losses) for n, part in enumerate(content["parts"])]
    return {**content, "parts": parts}


def _part(part: object, path: str, losses: list[Loss]) -> object:
    key = next((key for key in _KEYS if isinstance(part, dict) and _is_wrapped(part.get(key))), None)
    if key is None or not isinstance(part, dict):
        return part
    losses.append(Loss(f"{path}.{key}", "thinking of another provider is not sent"))
    if any(call in part for call in _CALLS):
        return {**part, key: UNCHECKED_SIGNATURE}
    return {name: value for name, value in part.items() if name != key}


def _is_wrapped(value: object) -> bool:
    return isinstance(value, str) and value.startswith(MARK.decode())
