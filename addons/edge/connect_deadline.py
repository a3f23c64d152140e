"""Gives up on a server that mitmproxy itself contacts, when it does not take the connection.

mitmproxy waits for as long as the system does, which is minutes where packets are swallowed, and for ever in a TLS
handshake that is not answered.
"""

import asyncio

from mitmproxy import tls
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

SECONDS = 20.0


class ConnectDeadline:
    """Ends what connects for more than `seconds`. mitmproxy runs these hooks in the very task that connects, and takes
    the words of its cancellation for the reason."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Hook: a server is about to be connected to."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        reason = f"no connection within {self._seconds:g} seconds"
        self._timers[data.server.id] = loop.call_later(self._seconds, task.cancel, reason)

    def server_connected(self, data: ServerConnectionHookData) -> None:
        """Hook: the connection is there, but for its TLS."""
        if not data.server.tls:
            self._forget(data.server.id)

    def tls_established_server(self, data: tls.TlsData) -> None:
        """Hook: its TLS is there too."""
        self._forget(data.conn.id)

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Hook: there will be no connection."""
        self._forget(data.server.id)

    def server_disconnected(self, data: ServerConnectionHookData) -> None:
        """Hook: the connection has ended."""
        self._forget(data.server.id)

    def _forget(self, server: str) -> None:
        timer = self._timers.pop(server, None)
        if timer is not None:
            timer.cancel()
