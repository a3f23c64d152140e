"""What the tables of OpenAI's two dialects share: choices and tools that differ in their own spelling alone.

A cell of a table's own dialect counts for nothing, so that every row has the cells of both.
"""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, lost, mapped, same
from addons.core.fidelity.rows import Row, row
from addons.core.tool_limit import OPENAI_TOOLS

type Sample = dict[str, Any]

CALLING = "toolConfig.functionCallingConfig"
DECLARED = "tools[].functionDeclarations[]"
LIMIT = (
    f"OpenAI's models take {OPENAI_TOOLS} tools in one request. Of more, the last ones that are neither forced nor in "
    "use are left out, and told; `maxTools` of a model's `traits` says it of another."
)

_ONE_TEXT = "a function with one text"
_IN_WORDS = "the grammar stands in the description"
_SUBSET = "when the schema is in the subset"
_ALL = "all tools are allowed"


def choices(offer: Sample, one: Sample, allowed: Sample) -> tuple[Row, ...]:
    """The rows of `tool_choice` in a request that has `offer`: by a word, of `one` tool, and out of `allowed` ones."""
    return (
        row(
            "tool_choice",
            "auto",
            claude=mapped("tool_choice.type", "auto"),
            chat=same(),
            responses=same(),
            gemini=mapped(f"{CALLING}.mode", "AUTO"),
            given=offer,
            note="`auto`",
        ),
        row(
            "tool_choice",
            "required",
            claude=(
                mapped("tool_choice.type", "any", model="claude-sonnet-4-5"),
                approximated("tool_choice.type", "auto", "asked for in words", told=True, model="claude-opus-5-5"),
            ),
            chat=same(),
            responses=same(),
            gemini=mapped(f"{CALLING}.mode", "ANY"),
            given=offer,
            note="`required`",
        ),
        row(
            "tool_choice",
            "none",
            claude=mapped("tool_choice.type", "none"),
            chat=same(),
            responses=same(),
            gemini=mapped(f"{CALLING}.mode", "NONE"),
            given=offer,
            note="`none`",
        ),
        forced("tool_choice", one, offer, "one tool"),
        row(
            "tool_choice",
            allowed,
            claude=approximated("tool_choice.type", "any", _ALL, told=True),
            chat=approximated("tool_choice", "required", _ALL, told=True),
            responses=approximated("tool_choice", "required", _ALL, told=True),
            gemini=approximated(f"{CALLING}.mode", "ANY", _ALL, told=True),
            given=offer,
            note="`allowed_tools`",
        ),
    )


def forced(field: str, sample: Sample, offer: Sample, note: str) -> Row:
    """The tool `look` is to be called."""
    return row(
        field,
        sample,
        claude=mapped("tool_choice.name", "look"),
        chat=mapped("tool_choice.function.name", "look"),
        responses=mapped("tool_choice.name", "look"),
        gemini=mapped(f"{CALLING}.allowedFunctionNames", ["look"]),
        given=offer,
        note=note,
    )


def one_at_a_time(offer: Sample) -> Row:
    return row(
        "parallel_tool_calls",
        False,
        claude=mapped("tool_choice.disable_parallel_tool_use", True),
        chat=same(),
        responses=same(),
        gemini=lost("functions cannot be called one at a time"),
        given=offer,
    )


def parameters(field: str, tool: Sample, schema: object, also: tuple[str, ...] = ()) -> Row:
    return row(
        field,
        tool,
        claude=mapped("tools[].input_schema", schema),
        chat=mapped("tools[].function.parameters", schema),
        responses=mapped("tools[].parameters", schema),
        gemini=mapped(f"{DECLARED}.parametersJsonSchema", schema, "or rewritten, as `parameters`"),
        also=also,
    )


def described(field: str, tool: Sample, base: Sample) -> Row:
    """`tool` is `base` that says "Looks" of itself."""
    return row(
        field,
        tool,
        claude=mapped("tools[].description", "Looks"),
        chat=mapped("tools[].function.description", "Looks"),
        responses=mapped("tools[].description", "Looks"),
        gemini=mapped(f"{DECLARED}.description", "Looks"),
        base=base,
    )


def strict(field: str, tool: Sample, base: Sample) -> Row:
    return row(
        field,
        tool,
        claude=mapped("tools[].strict", True, _SUBSET),
        chat=mapped("tools[].function.strict", True, _SUBSET),
        responses=mapped("tools[].strict", True, _SUBSET),
        gemini=lost("no such field"),
        base=base,
        loss="tools.look.strict",
    )


def custom(field: str, tool: Sample, also: tuple[str, ...]) -> Row:
    """A tool whose input is free text."""
    return row(
        field,
        tool,
        claude=approximated("tools[].input_schema.required", ["input"], _ONE_TEXT),
        chat=approximated("tools[].function.parameters.required", ["input"], _ONE_TEXT),
        responses=mapped("tools[].type", "custom"),
        gemini=approximated(f"{DECLARED}.parametersJsonSchema.required", ["input"], _ONE_TEXT),
        also=also,
    )


def grammar(field: str, tool: Sample, base: Sample) -> Row:
    """`tool` is the custom tool `base` with the grammar `start: WORD`, in Lark's language."""
    words = Words("lark grammar")
    return row(
        field,
        tool,
        claude=approximated("tools[].description", words, _IN_WORDS),
        chat=approximated("tools[].function.description", words, _IN_WORDS),
        responses=mapped("tools[].format", {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}),
        gemini=approximated(f"{DECLARED}.description", words, _IN_WORDS),
        base=base,
    )
