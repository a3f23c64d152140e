"""The hosts that a forward proxy routes, and which of their paths the engine knows. Tables; nothing is looked up.

A tool that is logged in with its own account talks to its vendor's host. What asks a model there is given to the engine
under the path that the engine has for it; everything else goes on to the host that the tool meant.

Sources: the vendors' API references; Codex's `chatgpt.com/backend-api/codex` and AMP's paths as observed in the tools.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from addons.core import endpoints
from addons.core.endpoints import Kind
from addons.core.guard import Authority


class Treatment(StrEnum):
    """What becomes of a host: its requests are routed; decrypted, but left alone; or not even decrypted."""

    ROUTE = "route"
    PASS = "pass"
    TUNNEL = "tunnel"


@dataclass(frozen=True, slots=True)
class Site:
    """Hosts of one vendor. `host` may be a name or, with a leading `*`, the end of one; what `path` matches is known to
    the engine as `known_as`."""

    host: str
    path: re.Pattern[str]
    known_as: str = r"\g<0>"

    def covers(self, host: str) -> bool:
        return host.endswith(self.host[1:]) if self.host.startswith("*") else host == self.host


_GOOGLE = r"/(?:v1|v1alpha|v1beta1?)/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?models/[^/]+:\w+"
AMP_HOST = "ampcode.com"

SITES: tuple[Site, ...] = (
    Site("api.anthropic.com", re.compile(r"/v1/messages(?:/count_tokens)?")),
    Site(
        "api.openai.com",
        re.compile(r"/v1/(?:responses(?:/input_tokens)?|chat/completions|completions|embeddings)"),
    ),
    Site("chatgpt.com", re.compile(r"/backend-api/codex/(responses)"), r"/v1/\1"),
    Site("generativelanguage.googleapis.com", re.compile(_GOOGLE)),
    Site("aiplatform.googleapis.com", re.compile(_GOOGLE)),
    Site("*-aiplatform.googleapis.com", re.compile(_GOOGLE)),
    Site(AMP_HOST, re.compile(r"/api/provider/.+")),
)
# for a host of the configuration's own: whatever stands before the version belongs to the host
_ANY = Site("*", re.compile(r"(?:/.*?)??(/v1(?:alpha|beta1?)?/.+)"), r"\1")
_ASKING = frozenset({Kind.GENERATE, Kind.COUNT, Kind.EMBEDDINGS})


@dataclass(frozen=True, slots=True)
class ProxyPlan:
    """What the configuration says of the forward proxy: how single hosts are treated, in spite of the table, and which
    addresses of this machine or its link may be reached through it. `routes`: else what would be routed passes."""

    hosts: Mapping[Authority, Treatment] = field(default_factory=dict)
    allow: frozenset[Authority] = frozenset()
    routes: bool = True

    def treatment(self, host: str, port: int) -> Treatment:
        """How `host`, a name or an address in brackets if it is IPv6, is treated."""
        name = host.lower()
        said = self.hosts.get(Authority(name, port)) or self.hosts.get(Authority(name))
        if said is None:
            said = Treatment.ROUTE if any(site.covers(name) for site in SITES) else Treatment.TUNNEL
        return Treatment.PASS if said is Treatment.ROUTE and not self.routes else said


def engine_path(host: str, method: str, path: str) -> str | None:
    """The path under which the engine knows a request to `host`; None when it asks no model, and so is not the
    engine's. A WebSocket is opened by GET, and is known by what `POST` would be."""
    name = host.lower()
    site = next((each for each in SITES if each.covers(name)), _ANY)
    found = site.path.fullmatch(path)
    if found is None or method not in ("POST", "GET"):
        return None
    known_as = found.expand(site.known_as)
    endpoint = endpoints.find("POST", known_as)
    return known_as if endpoint is not None and endpoint.kind in _ASKING else None
