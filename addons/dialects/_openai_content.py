"""What the messages of OpenAI's two dialects have in common: instructions, ids of calls, and files."""

import hashlib
from collections.abc import Sequence

from addons.core.history import is_billing
from addons.core.in_words import loss_of
from addons.core.model import Document, Loss, Message, Opaque, Text
from addons.dialects.base import Body

SYSTEM = ("system", "developer")
_PDF = "application/pdf"


def begun(history: Sequence[Message]) -> int:
    """How many messages of instructions lead a conversation."""
    return next((n for n, message in enumerate(history) if message.role not in SYSTEM), len(history))


def instructions(message: Message, losses: list[Loss]) -> str:
    """The text of a message of instructions; what else it holds is told."""
    parts = [part for part in message.parts if not is_billing(part)]
    if len(parts) < len(message.parts):
        losses.append(Loss("system", "the billing header is not sent to another provider"))
    losses += [loss_of(part, "system") for part in parts if isinstance(part, Opaque)]
    return "\n\n".join(part.text for part in parts if isinstance(part, Text) and part.text)


def shortened(name: str, limit: int) -> str:
    """An id of at most `limit` characters: a longer one keeps its beginning. The same id is always made the same, so
    that a call and its result keep together."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 17]}_{digest(name)[:16]}"


def digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def file_members(document: Document) -> Body:
    """A document as bytes."""
    data = f"data:{document.media_type or _PDF};base64,{document.data}"
    return {"filename": document.name or "document.pdf", "file_data": data}
