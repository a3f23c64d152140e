"""Decides what becomes of a tunnel that a client asks for: refused, led through untouched, or opened to be routed."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from mitmproxy import connection, ctx, http
from mitmproxy.proxy import mode_specs
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from addons.core.gateway_key import admits
from addons.core.plan import Plan
from addons.core.sites import Treatment
from addons.forward.reach import Reach, Unreachable, bracketed
from addons.http_layer import UNTOUCHED

CHALLENGE = 'Basic realm="llr"'


class Gate:
    """An addon. `covers` says whether there can be a certificate for a host: without one, it cannot be looked into."""

    def __init__(self, plan: Callable[[], Plan], reach: Reach, covers: Callable[[str], bool]) -> None:
        self._plan = plan
        self._reach = reach
        self._covers = covers

    async def http_connect(self, flow: http.HTTPFlow) -> None:
        """Hook: a client wants a tunnel."""
        host, port = flow.request.host, flow.request.port
        if not is_admitted(self._plan(), flow.request):
            flow.response = refusal(407, "this proxy wants the router's key: http://llr:KEY@HOST:PORT")
            flow.response.headers["proxy-authenticate"] = CHALLENGE
            return
        treatment = self._plan().proxy.treatment(bracketed(host), port)
        if treatment is not Treatment.TUNNEL and self._covers(host):
            return  # what is led on from inside is looked at when it is
        try:
            await self._reach.check(host, port)
        except Unreachable as unreachable:
            flow.response = refusal(unreachable.status, str(unreachable))
            return
        flow.metadata[UNTOUCHED] = True

    async def server_connect(self, data: ServerConnectionHookData) -> None:
        """Hook: a connection is about to be made."""
        if is_forwarded(data.client) and data.server.address is not None:
            try:
                await self._reach.check(*data.server.address[:2])
            except Unreachable as unreachable:
                data.server.error = str(unreachable)

    def server_connected(self, data: ServerConnectionHookData) -> None:
        """Hook: a connection is there, and nothing is sent yet. Its name may have led elsewhere than just before."""
        server = data.server
        if not (is_forwarded(data.client) and server.address and server.peername):
            return
        try:
            self._reach.check_address(*server.address[:2], server.peername[0])
        except Unreachable:
            _abort(data)


def is_forwarded(client: connection.Client) -> bool:
    """Whether a client came through the forward proxy."""
    return isinstance(client.proxy_mode, mode_specs.RegularMode)


def is_admitted(plan: Plan, request: http.Request) -> bool:
    """A proxy's key travels in a header of its own: `Authorization` is for the host that is meant."""
    if not plan.require_auth:
        return True
    kind, _, said = request.headers.get("proxy-authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            said = base64.b64decode(said, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    return plan.master_key is not None and admits(plan.master_key, {"authorization": said}, "")


def refusal(status: int, message: str) -> http.Response:
    body = json.dumps({"error": {"type": "proxy_error", "message": message}})
    return http.Response.make(status, body, {"content-type": "application/json", "connection": "close"})


def _abort(data: ServerConnectionHookData) -> None:
    server: Any = ctx.master.addons.get("proxyserver")  # type: ignore[no-untyped-call]
    handler = server.connections.get(data.client.id)
    pair = None if handler is None else handler.transports.get(data.server)
    if pair is not None and pair.writer is not None:
        pair.writer.transport.abort()
