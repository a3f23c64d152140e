"""What a router has to tell Redis, gathered until the next round trip."""

from collections.abc import Iterable
from dataclasses import dataclass, field

type Command = tuple[str | int | float, ...]

# places that wait while Redis is away; the oldest are given up
WAITING = 20_000


@dataclass(slots=True)
class Outbox:
    """What is to be told. `sets` are commands of which the last one of a place holds; `moves` and `counts` add up."""

    sets: dict[Command, Command] = field(default_factory=dict)
    moves: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    # keys to be kept, and for how many seconds
    kept: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sets or self.moves or self.counts)

    def set(self, place: Command, *command: str | int | float) -> None:
        self.sets.pop(place, None)
        self.sets[place] = command
        if len(self.sets) > WAITING:
            del self.sets[next(iter(self.sets))]

    def move(self, key: str, name: str, by: float, keep: int) -> None:
        self.moves[key, name] = self.moves.get((key, name), 0.0) + by
        self.kept[key] = keep

    def count(self, key: str, measure: str, by: int, keep: int) -> None:
        self.counts[key, measure] = self.counts.get((key, measure), 0) + by
        self.kept[key] = keep

    def commands(self) -> Iterable[Command]:
        yield from self.sets.values()
        for (key, name), by in self.moves.items():
            yield "HINCRBYFLOAT", key, name, repr(by)
        for (key, measure), more in self.counts.items():
            yield "HINCRBY", key, measure, more
        for key, seconds in self.kept.items():
            yield "EXPIRE", key, seconds
