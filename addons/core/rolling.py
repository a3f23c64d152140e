"""Counts over a window that rolls along with the clock, in slots: cheap, and forgetful in small steps."""


class Rolling:
    """Two counts over the last `length` seconds (give or take one of the `slots`). `now` comes from a clock that does
    not go back; when it does, the latest slot goes on being filled."""

    __slots__ = ("_latest", "_slots", "_step", "_width")

    def __init__(self, length: float, slots: int = 10) -> None:
        assert length > 0 and slots > 0, "a window has a length and at least one slot"
        self._width = slots
        self._step = length / slots
        self._latest = 0
        self._slots: dict[int, list[int]] = {}  # in their order, the latest last

    def add(self, now: float, first: int = 0, second: int = 0) -> None:
        slot = int(now // self._step)
        if slot > self._latest or not self._slots:
            self._latest = slot
            self._drop(slot)
        counts = self._slots.setdefault(self._latest, [0, 0])
        counts[0] += first
        counts[1] += second

    def totals(self, now: float) -> tuple[int, int]:
        """Both counts of the window that ends now."""
        self._drop(int(now // self._step))
        one = other = 0
        for first, second in self._slots.values():
            one += first
            other += second
        return one, other

    def clear(self) -> None:
        self._slots.clear()

    def _drop(self, slot: int) -> None:
        while self._slots:
            oldest = next(iter(self._slots))
            if oldest > slot - self._width:
                return
            del self._slots[oldest]
