"""What the activity log adds up to: counts, tokens, latencies and costs, of all requests or by what they share."""

import fnmatch
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from addons.core.activity import Entry, target_of
from addons.core.events import Usage

NOBODY = "nobody"
OWN = "its own server"  # of a tool, for requests that were passed on
BY: Mapping[str, Callable[[str, str], str]] = {  # from the tool, and the provider/model that was asked
    "tool": lambda tool, asked: tool,
    "model": lambda tool, asked: asked or NOBODY,
    "provider": lambda tool, asked: asked.partition("/")[0] or NOBODY,
}

type Price = Callable[[Entry], Decimal | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for. `tool` and `model` are parts of a name, or globs of the whole; the model's may be
    the one that was asked for or the one that answered."""

    failed: bool = False
    tool: str = ""
    model: str = ""

    def fits(self, entry: Entry) -> bool:
        return (
            (entry.failed or not self.failed)
            and _named(self.tool, entry.tool)
            and (_named(self.model, entry.requested) or _named(self.model, entry.served))
        )


def _named(pattern: str, name: str) -> bool:
    if any(mark in pattern for mark in "*?["):
        return fnmatch.fnmatchcase(name.lower(), pattern.lower())
    return pattern.lower() in name.lower()


@dataclass(slots=True)
class Stats:
    """Sums. `failures`: requests whose clients got no whole answer; `left`: whose clients went away; `fallbacks`: that
    somebody answered after somebody else had failed; `refusals`: failed attempts. `unpriced` are answers whose tokens
    are known and whose price is not; `cost` is None when no price was known at all."""

    requests: int = 0
    failures: int = 0
    left: int = 0
    fallbacks: int = 0
    refusals: int = 0
    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0
    cost: Decimal | None = None
    unpriced: int = 0
    _firsts: list[float] = field(default_factory=list)
    _totals: list[float] = field(default_factory=list)

    def add(self, entry: Entry, price: Price | None = None) -> None:
        """Counts a request; not its failed attempts, which belong to whoever was asked."""
        self.requests += 1
        self.failures += entry.failed
        self.left += entry.left
        self.fallbacks += entry.fell_back
        self._add_usage(entry.usage)
        if price is not None and entry.served and entry.usage != Usage():
            self._add_cost(price(entry))
        # neither what was cut short nor what others answered says how long an answer takes
        if not (entry.failed or entry.left or entry.passed_on):
            self._totals.append(entry.total)
            if entry.first_event is not None:
                self._firsts.append(entry.first_event)

    def _add_usage(self, usage: Usage) -> None:
        self.input += usage.input or 0
        self.output += usage.output or 0
        self.cached += usage.cache_read or 0
        self.written += usage.cache_write or 0
        self.reasoning += usage.reasoning or 0

    def _add_cost(self, cost: Decimal | None) -> None:
        if cost is None:
            self.unpriced += 1
        else:
            self.cost = (self.cost or Decimal(0)) + cost

    def first_event(self, percent: int) -> float | None:
        """Seconds until whole answers began; None without any."""
        return percentile(self._firsts, percent)

    def total(self, percent: int) -> float | None:
        """Seconds until whole answers ended; None without any."""
        return percentile(self._totals, percent)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest of `values` that `percent` in a hundred do not exceed (nearest rank)."""
    return sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1] if values else None


def summed(entries: Iterable[Entry], by: str | None, price: Price | None = None) -> tuple[Stats, dict[str, Stats]]:
    """The sum of all, and those by a word of BY (None: none), the most requests first."""
    whole, groups = Stats(), dict[str, Stats]()
    key = None if by is None else BY[by]
    for entry in entries:
        whole.add(entry, price)
        whole.refusals += len(entry.attempts)
        if key is None:
            continue
        groups.setdefault(key(entry.tool, OWN if entry.passed_on else entry.served), Stats()).add(entry, price)
        for attempt in entry.attempts:
            groups.setdefault(key(entry.tool, target_of(attempt)), Stats()).refusals += 1
    return whole, dict(sorted(groups.items(), key=lambda each: (-each[1].requests, each[0])))
