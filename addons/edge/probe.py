"""Asks a router of this machine how it is."""

import http.client
import json
from typing import Any

# the addresses that a listener on all of them answers at
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def health(host: str, port: int, timeout: float = 2.0) -> dict[str, Any] | None:
    """The body of GET /health; None when nobody answers so within `timeout` seconds."""
    connection = http.client.HTTPConnection(ANYWHERE.get(host, host), port, timeout=timeout)
    try:
        connection.request("GET", "/health", headers={"accept": "application/json"})
        found = json.loads(connection.getresponse().read(65536))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return found if isinstance(found, dict) else None
