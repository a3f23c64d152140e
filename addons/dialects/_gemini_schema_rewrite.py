"""JSON Schema rewritten into the fields that Gemini's `Schema` has.

Rules, each because the API refuses the opposite: every node has a type or is a choice (`anyOf`), never both; arrays
have `items`; `required` names existing properties only; `enum` holds strings that are not empty, of type STRING;
strings have no format but date-time; references are unrolled, and cut where they come back to themselves.
"""

from collections.abc import Mapping
from typing import Any

from addons.core import jsonio
from addons.dialects._gemini_schema_merge import choice_of, joined, resolved
from addons.dialects.base import Body

type Node = Mapping[str, Any]

TYPES = {
    "string": "STRING", "number": "NUMBER", "integer": "INTEGER", "boolean": "BOOLEAN", "array": "ARRAY",
    "object": "OBJECT",
}  # fmt: skip
ANY: Body = {"anyOf": [{"type": kind} for kind in ("STRING", "NUMBER", "BOOLEAN", "OBJECT")]}
FORMATS = {"STRING": ("date-time",), "INTEGER": ("int32", "int64"), "NUMBER": ("float", "double")}
# what keeps its name and its meaning, by type
KEPT = {
    "STRING": ("minLength", "maxLength"),
    "NUMBER": ("minimum", "maximum"),
    "INTEGER": ("minimum", "maximum"),
    "ARRAY": ("minItems", "maxItems"),
    "OBJECT": ("minProperties", "maxProperties"),
    "BOOLEAN": (),
}
# constraints without a field: the model reads them in the description
TOLD = (
    "pattern", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "patternProperties",
    "propertyNames", "dependentRequired", "contains", "not", "if", "then", "else", "examples", "default",
)  # fmt: skip
# told, but nothing is lost by it
HARMLESS = ("default", "examples")
# references multiply and nest: from here on anything goes
NODE_LIMIT = 4000
DEPTH_LIMIT = 32
NOTE_LIMIT = 400


class Rewriter:
    """Rewrites one schema; `told` collects the keywords that became words."""

    def __init__(self, schema: Any) -> None:
        self._root: Node = schema if isinstance(schema, Mapping) else {}
        self._nodes = 0
        self._depth = 0
        self.told: set[str] = set()

    def top(self) -> Body:
        """The parameters of a function: always an object, a choice of objects is one with all their properties."""
        node, seen = resolved(self._root, self._root, ())
        return self._typed({**joined(node), "type": "object"}, "OBJECT", seen)

    def whole(self) -> Body:
        return self._node(self._root, ())

    def _node(self, raw: Any, seen: tuple[str, ...]) -> Body:
        """One schema of the tree; `seen` holds the references that lead to it."""
        self._nodes += 1
        if not isinstance(raw, Mapping) or self._nodes > NODE_LIMIT or self._depth > DEPTH_LIMIT:
            return dict(ANY)
        self._depth += 1
        body = self._known(raw, seen)
        self._depth -= 1
        return body

    def _known(self, raw: Node, seen: tuple[str, ...]) -> Body:
        node, seen = resolved(raw, self._root, seen)
        if "$ref" in node:
            self.told.add("recursion")
            return {"type": "OBJECT", "description": f"(recursive: {node['$ref']})"}
        choice = choice_of(node)
        if choice is not None:
            return self._choice(node, choice, seen)
        kind = TYPES.get(_type(node))
        if kind is None:
            return ANY | self._described(node, ())
        return self._typed(joined(node) if kind == "OBJECT" else node, kind, seen)

    def _choice(self, node: Node, branches: list[Any], seen: tuple[str, ...]) -> Body:
        """A choice carries nothing but its branches and words; one branch is the schema itself."""
        real = [branch for branch in branches if not _is_null(branch)]
        nullable: Body = {"nullable": True} if len(real) < len(branches) else {}
        words = {key: node[key] for key in ("title", "description", "default") if key in node}
        if len(real) == 1 and isinstance(real[0], Mapping):
            return self._node({**real[0], **words}, seen) | nullable
        if not real:
            return {"type": "STRING", **nullable, **self._described(node, ())}
        return {"anyOf": [self._node(branch, seen) for branch in real], **nullable, **self._described(words, ())}

    def _typed(self, node: Node, kind: str, seen: tuple[str, ...]) -> Body:
        out: Body = {"type": kind}
        if node.get("nullable") is True:
            out["nullable"] = True
        for key in KEPT[kind]:
            value = node.get(key)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                out[key] = value
        extra: list[str] = []
        out |= self._values(node, kind, extra)
        if kind == "ARRAY":
            out["items"] = self._items(node, seen)
        if kind == "OBJECT":
            out |= self._properties(node, seen, extra)
        return out | self._described(node, extra)

    def _values(self, node: Node, kind: str, extra: list[str]) -> Body:
        """`enum`, `const` and `format`."""
        out: Body = {}
        values = [node["const"]] if "const" in node else node.get("enum")
        if isinstance(values, list) and values:
            words = [value for value in values if isinstance(value, str) and value]
            if kind == "STRING" and words:
                out["enum"] = words
            if len(words) < len([value for value in values if value is not None]) or kind != "STRING":
                self.told.add("enum of other values")
                extra.append(f"one of: {_short(values)}")
            if None in values:
                out["nullable"] = True
        form = node.get("format")
        if isinstance(form, str):
            if form in FORMATS.get(kind, ()):
                out["format"] = form
            else:
                extra.append(f"format: {form}")
        return out

    def _items(self, node: Node, seen: tuple[str, ...]) -> Body:
        items, tuple_of = node.get("items"), node.get("prefixItems")
        several = tuple_of if isinstance(tuple_of, list) else items if isinstance(items, list) else None
        if several:
            self.told.add("tuples")
            kinds: list[Body] = []
            for each in several:
                body = self._node(each, seen)
                if body not in kinds:
                    kinds.append(body)
            return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        return self._node(items, seen)

    def _properties(self, node: Node, seen: tuple[str, ...], extra: list[str]) -> Body:
        raw = node.get("properties")
        properties = {name: self._node(each, seen) for name, each in raw.items()} if isinstance(raw, Mapping) else {}
        out: Body = {"properties": properties} if properties else {}
        wanted = node.get("required")
        required = [name for name in wanted if name in properties] if isinstance(wanted, list) else []
        if required:
            out["required"] = list(dict.fromkeys(required))
        more = node.get("additionalProperties")
        if isinstance(more, Mapping) and more:
            self.told.add("additionalProperties")
            extra.append(f"any further keys; their values: {_short(more)}")
        return out

    def _described(self, node: Node, extra: Any) -> Body:
        notes = list(extra)
        for key in TOLD:
            if key in node:
                notes.append(f"{key}: {_short(node[key])}")
                if key not in HARMLESS:
                    self.told.add(key)
        words = node.get("description")
        text = " ".join([*([words] if isinstance(words, str) and words else []), *(f"({note})" for note in notes)])
        out: Body = {"description": text} if text else {}
        return {"title": node["title"], **out} if isinstance(node.get("title"), str) else out


def _type(node: Node) -> str:
    """The type of a node: said, or betrayed by its other keywords."""
    kind = node.get("type")
    if isinstance(kind, str):
        return kind.lower()
    if "properties" in node or "additionalProperties" in node or "required" in node:
        return "object"
    if "items" in node or "prefixItems" in node:
        return "array"
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and values:
        return _type_of(next((value for value in values if value is not None), ""))
    if "pattern" in node or "minLength" in node or "maxLength" in node or "format" in node:
        return "string"
    return "number" if "minimum" in node or "maximum" in node else ""


def _type_of(value: Any) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (list, "array"), (Mapping, "object")):
        if isinstance(value, kind):
            return name
    return "string"


def _is_null(branch: Any) -> bool:
    return isinstance(branch, Mapping) and (branch.get("type") == "null" or branch.get("enum") == [None])


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else jsonio.text(value)
    return text if len(text) <= NOTE_LIMIT else f"{text[:NOTE_LIMIT]}…"
