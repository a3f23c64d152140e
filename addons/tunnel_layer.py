"""Relays the bytes of a switched connection (101) between a client and a server, as a layer of mitmproxy.

mitmproxy's own WebSocket layer keeps every message that ever passed, waits for whole ones, and undoes extensions. What
is passed on untouched needs none of that: frames, pings, close codes and compression are for the two ends.
"""

from typing import Protocol

from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context


class Watcher(Protocol):
    """Who wants to know what goes by."""

    def relayed(self, data: bytes, *, from_client: bool) -> None: ...

    def closed(self) -> None: ...


class TunnelLayer(layer.Layer):
    """Between the client and the server of its context."""

    _done = False

    def __init__(self, context: Context, watcher: Watcher | None = None) -> None:
        super().__init__(context)
        self._watcher = watcher

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if self._done:
            return
        client, server = self.context.client, self.context.server
        match event:
            case events.DataReceived():
                from_client = event.connection is client
                yield commands.SendData(server if from_client else client, event.data)
                if self._watcher is not None:
                    self._watcher.relayed(event.data, from_client=from_client)
            case events.ConnectionClosed():
                # a WebSocket is never half closed: both ends have said their close frames, or nobody listens
                self._done = True
                if self._watcher is not None:
                    self._watcher.closed()
                yield commands.CloseConnection(server)
                yield commands.CloseConnection(client)
            case _:
                pass
