"""Rate-limit buckets: reserved before a request is sent, settled when it has ended. Pure, and one process's memory.

Every bucket that covers the model must have room, or nothing is reserved at all: twenty requests at once against a
cap of two let exactly two through. A reservation holds one request, the estimated tokens and a place among the
concurrent ones; settling puts what was really spent in place of the estimate, *in the window that was reserved in*.
What a clock that jumps does to the windows is said in `tally.py`. A clock from before 2020 was never set (no battery):
as long as this ledger has seen later times, the latest of them stands in for it.
"""

from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from addons.core.buckets import CONCURRENT, Bucket, Claim, Lease, Part, Shortage, Spent
from addons.core.tally import NOTHING, Amounts, Measure, Tally
from addons.core.taught import Lesson, Lessons
from addons.core.windows import DAY, parse, span

CLOCK_UNSET = 1_577_836_800.0  # 2020-01-01
KEEP = 2 * DAY


class Row(NamedTuple):
    """One count as it is persisted: its value, or (from `changes`) what has been added to it."""

    key: str
    label: str
    measure: str
    used: int
    end: float


class _Want(NamedTuple):
    """A cap without room; `wait` in seconds, 0 when nobody knows, infinite when waiting is of no use."""

    bucket_id: str
    measure: Measure
    wait: float


class Counters:
    """The ledger in memory. Every `now` is the wall clock in Unix seconds."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._running: dict[str, int] = {}
        self._lessons = Lessons()
        self._leases: dict[int, bool] = {}  # whether the provider has it
        self._dirty: dict[tuple[str, str], None] = {}
        self._next = 0
        self._seen = 0.0

    def reserve(self, claims: Sequence[Claim], now: float) -> Lease | Shortage:
        """Room in every bucket, or nothing: then the shortage that lasts longest. No two claims share a key."""
        assert len({claim.key for claim in claims}) == len(claims), "one claim per key"
        now = self._sane(now)
        shortages = [found for claim in claims for found in self._shortages(claim, now)]
        if shortages:
            return _worst(shortages)
        self._next += 1
        self._leases[self._next] = False
        return Lease(self._next, tuple(self._take(claim, now) for claim in claims))

    def sent(self, lease: Lease) -> None:
        """The provider has the request: from here on it is counted, and persisted, whatever becomes of this process.
        Optional; without it the request is counted when it is settled."""
        if self._leases.get(lease.id) is False:
            self._leases[lease.id] = True
            for part in lease.parts:
                self._move(part, open_less=Amounts(1), spent_more=Amounts(1))

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        """The request has ended. `spent` None: it was never sent, or failed before the provider took it: everything is
        given back. Harmless when it was settled before."""
        sent = self._leases.pop(lease.id, None)
        if sent is None:
            return
        now = self._sane(now)
        for part in lease.parts:
            actual = Amounts() if spent is None else Amounts(1, max(spent.input_tokens, 0), max(spent.output_tokens, 0))
            counted = Amounts(int(sent))
            self._move(part, open_less=part.held.minus(counted), spent_more=actual.minus(counted))
            self._running[part.key] -= 1
            for measure, lesson in self._lessons.of(part.key, now):
                lesson.give_back(lease.id, part.held.of(measure) - actual.of(measure))

    def remaining(self, key: str, bucket: Bucket, now: float) -> float:
        """The share, 0 to 1, that is left of the tightest cap (or of what the provider itself has said)."""
        now = self._sane(now)
        lessons = self._lessons.of(key, now)
        if not bucket.caps and not lessons:
            return 1.0
        amounts, share = self._amounts(key, bucket, now), 1.0
        for measure, cap in bucket.caps.items():
            left = cap - self._used(key, amounts, measure)
            share = min(share, left / cap if left > 0 else 0.0)
        for _, lesson in lessons:
            share = min(share, lesson.share)
        return share

    def usage(self, key: str, bucket: Bucket, now: float) -> dict[Measure, int]:
        """What is used of each cap, reservations included."""
        amounts = self._amounts(key, bucket, self._sane(now))
        return {measure: self._used(key, amounts, measure) for measure in bucket.caps}

    def room_at(self, claim: Claim, now: float) -> float | None:
        """Seconds until a reset makes room for `claim`: 0.0 when there is room already, None when no reset will."""
        shortages = self._shortages(claim, self._sane(now))
        return _worst(shortages).retry_after if shortages else 0.0

    def running(self, key: str) -> int:
        """How many reservations are open."""
        return self._running.get(key, 0)

    def teach(
        self, key: str, measure: Measure, remaining: int, limit: int | None, resets_at: float, now: float
    ) -> None:
        """What the provider itself has reported of `key`: no more than `remaining` passes until `resets_at` (Unix
        seconds). Of two reports of one window the lower one holds. Concurrency is not taught."""
        now = self._sane(now)
        if measure != CONCURRENT:
            self._lessons.learn(key, measure, Lesson(max(remaining, 0), limit, resets_at, now, self._next))

    def changes(self) -> list[Row]:
        """What was *spent* since the last call, as increments: whoever shares the counts adds them up. (They are below
        zero where something was given back.) Open reservations and concurrency are never among them: they die with the
        process."""
        rows = []
        for key, label in self._dirty:
            count = self._tallies[key].counts.get(label)
            if count is not None:
                new = zip(Amounts._fields, count.spent, count.saved, strict=True)
                rows += [
                    Row(key, label, measure, used - saved, count.end) for measure, used, saved in new if used != saved
                ]
                count.saved = count.spent
        self._dirty.clear()
        return rows

    def restore(self, rows: Iterable[Row], now: float) -> None:
        """Begin with persisted counts; what was spent here meanwhile comes on top. Windows that ended more than two
        days before `now` are left out; the others are kept, past ones too, for a clock that was put back. Rows that
        make no sense are left out as well."""
        for row in sorted(rows, key=lambda row: row.end):
            begun = _begin_of(row)
            if begun is None:
                continue
            self._seen = max(self._seen, begun)
            if row.measure in Amounts._fields and row.used > 0 and row.end > now - KEEP:
                self._rebase(row)

    def held(self, key: str, label: str) -> Amounts:
        """What open reservations hold of a window."""
        count = self._tally(key).counts.get(label)
        return Amounts() if count is None else count.open

    def observe(self, rows: Iterable[Row]) -> None:
        """What was spent in a window by everybody who shares the counts, this process's reported changes among it. What
        it has not reported yet comes on top."""
        for row in rows:
            self._rebase(row)

    def reported(self) -> list[Row]:
        """Everything but `changes`: what whoever shares the counts knows already."""
        return [
            Row(key, label, measure, saved, count.end)
            for key, tally in self._tallies.items()
            for label, count in tally.counts.items()
            for measure, saved in zip(Amounts._fields, count.saved, strict=True)
            if saved > 0
        ]

    def _rebase(self, row: Row) -> None:
        count = self._tally(row.key).count(row.label, row.end)
        more = Amounts(**{row.measure: row.used - count.saved.of(row.measure)})  # type: ignore[arg-type]
        count.spent, count.saved = count.spent.plus(more), count.saved.plus(more)

    def _sane(self, now: float) -> float:
        if now < CLOCK_UNSET <= self._seen:
            return self._seen
        self._seen = max(self._seen, now)
        return now

    def _shortages(self, claim: Claim, now: float) -> list[_Want]:
        """Every cap without room for `claim`."""
        bucket, lessons = claim.bucket, self._lessons.of(claim.key, now)
        if not bucket.caps and not lessons:
            return []
        wanted = claim.amounts
        amounts = self._amounts(claim.key, bucket, now)
        reset = 0.0 if bucket.window is None else self._tally(claim.key).span(bucket.window, now).end - now
        found: list[_Want] = []
        for measure, cap in bucket.caps.items():
            need = 1 if measure == CONCURRENT else wanted.of(measure)
            if self._used(claim.key, amounts, measure) + need > cap:
                found.append(_Want(bucket.id, measure, _wait(need, cap, 0.0 if measure == CONCURRENT else reset)))
        for measure, lesson in lessons:
            need = wanted.of(measure)
            if need > lesson.left:
                found.append(_Want(bucket.id, measure, _wait(need, lesson.limit, lesson.until - now)))
        return found

    def _amounts(self, key: str, bucket: Bucket, now: float) -> Amounts:
        if bucket.window is None:
            return NOTHING
        tally = self._tally(key)
        return tally.used(tally.span(bucket.window, now).label)

    def _used(self, key: str, amounts: Amounts, measure: Measure) -> int:
        return self.running(key) if measure == CONCURRENT else amounts.of(measure)

    def _take(self, claim: Claim, now: float) -> Part:
        held, label = claim.amounts, None
        if claim.bucket.window is not None:
            tally = self._tally(claim.key)
            label, _, end = tally.span(claim.bucket.window, now)
            count = tally.count(label, end)
            count.open = count.open.plus(held)
        self._running[claim.key] = self.running(claim.key) + 1
        for measure, lesson in self._lessons.of(claim.key, now):
            lesson.left -= held.of(measure)
        return Part(claim.key, label, held)

    def _move(self, part: Part, open_less: Amounts, spent_more: Amounts) -> None:
        count = None if part.label is None else self._tally(part.key).counts.get(part.label)
        if count is not None and part.label is not None:
            count.open = count.open.minus(open_less)
            count.spent = count.spent.plus(spent_more)
            self._dirty[part.key, part.label] = None

    def _tally(self, key: str) -> Tally:
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally()
        return tally


def _wait(need: int, cap: int | None, reset: float) -> float:
    return inf if cap is not None and need > cap else reset


def _begin_of(row: Row) -> float | None:
    """When the window of a row began, by its label and end; None when they do not fit each other."""
    try:
        found = span(parse(":".join(row.label.split(":", 2)[:2])), row.end - 0.5)
    except (ValueError, OverflowError):
        return None
    return found.start if found.label == row.label and found.end == row.end else None


def _worst(wants: Sequence[_Want]) -> Shortage:
    """The one that lasts longest: before that there is no room."""
    worst = max(wants, key=lambda want: want.wait)
    return Shortage(worst.bucket_id, worst.measure, worst.wait if 0 < worst.wait < inf else None)
