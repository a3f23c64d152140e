"""Failures of the provider, as each SDK's own exceptions."""

from typing import Any

import pytest
from matrix.cell import Cell
from matrix.heard import Failure
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome

from harness.answers import Said, event
from harness.replies import End, json_reply, raw_reply, sse

# status → what Anthropic, OpenAI and Google call it
WORDS: dict[int, tuple[str, str, str]] = {
    400: ("invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
    401: ("authentication_error", "invalid_api_key", "UNAUTHENTICATED"),
    403: ("permission_error", "permission_denied", "PERMISSION_DENIED"),
    404: ("not_found_error", "model_not_found", "NOT_FOUND"),
    429: ("rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED"),
    500: ("api_error", "server_error", "INTERNAL"),
    503: ("overloaded_error", "server_is_overloaded", "UNAVAILABLE"),
}
OVERLOADED = {CLAUDE: 529, CHAT: 503, RESPONSES: 503, GEMINI: 503}
TOO_LONG = {
    CLAUDE: "prompt is too long: 210000 tokens > 200000 maximum",
    CHAT: "This model's maximum context length is 400000 tokens.",
    RESPONSES: "Your input exceeds the context window of this model.",
    GEMINI: "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
}
# what the tools that use an SDK look for
TOLD = {CLAUDE: "prompt is too long", GEMINI: "exceeds the maximum number of tokens"}


def error(cell: Cell, status: int, message: str, code: str | None = None) -> dict[str, Any]:
    """An error body of the provider."""
    claude, openai, google = WORDS[503 if status == 529 else status]
    if cell.provider is CLAUDE:
        return {"type": "error", "error": {"type": claude, "message": message}}
    if cell.provider is GEMINI:
        return {"error": {"code": status, "message": message, "status": google}}
    return {"error": {"message": message, "type": code or openai, "code": code or openai, "param": None}}


async def _fails(cell: Cell, status: int, message: str, headers: dict[str, str] | None = None) -> Failure:
    with pytest.raises(Failure) as caught:
        await cell.ask(says=json_reply(error(cell, status, message), status, headers))
    assert message in caught.value.message
    return caught.value


def _is(cell: Cell, failure: Failure, kind: str, status: int) -> Outcome:
    """Google's SDK has two classes, and the status tells them apart."""
    google = "ClientError" if status < 500 else "ServerError"
    assert (failure.kind, failure.status) == (google if cell.client is GEMINI else kind, status)
    return Outcome.YES


async def invalid_request(cell: Cell) -> Outcome:
    return _is(cell, await _fails(cell, 400, "temperature: out of range"), "BadRequestError", 400)


async def wrong_key(cell: Cell) -> Outcome:
    return _is(cell, await _fails(cell, 401, "invalid api key"), "AuthenticationError", 401)


async def forbidden(cell: Cell) -> Outcome:
    return _is(cell, await _fails(cell, 403, "not for this project"), "PermissionDeniedError", 403)


async def no_such_model(cell: Cell) -> Outcome:
    return _is(cell, await _fails(cell, 404, "model gone-1 was not found"), "NotFoundError", 404)


async def rate_limit(cell: Cell) -> Outcome:
    failure = await _fails(cell, 429, "slow down", {"retry-after": "7"})
    assert {name.lower(): value for name, value in failure.headers.items()}["retry-after"] == "7"
    return _is(cell, failure, "RateLimitError", 429)


async def overloaded(cell: Cell) -> Outcome:
    failure = await _fails(cell, OVERLOADED[cell.provider], "too busy")
    assert failure.status in (503, 529)
    expected = {"OverloadedError", "InternalServerError", "ServiceUnavailableError", "ServerError"}
    assert failure.kind in expected
    return Outcome.YES


async def broken_provider(cell: Cell) -> Outcome:
    return _is(cell, await _fails(cell, 500, "oops"), "InternalServerError", 500)


async def error_page(cell: Cell) -> Outcome:
    """Promise 64."""
    page = raw_reply(b"<html><h1>502 Bad Gateway</h1></html>", "text/html", 502)
    with pytest.raises(Failure) as caught:
        await cell.ask(says=page)
    assert "<html" not in caught.value.message
    return _is(cell, caught.value, "InternalServerError", 502)


async def context_exceeded(cell: Cell) -> Outcome:
    message = TOO_LONG[cell.provider]
    with pytest.raises(Failure) as caught:
        await cell.ask(says=json_reply(error(cell, 400, message, "context_length_exceeded"), 400))
    told = caught.value.code if cell.client in (CHAT, RESPONSES) else caught.value.message
    assert TOLD.get(cell.client, "context_length_exceeded") in str(told)
    return _is(cell, caught.value, "BadRequestError", 400)


async def error_in_the_stream(cell: Cell) -> Outcome:
    """After the first words. OpenAI's SDK raises nothing for a failed Response: its status says it."""
    failure = await _broken(cell, [_error_event(cell)], End.COMPLETE)
    assert "too busy" in failure.message
    return Outcome.YES


async def break_in_the_stream(cell: Cell) -> Outcome:
    """Promise 3."""
    await _broken(cell, [], End.RESET)
    return Outcome.YES


async def _broken(cell: Cell, more: list[bytes], end: End) -> Failure:
    events = cell.events(Said("a long enough text"))
    first = next(n for n, each in enumerate(events) if b"a long" in each)
    with pytest.raises(Failure) as caught:
        await cell.ask(says=sse([*events[: first + 1], *more], end=end))
    kinds = {CLAUDE: ("APIStatusError", "InternalServerError"), CHAT: ("APIError",), RESPONSES: ("failed", "APIError")}
    expected = kinds.get(cell.client, ("ServerError",))
    assert caught.value.kind in expected, caught.value
    return caught.value


def _error_event(cell: Cell) -> bytes:
    body = error(cell, 503, "too busy")
    if cell.provider is RESPONSES:
        inner = body["error"]
        return event({"type": "error", "sequence_number": 9, **inner} | {"type": "error"}, "error")
    return event(body, "error" if cell.provider is CLAUDE else None)
