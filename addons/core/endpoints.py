"""Which path means what, and whose dialect it is. Tables; source: the predecessor's paths (the parity list), and for
Gemini the paths that Google's SDK, Vertex AI and AMP use (`models/{model}:{method}` behind many prefixes)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from addons.core.model import DialectName

KEPT = 256  # paths whose endpoint is kept


class Kind(StrEnum):
    HEALTH = "health"
    CARD = "card"
    MODELS = "models"
    MODEL = "model"
    GENERATE = "generate"
    UNIFIED = "unified"
    COUNT = "count"
    EMBEDDINGS = "embeddings"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`dialect` None: to be found out from the request (models: from its headers; unified: from its body). `model`
    and `stream` are what the path says of them; None: the body does. `provider` is whom one of AMP's paths names."""

    kind: Kind
    dialect: DialectName | None = None
    model: str | None = None
    stream: bool | None = None
    provider: str | None = None


CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS

_LEAVES: Mapping[str, Endpoint] = {
    "messages": Endpoint(Kind.GENERATE, CLAUDE),
    "messages/count_tokens": Endpoint(Kind.COUNT, CLAUDE),
    "chat/completions": Endpoint(Kind.GENERATE, CHAT),
    "completions": Endpoint(Kind.GENERATE, COMPLETIONS),
    "responses": Endpoint(Kind.GENERATE, RESPONSES),
    "responses/input_tokens": Endpoint(Kind.COUNT, RESPONSES),
    "embeddings": Endpoint(Kind.EMBEDDINGS, CHAT),
}
_HOMES: Mapping[DialectName | None, str] = {CLAUDE: "anthropic"}

POST: Mapping[str, Endpoint] = {
    **{path: Endpoint(Kind.UNIFIED) for path in ("", "v1", "route", "router")},
    "openai": Endpoint(Kind.GENERATE, CHAT),
    "anthropic": Endpoint(Kind.GENERATE, CLAUDE),
    **{
        f"{prefix}{leaf}": endpoint
        for leaf, endpoint in _LEAVES.items()
        for home in (_HOMES.get(endpoint.dialect, "openai"),)
        for prefix in ("", "v1/", f"{home}/", f"{home}/v1/")
    },
}

GET: Mapping[str, Endpoint] = {
    "": Endpoint(Kind.CARD),
    "health": Endpoint(Kind.HEALTH),
    **{path: Endpoint(Kind.MODELS) for path in ("v1/models", "models")},
    **{path: Endpoint(Kind.MODELS, CHAT) for path in ("openai/v1/models", "openai/models")},
    **{path: Endpoint(Kind.MODELS, CLAUDE) for path in ("anthropic/v1/models", "anthropic/models")},
}

METHODS: Mapping[str, Mapping[str, Endpoint]] = {"POST": POST, "GET": GET, "HEAD": GET}

_GOOGLE = (
    r"(?:gemini/|api/provider/google/)?(?:v1(?:alpha|beta1?)?/)?"
    r"(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?"
)
_GOOGLE_ONLY = r"(?:gemini/|api/provider/google/|v1(?:alpha|beta1?)/|(?:v1/)?publishers/google/)"
_GOOGLE_CALL = re.compile(rf"{_GOOGLE}models/(?P<model>.+):(?P<method>[A-Za-z]+)")
# a model's name may hold a colon (`llama3:8b`), and a GET of something that is to be posted is not its model
_GOOGLE_LIST = re.compile(
    rf"(?={_GOOGLE_ONLY}){_GOOGLE}models(?:/(?P<model>(?!.*:(?:generate|streamGenerate)Content$|.*:countTokens$).+))?"
)
_GOOGLES = re.compile(_GOOGLE_ONLY)
# AMP has one folder for each provider, with its API below it; some of them without the version
AMP = "api/provider/"
_AMP = re.compile(rf"{AMP}(?P<provider>[^/]+)/(?:v1/)?(?P<leaf>.+)")
_MODEL = re.compile(r"(?:(?P<home>openai|anthropic)/)?(?:v1/)?models/(?P<model>.+)")

_GOOGLE_METHODS: Mapping[str, Endpoint] = {
    "generateContent": Endpoint(Kind.GENERATE, GEMINI, stream=False),
    "streamGenerateContent": Endpoint(Kind.GENERATE, GEMINI, stream=True),
    "countTokens": Endpoint(Kind.COUNT, GEMINI, stream=False),
}
_HOME_DIALECTS: Mapping[str | None, DialectName | None] = {"openai": CHAT, "anthropic": CLAUDE, None: None}


@lru_cache(maxsize=KEPT)
def find(method: str, path: str) -> Endpoint | None:
    """The endpoint of a request, or None. A trailing slash is tolerated; `/health` answers every method."""
    name = path.strip("/")
    if name == "health":
        return GET["health"]
    found = METHODS.get(method, {}).get(name) or _parsed(name, method)
    amp = _AMP.fullmatch(name)
    if amp is not None:
        provider = amp["provider"].lower()
        found = found or _of_amp(provider, amp["leaf"], method)
        return None if found is None else replace(found, provider=provider)
    return found


def is_amp(path: str) -> bool:
    """Whether a path is below AMP's folder of providers, be it an endpoint or not."""
    return path.strip("/").startswith(AMP)


def _of_amp(provider: str, leaf: str, method: str) -> Endpoint | None:
    if method == "POST":
        return _LEAVES.get(leaf)
    if method not in METHODS:
        return None
    folder, slash, model = leaf.partition("/")
    dialect = CLAUDE if provider == "anthropic" else CHAT
    if folder != "models":
        return None
    return Endpoint(Kind.MODEL, dialect, unquote(model)) if slash else Endpoint(Kind.MODELS, dialect)


def allowed(path: str) -> tuple[str, ...]:
    """The methods that a path answers; empty for a path that does not exist."""
    return tuple(method for method in METHODS if find(method, path) is not None)


def _parsed(name: str, method: str) -> Endpoint | None:
    """The endpoint of a path that names a model."""
    if method == "POST":
        call = _GOOGLE_CALL.fullmatch(name)
        endpoint = _GOOGLE_METHODS.get(call["method"]) if call else None
        return replace(endpoint, model=unquote(call["model"])) if call and endpoint else None
    if method not in METHODS:
        return None
    if listed := _GOOGLE_LIST.fullmatch(name):
        model = listed["model"]
        return Endpoint(Kind.MODEL, GEMINI, unquote(model)) if model else Endpoint(Kind.MODELS, GEMINI)
    if one := _MODEL.fullmatch(name):
        return Endpoint(Kind.MODEL, _HOME_DIALECTS[one["home"]], unquote(one["model"]))
    return None


def error_dialect(path: str, headers: Mapping[str, str]) -> DialectName:
    """The dialect of a refusal when the endpoint is unknown or shared."""
    for method in ("POST", "GET"):
        found = find(method, path)
        if found is not None and found.dialect is not None:
            return found.dialect
    if path.startswith("/anthropic") or "anthropic-version" in headers or "/messages" in path:
        return CLAUDE
    if path.startswith("/gemini") or _GOOGLES.match(path.strip("/")) or "x-goog-api-key" in headers:
        return GEMINI
    return CHAT


def detect(body: Mapping[str, Any], headers: Mapping[str, str]) -> DialectName:
    """The dialect of a body on the unified endpoint. The order of the signs is the predecessor's, with `contents`
    (Gemini), `input` (Responses) and `prompt` (legacy completions) added, which are no other dialect's; a body
    without any sign counts as Anthropic's."""
    if "anthropic-version" in headers or "anthropic_version" in body:
        return CLAUDE
    if "contents" in body and "messages" not in body:
        return GEMINI
    if "input" in body and "messages" not in body:
        return RESPONSES
    if "prompt" in body and "messages" not in body:
        return COMPLETIONS
    if _tells_chat(body):
        return CHAT
    return CLAUDE


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
