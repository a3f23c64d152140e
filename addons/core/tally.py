"""What the windows of one bucket have used: spent for good, or reserved by requests that still run.

Counts belong to windows of the calendar and the last 1500 *used* windows are remembered (a day of minutes), not only
the current one. That is the whole rule for clocks that jump: whichever way `now` goes, it finds the counts that it
left there, so a window that was used up stays used up; and nothing stands still until a clock that was ahead by
mistake is caught up with. What is forgotten lies 1500 windows of use back. A jump forward does open a window: it
cannot be told from time that passed while the machine slept.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from addons.core.windows import Span, Window, span

type Measure = Literal["requests", "tokens", "input_tokens", "output_tokens", "concurrent"]

REMEMBERED = 1500


class Amounts(NamedTuple):
    """What is counted; `tokens` is the sum of both kinds."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def of(self, measure: Measure) -> int:
        """One of the counts; of concurrency, which is none of them, nothing."""
        amount: int = getattr(self, measure, 0)
        return amount

    def plus(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )

    def minus(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.requests - other.requests,
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
        )


NOTHING = Amounts()


@dataclass(slots=True)
class Count:
    """One window. `spent` is what stays, `open` what unsettled reservations hold, `saved` what was last reported."""

    end: float
    spent: Amounts = Amounts()
    open: Amounts = Amounts()
    saved: Amounts = Amounts()


class Tally:
    """The counts of one bucket, by the labels of their windows."""

    __slots__ = ("_last", "counts")

    def __init__(self) -> None:
        self.counts: dict[str, Count] = {}
        self._last: tuple[Window, Span] | None = None

    def span(self, window: Window, now: float) -> Span:
        """The window of `now`; the last answer is kept, most calls ask for it again."""
        if self._last is not None:
            known, found = self._last
            if known == window and found.start <= now < found.end:
                return found
        found = span(window, now)
        self._last = window, found
        return found

    def used(self, label: str) -> Amounts:
        """Spent and reserved in a window."""
        count = self.counts.get(label)
        return NOTHING if count is None else count.spent.plus(count.open)

    def count(self, label: str, end: float) -> Count:
        """The count to write to; a new one pushes out the one that was first used and holds no reservation."""
        count = self.counts.get(label)
        if count is None:
            if len(self.counts) >= REMEMBERED:
                oldest = next((known for known, count in self.counts.items() if count.open == NOTHING), None)
                self.counts.pop(oldest or "", None)
            count = self.counts[label] = Count(end)
        return count
