"""The tools of a request in OpenAI's Responses. Source: OpenAI API reference, "Create a model response"."""

from typing import Any

from addons.core.fidelity.openai_tools import (
    DECLARED,
    LIMIT,
    choices,
    custom,
    described,
    grammar,
    one_at_a_time,
    parameters,
    strict,
)
from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Row, Section, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")

_LOOK: dict[str, Any] = {"type": "function", "name": "look", "parameters": SCHEMA}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}
_PATCH: dict[str, Any] = {"type": "custom", "name": "patch", "description": "Patches"}

CHOICES = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        *choices(
            _OFFER,
            {"type": "function", "name": "look"},
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "look"}]},
        ),
        row(
            "tool_choice",
            {"type": "file_search"},
            unsent("a tool that only OpenAI runs"),
            given=_OFFER,
            note="a tool of OpenAI's",
        ),
        one_at_a_time(_OFFER),
    ),
)


def _function(field: str, tool: dict[str, Any], names: tuple[str, str, str], also: tuple[str, ...] = ()) -> Row:
    """A tool that becomes a function; `names` are what stands in the bodies of Claude, Chat and Gemini."""
    return row(
        field,
        tool,
        claude=mapped("tools[].name", names[0]),
        chat=mapped("tools[].function.name", names[1]),
        gemini=mapped(f"{DECLARED}.name", names[2]),
        also=also,
    )


def _stand_in(kind: str, tool: dict[str, Any]) -> Row:
    why = "a function; a call of it comes back as OpenAI's item"
    return row(
        f"{kind} (run by the client)",
        tool,
        claude=approximated("tools[].name", kind, why),
        chat=approximated("tools[].function.name", kind, why),
        gemini=approximated(f"{DECLARED}.name", kind, why),
        also=(f"{kind}.*",),
    )


TOOLS = Section(
    "Tools that the client runs",
    Place.TOOL,
    (
        _function("function", _LOOK, ("look", "look", "look"), ("tools", "function.name")),
        described("function.description", {**_LOOK, "description": "Looks"}, _LOOK),
        parameters("function.parameters", _LOOK, SCHEMA),
        strict("function.strict", {**_LOOK, "strict": True}, _LOOK),
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
        custom("custom", _PATCH, ("custom.name", "custom.description")),
        grammar("custom.format", {**_PATCH, "format": _GRAMMAR}, _PATCH),
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
            gemini=approximated(f"{DECLARED}.description", Words("About eyes"), "in the description of its tools"),
            base={"type": "namespace", "name": "eyes", "tools": [_LOOK]},
        ),
        _stand_in("tool_search", {"type": "tool_search", "execution": "client"}),
        _stand_in("shell", {"type": "shell"}),
        _stand_in("local_shell", {"type": "local_shell"}),
        _stand_in("apply_patch", {"type": "apply_patch"}),
    ),
    note=LIMIT,
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
