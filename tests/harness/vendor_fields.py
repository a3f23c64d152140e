"""Every field of a request that the vendors' SDKs know, by the paths that the fidelity table uses."""

import re
from collections.abc import Iterator
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeAliasType,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import anthropic.types.beta as claude
import google.genai.types as genai
import openai.types.chat as chat
import openai.types.responses as responses
from anthropic.types import message_create_params as claude_stable
from anthropic.types.beta import message_create_params as claude_beta
from openai.types import completion_create_params as legacy
from openai.types.chat import completion_create_params as chat_create
from openai.types.responses import response_create_params as responses_create
from openai.types.shared_params.response_format_json_schema import JSONSchema
from pydantic import BaseModel

from addons.core.model import DialectName

_HINTS: dict[Any, dict[str, Any]] = {}


def hints(kind: Any) -> dict[str, Any]:
    """The fields of a TypedDict, with what they hold."""
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


def variants(kind: Any) -> Iterator[Any]:
    """The TypedDicts of a union, however deep it is wrapped."""
    if isinstance(kind, TypeAliasType):
        yield from variants(kind.__value__)
    elif get_origin(kind) in (Union, UnionType, Required, NotRequired, Annotated):
        for each in get_args(kind):
            yield from variants(each)
    elif hasattr(kind, "__total__"):
        yield kind
    elif get_args(kind):
        for each in get_args(kind):
            yield from variants(each)


def literal(kind: Any, field: str) -> str | None:
    """The one value of a field such as `type`."""
    hint = hints(kind).get(field)
    while get_origin(hint) in (Required, NotRequired, Annotated):
        hint = get_args(hint)[0]
    values = get_args(hint) if get_origin(hint) is Literal else ()
    return str(values[0]) if values else None


def members(kind: Any, prefix: str) -> Iterator[str]:
    """The fields of the TypedDicts of `kind`, under `prefix`; their discriminator says nothing."""
    for variant in variants(kind):
        for name in hints(variant):
            yield f"{prefix}.{name}"


def typed(kind: Any) -> Iterator[str]:
    """Content by its type: `image`, `image.source` …"""
    for variant in variants(kind):
        name = literal(variant, "type")
        if name is not None:
            yield name
            yield from (f"{name}.{field}" for field in hints(variant) if field != "type")


def _claude() -> Iterator[str]:
    nested = ("thinking", "output_config", "metadata", "tool_choice")
    for base in (claude_stable.MessageCreateParamsBase, claude_beta.MessageCreateParamsBase):
        top = hints(base)
        # a header, not a member of the body
        yield from (name for name in top if name != "betas")
        for name in nested:
            yield from members(top[name], name)
    yield from members(claude.BetaMessageParam, "messages")
    yield from typed(claude.BetaContentBlockParam)
    for tool in variants(claude.BetaToolUnionParam):
        if tool is claude.BetaToolParam:
            yield from (f"tools[].{name}" for name in hints(tool))
        else:
            name = literal(tool, "name") or re.sub(r"_20\d{6}$", "", str(literal(tool, "type")))
            yield from (f"{name}.{field}" for field in hints(tool) if field not in ("type", "name"))


def _chat() -> Iterator[str]:
    top = hints(chat_create.CompletionCreateParamsBase)
    yield from top
    yield from members(top["stream_options"], "stream_options")
    for message in variants(chat.ChatCompletionMessageParam):
        role = literal(message, "role")
        yield from (f"{role}.{field}" for field in hints(message) if field != "role")
    for part in variants(chat.ChatCompletionContentPartParam):
        kind = literal(part, "type")
        yield from (f"{kind}.{field}" for field in hints(part) if field not in ("type", kind))
        yield from members(hints(part)[str(kind)], f"{kind}.{kind}")
    for tool in variants(chat.ChatCompletionToolUnionParam):
        yield from members(tool, "tools[]")
    yield from members(hints(chat.ChatCompletionFunctionToolParam)["function"], "tools[].function")
    yield from members(hints(chat.ChatCompletionCustomToolParam)["custom"], "tools[].custom")
    yield from members(JSONSchema, "response_format.json_schema")


def _completions() -> Iterator[str]:
    yield from hints(legacy.CompletionCreateParamsBase)


def _responses() -> Iterator[str]:
    top = hints(responses_create.ResponseCreateParamsBase)
    yield from top
    for name in ("reasoning", "text", "prompt", "stream_options"):
        yield from members(top[name], name)
    yield from members(responses.ResponseFormatTextJSONSchemaConfigParam, "text.format")
    yield from typed(responses.ResponseInputContentParam)
    yield from typed(hints(responses.ResponseOutputMessageParam)["content"])
    yield from typed(responses.ResponseInputItemParam)
    yield from typed(responses.ToolParam)
    yield "item_reference"


def _named(kind: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The fields of a model under their names on the wire."""
    for name, field in kind.model_fields.items():
        yield f"{prefix}{field.alias or name}"


# what the SDK itself does with a request
_OF_SDK = frozenset(("httpOptions", "shouldReturnHttpResponse", "automaticFunctionCalling"))


def _gemini() -> Iterator[str]:
    settings = set(_named(genai.GenerationConfig)) | {"imageConfig"}
    yield from (f"generationConfig.{name}" for name in settings)
    yield from set(_named(genai.GenerateContentConfig)) - settings - _OF_SDK
    yield from _named(genai.ThinkingConfig, "generationConfig.thinkingConfig.")
    yield from _named(genai.ToolConfig, "toolConfig.")
    yield from _named(genai.FunctionCallingConfig, "toolConfig.functionCallingConfig.")
    yield from _named(genai.Tool)
    yield from _named(genai.FunctionDeclaration, "functionDeclarations[].")
    yield from _named(genai.Part)
    yield from _named(genai.Blob, "inlineData.")
    yield from _named(genai.FileData, "fileData.")
    yield from _named(genai.FunctionCall, "functionCall.")
    yield from _named(genai.FunctionResponse, "functionResponse.")


FIELDS = {
    DialectName.GEMINI: _gemini,
    DialectName.ANTHROPIC: _claude,
    DialectName.CHAT: _chat,
    DialectName.RESPONSES: _responses,
    DialectName.COMPLETIONS: _completions,
}
