"""Passes a request on to the host that its client meant, with the client's own credentials, untouched but for what is
between the client and its proxy (RFC 9110, section 7.6.1)."""

from dataclasses import dataclass

from mitmproxy import http

from addons.client_connection import keep_open
from addons.core.debug import REQUEST_ID
from addons.core.errors import ErrorClass, ErrorInfo, with_tried
from addons.core.model import DialectName
from addons.passing_head import end_to_end, frame
from addons.passing_watch import Watch
from addons.refusal import hinted, refuse
from addons.router import DECIDED, response

SERVED = "origin"
# what mitmproxy says of a connection that the proxy itself does not allow
_KILLED = "Connection killed: "


@dataclass
class ToOrigin:
    """One request on its way: a `Passage`."""

    dialect: DialectName
    request_id: str
    watch: Watch

    def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        kept = tuple((name, value) for name, value in end_to_end(request.headers) if name.lower() != b"host")
        request.headers = http.Headers(((b"Host", _authority(request).encode()), *kept))
        request.data.authority = b""
        if request.is_http2 and request.method not in ("GET", "HEAD") and "content-length" not in request.headers:
            request.headers["transfer-encoding"] = "chunked"  # HTTP/2 has frames instead

    def refusal(self, flow: http.HTTPFlow, reason: str) -> http.Response:
        # what is said of a host that breaks HTTP may repeat that host's words
        told = reason.removeprefix(_KILLED) if reason.startswith(_KILLED) else ""
        message = told or f"{_authority(flow.request)} cannot be reached, or does not speak HTTP"
        info = with_tried(ErrorInfo(ErrorClass.NETWORK, message, status=502), (), self.request_id)
        made = response(flow.request, refuse(hinted(info), self.dialect), closing=True)
        made.headers[REQUEST_ID] = self.request_id
        self.watch.failed(ErrorClass.NETWORK, made)
        return made

    def head(self, flow: http.HTTPFlow) -> bool:
        assert flow.response is not None
        self.watch.answered(flow.response)
        own = flow.metadata.get(DECIDED) or ((REQUEST_ID, self.request_id),)
        told = ((name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in own)
        flow.response.headers = http.Headers((*end_to_end(flow.response.headers), *told))
        if flow.response.status_code == 101:
            keep_open(flow)
            return False
        flow.response.stream = self.watch.said
        frame(flow)
        return False

    def first(self, flow: http.HTTPFlow, data: bytes) -> None:
        """Nothing is looked at."""

    def whole(self, flow: http.HTTPFlow) -> None:
        """Nothing is edited."""

    def ended(self, flow: http.HTTPFlow, *, left: bool) -> None:
        self.watch.ended(flow, left=left)


def _authority(request: http.Request) -> str:
    host = f"[{request.host}]" if ":" in request.host else request.host
    return host if request.port == (443 if request.scheme == "https" else 80) else f"{host}:{request.port}"
