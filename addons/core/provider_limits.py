"""What the headers of a provider's answer say of its limits. Everything that makes no sense is ignored.

Sources: Anthropic "Rate limits" (`anthropic-ratelimit-*`, resets in RFC 3339); OpenAI "Rate limits" (resets as Go
writes durations), which Groq and others follow, Azure and Cerebras with plain seconds, Mistral and Cerebras with the
period in the name, OpenRouter with Unix milliseconds; draft-ietf-httpapi-ratelimit-headers 03 to 10; what subscriptions
answer to Claude Code (`anthropic-ratelimit-unified-*`, used as a fraction) and to Codex (`x-codex-*`, in percent).
Gemini says nothing in headers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from addons.core.header_times import moment, retry_after, skew
from addons.core.tally import Measure
from addons.core.windows import DAY


@dataclass(frozen=True, slots=True)
class Measured:
    """`remaining` of `limit` (None: not said) until `resets_at`, Unix seconds (None: not said: nothing to hold to)."""

    measure: Measure
    limit: int | None
    remaining: int
    resets_at: float | None


@dataclass(frozen=True, slots=True)
class SubscriptionWindow:
    """A quota of a subscription: `used` 0 to 1, `length` in seconds. `name` as in "5h", "7d"; what holds for one family
    of models only has that behind a low line, as in "7d_opus"."""

    name: str
    used: float
    resets_at: float | None
    length: float | None

    @property
    def of_all_models(self) -> bool:
        return "_" not in self.name


@dataclass(frozen=True, slots=True)
class Reported:
    """`measures`: of each the tightest. `retry_after` in seconds, at most a day."""

    measures: tuple[Measured, ...] = ()
    windows: tuple[SubscriptionWindow, ...] = ()
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """Three headers of one limit; `form` takes "limit", "remaining" or "reset". `period`: when it resets at the
    latest, as its name says."""

    measure: Measure
    form: str
    period: float | None = None

    def name(self, part: str) -> str:
        return self.form.format(part)


_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "month": 31 * DAY}

ROWS: tuple[_Row, ...] = (
    _Row("requests", "anthropic-ratelimit-requests-{}"),
    _Row("tokens", "anthropic-ratelimit-tokens-{}"),
    _Row("input_tokens", "anthropic-ratelimit-input-tokens-{}"),
    _Row("output_tokens", "anthropic-ratelimit-output-tokens-{}"),
    _Row("requests", "x-ratelimit-{}-requests"),
    _Row("tokens", "x-ratelimit-{}-tokens"),
    _Row("tokens", "x-ratelimit-{}-project-tokens"),
    *(_Row("requests", f"x-ratelimit-{{}}-requests-{period}", length) for period, length in _PERIODS.items()),
    *(_Row("requests", f"x-ratelimit-{{}}-req-{period}", length) for period, length in _PERIODS.items()),
    *(_Row("tokens", f"x-ratelimit-{{}}-tokens-{period}", length) for period, length in _PERIODS.items()),
    _Row("requests", "x-ratelimit-{}"),
    _Row("requests", "ratelimit-{}"),
)

_COUNT = re.compile(r"\s*([0-9]{1,15})(?:\.[0-9]+)?\s*(?:[,;].*)?", re.DOTALL)
_FRACTION = re.compile(r"\s*[0-9]{1,9}(?:\.[0-9]+)?\s*")


def limits_of(headers: Mapping[str, str], now: float) -> Reported:
    """What `headers` (in any case) say at `now` (Unix seconds). Absolute times are corrected by what `Date` tells of
    the difference between the provider's clock and ours."""
    known = {name.lower(): value for name, value in headers.items()}
    if not any("ratelimit" in name or name.startswith(("x-codex-", "retry-after")) for name in known):
        return Reported()
    ahead = skew(known.get("date"), now)
    measures = chain(_triples(known, now, ahead), _drafts(known, now))
    windows = chain(_unified(known, now, ahead), _codex(known, now, ahead))
    return Reported(_tightest(measures), tuple(windows), retry_after(known, now))


def _count(text: str | None) -> int | None:
    found = _COUNT.fullmatch(text) if text else None
    return int(found[1]) if found else None


def _fraction(text: str | None, whole: float = 1.0) -> float | None:
    return min(float(text) / whole, 1.0) if text and _FRACTION.fullmatch(text) else None


def _tightest(measures: Iterable[Measured]) -> tuple[Measured, ...]:
    """Of limits of the same measure (a minute's and a day's, say) the one with the least left."""
    kept: dict[Measure, Measured] = {}
    for found in measures:
        held = kept.get(found.measure)
        if held is None or (found.remaining, -(found.resets_at or 0)) < (held.remaining, -(held.resets_at or 0)):
            kept[found.measure] = found
    return tuple(kept.values())


def _triples(headers: Mapping[str, str], now: float, ahead: float) -> Iterable[Measured]:
    for row in ROWS:
        remaining = _count(headers.get(row.name("remaining")))
        if remaining is not None:
            resets_at = moment(headers.get(row.name("reset")), now, ahead)
            if resets_at is None and row.period is not None:
                resets_at = now + row.period
            yield Measured(row.measure, _count(headers.get(row.name("limit"))), remaining, resets_at)


# --- the IETF drafts ---

_VALUE = r'"[^"\\]*"|[^\s;,="]+'
_PARAMETER = re.compile(rf"\s*;\s*([a-z]+)\s*=\s*({_VALUE})")
_ITEM = re.compile(rf"\s*({_VALUE})((?:\s*;\s*[a-z]+\s*=\s*(?:{_VALUE}))*)\s*(?:,|$)")
_PAIR = re.compile(r"\b(limit|remaining|reset)\s*=\s*([0-9.]+)")
_QUOTA_UNITS: Mapping[str, Measure] = {
    "": "requests",
    "request": "requests",
    "requests": "requests",
    "tokens": "tokens",
}
_LONGEST = 2048


def _items(text: str | None) -> dict[str, dict[str, str]]:
    """The items of a list of structured fields with their parameters."""
    return {
        name.strip('"'): {key: value.strip('"') for key, value in _PARAMETER.findall(parameters)}
        for name, parameters in _ITEM.findall((text or "")[:_LONGEST])
    }


def _drafts(headers: Mapping[str, str], now: float) -> Iterable[Measured]:
    """`RateLimit` of draft 08 on (`"name";r=…;t=…`, with the quota in `RateLimit-Policy`) and of draft 07."""
    text = headers.get("ratelimit")
    policies = _items(headers.get("ratelimit-policy"))
    for name, live in _items(text).items():
        policy = policies.get(name, {})
        measure = _QUOTA_UNITS.get(policy.get("qu", ""))
        remaining = _count(live.get("r"))
        if measure is not None and remaining is not None:
            resets_at = moment(live.get("t") or policy.get("w"), now, 0.0)
            yield Measured(measure, _count(policy.get("q")), remaining, resets_at)
    pairs = dict(_PAIR.findall((text or "")[:_LONGEST]))
    remaining = _count(pairs.get("remaining"))
    if remaining is not None:
        yield Measured("requests", _count(pairs.get("limit")), remaining, moment(pairs.get("reset"), now, 0.0))


# --- subscriptions ---

_UNIFIED = "anthropic-ratelimit-unified-"
_UNIFIED_WINDOW = re.compile(rf"{_UNIFIED}([0-9]{{1,3}}[hd](?:_[a-z0-9_]+)?)-(?:utilization|status)")
_SECONDS = {"h": 3600, "d": DAY}
_REFUSED = "rejected"
# how Anthropic calls the window that an answer was decided by
_CLAIMS = {
    "five_hour": "5h",
    "seven_day": "7d",
    "seven_day_opus": "7d_opus",
    "seven_day_sonnet": "7d_sonnet",
}


def _length(name: str) -> float:
    digits, unit = name.partition("_")[0][:-1], name.partition("_")[0][-1]
    return float(int(digits) * _SECONDS[unit])


def _unified(headers: Mapping[str, str], now: float, ahead: float) -> Iterable[SubscriptionWindow]:
    """Anthropic's. A window that refuses is used up, whatever its number says; paid overage is none of them."""
    names = {found[1]: None for found in map(_UNIFIED_WINDOW.fullmatch, headers) if found}
    for name in names:
        used = _fraction(headers.get(f"{_UNIFIED}{name}-utilization"))
        refused = headers.get(f"{_UNIFIED}{name}-status") == _REFUSED
        if used is not None or refused:
            resets_at = moment(headers.get(f"{_UNIFIED}{name}-reset"), now, ahead)
            yield SubscriptionWindow(name, 1.0 if refused else used or 0.0, resets_at, _length(name))
    claim = _CLAIMS.get(headers.get(f"{_UNIFIED}representative-claim", ""))
    if claim is not None and claim not in names and headers.get(f"{_UNIFIED}status") == _REFUSED:
        yield SubscriptionWindow(claim, 1.0, moment(headers.get(f"{_UNIFIED}reset"), now, ahead), _length(claim))


def _codex(headers: Mapping[str, str], now: float, ahead: float) -> Iterable[SubscriptionWindow]:
    """Codex's two windows, named by their lengths: which of them is the week differs between plans."""
    for which in ("primary", "secondary"):
        used = _fraction(headers.get(f"x-codex-{which}-used-percent"), 100.0)
        minutes = _count(headers.get(f"x-codex-{which}-window-minutes"))
        if used is None or minutes == 0:
            continue  # a plan without this window sends zeros
        resets = (headers.get(f"x-codex-{which}-{form}") for form in ("reset-after-seconds", "resets-in-seconds"))
        resets_at = moment(next(filter(None, resets), None) or headers.get(f"x-codex-{which}-reset-at"), now, ahead)
        yield SubscriptionWindow(_name(which, minutes), used, resets_at, None if minutes is None else minutes * 60.0)


def _name(which: str, minutes: int | None) -> str:
    if minutes is None or minutes % 60:
        return which
    hours = minutes // 60
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"


# --- use it or lose it ---

SLOWEST, MOST_URGENT = 0.1, 10.0


def urgency(windows: Sequence[SubscriptionWindow], now: float) -> float:
    """How much a subscription should be preferred so that nothing of it is lost, 0.1 to 10; 1.0 when nothing is known.

    The share that is left over the share of its time that is left: above 1 there is more left than time to use it in.
    The longest window decides, for what lapses there is lost; the shorter ones can only slow it down. 0 when any is
    used up. Windows of one family of models, and those that have been reset since, are not looked at."""
    if not windows:
        return 1.0
    general = [window for window in windows if window.of_all_models]
    live = [window for window in general if window.resets_at is None or window.resets_at > now]
    if any(window.used >= 1.0 and window.resets_at is not None for window in live):
        return 0.0
    paces = [_pace(window, now) for window in sorted(live, key=lambda window: window.length or 0.0, reverse=True)]
    if not paces:
        return 1.0
    urgent = paces[0]
    for pace in paces[1:]:
        urgent *= min(pace, 1.0)
    return min(max(urgent, SLOWEST), MOST_URGENT)


def _pace(window: SubscriptionWindow, now: float) -> float:
    left = 1.0 - window.used
    if window.resets_at is None or not window.length:
        return left
    return left / min(max((window.resets_at - now) / window.length, 0.01), 1.0)
