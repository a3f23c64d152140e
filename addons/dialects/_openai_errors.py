"""Errors of the OpenAI formats (Chat Completions and Responses share one shape), and of those who imitate them.

Source: OpenAI API reference, "Error codes".
"""

from collections.abc import Callable, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.errors import ErrorClass, ErrorInfo, classify
from addons.core.model import DialectName
from addons.dialects.base import Body, retry_after, status_of

# class → (type, code)
WORDS: Mapping[ErrorClass, tuple[str, str | None]] = {
    ErrorClass.NETWORK: ("server_error", "upstream_unreachable"),
    ErrorClass.TIMEOUT: ("server_error", "timeout"),
    ErrorClass.TRUNCATED: ("server_error", "upstream_truncated"),
    ErrorClass.MALFORMED: ("server_error", "upstream_malformed"),
    ErrorClass.RATE_LIMITED: ("rate_limit_error", "rate_limit_exceeded"),
    ErrorClass.OVERLOADED: ("server_error", "server_is_overloaded"),
    ErrorClass.BILLING: ("insufficient_quota", "insufficient_quota"),
    ErrorClass.AUTH: ("invalid_request_error", "invalid_api_key"),
    ErrorClass.FORBIDDEN: ("invalid_request_error", "permission_denied"),
    ErrorClass.POLICY: ("invalid_request_error", "content_policy_violation"),
    ErrorClass.MODEL_NOT_FOUND: ("invalid_request_error", "model_not_found"),
    ErrorClass.NOT_FOUND: ("invalid_request_error", "not_found"),
    ErrorClass.CONTEXT: ("invalid_request_error", "context_length_exceeded"),
    ErrorClass.VRAM: ("server_error", "out_of_memory"),
    ErrorClass.TEMPORARY: ("server_error", "server_error"),
    ErrorClass.INVALID_REQUEST: ("invalid_request_error", None),
    ErrorClass.NOT_SUPPORTED: ("invalid_request_error", "unsupported"),
    ErrorClass.CONFIGURATION: ("server_error", "configuration_error"),
    ErrorClass.CLIENT: ("invalid_request_error", None),
    ErrorClass.UNKNOWN: ("server_error", "unknown_error"),
}


def error_object(info: ErrorInfo) -> Body:
    """The inner object, with the router's own facts beside OpenAI's fields."""
    kind, code = WORDS[info.cls]
    error: Body = {"message": info.message, "type": kind, "param": info.param, "code": code, "class": info.cls}
    if info.tried:
        error["tried"] = list(info.tried)
    if info.hint:
        error["hint"] = info.hint
    if info.request_id:
        error["request_id"] = info.request_id
    return error


def render_error(info: ErrorInfo) -> Body:
    return {"error": error_object(info)}


def error_info(dialect: DialectName, error: object, status: int | None = None) -> ErrorInfo:
    """An error object (or a bare text) as it stands in a body or in a stream. `status` None: from its own words."""
    if not isinstance(error, dict):
        error = {"message": error if isinstance(error, str) else jsonio.text(error)}
    kind, code, inner = error.get("type"), error.get("code"), error.get("message")
    message = inner if isinstance(inner, str) and inner else jsonio.text(error)
    if status is None:
        status = status_of(code, kind, error.get("status"))
    return ErrorInfo(
        classify(dialect, status, f"{code} {kind} {message}"),
        message,
        status=status,
        type=kind if isinstance(kind, str) else None,
        code=str(code) if code is not None else None,
        param=error.get("param") if isinstance(error.get("param"), str) else None,
    )


def parse_body(dialect: DialectName, status: int, headers: Mapping[str, str], body: bytes) -> ErrorInfo:
    """Any error answer, HTML and empty bodies included."""
    try:
        value: Any = jsonio.loads(body)
    except jsonio.JsonError:
        value = None
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        error = next((value[key] for key in ("error", "detail", "message") if value.get(key)), value)
    else:
        text = body[:500].decode("utf-8", "replace").strip()
        error = text if text and not text.startswith("<") else f"the provider answered {status} without a reason"
    info = error_info(dialect, error, status)
    return ErrorInfo(info.cls, info.message, status, info.type, info.code, info.param, retry_after=retry_after(headers))


def error_parser(dialect: DialectName) -> Callable[[int, Mapping[str, str], bytes], ErrorInfo]:
    """The `parse_error` member of a dialect."""

    def parse(status: int, headers: Mapping[str, str], body: bytes) -> ErrorInfo:
        return parse_body(dialect, status, headers, body)

    return parse
