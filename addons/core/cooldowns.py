"""Which failure closes what for how long, as data, with the knobs that change the numbers.

Source of the numbers: PREDECESSOR §4.1 and §4.4. What lies with the key (billing, authentication) closes the key for
all models; what lies with the model closes the model for all keys; a rate limit and a refusal are of the pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from addons.core.errors import ErrorClass, ErrorInfo

type Scope = Literal["target", "credential", "pair"]
# what a provider's Retry-After does to the number of the table
type Heed = Literal["ignored", "instead", "at least"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The knobs; durations in seconds. The first seven have environment variables (KNOBS)."""

    fallback_cooldown: float = 45.0
    rate_limit_cooldown: float = 30.0
    billing_cooldown: float = 900.0
    auth_cooldown: float = 600.0
    policy_cooldown: float = 120.0
    circuit_failures: int = 2  # in a row; 0: there is no circuit breaker
    circuit_cooldown: float = 30.0
    circuit_share: float = 0.5  # of the outcomes in the window, once there are enough of them
    circuit_volume: int = 10
    circuit_window: float = 60.0
    probe_patience: float = 60.0  # a probe that has not reported back by then is given up
    model_cooldown: float = 3600.0
    longest_cooldown: float = 86_400.0
    window: float = 300.0  # what the health score looks back on
    slow: float = 10.0  # seconds to the first event from which on a target counts as slow


# the environment's names; those in milliseconds end in _MS
KNOBS: Mapping[str, str] = {
    "LLM_ROUTER_ORIGIN_FALLBACK_COOLDOWN_MS": "fallback_cooldown",
    "LLM_ROUTER_ORIGIN_RATE_LIMIT_COOLDOWN_MS": "rate_limit_cooldown",
    "LLM_ROUTER_ORIGIN_BILLING_COOLDOWN_MS": "billing_cooldown",
    "LLM_ROUTER_ORIGIN_AUTH_COOLDOWN_MS": "auth_cooldown",
    "LLM_ROUTER_ORIGIN_POLICY_COOLDOWN_MS": "policy_cooldown",
    "LLM_ROUTER_FALLBACK_CIRCUIT_FAILURES": "circuit_failures",
    "LLM_ROUTER_FALLBACK_CIRCUIT_COOLDOWN_MS": "circuit_cooldown",
}


@dataclass(frozen=True, slots=True)
class Rest:
    """A row: what is closed, and the field of Policy that says for how long (None: only as long as the provider
    says)."""

    scope: Scope
    knob: str | None
    retry_after: Heed = "ignored"


RESTS: Mapping[ErrorClass, Rest] = {
    ErrorClass.RATE_LIMITED: Rest("pair", "rate_limit_cooldown", "instead"),
    ErrorClass.OVERLOADED: Rest("target", None, "instead"),
    ErrorClass.TEMPORARY: Rest("target", None, "instead"),
    # a subscription that is used up says when its window resets: hours, often
    ErrorClass.BILLING: Rest("credential", "billing_cooldown", "at least"),
    ErrorClass.AUTH: Rest("credential", "auth_cooldown"),
    ErrorClass.FORBIDDEN: Rest("pair", "auth_cooldown"),
    ErrorClass.POLICY: Rest("target", "policy_cooldown"),
    ErrorClass.MODEL_NOT_FOUND: Rest("target", "model_cooldown"),
    ErrorClass.NOT_FOUND: Rest("target", "fallback_cooldown"),
    ErrorClass.CONFIGURATION: Rest("target", "fallback_cooldown"),
    ErrorClass.VRAM: Rest("target", "fallback_cooldown"),
}


@dataclass(frozen=True, slots=True)
class Where:
    """Whom an attempt asks. `credential` tells the keys of a provider apart; "" is its only one."""

    provider: str
    model: str
    credential: str = ""
    # what is known of it goes by these names; they are asked for some twenty times in a request
    target: str = field(init=False, repr=False, compare=False)
    account: str = field(init=False, repr=False, compare=False)
    pair: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        target = f"{self.provider}/{self.model}"
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "account", f"{self.provider}#{self.credential}")
        object.__setattr__(self, "pair", f"{target}#{self.credential}")

    def key(self, scope: Scope) -> str:
        return {"target": self.target, "credential": self.account, "pair": self.pair}[scope]


@dataclass(frozen=True, slots=True)
class Cooling:
    """`key` rests until `until`, in the clock that Health is asked with (a monotonic one). To be shared or persisted it
    is shifted to the wall clock: `cooling.shifted(wall - monotonic)`; and back again, by the difference at that time,
    when it is read."""

    key: str
    until: float
    cls: ErrorClass

    def shifted(self, by: float) -> "Cooling":
        return replace(self, until=self.until + by)


def cooling_for(where: Where, info: ErrorInfo, policy: Policy, now: float) -> Cooling | None:
    """The rest that a failure demands, if any; never longer than `longest_cooldown`."""
    row = RESTS.get(info.cls)
    if row is None:
        return None
    seconds = float(getattr(policy, row.knob)) if row.knob else 0.0
    said = info.retry_after
    if said is not None and said >= 0 and row.retry_after != "ignored":
        seconds = said if row.retry_after == "instead" else max(said, seconds)
    if seconds <= 0:
        return None
    return Cooling(where.key(row.scope), now + min(seconds, policy.longest_cooldown), info.cls)
