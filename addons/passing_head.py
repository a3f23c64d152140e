"""Heads of what is passed on to another server, and of what it answers."""

import re

from mitmproxy import http

# RFC 9110, section 7.6.1, and what RFC 9113, section 8.2.2 adds to it
_ONE_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te",
        b"trailer", b"upgrade", b"http2-settings",
    }
)  # fmt: skip
# what frames a message stays, whatever a Connection header says
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"host"})
_TOKENS = re.compile(rb"[^,\s]+")
_UPGRADE = ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))


def end_to_end(headers: http.Headers) -> tuple[tuple[bytes, bytes], ...]:
    """The fields that are not for one hop alone; a WebSocket is asked for, or granted, again."""
    named = _tokens(headers, b"connection") - _FRAMING
    kept = tuple((name, value) for name, value in headers.fields if name.lower() not in _ONE_HOP | named)
    return (*kept, *_UPGRADE) if b"websocket" in _tokens(headers, b"upgrade") else kept


def _tokens(headers: http.Headers, name: bytes) -> frozenset[bytes]:
    values = (value for each, value in headers.fields if each.lower() == name)
    return frozenset(token.lower() for value in values for token in _TOKENS.findall(value))


def frame(flow: http.HTTPFlow) -> None:
    """Gives a body of unknown length a frame: one that ends with its connection looks whole when it is broken off."""
    assert flow.response is not None
    headers = flow.response.headers
    bodiless = flow.request.method == "HEAD" or flow.response.status_code in (204, 304)
    if flow.request.http_version == "HTTP/1.0":
        headers.pop("transfer-encoding", None)
    elif not bodiless and "content-length" not in headers:
        headers["transfer-encoding"] = "chunked"
