"""Errors of Gemini providers: what class they are of, and when to come back."""

from pathlib import Path

import pytest

from addons.core.errors import ErrorClass
from addons.dialects._gemini_provider_errors import error_info, parse_error

FIXTURES = Path(__file__).parents[1] / "fixtures" / "gemini"


def body(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("name", "status", "cls"),
    [
        ("error_rate_of_the_minute", 429, ErrorClass.RATE_LIMITED),
        ("error_rate_of_the_day", 429, ErrorClass.BILLING),
        ("error_depleted_credits", 429, ErrorClass.BILLING),
        ("error_bad_key", 400, ErrorClass.AUTH),
        ("error_blocked_key", 403, ErrorClass.AUTH),
        ("error_unknown_field", 400, ErrorClass.INVALID_REQUEST),
        ("error_too_long", 400, ErrorClass.CONTEXT),
        ("error_no_such_model", 404, ErrorClass.MODEL_NOT_FOUND),
        ("error_overloaded", 503, ErrorClass.OVERLOADED),
    ],
)
def test_the_class_of_an_error(name: str, status: int, cls: ErrorClass) -> None:
    found = parse_error(status, {}, body(name))

    assert (found.cls, found.status) == (cls, status)


def test_the_words_are_the_providers() -> None:
    found = parse_error(400, {}, body("error_bad_key"))

    assert found.message == "API key not valid. Please pass a valid API key."
    assert (found.type, found.code) == ("INVALID_ARGUMENT", "API_KEY_INVALID")


@pytest.mark.parametrize(("headers", "seconds"), [({}, 12), ({"retry-after": "3"}, 3), ({"retry-after": "soon"}, 12)])
def test_the_details_say_when_to_come_back_unless_a_header_does(headers: dict[str, str], seconds: float) -> None:
    assert parse_error(429, headers, body("error_rate_of_the_minute")).retry_after == seconds


def test_a_quota_of_the_day_does_not_come_back_in_seconds() -> None:
    assert parse_error(429, {}, body("error_rate_of_the_day")).retry_after is None


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [("0.5s", 0.5), ("12s", 12), ("999999999s", 86_400), ("-1s", None), ("12", None), (12, None), (None, None)],
)
def test_a_delay_that_is_none_is_not_believed(delay: object, seconds: float | None) -> None:
    """Promise 24."""
    assert error_info({"code": 429, "message": "m", "details": [{"retryDelay": delay}, None]}).retry_after == seconds


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 429, "status": "RESOURCE_EXHAUSTED"}, 429),
        ({"status": "UNAVAILABLE"}, 503),
        ({"code": 8, "status": "RESOURCE_EXHAUSTED"}, 429),
        ({"message": "boom"}, 500),
        ("boom", 500),
        (["boom"], 500),
        ({"code": [], "status": {}, "details": 3}, 500),
    ],
)
def test_an_error_inside_a_stream_says_its_own_status(error: object, status: int) -> None:
    assert error_info(error).status == status


@pytest.mark.parametrize("answer", [b"", b"<html>502</html>", b"[]", b"null", b"{}", b"[[]]", b"\xff"])
def test_an_answer_that_says_nothing_is_an_error_too(answer: bytes) -> None:
    found = parse_error(502, {}, answer)

    assert found.cls is ErrorClass.TEMPORARY and found.message
