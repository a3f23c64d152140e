"""The connection of a client, as mitmproxy keeps it."""

from typing import Any

from mitmproxy import ctx, http

FOREVER = 10 * 365 * 86400.0  # seconds, and still a number that timers understand


def connection(client_id: str) -> Any:
    """Takes events, and drains. None when the client is gone."""
    server: Any = ctx.master.addons.get("proxyserver")  # type: ignore[no-untyped-call]
    return server.connections.get(client_id)


def keep_open(flow: http.HTTPFlow) -> None:
    """Lets the connection of `flow` be silent for as long as its ends like."""
    handler = connection(flow.client_conn.id)
    if handler is not None:
        handler.timeout_watchdog.timeout = FOREVER
