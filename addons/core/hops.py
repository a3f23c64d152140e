"""Headers that are for one connection only, and what a passing request keeps of the rest.

Sources: RFC 9110, section 7.6.1, and what RFC 9113, section 8.2.2 adds to it.
"""

import re
from collections.abc import Iterable

type Fields = tuple[tuple[bytes, bytes], ...]

ONE_CONNECTION = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te",
        b"trailer", b"upgrade", b"http2-settings",
    }
)  # fmt: skip
# what frames a message stays, whatever a Connection header says
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"content-encoding", b"content-type", b"host"})
_TOKENS = re.compile(rb"[^,\s]+")
UPGRADE: Fields = ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))


def for_one_connection(fields: Fields) -> frozenset[bytes]:
    """The names, in lower case, of what stays here: those of the table, and those that `Connection` names."""
    return ONE_CONNECTION | (_tokens(value for name, value in fields if name.lower() == b"connection") - _FRAMING)


def wants_websocket(fields: Fields) -> bool:
    """Whether the headers ask for a WebSocket, or grant one."""
    return b"websocket" in _tokens(value for name, value in fields if name.lower() == b"upgrade")


def _tokens(values: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(token.lower() for value in values for token in _TOKENS.findall(value))
