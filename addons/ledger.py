"""Everything that one router knows of its targets, in memory: counts, health, rotations, conversations, windows.

Every `now` is in Unix seconds of the router's clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from addons.core.affinity import Bindings
from addons.core.buckets import Claim, Lease, Shortage, Spent
from addons.core.cooldowns import Cooling
from addons.core.health import Health
from addons.core.limits import Counters
from addons.core.provider_limits import SubscriptionWindow, urgency
from addons.core.strategy import Currents


@dataclass(slots=True)
class Ledger:
    health: Health
    counters: Counters = field(default_factory=Counters)
    bindings: Bindings = field(default_factory=Bindings)
    rotations: dict[str, Currents] = field(default_factory=dict)
    # what a provider says of its subscription, by credential
    windows: dict[str, tuple[SubscriptionWindow, ...]] = field(default_factory=dict)
    # when a credential was last used
    used: dict[str, float] = field(default_factory=dict)

    def urgency(self, credential: str, now: float) -> float:
        return urgency(self.windows.get(credential, ()), now)


class State:
    """The ledger of this process alone; what is kept or shared is kept and shared by subclasses.

    A request waits for nothing but `refresh` and `confirm`; everything else returns at once. None of them raises: a
    store that fails makes the router go on by its own ledger.
    """

    backend = "memory"

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    @property
    def problem(self) -> str:
        """Why what is known is not kept or not shared; empty when all is well."""
        return ""

    async def open(self) -> None:
        """Begins with what was kept."""

    async def refresh(self, groups: Sequence[str], conversation: Sequence[str], claims: Sequence[Claim]) -> None:
        """Brings what others know into the ledger, as far as a choice among `claims` needs it."""

    def take(self, claims: Sequence[Claim], now: float) -> Lease | Shortage:
        """A place as far as this router knows; whoever shares the counts is being asked from here on."""
        return self.ledger.counters.reserve(claims, now)

    async def confirm(self, lease: Lease, now: float) -> Lease | Shortage:
        """What those who share the counts say of a place that was taken. Where there is none after all, or nobody waits
        for it any more, it is settled."""
        return lease

    async def reserve(self, claims: Sequence[Claim], now: float) -> Lease | Shortage:
        """Both at once."""
        found = self.take(claims, now)
        return found if isinstance(found, Shortage) else await self.confirm(found, now)

    def sent(self, lease: Lease) -> None:
        self.ledger.counters.sent(lease)

    def settle(self, lease: Lease, spent: Spent | None, now: float) -> None:
        self.ledger.counters.settle(lease, spent, now)

    def rotate(self, moved: Mapping[str, Currents]) -> None:
        self.ledger.rotations.update(moved)

    def bind(self, keys: tuple[str, ...], ref: str, now: float, ttl: float) -> None:
        self.ledger.bindings.bind(keys, ref, now, ttl)

    def cooled(self, coolings: Sequence[Cooling]) -> None:
        """`coolings` were learnt here: the ledger has them already."""

    def recovered(self, key: str) -> None:
        """`key` answered well: whatever cooled it is over."""

    def observed(self, credential: str, windows: tuple[SubscriptionWindow, ...]) -> None:
        self.ledger.windows[credential] = windows

    async def aclose(self) -> None:
        """Keeps what is not kept yet."""
