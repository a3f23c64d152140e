"""Errors of a Gemini provider. Source: Google API design guide, "Errors" (`google.rpc.Status` and its details);
Gemini API, "Troubleshooting". The service wraps the object in a list of one when it streams."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from addons.core import jsonio
from addons.core.errors import ErrorInfo, classify
from addons.core.model import DialectName
from addons.dialects.base import retry_after

GEMINI = DialectName.GEMINI

# google.rpc.Code → the HTTP status that it stands for, for errors inside a 200 stream
STATUSES: Mapping[str, int] = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "DATA_LOSS": 500,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_DELAY = re.compile(r"(\d{1,9}(?:\.\d+)?)s")
DELAY_LIMIT = 86_400.0
# what a quota of the day is to `classify`: the service asks to come back in seconds for it too, which is of no use
USED_UP = "quota exceeded"


def parse_error(status: int, headers: Mapping[str, str], body: bytes) -> ErrorInfo:
    """Any error answer, HTML and empty bodies included. The header says when to come back, else the details do."""
    info = error_info(_value(body, status), status)
    waited = retry_after(headers)
    return info if waited is None else replace(info, retry_after=waited)


def _value(body: bytes, status: int) -> Any:
    try:
        value: Any = jsonio.loads(body)
    except jsonio.JsonError:
        text = body[:500].decode("utf-8", "replace").strip()
        return text if text and not text.startswith("<") else f"the provider answered {status} without a reason"
    value = unwrapped(value)
    if value in (None, "", {}, []):
        return f"the provider answered {status} without a reason"
    return value.get("error") or value if isinstance(value, dict) else value


def unwrapped(value: Any) -> Any:
    """What a list of one holds."""
    for _ in range(jsonio.DEPTH_LIMIT):
        if not isinstance(value, list) or not value:
            break
        value = value[0]
    return value


def error_info(error: object, status: int | None = None) -> ErrorInfo:
    """An error object (or a bare text). `status` None: an event inside a stream, whose own words say it."""
    body: Mapping[str, Any] = error if isinstance(error, Mapping) else {"message": _text(error)}
    message, word = body.get("message"), body.get("status")
    said = message if isinstance(message, str) and message else jsonio.text(body)
    details = [each for each in _list(body.get("details")) if isinstance(each, Mapping)]
    if status is None:
        status = _status(body.get("code"), word)
    reason = next((each["reason"] for each in details if isinstance(each.get("reason"), str)), None)
    daily = _daily(details)
    # the details say which quota it was and whether the key is bad, where the message may not
    signals = USED_UP if daily else f"{word} {reason} {said} {jsonio.text(details)}"
    return ErrorInfo(
        classify(GEMINI, status, signals),
        said,
        status=status,
        type=word if isinstance(word, str) else None,
        code=reason or (str(body["code"]) if isinstance(body.get("code"), (int, str)) else None),
        retry_after=None if daily else _delay(details),
    )


def _text(error: object) -> str:
    return error if isinstance(error, str) else jsonio.text(error)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _status(code: object, word: object) -> int:
    if isinstance(code, int) and 400 <= code <= 599:
        return code
    return STATUSES.get(word, 500) if isinstance(word, str) else 500


def _daily(details: list[Mapping[str, Any]]) -> bool:
    """Whether a QuotaFailure names a quota of the day."""
    violations = [each for detail in details for each in _list(detail.get("violations"))]
    return any("PerDay" in str(each.get("quotaId")) for each in violations if isinstance(each, Mapping))


def _delay(details: list[Mapping[str, Any]]) -> float | None:
    """`retryDelay` of a RetryInfo, such as "12s" or "0.5s"."""
    for each in details:
        delay = each.get("retryDelay")
        found = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
        if found is not None:
            return min(float(found[1]), DELAY_LIMIT)
    return None
