"""Specification of addons/amp/answers.py: the requested name, the tools' own case, the forced tool first."""

import json
from typing import Any

import pytest

from addons.amp.answers import Shape, Shaper

SHAPE = Shape("asked", ("Bash", "Read", "create_file"))


def whole(body: object, shape: Shape = SHAPE) -> Any:
    return json.loads(Shaper(shape).whole(json.dumps(body).encode()))


def events(*bodies: object, shape: Shape = SHAPE) -> list[Any]:
    data = b"".join(b"event: x\ndata: " + json.dumps(body).encode() + b"\n\n" for body in bodies)
    shaped = Shaper(shape).events(data)
    assert shaped.count(b"event: x\n") == len(bodies) and shaped.endswith(b"\n\n")
    return [json.loads(line[6:]) for line in shaped.split(b"\n") if line.startswith(b"data: ")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"model": "served", "content": []}, {"model": "asked", "content": []}),
        ({"modelVersion": "served"}, {"modelVersion": "asked"}),
        ({"message": {"model": "served", "id": 1}}, {"message": {"model": "asked", "id": 1}}),
        ({"response": {"model": "served"}}, {"response": {"model": "asked"}}),
        ({"model": {"a": 1}}, {"model": {"a": 1}}),
        ({"id": 1}, {"id": 1}),
        ({"metadata": {"model": "x"}, "model": "y"}, {"metadata": {"model": "x"}, "model": "asked"}),
    ],
)
def test_the_requested_name_stands_wherever_an_answer_names_its_model(body: Any, expected: Any) -> None:
    assert whole(body) == expected
    assert events(body) == [expected]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"content_block": {"type": "tool_use", "name": "bash", "input": {"name": "bash"}}}, "content_block"),
        ({"item": {"type": "function_call", "name": "bash", "arguments": "{}"}}, "item"),
        ({"item": {"type": "custom_tool_call", "name": "BASH"}}, "item"),
    ],
)
def test_a_called_tool_has_its_own_case(body: Any, name: str) -> None:
    (event,) = events(body)
    assert event == {name: {**body[name], "name": "Bash"}}


def test_a_called_tool_has_its_own_case_in_chat_and_gemini() -> None:
    chat = {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "read", "arguments": ""}}]}}]}
    gemini = {"candidates": [{"content": {"parts": [{"functionCall": {"name": "READ", "args": {"name": "read"}}}]}}]}
    (first, second) = events(chat, gemini)
    assert first["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] == "Read"
    called = second["candidates"][0]["content"]["parts"][0]["functionCall"]
    assert called == {"name": "Read", "args": {"name": "read"}}


def test_a_call_in_gemini_has_no_id() -> None:
    """AMP's helpers read a tool's name out of the id that they give to a call without one."""
    called = {"functionCall": {"id": "call_1", "name": "read", "args": {"id": 3}}, "thoughtSignature": "s"}
    gemini = {"candidates": [{"content": {"parts": [{"text": "Sure."}, called]}}]}
    unnumbered = {"functionCall": {"name": "Read", "args": {"id": 3}}, "thoughtSignature": "s"}
    for shaped in (whole(gemini), *events(gemini)):
        assert shaped["candidates"][0]["content"]["parts"] == [{"text": "Sure."}, unnumbered]


def test_names_of_two_tools_are_left_alone() -> None:
    shape = Shape("", ("bash", "Bash"))
    assert whole({"content": [{"type": "tool_use", "name": "BASH"}]}, shape)["content"][0]["name"] == "BASH"
    assert whole({"content": [{"type": "tool_use", "name": "bash"}]}, shape)["content"][0]["name"] == "bash"


def test_a_forced_tool_is_called_first() -> None:
    """AMP 0.0.1770734955 and 0.0.1777897475 read the first block alone."""
    text, call = {"type": "text", "text": "Sure."}, {"type": "tool_use", "name": "set_title", "input": {}}
    body = {"model": "m", "content": [text, call], "stop_reason": "end_turn"}
    shaped = whole(body, Shape("asked", ("set_title",), "set_title"))
    assert shaped == {"model": "asked", "content": [call, text], "stop_reason": "tool_use"}
    assert whole(body, Shape("asked", ("set_title",)))["content"] == [text, call]


def test_an_answer_that_calls_a_tool_stops_for_it() -> None:
    call = {"content_block": {"type": "tool_use", "name": "Bash"}}
    end = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}}
    assert events(call, end)[1]["delta"]["stop_reason"] == "tool_use"
    assert events(end)[0]["delta"]["stop_reason"] == "end_turn"


def test_nothing_else_changes_by_a_byte() -> None:
    plain = b'{ "id":1.0, "text":"a \\"model\\" of \\u00e9" }'
    assert Shaper(SHAPE).whole(plain) == plain
    named = b'{ "id":1.0,\n "model": "served", "n": 1e3 }'
    assert Shaper(SHAPE).whole(named) == named.replace(b"served", b"asked")


@pytest.mark.parametrize(
    "data", [b'{"model"', b'["model"]', b'data: {"model": \n\n', b': "model"\n\n', b'data: "model"\n\n', b""]
)
def test_what_cannot_be_read_stays_as_it_is(data: bytes) -> None:
    assert Shaper(SHAPE).whole(data) == Shaper(SHAPE).events(data) == data


def test_crlf_stays() -> None:
    assert Shaper(SHAPE).events(b'data: {"model":"m"}\r\n\r\n') == b'data: {"model":"asked"}\r\n\r\n'
