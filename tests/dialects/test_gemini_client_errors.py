"""Specification of errors for Gemini clients. Oracle: the vendor's client."""

import httpx
import pytest
from google import genai
from google.genai import errors, types

from addons.core import jsonio
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo
from addons.dialects._gemini_client_errors import STATUSES, render_error

INFO = ErrorInfo(
    ErrorClass.RATE_LIMITED,
    "slow down",
    status=429,
    retry_after=12.5,
    hint="wait",
    tried=("a/m: 429",),
    request_id="r1",
)


def raised(info: ErrorInfo) -> errors.APIError:
    """What google-genai makes of an error answer."""

    def answered(_: httpx.Request) -> httpx.Response:
        return httpx.Response(info.status, content=jsonio.dumps(render_error(info)))

    transport = httpx.Client(transport=httpx.MockTransport(answered))
    with (
        genai.Client(api_key="k", http_options=types.HttpOptions(httpx_client=transport)) as client,
        pytest.raises(errors.APIError) as caught,
    ):
        client.models.generate_content(model="m", contents="hi")
    return caught.value


@pytest.mark.parametrize(
    ("cls", "status", "name"),
    [
        (ErrorClass.INVALID_REQUEST, 400, "INVALID_ARGUMENT"),
        (ErrorClass.AUTH, 401, "UNAUTHENTICATED"),
        (ErrorClass.BILLING, 402, "RESOURCE_EXHAUSTED"),
        (ErrorClass.FORBIDDEN, 403, "PERMISSION_DENIED"),
        (ErrorClass.MODEL_NOT_FOUND, 404, "NOT_FOUND"),
        (ErrorClass.CLIENT, 418, "INVALID_ARGUMENT"),
        (ErrorClass.RATE_LIMITED, 429, "RESOURCE_EXHAUSTED"),
        (ErrorClass.TEMPORARY, 500, "INTERNAL"),
        (ErrorClass.NETWORK, 502, "UNAVAILABLE"),
        (ErrorClass.OVERLOADED, 503, "UNAVAILABLE"),
        (ErrorClass.TIMEOUT, 504, "DEADLINE_EXCEEDED"),
        (ErrorClass.OVERLOADED, 529, "UNAVAILABLE"),
        (ErrorClass.UNKNOWN, 599, "INTERNAL"),
    ],
)
def test_the_vendors_client_raises_its_own_class(cls: ErrorClass, status: int, name: str) -> None:
    error = raised(ErrorInfo(cls, "that went wrong", status=status))
    assert isinstance(error, errors.ClientError if status < 500 else errors.ServerError)
    assert (error.code, error.status, error.message) == (status, name, "that went wrong")


def test_the_names_are_of_the_clients_list_of_codes() -> None:
    known = {
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "INTERNAL",
        "PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
        "UNIMPLEMENTED", "UNAVAILABLE", "DATA_LOSS",
    }  # fmt: skip
    assert set(STATUSES.values()) <= known


def test_the_routers_own_facts_stand_beside_googles() -> None:
    error = render_error(INFO)["error"]
    assert (error["class"], error["hint"], error["tried"], error["request_id"]) == (
        "rate_limited", "wait", ["a/m: 429"], "r1",
    )  # fmt: skip


def test_details_say_why_and_when_to_come_back() -> None:
    why, when = render_error(INFO)["error"]["details"]
    assert why == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMITED",
        "domain": "llr",
        "metadata": {"requestId": "r1"},
    }
    assert when == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.5s"}


def test_a_bad_request_names_the_field() -> None:
    details = render_error(BadRequest("contents[0].role", "user or model is expected").info())["error"]["details"]
    (violation,) = details[1]["fieldViolations"]
    assert violation["field"] == "contents[0].role" and "user or model" in violation["description"]


def test_a_conversation_that_is_too_long_is_told_in_googles_words() -> None:
    info = ErrorInfo(ErrorClass.CONTEXT, "prompt is too long: 300000 tokens", status=400)
    message = render_error(info)["error"]["message"]
    assert "exceeds the maximum number of tokens" in message and "300000" in message
    again = ErrorInfo(ErrorClass.CONTEXT, message, status=400)
    assert render_error(again)["error"]["message"] == message
