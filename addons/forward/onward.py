"""Passes a request on to the host that its client meant, with the client's own credentials, untouched but for what is
between the client and its proxy (RFC 9110, section 7.6.1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mitmproxy import http

from addons.client_connection import keep_open
from addons.core.debug import REQUEST_ID
from addons.core.errors import ErrorClass, ErrorInfo, with_tried
from addons.core.http import Ask
from addons.core.model import DialectName
from addons.observed import Observed, Record
from addons.refusal import hinted, refuse
from addons.router import DECIDED, response

SERVED = "origin"
_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te",
        b"trailer", b"upgrade", b"http2-settings",
    }
)  # fmt: skip
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"host"})
_TOKENS = re.compile(rb"[^,\s]+")
_UPGRADE = ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))


@dataclass
class ToOrigin:
    """One request on its way: a `Passage`. `asked` is the request as it is recorded, `tool` who sent it."""

    asked: Ask
    dialect: DialectName
    tool: str
    request_id: str
    observed: Observed
    clock: Callable[[], float]
    begun: float = field(init=False)
    answered: float | None = None
    error: ErrorClass | None = None

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        kept = tuple((name, value) for name, value in _end_to_end(request.headers) if name.lower() != b"host")
        host = (b"Host", _authority(request).encode())
        request.headers = http.Headers((host, *kept, *(_UPGRADE if _upgrades(request.headers) else ())))
        request.data.authority = b""
        if request.is_http2 and request.method not in ("GET", "HEAD") and "content-length" not in request.headers:
            request.headers["transfer-encoding"] = "chunked"  # HTTP/2 has frames instead

    def refusal(self, flow: http.HTTPFlow, reason: str) -> http.Response:
        self.error = ErrorClass.NETWORK
        # what mitmproxy says of a host that breaks HTTP may repeat that host's words
        told = reason.removeprefix("Connection killed: ") if reason.startswith("Connection killed: ") else ""
        message = told or f"{_authority(flow.request)} cannot be reached, or does not speak HTTP"
        info = with_tried(ErrorInfo(ErrorClass.NETWORK, message, status=502), (), self.request_id)
        made = response(flow.request, refuse(hinted(info), self.dialect), closing=True)
        made.headers[REQUEST_ID] = self.request_id
        return made

    def head(self, flow: http.HTTPFlow) -> bool:
        assert flow.response is not None
        self.answered = self.clock()
        upgraded = flow.response.status_code == 101
        own = flow.metadata.get(DECIDED) or ((REQUEST_ID, self.request_id),)
        told = ((name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in own)
        fields = (*_end_to_end(flow.response.headers), *(_UPGRADE if upgraded else ()), *told)
        flow.response.headers = http.Headers(fields)
        if upgraded:
            keep_open(flow)
            return False
        flow.response.stream = True
        _frame(flow)
        return False

    def first(self, flow: http.HTTPFlow, data: bytes) -> None:
        """Nothing is looked at."""

    def whole(self, flow: http.HTTPFlow) -> None:
        """Nothing is edited."""

    def ended(self, flow: http.HTTPFlow, *, left: bool) -> None:
        if self.observed:
            self.observed.done(self._record(flow.response.status_code if flow.response else 499, left))

    def _record(self, status: int, left: bool) -> Record:
        return Record(
            id=self.request_id,
            at=self.begun,
            tool=self.tool,
            method=self.asked.method,
            path=self.asked.path,
            client=self.dialect,
            served=SERVED,
            status=status,
            error=self.error,
            first_event=None if self.answered is None else self.answered - self.begun,
            total=self.clock() - self.begun,
            left=left,
        )


def _end_to_end(headers: http.Headers) -> list[tuple[bytes, bytes]]:
    named = _tokens(headers, b"connection") - _FRAMING
    return [(name, value) for name, value in headers.fields if name.lower() not in _HOP | named]


def _upgrades(headers: http.Headers) -> bool:
    return b"websocket" in _tokens(headers, b"upgrade")


def _tokens(headers: http.Headers, name: bytes) -> frozenset[bytes]:
    values = (value for each, value in headers.fields if each.lower() == name)
    return frozenset(token.lower() for value in values for token in _TOKENS.findall(value))


def _authority(request: http.Request) -> str:
    host = f"[{request.host}]" if ":" in request.host else request.host
    return host if request.port == (443 if request.scheme == "https" else 80) else f"{host}:{request.port}"


def _frame(flow: http.HTTPFlow) -> None:
    """Gives a body of unknown length a frame: one that ends with its connection looks whole when it is broken off."""
    assert flow.response is not None
    headers = flow.response.headers
    bodiless = flow.request.method == "HEAD" or flow.response.status_code in (204, 304)
    if flow.request.http_version == "HTTP/1.0":
        headers.pop("transfer-encoding", None)
    elif not bodiless and "content-length" not in headers:
        headers["transfer-encoding"] = "chunked"
