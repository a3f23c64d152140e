"""What the router searches the web with: the services of the configuration, resolved."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from addons.core.buckets import Bucket

if TYPE_CHECKING:
    from addons.core.plan import Candidate

type ServiceKind = Literal["brave", "tavily", "exa", "searxng", "hosted"]
type SearchStrategy = Literal["ordered", "quota-balance"]


@dataclass(frozen=True, slots=True)
class SearchService:
    """`id` is its word in the configuration: of one that a provider hosts, the `provider/model` that `target` is.
    `count` is how many results it is asked for; `quota` what it may be asked in a month. `remaining` is what of the
    quota was left when the configuration was read."""

    id: str
    kind: ServiceKind
    key: str | None = field(default=None, repr=False)
    url: str | None = None
    count: int = 5
    quota: Bucket | None = None
    remaining: int | None = None
    target: "Candidate | None" = None


@dataclass(frozen=True, slots=True)
class WebSearch:
    """`services` are asked in the order of `strategy`; without any the router searches nothing. `intercepts`: whether
    the searches that AMP asks its own server for are answered here. `claude_code` comes first where Claude Code
    searches."""

    services: tuple[SearchService, ...] = ()
    strategy: SearchStrategy = "ordered"
    count: int = 5
    intercepts: bool = False
    claude_code: SearchService | None = None
