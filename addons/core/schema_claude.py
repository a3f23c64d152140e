"""JSON Schema as far as Anthropic takes it: for structured output, and for the input of tools.

Theory of operation. A schema of an answer is rewritten keyword by keyword. A constraint that the API does not know
(`minimum`, `maxLength`, …) becomes a remark in the description and is told; a schema whose meaning would change
(recursion, free maps, anything untyped) is not expressible, and the caller asks in another way.
Source: Anthropic documentation, "Structured outputs", JSON Schema limitations; the API's error "input_schema does not
support oneOf, allOf, or anyOf at the top level".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addons.core import jsonio

type Schema = dict[str, Any]

FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)  # fmt: skip
_NOTES = ("description", "title")
# what says nothing about the value
_SILENT = frozenset({"$schema", "$id", "$comment", "$anchor", "default", "example", "examples", "deprecated"})
# what changes the meaning so much that a remark would not do
_MEANING = frozenset(
    {"not", "if", "then", "else", "patternProperties", "propertyNames", "prefixItems", "dependentSchemas", "contains"}
)
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
_DEFINITIONS = ("$defs", "definitions")
_UNIONS = ("anyOf", "oneOf", "allOf")


class _Inexpressible(Exception):
    """The schema means something that the API's subset cannot say."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`removed`: the paths of the constraints that are remarks now."""

    schema: Schema
    removed: tuple[str, ...] = ()


def answer_schema(schema: Mapping[str, Any]) -> Rewritten | None:
    """`schema` in the subset of `output_config.format`; None when it cannot be said there."""
    rewriter = _Rewriter(schema)
    try:
        rewritten = rewriter.node(schema, "")
    except _Inexpressible:
        return None
    return Rewritten(rewritten, tuple(rewriter.removed))


@dataclass(slots=True)
class _Rewriter:
    root: Mapping[str, Any]
    removed: list[str] = field(default_factory=list)
    _sound: set[str] = field(default_factory=set)  # references that are known not to lead back to themselves
    _trail: list[str] = field(default_factory=list)

    def node(self, node: object, path: str) -> Schema:
        if not isinstance(node, Mapping) or node.keys() & _MEANING:
            raise _Inexpressible(path)
        out: Schema = {
            key: {name: self.node(each, f"{path}/{key}/{name}") for name, each in node[key].items()}
            for key in _DEFINITIONS
            if isinstance(node.get(key), Mapping)
        }
        if "$ref" in node:
            self._follow(node["$ref"])
            return {**out, "$ref": node["$ref"]}
        rest = {key: value for key, value in node.items() if key not in _SILENT and key not in _DEFINITIONS}
        said = self._typed(rest, path)
        return {**out, **said, **self._notes(rest, said, path)}

    def _typed(self, rest: Schema, path: str) -> Schema:
        """The part that says what the value is; what it uses up is taken out of `rest`."""
        kind = rest.pop("type", None)
        for key in ("enum", "const"):
            if key in rest:
                return {key: _literal(key, rest.pop(key))}
        for key in _UNIONS:
            if key in rest:
                return self._union(key, rest, path)
        if isinstance(kind, list):
            rest_of_kind = {key: rest.pop(key) for key in list(rest) if key not in _NOTES}
            return {"anyOf": [self.node({**rest_of_kind, "type": each}, path) for each in kind]}
        match kind:
            case "object":
                return self._object(rest, path)
            case "array":
                return self._array(rest, path)
            case str() if kind in _SCALARS:
                known = rest.get("format") in FORMATS and kind == "string"
                return {"type": kind, **({"format": rest.pop("format")} if known else {})}
            case _:
                raise _Inexpressible(path)

    def _union(self, key: str, rest: Schema, path: str) -> Schema:
        variants = rest.pop(key)
        if not isinstance(variants, list) or not variants or rest.keys() & {"properties", "required", *_UNIONS}:
            raise _Inexpressible(path)
        if key == "allOf":
            if len(variants) > 1:
                raise _Inexpressible(path)
            return self.node(variants[0], f"{path}/allOf/0")
        return {"anyOf": [self.node(each, f"{path}/{key}/{n}") for n, each in enumerate(variants)]}

    def _object(self, rest: Schema, path: str) -> Schema:
        properties = _mapping(rest.pop("properties", None))
        if rest.pop("additionalProperties", False) not in (False, True) or not properties:
            # a free map: closed, it could only ever be empty
            raise _Inexpressible(path)
        out: Schema = {
            "type": "object",
            "properties": {name: self.node(each, f"{path}/properties/{name}") for name, each in properties.items()},
            "additionalProperties": False,
        }
        required = _words(rest.pop("required", None))
        return {**out, "required": required} if required else out

    def _array(self, rest: Schema, path: str) -> Schema:
        if "items" not in rest:
            raise _Inexpressible(path)
        out: Schema = {"type": "array", "items": self.node(rest.pop("items"), f"{path}/items")}
        return {**out, "minItems": rest.pop("minItems")} if rest.get("minItems") in (0, 1) else out

    def _notes(self, rest: Schema, said: Schema, path: str) -> Schema:
        """Title and description, the latter with the constraints that are left over."""
        notes = {key: str(rest.pop(key)) for key in _NOTES if isinstance(rest.get(key), str)}
        self.removed += [f"{path}/{key}" for key in rest]
        remark = ", ".join(f"{key}: {jsonio.text(value)}" for key, value in rest.items())
        if not remark:
            return notes
        words = notes.get("description", said.get("description"))
        return {**notes, "description": f"{words} ({remark})" if words else remark}

    def _follow(self, reference: object) -> None:
        """A reference must lead somewhere inside the schema, and never back to itself."""
        if not isinstance(reference, str) or reference in self._trail:
            raise _Inexpressible(str(reference))
        if reference in self._sound:
            return
        self._trail.append(reference)
        # what it leads to is rewritten where it stands: here it is only walked
        kept = list(self.removed)
        self.node(resolve(self.root, reference), reference)
        self.removed = kept
        self._trail.pop()
        self._sound.add(reference)


def _mapping(value: object) -> Mapping[str, Any]:
    """Clients send anything under a keyword: what is no object says nothing."""
    return value if isinstance(value, Mapping) else {}


def _words(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def resolve(root: Mapping[str, Any], reference: str) -> object:
    """What a reference inside `root` points at (RFC 6901); None for one that leads nowhere or outside."""
    if not reference.startswith("#/"):
        return None
    node: object = root
    for step in reference[2:].split("/"):
        if not isinstance(node, Mapping):
            return None
        node = node.get(step.replace("~1", "/").replace("~0", "~"))
    return node


def _literal(key: str, value: Any) -> Any:
    values = value if key == "enum" else [value]
    if not isinstance(values, list) or not values or any(isinstance(each, (dict, list)) for each in values):
        raise _Inexpressible(key)
    return value


def tool_schema(schema: Mapping[str, Any]) -> Rewritten:
    """The schema of a tool's input as the API wants it: of an object, without a union at the top. A union becomes one
    object with the properties of all its variants, of which those are required that every variant requires."""
    schema = _inlined(schema)
    if not schema.keys() & set(_UNIONS):
        kind = schema.get("type")
        return Rewritten(dict(schema) if kind == "object" else {**schema, "type": "object"})
    base = {key: value for key, value in schema.items() if key not in _UNIONS}
    properties: Schema = dict(_mapping(base.get("properties")))
    required = _words(base.get("required"))
    for key in _UNIONS:
        variants = list(_objects(schema, schema.get(key)))
        for variant in variants:
            properties = {**_mapping(variant.get("properties")), **properties}
        needs = [set(_words(variant.get("required"))) for variant in variants]
        found = set().union(*needs) if key == "allOf" else set.intersection(*needs) if needs else set()
        required += sorted(found - set(required))
    merged: Schema = {**base, "type": "object", "properties": properties}
    if required:
        merged["required"] = required
    return Rewritten(merged, tuple(f"/{key}" for key in _UNIONS if key in schema))


def _inlined(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema that is nothing but a reference at the top, with what it refers to in its place."""
    target = resolve(schema, str(schema["$ref"])) if "$ref" in schema else None
    if not isinstance(target, Mapping) or "$ref" in target:
        return schema
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _objects(root: Mapping[str, Any], variants: object) -> Iterator[Mapping[str, Any]]:
    for variant in variants if isinstance(variants, list) else ():
        if isinstance(variant, Mapping):
            found = resolve(root, str(variant["$ref"])) if "$ref" in variant else variant
            if isinstance(found, Mapping):
                yield found
