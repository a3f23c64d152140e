"""Refuses a request body that is too large while it comes in, instead of gathering it first.

The refusal is sent at once. What the client still sends is thrown away, because a connection that is closed with
unread bytes in it is reset, and a reset takes the refusal away from a client that writes before it reads (RFC 9112,
section 9.6). A client that goes on and on is cut off.
"""

from collections.abc import Callable

from mitmproxy import http
from mitmproxy.net.http.http1.read import expected_http_body_size
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.layers.http import DropStream, HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import ErrorCode, RequestData, RequestEndOfMessage, ResponseProtocolError

# the answer to a flow whose body has (at least) so many bytes; None when it may have
type SizeCheck = Callable[[http.HTTPFlow, int], http.Response | None]
# how much of what is too large is thrown away before the connection is cut
PATIENCE_BYTES = 256 * 1024 * 1024


def any_size(flow: http.HTTPFlow, size: int) -> None:
    """Every size is accepted."""
    return


class LimitedStream(HttpStream):
    """One request, whose body `check_size` may refuse."""

    check_size: SizeCheck = staticmethod(any_size)
    _discarded = 0

    def check_body_size(self, request: bool) -> layer.CommandGenerator[bool]:
        refusal = self.check_size(self.flow, self._body_size()) if request else None
        if refusal is None:
            return False
        self.request_body_buf.clear()  # type: ignore[no-untyped-call]
        self.flow.response = refusal
        self.client_state = self.state_discarding
        yield from self.send_response()
        return True

    def _body_size(self) -> int:
        """What has come so far, or what was announced before anything came."""
        if self.request_body_buf:
            return len(self.request_body_buf)
        try:
            return max(0, expected_http_body_size(self.flow.request) or 0)
        except ValueError:  # a malformed content-length: the bytes will be counted
            return 0

    def state_discarding(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, RequestEndOfMessage):
            self.client_state = self.state_done
            yield from self.flow_done()
        elif isinstance(event, RequestData):
            self._discarded += len(event.data)
            if self._discarded > PATIENCE_BYTES:
                error = ResponseProtocolError(self.stream_id, "the body is too large", ErrorCode.REQUEST_TOO_LARGE)
                yield SendHttp(error, self.context.client)
                self.client_state = self.state_errored
                self.flow.live = False
                yield DropStream(self.stream_id)
