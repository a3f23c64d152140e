"""Passes WebSockets on to the tool's own server, for a router that only observes.

A tool that can ask a model over WebSocket or by HTTPS is kept to HTTPS: what it asks can be seen there. Other sockets
are relayed as they are, and their frames counted.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mitmproxy import http

from addons.amp.destination import Destination, destination
from addons.client_connection import keep_open
from addons.core import endpoints
from addons.core.debug import REQUEST_ID
from addons.core.errors import ErrorClass, ErrorInfo, with_tried
from addons.core.http import Ask
from addons.core.tool_of import tool_of
from addons.core.upgrade import wanted
from addons.observed import Observed, Observer, Record
from addons.passing_head import end_to_end, frame
from addons.passing_stream import Passage
from addons.passing_watch import Watch
from addons.refusal import hinted, refuse
from addons.router import ask, response

NOT_HERE = ErrorInfo(ErrorClass.CLIENT, "this router only observes", status=404)
# Codex asks ChatGPT's own server below another path than the API's
_ASKS_A_MODEL = "/responses"


@dataclass
class ToHome:
    """One WebSocket on its way: a `Passage`."""

    to: Destination
    request_id: str
    watch: Watch

    def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        host = (b"Host", self.to.authority.encode("idna" if not self.to.authority.isascii() else "ascii"))
        request.headers.pop("host", None)
        request.headers = http.Headers((host, *end_to_end(request.headers)))
        request.scheme = self.to.scheme
        request.data.host, request.data.port = self.to.address
        request.data.authority = b""
        request.path = self.to.base + request.path

    def refusal(self, flow: http.HTTPFlow, reason: str) -> http.Response:
        message = f"{self.to.authority} cannot be reached, or does not speak HTTP"
        info = hinted(with_tried(ErrorInfo(ErrorClass.NETWORK, message, status=502), (), self.request_id))
        dialect = endpoints.error_dialect(flow.request.path.partition("?")[0], ask(flow.request).headers)
        made = response(flow.request, refuse(info, dialect), closing=True)
        made.headers[REQUEST_ID] = self.request_id
        self.watch.failed(ErrorClass.NETWORK, made)
        return made

    def head(self, flow: http.HTTPFlow) -> bool:
        assert flow.response is not None
        self.watch.answered(flow.response)
        flow.response.headers = http.Headers(end_to_end(flow.response.headers))
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


class SocketDoor:
    """Implements `Door`. `home` gives the server of a request, as a URL."""

    def __init__(
        self, home: Callable[[Ask], str], observers: Sequence[Observer], clock: Callable[[], float] = time.time
    ) -> None:
        self._home = home
        self._observers = observers
        self._clock = clock

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        asked = ask(flow.request)
        to = destination(self._home(asked))
        if to is None or not wanted(asked.headers) or asks_a_model(asked):
            return None
        request_id = f"req_{uuid.uuid4().hex}"
        record = Record(
            id=request_id,
            at=self._clock(),
            tool=tool_of(asked.path, asked.headers),
            method=asked.method,
            path=asked.path,
            client=endpoints.error_dialect(asked.path, asked.headers),
            passed_on=True,
        )
        return ToHome(to, request_id, Watch(Observed(self._observers, asked, request_id), record, self._clock))

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        """For nothing that an observer is asked: it answers every whole request itself."""
        asked = ask(flow.request)
        return response(flow.request, refuse(NOT_HERE, endpoints.error_dialect(asked.path, asked.headers)))


def asks_a_model(asked: Ask) -> bool:
    """Whether the same could be asked by HTTPS, too."""
    return endpoints.find("POST", asked.path) is not None or asked.path.endswith(_ASKS_A_MODEL)
