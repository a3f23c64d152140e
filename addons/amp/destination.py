"""Where a request for AMP's server goes. The configuration alone says it: of what a client sends, only the path and
the query are taken, and both only ever stand behind the host."""

from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

from addons.core.gateway_key import QUERY_FIELDS

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Destination:
    """A server, and the path below which it answers (without a slash at its end)."""

    scheme: str
    host: str
    port: int
    base: str = ""

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    @property
    def authority(self) -> str:
        """As it stands in a Host header (RFC 9110, section 4.2: without the scheme's own port)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def target(self, target: str) -> str:
        """The request target there, for the `target` (path and query) that a client asked for. Fields of the query
        that may carry a key are left out."""
        path, mark, query = target.partition("?")
        # `//evil.example/` would be a host to whoever reads it as a reference
        path = self.base + "/" + path.lstrip("/")
        fields = query.split("&")
        kept = [field for field in fields if unquote_plus(field.partition("=")[0]) not in QUERY_FIELDS]
        return f"{path}?{'&'.join(kept)}" if mark and kept else path


def destination(url: str | None) -> Destination | None:
    """The server that `url` names; None when it is no http(s) URL with a host. User information, query and fragment
    are dropped."""
    try:
        parts = urlsplit((url or "").strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host:
        return None
    return Destination(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"))
