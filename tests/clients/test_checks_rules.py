"""One body for each rule of the checks that the other tests of this folder do not speak of, refused for it."""

from typing import Any

import pytest
from clients import checks
from clients.checks import SIGNATURE
from clients.complaint import sealed

from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
USER = {"role": "user", "content": "hi"}
TEXT = {"type": "text", "text": "x"}
OBJECT = {"type": "object"}

type Body = dict[str, Any]


def problem(dialect: DialectName, body: Body, headers: Body) -> str:
    """What is refused; a member that is None is left out."""
    return str(checks.problem(dialect, {name: value for name, value in body.items() if value is not None}, headers))


# --- Anthropic ---


def claude(*messages: Any, headers: Body | None = None, **more: Any) -> str:
    body = {"model": "m", "max_tokens": 4000, "messages": [USER, *messages], **more}
    return problem(CLAUDE, body, {"anthropic-version": "2023-06-01"} if headers is None else headers)


def tool(**more: Any) -> Body:
    return {"name": "f", "input_schema": OBJECT, **more}


def use(**more: Any) -> Body:
    return {"type": "tool_use", "id": "t1", "name": "f", "input": {}, **more}


def result(**more: Any) -> Body:
    return {"type": "tool_result", "tool_use_id": "t1", "content": "ok", **more}


def assistant(*blocks: Any) -> Body:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: Any) -> Body:
    return {"role": "user", "content": list(blocks)}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"headers": {}}, "header is required"),
        ({"model": None}, "model: Field required"),
        ({"messages": []}, "at least one message"),
        ({"messages": [assistant(TEXT), USER]}, "first message must use the user role"),
        ({"metadata": {"session": "x"}}, "metadata.session"),
        ({"context_management": {"edits": []}}, "context_management: Extra inputs"),
        ({"system": [{"type": "text", "text": " "}]}, "text content blocks must be non-empty"),
        ({"tools": [tool(defer_loading=True)]}, "At least one tool must not be deferred"),
        ({"tools": [tool(parameters=OBJECT)]}, "tools.f.parameters: Extra inputs"),
        ({"tools": [tool(input_schema={**OBJECT, "anyOf": []})]}, "at the top level"),
        ({"tools": [tool()], "tool_choice": {"type": "auto", "mode": "x"}}, "tool_choice.mode: Extra inputs"),
        ({"tools": [tool()], "tool_choice": {"type": "tool", "name": "g"}}, "'g' not found in provided tools"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1000}}, "greater than or equal to 1024"),
        (
            {
                "tools": [tool()],
                "tool_choice": {"type": "any"},
                "thinking": {"type": "enabled", "budget_tokens": 2000},
            },
            "forces tool use",
        ),
        ({"model": "claude-sonnet-4-5", "max_tokens": 64_001}, "maximum allowed number of output tokens"),
        ({"model": "claude-opus-4-8", "output_config": {"format": {"type": "json"}}}, "should be 'json_schema'"),
        (
            {
                "model": "claude-opus-4-8",
                "output_config": {"format": {"type": "json_schema", "schema": {}, "name": "x"}},
            },
            "output_config.format: Extra inputs",
        ),
        (
            {"model": "claude-opus-4-8", "output_config": {"format": {"type": "json_schema", "schema": True}}},
            "a schema is an object",
        ),
    ],
)
def test_a_member_that_anthropic_refuses_is_refused(more: Body, reason: str) -> None:
    assert reason in claude(**more)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([assistant({"type": "text", "text": "so "})], "trailing whitespace"),
        ([assistant({"type": "image", "source": {}})], "may not stand in a message of the assistant"),
        ([assistant({**TEXT, "id": "msg_1"})], "text.id: Extra inputs"),
        ([assistant({"type": "thinking", "signature": SIGNATURE})], "thinking: Field required"),
        ([assistant(use(input="{}")), user(result())], "valid dictionary"),
        ([assistant(use(id="call|1")), user(result(tool_use_id="call|1"))], "id: does not match the pattern"),
        ([assistant(use(name="a.b")), user(result())], "does not match the pattern"),
        ([assistant(use(), use()), user(result())], "ids must be unique"),
        ([assistant(use()), user(result(), result())], "a single result"),
        ([assistant(use()), user(result(content=[{"type": "thinking"}]))], "may not stand in a tool_result"),
        ([assistant(use()), user(result(content=[{"type": "text", "text": ""}]))], "must be non-empty"),
    ],
)
def test_a_message_that_anthropic_refuses_is_refused(messages: list[Any], reason: str) -> None:
    assert reason in claude(*messages)


def test_a_beta_opens_what_is_closed_without_it() -> None:
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": "context-management-2025-06-27"}

    assert claude(context_management={"edits": []}, headers=headers) == "None"


# --- Chat Completions ---


def chat(*messages: Any, **more: Any) -> str:
    return problem(CHAT, {"model": "m", "messages": [USER, *messages], **more}, {})


def called(name: str = "f", arguments: Any = "{}", **more: Any) -> list[Body]:
    call = {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}, **more}
    answer = {"role": "tool", "tool_call_id": call["id"], "content": "ok"}
    return [{"role": "assistant", "content": None, "tool_calls": [call]}, answer]


def function(**more: Any) -> list[Body]:
    return [{"type": "function", "function": {"name": "f", "parameters": OBJECT, **more}}]


MANY = [{"type": "function", "function": {"name": f"f{number}"}} for number in range(129)]
ARRAY = {"type": "object", "properties": {"a": {"type": ["array", "null"]}}}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"model": None}, "must provide a model"),
        ({"messages": []}, "[] is too short - 'messages'"),
        ({"tools": function(input_schema={})}, "function.input_schema"),
        ({"tools": function(parameters={"type": "string"})}, '"object" is expected'),
        ({"tools": function(parameters={**OBJECT, "oneOf": []})}, "at the top level"),
        ({"tools": function(parameters=ARRAY)}, "array schema missing items"),
        ({"tools": function(), "tool_choice": {"type": "function", "function": {"name": "g"}}}, "'g' not found"),
        ({"model": "gpt-5.1", "stop": ["x"]}, "'stop' is not supported"),
        ({"model": "gpt-5.1", "max_completion_tokens": 200_000}, "too large"),
        ({"model": "gpt-5.1", "user": "x" * 65}, "Invalid 'user': string too long"),
        ({"model": "gpt-5.1", "metadata": {str(n): "x" for n in range(17)}}, "too many properties"),
        ({"model": "gpt-5.1", "metadata": {"a": {"b": 1}}}, "Invalid 'metadata.a'"),
        ({"model": "gpt-5.1", "tools": MANY}, "array too long"),
    ],
)
def test_a_member_that_chat_refuses_is_refused(more: Body, reason: str) -> None:
    assert reason in chat(**more)


@pytest.mark.parametrize(
    ("messages", "more", "reason"),
    [
        ([{"role": "user", "content": []}], {}, "content: [] is too short"),
        ([{"role": "assistant", "content": "x", "tool_calls": []}], {}, "tool_calls'"),
        (called(type="custom"), {}, "a function call expected"),
        (called(arguments={}), {}, "arguments must be a string"),
        (called(name="a b"), {}, "does not match the pattern"),
        (called(id="c" * 41), {}, "maximum length 40"),
        ([{"role": "assistant", "content": "x", "reasoning_content": "y"}], {"model": "gpt-5.1"}, "reasoning_content"),
    ],
)
def test_a_message_that_chat_refuses_is_refused(messages: list[Any], more: Body, reason: str) -> None:
    assert reason in chat(*messages, **more)


# --- Responses ---


def responses(*items: Any, **more: Any) -> str:
    return problem(RESPONSES, {"model": "m", "input": [USER, *items], **more}, {})


CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "ok"}
CUSTOM = {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": SIGNATURE}
NAMESPACE = {"type": "namespace", "name": "n", "tools": []}
FORMAT = {"type": "json_schema", "name": "a b", "schema": OBJECT}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"model": None}, "Missing required parameter: 'model'"),
        ({"input": []}, "Missing required parameter: 'input'"),
        ({"max_output_tokens": 15}, "minimum 16"),
        ({"previous_response_id": "resp_1"}, "not found"),
        ({"reasoning": {"budget": 5}}, "reasoning.budget"),
        ({"text": {"schema": {}}}, "text.schema"),
        ({"text": {"format": {"type": "json"}}}, "Invalid value: 'json'"),
        ({"text": {"format": FORMAT}}, "does not match the pattern"),
        ({"include": ["reasoning.thoughts"]}, "Invalid value: ['reasoning.thoughts']"),
        ({"tools": [{"type": "bash"}]}, "Invalid value: 'bash'"),
        ({"tools": [NAMESPACE]}, "expected at least one"),
        ({"tools": [{"type": "function", "name": "f", "function": {}}]}, "Unknown parameter: 'tools.function'"),
        ({"tool_choice": {"type": "function", "name": "f"}}, "'f' not found"),
    ],
)
def test_a_member_that_responses_refuses_is_refused(more: Body, reason: str) -> None:
    assert reason in responses(**more)


@pytest.mark.parametrize(
    ("items", "more", "reason"),
    [
        ([{"role": "tool", "content": "x"}], {}, "Invalid value: 'tool'"),
        ([{"type": "reasoning"}], {}, "summary"),
        ([{**THOUGHT, "summary": None}, CALL, OUTPUT], {}, "Missing required parameter"),
        ([{**THOUGHT, "encrypted_content": None}, CALL, OUTPUT], {"store": False}, "Items are not persisted"),
        ([THOUGHT, USER], {}, "without its required following item"),
        ([THOUGHT], {}, "without its required following item"),
        ([{**CALL, "id": "fc_" + "x" * 62}, OUTPUT], {}, "id': string too long"),
        ([{**CALL, "call_id": ""}, OUTPUT], {}, "1 to 64 characters"),
        ([{**CALL, "name": "a.b"}, OUTPUT], {}, "does not match the pattern"),
        ([{**CUSTOM, "input": {}}], {}, "expected a string"),
        ([CALL, {**OUTPUT, "output": None}], {}, "output'"),
        ([CALL, OUTPUT, OUTPUT], {}, "Duplicate output"),
        ([{**CALL, "id": "fc_1"}, OUTPUT, {**CALL, "id": "fc_1"}], {}, "Duplicate item"),
        ([{"type": "compaction", "encrypted_content": sealed("of somebody else")}], {}, "could not be verified"),
        ([{"type": "compaction", "encrypted_content": "llr1.x"}], {}, "could not be verified"),
    ],
)
def test_an_item_that_responses_refuses_is_refused(items: list[Any], more: Body, reason: str) -> None:
    assert reason in responses(*items, **more)


# --- Gemini ---

TARGET = "/v1beta/models/gemini-3.8-flash:generateContent"
PROMPT = {"role": "user", "parts": [{"text": "hi"}]}


def gemini(*contents: Any, **more: Any) -> str:
    headers = {":path": TARGET, "x-goog-api-key": "k"}
    return problem(GEMINI, {"contents": [PROMPT, *contents], **more}, headers)


def declared(**more: Any) -> list[Body]:
    return [{"functionDeclarations": [{"name": "f", **more}]}]


def words(*values: str) -> Body:
    return {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": list(values)}}}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"systemInstruction": {"parts": [{"inlineData": {}}]}}, "only text is taken"),
        ({"systemInstruction": {"parts": [{"text": ""}]}}, "an empty text"),
        ({"toolConfig": {"mode": "ANY"}}, "tool_config"),
        ({"toolConfig": {"functionCallingConfig": {"names": []}}}, "function_calling_config"),
        ({"tools": declared(parameters={"type": "STRING"})}, "should be OBJECT"),
        ({"tools": declared(parameters=[])}, "Invalid value at"),
        ({"tools": declared(parametersJsonSchema=True)}, "Invalid value at"),
        ({"tools": declared(parameters=words("x", ""))}, "cannot be empty"),
        ({"generationConfig": {"topP": 1.5}}, "top_p must be"),
        ({"generationConfig": {"stopSequences": [""]}}, "an empty sequence"),
        ({"generationConfig": {"responseSchema": {}, "responseJsonSchema": {}}}, "may not both be set"),
        ({"generationConfig": {"maxOutputTokens": 65_537}}, "supported range"),
        ({"generationConfig": {"thinkingConfig": {"thinkingBudget": "much"}}}, "whole number"),
    ],
)
def test_a_member_that_google_refuses_is_refused(more: Body, reason: str) -> None:
    assert reason in gemini(**more)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"role": "user", "content": "x"}, 'Unknown name "content"'),
        ({"role": "model", "parts": [{"functionCall": {"name": ""}}]}, "function_call.name"),
        ({"role": "user", "parts": [{"functionResponse": {"response": {}}}]}, "function_response.name"),
    ],
)
def test_a_content_that_google_refuses_is_refused(content: Body, reason: str) -> None:
    assert reason in gemini(content)
