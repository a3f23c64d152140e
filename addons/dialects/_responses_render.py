"""A canonical request as a Responses body. Source: OpenAI API reference, "Create a model response"."""

from addons.core.history import says
from addons.core.model import DialectName, Format, Loss, Opaque, Rendered, Request, Text
from addons.core.tool_limit import limit_loss, within
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects._anthropic_format import instruction
from addons.dialects._responses_compaction import is_compaction
from addons.dialects._responses_foreign import foreign_input
from addons.dialects._responses_knobs import given, knobs
from addons.dialects._responses_offered import offers, own_offer
from addons.dialects._responses_own import own_input
from addons.dialects._responses_request import REPLACED, undotted
from addons.dialects._responses_tools import choice_body, own_tools
from addons.dialects.base import Body

RESPONSES = DialectName.RESPONSES


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    """Requests of this dialect come back as they were; those of another one with what could not be said."""
    if request.dialect == RESPONSES:
        return Rendered(_own(request, model.id))
    losses: list[Loss] = []
    body, left_out = within(_foreign(request, model, names, losses), model.max_tools)
    return Rendered(body, (*losses, *limit_loss(model.max_tools, left_out, model.id)))


def own_members(request: Request) -> Body:
    """The members of a body of this dialect other than its model and its input."""
    dotted = ("reasoning.", "text.", "input[")
    extras = {key: value for key, value in request.extras.items() if not key.startswith(dotted)}
    tools = own_tools(own_offer(request.tools, request.messages))
    # an empty list is something else than none: Codex asks for a summary with it
    chosen = request.tool_choice is not None and "tool_choice" not in extras
    listed = bool(tools) or (chosen and not offers(request.messages))
    body = given(
        {
            "instructions": own_instructions(request),
            "tools": tools if listed else None,
            "tool_choice": choice_body(request, None),
            "parallel_tool_calls": request.parallel_tool_calls,
            "stream": request.stream or None,
            "max_output_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "reasoning": own_reasoning(request),
            "text": own_text(request),
            "prompt_cache_key": request.cache_key,
        }
    )
    if request.user is not None and request.extras.get("safety_identifier") != request.user:
        body["user"] = request.user
    if is_compaction(request):
        said = request.messages[-1].extras["said"]
        body = {key: value for key, value in body.items() if key not in REPLACED} | said
    return {**body, **_stored(request), **extras}


def _stored(request: Request) -> Body:
    return {
        message.extras["stored"]: part.raw
        for message in request.messages
        for part in message.parts
        if "stored" in message.extras and isinstance(part, Opaque)
    }


def _own(request: Request, model: str) -> Body:
    messages = [message for message in request.messages if not message.extras.keys() & {"instructions", "stored"}]
    return {"model": model, "input": own_input(messages), **own_members(request)}


def own_instructions(request: Request) -> str | None:
    for message in request.messages[:1]:
        if message.extras.get("instructions"):
            return "".join(part.text for part in message.parts if isinstance(part, Text))
    return None


def own_reasoning(request: Request) -> Body | None:
    if request.reasoning is None:
        return None
    known = given({"effort": request.reasoning.effort, "summary": request.reasoning.summary})
    return known | undotted(request.extras, "reasoning")


def own_text(request: Request) -> Body | None:
    others = undotted(request.extras, "text")
    if request.format is None:
        return others or None
    form = _format(request.format) | undotted(others, "format")
    return {key: value for key, value in others.items() if not key.startswith("format.")} | {"format": form}


def _format(wanted: Format) -> Body:
    if wanted.schema is None:
        return {"type": "json_object"}
    body: Body = {"type": "json_schema", "name": wanted.name or "answer", "schema": wanted.schema}
    return body | given({"strict": wanted.strict})


def _asked(request: Request) -> list[Body]:
    """JSON of any shape is refused unless the input speaks of JSON: the instructions do not count."""
    wanted = request.format
    rest = [message for message in request.messages if message.role not in ("system", "developer")]
    if wanted is None or wanted.schema is not None or says(rest, "json"):
        return []
    return [{"type": "message", "role": "developer", "content": [{"type": "input_text", "text": instruction(wanted)}]}]


def _foreign(request: Request, model: Traits, names: ToolNames, losses: list[Loss]) -> Body:
    instructions, items = foreign_input(request, model, names, losses)
    items = _asked(request) + items
    body: Body = {"model": model.id, **({"instructions": instructions} if instructions else {}), "input": items}
    return body | knobs(request, model, names, losses)
