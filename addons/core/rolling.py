"""Counts over a window that rolls along with the clock, in slots: cheap, and forgetful in small steps."""


class Rolling:
    """Two counts over the last `length` seconds (give or take one of the `slots`). `now` comes from a clock that does
    not go back; when it does, the latest slot goes on being filled."""

    __slots__ = ("_slots", "_step", "_width")

    def __init__(self, length: float, slots: int = 10) -> None:
        assert length > 0 and slots > 0, "a window has a length and at least one slot"
        self._width = slots
        self._step = length / slots
        self._slots: dict[int, list[int]] = {}

    def add(self, now: float, first: int = 0, second: int = 0) -> None:
        slot = max((int(now // self._step), *self._slots))
        counts = self._slots.setdefault(slot, [0, 0])
        counts[0] += first
        counts[1] += second
        self._drop(slot)

    def totals(self, now: float) -> tuple[int, int]:
        """Both counts of the window that ends now."""
        self._drop(int(now // self._step))
        return sum(counts[0] for counts in self._slots.values()), sum(counts[1] for counts in self._slots.values())

    def clear(self) -> None:
        self._slots.clear()

    def _drop(self, slot: int) -> None:
        for old in [known for known in self._slots if known <= slot - self._width]:
            del self._slots[old]
