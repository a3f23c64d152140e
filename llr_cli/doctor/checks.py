"""What a check finds, and what it looks at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from addons.core.plan import Plan
    from addons.edge.instance import Instance

# note: worth knowing, nothing to mend; skipped: it was not looked at
type State = Literal["ok", "note", "skipped", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row. `mend` is what a person can do about it, a command wherever there is one."""

    check: str
    state: State
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined: a configuration and a port, with the routers that run. `env` has what the router at the port
    was started with, `own` is this shell's. `plan` is None when the configuration cannot be used: `problems` say why.
    `version` is that of this llr."""

    env: Mapping[str, str]
    config: Path | None
    port: int
    instances: "tuple[Instance, ...]" = ()
    offline: bool = False
    plan: "Plan | None" = None
    problems: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    @property
    def instance(self) -> "Instance | None":
        """The router at the port."""
        return next((each for each in self.instances if each.port == self.port), None)


type Check = Callable[[Subject], Iterable[Finding]]
