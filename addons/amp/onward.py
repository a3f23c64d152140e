"""The headers of what is passed on to AMP's server, and of what comes back.

AMP's client talks to its own server, so nearly everything travels, its cookies included. What does not: credentials
that the server is not meant to see, what names other hops, and what belongs to one connection (RFC 9110, 7.6.1).

A key in the configuration takes the place of the client's. Without one, the client's own `Authorization` travels,
because it is its own account that it talks to; the router's masterKey never does.
"""

from addons.core.gateway_key import admits
from addons.core.hops import UPGRADE, Fields, for_one_connection, wants_websocket

CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"x-goog-api-key"})
_HOPS = frozenset({b"forwarded", b"via", b"x-real-ip", b"true-client-ip"})
_HOP_PREFIXES = (b"x-forwarded-", b"cf-", b"sec-", b"x-llm-router-")
# the handshake of a WebSocket, which the two ends make with each other
_HANDSHAKE = b"sec-websocket-"
_REFUSED_IN_ANSWERS = (b"x-llm-router-", b"access-control-")


def request_fields(fields: Fields, authority: str, key: str | None, master_key: str | None) -> Fields:
    """The headers of a request as AMP's server gets them; the length and the coding of its body stay."""
    upgrading = wants_websocket(fields)
    one_hop = for_one_connection(fields)
    kept = tuple((name, value) for name, value in fields if not _stays_here(name.lower(), one_hop))
    own: Fields = tuple((name, value) for name, value in fields if _is_own(name, value, key, master_key))
    given: Fields = ()
    if key is not None:
        secret = key.encode("utf-8", "surrogateescape")
        given = ((b"Authorization", b"Bearer " + secret), (b"x-api-key", secret))
    host = ((b"Host", authority.encode("idna" if not authority.isascii() else "ascii")),)
    return (*host, *kept, *own, *given, *(UPGRADE if upgrading else ()))


def response_fields(fields: Fields, *, upgraded: bool) -> Fields:
    """The headers of an answer as the client gets them; its framing stays. `upgraded`: it opens a WebSocket."""
    one_hop = for_one_connection(fields)
    kept = tuple(
        (name, value)
        for name, value in fields
        if name.lower() not in one_hop and not name.lower().startswith(_REFUSED_IN_ANSWERS)
    )
    return (*kept, *UPGRADE) if upgraded else kept


def _stays_here(name: bytes, one_hop: frozenset[bytes]) -> bool:
    return (
        name == b"host"
        or name in CREDENTIALS
        or name in _HOPS
        or name in one_hop
        or (name.startswith(_HOP_PREFIXES) and not name.startswith(_HANDSHAKE))
    )


def _is_own(name: bytes, value: bytes, key: str | None, master_key: str | None) -> bool:
    """Whether a header is the credential with which a client talks to its own account."""
    if key is not None or name.lower() != b"authorization":
        return False
    return not (master_key and admits(master_key, {"authorization": value.decode("utf-8", "surrogateescape")}, ""))
