"""What of a request says how it is built rather than what it says: the strings that a signature keeps.

A table of keys and of the values that each may keep; everything else is hidden. Sources: the fields of the five
dialects, and what the recorded coding tools send. Inside of what tools are called with and answer, and of metadata,
nothing is a discriminator.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from addons.core.secret_shapes import is_label


class Place(Enum):
    """Where in a body one is: among the fields of the dialect; in a value that is the user's own; in a JSON schema;
    among the named members of a schema."""

    WIRE = "wire"
    FREE = "free"
    SCHEMA = "schema"
    MEMBERS = "members"


def _of(*values: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, values)))


# one or more words and a date: `server_tool_use`, `web_search_20250305`, `response.create`, `MALFORMED_FUNCTION_CALL`
WORD = re.compile(r"[A-Za-z]{1,16}(?:[_.-][A-Za-z0-9]{1,12}){0,6}")
LABEL = re.compile(r"[\w./:@+\[\] -]{1,120}")
MIME = re.compile(r"[a-z]{1,16}/[a-z0-9.+-]{1,60}")
SPAN = re.compile(r"\d{1,6}[smhd]")
SIZE = re.compile(r"\d{1,5}[xX:]\d{1,5}|[0-9]{1,2}[kK]|auto")
TOOL_NAME = re.compile(r"[A-Za-z_$][\w.:/-]{0,79}")
FIELD = re.compile(r"[A-Za-z_$@][\w$.:-]{0,63}")
JSON_TYPE = re.compile(r"(?i)string|number|integer|boolean|array|object|null|type_unspecified")
REFERENCE = re.compile(r"#(?:/[\w$.-]{1,64}){0,6}")

ROLES = _of("user", "assistant", "system", "developer", "tool", "function", "model", "critic", "discriminator")

KEPT: Mapping[str, re.Pattern[str]] = {
    "type": WORD,
    "object": WORD,
    "role": ROLES,
    "model": LABEL,
    "stop_reason": WORD,
    "finish_reason": WORD,
    "finishReason": WORD,
    "status": _of("in_progress", "completed", "incomplete", "failed", "queued", "cancelled", "searching"),
    "mode": _of("auto", "any", "none", "required", "validated", "AUTO", "ANY", "NONE", "VALIDATED", "MODE_UNSPECIFIED"),
    "effort": _of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "reasoning_effort": _of("none", "minimal", "low", "medium", "high", "xhigh", "max", "default"),
    "level": _of("low", "medium", "high", "minimal"),
    "thinkingLevel": re.compile(r"(?i)minimal|low|medium|high|thinking_level_unspecified"),
    "verbosity": _of("low", "medium", "high"),
    "summary": _of("auto", "concise", "detailed", "none"),
    "display": _of("summarized", "omitted", "full"),
    "service_tier": _of("auto", "default", "flex", "scale", "priority", "standard_only", "standard", "batch"),
    "speed": _of("standard", "fast"),
    "truncation": _of("auto", "disabled"),
    "tool_choice": _of("auto", "none", "required", "any"),
    "function_call": _of("auto", "none"),
    "ttl": SPAN,
    "detail": _of("auto", "low", "high", "original"),
    "phase": WORD,
    "include": WORD,
    "modalities": _of("text", "audio", "image"),
    "responseModalities": re.compile(r"(?i)text|image|audio"),
    "responseMimeType": MIME,
    "mimeType": MIME,
    "mime_type": MIME,
    "media_type": MIME,
    "aspectRatio": SIZE,
    "imageSize": SIZE,
    "size": SIZE,
    "quality": _of("auto", "low", "medium", "high", "standard", "hd"),
    "syntax": _of("lark", "regex"),
    "prompt_cache_retention": _of("in_memory", "in-memory", "24h"),
    "encoding_format": _of("float", "base64"),
    "search_context_size": _of("low", "medium", "high"),
    "anthropic_version": LABEL,
    "anthropic_beta": LABEL,
    "betas": LABEL,
    "allowedFunctionNames": TOOL_NAME,
}
# `name` is that of a tool in these homes, and in objects of these types; elsewhere it may be that of a person
TOOL_HOMES = frozenset(
    {
        "tools", "function", "functions", "function_call", "functionCall", "functionResponse", "functionDeclarations",
        "function_declarations", "tool_choice", "custom",
    }
)  # fmt: skip
TOOL_TYPES = frozenset(
    {
        "tool_use", "server_tool_use", "mcp_tool_use", "function", "function_call", "custom", "custom_tool_call",
        "tool", "namespace",
    }
)  # fmt: skip

FREE = frozenset(
    {
        "arguments", "args", "response", "metadata", "client_metadata", "params", "logit_bias", "output", "user",
        "content_filters", "labels", "attributes",
    }
)  # fmt: skip
SCHEMAS = frozenset(
    {
        "parameters", "input_schema", "inputSchema", "parametersJsonSchema", "parameters_json_schema", "schema",
        "responseSchema", "response_schema", "responseJsonSchema", "output_schema", "outputSchema",
    }
)  # fmt: skip
MEMBERS = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})

SCHEMA_KEPT: Mapping[str, re.Pattern[str]] = {
    "type": JSON_TYPE,
    "format": re.compile(r"[a-z]{1,12}(?:-[a-z0-9]{1,10}){0,2}"),
    "$ref": REFERENCE,
    "$schema": re.compile(r"https?://json-schema\.org/[\w/.-]{1,40}#?"),
    "required": FIELD,
    "propertyOrdering": FIELD,
}


def inside(place: Place, key: str, depth: int) -> Place:
    """Where the value of `key` is; `depth` is that of the object (0: the body itself)."""
    match place:
        case Place.FREE:
            return Place.FREE
        case Place.MEMBERS:
            return Place.SCHEMA
        case Place.SCHEMA:
            return Place.MEMBERS if key in MEMBERS else Place.SCHEMA
        case Place.WIRE if key in FREE or (key == "input" and depth > 0):
            return Place.FREE
        case Place.WIRE:
            return Place.SCHEMA if key in SCHEMAS else Place.WIRE


def kept(place: Place, key: str, text: str, holder: Mapping[str, Any] | None, home: str) -> bool:
    """Whether the string `text` under `key` stays. `holder` is the object that it stands in, `home` the key of that."""
    if place in (Place.FREE, Place.MEMBERS):
        return False
    pattern = SCHEMA_KEPT.get(key) if place is Place.SCHEMA else KEPT.get(key)
    if pattern is None and key == "name" and place is Place.WIRE and _of_a_tool(holder, home):
        pattern = TOOL_NAME
    return pattern is not None and bool(pattern.fullmatch(text)) and is_label(text)


def _of_a_tool(holder: Mapping[str, Any] | None, home: str) -> bool:
    if holder is None:
        return False
    kind = holder.get("type")
    return home in TOOL_HOMES or (isinstance(kind, str) and kind in TOOL_TYPES)


# Headers whose values say what a client is and can; of all others only the name and the length are kept.
HEADERS = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "anthropic-beta", "anthropic-version",
        "anthropic-client-capabilities", "anthropic-dangerous-direct-browser-access", "cache-control", "connection",
        "content-encoding", "content-length", "content-type", "http-referer", "openai-beta", "originator", "pragma",
        "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "transfer-encoding", "upgrade", "user-agent", "version",
        "x-amp-client-application", "x-amp-client-bundle", "x-amp-client-type", "x-amp-client-version", "x-amp-feature",
        "x-amp-mode", "x-amp-override-provider", "x-app", "x-codex-beta-features", "x-goog-api-client", "x-title",
        "oai-product-sku", "x-openai-subagent",
    }
)  # fmt: skip
HEADER_PREFIXES = ("x-stainless-",)
QUERY = frozenset({"alt", "beta", "client_version", "limit", "api-version", "stream", "order", "model", "rvt-method"})


def keeps_header(name: str) -> bool:
    return name in HEADERS or name.startswith(HEADER_PREFIXES)
