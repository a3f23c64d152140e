"""Tools whose schema a model is held to, at Anthropic. Promise 22."""

from typing import Any

from addons.core.model import DialectName, Message, Rendered, Request, Text, Tool
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


def render(*tools: Tool, model: str = "claude-sonnet-4-5") -> Rendered:
    request = Request(DialectName.CHAT, "m", (Message("user", (Text("hi"),)),), tools)
    return DIALECT.render_request(request, Traits.of(model), ToolNames.of(request))


def strict(rendered: Rendered) -> list[Any]:
    return [tool.get("strict") for tool in rendered.body["tools"]]


def test_a_closed_schema_is_held_to() -> None:
    rendered = render(Tool("f", schema=CLOSED, strict=True), Tool("g", schema=CLOSED))
    assert strict(rendered) == [True, None] and not rendered.losses


def test_a_schema_with_a_property_that_may_be_absent_is_not_and_that_is_told() -> None:
    rendered = render(Tool("f", schema={**CLOSED, "required": []}, strict=True))
    assert strict(rendered) == [None] and [loss.path for loss in rendered.losses] == ["tools.f.strict"]


def test_a_model_that_cannot_be_held_to_a_schema_is_not_asked_to() -> None:
    rendered = render(Tool("f", schema=CLOSED, strict=True), model="claude-3-5-haiku")
    assert strict(rendered) == [None] and [loss.path for loss in rendered.losses] == ["tools.f.strict"]


def test_more_strict_tools_than_the_api_takes_are_all_sent_without() -> None:
    rendered = render(*(Tool(f"f{n}", schema=CLOSED, strict=True) for n in range(21)))
    assert strict(rendered) == [None] * 21 and [loss.path for loss in rendered.losses] == ["tools.strict"]
