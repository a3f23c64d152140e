"""A canonical request as a Chat Completions body. Only foreign requests come here: one that is in this dialect
already is forwarded as it stands."""

from addons.core.history import offered
from addons.core.in_words import field_losses
from addons.core.model import HostedTool, Loss, Rendered, Request, Tool
from addons.core.schema_strict import fits_strict
from addons.core.tool_limit import limit_loss, within
from addons.core.tools import CUSTOM_SCHEMA, ToolNames, grammar_note
from addons.core.traits import Traits
from addons.dialects._chat_content import Writer
from addons.dialects._chat_knobs import asked_in_words, carried, knobs
from addons.dialects.base import Body


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    losses: list[Loss] = []
    instruction = asked_in_words(request, model, losses)
    body: Body = {"model": model.id, "messages": Writer(model, names, losses).messages(request, instruction)}
    body, left_out = within(body | _tools(request, names, losses), model.max_tools)
    losses += limit_loss(model.max_tools, left_out, model.id)
    if request.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= knobs(request, model, losses)
    losses += field_losses(request, "Chat Completions has no such field", carried(request, model))
    return Rendered(body, tuple(losses))


def _tools(request: Request, names: ToolNames, losses: list[Loss]) -> Body:
    own = offered(request)
    losses += [
        Loss(f"tools.{tool.type}", "a tool that only the other provider can run")
        for tool in own
        if isinstance(tool, HostedTool)
    ]
    tools = [_tool(tool, names, losses) for tool in own if isinstance(tool, Tool)]
    choice = _choice(request, names, {tool["function"]["name"] for tool in tools}, losses)
    if not tools:
        return {}
    body: Body = {"tools": tools}
    if choice is not None:
        body["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def _choice(request: Request, names: ToolNames, known: set[str], losses: list[Loss]) -> str | Body | None:
    choice = request.tool_choice
    if choice is None or choice.mode in ("auto", "none"):
        return None if choice is None else choice.mode
    name = names.wire(choice.name or "", choice.namespace)
    if choice.mode == "required" and known:
        return choice.mode
    if name in known:
        return {"type": "function", "function": {"name": name}}
    what = f"the tool {choice.name}" if choice.name else "a tool that could be forced"
    losses.append(Loss("tool_choice", f"{what} is not offered: the model chooses", content=True))
    return None


def _tool(tool: Tool, names: ToolNames, losses: list[Loss]) -> Body:
    function: Body = {"name": names.wire(tool.name, tool.namespace)}
    description = tool.description or ""
    if tool.kind == "custom":
        description += grammar_note(tool)
    if description:
        function["description"] = description
    function["parameters"] = CUSTOM_SCHEMA if tool.kind == "custom" else tool.schema or _NO_PARAMETERS
    if tool.strict and fits_strict(function["parameters"]):
        function["strict"] = True
    elif tool.strict:
        losses.append(Loss(f"tools.{tool.name}.strict", "its schema is not in the subset of strict mode"))
    return {"type": "function", "function": function}


_NO_PARAMETERS: Body = {"type": "object", "properties": {}}
