"""What a request takes, in Redis's words: the keys of its buckets, and the reservation that it asks for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from addons.core.buckets import Bucket, Claim, Shortage
from addons.core.tally import Amounts, Measure
from addons.core.windows import span
from addons.edge.redis_scripts import RESERVE, digest
from addons.edge.redis_wire import words

KEEP_SECONDS = 2 * 86_400
# the order of the caps in the script
ORDER: tuple[Measure, ...] = ("requests", "tokens", "input_tokens", "output_tokens", "concurrent")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket in Redis. `counts` is the key of its window, `leases` that of the places of those that run; `label`
    names the window in the ledger (None: there is none), which lasts from `start` to `end`. `keys` and `caps` are what
    the script is told of it, packed."""

    key: str
    bucket: Bucket
    counts: str
    leases: str
    label: str | None
    start: float
    end: float
    keep: int
    keys: bytes
    caps: bytes

    @property
    def is_leased(self) -> bool:
        return "concurrent" in self.bucket.caps


@dataclass(frozen=True, slots=True)
class Part:
    """What a request holds of one bucket."""

    place: Place
    wanted: Amounts

    def shortage(self, measure: int, now: float) -> Shortage:
        """What the script says of it."""
        place = self.place
        ends = None if ORDER[measure] == "concurrent" or place.label is None else place.end - now
        return Shortage(place.bucket.id, ORDER[measure], ends)


# what has no room, as the script says it: the number of the bucket, and that of its measure
type Refused = tuple[int, int]


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
    # what Redis says of it, when that comes; None: it has yet to be asked
    answer: "asyncio.Future[Refused | None] | None" = None

    def command(self, deadline: float, lease: float) -> bytes:
        """Asks for it, packed. `deadline` is in Unix seconds of Redis's clock, `lease` in seconds."""
        parts = self.parts
        count = 3 + 2 * len(parts) + 3 + 9 * len(parts)
        keys = b"".join([part.place.keys for part in parts])
        tokens = [part.place.caps + words(part.wanted.input_tokens, part.wanted.output_tokens) for part in parts]
        begin = b"*%d\r\n%b%b" % (count, _RESERVE, words(2 * len(parts)))
        return begin + keys + words(deadline, self.name, lease) + b"".join(tokens)


_RESERVE = words("EVALSHA", digest(RESERVE))


class Keys:
    """The names of everything in Redis."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._places: dict[str, Place] = {}
        self.cooling = f"{prefix}:cooling"
        self.windows = f"{prefix}:windows"

    def rotation(self, group: str) -> str:
        return f"{self._prefix}:rotation:{group}"

    def binding(self, key: str) -> str:
        return f"{self._prefix}:binding:{key}"

    def parts(self, claims: Sequence[Claim], now: float) -> tuple[Part, ...]:
        """Those of `claims` that are shared. What a provider reports of itself has no caps, and is not."""
        return tuple([Part(self._place(claim, now), claim.amounts) for claim in claims if claim.bucket.caps])

    def places(self, claims: Sequence[Claim], now: float) -> tuple[Place, ...]:
        """Where those of `claims` are counted that are, each once."""
        found = {claim.key: self._place(claim, now) for claim in claims if claim.bucket.window is not None}
        return tuple(place for place in found.values() if place.bucket.caps)

    def _place(self, claim: Claim, now: float) -> Place:
        known = self._places.get(claim.key)
        if known is None or known.bucket is not claim.bucket or not known.start <= now < known.end:
            known = self._places[claim.key] = self._made(claim.key, claim.bucket, now)
        return known

    def _made(self, key: str, bucket: Bucket, now: float) -> Place:
        counts, leases = f"{self._prefix}:count:{key}", f"{self._prefix}:leases:{key}"
        label, start, end, keep = None, -inf, inf, KEEP_SECONDS
        if bucket.window is not None:
            label, start, end = span(bucket.window, now)
            keep += bucket.window.seconds
        counts = f"{counts}:{label or 'none'}"
        caps = words(int(label is not None), *(bucket.caps.get(measure, -1) for measure in ORDER), keep)
        return Place(key, bucket, counts, leases, label, start, end, keep, words(counts, leases), caps)
