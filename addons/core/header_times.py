"""The ways in which headers tell a time: seconds, Go's durations, Unix seconds and milliseconds, RFC 3339, HTTP dates.

All of them become Unix seconds, or None when they make no sense. Sources: RFC 9110 §10.2.3 (Retry-After) and §5.6.7;
RFC 3339; the documentation of Go's time.Duration.String.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from addons.core.windows import DAY

LONGEST_WAIT = float(DAY)
FURTHEST = 400.0 * DAY
# answers travel, and Date is of whole seconds
TOLERATED_SKEW = 5.0

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_PARTS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,12})?)(ns|us|µs|μs|ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_PARTS.pattern})+")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_MILLISECONDS, _SECONDS = 1e11, 1e9  # a bare number from there on is a moment and no duration


def moment(text: str | None, now: float, ahead: float = 0.0) -> float | None:
    """The moment that a reset is said to be at, in Unix seconds of our clock. `ahead`: by how much the clock of who
    says it is ahead of ours. None when it says nothing, or something more than 400 days away."""
    text = (text or "").strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        absolute = None if number < _SECONDS else number / 1000 if number >= _MILLISECONDS else number
        found = now + number if absolute is None else absolute - ahead
    elif _DURATION.fullmatch(text):
        found = now + sum(float(amount) * _UNITS[unit] for amount, unit in _PARTS.findall(text))
    else:
        stamp = _rfc3339(text)
        if stamp is None:
            return None
        found = stamp - ahead
    return found if abs(found - now) <= FURTHEST else None


def skew(date: str | None, now: float) -> float:
    """By how much the clock that wrote the header Date is ahead of ours; 0.0 when it is about the same, or unknown."""
    stamp = _http_date(date or "")
    difference = 0.0 if stamp is None else stamp - now
    return difference if abs(difference) > TOLERATED_SKEW else 0.0


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date), at most a day. A date that is over
    is no wait; negative numbers and nonsense are None. The names are in lower case."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            return min(float(text) * unit, LONGEST_WAIT)
    stamp = _http_date(headers.get("retry-after", ""))
    if stamp is None:
        return None
    return min(max(stamp - now - skew(headers.get("date"), now), 0.0), LONGEST_WAIT)


def _rfc3339(text: str) -> float | None:
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:", text):
        return None
    try:
        stamp = datetime.fromisoformat(text)
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _http_date(text: str) -> float | None:
    try:
        stamp = parsedate_to_datetime(text)
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
