"""The tools of a request in Chat Completions. Source: OpenAI API reference, "Create chat completion"."""

from typing import Any

from addons.core.fidelity.openai_tools import (
    DECLARED,
    LIMIT,
    choices,
    custom,
    described,
    forced,
    grammar,
    one_at_a_time,
    parameters,
    strict,
)
from addons.core.fidelity.outcomes import approximated, mapped
from addons.core.fidelity.rows import Place, Section, row
from addons.core.fidelity.samples import SCHEMA

_FUNCTION: dict[str, Any] = {"name": "look", "parameters": SCHEMA}
_LOOK: dict[str, Any] = {"type": "function", "function": _FUNCTION}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}
_CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "patch", "description": "Patches"}}

CHOICES = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        *choices(
            _OFFER,
            {"type": "function", "function": {"name": "look"}},
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [_LOOK]}},
        ),
        one_at_a_time(_OFFER),
        row(
            "functions",
            [_FUNCTION],
            claude=mapped("tools[].input_schema", SCHEMA),
            responses=mapped("tools[].parameters", SCHEMA),
            gemini=approximated(
                f"{DECLARED}.parametersJsonSchema",
                SCHEMA,
                "of several calls at once the client is given the first",
                told=True,
            ),
            loss="parallel_tool_calls",
            note="the old form of `tools`; a call is answered as `function_call`",
        ),
        forced("function_call", {"name": "look"}, {"functions": [_FUNCTION]}, "the old form of `tool_choice`"),
    ),
)

TOOLS = Section(
    "Tools",
    Place.TOOL,
    (
        parameters(
            "tools[] function",
            _LOOK,
            SCHEMA,
            ("tools", "tools[].type", "tools[].function", "tools[].function.name", "tools[].function.parameters"),
        ),
        described(
            "tools[].function.description",
            {"type": "function", "function": {**_FUNCTION, "description": "Looks"}},
            _LOOK,
        ),
        strict("tools[].function.strict", {"type": "function", "function": {**_FUNCTION, "strict": True}}, _LOOK),
        custom("tools[] custom", _CUSTOM, ("tools[].custom", "tools[].custom.name", "tools[].custom.description")),
        grammar(
            "tools[].custom.format",
            {"type": "custom", "custom": {**_CUSTOM["custom"], "format": _GRAMMAR}},
            _CUSTOM,
        ),
    ),
    note=LIMIT,
)
