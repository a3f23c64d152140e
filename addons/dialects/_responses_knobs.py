"""The fields of a foreign request beside its messages, as Responses fields. Source: OpenAI API reference, "Create a
model response"."""

import re
from collections.abc import Mapping
from typing import Any

from addons.core import effort as efforts
from addons.core.beside import IMAGE_DETAIL
from addons.core.cache_key import stable_key, takes_key
from addons.core.history import offered
from addons.core.in_words import field_losses
from addons.core.model import DialectName, Format, HostedTool, Loss, Request, Tool, ToolChoice
from addons.core.schema_strict import can_be_strict, fits_strict, strict_schema
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects._responses_tools import choice_body, foreign_tools, is_search
from addons.dialects.base import Body

MIN_TOKENS = 16
NO_FIELD = "Responses has no such field"
ENCRYPTED = ["reasoning.encrypted_content"]
_ILLEGAL = re.compile(r"[^A-Za-z0-9_-]")
# fields that Chat Completions and Responses share
_SHARED = ("metadata", "service_tier", "prompt_cache_retention")


def given(members: Mapping[str, Any]) -> Body:
    return {key: value for key, value in members.items() if value is not None}


def knobs(request: Request, model: Traits, names: ToolNames, losses: list[Loss]) -> Body:
    """The fields; what cannot be said goes on `losses`."""
    body = _tools(request, names, losses)
    body |= {"stream": True} if request.stream else {}
    # what a client of another dialect says is never meant to be kept by the provider
    body |= {"store": False}
    if request.max_tokens is not None:
        body["max_output_tokens"] = max(MIN_TOKENS, request.max_tokens)
    body |= _sampling(request, model, losses) | _reasoning(request, model, losses) | _text(request, model, losses)
    if request.cache_key is not None:
        body["prompt_cache_key"] = request.cache_key
    elif takes_key(model):
        body["prompt_cache_key"] = stable_key(request)
    if request.user is not None and _knows_user(request, model):
        body["safety_identifier"] = request.user
    elif request.user is not None:
        losses.append(Loss("user", "it means nothing to another provider"))
    return body | _extras(request, model, losses)


def _tools(request: Request, names: ToolNames, losses: list[Loss]) -> Body:
    tools = foreign_tools(offered(request), names, losses)
    choice = _choice(request, names, len(tools), losses)
    if not tools:
        return {}
    return {"tools": tools, **given({"tool_choice": choice, "parallel_tool_calls": request.parallel_tool_calls})}


def _choice(request: Request, names: ToolNames, count: int, losses: list[Loss]) -> str | Body | None:
    choice = request.tool_choice
    if choice is None or choice.mode != "tool" or _is_offered(request, choice):
        return choice_body(request, names)
    if any(is_search(tool) and choice.name in (tool.type, tool.raw.get("name")) for tool in _hosted(request)):
        # a search cannot be named as the choice; alone, or allowed alone, it is what is required
        search = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "web_search"}]}
        return "required" if count == 1 else search
    losses.append(Loss("tool_choice", f"the tool {choice.name} is forced, and the provider does not have it", True))
    return None


def _hosted(request: Request) -> list[HostedTool]:
    return [tool for tool in offered(request) if isinstance(tool, HostedTool)]


def _is_offered(request: Request, choice: ToolChoice) -> bool:
    wanted = (choice.name, choice.namespace)
    return any(isinstance(tool, Tool) and (tool.name, tool.namespace) == wanted for tool in offered(request))


def _sampling(request: Request, model: Traits, losses: list[Loss]) -> Body:
    asked = given({"temperature": request.temperature, "top_p": request.top_p})
    if not model.sampling:
        losses += [Loss(name, f"{model.id} is a reasoning model: it takes none") for name in asked]
        asked = {}
    if request.top_k is not None:
        losses.append(Loss("top_k", NO_FIELD))
    if request.stop:
        losses.append(Loss("stop", NO_FIELD))
    return asked


def _reasoning(request: Request, model: Traits, losses: list[Loss]) -> Body:
    # nothing is stored: without its encrypted form the reasoning would be gone with the next turn
    kept = {"include": ENCRYPTED} if model.thinking == "effort" and takes_key(model) else {}
    if request.reasoning is None:
        return kept
    if model.thinking != "effort":
        losses.append(Loss("reasoning", f"{model.id} is not known to take a reasoning effort"))
        return kept
    level = efforts.effort(request.reasoning, request.max_tokens)
    if level is not None:
        level = efforts.clamp(level, model.efforts)
    asked = given({"effort": level, "summary": request.reasoning.summary})
    return ({"reasoning": asked} if asked else {}) | {"include": ENCRYPTED}


def _text(request: Request, model: Traits, losses: list[Loss]) -> Body:
    body: Body = {} if request.format is None else {"format": _format(request.format, losses)}
    verbosity = request.extras.get("verbosity") if _shares(request, model) else None
    if verbosity is not None:
        body["verbosity"] = verbosity
    return {"text": body} if body else {}


def _format(wanted: Format, losses: list[Loss]) -> Body:
    if wanted.schema is None:
        return {"type": "json_object"}
    name = _ILLEGAL.sub("_", wanted.name or "answer")[:64]
    strict, schema = wanted.strict, wanted.schema
    if strict is None and fits_strict(schema):
        # other dialects always hold the model to the schema, this one only when it is told to
        strict = True
    if strict and not can_be_strict(schema):
        losses.append(Loss("format.strict", "only an object can be enforced strictly"))
        strict = False
    elif strict and not fits_strict(schema):
        losses.append(Loss("format.schema", "approximated: an optional property may be null instead of absent"))
        schema = strict_schema(schema)
    return {"type": "json_schema", "name": name, "schema": schema, **given({"strict": strict})}


def _shares(request: Request, model: Traits) -> bool:
    """Whether the request's own fields mean the same here: both formats are OpenAI's, and so must the model be."""
    return request.dialect == DialectName.CHAT and takes_key(model)


def _knows_user(request: Request, model: Traits) -> bool:
    """Whether the client's name for its user goes to the vendor that it was made for."""
    return request.dialect in (DialectName.CHAT, DialectName.COMPLETIONS) and takes_key(model)


def _extras(request: Request, model: Traits, losses: list[Loss]) -> Body:
    shared = _SHARED if _shares(request, model) else ()
    said = (*shared, "verbosity") if shared else ()
    losses += field_losses(request, NO_FIELD, frozenset((*said, IMAGE_DETAIL)))
    return {name: request.extras[name] for name in shared if request.extras.get(name) is not None}
