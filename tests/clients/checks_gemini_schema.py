"""What generateContent refuses in schemas: in its own subset of OpenAPI's, and in JSON Schema proper.

Source: Gemini API reference, "Schema" and `responseJsonSchema`; the messages of the service as users report them.
"""

from collections.abc import Iterator
from typing import Any

from clients.complaint import Json, demand, demand_spelled, fields

TYPES = fields("STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL")
KNOWN = fields(
    "type format title description nullable enum maxItems minItems properties required minProperties maxProperties "
    "minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum "
)
FORMATS = {
    "STRING": {"enum", "date-time"},
    "NUMBER": {"float", "double"},
    "INTEGER": {"int32", "int64"},
}
BESIDE_REF = {"description", "default"}


def subset(schema: Any, where: str) -> None:
    """A schema of the type `Schema`: unknown names are refused like everywhere in Google's JSON."""
    demand(isinstance(schema, dict), f"Invalid value at '{where}'")
    demand_spelled(schema, KNOWN, where)
    kind = schema.get("type")
    demand(not isinstance(kind, list), f"Proto field is not repeating, cannot start list at '{where}.type'.")
    demand(kind or "anyOf" in schema, f"{where}: schema didn't specify the schema type field")
    name = str(kind).upper()
    demand(kind is None or name in TYPES, f"Invalid value at '{where}.type' ({kind!r})")
    _values(schema, name, where)
    if name == "ARRAY":
        demand("items" in schema, f"{where}.items: missing field.")
    if name == "OBJECT":
        demand(schema.get("properties"), f"{where}.properties: should be non-empty for OBJECT type")
    properties = schema.get("properties", {})
    unknown = [one for one in schema.get("required", ()) if one not in properties]
    demand(not unknown, f"{where}.required: property is not defined: {unknown}")
    for inner, child in _children(schema):
        subset(child, f"{where}.{inner}")


def _values(schema: Json, kind: str, where: str) -> None:
    values = schema.get("enum", [])
    demand(not values or kind == "STRING", f"{where}.enum: only allowed for STRING type")
    demand(all(isinstance(value, str) for value in values), f"Invalid value at '{where}.enum' (TYPE_STRING)")
    demand("" not in values, f"{where}.enum: cannot be empty")
    formats = FORMATS.get(kind, set())
    form = schema.get("format")
    demand(form is None or form in formats, f"{where}.format: only {sorted(formats)} are supported for {kind} type")


def _children(schema: Json) -> Iterator[tuple[str, Any]]:
    for name, child in schema.get("properties", {}).items():
        yield f"properties[{name}]", child
    for number, child in enumerate(schema.get("anyOf", ())):
        yield f"any_of[{number}]", child
    if "items" in schema:
        yield "items", schema["items"]


def json_schema(schema: Any, where: str) -> None:
    """JSON Schema proper: what the service does not know it ignores, but a reference stands alone and leads
    somewhere."""
    demand(isinstance(schema, dict), f"Invalid value at '{where}'")
    for node in _nodes(schema):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        beside = {name for name in node if not name.startswith("$")} - BESIDE_REF
        demand(not beside, f"{where}: beside $ref no {sorted(beside)} may be set")
        demand(_leads_somewhere(reference, schema), f"{where}: {reference} refers to nothing")


def _nodes(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child)


def _leads_somewhere(reference: str, root: Any) -> bool:
    head, *steps = reference.split("/")
    node = root
    for step in steps:
        if not isinstance(node, dict) or step not in node:
            return False
        node = node[step]
    return head == "#"
