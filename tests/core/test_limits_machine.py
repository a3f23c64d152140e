"""Specification of addons/core/limits.py as a state machine: buckets × windows × clocks that jump × reserving,
settling, giving back and restarting. Never over a cap, never a leak."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from addons.core.buckets import Bucket, Claim, Lease, Shortage, Spent
from addons.core.limits import KEEP, Counters, Row
from addons.core.tally import Measure
from addons.core.windows import Window, span

NOW = 1_795_248_611.0
DAY = 86_400.0

BUCKETS = (
    Bucket("rpm", {"requests": 3}, Window("minute")),
    Bucket("tpm", {"tokens": 60, "input_tokens": 50}, Window("minute", 2)),
    Bucket("rpd", {"requests": 6, "concurrent": 3}, Window("day")),
    Bucket("tpmo", {"output_tokens": 150}, Window("month")),
    Bucket("width", {"concurrent": 2}),
)
TOKENS = st.integers(0, 40)


@dataclass
class Held:
    """The model's idea of a lease."""

    lease: Lease
    claims: list[tuple[Claim, str]]
    sent: bool = False


class LimitsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.counters = Counters()
        self.now = NOW
        self.held: list[Held] = []
        self.spent: Counter[tuple[str, str, str]] = Counter()
        self.disk: dict[tuple[str, str, str], Row] = {}

    # --- the model ---

    def label(self, bucket: Bucket) -> str:
        return "" if bucket.window is None else span(bucket.window, self.now).label

    def used(self, key: str, label: str, measure: Measure) -> int:
        if measure == "concurrent":
            return sum(key == claim.key for held in self.held for claim, _ in held.claims)
        if measure == "tokens":
            return self.used(key, label, "input_tokens") + self.used(key, label, "output_tokens")
        held = sum(
            want(claim, measure)
            for held in self.held
            for claim, its in held.claims
            if (claim.key, its) == (key, label) and not (held.sent and measure == "requests")
        )
        return held + self.spent[key, label, measure]

    def fits(self, claim: Claim) -> bool:
        label = self.label(claim.bucket)
        return all(
            self.used(claim.key, label, measure) + want(claim, measure) <= cap
            for measure, cap in claim.bucket.caps.items()
        )

    def count(self, held: Held, amounts: dict[str, int]) -> None:
        for claim, label in held.claims:
            for measure, amount in amounts.items():
                self.spent[claim.key, label, measure] += amount

    # --- what can happen ---

    @initialize(hours=st.integers(0, 24 * 40))
    def begin_anywhere_in_the_calendar(self, hours: int) -> None:
        self.now += 3600.0 * hours

    @rule(seconds=st.sampled_from([0.1, 20.0, 61.0, 3600.0, DAY, -0.5, -30.0, -61.0, -3600.0, -DAY]))
    def the_clock_moves(self, seconds: float) -> None:
        self.now += seconds

    @rule(chosen=st.sets(st.sampled_from(range(len(BUCKETS))), min_size=1), tokens_in=TOKENS, tokens_out=TOKENS)
    def reserve(self, chosen: set[int], tokens_in: int, tokens_out: int) -> None:
        claims = [Claim(f"p:{BUCKETS[n].id}", BUCKETS[n], tokens_in, tokens_out) for n in sorted(chosen)]
        fit = all(map(self.fits, claims))
        room = [self.counters.room_at(claim, self.now) for claim in claims]
        answer = self.counters.reserve(claims, self.now)
        if isinstance(answer, Lease):
            assert fit and room == [0.0] * len(claims)
            self.held.append(Held(answer, [(claim, self.label(claim.bucket)) for claim in claims]))
        else:
            assert not fit
            self.promise_is_kept(answer, claims)

    def promise_is_kept(self, shortage: Shortage, claims: list[Claim]) -> None:
        """After the wait no window stands in the way any more, unless it was used before (the clock has jumped)."""
        if shortage.retry_after is None:
            return
        later = self.now + shortage.retry_after
        used = {label for _, label, _ in self.spent} | {label for held in self.held for _, label in held.claims}
        for claim in claims:
            window = claim.bucket.window
            if window is None or span(window, later).label in used:
                continue
            wait = self.counters.room_at(claim, later)
            assert wait is None or wait == 0.0 or "concurrent" in claim.bucket.caps

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def the_provider_has_it(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.held))
        self.counters.sent(held.lease)
        if not held.sent:
            held.sent = True
            self.count(held, {"requests": 1})

    @precondition(lambda self: self.held)
    @rule(data=st.data(), shares=st.none() | st.tuples(st.floats(0, 2), st.floats(0, 2)), again=st.booleans())
    def settle(self, data: st.DataObject, shares: tuple[float, float] | None, again: bool) -> None:
        """With what was spent, or (None) giving back everything; a second time is harmless."""
        held = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        first, spent = held.claims[0][0], None
        self.count(held, {"requests": -int(held.sent)})
        if shares is not None:
            spent = Spent(int(first.input_tokens * shares[0]), int(first.output_tokens * shares[1]))
            used = {"requests": 1, "input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens}
            self.count(held, used)
        self.counters.settle(held.lease, spent, self.now)
        if again:
            self.counters.settle(held.lease, data.draw(st.sampled_from([None, Spent(5, 5)])), self.now)

    def save(self) -> None:
        for row in self.counters.changes():
            place = row.key, row.label, row.measure
            known = self.disk[place].used if place in self.disk else 0
            self.disk[place] = row._replace(used=known + row.used)

    @precondition(lambda self: self.spent)
    @rule()
    def restart(self) -> None:
        """Everything was saved; the leases of the process that died are settled by nobody, old rows are deleted."""
        self.save()
        self.counters = Counters()
        self.counters.restore(self.disk.values(), self.now)
        self.disk = {at: row for at, row in self.disk.items() if row.end > self.now - KEEP}
        self.spent = Counter({at: used for at, used in self.spent.items() if at in self.disk})
        self.held = []

    # --- what always holds ---

    @invariant()
    def what_remains_is_what_the_model_says(self) -> None:
        for bucket in BUCKETS:
            key, label = f"p:{bucket.id}", self.label(bucket)
            shares = [max(cap - self.used(key, label, measure), 0) / cap for measure, cap in bucket.caps.items()]
            assert abs(self.counters.remaining(key, bucket, self.now) - min(shares)) < 1e-9

    @invariant()
    def nothing_leaks(self) -> None:
        for bucket in BUCKETS:
            key = f"p:{bucket.id}"
            assert self.counters.running(key) == self.used(key, "", "concurrent")

    def teardown(self) -> None:
        for held in self.held:
            self.counters.settle(held.lease, None, self.now)
            self.count(held, {"requests": -1 if held.sent else 0})
        self.held = []
        self.save()
        assert all(self.counters.running(f"p:{bucket.id}") == 0 for bucket in BUCKETS)
        kept = {at: row.used for at, row in self.disk.items() if self.spent[at]}
        assert kept == {at: used for at, used in self.spent.items() if used and at[1]}


def want(claim: Claim, measure: str) -> int:
    wanted = {"requests": 1, "concurrent": 1, "input_tokens": claim.input_tokens, "output_tokens": claim.output_tokens}
    return wanted.get(measure, claim.input_tokens + claim.output_tokens)


class TestLimits(LimitsMachine.TestCase):  # type: ignore[misc]  # made by hypothesis
    """Promise 52."""

    settings = settings(max_examples=max(200, settings().max_examples), stateful_step_count=50, deadline=None)
