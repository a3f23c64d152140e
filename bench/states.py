"""What it costs to keep the state (SQLite) or to share it (Redis), against having it in memory.

    python -m bench.states [--requests 3000] [--rounds 30] [--json]

First the part of a request that the state has to do with, without any network but Redis's: whom to ask, a place in
every bucket, and what became of it; one request after the other. Then a whole request through a real `llr start`, with
each state in a router of its own: of a provider that answers at once, with limits to keep and without, and of providers
that answer after 20 ms and after 200 ms, with fewer requests. The routers take turns, so that a machine that slows down
slows all of them; what is compared is, of each turn, the median. The bar, 5 % on the median, is shown and never
enforced.

Redis is left out where there is no redis-server.
"""

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from addons import config  # noqa: E402
from addons.asked import route_of  # noqa: E402
from addons.core.events import Usage  # noqa: E402
from addons.core.health import Health  # noqa: E402
from addons.core.http import Ask  # noqa: E402
from addons.core.model import DialectName  # noqa: E402
from addons.core.plan import Plan  # noqa: E402
from addons.core.splice import JsonObject  # noqa: E402
from addons.dialects import DIALECTS  # noqa: E402
from addons.dispatch import Dispatcher  # noqa: E402
from addons.edge.clock import Clock  # noqa: E402
from addons.edge.states import BACKEND, REDIS_URL, state_of  # noqa: E402
from addons.edge.tasks import Tasks  # noqa: E402
from addons.job import Job  # noqa: E402
from addons.ledger import Ledger  # noqa: E402
from bench import subjects  # noqa: E402
from bench.load import Case, load  # noqa: E402

BAR = 1.05
WARM_UP = 100
DECISIONS = 1000
# a request that the state has much to do with: turns, two limits to keep to, a conversation to find again
SETTINGS: Mapping[str, Any] = {
    "providers": {
        "rateLimits": [
            {"requests": 10_000_000, "window": "day"},
            {"tokens": 10_000_000_000, "window": "hour"},
            {"concurrent": 1000},
        ]
    },
    "modelAliases": {"all": {"strategy": "auto", "targets": ["same/m", "same/paced"]}},
}
TEXT = "Tell me more about it, please. " * 130


def body() -> bytes:
    """A second turn of about 4 KB, compact as the vendors' clients write it."""
    turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]
    asked = {"model": "all", "max_tokens": 512, "messages": [*turns, {"role": "user", "content": TEXT}]}
    return json.dumps(asked, separators=(",", ":")).encode()


@contextmanager
def redis() -> Iterator[dict[str, str] | None]:
    """The environment that names a server of our own; None when there is none to be had."""
    if shutil.which("redis-server") is None:
        yield None
        return
    port = subjects.free_port()
    with tempfile.TemporaryDirectory(prefix="llr-bench-") as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            yield {BACKEND: "redis", REDIS_URL: f"redis://127.0.0.1:{port}/0"}
        finally:
            process.terminate()
            process.wait()


# --- the part that the state has to do with ---


def plan_of() -> Plan:
    common = {"baseUrl": "http://provider.test/v1", "apiKey": "k", "models": ["m", "paced"]}
    provider = {**common, **SETTINGS["providers"], "id": "same", "format": "claude"}
    document = {"version": 2, "providers": [provider], "modelAliases": SETTINGS["modelAliases"]}
    return config.load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)}).plan


async def deciding(plan: Plan, env: Mapping[str, str], count: int) -> tuple[float, float]:
    """Microseconds of one request: as long as it takes, and of CPU. All threads count."""
    tasks, clock = Tasks(), Clock()
    state = state_of(env, Ledger(Health(plan.cooldowns)), clock, tasks.spawn)
    await state.open()
    dispatcher = Dispatcher(state, clock, random.Random(1).random)
    await decide(plan, dispatcher, WARM_UP)
    begin, cpu = time.perf_counter(), time.process_time()
    await decide(plan, dispatcher, count)
    took = time.perf_counter() - begin, time.process_time() - cpu
    assert not state.problem, state.problem
    await state.aclose()
    return 1e6 * took[0] / count, 1e6 * took[1] / count


async def decide(plan: Plan, dispatcher: Dispatcher, count: int) -> None:
    claude, headers = DialectName.ANTHROPIC, {"content-type": "application/json"}
    for number in range(count):
        named = {**headers, "x-session-id": f"conversation {number % 50}"}
        job = Job(Ask("POST", "/v1/messages", "", named, body()), DIALECTS[claude], JsonObject(body()), "all", False)
        lineup = await dispatcher.line_up(job, route_of(plan, job, claude))
        booking = dispatcher.book(lineup, lineup.candidates[0])
        await booking.place()
        booking.committed()
        booking.ended(Usage(input=1000, output=100))


# --- a whole request ---


@dataclass(frozen=True)
class Setting:
    """What all routers are asked to do; `share` is what part of the requests it takes to measure it."""

    name: str
    settings: Mapping[str, Any]
    delay: float = 0.0
    share: float = 1.0


CASES = (
    Setting("at once", SETTINGS),
    Setting("at once, no limits", {**SETTINGS, "providers": {}}),
    Setting("after 20 ms", SETTINGS, 0.02, 0.1),
    Setting("after 200 ms", SETTINGS, 0.2, 0.03),
)


@dataclass(frozen=True)
class Cell:
    """One router. `took` are the seconds of its requests, a list a turn; `cpu` is a number a turn."""

    name: str
    subject: subjects.Subject
    took: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    async def turn(self, case: Case, count: int) -> None:
        before = self.subject.cpu()
        self.took.append(await load(self.subject.port, case, count, 1))
        self.cpu.append(1000 * (self.subject.cpu() - before) / count)

    @property
    def p50(self) -> float:
        return 1000 * median(each for turn in self.took for each in turn)

    def ratio(self, base: "Cell") -> float:
        """How much longer its requests take, turn by turn."""
        return median(median(mine) / median(its) for mine, its in zip(self.took, base.took, strict=True))


async def whole(states: Mapping[str, Mapping[str, str]], setting: Setting, requests: int, rounds: int) -> list[Cell]:
    case = Case("/anthropic/v1/messages", body(), b"quick brown fox")
    count = max(1, round(requests * setting.share / rounds))
    with ExitStack() as stack:
        provider = stack.enter_context(subjects.provider(0.0, setting.delay))
        cells = [
            Cell(name, stack.enter_context(subjects.llr(provider.port, name, setting.settings, env)))
            for name, env in states.items()
        ]
        for cell in cells:
            await load(cell.subject.port, case, max(2, round(WARM_UP * setting.share)), 1)
        for number in range(rounds):
            for cell in cells[number % len(cells) :] + cells[: number % len(cells)]:
                await cell.turn(case, count)
    return cells


def show(*, requests: int = 3000, rounds: int = 30, as_json: bool = False) -> None:
    with redis() as shared, tempfile.TemporaryDirectory(prefix="llr-bench-") as folder:
        states: dict[str, dict[str, str]] = {"memory": {BACKEND: "memory"}, "sqlite": {BACKEND: "sqlite"}}
        if shared is not None:
            states["redis"] = shared
        plan = plan_of()
        alone = {name: asyncio.run(best(plan, {"LLM_ROUTER_STATE_DIR": folder, **env})) for name, env in states.items()}
        parts(alone, as_json=as_json)
        for number, setting in enumerate(CASES):
            lines(setting, asyncio.run(whole(states, setting, requests, rounds)), as_json=as_json, head=not number)


async def best(plan: Plan, env: Mapping[str, str]) -> tuple[float, float]:
    found = [await deciding(plan, env, DECISIONS) for _ in range(3)]
    return min(took for took, _ in found), min(cpu for _, cpu in found)


def parts(alone: Mapping[str, tuple[float, float]], *, as_json: bool) -> None:
    if not as_json:
        print(f"\n{'state: its part of a request':<32}{'takes':>12}{'CPU':>12}")
    for name, (took, cpu) in alone.items():
        row = {"state": name, "us": took, "cpu_us": cpu}
        print(json.dumps(row) if as_json else f"{name:<32}{took:>9.0f} µs{cpu:>9.0f} µs", flush=True)


def lines(setting: Setting, cells: Sequence[Cell], *, as_json: bool, head: bool) -> None:
    if head and not as_json:
        print(f"\n{'state: a whole request, answered':<40}{'p50':>12}{'CPU':>12}{'p50 to memory':>18}")
    for cell in cells:
        ratio, cpu = cell.ratio(cells[0]), median(cell.cpu)
        if as_json:
            row = {"case": setting.name, "state": cell.name, "p50_ms": cell.p50, "cpu_ms": cpu, "ratio": ratio}
            print(json.dumps(row), flush=True)
            continue
        bar = "" if cell is cells[0] else f"   ≤{BAR}" + ("" if ratio <= BAR else " MISSED")
        costs = f"{cell.p50:>9.2f} ms{cpu:>9.2f} ms{ratio:>18.3f}"
        print(f"{f'{cell.name}, {setting.name}':<40}{costs}{bar}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000, help="through each router")
    parser.add_argument("--rounds", type=int, default=30, help="turns that the routers take")
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of the table")
    given = parser.parse_args()
    show(requests=given.requests, rounds=given.rounds, as_json=given.json)


if __name__ == "__main__":
    main()
