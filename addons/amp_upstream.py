"""Passes requests on to AMP's own server: those for its management paths, and those for models that map to nothing.

The newest AMP runs its inference there, and talks to it over WebSocket: what comes is passed on as it is, both ways.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import MAX_WBITS, decompressobj

from mitmproxy import http

from addons.amp import refusals
from addons.amp.destination import Destination, destination
from addons.amp.onward import request_fields, response_fields
from addons.amp.paths import is_management
from addons.amp.plan import AmpUpstream
from addons.amp.user_info import tells_of_a_user, without_features
from addons.client_connection import keep_open
from addons.core import endpoints
from addons.core.debug import REQUEST_ID
from addons.core.errors import ErrorClass, ErrorInfo, with_tried
from addons.core.http import Ask
from addons.core.plan import Plan
from addons.observed import Observed, Observer, Record
from addons.passing_head import frame
from addons.passing_stream import Passage
from addons.passing_watch import Watch
from addons.refusal import hinted, refuse
from addons.router import DECIDED, ask, response
from addons.search.internal import intercepts

SERVED = "amp-upstream"
_GZIP = b"\x1f\x8b"
_TEXTUAL = ("application/json", "text/html", "text/plain", "application/rss+xml", "application/xml", "text/xml")
# what mitmproxy says of a server that breaks HTTP repeats the server's words, which are nobody's business
_OWN_WORDS: tuple[tuple[str, str], ...] = (
    ("unexpected server response", "does not speak HTTP"),
    ("Cannot parse HTTP response", "does not speak HTTP"),
    ("HTTP/1 protocol error", "does not speak HTTP"),
    ("server closed connection", "closed the connection without an answer"),
    ("Received ", "sent headers that HTTP does not allow"),
    ("Request destination unknown", "is this router itself"),
    ("Connection killed", "is this router itself"),
)


class Gunzip:
    """Expands a body as it comes. Nothing is no chunk: an empty one would end the body (RFC 9112, section 7.1)."""

    def __init__(self) -> None:
        self._expander = decompressobj(MAX_WBITS | 16)

    def __call__(self, data: bytes) -> list[bytes]:
        expanded = self._expander.decompress(data)
        return [expanded] if expanded else []


@dataclass
class ToAmp:
    """One request on its way to AMP's server: a `Passage`."""

    upstream: AmpUpstream
    to: Destination
    asked: Ask
    request_id: str
    watch: Watch
    master_key: str | None = None

    def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        fields = request_fields(request.headers.fields, self.to.authority, self.upstream.key, self.master_key)
        request.scheme = self.to.scheme
        request.data.host, request.data.port = self.to.address
        request.data.authority = b""
        request.path = self.to.target(request.path)
        request.headers = http.Headers(fields)
        if request.is_http2 and request.method not in ("GET", "HEAD") and "content-length" not in request.headers:
            request.headers["transfer-encoding"] = "chunked"  # HTTP/2 has frames instead

    def refusal(self, flow: http.HTTPFlow, reason: str) -> http.Response:
        told = next((own for words, own in _OWN_WORDS if reason.startswith(words)), f"cannot be reached ({reason})")
        hint = "Check amp.upstreamUrl, and your connection."
        info = ErrorInfo(ErrorClass.NETWORK, f"AMP's server {self.to.authority} {told}", hint=hint)
        made = refusal(flow, info, self.request_id)
        self.watch.failed(ErrorClass.NETWORK, made)
        return made

    def head(self, flow: http.HTTPFlow) -> bool:
        assert flow.response is not None
        self.watch.answered(flow.response)
        upgraded = flow.response.status_code == 101
        fields = response_fields(flow.response.headers.fields, upgraded=upgraded)
        own = flow.metadata.get(DECIDED) or ((REQUEST_ID, self.request_id),)
        told = ((name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in own)
        flow.response.headers = http.Headers((*fields, *told))
        if upgraded:
            keep_open(flow)
            return False
        flow.response.stream = False if self._is_edited(flow) else self.watch.said
        frame(flow)
        return _may_be_gzip(flow.response)

    def first(self, flow: http.HTTPFlow, data: bytes) -> None:
        """A body that is gzip and does not say so: it is marked for a client that understands it, else expanded."""
        assert flow.response is not None
        if not data.startswith(_GZIP):
            return
        if "gzip" in self.asked.headers.get("accept-encoding", ""):
            flow.response.headers["content-encoding"] = "gzip"
            self.watch.coded("gzip")
            return
        flow.response.headers.pop("content-length", None)
        expands, said = Gunzip(), self.watch.said
        flow.response.stream = lambda data: [said(piece) for piece in expands(data)]
        frame(flow)

    def whole(self, flow: http.HTTPFlow) -> None:
        assert flow.response is not None
        if (flow.response.raw_content or b"").startswith(_GZIP) and "content-encoding" not in flow.response.headers:
            flow.response.headers["content-encoding"] = "gzip"
        body = flow.response.get_content(strict=False) or b""
        edited = without_features(body, self.upstream.strip_features)
        if edited != body:
            flow.response.headers.pop("transfer-encoding", None)
            flow.response.content = edited
            flow.response.headers["content-length"] = str(len(flow.response.raw_content or b""))
        self.watch.coded(flow.response.headers.get("content-encoding", ""))
        self.watch.said(flow.response.raw_content or b"")

    def ended(self, flow: http.HTTPFlow, *, left: bool) -> None:
        self.watch.ended(flow, left=left)

    def _is_edited(self, flow: http.HTTPFlow) -> bool:
        return (
            bool(self.upstream.strip_features)
            and flow.response is not None
            and flow.response.status_code == 200
            and tells_of_a_user(self.asked.path, self.asked.query)
        )


class AmpUpstreamDoor:
    """Implements `Door`. `plan` gives the current plan."""

    def __init__(
        self,
        plan: Callable[[], Plan],
        *,
        observers: Sequence[Observer] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._plan = plan
        self._observers = observers
        self._clock = clock

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        if not is_management(flow.request.path.partition("?")[0]):
            return None
        found = self._decide(flow, management=True)
        # what the engine may answer itself comes back through `onward` when it does not
        return None if isinstance(found, ToAmp) and intercepts(self._plan(), found.asked) else found

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        return self._decide(flow, management=False)

    def _decide(self, flow: http.HTTPFlow, *, management: bool) -> Passage | http.Response:
        plan, asked, request_id = self._plan(), ask(flow.request), f"req_{uuid.uuid4().hex}"
        upstream = plan.amp_upstream
        peer = (flow.client_conn.peername or ("",))[0]
        against = refusals.refused(plan, upstream, asked, peer, management=management)
        to = None if upstream is None else destination(upstream.url)
        # who asked the engine first is listened to already
        observed = Observed(self._observers if management else (), asked, request_id)
        watch = Watch(observed, _record(asked, request_id, self._clock()), self._clock)
        if against is not None:
            made = refusal(flow, against, request_id)
            watch.refused(against.cls, made)
            return made
        assert upstream is not None
        assert to is not None
        return ToAmp(upstream, to, asked, request_id, watch, plan.master_key)


def _record(asked: Ask, request_id: str, now: float) -> Record:
    return Record(
        id=request_id,
        at=now,
        tool="amp",
        method=asked.method,
        path=asked.path,
        client=endpoints.error_dialect(asked.path, asked.headers),
        served=SERVED,
        passed_on=True,
    )


def refusal(flow: http.HTTPFlow, info: ErrorInfo, request_id: str) -> http.Response:
    """`info` as JSON in the dialect of the path. The connection ends with it: the body may not have come, and a
    connection to the server that failed would be found again."""
    request = flow.request
    dialect = endpoints.error_dialect(request.path.partition("?")[0], ask(request).headers)
    made = response(request, refuse(hinted(with_tried(info, (), request_id)), dialect), closing=True)
    made.headers[REQUEST_ID] = request_id
    return made


def _may_be_gzip(answer: http.Response) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return bool(answer.stream) and kind in _TEXTUAL and "content-encoding" not in answer.headers
