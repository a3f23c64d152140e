"""How a model behind Anthropic Messages is asked for JSON.

Theory of operation. Three ways, the strictest that the family knows: its own structured output; a stand-in tool that
is forced and whose input is the answer (`addons.core.tools` turns the call back into text); an instruction in words.
With tools of the client beside the stand-in, some tool is forced instead of that one: a turn then either goes on
calling or answers. Source: Anthropic documentation, "Structured outputs" (no beta header is needed any more).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.core import jsonio
from addons.core.model import Format, Loss, Request
from addons.core.schema_claude import answer_schema
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.base import Body

WHERE = "response_format"
_TOOL_NOTE = "Gives the final answer to the user. Its input is the whole answer: call it when the answer is known."


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """At most one of the three is set."""

    native: Body | None = None
    tool: Body | None = None
    instruction: str | None = None


def answer_form(request: Request, model: Traits, names: ToolNames, losses: list[Loss]) -> AnswerForm:
    """The way to ask `model` for the format of `request`; what is only approximated is told."""
    wanted = request.format
    if wanted is None:
        return AnswerForm()
    if wanted.schema is None:
        losses.append(Loss(WHERE, "JSON without a schema is asked for in words"))
        return AnswerForm(instruction=instruction(wanted))
    rewritten = answer_schema(wanted.schema) if model.structured else None
    if rewritten is not None:
        losses += [Loss(f"{WHERE}{path}", "a remark in the description now") for path in rewritten.removed]
        return AnswerForm(native={"type": "json_schema", "schema": rewritten.schema})
    if names.answer is not None and model.forced and _is_object(wanted.schema):
        losses.append(Loss(WHERE, "the schema is held up by a forced tool"))
        return AnswerForm(tool={"name": names.answer, "description": _TOOL_NOTE, "input_schema": dict(wanted.schema)})
    losses.append(Loss(WHERE, "the schema is asked for in words"))
    return AnswerForm(instruction=instruction(wanted))


def instruction(wanted: Format) -> str:
    """The format in words, for a model that cannot be held to it."""
    if wanted.schema is None:
        return "Answer with one JSON object and nothing else: no other text, no code fence."
    schema = jsonio.text(wanted.schema)
    return f"Answer with JSON that matches this JSON Schema and nothing else: no other text, no code fence.\n{schema}"


def _is_object(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" and schema.keys().isdisjoint({"anyOf", "oneOf", "allOf", "$ref"})
