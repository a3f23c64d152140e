"""Where AMP's own server is, and who may reach it through the router."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AmpUpstream:
    """`url` is the server's base (None: there is none to pass requests on to), `key` the key that is sent to it in the
    place of the client's. `restrict_to_localhost` keeps the management paths for clients of this machine;
    `strip_features` are flags that a user's description is freed from."""

    url: str | None = None
    key: str | None = field(repr=False, default=None)
    restrict_to_localhost: bool = False
    strip_features: tuple[str, ...] = ()
