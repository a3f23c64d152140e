"""What llr costs, measured against a bare mitmdump reverse proxy on the same machine in the same run.

    python bench/overhead.py [--requests 3000] [--streams 1200] [--paced 200] [--rounds 15] [--json] …

Four cases: a JSON request in the provider's own dialect; a stream of 67 events in it, written as fast as they go, and
the same one event at a time, as models speak; and a JSON request that is translated (an Anthropic client on a Chat
Completions provider; mitmdump cannot translate, so its plain request is what that is measured against). For streams
mitmdump runs with `stream_large_bodies=1`: left alone it would hold them back until they are whole.

Subjects take turns within each round and medians are compared, so that a machine that slows down slows all of them.
CPU is user and system time of the proxy's process; the ratios of it do not depend on the machine. The bars are the
project's; they are shown, never enforced: the exit code is 0 unless a subject does not start or answers wrongly.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

import subjects
from load import Case, load
from subjects import Subject

WARM_UP = 50
ANSWER = b"quick brown fox"
STREAM_CONNECTIONS = 4
PACED_CONNECTIONS = 8


@dataclass(frozen=True)
class Cell:
    """One subject doing one case; what every round of it showed is in `took` and `cpu` (milliseconds a request)."""

    subject: Subject
    case: Case
    count: int
    connections: int
    took: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    async def round(self, count: int) -> None:
        before = self.subject.cpu()
        self.took.extend(1000 * took for took in await load(self.subject.port, self.case, count, self.connections))
        self.cpu.append(1000 * (self.subject.cpu() - before) / count)

    @property
    def p50(self) -> float:
        return median(self.took)

    @property
    def p99(self) -> float:
        return quantiles(self.took, n=100)[98]


@dataclass(frozen=True)
class Row:
    """A line of the table: llr's cell, the cell of mitmdump it is held against, the direct one, and the bar."""

    name: str
    direct: Cell
    mitmdump: Cell
    llr: Cell
    bar: float

    @property
    def ratio(self) -> float:
        return median(self.llr.cpu) / median(self.mitmdump.cpu)


def body(model: str, kilobytes: int, *, stream: bool) -> bytes:
    """A request of about `kilobytes`, compact as the vendors' clients write it."""
    text = "Tell me more about it, please. " * (1 + kilobytes * 1024 // 31)
    request = {"model": model, "max_tokens": 512, "messages": [{"role": "user", "content": text}], "stream": stream}
    return json.dumps(request, separators=(",", ":")).encode()


def table(args: argparse.Namespace, direct: Subject, mitmdump: Subject, streaming: Subject, llr: Subject) -> list[Row]:
    def case(prefix: str, model: str, expect: bytes, *, stream: bool = False) -> Case:
        return Case(f"{prefix}/v1/messages", body(model, args.body_kb, stream=stream), expect)

    def row(name: str, bar: float, model: str, count: int, connections: int, expect: bytes, *, stream: bool) -> Row:
        bare = case("", model, expect, stream=stream)
        routed = case("/anthropic", f"same/{model}", expect, stream=stream)
        cells = [Cell(subject, bare, count, connections) for subject in (direct, streaming if stream else mitmdump)]
        return Row(name, *cells, Cell(llr, routed, count, connections), bar)

    end = b"message_stop"
    plain = row("request, same dialect", 1.1, "m", args.requests, 1, ANSWER, stream=False)
    translated = Cell(llr, case("/anthropic", "other/m", ANSWER), args.requests, 1)
    return [
        plain,
        row("67-event stream, at once", 0.8, "m", args.streams, STREAM_CONNECTIONS, end, stream=True),
        row("67-event stream, paced", 0.8, "paced", args.paced, PACED_CONNECTIONS, end, stream=True),
        Row("request, translated", plain.direct, plain.mitmdump, translated, 1.6),
    ]


async def measure(rows: Sequence[Row], rounds: int) -> None:
    """Rounds of all cells, each cell once a round: A B C, A B C, …"""
    cells = list({id(cell): cell for row in rows for cell in (row.direct, row.mitmdump, row.llr)}.values())
    for cell in cells:
        await load(cell.subject.port, cell.case, WARM_UP, cell.connections)
    for _ in range(rounds):
        for cell in cells:
            await cell.round(max(cell.count // rounds, cell.connections))


def show(rows: Sequence[Row]) -> None:
    print(f"{'':31}  added latency, ms: p50 (p99)        CPU, ms a request")
    print(f"{'':31}  {'mitmdump':>15}  {'llr':>15}  {'mitmdump':>9} {'llr':>6}   ratio  bar")
    for row in rows:
        added = [
            f"{cell.p50 - row.direct.p50:6.2f} ({cell.p99 - row.direct.p99:6.2f})" for cell in (row.mitmdump, row.llr)
        ]
        cpu = f"{median(row.mitmdump.cpu):9.2f} {median(row.llr.cpu):6.2f}"
        verdict = "" if row.ratio <= row.bar else "  above"
        print(f"{row.name:31}  {added[0]:>15}  {added[1]:>15}  {cpu}   {row.ratio:5.2f}  ≤{row.bar}{verdict}")


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps(
        {
            row.name: {
                "ratio": round(row.ratio, 3),
                "bar": row.bar,
                **{
                    f"{cell.subject.name}_{name}": round(value, 3)
                    for cell in (row.direct, row.mitmdump, row.llr)
                    for name, value in (("p50_ms", cell.p50), ("p99_ms", cell.p99), ("cpu_ms", median(cell.cpu)))
                },
            }
            for row in rows
        },
        indent=2,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="What llr costs, against a bare mitmdump reverse proxy.")
    parser.add_argument("--requests", type=int, default=3000, help="JSON requests of each subject")
    parser.add_argument("--streams", type=int, default=1200, help="streams of each subject, events at once")
    parser.add_argument("--paced", type=int, default=200, help="streams of each subject, one event at a time")
    parser.add_argument("--rounds", type=int, default=15, help="turns that the subjects take")
    parser.add_argument("--gap-ms", type=float, default=2.0, help="between two events of a paced stream")
    parser.add_argument("--body-kb", type=int, default=4, help="size of a request")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    args = parser.parse_args()
    with ExitStack() as stack:
        direct = stack.enter_context(subjects.provider(args.gap_ms / 1000))
        mitmdump = stack.enter_context(subjects.bare_mitmdump(direct.port))
        # as it comes, mitmdump holds a stream back until it is whole: it has to be told to pass it on
        streaming = stack.enter_context(subjects.bare_mitmdump(direct.port, "--set", "stream_large_bodies=1"))
        llr = stack.enter_context(subjects.llr(direct.port))
        rows = table(args, direct, mitmdump, streaming, llr)
        asyncio.run(measure(rows, args.rounds))
    if args.json:
        print(as_json(rows))
    else:
        show(rows)


if __name__ == "__main__":
    main()
