"""The door for what comes through the forward proxy: what asks a model goes to the engine, the rest to its own host.

A request of a web page is never the engine's: a page must not spend the keys of whoever looks at it.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from mitmproxy import http

from addons.core import endpoints
from addons.core.guard import FORWARDED, is_from_a_page, is_own
from addons.core.guard import refusal as against
from addons.core.plan import Plan
from addons.core.sites import AMP_HOST, Treatment, engine_path
from addons.core.tool_of import tool_of
from addons.core.upgrade import wanted
from addons.forward.gate import CHALLENGE, is_admitted, is_forwarded, refusal
from addons.forward.onward import SERVED, ToOrigin
from addons.forward.reach import bracketed
from addons.guard import arrival, refused
from addons.observed import Observed, Observer, Record
from addons.passing_stream import Door, Passage
from addons.passing_watch import Watch
from addons.router import ORIGIN, Origin, ask


class ForwardDoor:
    """Implements `Door`. `reverse` is for requests to the router itself, `amp` for those to AMP's own server."""

    def __init__(
        self,
        reverse: Door,
        amp: Door,
        plan: Callable[[], Plan],
        observers: Sequence[Observer],
        clock: Callable[[], float],
    ) -> None:
        self._reverse = reverse
        self._amp = amp
        self._plan = plan
        self._observers = observers
        self._clock = clock

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        if not is_forwarded(flow.client_conn) or self._is_for_us(flow):
            return self._reverse.passage(flow)
        flow.metadata[ORIGIN] = None
        plan, request = self._plan(), flow.request
        arrived = replace(arrival(flow), target=f"{bracketed(request.host)}:{request.port}", authority="")
        tunnelled = _is_tunnelled(flow)
        info = against(arrived, FORWARDED) if tunnelled else None
        if info is not None:
            return refused(flow, info)
        if not tunnelled and not is_admitted(plan, request):  # else it was, with its tunnel
            made = refusal(407, "this proxy wants the router's key: http://llr:KEY@HOST:PORT")
            made.headers["proxy-authenticate"] = CHALLENGE
            return made
        treated = plan.proxy.treatment(bracketed(request.host), request.port)
        if not tunnelled or treated is not Treatment.ROUTE or is_from_a_page(arrived):
            return self._to_origin(flow)
        return self._routed(flow, plan)

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        """The request has come through `passage` before."""
        if ORIGIN not in flow.metadata:
            return self._reverse.onward(flow)
        if flow.request.host == AMP_HOST and self._plan().amp_upstream is not None:
            return self._amp.onward(flow)
        return self._to_origin(flow, heard=True)

    def _is_for_us(self, flow: http.HTTPFlow) -> bool:
        """A proxy's own port is the router's too."""
        return not _is_tunnelled(flow) and is_own(arrival(flow))

    def _routed(self, flow: http.HTTPFlow, plan: Plan) -> Passage | http.Response | None:
        request = flow.request
        path = request.path.partition("?")[0]
        known_as = engine_path(request.host, request.method, path)
        if known_as is not None and (request.method == "POST" or wanted(ask(request).headers)):
            flow.metadata[ORIGIN] = Origin(request.host, known_as)
            return None
        if request.host == AMP_HOST and plan.amp_upstream is not None:
            found = self._amp.passage(flow)
            if found is not None:
                return found
        return self._to_origin(flow)

    def _to_origin(self, flow: http.HTTPFlow, *, heard: bool = False) -> ToOrigin:
        """`heard`: who asked the engine first is listened to already."""
        asked, request_id = ask(flow.request), f"req_{uuid.uuid4().hex}"
        dialect = endpoints.error_dialect(asked.path, asked.headers)
        record = Record(
            id=request_id,
            at=self._clock(),
            tool=tool_of(asked.path, asked.headers),
            method=asked.method,
            path=asked.path,
            client=dialect,
            served=SERVED,
            passed_on=True,
        )
        observed = Observed(() if heard else self._observers, asked, request_id)
        return ToOrigin(dialect, request_id, Watch(observed, record, self._clock))


def _is_tunnelled(flow: http.HTTPFlow) -> bool:
    """Whether it came through a tunnel that was opened here, rather than straight to the proxy."""
    return flow.server_conn.address is not None
