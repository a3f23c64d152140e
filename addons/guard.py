"""Turns away, as soon as their head is there, requests that the guard's table refuses; all others go to the next door.

It stands before everything that answers: the engine, the upgrade to a WebSocket, what is passed on to AMP's server, and
the refusal of a large body. It reads no body, and sends no header that would let a page of another origin read.
"""

import logging
import uuid
from collections.abc import Callable, Mapping

from mitmproxy import ctx, http

from addons.amp.paths import is_management
from addons.core import endpoints
from addons.core.debug import REQUEST_ID
from addons.core.errors import ErrorInfo, with_tried
from addons.core.guard import ALLOWED_HOSTS, Arrival, Authority, allowed_hosts, refusal
from addons.passing_stream import Door, Passage
from addons.refusal import hinted, refuse
from addons.router import ask, response

log = logging.getLogger("llr")

HEALTH = "/health"


class Guard:
    """Implements `Door`: in front of `inner`. `allowed` are further names of the router; `tls_only`: what comes in
    the clear is turned away."""

    def __init__(self, inner: Door, allowed: frozenset[Authority] = frozenset(), *, tls_only: bool = False) -> None:
        self._inner = inner
        self._allowed = allowed
        self._tls_only = tls_only

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        # whether a router is there may be asked in the clear
        tls_only = self._tls_only and flow.request.path != HEALTH
        against = refusal(arrival(flow, self._allowed, tls_only=tls_only))
        return self._inner.passage(flow) if against is None else refused(flow, against)

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        """The request has come through `passage` before."""
        return self._inner.onward(flow)


def guarded(inner: Door, env: Mapping[str, str], complain: Callable[[str], None], *, tls_only: bool = False) -> Guard:
    """`inner` behind a guard that knows the names that `env` gives to the router. What is no name is told to
    `complain`, and admits nobody."""
    allowed, strange = allowed_hosts(env.get(ALLOWED_HOSTS, ""))
    for word in strange:
        complain(f"{ALLOWED_HOSTS}: {word[:80]!r} is not a host name with or without a port; it is ignored")
    return Guard(inner, allowed, tls_only=tls_only)


def arrival(flow: http.HTTPFlow, allowed: frozenset[Authority] = frozenset(), *, tls_only: bool = False) -> Arrival:
    """What `flow` says about who sends it."""
    request, (address, port, *_) = flow.request, flow.client_conn.sockname or ("", 0)
    named = request.data.authority.decode("latin-1")
    framed = _is_framed(flow)
    return Arrival(
        method=request.method,
        fields=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.fields
        ),
        port=port,
        address=address,
        listens=ctx.options.listen_host,
        target="" if framed else named,
        authority=named if framed else "",
        version="" if framed else request.http_version,
        tls=flow.client_conn.tls,
        tls_only=tls_only,
        reads_json=not is_management(request.path.partition("?")[0]),
        allowed=allowed,
    )


def refused(flow: http.HTTPFlow, info: ErrorInfo) -> http.Response:
    """`info` as JSON in the dialect of the path. The connection ends with it: who was turned away may have hidden a
    second request in what follows."""
    request, request_id = flow.request, f"req_{uuid.uuid4().hex}"
    asked = ask(request)
    dialect = endpoints.error_dialect(asked.path, asked.headers)
    made = response(request, refuse(hinted(with_tried(info, (), request_id)), dialect), closing=True)
    made.headers[REQUEST_ID] = request_id
    if not _is_framed(flow):  # whatever version the request line claims
        made.headers["connection"] = "close"
    return made


def _is_framed(flow: http.HTTPFlow) -> bool:
    """Whether it came over HTTP/2 or HTTP/3. It goes by the connection: in HTTP/1, a client may claim any version."""
    alpn = flow.client_conn.alpn or b""
    return alpn == b"h2" or alpn.startswith(b"h3")
