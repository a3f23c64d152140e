"""A JSON Schema as OpenAI's strict mode takes it."""

import pytest

from addons.core.schema_strict import can_be_strict, fits_strict, strict_schema

FITS = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "enum": ["x", "y"]},
        "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "c": {"type": "array", "items": {"$ref": "#/$defs/c"}, "minItems": 1},
    },
    "required": ["a", "b", "c"],
    "additionalProperties": False,
    "$defs": {"c": {"type": "object", "properties": {}, "required": [], "additionalProperties": False}},
}

STRING = {"type": "string"}


def closed(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def one(schema):
    """What becomes of an optional property."""
    return strict_schema({"type": "object", "properties": {"a": schema}})["properties"]["a"]


def test_a_schema_that_fits_stays():
    assert fits_strict(FITS)
    assert strict_schema(FITS) == FITS


def test_an_object_is_closed_and_all_of_it_required():
    loose = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "string"}}, "required": ["a"]}

    assert strict_schema(loose) == {
        "type": "object",
        "properties": {"b": {"type": ["string", "null"]}, "a": {"type": "string"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }
    assert not fits_strict(loose)


@pytest.mark.parametrize(
    ("schema", "nullable"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer", "null"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "null"}, {"type": "null"}),
        ({"type": "string", "enum": ["x"]}, {"type": ["string", "null"], "enum": ["x", None]}),
        ({"enum": ["x"]}, {"anyOf": [{"enum": ["x"]}, {"type": "null"}]}),
        ({"type": "string", "const": "x"}, {"anyOf": [{"type": "string", "const": "x"}, {"type": "null"}]}),
        ({"$ref": "#/$defs/x"}, {"anyOf": [{"$ref": "#/$defs/x"}, {"type": "null"}]}),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
        ({"type": "object"}, {"anyOf": [closed(), {"type": "null"}]}),
    ],
    ids=str,
)
def test_an_optional_property_may_be_null(schema, nullable):
    assert one(schema) == nullable


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "string", "minLength": 1, "default": "x", "examples": []}, {"type": "string"}),
        ({"type": "string", "format": "uri"}, {"type": "string"}),
        ({"type": "string", "format": "uuid", "pattern": "x"}, {"type": "string", "format": "uuid", "pattern": "x"}),
        ({"type": "array", "items": STRING, "uniqueItems": True}, {"type": "array", "items": STRING}),
        ({"oneOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        ({"type": "object", "additionalProperties": {"type": "string"}}, closed()),
        ({"$ref": "#/x", "description": "d"}, {"$ref": "#/x"}),
        ({"anyOf": [{"type": "object"}]}, {"anyOf": [closed()]}),
        ({"type": "array", "items": {"type": "object"}}, {"type": "array", "items": closed()}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_unknown_there_is_gone(given, kept):
    assert strict_schema(closed(a=given))["properties"]["a"] == kept


def test_the_branches_of_all_of_are_one_object():
    branches = [
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"properties": {"b": {"type": "string"}}, "required": ["b"]},
    ]

    assert strict_schema({"description": "d", "allOf": branches}) == {
        "description": "d",
        "type": "object",
        "properties": {"b": {"type": "string"}, "a": {"type": "string"}},
        "required": ["b", "a"],
        "additionalProperties": False,
    }


def test_definitions_are_rewritten_too():
    schema = {**closed(), "$defs": {"x": {"type": "object"}}, "definitions": {"y": {"type": "object"}}}

    strict = strict_schema(schema)

    assert strict["$defs"] == {"x": closed()}
    assert strict["definitions"] == {"y": closed()}


def test_rewriting_twice_is_rewriting_once():
    loose = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}, "c": True}}

    assert strict_schema(strict_schema(loose)) == strict_schema(loose)


def test_the_schema_that_was_given_is_not_changed():
    given = {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]}
    before = repr(given)

    strict_schema(given)

    assert repr(given) == before


@pytest.mark.parametrize(
    "schema", [{"type": "array"}, {"anyOf": [{"type": "object"}]}, {"type": "string"}, {}], ids=str
)
def test_only_one_object_can_be_strict(schema):
    assert not can_be_strict(schema)
    assert not fits_strict(schema)
