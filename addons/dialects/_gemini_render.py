"""A canonical request as a Gemini `generateContent` body. Source: Gemini API reference, "Generating content".

Model and method stand in the URL. A request of a Gemini client comes back as far as the canonical form and its extras
say what it was; one of another dialect with what could not be said.
"""

import re
from collections.abc import Mapping
from typing import Any

from addons.core.history import offered
from addons.core.in_words import field_losses
from addons.core.model import DialectName, HostedTool, Loss, Rendered, Request, Tool
from addons.core.tools import CUSTOM_SCHEMA, ToolNames, grammar_note
from addons.core.traits import Traits
from addons.dialects._gemini_config import OLDEST, config
from addons.dialects._gemini_schema import as_documented, as_json_schema, for_gemini, has_bare_object
from addons.dialects._gemini_turns import Turns
from addons.dialects.base import Body

GEMINI = DialectName.GEMINI

MODES: Mapping[str, str] = {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}
SEED = "seed"
NO_PARAMETERS: Body = {"type": "object", "properties": {}}
ANSWER_NOTE = "Call this tool to give your final answer, in exactly this form."
# from Gemini 3 on functions and a schema for the answer go together
_EITHER_OR = re.compile(r"(?:.*[/.])?gemini-[12]", re.IGNORECASE)


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    """The body for the provider's `model`, and the losses."""
    own = request.dialect is GEMINI
    losses: list[Loss] = []
    turns = Turns(model, names, losses, own)
    count = next(
        (n for n, message in enumerate(request.messages) if message.role in ("user", "assistant")),
        len(request.messages),
    )
    system = turns.system(request.messages[:count])
    body: Body = {"systemInstruction": {"parts": system}} if system else {}
    body["contents"] = turns.contents(request.messages[count:])
    answer = _answer(request, model, names)
    body |= _tools(request, model, names, answer, losses)
    settings = config(request, model, losses, schema=answer is None and not _mute(request, model, losses))
    if settings:
        body["generationConfig"] = settings
    if own:
        _put_back(body, request.extras)
    else:
        if isinstance(request.extras.get(SEED), int):
            # the Chat API's, and meant alike
            body.setdefault("generationConfig", {})[SEED] = request.extras[SEED]
        losses += _knobs(request)
    return Rendered(body, tuple(losses))


def _knobs(request: Request) -> list[Loss]:
    out = field_losses(request, "Gemini has no such field", frozenset((SEED,)))
    if request.cache_key is not None:
        out.append(Loss("cache_key", "Gemini caches by the beginning of the prompt alone"))
    if request.user is not None:
        out.append(Loss("user", "it means nothing to another provider"))
    if request.parallel_tool_calls is False:
        out.append(Loss("parallel_tool_calls", "Gemini cannot be told to call one function at a time"))
    return out


def _put_back(body: Body, extras: Mapping[str, Any]) -> None:
    """The members without a canonical home; a dotted name says in which object one stood."""
    for name, value in extras.items():
        *path, last = name.split(".")
        place = body
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value


def _answer(request: Request, model: Traits, names: ToolNames) -> Body | None:
    """The schema of the answer, when a tool must take it: the older models refuse functions beside a schema."""
    if request.format is None or request.format.schema is None or names.answer is None:
        return None
    if model.structured and not _either_or(request, model):
        return None
    return dict(request.format.schema)


def _either_or(request: Request, model: Traits) -> bool:
    """Whether functions exclude any other form of the answer than text."""
    return _EITHER_OR.match(model.id) is not None and any(isinstance(tool, Tool) for tool in request.tools)


def _mute(request: Request, model: Traits, losses: list[Loss]) -> bool:
    """Whether a wish for any JSON must be left out."""
    if request.dialect is GEMINI or request.format is None or not _either_or(request, model):
        return False
    losses.append(Loss("response_format", f"{model.id} takes no JSON mode beside functions"))
    return True


def _tools(request: Request, model: Traits, names: ToolNames, answer: Body | None, losses: list[Loss]) -> Body:
    own = request.dialect is GEMINI
    tools = request.tools if own else offered(request)
    declared: dict[str, Body] = {}
    for tool in tools:
        if isinstance(tool, Tool):
            body = _function(tool, model, names, losses) | (dict(tool.extras) if own else {})
            # a name that is declared twice is refused
            declared.setdefault(body["name"], body)
    if answer is not None and names.answer is not None:
        note = {"name": names.answer, "description": ANSWER_NOTE}
        declared[names.answer] = note | _parameters(answer, model, losses, "format")
    entries: list[Body] = [{"functionDeclarations": list(declared.values())}] if declared else []
    for tool in tools:
        if isinstance(tool, HostedTool) and tool.dialect is GEMINI:
            entries.append(dict(tool.raw))
        elif isinstance(tool, HostedTool):
            why = "a tool that only the other provider can run"
            losses.append(Loss(f"tools.{tool.type}", why, content=_forced(request, tool)))
    calling = _calling(request, names, set(declared), answer is not None, losses)
    body = {"tools": entries} if entries else {}
    return body | ({"toolConfig": {"functionCallingConfig": calling}} if calling else {})


def _forced(request: Request, tool: HostedTool) -> bool:
    choice = request.tool_choice
    return choice is not None and choice.mode == "tool" and choice.name in (tool.type, tool.raw.get("name"))


def _calling(request: Request, names: ToolNames, known: set[str], answers: bool, losses: list[Loss]) -> Body:
    choice = request.tool_choice
    if not known:
        return {} if choice is None or request.dialect is not GEMINI else {"mode": MODES[choice.mode]}
    if choice is None or choice.mode == "auto":
        return {"mode": "ANY"} if answers else {} if choice is None else {"mode": "AUTO"}
    if choice.mode == "none" and answers:
        return {"mode": "ANY", "allowedFunctionNames": [names.answer]}
    if choice.mode != "tool":
        return {"mode": MODES[choice.mode]}
    name = names.wire(choice.name or "", choice.namespace)
    if name in known:
        return {"mode": "ANY", "allowedFunctionNames": [name]}
    hosted = any(isinstance(tool, HostedTool) and _forced(request, tool) for tool in request.tools)
    if not hosted:
        why = f"the tool {choice.name} is not offered: the model chooses"
        losses.append(Loss("tool_choice", why, content=True))
    return {}


def _function(tool: Tool, model: Traits, names: ToolNames, losses: list[Loss]) -> Body:
    body: Body = {"name": names.wire(tool.name, tool.namespace)}
    description = (tool.description or "") + (grammar_note(tool) if tool.kind == "custom" else "")
    if description:
        body["description"] = description
    if tool.strict:
        losses.append(Loss(f"tools.{tool.name}.strict", "Gemini has no such field"))
    schema = CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema
    return body | _parameters(schema or NO_PARAMETERS, model, losses, f"tools.{tool.name}")


def _parameters(schema: Mapping[str, Any], model: Traits, losses: list[Loss], path: str) -> Body:
    """As JSON Schema when every keyword is one that Google documents, and in Gemini's own schema when not.

    Both fields are in use by Google's clients. JSON Schema says more (maps with free keys, say), but what the service
    makes of an undocumented keyword there differs by keyword and by model; the rewritten form has nothing unknown, and
    where an object of any shape stands in it, it is told as JSON Schema again."""
    oldest = OLDEST.match(model.id)
    plain = None if oldest else as_documented(schema)
    if plain is not None and plain.get("type", "object") == "object" and "anyOf" not in plain:
        return {"parametersJsonSchema": {"type": "object", **plain}}
    body = for_gemini(schema, losses, path)
    if has_bare_object(body) and not oldest:
        return {"parametersJsonSchema": as_json_schema(body)}
    # what takes no parameters has none declared
    return {"parameters": body} if body.get("properties") else {}
