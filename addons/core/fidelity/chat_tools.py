"""The tools of a request in Chat Completions. Source: OpenAI API reference, "Create chat completion"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, lost, mapped, same
from addons.core.fidelity.rows import Place, Section, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CALLING = "toolConfig.functionCallingConfig"

_FUNCTION: dict[str, Any] = {"name": "look", "parameters": SCHEMA}
_LOOK: dict[str, Any] = {"type": "function", "function": _FUNCTION}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}
_CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "patch", "description": "Patches"}}

CHOICES = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        row(
            "tool_choice",
            "auto",
            claude=mapped("tool_choice.type", "auto"),
            responses=same(),
            gemini=mapped(f"{_CALLING}.mode", "AUTO"),
            given=_OFFER,
            note="`auto`",
        ),
        row(
            "tool_choice",
            "required",
            claude=(
                mapped("tool_choice.type", "any", model="claude-sonnet-4-5"),
                approximated("tool_choice.type", "auto", "asked for in words", told=True, model="claude-opus-5-5"),
            ),
            responses=same(),
            gemini=mapped(f"{_CALLING}.mode", "ANY"),
            given=_OFFER,
            note="`required`",
        ),
        row(
            "tool_choice",
            "none",
            claude=mapped("tool_choice.type", "none"),
            responses=same(),
            gemini=mapped(f"{_CALLING}.mode", "NONE"),
            given=_OFFER,
            note="`none`",
        ),
        row(
            "tool_choice",
            {"type": "function", "function": {"name": "look"}},
            claude=mapped("tool_choice.name", "look"),
            responses=mapped("tool_choice.name", "look"),
            gemini=mapped(f"{_CALLING}.allowedFunctionNames", ["look"]),
            given=_OFFER,
            note="one tool",
        ),
        row(
            "tool_choice",
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [_LOOK]}},
            claude=approximated("tool_choice.type", "any", "all tools are allowed", told=True),
            responses=approximated("tool_choice", "required", "all tools are allowed", told=True),
            gemini=approximated(f"{_CALLING}.mode", "ANY", "all tools are allowed", told=True),
            given=_OFFER,
            note="`allowed_tools`",
        ),
        row(
            "parallel_tool_calls",
            False,
            claude=mapped("tool_choice.disable_parallel_tool_use", True),
            responses=same(),
            gemini=lost("functions cannot be called one at a time"),
            given=_OFFER,
        ),
        row(
            "functions",
            [_FUNCTION],
            claude=mapped("tools[].input_schema", SCHEMA),
            responses=mapped("tools[].parameters", SCHEMA),
            gemini=approximated(
                "tools[].functionDeclarations[].parametersJsonSchema",
                SCHEMA,
                "of several calls at once the client is given the first",
                told=True,
            ),
            loss="parallel_tool_calls",
            note="the old form of `tools`; a call is answered as `function_call`",
        ),
        row(
            "function_call",
            {"name": "look"},
            claude=mapped("tool_choice.name", "look"),
            responses=mapped("tool_choice.name", "look"),
            gemini=mapped(f"{_CALLING}.allowedFunctionNames", ["look"]),
            given={"functions": [_FUNCTION]},
            note="the old form of `tool_choice`",
        ),
    ),
)

TOOLS = Section(
    "Tools",
    Place.TOOL,
    (
        row(
            "tools[] function",
            _LOOK,
            claude=mapped("tools[].input_schema", SCHEMA),
            responses=mapped("tools[].parameters", SCHEMA),
            gemini=mapped(
                "tools[].functionDeclarations[].parametersJsonSchema", SCHEMA, "or rewritten, as `parameters`"
            ),
            also=("tools", "tools[].type", "tools[].function", "tools[].function.name", "tools[].function.parameters"),
        ),
        row(
            "tools[].function.description",
            {"type": "function", "function": {**_FUNCTION, "description": "Looks"}},
            claude=mapped("tools[].description", "Looks"),
            responses=mapped("tools[].description", "Looks"),
            gemini=mapped("tools[].functionDeclarations[].description", "Looks"),
            base=_LOOK,
        ),
        row(
            "tools[].function.strict",
            {"type": "function", "function": {**_FUNCTION, "strict": True}},
            claude=mapped("tools[].strict", True),
            responses=mapped("tools[].strict", True, "when the schema is in the subset"),
            gemini=_NO_FIELD,
            base=_LOOK,
            loss="tools.look.strict",
        ),
        row(
            "tools[] custom",
            _CUSTOM,
            claude=approximated("tools[].input_schema.required", ["input"], "a function with one text"),
            responses=mapped("tools[].type", "custom"),
            gemini=approximated(
                "tools[].functionDeclarations[].parametersJsonSchema.required", ["input"], "a function with one text"
            ),
            also=("tools[].custom", "tools[].custom.name", "tools[].custom.description"),
        ),
        row(
            "tools[].custom.format",
            {"type": "custom", "custom": {**_CUSTOM["custom"], "format": _GRAMMAR}},
            claude=approximated("tools[].description", Words("lark grammar"), "the grammar stands in the description"),
            responses=mapped("tools[].format", {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}),
            gemini=approximated(
                "tools[].functionDeclarations[].description",
                Words("lark grammar"),
                "the grammar stands in the description",
            ),
            base=_CUSTOM,
        ),
    ),
)
