"""Every member of an answer that the vendors' SDKs know, by the paths that the fidelity table uses."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

import google.genai.types as genai
from anthropic.types.beta import BetaMessage, BetaUsage
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.completion_usage import CompletionTokensDetails, PromptTokensDetails
from openai.types.responses import Response, ResponseUsage
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails
from pydantic import BaseModel

from addons.core.model import DialectName


def named(kind: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The fields of a model under their names on the wire."""
    for name, field in kind.model_fields.items():
        yield f"{prefix}{field.alias or name}"


def choices(annotation: Any) -> Iterator[str]:
    """The words of a literal, however deep it is wrapped."""
    if get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    elif get_args(annotation):
        for each in get_args(annotation):
            yield from choices(each)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models of a union, however deep it is wrapped."""
    if isinstance(annotation, TypeAliasType):
        yield from models(annotation.__value__)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, Annotated, list):
        for each in get_args(annotation):
            yield from models(each)


def kinds(annotation: Any) -> Iterator[str]:
    """Content by its type."""
    for model in models(annotation):
        yield from choices(model.model_fields["type"].annotation)


def _claude() -> Iterator[str]:
    yield from named(BetaMessage)
    yield from named(BetaUsage, "usage.")
    yield from kinds(BetaMessage.model_fields["content"].annotation)
    for reason in choices(BetaMessage.model_fields["stop_reason"].annotation):
        yield f"stop_reason={reason}"


def _chat() -> Iterator[str]:
    yield from named(ChatCompletion)
    yield from named(Choice, "choices[].")
    yield from named(ChatCompletionMessage, "message.")
    yield from named(CompletionUsage, "usage.")
    yield from named(PromptTokensDetails, "usage.prompt_tokens_details.")
    yield from named(CompletionTokensDetails, "usage.completion_tokens_details.")
    for reason in choices(Choice.model_fields["finish_reason"].annotation):
        yield f"choices[].finish_reason={reason}"


def _responses() -> Iterator[str]:
    yield from named(Response)
    yield from named(ResponseUsage, "usage.")
    yield from named(InputTokensDetails, "usage.input_tokens_details.")
    yield from named(OutputTokensDetails, "usage.output_tokens_details.")
    yield from kinds(Response.model_fields["output"].annotation)
    for reason in choices(models_of(Response, "incomplete_details").model_fields["reason"].annotation):
        yield f"incomplete_details.reason={reason}"


def models_of(kind: type[BaseModel], field: str) -> type[BaseModel]:
    return next(models(kind.model_fields[field].annotation))


# what the SDK itself adds to an answer
_OF_SDK = frozenset(("automaticFunctionCallingHistory", "parsed", "sdkHttpResponse"))


def _gemini() -> Iterator[str]:
    yield from set(named(genai.GenerateContentResponse)) - _OF_SDK
    yield from named(genai.Candidate, "candidates[].")
    yield from named(genai.GenerateContentResponseUsageMetadata, "usageMetadata.")
    yield from named(genai.Part)
    for reason in genai.FinishReason:
        yield f"candidates[].finishReason={reason.value}"


MEMBERS = {
    DialectName.ANTHROPIC: _claude,
    DialectName.CHAT: _chat,
    DialectName.RESPONSES: _responses,
    DialectName.GEMINI: _gemini,
}
