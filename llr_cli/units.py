"""Spans of time, counts and money, as people write and read them."""

import re
from decimal import Decimal

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_SPAN = re.compile(r"(?:\d{1,6}[smhdw])+")


def span(text: str) -> float:
    """Seconds of `90s`, `15m`, `1h30m`, `2d`, `1w`. Raises ValueError."""
    word = text.strip().lower()
    if not _SPAN.fullmatch(word):
        raise ValueError(f"{text!r} is no span of time: 90s, 15m, 1h30m, 2d and 1w are")
    return float(sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhdw])", word)))


def duration(seconds: float | None) -> str:
    """`412 ms`, `2.5 s`, `3m05s`, `2h10m`."""
    if seconds is None:
        return "-"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def count(number: int | None) -> str:
    """`-`, `950`, `12.3k`, `4.5M`."""
    if number is None:
        return "-"
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # what would be rounded up to the next unit is shown in it
        if number >= limit * 0.99995:
            return f"{number / limit:.1f}{unit}"
    return str(number)


def share(part: int, whole: int) -> str:
    """`80%`; `-` of nothing."""
    return f"{100 * part / whole:.0f}%" if whole else "-"


def money(amount: Decimal | None) -> str:
    """Dollars: `$12.34`, and four places below one."""
    if amount is None:
        return "-"
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4f}"
