"""The tools of a foreign request as Anthropic Messages has them. Source: Anthropic documentation, "Define tools" and
"Thinking" (which models refuse a forced call)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from addons.core.history import offered
from addons.core.model import HostedTool, Loss, Request, Tool
from addons.core.schema_claude import answer_schema, tool_schema
from addons.core.schema_strict import fits_strict
from addons.core.tools import CUSTOM_SCHEMA, ToolNames, grammar_note
from addons.core.traits import Traits
from addons.dialects._anthropic_own import CHOICES
from addons.dialects.base import Body

FORCED = ("any", "tool")
# "Structured outputs", limits; it also limits properties that may be absent, so strict schemas have none here
MAX_STRICT = 20


def tools(request: Request, model: Traits, names: ToolNames, answer: Body | None, losses: list[Loss]) -> Body:
    """`tools` and `tool_choice`; `answer` is the stand-in tool that takes the answer."""
    own = offered(request)
    losses += [
        Loss(f"tools.{tool.type}", "a tool that only the other provider can run")
        for tool in own
        if isinstance(tool, HostedTool)
    ]
    bodies = [_tool(tool, model, names, losses) for tool in _held(own, losses)]
    choice = _choice(request, model, names, {tool["name"] for tool in bodies}, losses)
    if answer is not None:
        choice = _with_answer(choice, str(answer["name"]), alone=not bodies)
        bodies.append(answer)
    if not bodies:
        return {}
    if request.parallel_tool_calls is False and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {"tools": bodies, "tool_choice": choice} if choice else {"tools": bodies}


def wish(request: Request, model: Traits, names: ToolNames) -> str | None:
    """A forced call in words, for a model that refuses to be forced."""
    choice = request.tool_choice
    if model.forced or choice is None or choice.mode not in ("required", "tool"):
        return None
    if not any(isinstance(tool, Tool) for tool in offered(request)):
        return None
    if choice.mode == "required":
        return "Call one of the tools now; do not answer in text alone."
    return f"Call the tool {names.wire(choice.name or '', choice.namespace)} now; do not answer in text alone."


def _choice(request: Request, model: Traits, names: ToolNames, known: set[str], losses: list[Loss]) -> Body:
    choice = request.tool_choice
    if choice is None:
        return {}
    if choice.mode == "tool" or (choice.mode == "required" and not known):
        name = names.wire(choice.name or "", choice.namespace)
        if name not in known:
            what = f"the tool {choice.name}" if choice.name else "a tool that could be forced"
            losses.append(Loss("tool_choice", f"{what} is not offered: the model chooses", content=True))
            return {}
    if choice.mode in ("required", "tool") and not model.forced:
        losses.append(Loss("tool_choice", f"{model.id} refuses a forced call: asked for in words"))
        return {"type": "auto"}
    return {"type": "tool", "name": name} if choice.mode == "tool" else {"type": CHOICES[choice.mode]} if known else {}


def _with_answer(choice: Body, name: str, *, alone: bool) -> Body:
    """A choice under which the turn ends in a call, or in the answer."""
    if choice.get("type") == "tool":
        return choice
    if alone or choice.get("type") == "none":
        return {"type": "tool", "name": name}
    return {"type": "any"}


def _tool(tool: Tool, model: Traits, names: ToolNames, losses: list[Loss]) -> Body:
    body: Body = {"name": names.wire(tool.name, tool.namespace)}
    description = (tool.description or "") + (grammar_note(tool) if tool.kind == "custom" else "")
    if description:
        body["description"] = description
    if tool.kind == "custom":
        return {**body, "input_schema": CUSTOM_SCHEMA}
    rewritten = tool_schema(tool.schema or {})
    losses += [
        Loss(f"tools.{tool.name}{path}", "the variants of the input are one object") for path in rewritten.removed
    ]
    return {**body, "input_schema": rewritten.schema, **_strict(tool, rewritten.schema, model, losses)}


def _held(own: Iterable[Tool | HostedTool], losses: list[Loss]) -> list[Tool]:
    """The tools that the client runs; the API holds the model to the schemas of a few tools only."""
    found = [tool for tool in own if isinstance(tool, Tool)]
    if sum(tool.strict is True for tool in found) <= MAX_STRICT:
        return found
    losses.append(Loss("tools.strict", f"{MAX_STRICT} tools at most can be strict: none is"))
    return [replace(tool, strict=None) for tool in found]


def _strict(tool: Tool, schema: Mapping[str, Any], model: Traits, losses: list[Loss]) -> Body:
    """Whether the model is held to the schema, where Anthropic's models can be held to it as it is."""
    if not tool.strict:
        return {}
    held = answer_schema(schema) if model.structured and model.cache_marks else None
    if held is not None and held.schema == schema and fits_strict(schema):
        return {"strict": True}
    losses.append(Loss(f"tools.{tool.name}.strict", "the model cannot be held to this schema"))
    return {}
