"""What can go wrong, and what each failure leads to."""

import pytest

from addons.core.errors import (
    POLICY,
    RULES,
    SIGNAL_LIMIT,
    BadRequest,
    ErrorClass,
    ErrorInfo,
    RemoteDataError,
    classify,
    most_useful,
    with_tried,
)
from addons.core.hints import HINTS
from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
C = ErrorClass


@pytest.mark.parametrize("dialect", DialectName)
def test_every_status_has_a_class_with_a_policy(dialect: DialectName) -> None:
    """Promise 23."""
    missing = [status for status in range(100, 600) if classify(dialect, status, "") not in POLICY]

    assert missing == []


@pytest.mark.parametrize("cls", ErrorClass)
def test_every_class_has_a_policy_and_a_hint(cls: ErrorClass) -> None:
    """Promise 23 and 64."""
    assert cls in POLICY
    assert HINTS[cls]


def test_the_last_rule_matches_everything() -> None:
    """Promise 23."""
    assert (RULES[-1].statuses, RULES[-1].signal, RULES[-1].dialects) == (frozenset(), None, frozenset())


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (200, C.UNKNOWN), (302, C.UNKNOWN), (400, C.INVALID_REQUEST), (401, C.AUTH), (402, C.BILLING),
        (403, C.FORBIDDEN), (404, C.NOT_FOUND), (405, C.CLIENT), (408, C.TEMPORARY), (409, C.TEMPORARY),
        (410, C.NOT_FOUND), (413, C.CONTEXT), (415, C.CLIENT), (418, C.CLIENT), (422, C.INVALID_REQUEST),
        (429, C.RATE_LIMITED), (499, C.CLIENT), (500, C.TEMPORARY), (502, C.TEMPORARY), (503, C.TEMPORARY),
        (504, C.TEMPORARY), (520, C.TEMPORARY), (529, C.OVERLOADED), (599, C.TEMPORARY),
    ],
)  # fmt: skip
def test_a_status_alone_has_its_class(status: int, cls: ErrorClass) -> None:
    """Promise 23."""
    assert classify(CHAT, status, "") is cls


# (dialect, status, what the provider says, class): the sentences of the providers' error pages and of their answers
BODIES = [
    (CHAT, 429, "insufficient_quota You exceeded your current quota, please check your plan and billing details.",
     C.BILLING),
    (RESPONSES, 429, "insufficient_quota insufficient_quota You exceeded your current quota", C.BILLING),
    (CHAT, 429, ("rate_limit_exceeded Rate limit reached for gpt-5 in organization org-1 on tokens per min (TPM): "
     "Limit 30000, Used 29000. Please try again in 2s. Visit https://platform.openai.com/account/billing"),
     C.RATE_LIMITED),
    (CLAUDE, 429, ("rate_limit_error This request would exceed your organization's rate limit of 30,000 input tokens "
     "per minute"), C.RATE_LIMITED),
    (CHAT, 429, ("RESOURCE_EXHAUSTED You exceeded your current quota, please check your plan and billing details. "
     "Quota exceeded for metric: generate_content_free_tier_requests, limit: 10 Please retry in 31.5s."),
     C.RATE_LIMITED),
    (CHAT, 429, "1113 Insufficient balance or no resource package. Please recharge.", C.BILLING),
    (RESPONSES, 429, "usage_limit_reached The usage limit has been reached", C.BILLING),
    (CLAUDE, 400, "invalid_request_error Your credit balance is too low to access the Anthropic API.", C.BILLING),
    (CLAUDE, 400, "invalid_request_error You have reached your specified API usage limits.", C.BILLING),
    (CHAT, 402, "Insufficient Balance", C.BILLING),
    (CHAT, 403, "insufficient credits", C.BILLING),
    (CHAT, 401, "invalid_api_key Incorrect API key provided: sk-x.", C.AUTH),
    (CLAUDE, 401, "authentication_error invalid x-api-key", C.AUTH),
    (CHAT, 400, "INVALID_ARGUMENT API key not valid. Please pass a valid API key.", C.AUTH),
    (CLAUDE, 403, "permission_error Your API key does not have permission to use the specified resource.", C.FORBIDDEN),
    (CHAT, 403, "unauthorized", C.AUTH),
    (CHAT, 403, "Your input was flagged by moderation", C.POLICY),
    (CHAT, 404, "model_not_found The model `gpt-9` does not exist or you do not have access to it.", C.MODEL_NOT_FOUND),
    (CLAUDE, 404, "not_found_error model: claude-9", C.MODEL_NOT_FOUND),
    (CHAT, 404, "models/gemini-9 is not found for API version v1beta", C.MODEL_NOT_FOUND),
    (CHAT, 404, 'model "llama9" not found, try pulling it first', C.MODEL_NOT_FOUND),
    (CHAT, 404, "404 page not found", C.NOT_FOUND),
    (CHAT, 400, "Model Not Exist", C.MODEL_NOT_FOUND),
    (CHAT, 400, "foo/bar is not a valid model ID", C.MODEL_NOT_FOUND),
    (CHAT, 400, "invalid_model Invalid model: foo", C.MODEL_NOT_FOUND),
    (CLAUDE, 400, "invalid_request_error model: Field required", C.INVALID_REQUEST),
    (CLAUDE, 400, "invalid_request_error The model called a tool that was not found in tools", C.INVALID_REQUEST),
    (CHAT, 503, "model not found on this node", C.MODEL_NOT_FOUND),
    (CLAUDE, 400, "invalid_request_error prompt is too long: 210000 tokens > 200000 maximum", C.CONTEXT),
    (CLAUDE, 400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", C.CONTEXT),
    (CHAT, 400, "context_length_exceeded This model's maximum context length is 128000 tokens.", C.CONTEXT),
    (RESPONSES, 400, "Your input exceeds the context window of this model.", C.CONTEXT),
    (CHAT, 400, "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).", C.CONTEXT),
    (CHAT, 400, "the request exceeds the available context size", C.CONTEXT),
    (CHAT, 400, "This model's maximum prompt length is 131072", C.CONTEXT),
    (CLAUDE, 413, "request_too_large Request exceeds the maximum size", C.CONTEXT),
    (CHAT, 413, "rate_limit_exceeded Request too large for model on tokens per minute (TPM): Limit 6000",
     C.RATE_LIMITED),
    (CLAUDE, 400, "max_tokens: 200000 > 64000, which is the maximum number of output tokens", C.INVALID_REQUEST),
    (CHAT, 400, "Unsupported parameter: 'max_tokens' is not supported with this model.", C.INVALID_REQUEST),
    (CHAT, 400, "Missing required parameter: 'messages'.", C.INVALID_REQUEST),
    (CLAUDE, 529, "overloaded_error Overloaded", C.OVERLOADED),
    (CLAUDE, 500, "overloaded_error Overloaded", C.OVERLOADED),
    (RESPONSES, 503, "server_is_overloaded Our servers are currently overloaded.", C.OVERLOADED),
    (CHAT, 500, "CUDA error: out of memory", C.VRAM),
    (CHAT, 500, "server_error The server had an error while processing your request.", C.TEMPORARY),
    (CHAT, 502, "<html><title>502 Bad Gateway</title></html>", C.TEMPORARY),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "status", "text", "cls"), BODIES)
def test_a_provider_s_words_are_understood(dialect: DialectName, status: int, text: str, cls: ErrorClass) -> None:
    """Promise 23."""
    assert classify(dialect, status, text) is cls


def test_case_does_not_matter() -> None:
    assert classify(CHAT, 429, "INSUFFICIENT_QUOTA") is C.BILLING


def test_only_the_beginning_of_a_body_counts() -> None:
    assert classify(CHAT, 429, " " * SIGNAL_LIMIT + "insufficient_quota") is C.RATE_LIMITED


@pytest.mark.parametrize("cls", [C.INVALID_REQUEST, C.CLIENT, C.POLICY])
def test_what_is_the_client_s_fault_is_not_sent_anywhere_else(cls: ErrorClass) -> None:
    """Promise 24."""
    action = POLICY[cls]

    assert (action.retry, action.next_target, action.client_fault) == (False, False, True)


def test_only_these_classes_are_tried_again_on_the_same_target() -> None:
    """Promise 24."""
    retried = {cls for cls, action in POLICY.items() if action.retry}

    assert retried == {C.NETWORK, C.TRUNCATED, C.MALFORMED, C.OVERLOADED, C.TEMPORARY}


def test_what_is_retried_may_go_on_to_the_next_target() -> None:
    """Promise 24."""
    assert all(action.next_target for action in POLICY.values() if action.retry)


def test_the_most_useful_failure_is_what_the_client_can_act_on() -> None:
    failures = [ErrorInfo(C.NETWORK, "a"), ErrorInfo(C.CONTEXT, "b"), ErrorInfo(C.TEMPORARY, "c")]

    assert most_useful(failures).message == "b"


def test_among_equals_the_earliest_failure_is_told() -> None:
    assert most_useful([ErrorInfo(C.NETWORK, "first"), ErrorInfo(C.TRUNCATED, "second")]).message == "first"


def test_a_bad_request_names_the_field() -> None:
    info = BadRequest("messages[0].role", "expected a role").info()

    assert (info.status, info.cls, info.param) == (400, C.INVALID_REQUEST, "messages[0].role")
    assert "messages[0].role" in info.message


def test_malformed_bytes_are_told_with_their_place() -> None:
    """Promise 11."""
    assert str(RemoteDataError("an event is not JSON", 17)) == "an event is not JSON (at byte 17)"


def test_an_error_carries_what_was_tried_and_the_request_s_id() -> None:
    """Promise 64."""
    info = with_tried(ErrorInfo(C.TIMEOUT, "late"), ("a/m:504/timeout#1",), "req_1")

    assert (info.tried, info.request_id, info.message) == (("a/m:504/timeout#1",), "req_1", "late")
