"""The scripted provider refuses what the real ones refuse: a check that forgives everything would test nothing."""

from typing import Any

import pytest
from clients import checks
from clients.checks import SIGNATURE

from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
HEADERS = {"anthropic-version": "2023-06-01"}
USER = {"role": "user", "content": "hi"}


def use(call_id: str = "t1") -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": "Bash", "input": {}}


def result(call_id: str = "t1") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": call_id, "content": "ok"}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


TEXT = {"type": "text", "text": "x"}


def claude(*messages: Any, **more: Any) -> str | None:
    body = {"model": "m", "max_tokens": 4000, "messages": [USER, *messages], **more}
    return checks.problem(CLAUDE, {name: value for name, value in body.items() if value is not None}, HEADERS)


def test_a_proper_conversation_with_anthropic_is_accepted() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": SIGNATURE}

    assert claude(assistant(thought, TEXT, use()), user(result(), TEXT), thinking={"type": "adaptive"}) is None


@pytest.mark.parametrize(
    ("messages", "more", "reason"),
    [
        ([], {"max_tokens": None}, "max_tokens: Field required"),
        ([], {"max_completion_tokens": 5}, "Extra inputs are not permitted"),
        ([{"role": "system", "content": "x"}], {}, "Input should be 'user' or 'assistant'"),
        ([{"role": "tool", "content": "x"}], {}, "Input should be 'user' or 'assistant'"),
        ([user({"type": "text", "text": ""})], {}, "non-empty"),
        ([user()], {}, "non-empty content"),
        ([assistant(use())], {}, "without `tool_result` blocks"),
        ([assistant(use()), user(TEXT)], {}, "without `tool_result` blocks immediately after"),
        ([assistant(use()), user(TEXT, result())], {}, "without `tool_result` blocks immediately after"),
        ([assistant(use("a"), use("b")), user(result("a"))], {}, "without `tool_result`"),
        ([user(result())], {}, "unexpected `tool_use_id`"),
        ([assistant({"type": "thinking", "thinking": "x"})], {}, "Invalid `signature`"),
        ([assistant({"type": "thinking", "thinking": "x", "signature": "other"})], {}, "Invalid `signature`"),
        ([], {"tools": [{"name": "a.b", "input_schema": {"type": "object"}}]}, "does not match the pattern"),
        ([], {"tools": [{"name": "x" * 129, "input_schema": {"type": "object"}}]}, "does not match the pattern"),
        ([], {"tools": [{"name": "x", "input_schema": {}}]}, "input_schema.type"),
        ([], {"tools": [{"name": "x", "input_schema": {"type": "object"}}] * 2}, "must be unique"),
        ([], {"tool_choice": {"type": "any"}}, "while providing tools"),
        ([], {"thinking": {"type": "enabled", "budget_tokens": 5000}}, "must be greater than"),
        ([], {"thinking": {"type": "enabled", "budget_tokens": 2000}, "temperature": 0}, "may only be set to 1"),
    ],
)
def test_what_anthropic_refuses_is_refused(messages: list[Any], more: dict[str, Any], reason: str) -> None:
    assert reason in str(claude(*messages, **more))


def chat(*messages: Any, **more: Any) -> str | None:
    return checks.problem(CHAT, {"model": "m", "messages": [USER, *messages], **more}, {})


CALLS = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
ANSWER = {"role": "tool", "tool_call_id": "c", "content": "ok"}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def test_a_proper_chat_is_accepted() -> None:
    assert chat(CALLS, ANSWER, tools=[FUNCTION], stream=True, stream_options={"include_usage": True}) is None


@pytest.mark.parametrize(
    ("messages", "more", "reason"),
    [
        ([ANSWER], {}, "must be a response to a preceding message"),
        ([CALLS], {}, "must be followed by tool messages"),
        ([CALLS, USER], {}, "must be followed by tool messages"),
        ([CALLS, ANSWER, ANSWER], {}, "must be a response to a preceding message"),
        ([{"role": "assistant", "content": None}], {}, "got null"),
        ([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}], {}, "Invalid value: 'input_text'"),
        ([{"role": "wizard", "content": "x"}], {}, "Invalid value: 'wizard'"),
        ([], {"tools": []}, "too short"),
        ([], {"tool_choice": "auto"}, "only allowed when 'tools' are specified"),
        ([], {"parallel_tool_calls": True}, "only allowed when 'tools' are specified"),
        ([], {"stream_options": {"include_usage": True}}, "only allowed when stream is enabled"),
        ([], {"thinking": {"type": "enabled"}}, "Unrecognized request argument supplied: thinking"),
        ([], {"tools": [{"type": "function", "function": {"name": "a b"}}]}, "does not match the pattern"),
        ([], {"tools": [{"type": "web_search"}]}, "Invalid value: 'web_search'"),
        ([], {"max_tokens": 5, "max_completion_tokens": 5}, "may not both be set"),
        ([], {"reasoning_effort": "extreme"}, "Invalid value: 'extreme'"),
    ],
)
def test_what_chat_refuses_is_refused(messages: list[Any], more: dict[str, Any], reason: str) -> None:
    assert reason in str(chat(*messages, **more))


def responses(*items: Any, **more: Any) -> str | None:
    return checks.problem(RESPONSES, {"model": "m", "input": [USER, *items], **more}, {})


FUNCTION_CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "id": "fc_1"}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "ok"}


def test_a_proper_responses_input_is_accepted() -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": SIGNATURE}

    assert responses(reasoning, FUNCTION_CALL, OUTPUT) is None


@pytest.mark.parametrize(
    ("items", "more", "reason"),
    [
        ([FUNCTION_CALL], {}, "No tool output found"),
        ([OUTPUT], {}, "No tool call found"),
        ([FUNCTION_CALL, {**OUTPUT, "type": "custom_tool_call_output"}], {}, "No tool call found"),
        ([{**FUNCTION_CALL, "id": "call_1"}, OUTPUT], {}, "begins with 'fc'"),
        ([{**FUNCTION_CALL, "arguments": {}}, OUTPUT], {}, "expected a string"),
        ([{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}], {}, "Invalid value: 'input_text'"),
        ([{"type": "reasoning", "summary": [], "encrypted_content": "other"}], {}, "could not be verified"),
        ([{"type": "tool_use"}], {}, "Invalid value: 'tool_use'"),
        ([], {"max_tokens": 5}, "Unknown parameter: 'max_tokens'"),
        ([], {"tools": [{"type": "function", "name": "a.b"}]}, "does not match the pattern"),
    ],
)
def test_what_responses_refuses_is_refused(items: list[Any], more: dict[str, Any], reason: str) -> None:
    assert reason in str(responses(*items, **more))
