"""Relays the bytes of a switched connection (101) between a client and a server, as a layer of mitmproxy.

mitmproxy's own WebSocket layer keeps every message that ever passed, waits for whole ones, and undoes extensions. What
is passed on untouched needs none of that: frames, pings, close codes and compression are for the two ends.
"""

from mitmproxy.proxy import commands, events, layer


class TunnelLayer(layer.Layer):
    """Between the client and the server of its context."""

    _done = False

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if self._done:
            return
        client, server = self.context.client, self.context.server
        match event:
            case events.DataReceived():
                yield commands.SendData(client if event.connection is server else server, event.data)
            case events.ConnectionClosed():
                # a WebSocket is never half closed: both ends have said their close frames, or nobody listens
                self._done = True
                yield commands.CloseConnection(server)
                yield commands.CloseConnection(client)
            case _:
                pass
