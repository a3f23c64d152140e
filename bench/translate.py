"""What translating costs, without any network: per event, per request, and how it grows.

    python bench/translate.py [--rounds 7]

Costs are CPU time, the best of several rounds. A ratio is against `json.loads` and `json.dumps` of the same bytes,
measured side by side in the same run, and does not depend on the machine. The bars are shown, never enforced here:
tests/test_translation_cost.py keeps them.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from addons.core.model import DialectName  # noqa: E402
from addons.dialects import DIALECTS  # noqa: E402
from harness import long_requests  # noqa: E402
from harness.stopwatch import ROUNDS, side_by_side  # noqa: E402
from harness.translation_work import Decoding, Encoding, Translating, growths  # noqa: E402

REPEAT = 20
MILLISECOND_BAR = 15.0
GROWTH_BAR = 1.5


@dataclass(frozen=True)
class Row:
    """A line of the table. `bar` is what `number` should stay below."""

    name: str
    cost: str
    number: float
    unit: str
    bar: float | None = None

    def __str__(self) -> str:
        verdict = "" if self.bar is None else f"   bar {self.bar:g}: {'ok' if self.number <= self.bar else 'MISSED'}"
        return f"{self.name:<76}{self.cost:>18}{self.number:>9.2f} {self.unit}{verdict}"


def event_rows(rounds: int) -> Iterator[Row]:
    """Decoding and encoding an event, dialect by dialect, over all its fixtures."""
    for dialect in DIALECTS.values():
        streams = long_requests.streams(dialect.name) or [long_requests.written(dialect, long_requests.busy_answer(5))]
        read = Decoding(dialect, streams * REPEAT)
        write = Encoding.again(dialect, streams * REPEAT)
        for word, work in (("decode", read), ("encode", write)):
            took, plain = side_by_side([work.run, work.json_of_the_same], rounds)
            yield Row(f"{word} {dialect.name}", f"{1e6 * took / work.count:.1f} µs/event", took / plain, "x json")


def growth_rows(rounds: int) -> Iterator[Row]:
    """How the cost grows over how plain JSON's does: 1 is linear."""
    for growth in growths():
        seconds, factor = growth.measured(rounds)
        yield Row(growth.name, f"{1000 * seconds:.1f} ms", factor, "x linear", GROWTH_BAR)


def request_rows(rounds: int) -> Iterator[Row]:
    """A Claude Code request of 500 KB, from its bytes to the provider's bytes."""
    for target in DIALECTS:
        if target is DialectName.ANTHROPIC:
            continue
        work = Translating(long_requests.claude_code(500_000), target)
        took, plain = side_by_side([work.run, work.json_of_the_same], rounds)
        cost = f"{took / plain:.2f} x json"
        yield Row(f"500 KB of Claude Code to {target}", cost, 1000 * took, "ms", MILLISECOND_BAR)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of the table")
    given = parser.parse_args()
    for rows in (event_rows, growth_rows, request_rows):
        for row in rows(given.rounds):
            print(json.dumps(vars(row)) if given.json else row, flush=True)


if __name__ == "__main__":
    main()
