"""The tools of a Gemini request and how the model is to use them. Source: Gemini API reference, "Caching: Tool" and
"ToolConfig"."""

from collections.abc import Mapping
from typing import Any

from addons.core.errors import BadRequest
from addons.core.model import DialectName, HostedTool, Tool, ToolChoice
from addons.dialects._gemini_members import dotted, listed, members
from addons.dialects._gemini_schema import from_gemini
from addons.dialects.base import Body
from addons.dialects.shapes import as_list, as_str, optional, without

GEMINI = DialectName.GEMINI

_CALLING = "toolConfig.functionCallingConfig"
_MODES: Mapping[str, ToolChoice | None] = {
    "MODE_UNSPECIFIED": None,
    "AUTO": ToolChoice("auto"),
    "ANY": ToolChoice("required"),
    "NONE": ToolChoice("none"),
    "VALIDATED": ToolChoice("auto"),
}
_DECLARED = ("name", "description", "parameters", "parametersJsonSchema")


def parse_tools(value: object) -> tuple[Tool | HostedTool, ...]:
    """One entry may declare functions and name several tools of Google's. Raises BadRequest naming the field."""
    found: list[Tool | HostedTool] = []
    for n, each in enumerate(listed(value, "tools")):
        path = f"tools[{n}]"
        for kind, raw in members(each, path).items():
            if kind == "functionDeclarations":
                declarations = listed(raw, f"{path}.{kind}")
                found += [_function(one, f"{path}.{kind}[{m}]") for m, one in enumerate(declarations)]
            else:
                found.append(HostedTool(GEMINI, kind, {kind: raw}))
    return tuple(found)


def _function(value: object, path: str) -> Tool:
    raw = members(value, path)
    schema = raw.get("parametersJsonSchema", raw.get("parameters"))
    return Tool(
        as_str(raw.get("name"), f"{path}.name"),
        optional(raw, "description", str, "a string", path),
        schema=None if schema is None else from_gemini(schema),
        extras=without(raw, *_DECLARED),
    )


def parse_tool_config(value: object) -> tuple[ToolChoice | None, Body]:
    """The choice, and the extras: what has no canonical home. Raises BadRequest naming the field."""
    if value is None:
        return None, {}
    config = members(value, "toolConfig")
    extras = dotted("toolConfig", without(config, "functionCallingConfig"))
    if "functionCallingConfig" not in config:
        return None, extras
    calling = members(config["functionCallingConfig"], _CALLING)
    mode = as_str(calling.get("mode") or "MODE_UNSPECIFIED", f"{_CALLING}.mode").upper()
    if mode not in _MODES:
        raise BadRequest(f"{_CALLING}.mode", "AUTO, ANY, NONE or VALIDATED is expected")
    names = _names(calling)
    rest: dict[str, Any] = without(calling, "mode", "allowedFunctionNames")
    if mode == "VALIDATED":
        rest["mode"] = mode
    if mode == "ANY" and len(names) == 1:
        return ToolChoice("tool", names[0]), extras | dotted(_CALLING, rest)
    if names:
        rest["allowedFunctionNames"] = names
    return _MODES[mode], extras | dotted(_CALLING, rest)


def _names(calling: Body) -> list[str]:
    path = f"{_CALLING}.allowedFunctionNames"
    return [as_str(name, path) for name in as_list(calling.get("allowedFunctionNames", []), path)]
