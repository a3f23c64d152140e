"""Errors for Gemini clients. Source: Google's API design guide, "Errors" (google.rpc.Status and its details), and the
HTTP mapping in google/rpc/code.proto."""

from collections.abc import Mapping

from addons.core.errors import ErrorClass, ErrorInfo
from addons.dialects.base import Body

TYPE = "type.googleapis.com/google.rpc."
DOMAIN = "llr"

STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}
# where the class says more than the status that came with it
CLASSES: Mapping[ErrorClass, str] = {
    ErrorClass.RATE_LIMITED: "RESOURCE_EXHAUSTED",
    ErrorClass.BILLING: "RESOURCE_EXHAUSTED",
    ErrorClass.OVERLOADED: "UNAVAILABLE",
}
# the words of the service itself, which clients look for
TOO_LONG = "exceeds the maximum number of tokens"


def status_name(info: ErrorInfo) -> str:
    """The google.rpc code that goes with an error."""
    known = CLASSES.get(info.cls) or STATUSES.get(info.status)
    return known or ("INVALID_ARGUMENT" if 400 <= info.status < 500 else "INTERNAL")


def status_body(info: ErrorInfo) -> Body:
    """`{"error": {…}}` with `error` as the only member: Google's SDK for Python knows an error in a stream by it."""
    message = info.message
    if info.cls is ErrorClass.CONTEXT and TOO_LONG not in message.lower():
        message = f"The input token count {TOO_LONG} allowed: {message}"
    return {
        "error": {
            "code": info.status,
            "message": message,
            "status": status_name(info),
            "details": _details(info),
            **_own_facts(info),
        }
    }


def _own_facts(info: ErrorInfo) -> Body:
    """The router's own facts, where the other dialects have them."""
    facts: Body = {"class": info.cls}
    if info.tried:
        facts["tried"] = list(info.tried)
    if info.hint:
        facts["hint"] = info.hint
    if info.request_id:
        facts["request_id"] = info.request_id
    return facts


def _details(info: ErrorInfo) -> list[Body]:
    metadata = {"requestId": info.request_id, "param": info.param, "code": info.code}
    details: list[Body] = [
        {
            "@type": f"{TYPE}ErrorInfo",
            "reason": info.cls.upper(),
            "domain": DOMAIN,
            "metadata": {key: value for key, value in metadata.items() if value},
        }
    ]
    if info.param:
        violation = {"field": info.param, "description": info.message}
        details.append({"@type": f"{TYPE}BadRequest", "fieldViolations": [violation]})
    if info.retry_after is not None:
        details.append({"@type": f"{TYPE}RetryInfo", "retryDelay": f"{info.retry_after:g}s"})
    return details


def render_error(info: ErrorInfo) -> Body:
    return status_body(info)
