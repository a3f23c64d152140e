"""JSON Schema and Gemini's own schemas, each as the other.

Gemini's `Schema` is a message with fixed fields: one unknown keyword in one tool and the whole request is refused
("Unknown name … Cannot find field"). So everything is rewritten into the fields that it has, and what none of them
can say is told to the model in the description. Source: Gemini API reference, "Caching: Schema" and "GenerationConfig:
responseJsonSchema"; the refusals that users of the API report.
"""

from collections.abc import Mapping
from typing import Any

from addons.core.model import Loss
from addons.dialects._gemini_schema_rewrite import Rewriter
from addons.dialects.base import Body

# what Google documents for schemas that are given as JSON Schema, and what says nothing
DOCUMENTED = frozenset({
    "$id", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems", "minItems", "maxItems",
    "minimum", "maximum", "anyOf", "properties", "additionalProperties", "required", "propertyOrdering",
})  # fmt: skip
SILENT = frozenset({"$schema", "$comment"})


def for_gemini(schema: Any, losses: list[Loss], path: str) -> Body:
    """`schema` (JSON Schema) in the fields of Gemini's `Schema`, an object at the top. Never fails: what has no field
    is told in descriptions, and a Loss at `path` names it."""
    rewriter = Rewriter(schema)
    body = rewriter.top()
    _tell(rewriter, losses, path)
    return body


def value_for_gemini(schema: Any, losses: list[Loss], path: str) -> Body:
    """The same for a schema that need not be an object: that of an answer."""
    rewriter = Rewriter(schema)
    body = rewriter.whole()
    _tell(rewriter, losses, path)
    return body


def _tell(rewriter: Rewriter, losses: list[Loss], path: str) -> None:
    if rewriter.told:
        losses.append(Loss(path, f"Gemini's schemas have no {', '.join(sorted(rewriter.told))}: told in words"))


def as_documented(schema: Any) -> Body | None:
    """`schema` as it may be sent as JSON Schema: when every keyword in it is one that Google documents (keywords
    without a meaning are left out); None when it must be rewritten."""
    if not isinstance(schema, Mapping):
        return None
    out: Body = {}
    for key, value in schema.items():
        if key in SILENT:
            continue
        if key not in DOCUMENTED:
            return None
        inner = _documented_member(key, value)
        if inner is _NO:
            return None
        out[key] = inner
    return out


def has_bare_object(body: Body) -> bool:
    """Whether an object without properties stands anywhere in a schema of Gemini's own: there it is refused ("should
    be non-empty for OBJECT type"), and JSON Schema is the only way to say it."""
    if body.get("type") == "OBJECT" and not body.get("properties"):
        return True
    return any(map(has_bare_object, _inner(body)))


def _inner(body: Body) -> list[Body]:
    items = [body["items"]] if "items" in body else []
    return [*body.get("properties", {}).values(), *body.get("anyOf", ()), *items]


def as_json_schema(body: Body) -> Body:
    """A rewritten schema as JSON Schema of documented keywords; counts without one go into the description. What may
    be null says so only where a union of types is taken."""
    out = {key: value for key, value in body.items() if key in DOCUMENTED}
    if "type" in body:
        kind = body["type"].lower()
        plain = body.get("nullable") is True and "enum" not in body and kind not in ("array", "object")
        out["type"] = [kind, "null"] if plain else kind
    if "properties" in body:
        out["properties"] = {name: as_json_schema(each) for name, each in body["properties"].items()}
    if "anyOf" in body:
        out["anyOf"] = [as_json_schema(each) for each in body["anyOf"]]
    if "items" in body:
        out["items"] = as_json_schema(body["items"])
    notes = [f"({key}: {value})" for key, value in body.items() if key in _COUNTS and key not in DOCUMENTED]
    return {**out, "description": " ".join([*filter(None, [body.get("description")]), *notes])} if notes else out


_NO = object()


def _documented_member(key: str, value: Any) -> Any:
    match key:
        case "properties" if isinstance(value, Mapping):
            inner = {name: as_documented(each) for name, each in value.items()}
            return _NO if None in inner.values() else inner
        case "anyOf" | "prefixItems" if isinstance(value, list):
            each = [as_documented(one) for one in value]
            return _NO if None in each else each
        case "items":
            return _or_no(as_documented(value))
        case "additionalProperties" if not isinstance(value, bool):
            return _or_no(as_documented(value))
        case "type":
            return value if isinstance(value, str) else _nullable_type(value)
        case "enum":
            return value if isinstance(value, list) and value and all(_word(one) for one in value) else _NO
        case "properties" | "anyOf" | "prefixItems":
            return _NO
        case _:
            return value


def _or_no(value: Body | None) -> Any:
    return _NO if value is None else value


def _nullable_type(value: Any) -> Any:
    """A union of types is refused for arrays and objects: only of a plain one and null it is known to work."""
    if (
        isinstance(value, list)
        and len(value) == 2
        and "null" in value
        and not {"array", "object"} & set(map(str, value))
    ):
        return value
    return _NO


def _word(value: Any) -> bool:
    return isinstance(value, str) and value != ""


# the members of Gemini's Schema that hold schemas, by how they hold them
_ONE = ("items", "additionalProperties", "not")
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "$defs", "definitions", "patternProperties")
_CAMEL = {
    "any_of": "anyOf", "max_items": "maxItems", "min_items": "minItems", "max_length": "maxLength",
    "min_length": "minLength", "max_properties": "maxProperties", "min_properties": "minProperties",
    "property_ordering": "propertyOrdering", "additional_properties": "additionalProperties", "defs": "$defs",
    "ref": "$ref",
}  # fmt: skip
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_DROPPED = ("propertyOrdering", "nullable", "example")


def from_gemini(schema: Any) -> Body:
    """Gemini's `Schema` (upper-case types, `nullable`, counts as strings, snake or camel case) as JSON Schema. JSON
    Schema comes through as it is. What is no object says nothing: the empty schema."""
    if not isinstance(schema, Mapping):
        return {}
    raw: Body = {_CAMEL.get(key) or key: value for key, value in schema.items()}
    out = {key: _member(key, value) for key, value in raw.items() if key not in _DROPPED}
    if out.get("type") == "type_unspecified":
        del out["type"]
    if out.get("format") == "enum":
        del out["format"]
    if "example" in raw:
        out.setdefault("examples", [raw["example"]])
    return _with_null(out) if raw.get("nullable") is True else out


def _member(key: str, value: Any) -> Any:
    if key == "type":
        return value.lower() if isinstance(value, str) else _lower_types(value)
    if key in _ONE:
        return value if isinstance(value, bool) else from_gemini(value)
    if key in _MANY and isinstance(value, list):
        return [from_gemini(each) for each in value]
    if key in _NAMED and isinstance(value, Mapping):
        return {name: from_gemini(each) for name, each in value.items()}
    if key in _COUNTS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if key == "$ref" and isinstance(value, str):
        return value.replace("#/defs/", "#/$defs/", 1)
    return value


def _lower_types(value: Any) -> Any:
    return [each.lower() if isinstance(each, str) else each for each in value] if isinstance(value, list) else value


def _with_null(schema: Body) -> Body:
    """JSON Schema has no `nullable`: null becomes one of the types."""
    if isinstance(schema.get("anyOf"), list) and "type" not in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    kind = schema.get("type")
    if not isinstance(kind, str):
        return schema
    out = {**schema, "type": [kind, "null"]}
    if isinstance(schema.get("enum"), list):
        out["enum"] = [*schema["enum"], None]
    return out
