"""A prompt cache key for clients that have none: OpenAI routes requests of one key to one cache (API reference,
"Prompt caching")."""

import hashlib

from addons.core import jsonio
from addons.core.history import is_billing
from addons.core.model import Message, Request, Text, Tool
from addons.core.traits import Traits


def takes_key(model: Traits) -> bool:
    """Whether a key of our own making may be sent for `model`: others than OpenAI may refuse a field that they do not
    know."""
    return model.cache_key


def stable_key(request: Request) -> str:
    """The key of the conversation that `request` is a turn of: at most 64 characters, the same for every turn.

    It is a hash of what no later turn changes: the leading instructions, the first message of the user, the names of
    the tools. Tools that were loaded on the way are left out, and so is a text that names the client's version.
    """
    facts = [_leading(request), _first(request), sorted(_tools(request))]
    return f"llr-{hashlib.sha256(jsonio.dumps(facts)).hexdigest()[:40]}"


def _leading(request: Request) -> list[str]:
    found: list[str] = []
    for message in request.messages:
        if message.role not in ("system", "developer"):
            break
        found += _texts(message)
    return found


def _first(request: Request) -> list[str]:
    users = (_texts(message) for message in request.messages if message.role == "user")
    return next((texts for texts in users if texts), [])


def _texts(message: Message) -> list[str]:
    return [part.text for part in message.parts if isinstance(part, Text) and part.text and not is_billing(part)]


def _tools(request: Request) -> list[str]:
    return [
        tool.name if tool.namespace is None else f"{tool.namespace}.{tool.name}"
        for tool in request.tools
        if isinstance(tool, Tool) and not (tool.extras.get("defer_loading") or tool.extras.get("offered"))
    ]
