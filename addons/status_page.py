"""Answers `GET /llr/status`: what the router's own commands show. It passes the guard like everything else, and wants
the masterKey where requests for models do."""

from collections.abc import Callable
from datetime import UTC, datetime

from mitmproxy import http

from addons.asked import UNAUTHORIZED
from addons.core import listing, status
from addons.core.gateway_key import admits
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.ledger import State
from addons.refusal import hinted, json_reply, refuse
from addons.router import ORIGIN, ask, response

METHODS = frozenset({"GET", "HEAD"})


class StatusPage:
    """An addon, to be asked before the router."""

    def __init__(self, plan: Callable[[], Plan], state: State, clock: Callable[[], float]) -> None:
        """`clock` gives Unix seconds."""
        self._plan = plan
        self._state = state
        self._clock = clock

    def request(self, flow: http.HTTPFlow) -> None:
        """Hook: a request is complete."""
        if flow.response is not None or flow.request.path != status.PATH or flow.request.method not in METHODS:
            return
        if ORIGIN in flow.metadata:  # it is for another host: one of its pages could read what is told here
            return
        plan, asked = self._plan(), ask(flow.request)
        if plan.require_auth and not (plan.master_key and admits(plan.master_key, asked.headers, asked.query)):
            reply = refuse(hinted(UNAUTHORIZED), DialectName.CHAT)
        else:
            now = datetime.now(UTC).isoformat()
            about = listing.health(plan, now, self._state.backend, self._state.problem)
            about = {**about, **status.status(plan, self._state.ledger, self._clock())}
            reply = json_reply(about)
        flow.response = response(flow.request, reply)
