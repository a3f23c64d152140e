"""The settings of a foreign request, as far as Chat Completions has them. Source: OpenAI API reference, "Create chat
completion"; the guides "Reasoning models", "Structured Outputs" and "Prompt caching"."""

from collections.abc import Mapping
from typing import Any

from addons.core import effort as efforts
from addons.core.beside import IMAGE_DETAIL
from addons.core.cache_key import stable_key, takes_key
from addons.core.history import says
from addons.core.model import DialectName, Format, Loss, Request
from addons.core.schema_strict import fits_strict
from addons.core.traits import Traits
from addons.dialects._anthropic_format import WHERE, instruction
from addons.dialects.base import Body

MAX_STOPS = 4
RETENTION = "prompt_cache_retention"
# of a provider that may not be OpenAI's, only what every imitation takes
_OPENAI = ("service_tier", "verbosity")
# the clients whose name for their user was made for OpenAI
_SAME_VENDOR = (DialectName.RESPONSES, DialectName.COMPLETIONS)
_USER = "safety_identifier"
_PENALTIES = ("frequency_penalty", "presence_penalty")
# (name at the client, name here)
_SHARED: Mapping[DialectName, tuple[tuple[str, str], ...]] = {
    DialectName.COMPLETIONS: (("seed", "seed"), *((name, name) for name in _PENALTIES)),
    DialectName.RESPONSES: (("service_tier", "service_tier"), ("text.verbosity", "verbosity")),
    DialectName.GEMINI: (
        ("generationConfig.seed", "seed"),
        ("generationConfig.frequencyPenalty", "frequency_penalty"),
        ("generationConfig.presencePenalty", "presence_penalty"),
    ),
}


def knobs(request: Request, model: Traits, losses: list[Loss]) -> Body:
    body: Body = {}
    if request.max_tokens is not None:
        body["max_completion_tokens" if model.completion_limit else "max_tokens"] = request.max_tokens
    body |= _sampling(request, model, losses)
    if request.format is not None:
        body["response_format"] = _format(request.format, model)
    if request.user is not None and request.dialect in _SAME_VENDOR and takes_key(model):
        body[_USER] = request.user
    elif request.user is not None:
        losses.append(Loss("metadata.user_id", "it means nothing to another provider"))
    body |= {to: value for _, to, value in _shared(request, model)}
    return body | _cache(request, model, losses) | _effort(request, model, losses)


def asked_in_words(request: Request, model: Traits, losses: list[Loss]) -> str | None:
    """The instruction that asks for the format: for a model that cannot be held to a schema, and for JSON of any shape,
    which OpenAI refuses unless the messages speak of JSON."""
    if request.format is None:
        return None
    if request.format.schema is None:
        return None if says(request.messages, "json") else instruction(request.format)
    if model.structured:
        return None
    losses.append(Loss(WHERE, "the schema is asked for in words"))
    return instruction(request.format)


def _sampling(request: Request, model: Traits, losses: list[Loss]) -> Body:
    body: Body = {}
    for key, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is not None and model.sampling:
            body[key] = value
        elif value is not None:
            losses.append(Loss(key, f"{model.id} refuses it"))
    if request.top_k is not None:
        losses.append(Loss("top_k", "Chat Completions has no such field"))
    if request.stop and model.completion_limit and not model.sampling:
        losses.append(Loss("stop_sequences", f"{model.id} refuses them"))
    elif request.stop:
        body["stop"] = list(request.stop[:MAX_STOPS])
        if len(request.stop) > MAX_STOPS:
            losses.append(Loss("stop_sequences", f"only {MAX_STOPS} are taken"))
    return body


def _cache(request: Request, model: Traits, losses: list[Loss]) -> Body:
    """A client without keys (it may have Anthropic's marks) gets one that is the same in every turn."""
    if not model.cache_key:
        if request.cache_key is not None:
            losses.append(Loss("prompt_cache_key", f"{model.id} is not known to take one"))
        return {}
    key = request.cache_key or (stable_key(request) if takes_key(model) else None)
    kept = {RETENTION: request.extras[RETENTION]} if isinstance(request.extras.get(RETENTION), str) else {}
    return ({} if key is None else {"prompt_cache_key": key}) | kept


def carried(request: Request, model: Traits) -> frozenset[str]:
    """The extras that are carried after all, and what images keep of theirs."""
    kept = (RETENTION,) if model.cache_key and isinstance(request.extras.get(RETENTION), str) else ()
    return frozenset((IMAGE_DETAIL, _USER, *kept, *(name for name, _, _ in _shared(request, model))))


def _shared(request: Request, model: Traits) -> list[tuple[str, str, Any]]:
    """(name at the client, name here, value) of the settings that mean the same here."""
    rows = _SHARED.get(request.dialect, ())
    return [
        (name, to, request.extras[name])
        for name, to in rows
        if request.extras.get(name) is not None
        and (model.sampling or to not in _PENALTIES)
        and (takes_key(model) or to not in _OPENAI)
    ]


def _effort(request: Request, model: Traits, losses: list[Loss]) -> Body:
    level = efforts.effort(request.reasoning, request.max_tokens) if request.reasoning else None
    if request.reasoning is not None and request.reasoning.summary not in (None, "none"):
        losses.append(Loss("reasoning.summary", "Chat Completions has no such field"))
    if level is None or (level == "none" and (model.thinking == "none" or model.cache_marks)):
        # whoever serves Claude here lets it think only when it is asked to
        return {}
    if model.thinking in (None, "none"):
        losses.append(Loss("reasoning", f"{model.id} is not known to take a reasoning effort"))
        return {}
    return {"reasoning_effort": efforts.clamp(level, model.efforts)}


def _format(wanted: Format, model: Traits) -> Body:
    if wanted.schema is None or not model.structured:
        return {"type": "json_object"}
    schema: Body = {"name": wanted.name or "answer", "schema": wanted.schema}
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    elif fits_strict(wanted.schema):
        # other dialects always hold the model to the schema, this one only when it is told to
        schema["strict"] = True
    return {"type": "json_schema", "json_schema": schema}
