"""The tools of a request in OpenAI's Responses. Source: OpenAI API reference, "Create a model response"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, same, unsent
from addons.core.fidelity.rows import Place, Row, Section, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CALLING = "toolConfig.functionCallingConfig"
_DECLARED = "tools[].functionDeclarations[]"

_LOOK: dict[str, Any] = {"type": "function", "name": "look", "parameters": SCHEMA}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}
_PATCH: dict[str, Any] = {"type": "custom", "name": "patch", "description": "Patches"}

CHOICES = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        row(
            "tool_choice",
            "auto",
            claude=mapped("tool_choice.type", "auto"),
            chat=same(),
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
            chat=same(),
            gemini=mapped(f"{_CALLING}.mode", "ANY"),
            given=_OFFER,
            note="`required`",
        ),
        row(
            "tool_choice",
            "none",
            claude=mapped("tool_choice.type", "none"),
            chat=same(),
            gemini=mapped(f"{_CALLING}.mode", "NONE"),
            given=_OFFER,
            note="`none`",
        ),
        row(
            "tool_choice",
            {"type": "function", "name": "look"},
            claude=mapped("tool_choice.name", "look"),
            chat=mapped("tool_choice.function.name", "look"),
            gemini=mapped(f"{_CALLING}.allowedFunctionNames", ["look"]),
            given=_OFFER,
            note="one tool",
        ),
        row(
            "tool_choice",
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "look"}]},
            claude=approximated("tool_choice.type", "any", "all tools are allowed", told=True),
            chat=approximated("tool_choice", "required", "all tools are allowed", told=True),
            gemini=approximated(f"{_CALLING}.mode", "ANY", "all tools are allowed", told=True),
            given=_OFFER,
            note="`allowed_tools`",
        ),
        row(
            "tool_choice",
            {"type": "file_search"},
            unsent("a tool that only OpenAI runs"),
            given=_OFFER,
            note="a tool of OpenAI's",
        ),
        row(
            "parallel_tool_calls",
            False,
            claude=mapped("tool_choice.disable_parallel_tool_use", True),
            chat=same(),
            gemini=lost("functions cannot be called one at a time"),
            given=_OFFER,
        ),
    ),
)


def _function(field: str, tool: dict[str, Any], names: tuple[str, str, str], also: tuple[str, ...] = ()) -> Row:
    """A tool that becomes a function; `names` are what stands in the bodies of Claude, Chat and Gemini."""
    return row(
        field,
        tool,
        claude=mapped("tools[].name", names[0]),
        chat=mapped("tools[].function.name", names[1]),
        gemini=mapped(f"{_DECLARED}.name", names[2]),
        also=also,
    )


def _stand_in(kind: str, tool: dict[str, Any]) -> Row:
    why = "a function; a call of it comes back as OpenAI's item"
    return row(
        f"{kind} (run by the client)",
        tool,
        claude=approximated("tools[].name", kind, why),
        chat=approximated("tools[].function.name", kind, why),
        gemini=approximated(f"{_DECLARED}.name", kind, why),
        also=(f"{kind}.*",),
    )


TOOLS = Section(
    "Tools that the client runs",
    Place.TOOL,
    (
        _function("function", _LOOK, ("look", "look", "look"), ("tools", "function.name")),
        row(
            "function.description",
            {**_LOOK, "description": "Looks"},
            claude=mapped("tools[].description", "Looks"),
            chat=mapped("tools[].function.description", "Looks"),
            gemini=mapped(f"{_DECLARED}.description", "Looks"),
            base=_LOOK,
        ),
        row(
            "function.parameters",
            _LOOK,
            claude=mapped("tools[].input_schema", SCHEMA),
            chat=mapped("tools[].function.parameters", SCHEMA),
            gemini=mapped(f"{_DECLARED}.parametersJsonSchema", SCHEMA, "or rewritten, as `parameters`"),
        ),
        row(
            "function.strict",
            {**_LOOK, "strict": True},
            claude=mapped("tools[].strict", True, "when the schema is in the subset"),
            chat=mapped("tools[].function.strict", True, "when the schema is in the subset"),
            gemini=_NO_FIELD,
            base=_LOOK,
            loss="tools.look.strict",
        ),
        row(
            "function.defer_loading",
            {**_LOOK, "defer_loading": True},
            handled("it is offered at once, where OpenAI would search for it"),
            base=_LOOK,
            also=("custom.defer_loading",),
        ),
        row("function.output_schema", {**_LOOK, "output_schema": SCHEMA}, _NO_FIELD, base=_LOOK),
        row(
            "function.allowed_callers",
            {**_LOOK, "allowed_callers": ["direct"]},
            _NO_FIELD,
            base=_LOOK,
            also=("*.allowed_callers",),
        ),
        row("function.async", {**_LOOK, "async": True}, _NO_FIELD, base=_LOOK, also=("custom.async",)),
        row(
            "custom",
            _PATCH,
            claude=approximated("tools[].input_schema.required", ["input"], "a function with one text"),
            chat=approximated("tools[].function.parameters.required", ["input"], "a function with one text"),
            gemini=approximated(f"{_DECLARED}.parametersJsonSchema.required", ["input"], "a function with one text"),
            also=("custom.name", "custom.description"),
        ),
        row(
            "custom.format",
            {**_PATCH, "format": _GRAMMAR},
            claude=approximated("tools[].description", Words("lark grammar"), "the grammar stands in the description"),
            chat=approximated(
                "tools[].function.description", Words("lark grammar"), "the grammar stands in the description"
            ),
            gemini=approximated(
                f"{_DECLARED}.description", Words("lark grammar"), "the grammar stands in the description"
            ),
            base=_PATCH,
        ),
        _function(
            "namespace",
            {"type": "namespace", "name": "eyes", "tools": [_LOOK]},
            ("eyes__look", "eyes__look", "eyes__look"),
            ("namespace.name", "namespace.tools"),
        ),
        row(
            "namespace.description",
            {"type": "namespace", "name": "eyes", "description": "About eyes", "tools": [_LOOK]},
            claude=approximated("tools[].description", Words("About eyes"), "in the description of its tools"),
            chat=approximated("tools[].function.description", Words("About eyes"), "in the description of its tools"),
            gemini=approximated(f"{_DECLARED}.description", Words("About eyes"), "in the description of its tools"),
            base={"type": "namespace", "name": "eyes", "tools": [_LOOK]},
        ),
        _stand_in("tool_search", {"type": "tool_search", "execution": "client"}),
        _stand_in("shell", {"type": "shell"}),
        _stand_in("local_shell", {"type": "local_shell"}),
        _stand_in("apply_patch", {"type": "apply_patch"}),
    ),
)

_NOT_RUN = lost("a tool that only OpenAI offers; one that is forced is **refused**")
_ONLY_OPENAI: tuple[tuple[str, dict[str, Any]], ...] = (
    ("web_search", {}),
    ("web_search_preview", {}),
    ("file_search", {"vector_store_ids": ["vs_1"]}),
    ("code_interpreter", {"container": {"type": "auto"}}),
    ("image_generation", {}),
    ("mcp", {"server_label": "m", "server_url": "https://example.com/mcp"}),
    ("computer", {}),
    ("computer_use_preview", {"display_width": 1, "display_height": 1, "environment": "browser"}),
    ("programmatic_tool_calling", {}),
)

HOSTED = Section(
    "Tools that OpenAI runs",
    Place.TOOL,
    tuple(
        row(kind, {"type": kind, **members}, _NOT_RUN, loss="tools", also=(f"{kind}.*",))
        for kind, members in _ONLY_OPENAI
    ),
)
