"""The tools of a request in Anthropic Messages. Source: Anthropic documentation, "Define tools", "Tool search"."""

from typing import Any

from addons.core.fidelity.openai_tools import LIMIT
from addons.core.fidelity.outcomes import approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Section, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CALLING = "toolConfig.functionCallingConfig"
_LOOK: dict[str, Any] = {"name": "look", "input_schema": SCHEMA}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_NAMED = "tools[].function.name"
_DECLARED = "tools[].functionDeclarations[].name"
_NOT_RUN = lost("a tool that only Anthropic offers; one that is forced is **refused**")

_HOSTED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("web_fetch", "web_fetch_20250910", {}),
    ("code_execution", "code_execution_20250825", {}),
    ("tool_search_tool_regex", "tool_search_tool_regex_20251119", {}),
    ("tool_search_tool_bm25", "tool_search_tool_bm25_20251119", {}),
    ("advisor", "advisor_20260301", {"model": "claude-opus-4-5"}),
    ("mcp_toolset", "mcp_toolset", {"mcp_server_name": "m"}),
    ("bash", "bash_20250124", {}),
    ("str_replace_editor", "text_editor_20250124", {}),
    ("str_replace_based_edit_tool", "text_editor_20250728", {}),
    ("memory", "memory_20250818", {}),
    ("computer", "computer_20250124", {"display_width_px": 1, "display_height_px": 1}),
    ("browser_toolset", "browser_toolset_20260801", {}),
    ("computer_toolset", "computer_toolset_20260801", {}),
)

CHOICE = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        row(
            "tool_choice",
            {"type": "auto"},
            chat=mapped("tool_choice", "auto"),
            responses=mapped("tool_choice", "auto"),
            gemini=mapped(f"{_CALLING}.mode", "AUTO"),
            given=_OFFER,
            note="`auto`",
            also=("tool_choice.type",),
        ),
        row(
            "tool_choice",
            {"type": "any"},
            chat=mapped("tool_choice", "required"),
            responses=mapped("tool_choice", "required"),
            gemini=mapped(f"{_CALLING}.mode", "ANY"),
            given=_OFFER,
            note="`any`",
        ),
        row(
            "tool_choice",
            {"type": "none"},
            chat=mapped("tool_choice", "none"),
            responses=mapped("tool_choice", "none"),
            gemini=mapped(f"{_CALLING}.mode", "NONE"),
            given=_OFFER,
            note="`none`",
        ),
        row(
            "tool_choice",
            {"type": "tool", "name": "look"},
            chat=mapped("tool_choice.function.name", "look"),
            responses=mapped("tool_choice.name", "look"),
            gemini=mapped(f"{_CALLING}.allowedFunctionNames", ["look"]),
            given=_OFFER,
            note="one tool",
            also=("tool_choice.name",),
        ),
        row(
            "tool_choice",
            {"type": "tool", "name": "web_fetch"},
            unsent("the tool is not offered to the model"),
            given={"tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]},
            note="a tool that Anthropic runs",
            # towards Gemini the tool itself is named
            loss=("tool_choice", "tools"),
        ),
        row(
            "tool_choice.disable_parallel_tool_use",
            True,
            chat=mapped("parallel_tool_calls", False),
            responses=mapped("parallel_tool_calls", False),
            gemini=lost("functions cannot be called one at a time"),
            given={**_OFFER, "tool_choice": {"type": "auto"}},
        ),
    ),
)

TOOLS = Section(
    "Tools",
    Place.TOOL,
    (
        row(
            "tools[].name",
            _LOOK,
            chat=mapped(_NAMED, "look"),
            responses=mapped("tools[].name", "look"),
            gemini=mapped(_DECLARED, "look"),
            also=("tools", "tools[].type"),
        ),
        row(
            "tools[].description",
            {**_LOOK, "description": "Looks"},
            chat=mapped("tools[].function.description", "Looks"),
            responses=mapped("tools[].description", "Looks"),
            gemini=mapped("tools[].functionDeclarations[].description", "Looks"),
            base=_LOOK,
        ),
        row(
            "tools[].input_schema",
            _LOOK,
            chat=mapped("tools[].function.parameters", SCHEMA),
            responses=mapped("tools[].parameters", SCHEMA),
            gemini=mapped(
                "tools[].functionDeclarations[].parametersJsonSchema", SCHEMA, "or rewritten, as `parameters`"
            ),
        ),
        row(
            "tools[].strict",
            {**_LOOK, "strict": True},
            chat=mapped("tools[].function.strict", True, "when the schema is in the subset"),
            responses=mapped("tools[].strict", True, "when the schema is in the subset"),
            gemini=_NO_FIELD,
            base=_LOOK,
            loss="tools.look.strict",
        ),
        row(
            "tools[].defer_loading",
            {**_LOOK, "defer_loading": True},
            handled("it is offered once a `tool_reference` has loaded it, or at once when Anthropic would search"),
            base=_LOOK,
            given={"tools": [{"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}]},
        ),
        row("tools[].input_examples", {**_LOOK, "input_examples": [{"a": "b"}]}, _NO_FIELD, base=_LOOK),
        row("tools[].allowed_callers", {**_LOOK, "allowed_callers": ["direct"]}, _NO_FIELD, base=_LOOK),
        row("tools[].eager_input_streaming", {**_LOOK, "eager_input_streaming": True}, _NO_FIELD, base=_LOOK),
        row(
            "web_search",
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
            chat=_NOT_RUN,
            responses=approximated("tools[].type", "web_search", "OpenAI's own search, without the limits", told=True),
            gemini=_NOT_RUN,
            loss="tools",
            also=("web_search.*",),
        ),
        *(
            row(name, {"type": kind, "name": name, **members}, _NOT_RUN, loss="tools", also=(f"{name}.*",))
            for name, kind, members in _HOSTED
        ),
    ),
    note=LIMIT,
)
