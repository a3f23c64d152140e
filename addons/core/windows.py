"""The windows of rate limits: fixed spans of the calendar, in UTC, and how they are written on a command line.

Seconds to days are counted from the Unix epoch; weeks begin on ISO Mondays and are grouped from Monday, 1970-01-05;
months are the calendar's, grouped from January 1970. Source: PREDECESSOR §5. A window of `now` is a pure function of
`now`, so two processes on one state agree on it without talking.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

type Unit = Literal["second", "minute", "hour", "day", "week", "month"]

# decades even in months; more is a slip of the finger
MAX_SIZE = 10_000
DAY = 86_400

_SECONDS: Mapping[Unit, int] = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
_FIRST_MONDAY = 4 * DAY

_SPELLINGS: Mapping[Unit, tuple[str, ...]] = {
    "second": ("s", "sec", "secs", "second", "seconds"),
    "minute": ("m", "min", "mins", "minute", "minutes"),
    "hour": ("h", "hr", "hrs", "hour", "hours"),
    "day": ("d", "day", "days"),
    "week": ("w", "wk", "wks", "week", "weeks"),
    "month": ("mo", "mos", "mon", "mons", "month", "months"),
}
_UNITS: Mapping[str, Unit] = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}

_FORMS: Mapping[Unit, str] = {
    "second": "%Y-%m-%dT%H:%M:%SZ",
    "minute": "%Y-%m-%dT%H:%MZ",
    "hour": "%Y-%m-%dT%HZ",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
}

_ACCEPTED = (
    f"expected a unit and a size from 1 to {MAX_SIZE}, as in month:1, hour/6, 7day or 1w; units are second (s, sec), "
    "minute (m, min), hour (h, hr), day (d), week (w, wk) and month (mo, mon), also in the plural"
)
_TEXT = re.compile(r"(?P<unit>[A-Za-z]+)(?:\s*[:/]\s*(?P<size>[0-9]+))?|(?P<first>[0-9]+)\s*(?P<then>[A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Window:
    """`size` units in a row. Raises ValueError for a size outside 1…10,000."""

    unit: Unit
    size: int = 1

    def __post_init__(self) -> None:
        if self.unit not in _SPELLINGS or not 1 <= self.size <= MAX_SIZE:
            raise ValueError(f"{self.unit}:{self.size}: {_ACCEPTED}")

    @property
    def name(self) -> str:
        return f"{self.unit}:{self.size}"

    @property
    def seconds(self) -> int:
        """How long it is; of months, roughly (30 days each)."""
        return self.size * _SECONDS.get(self.unit, 30 * DAY)


class Span(NamedTuple):
    """One window of the calendar, `start` ≤ t < `end` in Unix seconds. `label` names it among all windows of all
    sizes, as in `month:1:2026-11`."""

    label: str
    start: float
    end: float


def span(window: Window, now: float) -> Span:
    """The window that `now` (Unix seconds, years 1 to 9000) falls into."""
    if window.unit == "month":
        start, end = _months(window.size, now)
    else:
        length = window.size * _SECONDS[window.unit]
        origin = _FIRST_MONDAY if window.unit == "week" else 0
        start = origin + int((now - origin) // length) * length
        end = start + length
    return Span(f"{window.name}:{datetime.fromtimestamp(start, UTC):{_FORMS[window.unit]}}", float(start), float(end))


def _months(size: int, now: float) -> tuple[int, int]:
    day = datetime.fromtimestamp(now // 1, UTC)  # fractions would be rounded, over the edge of a month too
    first = ((day.year - 1970) * 12 + day.month - 1) // size * size
    return _month_start(first), _month_start(first + size)


def _month_start(months: int) -> int:
    """Unix seconds of the first moment of a month, counted from January 1970."""
    return int(datetime(1970 + months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp())


def unit_of(name: str) -> Unit:
    """The unit that `name` spells. A capital M alone is refused: half the world would mean a month by it.

    Raises ValueError with a sentence that names what is accepted."""
    unit = None if name.strip() == "M" else _UNITS.get(name.strip().lower())
    if unit is None:
        raise ValueError(f"{name!r} is no unit of time: {_ACCEPTED}")
    return unit


def parse(text: str) -> Window:
    """The window written as `month:1`, `hour/6`, `7day`, `1w` or a bare unit (size 1).

    Raises ValueError with a sentence that names what is accepted."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no window: {_ACCEPTED}")
    unit = unit_of(found["unit"] or found["then"])
    digits = found["size"] or found["first"] or "1"
    if len(digits) > 9 or not 1 <= int(digits) <= MAX_SIZE:
        raise ValueError(f"{text!r} is no window: {_ACCEPTED}")
    return Window(unit, int(digits))
