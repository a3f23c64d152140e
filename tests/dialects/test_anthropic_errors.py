"""Errors of Anthropic Messages, read and written, and what a forwarded stream means."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Usage
from addons.core.sse import SseEvent, SseParser
from addons.dialects._anthropic_errors import TYPES
from addons.dialects.anthropic_messages import DIALECT
from addons.dialects.base import Look

FIXTURES = {
    path.stem: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures/anthropic").glob("*.sse"))
}


def body(kind, message):
    error = {"type": kind, "message": message}
    return json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode()


@pytest.mark.parametrize(
    ("status", "kind", "message", "cls"),
    [
        (400, "invalid_request_error", "messages: roles must alternate", ErrorClass.INVALID_REQUEST),
        (400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum", ErrorClass.CONTEXT),
        (400, "invalid_request_error", "Your credit balance is too low", ErrorClass.BILLING),
        (401, "authentication_error", "invalid x-api-key", ErrorClass.AUTH),
        (402, "billing_error", "pay first", ErrorClass.BILLING),
        (403, "permission_error", "not for this key", ErrorClass.FORBIDDEN),
        (404, "not_found_error", "model: claude-9", ErrorClass.MODEL_NOT_FOUND),
        (413, "request_too_large", "Request exceeds the maximum size", ErrorClass.CONTEXT),
        (429, "rate_limit_error", "This request would exceed your rate limit", ErrorClass.RATE_LIMITED),
        (500, "api_error", "Internal server error", ErrorClass.TEMPORARY),
        (500, "overloaded_error", "Overloaded", ErrorClass.OVERLOADED),
        (529, "overloaded_error", "Overloaded", ErrorClass.OVERLOADED),
    ],
)
def test_an_error_is_read_with_its_class_status_and_words(status, kind, message, cls):
    info = DIALECT.parse_error(status, {}, body(kind, message))

    assert (info.cls, info.status, info.type, info.message) == (cls, status, kind, message)


@pytest.mark.parametrize(("header", "seconds"), [("retry-after", 7.0), ("retry-after-ms", 0.007)])
def test_the_wait_that_the_provider_asks_for_is_kept(header, seconds):
    """Promise 24."""
    assert DIALECT.parse_error(429, {header: "7"}, body("rate_limit_error", "slow")).retry_after == seconds


@pytest.mark.parametrize("raw", [b"", b"<html><h1>502</h1></html>", b"null", b"[]", b"\xff\xfe", b'{"error":null}'])
def test_whatever_the_provider_answers_there_is_a_message(raw):
    """Promise 64."""
    info = DIALECT.parse_error(502, {}, raw)

    assert info.message and "<html>" not in info.message
    assert (info.cls, info.status) == (ErrorClass.TEMPORARY, 502)


@given(status=st.integers(100, 599), raw=st.binary(max_size=200))
def test_any_error_body_is_read(status, raw):
    """Promise 23."""
    assert DIALECT.parse_error(status, {}, raw).status == status


def test_every_class_has_a_type_that_the_sdk_knows():
    """Promise 23. Source of the words: Anthropic documentation, "Errors"."""
    known = {
        "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error",
        "rate_limit_error", "timeout_error", "api_error", "overloaded_error",
    }  # fmt: skip

    assert set(TYPES) == set(ErrorClass)
    assert set(TYPES.values()) == known


def test_a_too_long_prompt_is_told_in_the_words_that_make_claude_code_compact():
    info = ErrorInfo(ErrorClass.CONTEXT, "context_length_exceeded: 300000 tokens", status=400)

    message = DIALECT.render_error(info)["error"]["message"]

    assert "prompt is too long" in message
    assert info.message in message


def test_a_message_that_says_so_itself_stays_verbatim():
    message = "Prompt is too long: 250000 tokens > 200000 maximum"

    assert DIALECT.render_error(ErrorInfo(ErrorClass.CONTEXT, message))["error"]["message"] == message


def test_an_error_tells_what_was_tried_and_what_may_help():
    """Promise 64."""
    info = ErrorInfo(ErrorClass.AUTH, "bad key", 401, hint="set the key", request_id="req_7", tried=("a:401", "b:401"))

    assert DIALECT.render_error(info) == {
        "type": "error",
        "error": {
            "type": "authentication_error",
            "message": "bad key",
            "class": "auth_failed",
            "tried": ["a:401", "b:401"],
            "hint": "set the key",
        },
        "request_id": "req_7",
    }


def test_an_error_without_a_story_tells_none():
    assert DIALECT.render_error(ErrorInfo(ErrorClass.NETWORK, "gone"))["error"].keys() == {"type", "message", "class"}


def looks(name):
    parser = SseParser()
    return [DIALECT.peek(event) for event in [*parser.feed(FIXTURES[name]), *parser.finish()]]


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("plain_text", "quiet quiet quiet content content quiet complete done"),
        ("two_calls", "quiet content content quiet content content quiet complete done"),
        ("redacted_thinking", "quiet content quiet quiet content quiet complete done"),
        ("no_message_stop", "quiet quiet content content quiet complete"),
        ("done_marker", "quiet quiet content content quiet complete done quiet"),
        ("error_first", "error"),
        ("bare_error_object", "error"),
        ("error_after_content", "quiet quiet content error"),
        ("nothing_but_the_start", "quiet quiet"),
    ],
)
def test_what_the_events_of_a_forwarded_stream_mean(name, seen):
    assert [peek.look for peek in looks(name)] == [Look(word) for word in seen.split()]


def test_the_peek_reports_usage():
    reports = [peek.usage for peek in looks("plain_text") if peek.usage]

    assert reports == [Usage(100, 1, 70, 20), Usage(output=9)]


def test_the_peek_classifies_an_error():
    assert looks("error_first")[0].error.cls is ErrorClass.OVERLOADED


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"5", b'{"type":"error","error":5}'])
def test_an_unreadable_event_is_an_error(data):
    """Promise 11."""
    peek = DIALECT.peek(SseEvent("", data, 40))

    assert (peek.look, peek.error is None) == (Look.ERROR, False)


@pytest.mark.parametrize("name", sorted(FIXTURES.keys() - {"malformed_event"}))
def test_no_end_and_no_error_escapes_the_marks(name):
    """Promise 2."""
    parser = SseParser()
    for event in [*parser.feed(FIXTURES[name]), *parser.finish()]:
        if event.data[:1] == b"{" and DIALECT.peek(event).look in (Look.ERROR, Look.DONE, Look.COMPLETE):
            assert DIALECT.marks.search(event.data)
