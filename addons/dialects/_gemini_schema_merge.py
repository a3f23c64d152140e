"""JSON Schema made simpler without a change of meaning: references resolved, `allOf` merged, choices in one place."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

type Node = Mapping[str, Any]

# a longer chain of references leads nowhere
CHAIN_LIMIT = 64
_STRUCTURE = ("properties", "items", "prefixItems", "additionalProperties")


def resolved(node: Node, root: Node, seen: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
    """`node` with its reference followed (its own members win) and its `allOf` merged into it, and the references
    that were followed. A reference that leads nowhere is left out; one that is in `seen` stays: it is a circle."""
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return node, seen
        target = _target(reference, root) if len(seen) < CHAIN_LIMIT else None
        own = {key: value for key, value in node.items() if key != "$ref"}
        merged = {**target, **own} if isinstance(target, Mapping) else own
        return resolved(merged, root, (*seen, reference))
    every = node.get("allOf")
    if not isinstance(every, list):
        return node, seen
    out: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
    for each in every:
        if isinstance(each, Mapping):
            inner, seen = resolved(each, root, seen)
            if "$ref" not in inner:
                out = _merged(out, inner)
    return out, seen


def _target(reference: str, root: Node) -> Any:
    """RFC 6901 pointers into the same document."""
    if not reference.startswith("#"):
        return None
    found: Any = root
    for step in reference[1:].split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, Mapping):
            found = found.get(key)
        else:
            return None
    return found


def _merged(one: Node, other: Node) -> dict[str, Any]:
    out = {**other, **one}
    for key in ("properties", "required"):
        ours, theirs = one.get(key), other.get(key)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            out[key] = {**theirs, **ours}
        elif isinstance(ours, list) and isinstance(theirs, list):
            out[key] = [*ours, *theirs]
    return out


def _branches(node: Node) -> list[Any] | None:
    for key in ("anyOf", "oneOf"):
        if isinstance(node.get(key), list) and node[key]:
            return list(node[key])
    return None


def choice_of(node: Node) -> list[Any] | None:
    """The branches of a node that is a choice and nothing else; a list of types is one too. None for a node with a
    shape of its own."""
    kind, branches = node.get("type"), _branches(node)
    if isinstance(kind, list):
        rest = {key: value for key, value in node.items() if key not in ("title", "description", "default")}
        return [{**rest, "type": each} for each in kind] or None
    if branches is None or any(key in node for key in _STRUCTURE) or kind == "object":
        return None
    own = {key: value for key, value in node.items() if key in ("type", "enum", "format")}
    return [{**own, **branch} if isinstance(branch, Mapping) else branch for branch in branches]


def joined(node: Node) -> Node:
    """An object that offers a choice of objects, as one object with the properties of all: required is what every
    branch requires."""
    branches = [branch for branch in _branches(node) or () if isinstance(branch, Mapping)]
    shaped = [branch for branch in branches if isinstance(branch.get("properties"), Mapping)]
    if not shaped:
        return node
    properties = {name: each for branch in reversed(shaped) for name, each in branch["properties"].items()}
    own = node.get("properties")
    required = [set(map(str, branch.get("required") or ())) for branch in shaped]
    common = sorted(set.intersection(*required)) if len(shaped) == len(branches) else []
    mine = node.get("required")
    return {
        **node,
        "properties": {**properties, **(own if isinstance(own, Mapping) else {})},
        "required": [*(mine if isinstance(mine, list) else []), *common],
    }
