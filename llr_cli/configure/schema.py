"""The JSON Schema of the configuration file, for editors: made from the models that read it."""

from typing import Any

from addons.config.fields import Node, spellings
from addons.config.models import Document

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """By the documented spellings; what may stand for an object in short (a model's name, `true`) is allowed too."""
    found = Document.model_json_schema(by_alias=True)
    found = {
        "$schema": DRAFT,
        "title": "llr configuration",
        **{key: item for key, item in found.items() if key != "title"},
    }
    nodes = {each.__name__: each for each in _nodes(Node)}
    _loosen(found, nodes)
    return found


def _nodes(base: type[Node]) -> list[type[Node]]:
    return [each for child in base.__subclasses__() for each in (child, *_nodes(child))]


# what a person may write in place of the object. Source: the validators of the models
SHORT: dict[str, list[dict[str, str]]] = {
    "ModelNode": [{"type": "string"}],
    "TargetNode": [{"type": "string"}],
    "ApiKeyNode": [{"type": "string"}],
    "WindowNode": [{"type": "string"}],
    "MatchNode": [{"type": "string"}],
    "AffinityNode": [{"type": "boolean"}],
    "ActivityLogNode": [{"type": "boolean"}],
}


def _loosen(found: dict[str, Any], nodes: dict[str, type[Node]]) -> None:
    for name, definition in found.get("$defs", {}).items():
        node = nodes.get(name)
        if node is None:
            continue
        _with_synonyms(definition, node)
        if name in SHORT:
            inner = dict(definition)
            definition.clear()
            definition["anyOf"] = [inner, *SHORT[name]]
    _with_synonyms(found, Document)


def _with_synonyms(definition: dict[str, Any], node: type[Node]) -> None:
    """Every spelling of a member is one; nothing is required that may be spelt otherwise."""
    members = definition.get("properties", {})
    for field in node.model_fields:
        known = spellings(node, field)
        said = next((members[name] for name in known if name in members), None)
        for name in known if said is not None else ():
            members.setdefault(name, said)
    definition.pop("required", None)
    definition.pop("title", None)
