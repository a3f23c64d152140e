"""The tools of a request of Gemini's. Source: Gemini API reference, "Tool" and "ToolConfig"."""

from typing import Any

from addons.core.fidelity.openai_tools import LIMIT
from addons.core.fidelity.outcomes import approximated, lost, mapped
from addons.core.fidelity.rows import Place, Section, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CALLING = "toolConfig.functionCallingConfig"
_DECLARED = "functionDeclarations[]"

_FUNCTION: dict[str, Any] = {"name": "look", "parametersJsonSchema": SCHEMA}
_LOOK: dict[str, Any] = {"functionDeclarations": [_FUNCTION]}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_TWO: dict[str, Any] = {"tools": [{"functionDeclarations": [_FUNCTION, {"name": "dig"}, {"name": "cut"}]}]}


def _with(**members: Any) -> dict[str, Any]:
    return {"functionDeclarations": [{**_FUNCTION, **members}]}


CHOICES = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        row(
            f"{_CALLING}.mode",
            "AUTO",
            claude=mapped("tool_choice.type", "auto"),
            chat=mapped("tool_choice", "auto"),
            responses=mapped("tool_choice", "auto"),
            given=_OFFER,
            note="`AUTO`",
            also=("toolConfig", _CALLING),
        ),
        row(
            f"{_CALLING}.mode",
            "ANY",
            claude=(
                mapped("tool_choice.type", "any", model="claude-sonnet-4-5"),
                approximated("tool_choice.type", "auto", "asked for in words", told=True, model="claude-opus-5-5"),
            ),
            chat=mapped("tool_choice", "required"),
            responses=mapped("tool_choice", "required"),
            given=_OFFER,
            note="`ANY`",
        ),
        row(
            f"{_CALLING}.mode",
            "NONE",
            claude=mapped("tool_choice.type", "none"),
            chat=mapped("tool_choice", "none"),
            responses=mapped("tool_choice", "none"),
            given=_OFFER,
            note="`NONE`",
        ),
        row(
            f"{_CALLING}.mode",
            "VALIDATED",
            claude=approximated("tool_choice.type", "auto", "schemas are not enforced", told=True),
            chat=approximated("tool_choice", "auto", "schemas are not enforced", told=True),
            responses=approximated("tool_choice", "auto", "schemas are not enforced", told=True),
            given=_OFFER,
            note="`VALIDATED`",
        ),
        row(
            f"{_CALLING}.allowedFunctionNames",
            ["look"],
            claude=mapped("tool_choice.name", "look"),
            chat=mapped("tool_choice.function.name", "look"),
            responses=mapped("tool_choice.name", "look"),
            given={**_OFFER, "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
            note="one",
        ),
        row(
            f"{_CALLING}.allowedFunctionNames",
            ["look", "dig"],
            lost("all tools are allowed"),
            given={**_TWO, "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
            note="several",
        ),
        row(f"{_CALLING}.streamFunctionCallArguments", True, _NO_FIELD, given=_OFFER),
        row("toolConfig.includeServerSideToolInvocations", True, _NO_FIELD),
        row("toolConfig.retrievalConfig", {"languageCode": "de"}, _NO_FIELD, also=("toolConfig.retrievalConfig.*",)),
    ),
)

TOOLS = Section(
    "Functions",
    Place.TOOL,
    (
        row(
            f"{_DECLARED}.name",
            _LOOK,
            claude=mapped("tools[].name", "look"),
            chat=mapped("tools[].function.name", "look"),
            responses=mapped("tools[].name", "look"),
            also=("tools", "functionDeclarations"),
        ),
        row(
            f"{_DECLARED}.description",
            _with(description="Looks"),
            claude=mapped("tools[].description", "Looks"),
            chat=mapped("tools[].function.description", "Looks"),
            responses=mapped("tools[].description", "Looks"),
            base=_LOOK,
        ),
        row(
            f"{_DECLARED}.parametersJsonSchema",
            _LOOK,
            claude=mapped("tools[].input_schema", SCHEMA),
            chat=mapped("tools[].function.parameters", SCHEMA),
            responses=mapped("tools[].parameters", SCHEMA),
        ),
        row(
            f"{_DECLARED}.parameters",
            {
                "functionDeclarations": [
                    {"name": "look", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}}
                ]
            },
            claude=mapped("tools[].input_schema.properties.a.type", "string", "as JSON Schema"),
            chat=mapped("tools[].function.parameters.properties.a.type", "string", "as JSON Schema"),
            responses=mapped("tools[].parameters.properties.a.type", "string", "as JSON Schema"),
        ),
        row(f"{_DECLARED}.behavior", _with(behavior="NON_BLOCKING"), _NO_FIELD, base=_LOOK),
        row(f"{_DECLARED}.response", _with(response={"type": "STRING"}), _NO_FIELD, base=_LOOK),
        row(f"{_DECLARED}.responseJsonSchema", _with(responseJsonSchema=SCHEMA), _NO_FIELD, base=_LOOK),
    ),
    note=LIMIT,
)

_NOT_RUN = lost("a tool that only Google runs")
_ONLY_GOOGLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("urlContext", {}),
    ("codeExecution", {}),
    ("googleMaps", {}),
    ("fileSearch", {"fileSearchStoreNames": ["a"]}),
    ("computerUse", {"environment": "ENVIRONMENT_BROWSER"}),
    ("retrieval", {"vertexAiSearch": {"datastore": "d"}}),
    ("enterpriseWebSearch", {}),
    ("exaAiSearch", {}),
    ("parallelAiSearch", {}),
    ("mcpServers", {"name": "m"}),
)

HOSTED = Section(
    "Tools that Google runs",
    Place.TOOL,
    (
        row(
            "googleSearch",
            {"googleSearch": {}},
            claude=_NOT_RUN,
            chat=_NOT_RUN,
            responses=mapped("tools[].type", "web_search", "OpenAI's own search"),
            loss="tools",
            also=("googleSearchRetrieval",),
        ),
        row(
            "googleSearch.excludeDomains",
            {"googleSearch": {"excludeDomains": ["example.com"]}},
            responses=lost("OpenAI's search has no such member"),
            base={"googleSearch": {}},
            loss="tools.googleSearch",
            also=("googleSearch.*",),
        ),
        *(row(kind, {kind: value}, _NOT_RUN, loss="tools", also=(f"{kind}.*",)) for kind, value in _ONLY_GOOGLE),
    ),
)
