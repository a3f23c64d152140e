"""The scripted provider knows which model takes what: adaptive thinking, efforts, sampling, enforced schemas."""

from typing import Any

import pytest
from clients import checks

from addons.core.model import DialectName

CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
USER = {"role": "user", "content": "hi"}
TOOLS = [{"name": "f", "input_schema": OPEN}]


def claude(model: str, *messages: Any, **more: Any) -> str | None:
    body = {"model": model, "max_tokens": 9000, "messages": [USER, *messages], **more}
    return checks.problem(DialectName.ANTHROPIC, body, {"anthropic-version": "2023-06-01"})


def chat(model: str, **more: Any) -> str | None:
    return checks.problem(DialectName.CHAT, {"model": model, "messages": [USER], **more}, {})


def responses(model: str, **more: Any) -> str | None:
    return checks.problem(DialectName.RESPONSES, {"model": model, "input": "hi", **more}, {})


ADAPTIVE = {"thinking": {"type": "adaptive"}}
BUDGET = {"thinking": {"type": "enabled", "budget_tokens": 2000}}


def effort(word: str) -> dict[str, Any]:
    return {"output_config": {"effort": word}}


def schema(value: Any) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": value}}}


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("claude-sonnet-4-5", BUDGET),
        ("claude-opus-4-5", {**BUDGET, **effort("high")}),
        ("claude-sonnet-4-6", {**ADAPTIVE, **effort("max")}),
        ("claude-opus-4-6", BUDGET),
        ("claude-opus-4-8", {**ADAPTIVE, **effort("xhigh")}),
        ("claude-opus-5", {**ADAPTIVE, **effort("max")}),
        ("claude-opus-4-8", schema(CLOSED)),
        ("claude-opus-4-8", {"tools": TOOLS, "tool_choice": {"type": "any"}}),
        ("claude-sonnet-5-5", {"thinking": {"type": "between_tools"}, **effort("high")}),
        ("claude-sonnet-4-5", {"temperature": 0.5}),
        ("some-model", {**ADAPTIVE, **effort("max")}),
    ],
)
def test_what_a_claude_model_takes_is_accepted(model: str, more: dict[str, Any]) -> None:
    assert claude(model, **more) is None


@pytest.mark.parametrize(
    ("model", "more", "reason"),
    [
        ("claude-sonnet-4-5", ADAPTIVE, "thinking.type.adaptive"),
        ("claude-opus-4-1-20250805", ADAPTIVE, "thinking.type.adaptive"),
        ("claude-opus-4-8", BUDGET, "thinking.type.enabled"),
        ("claude-opus-5", BUDGET, "thinking.type.enabled"),
        ("claude-opus-5", {"thinking": {"type": "low"}}, "does not match"),
        ("claude-sonnet-4-5", effort("low"), "does not support the effort parameter"),
        ("claude-opus-4-5", effort("max"), "effort level 'max'"),
        ("claude-opus-4-6", effort("xhigh"), "effort level 'xhigh'"),
        ("claude-opus-5", effort("minimal"), "should be one of"),
        ("claude-opus-5", {"output_config": {"verbosity": "low"}}, "Extra inputs"),
        ("claude-sonnet-5-5", {"thinking": {"type": "disabled"}}, "thinking.type.disabled"),
        ("claude-sonnet-5-5", {"thinking": {"type": "between_tools"}, **effort("max")}, "effort 'max'"),
        ("claude-opus-5", {"thinking": {"type": "disabled"}, **effort("xhigh")}, "effort 'xhigh'"),
        ("claude-fable-5", {"thinking": {"type": "disabled"}}, "thinking.type.disabled"),
        ("claude-fable-5", {"tools": TOOLS, "tool_choice": {"type": "any"}}, "forces tool use"),
        ("claude-opus-4-8", {"temperature": 0.5}, "`temperature` is deprecated"),
        ("claude-opus-4-8", {"top_k": 5}, "`top_k` is deprecated"),
        ("claude-sonnet-4-5", {**BUDGET, "top_p": 0.5}, "at least 0.95"),
        ("claude-sonnet-4-5", {**BUDGET, "top_k": 5}, "`top_k` must be unset"),
        ("claude-opus-5", schema(OPEN), "'additionalProperties' must be explicitly set to false"),
        ("claude-opus-5", schema({**CLOSED, "properties": {"a": OPEN}}), "'additionalProperties' must be"),
        ("claude-opus-5", schema({**CLOSED, "properties": {"a": {"type": "integer", "minimum": 1}}}), "not supported"),
        ("claude-opus-4-1", schema(CLOSED), "does not support structured outputs"),
        ("claude-opus-5", {"tools": [{"name": "f", "input_schema": OPEN, "strict": True}]}, "'additionalProperties'"),
    ],
)
def test_what_a_claude_model_refuses_is_refused(model: str, more: dict[str, Any], reason: str) -> None:
    assert reason in str(claude(model, **more))


def test_a_property_may_be_named_like_a_keyword() -> None:
    named = {**CLOSED, "properties": {"minimum": {"type": "string"}}, "required": ["minimum"]}

    assert claude("claude-opus-5", **schema(named)) is None


def test_newer_claude_models_take_no_prefill() -> None:
    prefill = {"role": "assistant", "content": "{"}

    assert claude("claude-sonnet-4-5", prefill) is None
    assert "prefill" in str(claude("claude-opus-4-8", prefill))


def test_a_tool_loop_with_a_budget_begins_with_the_thinking() -> None:
    use = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    loop = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    thought = {"type": "thinking", "thinking": "x", "signature": checks.SIGNATURE}

    assert "must start with a thinking block" in str(claude("claude-sonnet-4-5", *loop, **BUDGET))
    assert claude("claude-opus-4-8", *loop, **ADAPTIVE) is None
    assert claude("claude-sonnet-4-5", {"role": "assistant", "content": [thought, use]}, loop[1], **BUDGET) is None


def test_four_marks_for_the_cache_are_enough() -> None:
    def marked(count: int) -> dict[str, Any]:
        mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
        return {"system": [{"type": "text", "text": "x", **mark}] * count}

    assert claude("claude-opus-5", **marked(4)) is None
    assert "maximum of 4 blocks" in str(claude("claude-opus-5", **marked(5)))
    assert "maximum of 4 blocks" in str(claude("claude-opus-5", **marked(4), cache_control={"type": "ephemeral"}))


def test_a_mark_within_a_tool_result_counts() -> None:
    text = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
    use = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [text] * 5}

    assert "maximum of 4 blocks" in str(claude("m", use, {"role": "user", "content": [result]}))


def test_thinking_is_not_marked_for_the_cache() -> None:
    thought = {
        "type": "thinking",
        "thinking": "x",
        "signature": checks.SIGNATURE,
        "cache_control": {"type": "ephemeral"},
    }

    assert "cannot be cached" in str(claude("m", {"role": "assistant", "content": [thought]}, USER))


def strict(value: Any, name: str = "answer") -> dict[str, Any]:
    return {"name": name, "schema": value, "strict": True}


@pytest.mark.parametrize(
    ("model", "more", "reason"),
    [
        ("gpt-5", {"reasoning_effort": "none"}, "does not support 'none'"),
        ("gpt-5.1", {"reasoning_effort": "minimal"}, "does not support 'minimal'"),
        ("gpt-5.1", {"reasoning_effort": "xhigh"}, "does not support 'xhigh'"),
        ("gpt-4.1", {"reasoning_effort": "low"}, "is not supported with this model"),
        ("gpt-5", {"temperature": 0.5}, "'temperature' is not supported"),
        ("gpt-5.1", {"top_p": 0.5, "reasoning_effort": "low"}, "'top_p' is not supported"),
        ("o3", {"max_tokens": 5}, "Use 'max_completion_tokens'"),
        ("m", {"response_format": {"type": "json_schema", "json_schema": strict(OPEN)}}, "'additionalProperties'"),
        ("m", {"response_format": {"type": "json_schema", "json_schema": strict(CLOSED, "a b")}}, "does not match"),
        ("m", {"response_format": {"type": "yaml"}}, "Invalid value: 'yaml'"),
        (
            "m",
            {"response_format": {"type": "json_schema", "json_schema": strict({**CLOSED, "required": []})}},
            "'required' must include",
        ),
        (
            "m",
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": OPEN, "strict": True}}]},
            "'additionalProperties'",
        ),
    ],
)
def test_what_a_chat_model_refuses_is_refused(model: str, more: dict[str, Any], reason: str) -> None:
    assert reason in str(chat(model, **more))


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("gpt-5.1", {"temperature": 0.5, "reasoning_effort": "none"}),
        ("gpt-5.5", {"reasoning_effort": "xhigh"}),
        ("gpt-4.1", {"temperature": 0.5, "max_tokens": 5}),
        ("glm-5", {"temperature": 0.5, "reasoning_effort": "max", "max_tokens": 5}),
        ("m", {"response_format": {"type": "json_schema", "json_schema": strict(CLOSED)}}),
        ("m", {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": OPEN}}}),
    ],
)
def test_what_a_chat_model_takes_is_accepted(model: str, more: dict[str, Any]) -> None:
    assert chat(model, **more) is None


@pytest.mark.parametrize(
    ("model", "more", "reason"),
    [
        ("gpt-5.1-codex", {"reasoning": {"effort": "none"}}, "does not support 'none'"),
        ("gpt-5.5", {"reasoning": {"effort": "turbo"}}, "Invalid value: 'turbo'"),
        ("gpt-5-mini", {"top_p": 0.5}, "'top_p' is not supported"),
        ("m", {"text": {"format": {"type": "json_schema", **strict(OPEN)}}}, "'additionalProperties'"),
        (
            "m",
            {"tools": [{"type": "function", "name": "f", "parameters": OPEN, "strict": True}]},
            "'additionalProperties'",
        ),
    ],
)
def test_what_a_responses_model_refuses_is_refused(model: str, more: dict[str, Any], reason: str) -> None:
    assert reason in str(responses(model, **more))


def test_what_a_responses_model_takes_is_accepted() -> None:
    assert responses("gpt-5.5", reasoning={"effort": "xhigh"}, text={"format": {"type": "text"}}) is None
