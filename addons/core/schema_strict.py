"""JSON Schema in the subset that OpenAI enforces strictly.

Source: OpenAI documentation, "Structured Outputs", "Supported schemas": every object lists all of its properties as
required and allows no others; what may be absent is a value that may be null; a part of the vocabulary is unknown.
"""

from collections.abc import Mapping
from typing import Any

type Schema = dict[str, Any]

_KEPT = frozenset(
    ("type", "description", "title", "enum", "const", "properties", "required", "additionalProperties", "items",
     "anyOf", "$ref", "$defs", "definitions", "pattern", "format", "multipleOf", "minimum", "maximum",
     "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems")
)  # fmt: skip
_FORMATS = frozenset(("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"))
_NULL: Schema = {"type": "null"}


def fits_strict(schema: Mapping[str, Any]) -> bool:
    """Whether strict mode takes `schema` as it is."""
    return can_be_strict(schema) and strict_schema(schema) == schema


def can_be_strict(schema: Mapping[str, Any]) -> bool:
    """Whether there is a strict form at all: the whole must be one object."""
    return schema.get("type") == "object" or ("type" not in schema and "properties" in schema)


def strict_schema(schema: Mapping[str, Any]) -> Schema:
    """`schema` as strict mode takes it: optional properties are required but may be null, objects are closed,
    keywords that are not known there are gone. It describes fewer documents than `schema`, or null for an absent
    property; a schema that fits already comes back equal."""
    return _node(_merged(dict(schema)))


def _node(schema: Schema) -> Schema:
    if isinstance(schema.get("$ref"), str):
        # a reference stands alone; the definitions of a root stay with it
        return {"$ref": schema["$ref"], **_definitions(schema)}
    out: Schema = {key: value for key, value in schema.items() if key in _KEPT}
    if "format" in out and out["format"] not in _FORMATS:
        del out["format"]
    if "oneOf" in schema and "anyOf" not in out:
        out["anyOf"] = schema["oneOf"]
    if isinstance(out.get("anyOf"), list):
        out["anyOf"] = [_any(value) for value in out["anyOf"]]
    if "items" in out:
        out["items"] = _any(out["items"])
    return {**(_object(out) if _is_object(out) else out), **_definitions(out)}


def _any(value: Any) -> Any:
    return strict_schema(value) if isinstance(value, dict) else value


def _definitions(schema: Schema) -> Schema:
    return {
        name: {key: _any(value) for key, value in schema[name].items()}
        for name in ("$defs", "definitions")
        if isinstance(schema.get(name), dict)
    }


def _is_object(schema: Schema) -> bool:
    kind = schema.get("type")
    return "properties" in schema or kind == "object" or (isinstance(kind, list) and "object" in kind)


def _object(schema: Schema) -> Schema:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    given = schema.get("required")
    required = [name for name in _names(given) if name in properties]
    return {
        **schema,
        "type": schema.get("type", "object"),
        "properties": {
            name: _any(value) if name in required else _nullable(_any(value)) for name, value in properties.items()
        },
        "required": required + [name for name in properties if name not in required],
        "additionalProperties": False,
    }


def _nullable(schema: Any) -> Any:
    if not isinstance(schema, dict) or _takes_null(schema):
        return schema
    if isinstance(schema.get("anyOf"), list) and "type" not in schema:
        return {**schema, "anyOf": [*schema["anyOf"], _NULL]}
    kind = schema.get("type")
    if kind is None or "const" in schema or "properties" in schema:
        return {"anyOf": [schema, _NULL]}
    wider = {**schema, "type": [*(kind if isinstance(kind, list) else [kind]), "null"]}
    return {**wider, "enum": [*schema["enum"], None]} if isinstance(schema.get("enum"), list) else wider


def _takes_null(schema: Schema) -> bool:
    kind = schema.get("type")
    named = kind == "null" or (isinstance(kind, list) and "null" in kind)
    return named or any(_takes_null(way) for way in schema.get("anyOf") or () if isinstance(way, dict))


def _merged(schema: Schema) -> Schema:
    """`allOf` is unknown there: its branches become one schema, the properties of all of them."""
    branches = schema.pop("allOf", None)
    for branch in branches if isinstance(branches, list) else ():
        if not isinstance(branch, dict):
            continue
        more, outer = _merged(dict(branch)), schema
        schema = {**more, **outer}
        for name in ("properties", "$defs", "definitions"):
            if isinstance(outer.get(name), dict) and isinstance(more.get(name), dict):
                schema[name] = {**more[name], **outer[name]}
        if isinstance(outer.get("required"), list) and isinstance(more.get("required"), list):
            schema["required"] = list(dict.fromkeys([*_names(more["required"]), *_names(outer["required"])]))
    return schema


def _names(required: object) -> list[str]:
    return [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
