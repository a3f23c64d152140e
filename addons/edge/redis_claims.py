"""What a request takes, in Redis's words: the keys of its buckets, and the reservation that it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from addons.core.limits import Claim, Measure, Shortage
from addons.core.windows import span
from addons.edge.redis_outbox import Command
from addons.edge.redis_scripts import RESERVE, digest

KEEP_SECONDS = 2 * 86_400
# the order of the caps in the script
ORDER: tuple[Measure, ...] = ("requests", "tokens", "input_tokens", "output_tokens", "concurrent")


@dataclass(frozen=True, slots=True)
class Part:
    """What a request holds of one bucket. `counts` is the key of its window in Redis, `leases` that of the places of
    those that run; `label` names the window in the ledger (None: there is none)."""

    claim: Claim
    counts: str
    leases: str
    label: str | None
    end: float

    @property
    def keep(self) -> int:
        """For how many seconds its counts are kept."""
        window = self.claim.bucket.window
        return KEEP_SECONDS + (0 if window is None else window.seconds)

    @property
    def is_leased(self) -> bool:
        return "concurrent" in self.claim.bucket.caps

    def shortage(self, measure: int, now: float) -> Shortage:
        """What the script says of it."""
        ends = None if ORDER[measure] == "concurrent" or self.label is None else self.end - now
        return Shortage(self.claim.bucket.id, ORDER[measure], ends)


@dataclass(slots=True)
class Held:
    """A reservation: whether Redis has counted it, whether it may have a lease there, whether its request was sent, and
    whether it has ended."""

    name: str
    parts: tuple[Part, ...]
    shared: bool = False
    leased: bool = False
    sent: bool = False
    over: bool = False

    def command(self, deadline: float, lease: float) -> Command:
        """Asks for it. `deadline` is in Unix seconds of Redis's clock, `lease` in seconds."""
        keys = [key for part in self.parts for key in (part.counts, part.leases)]
        numbers = [number for part in self.parts for number in _numbers(part)]
        return ("EVALSHA", digest(RESERVE), len(keys), *keys, deadline, self.name, lease, *numbers)


class Keys:
    """The names of everything in Redis."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.cooling = f"{prefix}:cooling"
        self.windows = f"{prefix}:windows"

    def rotation(self, group: str) -> str:
        return f"{self._prefix}:rotation:{group}"

    def binding(self, key: str) -> str:
        return f"{self._prefix}:binding:{key}"

    def parts(self, claims: Sequence[Claim], now: float) -> tuple[Part, ...]:
        """Those of `claims` that are shared. What a provider reports of itself has no caps, and is not."""
        return tuple(self._part(claim, now) for claim in claims if claim.bucket.caps)

    def _part(self, claim: Claim, now: float) -> Part:
        counts, leases = f"{self._prefix}:count:{claim.key}", f"{self._prefix}:leases:{claim.key}"
        if claim.bucket.window is None:
            return Part(claim, f"{counts}:none", leases, None, 0.0)
        label, _, end = span(claim.bucket.window, now)
        return Part(claim, f"{counts}:{label}", leases, label, end)


def _numbers(part: Part) -> list[int]:
    claim = part.claim
    caps = [claim.bucket.caps.get(measure, -1) for measure in ORDER]
    return [int(part.label is not None), *caps, claim.amounts.input_tokens, claim.amounts.output_tokens, part.keep]
