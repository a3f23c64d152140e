"""Specification of addons/core/rectify.py and mends.py: which refusal leads to which mend."""

from typing import Any

import pytest

from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.mends import MENDS, UNCHECKED_SIGNATURE, applied, digest
from addons.core.model import DialectName
from addons.core.rectify import FORGET_AFTER, RECTIFIERS, REMEMBERED, Remembered, loss, remedy

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
QUESTION = {"role": "user", "content": "hi"}


def refused(message: str, status: int = 400, **fields: Any) -> ErrorInfo:
    return ErrorInfo(ErrorClass.INVALID_REQUEST, message, status=status, **fields)


def mended(dialect: DialectName, body: dict[str, Any], message: str, **fields: Any) -> dict[str, Any]:
    found = remedy(dialect, body, refused(message, **fields))
    assert found is not None
    return found[0]


SIGNED = {"type": "thinking", "thinking": "hm", "signature": "foreign"}
CALL = {"type": "tool_use", "id": "t", "name": "n", "input": {}}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]}
LOOP = [QUESTION, {"role": "assistant", "content": [SIGNED, CALL]}, RESULT]
THINKING = {"type": "enabled", "budget_tokens": 2000}

# dialect, what is refused, the words of the refusal, what of the body changes (None: gone)
CASES: dict[str, tuple[DialectName, dict[str, Any], str, dict[str, Any]]] = {
    "an Anthropic signature": (
        CLAUDE,
        {"messages": [QUESTION, {"role": "assistant", "content": [SIGNED, {"type": "text", "text": "x"}]}]},
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        {"messages": [QUESTION, {"role": "assistant", "content": [{"type": "text", "text": "x"}]}]},
    ),
    "a signature in the middle of a turn takes thinking along": (
        CLAUDE,
        {"messages": LOOP, "thinking": THINKING},
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        {"messages": [QUESTION, {"role": "assistant", "content": [CALL]}, RESULT], "thinking": None},
    ),
    "redacted thinking": (
        CLAUDE,
        {"messages": [QUESTION, {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "d"}]}]},
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        {"messages": [QUESTION]},
    ),
    "encrypted reasoning": (
        RESPONSES,
        {"input": [{"type": "reasoning", "encrypted_content": "e"}, QUESTION]},
        "The encrypted content gAAA... could not be verified.",
        {"input": [QUESTION]},
    ),
    "a Gemini signature": (
        GEMINI,
        {"contents": [{"role": "model", "parts": [{"functionCall": {}, "thoughtSignature": "s"}]}]},
        "Thought signature is not valid.",
        {"contents": [{"role": "model", "parts": [{"functionCall": {}, "thoughtSignature": UNCHECKED_SIGNATURE}]}]},
    ),
    "thinking with a forced tool": (
        CLAUDE,
        {"messages": [QUESTION], "thinking": THINKING, "tool_choice": {"type": "any"}},
        "Thinking may not be enabled when tool_choice forces tool use.",
        {"thinking": None},
    ),
    "thinking that begins in the middle of a turn": (
        CLAUDE,
        {"messages": [QUESTION, {"role": "assistant", "content": [CALL]}, RESULT], "thinking": THINKING},
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.",
        {"thinking": None},
    ),
    "clearing thinking goes with it": (
        CLAUDE,
        {"thinking": THINKING, "context_management": {"edits": [{"type": "clear_thinking_20251015"}]}},
        "max_tokens must be greater than thinking.budget_tokens",
        {"thinking": None, "context_management": None},
    ),
    "adaptive thinking for a model of old": (
        CLAUDE,
        {"max_tokens": 8000, "thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
        "adaptive thinking is not supported on this model",
        {"thinking": {"type": "enabled", "budget_tokens": 6000}, "output_config": {}},
    ),
    "a budget for a model of today": (
        CLAUDE,
        {"thinking": THINKING},
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive"',
        {"thinking": {"type": "adaptive"}},
    ),
    "more tools than are taken": (
        CHAT,
        {"messages": [QUESTION], "tools": [{"function": {"name": name}} for name in "abc"]},
        "Invalid 'tools': array too long. Expected an array with maximum length 2, but got an array with length 3.",
        {"tools": [{"function": {"name": name}} for name in "ab"]},
    ),
    "more functions than are taken": (
        RESPONSES,
        {"input": "hi", "tools": [{"type": "function", "name": name} for name in "abc"], "tool_choice": {"name": "c"}},
        "Requests may have at most 2 tools.",
        {"tools": [{"type": "function", "name": name} for name in "ac"]},
    ),
    "system messages in between": (
        CLAUDE,
        {"messages": [QUESTION, {"role": "system", "content": "be brief"}]},
        'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter',
        {
            "messages": [
                QUESTION,
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "<system-reminder>\nbe brief\n</system-reminder>"}],
                },
            ]
        },
    ),
    "a budget that leaves no room for an answer": (
        CLAUDE,
        {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 8000}},
        "`max_tokens` must be greater than `thinking.budget_tokens`",
        {"thinking": {"type": "enabled", "budget_tokens": 3000}},
    ),
    "a budget below the least": (
        CLAUDE,
        {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 500}},
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    ),
    "no room for any budget": (
        CLAUDE,
        {"max_tokens": 1000, "thinking": {"type": "enabled", "budget_tokens": 1024}},
        "`max_tokens` must be greater than `thinking.budget_tokens`",
        {"thinking": None},
    ),
    "two ways of sampling": (
        CLAUDE,
        {"temperature": 1, "top_p": 0.9},
        "`temperature` and `top_p` cannot both be specified for this model",
        {"top_p": None},
    ),
    "a temperature beside thinking": (
        CLAUDE,
        {"temperature": 0.5},
        "`temperature` may only be set to 1 when thinking is enabled",
        {"temperature": None},
    ),
    "too many marks": (
        CLAUDE,
        {"tools": [{"name": str(n), "cache_control": {}} for n in range(5)]},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        {"tools": [{"name": "0"}, *({"name": str(n), "cache_control": {}} for n in range(1, 5))]},
    ),
    "what a server says it does not support": (
        CHAT,
        {"top_k": 5},
        "This model does not support the parameter top_k",
        {"top_k": None},
    ),
    "an effort beside tools": (
        CHAT,
        {"reasoning_effort": "high", "tools": []},
        "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions.",
        {"reasoning_effort": None},
    ),
    "a level of effort": (
        CHAT,
        {"reasoning_effort": "xhigh"},
        "Unsupported value: 'reasoning_effort' does not support 'xhigh'. Supported values are: 'low' and 'high'.",
        {"reasoning_effort": "high"},
    ),
    "a level of effort of Anthropic's": (
        CLAUDE,
        {"output_config": {"effort": "max"}},
        "output_config.effort: Input should be 'low', 'medium' or 'high'",
        {"output_config": {"effort": "high"}},
    ),
    "a limit that is too high": (
        CLAUDE,
        {"max_tokens": 64000},
        "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens",
        {"max_tokens": 8192},
    ),
    "the other vendor's limit": (
        CHAT,
        {"max_tokens": 64000},
        "max_tokens is too large: 64000. This model supports at most 16384 completion tokens",
        {"max_tokens": 16384},
    ),
    "the old name of the limit": (
        CHAT,
        {"max_tokens": 5},
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        {"max_tokens": None, "max_completion_tokens": 5},
    ),
    "an unknown parameter": (CHAT, {"verbosity": "low"}, "Unknown parameter: 'verbosity'.", {"verbosity": None}),
    "a value that is not taken": (
        CHAT,
        {"temperature": 0.2},
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only 1 is.",
        {"temperature": None},
    ),
    "an unknown argument": (
        CHAT,
        {"store": False},
        "Unrecognized request argument supplied: store",
        {"store": None},
    ),
    "an extra input": (
        CLAUDE,
        {"context_management": {"edits": []}},
        "context_management: Extra inputs are not permitted",
        {"context_management": None},
    ),
    "an extra input inside every tool": (
        CLAUDE,
        {"tools": [{"name": "a", "eager_input_streaming": True}, {"name": "b", "eager_input_streaming": True}]},
        "tools.0.custom.eager_input_streaming: Extra inputs are not permitted",
        {"tools": [{"name": "a"}, {"name": "b"}]},
    ),
    "a field that Google does not know": (
        GEMINI,
        {"generationConfig": {"topK": 3, "thinkingConfig": {"thinkingLevel": "HIGH"}}},
        "Unknown name \"thinkingLevel\" at 'generation_config.thinking_config': Cannot find field.",
        {"generationConfig": {"topK": 3, "thinkingConfig": {}}},
    ),
    "what newer models no longer take": (
        CLAUDE,
        {"temperature": 0.7},
        "`temperature` is deprecated for this model.",
        {"temperature": None},
    ),
    "what a server of one's own does not know": (
        CHAT,
        {"prompt_cache_key": "k"},
        "prompt_cache_key is not supported",
        {"prompt_cache_key": None},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_is_mended(case: str) -> None:
    dialect, body, message, changes = CASES[case]
    body = {"model": "m", **body}

    wanted = {key: value for key, value in {**body, **changes}.items() if value is not None}
    assert mended(dialect, body, message) == wanted


def test_every_rectifier_is_specified_above() -> None:
    """The whole table is walked: a row that no case reaches is untested."""
    reached = set()
    for dialect, _body, message, _ in [*CASES.values(), (CHAT, {}, "unknown_parameter seed this", {})]:
        hits = [
            n
            for n, row in enumerate(RECTIFIERS)
            if row.signal.search(message) and (not row.dialects or dialect in row.dialects)
        ]
        reached |= set(hits)

    assert reached == set(range(len(RECTIFIERS)))


@pytest.mark.parametrize("field", ["messages", "model", "tools", "messages[0].content", "input"])
def test_what_a_request_is_made_of_is_never_taken_away(field: str) -> None:
    body = {"model": "m", "messages": [QUESTION], "tools": [], "input": "x"}

    assert remedy(CHAT, body, refused(f"Unknown parameter: '{field}'.")) is None


def test_a_refusal_that_names_what_the_body_does_not_have_is_final() -> None:
    assert remedy(CHAT, {"model": "m"}, refused("Unknown parameter: 'seed'.")) is None


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_only_a_refusal_of_the_body_is_mended(status: int) -> None:
    assert remedy(CHAT, {"seed": 1}, refused("Unknown parameter: 'seed'.", status=status)) is None


def test_the_field_may_be_named_beside_the_message() -> None:
    body = {"model": "m", "seed": 1}

    assert mended(CHAT, body, "this will not do", code="unknown_parameter", param="seed") == {"model": "m"}


def test_what_helped_is_done_at_once_the_next_time() -> None:
    memory = Remembered(lambda: 0.0)
    body = {"seed": 1, "model": "m"}
    found = remedy(CHAT, body, refused("Unknown parameter: 'seed'."))
    assert found is not None
    memory.add("p/m", found[1])

    assert memory.apply("p/m", body) == ({"model": "m"}, [("without", "seed")])
    assert memory.apply("other/m", body) == (body, [])


IN_ORDER: dict[str, tuple[DialectName, dict[str, Any], dict[str, Any], str]] = {
    "a budget": (
        CLAUDE,
        {"max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 2000}},
        {"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 2000}},
        "`max_tokens` must be greater than `thinking.budget_tokens`",
    ),
    "a temperature": (
        CLAUDE,
        {"temperature": 0.5, "thinking": {"type": "adaptive"}},
        {"temperature": 0.5},
        "`temperature` may only be set to 1 when thinking is enabled",
    ),
    "top_p alone": (
        CLAUDE,
        {"temperature": 1, "top_p": 0.9},
        {"top_p": 0.9},
        "`temperature` and `top_p` cannot both be specified for this model",
    ),
    "an effort without tools": (
        CHAT,
        {"reasoning_effort": "high", "tools": [{}]},
        {"reasoning_effort": "high"},
        "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions.",
    ),
}


@pytest.mark.parametrize("case", IN_ORDER)
def test_what_was_wrong_with_one_request_costs_those_in_order_nothing(case: str) -> None:
    dialect, wrong, in_order, message = IN_ORDER[case]
    found = remedy(dialect, wrong, refused(message))
    assert found is not None and found[0] != wrong
    memory = Remembered(lambda: 0.0)
    memory.add("p/m", found[1])

    assert memory.apply("p/m", in_order) == (in_order, [])
    assert memory.apply("p/m", wrong)[0] == found[0]


@pytest.mark.parametrize("name", MENDS)
def test_every_mend_is_told_by_the_field_that_it_touches(name: str) -> None:
    argument = {"renamed": "a>b", "without": "a", "capped": "5", "fewer tools": "5"}.get(name, "")
    assert " " not in loss((name, argument)).path


def test_a_refused_signature_is_remembered_and_a_good_one_still_goes() -> None:
    good = {"type": "thinking", "thinking": "g", "signature": "good"}
    memory = Remembered(lambda: 0.0)
    memory.add("p/m", [("signature", digest("foreign"))])

    body, _ = memory.apply("p/m", {"messages": [{"role": "assistant", "content": [SIGNED, good]}]})

    assert body == {"messages": [{"role": "assistant", "content": [good]}]}


def test_after_an_hour_the_provider_may_have_learnt() -> None:
    clock = [0.0]
    memory = Remembered(lambda: clock[0])
    memory.add("p/m", [("without", "seed")])

    clock[0] = FORGET_AFTER + 1

    assert memory.apply("p/m", {"seed": 1}) == ({"seed": 1}, [])


def test_the_memory_is_bounded() -> None:
    memory = Remembered(lambda: 0.0)
    memory.add("p/m", [("without", f"f{n}") for n in range(REMEMBERED + 1)])

    assert memory.apply("p/m", {"f0": 1, "f1": 1}) == ({"f0": 1}, [("without", "f1")])


def test_a_mend_is_told_as_a_loss() -> None:
    assert loss(("without", "seed")).path == "seed"
    assert "at most 5" in loss(("capped", "5")).why
    assert loss(("no thinking", "")).path == "thinking"


def test_the_first_marks_beyond_the_limit_go() -> None:
    marked = [{"type": "text", "text": str(n), "cache_control": {"type": "ephemeral"}} for n in range(5)]

    body, _ = applied({"system": marked}, [("fewer cache marks", "")])

    assert ["cache_control" in block for block in body["system"]] == [False, True, True, True, True]


@pytest.mark.parametrize("odd", [[], {}, 7, None])
@pytest.mark.parametrize("name", MENDS)
def test_bodies_that_nobody_has_looked_at_are_mended_all_the_same(name: str, odd: Any) -> None:
    """A body that stays in its dialect is never parsed: any value may stand anywhere."""
    block = {"type": odd, "signature": odd, "data": odd}
    bodies = [
        {"messages": [{"role": odd, "content": [block]}, {"role": "user", "content": [odd, block]}]},
        {"messages": [odd, {"role": "system", "content": odd}], "system": odd, "tools": odd, "tool_choice": odd},
        {"input": [odd, block], "contents": [odd, {"parts": odd}, {"parts": [odd, block]}], "generationConfig": odd},
        {"thinking": odd, "max_tokens": odd, "reasoning": odd, "output_config": odd, "context_management": odd},
        {"thinking": {"type": odd, "budget_tokens": odd}, "context_management": {"edits": [odd, block]}},
        {"tools": [odd, {"type": odd, "function": odd}, {"name": odd}], "tool_choice": {"tools": odd}},
        {"tools": [odd], "tool_choice": {"allowed_tools": odd}, "messages": [{"tool_calls": [odd]}]},
    ]
    arguments = {"renamed": "a>b", "without": "messages.*.content", "capped": "5", "signature": "x", "fewer tools": "0"}
    argument = arguments.get(name, "low")
    for body in bodies:
        assert isinstance(applied(body, [(name, argument)])[0], dict)
