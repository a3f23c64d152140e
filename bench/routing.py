"""What deciding costs, without any network: one order of asking, by strategy and by number of targets.

    python -m bench.routing [--rounds 7] [--json]

The last row is the whole of it: conditions gathered, limits and cooldowns looked at, then the order. Costs are CPU time
of one decision, the best of several rounds. The ratio is that of the larger number of targets to
the smaller, over how many more they are: 1 is linear. The bars are shown, never enforced here.

Then what keeping or sharing the state costs; see bench/states.py, which can be run alone.
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from addons.core.cooldowns import Policy  # noqa: E402
from addons.core.health import Health  # noqa: E402
from addons.core.http import Ask  # noqa: E402
from addons.core.model import DialectName  # noqa: E402
from addons.core.ordering import Condition, Group, Member, Rotations, order  # noqa: E402
from addons.core.plan import Candidate, Model, Provider, Route  # noqa: E402
from addons.core.splice import JsonObject  # noqa: E402
from addons.core.strategy import Strategy  # noqa: E402
from addons.dialects import DIALECTS  # noqa: E402
from addons.dispatch import Dispatcher  # noqa: E402
from addons.job import Job  # noqa: E402
from addons.ledger import Ledger, State  # noqa: E402
from bench import states  # noqa: E402
from harness.stopwatch import ROUNDS, Run, side_by_side  # noqa: E402

CHAT = DialectName.CHAT
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy.__value__)
FEW, MANY = 5, 500
# decisions in a round
REPEAT = {FEW: 2000, MANY: 20}
# microseconds
BARS = {FEW: 50.0, MANY: 3000.0}
WHOLE_BARS = {FEW: 200.0, MANY: 10_000.0}
GROWTH_BAR = 1.5


@dataclass(frozen=True)
class Row:
    """A line of the table: microseconds with few and with many targets."""

    name: str
    few: float
    many: float
    bars: Mapping[int, float]

    @property
    def ratio(self) -> float:
        return self.many / self.few / (MANY / FEW)

    def __str__(self) -> str:
        kept = self.few <= self.bars[FEW] and self.many <= self.bars[MANY] and self.ratio <= GROWTH_BAR
        costs = f"{self.few:>9.1f} µs{self.many:>9.0f} µs{self.ratio:>9.2f} x linear"
        return f"{self.name:<34}{costs}   {'ok' if kept else 'MISSED'}"


def candidates(count: int) -> list[Candidate]:
    provider = Provider("some-provider", "some-provider", (CHAT,), {CHAT: "http://provider.test"}, ())
    return [Candidate(provider, Model(f"a-model-{n}"), CHAT) for n in range(count)]


def flat(strategy: Strategy, count: int) -> Group:
    return Group("fast", strategy, tuple(Member(each, 1.0 + n % 3) for n, each in enumerate(candidates(count))))


def nested(strategy: Strategy, count: int) -> Group:
    """Fives in fives, as deep as it takes: each inner group has four targets and a fallback."""
    tree, level = [Member(each) for each in candidates(count)], 0
    while level == 0 or len(tree) > 5:
        fives = [tree[start : start + 5] for start in range(0, len(tree), 5)]
        inner = [Group(f"{level}-{n}", strategy, tuple(five[:4]), tuple(five[4:])) for n, five in enumerate(fives)]
        tree, level = [Member(each, 2.0) for each in inner], level + 1
    return Group("fast", strategy, tuple(tree))


def conditions(count: int) -> Mapping[str, Condition]:
    """Of ten targets one is cooling down, and another one was never heard of."""
    rng = random.Random(1)
    return {
        each.ref: Condition(
            capacity=rng.random(),
            health=0.05 + 0.95 * rng.random(),
            latency=rng.random(),
            busy=rng.randrange(9),
            excluded="cooling:rate_limited" if n % 10 == 4 else None,
            returns=30.0,
            revivable=True,
        )
        for n, each in enumerate(candidates(count))
        if n % 10 != 3
    }


def deciding(tree: Group, known: Mapping[str, Condition], times: int, bound: str | None = None) -> Run:
    """`times` decisions, each of which moves the rotation that the next one finds."""
    chance = random.Random(2).random

    def run() -> None:
        currents: Rotations = {}
        for _ in range(times):
            currents = {**currents, **order(tree, known, currents, chance, bound).currents}

    return run


def lining_up(count: int, times: int) -> Run:
    """`times` line-ups for a Chat client's request, by a router that knows nothing of its targets yet."""
    known = tuple(candidates(count))
    group = Group("fast", "auto", tuple(map(Member, known)))
    route = Route("fast", "alias", "fast", "auto", known, group=group)
    body = json.dumps({"model": "fast", "messages": [{"role": "user", "content": "Tell me more. " * 300}]}).encode()
    job = Job(Ask("POST", "/v1/chat/completions", "", {}, body), DIALECTS[CHAT], JsonObject(body), "fast", False)
    clock = itertools.count(1_800_000_000.0, 0.01).__next__
    dispatcher = Dispatcher(State(Ledger(Health(Policy()))), clock, random.Random(2).random)

    async def line_up() -> None:
        for _ in range(times):
            await dispatcher.line_up(job, route)

    return lambda: asyncio.run(line_up())


def measured(name: str, few: Group, many: Group, rounds: int, bound: str | None = None) -> Row:
    trees = {FEW: few, MANY: many}
    runs = [deciding(tree, conditions(count), REPEAT[count], bound) for count, tree in trees.items()]
    return Row(name, *_each(runs, rounds), BARS)


def _each(runs: list[Run], rounds: int) -> list[float]:
    """Microseconds of one decision, with few targets and with many."""
    return [1e6 * took / REPEAT[count] for count, took in zip((FEW, MANY), side_by_side(runs, rounds), strict=True)]


def rows(rounds: int) -> Iterator[Row]:
    for strategy in STRATEGIES:
        yield measured(strategy, flat(strategy, FEW), flat(strategy, MANY), rounds)
    yield measured("auto, nested", nested("auto", FEW), nested("auto", MANY), rounds)
    bound = candidates(FEW)[2].ref
    yield measured("auto, bound conversation", flat("auto", FEW), flat("auto", MANY), rounds, bound)
    yield Row(
        "auto, the whole line-up",
        *_each([lining_up(count, REPEAT[count]) for count in (FEW, MANY)], rounds),
        WHOLE_BARS,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of the table")
    given = parser.parse_args()
    if not given.json:
        print(f"{'one decision':<34}{f'{FEW} targets':>12}{f'{MANY} targets':>12}")
    for row in rows(given.rounds):
        print(
            json.dumps({"name": row.name, "few": row.few, "many": row.many, "ratio": row.ratio}) if given.json else row,
            flush=True,
        )
    states.show(as_json=given.json)


if __name__ == "__main__":
    main()
