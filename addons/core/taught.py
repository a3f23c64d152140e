"""What a provider itself has said of its limits: so much is left, until then."""

from dataclasses import dataclass, replace

from addons.core.tally import Measure
from addons.core.windows import DAY

# what says more than that of its next reset is garbage, and must not close a target for years
FURTHEST = 32 * DAY
SAME_RESET = 1.0


@dataclass(slots=True)
class Lesson:
    """`left` until `until` (Unix seconds), said at `since`; `born` is the id of the last lease that was granted before:
    later ones have been taken off `left`, the earlier ones the provider has counted itself."""

    left: int
    limit: int | None
    until: float
    since: float
    born: int

    def after(self, previous: "Lesson") -> "Lesson":
        """This lesson, held against the one before: answers overtake each other, so that of one window the lower
        report is the newer one."""
        if self.until > previous.until + SAME_RESET:
            return self
        return replace(self, left=min(self.left, previous.left), until=max(self.until, previous.until))

    def give_back(self, lease: int, amount: int) -> None:
        """`amount` of what a lease holds turned out not to be needed (more was, when below zero)."""
        if lease > self.born:
            self.left += amount

    def alive(self, now: float) -> bool:
        """Whether it still holds. A clock that was put back moves the reset along: what counts is the time between."""
        if now < self.since:
            self.until -= self.since - now
            self.since = now
        return now < self.until

    @property
    def share(self) -> float:
        """The share that is left, as far as the limit is known."""
        if self.left <= 0:
            return 0.0
        return 1.0 if not self.limit else min(self.left / self.limit, 1.0)


class Lessons:
    """The lessons by key and measure."""

    def __init__(self) -> None:
        self._by_key: dict[str, dict[Measure, Lesson]] = {}

    def learn(self, key: str, measure: Measure, lesson: Lesson) -> None:
        if lesson.until <= lesson.since:
            return
        lesson.until = min(lesson.until, lesson.since + FURTHEST)
        known = self._by_key.setdefault(key, {})
        previous = known.get(measure)
        if previous is not None and previous.alive(lesson.since):
            lesson = lesson.after(previous)
        known[measure] = lesson

    def of(self, key: str, now: float) -> list[tuple[Measure, Lesson]]:
        """What still holds; the rest is forgotten."""
        known = self._by_key.get(key)
        if not known:
            return []
        for measure in [measure for measure, lesson in known.items() if not lesson.alive(now)]:
            del known[measure]
        return list(known.items())
