"""Rate-limit buckets and what is said of them: what may be used, what a request wants, holds and has spent."""

from collections.abc import Mapping
from dataclasses import dataclass

from addons.core.tally import Amounts, Measure
from addons.core.windows import Window

CONCURRENT: Measure = "concurrent"


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may be used within one window. `models` None: of every model. Raises ValueError for caps that need a
    window when there is none, and for caps below zero."""

    id: str
    caps: Mapping[Measure, int]
    window: Window | None = None
    models: frozenset[str] | None = None
    name: str = ""
    # whether each of the provider's keys has a count of its own
    per_key: bool = False

    def __post_init__(self) -> None:
        if self.window is None and any(measure != CONCURRENT for measure in self.caps):
            raise ValueError(f"bucket {self.id}: only a cap on concurrent requests goes without a window")
        if any(cap < 0 for cap in self.caps.values()):
            raise ValueError(f"bucket {self.id}: a cap is 0 or more")

    def covers(self, model_id: str) -> bool:
        return self.models is None or model_id in self.models


@dataclass(frozen=True, slots=True)
class Claim:
    """What one request wants of one bucket. `key` names the count, as in `provider:bucket:credential`; the tokens are
    estimated."""

    key: str
    bucket: Bucket
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def amounts(self) -> Amounts:
        return Amounts(1, max(self.input_tokens, 0), max(self.output_tokens, 0))


@dataclass(frozen=True, slots=True)
class Spent:
    """The tokens that a request really used."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What a lease holds of one bucket. `label` None: a bucket without a window."""

    key: str
    label: str | None
    held: Amounts


@dataclass(frozen=True, slots=True)
class Lease:
    """A granted reservation; to be settled exactly once (more often is harmless)."""

    id: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Shortage:
    """No room. `retry_after` in seconds; None: no reset will help, the request has to wait for another one to end, or
    is larger than the cap itself."""

    bucket_id: str
    measure: Measure
    retry_after: float | None
