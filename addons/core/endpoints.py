"""Which path means what, and whose dialect it is. Tables; source: the predecessor's paths (the parity list)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from addons.core.model import DialectName


class Kind(StrEnum):
    HEALTH = "health"
    CARD = "card"
    MODELS = "models"
    GENERATE = "generate"
    UNIFIED = "unified"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`dialect` None: to be found out from the request (models: from its headers; unified: from its body)."""

    kind: Kind
    dialect: DialectName | None = None


_LEAVES: Mapping[str, DialectName] = {
    "messages": DialectName.ANTHROPIC,
    "chat/completions": DialectName.CHAT,
    "responses": DialectName.RESPONSES,
}
_HOMES: Mapping[DialectName, str] = {
    DialectName.ANTHROPIC: "anthropic",
    DialectName.CHAT: "openai",
    DialectName.RESPONSES: "openai",
}

POST: Mapping[str, Endpoint] = {
    **{path: Endpoint(Kind.UNIFIED) for path in ("", "v1", "route", "router")},
    "openai": Endpoint(Kind.GENERATE, DialectName.CHAT),
    "anthropic": Endpoint(Kind.GENERATE, DialectName.ANTHROPIC),
    **{
        f"{prefix}{leaf}": Endpoint(Kind.GENERATE, dialect)
        for leaf, dialect in _LEAVES.items()
        for prefix in ("", "v1/", f"{_HOMES[dialect]}/", f"{_HOMES[dialect]}/v1/")
    },
}

GET: Mapping[str, Endpoint] = {
    "": Endpoint(Kind.CARD),
    "health": Endpoint(Kind.HEALTH),
    **{path: Endpoint(Kind.MODELS) for path in ("v1/models", "models")},
    **{path: Endpoint(Kind.MODELS, DialectName.CHAT) for path in ("openai/v1/models", "openai/models")},
    **{path: Endpoint(Kind.MODELS, DialectName.ANTHROPIC) for path in ("anthropic/v1/models", "anthropic/models")},
}

METHODS: Mapping[str, Mapping[str, Endpoint]] = {"POST": POST, "GET": GET, "HEAD": GET}


def find(method: str, path: str) -> Endpoint | None:
    """The endpoint of a request, or None. A trailing slash is tolerated; `/health` answers every method."""
    name = path.strip("/")
    if name == "health":
        return GET["health"]
    return METHODS.get(method, {}).get(name)


def allowed(path: str) -> tuple[str, ...]:
    """The methods that a path answers; empty for a path that does not exist."""
    name = path.strip("/")
    return tuple(method for method, table in METHODS.items() if name in table)


def error_dialect(path: str, headers: Mapping[str, str]) -> DialectName:
    """The dialect of a refusal when the endpoint is unknown or shared."""
    for table in (POST, GET):
        found = table.get(path.strip("/"))
        if found is not None and found.dialect is not None:
            return found.dialect
    if path.startswith("/anthropic") or "anthropic-version" in headers or "/messages" in path:
        return DialectName.ANTHROPIC
    return DialectName.CHAT


def detect(body: Mapping[str, Any], headers: Mapping[str, str]) -> DialectName:
    """The dialect of a body on the unified endpoint. The order of the signs is the predecessor's, with Responses
    added (its `input` field is no other dialect's); a body without any sign counts as Anthropic's."""
    if "anthropic-version" in headers or "anthropic_version" in body:
        return DialectName.ANTHROPIC
    if "input" in body and "messages" not in body:
        return DialectName.RESPONSES
    if _tells_chat(body):
        return DialectName.CHAT
    return DialectName.ANTHROPIC


_CHAT_FIELDS = frozenset({"max_completion_tokens", "response_format", "n", "stream_options", "reasoning_effort"})
_CHAT_MESSAGE_FIELDS = frozenset({"tool_call_id", "tool_calls"})
_ANTHROPIC_BLOCKS = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking", "image", "document"})
_CHAT_BLOCKS = frozenset({"image_url", "input_audio", "file"})


def _tells_chat(body: Mapping[str, Any]) -> bool:
    """Whether the first telling sign speaks for Chat Completions."""
    if body.keys() & _CHAT_FIELDS:
        return True
    for tool in _dicts(body.get("tools"))[:1]:
        if "input_schema" in tool:
            return False
        if tool.get("type") == "function" or "function" in tool:
            return True
    choice = body.get("tool_choice")
    if isinstance(choice, str):
        return True
    if isinstance(choice, dict):
        return choice.get("type") == "function"
    messages = _dicts(body.get("messages"))
    if any(
        message.get("role") in ("tool", "developer") or message.keys() & _CHAT_MESSAGE_FIELDS for message in messages
    ):
        return True
    types = {block.get("type") for message in messages for block in _dicts(message.get("content"))}
    if types & _ANTHROPIC_BLOCKS:
        return False
    return bool(types & _CHAT_BLOCKS)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
