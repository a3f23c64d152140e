"""Specification of addons/core/body_shape.py: how large a request is, and nothing of what it says."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.body_shape import LARGE_TEXT, LARGEST, NODES_LIMIT, UNNAMED, LargeText, shape_of
from addons.core.model import DialectName
from harness.asks import body as asked

BIG = "x" * LARGE_TEXT


@pytest.mark.parametrize("dialect", [DialectName.ANTHROPIC, DialectName.CHAT, DialectName.GEMINI])
def test_messages_are_counted_in_every_dialect(dialect: DialectName) -> None:
    assert shape_of(asked(dialect)).messages == 1


def test_the_items_of_responses_are_messages() -> None:
    assert shape_of({"input": [{"role": "user", "content": "a"}, {"type": "reasoning"}]}).messages == 2


def test_what_messages_hold_is_counted_by_kind() -> None:
    content = [
        {"type": "text", "text": "hi"},
        {"type": "image", "source": {"type": "base64", "data": "AA=="}},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"type": "image"}},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image_url"}]},
        {"type": "thinking", "thinking": "hm", "signature": "s"},
    ]
    found = shape_of({"messages": [{"role": "user", "content": content}]})
    assert found.kinds == {"images": 2, "toolCalls": 1, "toolResults": 1, "thinking": 1}


def test_gemini_has_members_in_place_of_types() -> None:
    parts = [{"inlineData": {"data": "AA=="}}, {"functionCall": {"name": "f", "args": {"functionCall": 1}}}]
    assert shape_of({"contents": [{"parts": parts}]}).kinds == {"media": 1, "toolCalls": 1}


def test_tools_are_counted_and_their_types_told_once() -> None:
    tools = [{"name": "a", "input_schema": {}}, {"name": "b", "input_schema": {}}, {"type": "web_search_20250305"}]
    found = shape_of({"tools": tools})
    assert (found.tools, found.tool_types) == (3, ("function", "web_search_20250305"))


def test_texts_are_summed_by_the_member_that_they_stand_in() -> None:
    found = shape_of({"system": "äöü", "messages": [{"role": "user", "content": "four"}], "n": 1})
    assert found.members == {"system": 6, "messages": 8}


def test_the_largest_texts_are_told_by_their_place() -> None:
    blocks = [{"type": "text", "text": BIG + "x" * n} for n in range(LARGEST + 3)]
    found = shape_of({"messages": [{"role": "user", "content": blocks}], "system": BIG[:-1]})
    assert found.texts[0] == LargeText("messages[0].content[10].text", LARGE_TEXT + 10)
    assert [text.size for text in found.texts] == [LARGE_TEXT + n for n in range(LARGEST + 2, 2, -1)]


CALL = {"type": "tool_use", "input": {"canary_word": {"canary": BIG}}}
SCHEMA = {"properties": {"canary": {"description": BIG}}}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"messages": [{"content": [CALL]}]}, "messages[0].content[0].input.*.*"),
        ({"tools": [{"input_schema": SCHEMA}]}, "tools[0].input_schema.properties.*.*"),
        ({"canary with spaces and sk-ant-0123456789abcdef": BIG}, "*"),
        ({"c" * 41: BIG}, "*"),
        ({"input": [{"content": BIG}]}, "input[0].content"),
    ],
)
def test_names_that_are_not_the_formats_own_are_left_out(body: dict[str, Any], path: str) -> None:
    """Promise 45."""
    found = shape_of(body)
    assert [text.path for text in found.texts] == [path]
    assert "canary" not in json.dumps(asdict(found))


def test_a_huge_body_is_looked_at_only_so_far() -> None:
    found = shape_of({"messages": [{"a": 1}] * NODES_LIMIT})
    assert (found.nodes, found.complete) == (NODES_LIMIT, False)


def test_depth_is_that_of_the_deepest_value() -> None:
    assert (shape_of({"a": 1}).depth, shape_of({"a": [{"b": [1]}]}).depth, shape_of({}).depth) == (1, 4, 0)


values = st.recursive(
    st.none() | st.integers() | st.text() | st.just("canary"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "input", "messages", "tools", "text", "inlineData"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(["messages", "input", "tools", "system", "contents"]), values))
def test_any_body_has_a_shape_without_its_texts(body: dict[str, Any]) -> None:
    found = shape_of(body)
    assert found.complete and "canary" not in json.dumps([text.path for text in found.texts])


def test_a_type_that_is_no_name_is_not_told() -> None:
    found = shape_of(
        {"tools": [{"type": "sk-ant-0123456789abcdefghij"}, {"type": "two words, and more than a name has!"}]}
    )
    assert found.tool_types == (UNNAMED,)
