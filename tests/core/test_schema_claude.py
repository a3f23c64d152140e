"""JSON Schema in the subset that Anthropic takes. The vendor's SDK is the oracle: it leaves what is right alone."""

import copy

import pytest
from anthropic.lib._parse._transform import transform_schema

from addons.core.schema_claude import answer_schema, tool_schema

TEXT = {"type": "string"}


def person(**more):
    return {"type": "object", "properties": {"name": TEXT}, "required": ["name"], **more}


def closed(**more):
    return person(additionalProperties=False, **more)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (person(), closed()),
        (person(additionalProperties=True, **{"$schema": "x"}), closed()),
        (person(description="who", title="P"), closed(description="who", title="P")),
        ({"type": "array", "items": person(), "minItems": 1}, {"type": "array", "items": closed(), "minItems": 1}),
        ({"type": "string", "format": "uuid"}, {"type": "string", "format": "uuid"}),
        ({"type": "string", "enum": ["a", "b"]}, {"enum": ["a", "b"]}),
        ({"const": 1}, {"const": 1}),
        ({"oneOf": [TEXT, {"type": "null"}]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"type": ["string", "null"]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"allOf": [person()]}, closed()),
    ],
)
def test_what_can_be_said_is_said_and_nothing_is_told(schema, said):
    rewritten = answer_schema(schema)

    assert rewritten.schema == said
    assert rewritten.removed == ()
    assert transform_schema(copy.deepcopy(rewritten.schema)) == said


@pytest.mark.parametrize(
    ("schema", "description", "removed"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "minimum: 1, maximum: 9", ("/minimum", "/maximum")),
        ({"type": "string", "maxLength": 3, "description": "d"}, "d (maxLength: 3)", ("/maxLength",)),
        ({"type": "string", "pattern": "^a"}, 'pattern: "^a"', ("/pattern",)),
        ({"type": "string", "format": "regex"}, 'format: "regex"', ("/format",)),
        ({"type": "array", "items": TEXT, "minItems": 2}, "minItems: 2", ("/minItems",)),
    ],
)
def test_a_constraint_becomes_a_remark_and_is_told(schema, description, removed):
    rewritten = answer_schema(schema)

    assert rewritten.schema["description"] == description
    assert rewritten.removed == removed
    assert transform_schema(copy.deepcopy(rewritten.schema)) == rewritten.schema


def test_the_path_of_a_constraint_leads_to_it():
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "number", "minimum": 0}}}}

    assert answer_schema(schema).removed == ("/properties/a/items/minimum",)


def test_definitions_are_kept_and_rewritten_once():
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/P"}, "b": {"$ref": "#/$defs/P"}},
        "$defs": {"P": person(minProperties=1)},
    }
    rewritten = answer_schema(schema)

    assert rewritten.schema["$defs"]["P"] == closed(description="minProperties: 1")
    assert rewritten.schema["properties"]["a"] == {"$ref": "#/$defs/P"}
    assert rewritten.removed == ("/$defs/P/minProperties",)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "object"},
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "properties": {"any": {}}},
        {"type": "array"},
        {"type": "string", "not": {"const": "a"}},
        {"enum": [{"a": 1}]},
        {"$ref": "#/$defs/none"},
        {"$ref": "https://example.com/schema"},
        {"allOf": [person(), person()]},
        {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}, "$defs": {
            "N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}}},
    ],
)  # fmt: skip
def test_what_would_mean_something_else_is_not_said(schema):
    assert answer_schema(schema) is None


@pytest.mark.parametrize(
    ("schema", "said", "removed"),
    [
        ({}, {"type": "object"}, ()),
        ({"type": ["object", "null"]}, {"type": "object"}, ()),
        (person(), person(), ()),
        ({"$ref": "#/$defs/P", "$defs": {"P": person()}}, person(**{"$defs": {"P": person()}}), ()),
        (
            {"anyOf": [person(), {"properties": {"id": TEXT}, "required": ["id"]}]},
            {"type": "object", "properties": {"id": TEXT, "name": TEXT}},
            ("/anyOf",),
        ),
        (person(anyOf=[{"required": ["a"]}, {"required": ["b"]}]), person(), ("/anyOf",)),
        (
            {"allOf": [{"$ref": "#/$defs/P"}, {"required": ["b"]}], "$defs": {"P": person()}},
            person(required=["b", "name"], **{"$defs": {"P": person()}}),
            ("/allOf",),
        ),
    ],
)
def test_the_input_of_a_tool_is_one_object(schema, said, removed):
    rewritten = tool_schema(schema)

    assert (rewritten.schema, rewritten.removed) == (said, removed)


@pytest.mark.parametrize("schema", [{"properties": []}, {"anyOf": 7}, {"allOf": [3]}, {"required": 1}, {"$ref": 4}])
def test_what_is_no_schema_at_all_does_no_harm(schema):
    assert answer_schema(schema) is None
    assert tool_schema(schema).schema["type"] == "object"
