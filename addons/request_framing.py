"""HTTP/1 as mitmproxy reads it, without the two places where it waits for ever.

A chunked body may end with a trailer section (RFC 9112, section 7.1.2), at which mitmproxy gives up in the middle of a
message: here it is read and dropped, as RFC 9110, section 6.5.1 allows. Nothing in it is ever taken for a header. An
empty line before a request line is skipped (RFC 9112, section 2.2), one and no more. What breaks off the framing of a
request body is answered with 400, as long as nothing has been answered yet; the connection ends with it.
"""

from typing import Any, Protocol

import h11
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from mitmproxy import http
from mitmproxy.connection import ConnectionState
from mitmproxy.net.http import http1
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers.http import HttpLayer, is_h3_alpn
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Connection, Http1Server

from addons.core import endpoints
from addons.core.errors import ErrorClass, ErrorInfo
from addons.refusal import refuse

# of a line of sizes, or of a trailer section, that does not end
LINES_LIMIT = 64 * 1024
BROKEN = ErrorInfo(ErrorClass.CLIENT, "the request's framing is broken", status=400)
_EMPTY = b"\r\n"


class Reader(Protocol):
    """What reads a body from a buffer."""

    def __call__(self, buf: ReceiveBuffer) -> h11.Data | h11.EndOfMessage | None: ...

    def read_eof(self) -> h11.EndOfMessage: ...


class WithoutTrailers:
    """Reads a chunked body as `reader` does, and drops its trailer section."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, buf: ReceiveBuffer) -> h11.Data | h11.EndOfMessage | None:
        """Raises h11.ProtocolError for what is no chunked body."""
        found = self._reader(buf)
        if found is None and len(buf) > LINES_LIMIT:
            raise h11.RemoteProtocolError("a line of a chunked body does not end")
        return h11.EndOfMessage() if isinstance(found, h11.EndOfMessage) else found

    def read_eof(self) -> h11.EndOfMessage:
        """Raises h11.ProtocolError: the end is missing."""
        return self._reader.read_eof()


def _without_trailers(connection: Http1Connection) -> None:
    if isinstance(connection.body_reader, ChunkedReader):
        connection.body_reader = WithoutTrailers(connection.body_reader)  # type: ignore[assignment]


class FramedServer(Http1Server):
    """The end of a connection that clients talk to."""

    _skipped = False

    def read_headers(self, event: events.ConnectionEvent) -> layer.CommandGenerator[None]:
        if isinstance(event, events.DataReceived):
            begin = bytes(self.buf)[: len(_EMPTY)]
            if begin == _EMPTY and not self._skipped:
                self._skipped = True
                self.buf.maybe_extract_at_most(len(_EMPTY))
                begin = bytes(self.buf)[: len(_EMPTY)]
            if begin in (b"", b"\r"):  # more will come
                return
            if begin[:1] in b"\r\n":
                yield from self._refuse()
                self.state = self.done
                return
            self._skipped = False
        yield from super().read_headers(event)

    def read_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        _without_trailers(self)
        for command in super().read_body(event):
            closing = isinstance(command, commands.CloseConnection) and command.connection is self.conn
            if closing and isinstance(event, events.DataReceived) and self._is_unanswered():
                yield from self._refuse()
            else:
                yield command

    def _is_unanswered(self) -> bool:
        return not self.request_done and self.response is None and bool(self.conn.state & ConnectionState.CAN_WRITE)

    def _refuse(self) -> layer.CommandGenerator[None]:
        path = self.request.path.partition("?")[0] if self.request is not None else "/"
        reply = refuse(BROKEN, endpoints.error_dialect(path, {}))
        assert isinstance(reply.body, bytes)
        made = http.Response.make(reply.status, reply.body, dict(reply.headers))
        made.headers["connection"] = "close"
        yield commands.SendData(self.conn, http1.assemble_response(made))  # type: ignore[no-untyped-call]
        yield commands.CloseConnection(self.conn)


class FramedClient(Http1Client):
    """The end of a connection that asks a server."""

    def read_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        _without_trailers(self)
        yield from super().read_body(event)


def frame_client(http_layer: HttpLayer) -> None:
    """Has `http_layer`, which is about to begin, read its client's HTTP/1 with a FramedServer."""
    client = http_layer.context.client
    if not (client.alpn == b"h2" or is_h3_alpn(client.alpn)):
        http_layer.connections.setdefault(client, FramedServer(http_layer.context.fork()))


def frame_server(found: Any) -> None:
    """Has the layers of a connection to a server read HTTP/1 with a FramedClient. It has no state that ours lacks."""
    while found is not None:
        if type(found) is Http1Client:
            found.__class__ = FramedClient
        found = getattr(found, "child_layer", None)
