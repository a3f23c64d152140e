"""What vendors refuse in a JSON schema that they enforce (structured outputs, strict tools).

Source: the guides "Structured outputs" of Anthropic and of OpenAI.
"""

from collections.abc import Iterator
from typing import Any

from clients.complaint import Json, demand

NESTED = ("properties", "$defs", "definitions")
LISTED = ("anyOf", "allOf", "oneOf", "prefixItems")


def closed(schema: Any, where: str, *, unenforced: frozenset[str] = frozenset(), all_required: bool = False) -> None:
    """Every object says that it has no further properties; nothing asks for what is not enforced. `all_required`:
    OpenAI also wants each property to be required."""
    demand(isinstance(schema, dict), f"{where}: a schema is an object")
    for node in nodes(schema):
        kinds = node.get("type")
        if kinds == "object" or (isinstance(kinds, list) and "object" in kinds):
            demand(
                node.get("additionalProperties") is False,
                f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false",
            )
            missing = set(node.get("properties", {})) - set(node.get("required", ()))
            demand(not all_required or not missing, f"{where}: 'required' must include {sorted(missing)}")
        beyond = unenforced & set(node)
        demand(not beyond, f"{where}: For {kinds!r} type, properties {sorted(beyond)} are not supported")


def nodes(schema: Json) -> Iterator[Json]:
    """The schema and all schemas in it; the names of properties are no keywords."""
    yield schema
    children: list[Any] = [child for name in NESTED for child in schema.get(name, {}).values()]
    children += [child for name in LISTED for child in schema.get(name, ())]
    children += [schema.get("items"), schema.get("additionalProperties")]
    for child in children:
        if isinstance(child, dict):
            yield from nodes(child)
