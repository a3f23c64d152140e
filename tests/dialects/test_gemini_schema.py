"""JSON Schema in the fields of Gemini's `Schema`, and back."""

import json
from typing import Any

import pytest
from google.genai.types import Schema
from hypothesis import given
from hypothesis import strategies as st

from addons.core.model import Loss
from addons.dialects._gemini_schema import as_documented, for_gemini, from_gemini, value_for_gemini

TEXT = {"type": "string"}
ANY = {"anyOf": [{"type": kind} for kind in ("STRING", "NUMBER", "BOOLEAN", "OBJECT")]}


def top(schema: Any, losses: list[Loss] | None = None) -> dict[str, Any]:
    """Every rewritten schema is of the vendor's type, which forbids unknown fields."""
    body = for_gemini(schema, [] if losses is None else losses, "tools.f")
    Schema.model_validate(body)
    assert_accepted(body)
    return body


def one(schema: Any) -> dict[str, Any]:
    """The rewritten form of `schema` as a property."""
    found: dict[str, Any] = top({"type": "object", "properties": {"x": schema}})["properties"]["x"]
    return found


def assert_accepted(node: dict[str, Any]) -> None:
    """What the API refuses beyond unknown fields."""
    assert ("type" in node) != ("anyOf" in node)
    kind = node.get("type")
    assert kind == "ARRAY" or "items" not in node
    assert kind != "ARRAY" or "items" in node
    assert kind == "OBJECT" or not {"properties", "required"} & set(node)
    assert set(node.get("required", ())) <= set(node.get("properties", ()))
    assert "enum" not in node or (kind == "STRING" and node["enum"] and all(node["enum"]))
    for child in [*node.get("properties", {}).values(), *node.get("anyOf", ()), *filter(None, [node.get("items")])]:
        assert_accepted(child)


def test_a_plain_object_keeps_its_meaning() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"city": {"type": "string", "description": "where"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city"],
        "additionalProperties": False,
    }

    assert top(schema) == {
        "type": "OBJECT",
        "properties": {
            "city": {"type": "STRING", "description": "where"},
            "days": {"type": "INTEGER", "minimum": 1},
        },
        "required": ["city"],
    }


@pytest.mark.parametrize("schema", [None, True, {}, [], "x", {"type": "object"}, {"properties": None}])
def test_parameters_are_an_object_whatever_was_given(schema: Any) -> None:
    assert top(schema) == {"type": "OBJECT"}


@pytest.mark.parametrize(
    ("schema", "rewritten"),
    [
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"anyOf": [TEXT, {"type": "null"}]}, {"type": "STRING", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}),
        (
            {"oneOf": [TEXT, {"type": "number"}], "description": "d"},
            {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}], "description": "d"},
        ),
        ({"const": "a"}, {"type": "STRING", "enum": ["a"]}),
        ({"enum": ["a", "", "b"]}, {"type": "STRING", "enum": ["a", "b"], "description": '(one of: ["a","","b"])'}),
        ({"enum": ["a", None]}, {"type": "STRING", "enum": ["a"], "nullable": True}),
        ({"enum": [1, 2]}, {"type": "INTEGER", "description": "(one of: [1,2])"}),
        ({"type": "array"}, {"type": "ARRAY", "items": ANY}),
        ({}, ANY),
        ({"type": "array", "items": [TEXT, TEXT]}, {"type": "ARRAY", "items": {"type": "STRING"}}),
        ({"type": "string", "format": "uri"}, {"type": "STRING", "description": "(format: uri)"}),
        ({"type": "string", "format": "date-time"}, {"type": "STRING", "format": "date-time"}),
        ({"type": "string", "pattern": "^a"}, {"type": "STRING", "description": "(pattern: ^a)"}),
        (
            {"type": "number", "exclusiveMinimum": 0, "description": "size"},
            {"type": "NUMBER", "description": "size (exclusiveMinimum: 0)"},
        ),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"type": "OBJECT", "description": '(any further keys; their values: {"type":"string"})'},
        ),
        ({"type": "object", "required": ["gone"]}, {"type": "OBJECT"}),
    ],
)
def test_a_construct_is_rewritten_into_what_gemini_has(schema: Any, rewritten: Any) -> None:
    assert one(schema) == rewritten


def test_references_are_unrolled_and_their_siblings_kept() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A", "description": "mine"}},
        "$defs": {"A": {"type": "string", "description": "theirs", "enum": ["x"]}},
    }

    assert top(schema)["properties"]["a"] == {"type": "STRING", "enum": ["x"], "description": "mine"}


def test_a_reference_to_itself_is_cut() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}
    losses: list[Loss] = []

    body = top({"$ref": "#/$defs/N", "$defs": {"N": node}}, losses)

    assert body == {
        "type": "OBJECT",
        "properties": {"next": {"type": "OBJECT", "description": "(recursive: #/$defs/N)"}},
    }
    assert [loss.path for loss in losses] == ["tools.f"]


def test_deep_schemas_come_to_an_end() -> None:
    chain = {f"L{n}": {"properties": {"a": {"$ref": f"#/$defs/L{n + 1}"}}} for n in range(2000)}
    aliases = {f"A{n}": {"$ref": f"#/$defs/A{n + 1}"} for n in range(2000)}
    nested: dict[str, Any] = {}
    for _ in range(190):
        nested = {"items": nested}

    for schema in ({"$ref": "#/$defs/L0"}, {"$ref": "#/$defs/A0"}, {"properties": {"x": nested}}):
        top({**schema, "$defs": chain | aliases})


def test_references_that_multiply_come_to_an_end() -> None:
    """A small schema must not become an endless one."""
    level = {f"L{n}": {"properties": {k: {"$ref": f"#/$defs/L{n + 1}"} for k in "abcd"}} for n in range(12)}

    assert len(json.dumps(top({"properties": {"x": {"$ref": "#/$defs/L0"}}, "$defs": level}))) < 2_000_000


def test_all_of_is_merged() -> None:
    schema = {"allOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"b": TEXT}, "required": ["b"]}]}

    body = top(schema)
    assert body["properties"] == {"a": {"type": "STRING"}, "b": {"type": "STRING"}}
    assert sorted(body["required"]) == ["a", "b"]


def test_parameters_that_are_a_choice_offer_the_properties_of_all_branches() -> None:
    one_branch = {"properties": {"kind": {"const": "a"}, "x": TEXT}, "required": ["kind", "x"]}
    other = {"properties": {"kind": {"const": "b"}, "y": TEXT}, "required": ["kind"]}

    body = top({"anyOf": [one_branch, other]})

    assert sorted(body["properties"]) == ["kind", "x", "y"]
    assert body["required"] == ["kind"]


def test_a_property_may_be_named_like_a_keyword() -> None:
    names = ("type", "enum", "pattern", "$ref", "properties")

    assert sorted(top({"properties": dict.fromkeys(names, TEXT)})["properties"]) == sorted(names)


def test_what_became_words_is_told() -> None:
    losses: list[Loss] = []

    top({"properties": {"a": {"type": "string", "pattern": "x", "default": "y"}}}, losses)

    assert [(loss.path, loss.content) for loss in losses] == [("tools.f", False)]
    assert "pattern" in losses[0].why and "default" not in losses[0].why


def test_the_schema_of_an_answer_need_not_be_an_object() -> None:
    assert value_for_gemini({"type": "array", "items": TEXT}, [], "f") == {
        "type": "ARRAY",
        "items": {"type": "STRING"},
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "anyOf", "oneOf", "allOf", "enum", "const", "$ref", "$defs", "required"]
            ),
            inner | st.sampled_from(["object", "array", "string", "#", "#/$defs/type", "#/properties/items"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_no_schema_makes_it_fail(schema: Any) -> None:
    top(schema)
    from_gemini(schema)
    as_documented(schema)


def test_a_documented_schema_may_be_sent_as_it_stands() -> None:
    schema = {"type": "object", "properties": {"m": {"type": "object", "additionalProperties": TEXT}}}

    assert as_documented({"$schema": "x", **schema}) == schema


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"const": "x"}}},
        {"properties": {"a": {"type": ["array", "null"]}}},
        {"properties": {"a": {"enum": [1]}}},
        {"items": [TEXT]},
        {"$ref": "#/x"},
        {"default": 1},
        None,
    ],
)
def test_an_undocumented_one_may_not(schema: Any) -> None:
    assert as_documented(schema) is None


@pytest.mark.parametrize(
    ("gemini", "schema"),
    [
        ({"type": "STRING"}, TEXT),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "STRING", "format": "enum", "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
        ({"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": "1"},
         {"type": "array", "items": {"type": "number"}, "minItems": 1}),
        ({"type": "OBJECT", "properties": {"type": {"type": "STRING"}}, "propertyOrdering": ["type"]},
         {"type": "object", "properties": {"type": TEXT}}),
        ({"any_of": [{"type": "STRING"}], "nullable": True}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"type": "STRING", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "TYPE_UNSPECIFIED"}, {}),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        ({"type": ["STRING", "NULL"]}, {"type": ["string", "null"]}),
    ],
)  # fmt: skip
def test_a_gemini_schema_as_json_schema(gemini: Any, schema: Any) -> None:
    assert from_gemini(gemini) == schema
