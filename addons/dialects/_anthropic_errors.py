"""Errors of Anthropic Messages. Source: Anthropic documentation, "Errors"."""

from collections.abc import Mapping

from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.model import DialectName
from addons.dialects import _openai_errors
from addons.dialects.base import Body

CLAUDE = DialectName.ANTHROPIC

TYPES: Mapping[ErrorClass, str] = {
    ErrorClass.NETWORK: "api_error",
    ErrorClass.TIMEOUT: "timeout_error",
    ErrorClass.TRUNCATED: "api_error",
    ErrorClass.MALFORMED: "api_error",
    ErrorClass.RATE_LIMITED: "rate_limit_error",
    ErrorClass.OVERLOADED: "overloaded_error",
    ErrorClass.BILLING: "billing_error",
    ErrorClass.AUTH: "authentication_error",
    ErrorClass.FORBIDDEN: "permission_error",
    ErrorClass.POLICY: "invalid_request_error",
    ErrorClass.MODEL_NOT_FOUND: "not_found_error",
    ErrorClass.NOT_FOUND: "not_found_error",
    ErrorClass.CONTEXT: "invalid_request_error",
    ErrorClass.VRAM: "api_error",
    ErrorClass.TEMPORARY: "api_error",
    ErrorClass.INVALID_REQUEST: "invalid_request_error",
    ErrorClass.NOT_SUPPORTED: "invalid_request_error",
    ErrorClass.CONFIGURATION: "api_error",
    ErrorClass.CLIENT: "invalid_request_error",
    ErrorClass.UNKNOWN: "api_error",
}
# Claude Code compacts the conversation when it reads these words
TOO_LONG = "prompt is too long"


def render_error(info: ErrorInfo) -> Body:
    message = info.message
    if info.cls is ErrorClass.CONTEXT and TOO_LONG not in message.lower():
        message = f"{TOO_LONG}: {message}"
    error: Body = {"type": TYPES[info.cls], "message": message, "class": info.cls}
    if info.tried:
        error["tried"] = list(info.tried)
    if info.hint:
        error["hint"] = info.hint
    return {"type": "error", "error": error, "request_id": info.request_id}


def error_info(error: object) -> ErrorInfo:
    """The failure that an error event stands for."""
    return _openai_errors.error_info(CLAUDE, error)


parse_error = _openai_errors.error_parser(CLAUDE)
