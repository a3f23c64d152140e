"""CPU time that a piece of work takes, told apart from what else a busy machine does."""

import gc
import time
from collections.abc import Callable, Sequence

ROUNDS = 7

type Run = Callable[[], object]


def side_by_side(runs: Sequence[Run], rounds: int = ROUNDS) -> list[float]:
    """Seconds of CPU that each run takes at its best. They take turns, so that a machine that slows down slows all of
    them. Garbage is collected as ever, but neither another run's nor that of whatever else lives in the process."""
    best = [float("inf")] * len(runs)
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            for index, run in enumerate(runs):
                gc.collect()
                begin = time.process_time()
                run()
                best[index] = min(best[index], time.process_time() - begin)
    finally:
        gc.unfreeze()
    return best
