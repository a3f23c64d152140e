"""Which paths are those of AMP's own server: everything about accounts, threads and actors, but no inference.

Sources: the predecessor's list; what the public AMP proxies pass on; recordings of AMP 0.0.1770734955 to 0.0.1790142911
(`/api/user-actor-credentials`, `/actors`). The table walks whole segments: `/api/userland` is none of them.
"""

PREFIXES: tuple[str, ...] = (
    "/actors",
    "/api/ads",
    "/api/attachments",
    "/api/auth",
    "/api/docs",
    "/api/internal",
    "/api/meta",
    "/api/otel",
    "/api/settings",
    "/api/tab",
    "/api/telemetry",
    "/api/thread-actors",
    "/api/threads",
    "/api/user",
    "/api/user-actor-credentials",
    "/auth",
    "/docs",
    "/settings",
    "/threads",
)
EXACT = frozenset({"/news.rss", "/threads.rss"})

_UNDER = tuple(f"{prefix}/" for prefix in PREFIXES)
_WHOLE = frozenset(PREFIXES) | EXACT


def is_management(path: str) -> bool:
    """Whether a request for `path` (without query) belongs to AMP's server."""
    return path in _WHOLE or path.startswith(_UNDER)
