"""What can go wrong, as data: RULES turns a failure into a class, POLICY says what to do about a class.

Source of the categories and hints: the predecessor's table (it is the parity list), corrected where it was wrong:
a 429 whose body speaks of quota or billing is an exhausted account, not a rate limit of thirty seconds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from addons.core.model import DialectName


class ErrorClass(StrEnum):
    NETWORK = "network_error"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    MALFORMED = "malformed_response"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    BILLING = "billing_exhausted"
    AUTH = "auth_failed"
    FORBIDDEN = "forbidden"
    POLICY = "policy_blocked"
    MODEL_NOT_FOUND = "model_not_found"
    NOT_FOUND = "not_found"
    CONTEXT = "context_window_exceeded"
    VRAM = "vram_exhaustion"
    TEMPORARY = "temporary_error"
    INVALID_REQUEST = "invalid_request"
    NOT_SUPPORTED = "not_supported"
    CONFIGURATION = "configuration_error"
    CLIENT = "client_error"
    UNKNOWN = "unknown_error"


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """One failure. `status` is the HTTP status that the client should see; `type` and `code` are the provider's own
    words; `retry_after` is in seconds; `hint` says how to mend it; `tried` names the attempts of this request."""

    cls: ErrorClass
    message: str
    status: int = 502
    type: str | None = None
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None
    hint: str | None = None
    request_id: str | None = None
    tried: tuple[str, ...] = ()


class BadRequest(Exception):
    """The client's body cannot be understood. `path` is the JSON path of the offending field."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}" if path else expected)
        self.path = path
        self.expected = expected

    def info(self) -> ErrorInfo:
        return ErrorInfo(ErrorClass.INVALID_REQUEST, str(self), status=400, param=self.path or None)


class RemoteDataError(Exception):
    """The provider sent bytes that are not of its dialect; `offset` counts from the start of the body."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(f"{message} (at byte {offset})")
        self.offset = offset


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


BILLING = _words(
    "insufficient[_ ](quota|balance|credits?)", "not enough credits", "out of credits", "payment required",
    "billing[_ ]hard[_ ]limit", "exceeded your current quota", "quota[_ ]exceeded", "credit balance is too low",
    "billing_error", r"\busage[_ ]limit", "api usage limits", "credits? (is|are) depleted",
)  # fmt: skip
AUTH = _words(
    r"(invalid|incorrect)\b.{0,12}api[ _-]?key", "api key not valid", "authentication", "unauthorized",
    "permission[_ ]denied",
)  # fmt: skip
POLICY_HINT = _words("moderation", "policy[_ ]violation", "content[_ ]policy", r"\bsafety\b", r"\bunsafe\b", "flagged")
API_KEY = _words(r"(invalid|incorrect)\b.{0,12}api[ _-]?key", "api key not valid")
# one name may stand between "model" and "not found": with more room, a missing tool would cost the model an hour
MODEL = _words(
    "model[_ ]not[_ ](found|exist)",
    r"models?[ /][^\w\s]{0,3}[\w./:@-]+[^\w\s]{0,3} (is |was )?(does not exist|not found)",
    "unknown model", r"invalid[_ ]model\b", "not a valid model",
)  # fmt: skip
# Anthropic's whole message of a 404 is `model: <name>`; in a 400 it begins a complaint about the field
MODEL_FIELD = _words(r"\bmodel: ")
VRAM = _words("insufficient vram", "out of memory", "failed to load model", "insufficient memory")
CONTEXT = _words(
    "context window", "maximum (context|prompt) (length|size)", "context[_ ]length[_ ]exceeded",
    "(prompt|input|request) is too long", "too many tokens", "ran out of room",
    "exceeds? (the |its )?(available |maximum )?context", "range of input length", "token count .{0,40}exceeds",
)  # fmt: skip
RATE = _words(
    "(tokens|requests) per minute", "rate[_ ]limit", r"\btpm\b", r"\brpm\b", "quota[_ ]exceeded", "limit exceeded"
)
OVERLOAD = _words("overloaded")
# Gemini says "exceeded your current quota" of its limits per minute too; only then does it say when to come back
PASSING = _words("per[_ ]?min(ute)?", r"retry (in|after) [\d.]+ ?s", "retrydelay")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: it matches when the status is in `statuses` (all when empty) and `signal` is found in the error text."""

    cls: ErrorClass
    statuses: frozenset[int] = frozenset()
    signal: re.Pattern[str] | None = None
    dialects: frozenset[DialectName] = frozenset()

    def matches(self, dialect: DialectName, status: int, text: str) -> bool:
        return (
            (not self.statuses or status in self.statuses)
            and (not self.dialects or dialect in self.dialects)
            and (self.signal is None or self.signal.search(text) is not None)
        )


def _statuses(*parts: int | range) -> frozenset[int]:
    return frozenset(number for part in parts for number in ([part] if isinstance(part, int) else part))


_BODY = _statuses(400, 413, 422)
_GONE = _statuses(404, 410)
_BUSY = _statuses(408, 409, range(500, 600))

RULES: tuple[Rule, ...] = (
    Rule(ErrorClass.RATE_LIMITED, _statuses(429), PASSING),
    Rule(ErrorClass.BILLING, _statuses(429), BILLING),
    Rule(ErrorClass.RATE_LIMITED, _statuses(429)),
    Rule(ErrorClass.BILLING, _statuses(402)),
    Rule(ErrorClass.AUTH, _statuses(401)),
    Rule(ErrorClass.BILLING, _statuses(403), BILLING),
    Rule(ErrorClass.POLICY, _statuses(403), POLICY_HINT),
    Rule(ErrorClass.AUTH, _statuses(403), AUTH),
    Rule(ErrorClass.FORBIDDEN, _statuses(403)),
    Rule(ErrorClass.MODEL_NOT_FOUND, _GONE, MODEL),
    Rule(ErrorClass.MODEL_NOT_FOUND, _GONE, MODEL_FIELD),
    Rule(ErrorClass.NOT_FOUND, _GONE),
    Rule(ErrorClass.CONTEXT, _BODY, CONTEXT),
    Rule(ErrorClass.BILLING, _BODY, BILLING),
    Rule(ErrorClass.VRAM, _BODY, VRAM),
    Rule(ErrorClass.RATE_LIMITED, _statuses(413), RATE),
    Rule(ErrorClass.MODEL_NOT_FOUND, _statuses(400), MODEL),
    Rule(ErrorClass.AUTH, _statuses(400), API_KEY),
    Rule(ErrorClass.CONTEXT, _statuses(413)),
    Rule(ErrorClass.INVALID_REQUEST, _BODY),
    Rule(ErrorClass.VRAM, _BUSY, VRAM),
    Rule(ErrorClass.MODEL_NOT_FOUND, _BUSY, MODEL),
    Rule(ErrorClass.OVERLOADED, _statuses(529)),
    Rule(ErrorClass.OVERLOADED, _BUSY, OVERLOAD),
    Rule(ErrorClass.TEMPORARY, _BUSY),
    Rule(ErrorClass.CLIENT, _statuses(range(400, 500))),
    Rule(ErrorClass.UNKNOWN),
)


@dataclass(frozen=True, slots=True)
class Action:
    """What a class of failure leads to. `retry`: once more on the same target (the first target only);
    `next_target`: go on to the next candidate; `cooldown`: seconds that the target should rest; `rank`: how useful
    the error is to the client when everything failed (the highest is returned); `client_fault`: never counted
    against the target."""

    retry: bool
    next_target: bool
    cooldown: float
    rank: int
    client_fault: bool = False


POLICY: Mapping[ErrorClass, Action] = {
    ErrorClass.NETWORK: Action(True, True, 0, 20),
    ErrorClass.TIMEOUT: Action(False, True, 0, 25),
    ErrorClass.TRUNCATED: Action(True, True, 0, 20),
    ErrorClass.MALFORMED: Action(True, True, 0, 20),
    ErrorClass.RATE_LIMITED: Action(False, True, 30, 60),
    ErrorClass.OVERLOADED: Action(True, True, 0, 50),
    ErrorClass.BILLING: Action(False, True, 900, 45),
    ErrorClass.AUTH: Action(False, True, 600, 40),
    ErrorClass.FORBIDDEN: Action(False, True, 600, 35),
    ErrorClass.POLICY: Action(False, False, 120, 80, client_fault=True),
    ErrorClass.MODEL_NOT_FOUND: Action(False, True, 3600, 30),
    ErrorClass.NOT_FOUND: Action(False, True, 45, 28),
    ErrorClass.CONTEXT: Action(False, True, 0, 90, client_fault=True),
    ErrorClass.VRAM: Action(False, True, 45, 30),
    ErrorClass.TEMPORARY: Action(True, True, 0, 30),
    ErrorClass.INVALID_REQUEST: Action(False, False, 0, 100, client_fault=True),
    ErrorClass.NOT_SUPPORTED: Action(False, True, 0, 70, client_fault=True),
    ErrorClass.CONFIGURATION: Action(False, True, 45, 15),
    ErrorClass.CLIENT: Action(False, False, 0, 75, client_fault=True),
    ErrorClass.UNKNOWN: Action(False, True, 0, 10),
}

SIGNAL_LIMIT = 4096


def classify(dialect: DialectName, status: int, text: str) -> ErrorClass:
    """The class of a provider's failure.

    `status` is the HTTP status (100–599), or the one that an error event inside a 200 stream stands for; `text` is
    the error body (its first 4096 characters count) together with the provider's code, type and message.
    """
    head = text[:SIGNAL_LIMIT]
    return next(rule.cls for rule in RULES if rule.matches(dialect, status, head))


def most_useful(failures: list[ErrorInfo]) -> ErrorInfo:
    """Of the failures of all attempts, the one that helps the client most (the earliest, among equals)."""
    return max(failures, key=lambda failure: POLICY[failure.cls].rank)


def with_tried(info: ErrorInfo, tried: tuple[str, ...], request_id: str | None) -> ErrorInfo:
    return replace(info, tried=tried, request_id=request_id)
