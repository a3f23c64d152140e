"""Details that only this router can read (`_chat_details`), taken out of a Chat body before a Chat provider sees it."""

from addons.core.model import Loss
from addons.dialects._chat_details import KEY, is_wrapped
from addons.dialects._gemini_signature import MARK
from addons.dialects.base import Body


def residue(raw: bytes, body: Body) -> tuple[Body, list[Loss]]:
    """The `messages` without them, when there are any."""
    messages = body.get("messages")
    if MARK not in raw or not isinstance(messages, list):
        return {}, []
    losses: list[Loss] = []
    cleaned = [_message(message, f"messages[{n}]", losses) for n, message in enumerate(messages)]
    return ({"messages": cleaned}, losses) if losses else ({}, [])


def _message(message: object, path: str, losses: list[Loss]) -> object:
    if not isinstance(message, dict) or not isinstance(message.get(KEY), list):
        return message
    kept = [each for each in message[KEY] if not is_wrapped(each)]
    if len(kept) == len(message[KEY]):
        return message
    losses.append(Loss(f"{path}.{KEY}", "thinking of another provider is not sent"))
    rest = {key: value for key, value in message.items() if key != KEY}
    return {**rest, KEY: kept} if kept else rest
