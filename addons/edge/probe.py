"""Asks a router of this machine how it is."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

# the addresses that a listener on all of them answers at
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
LIMIT_BYTES = 4 * 1024 * 1024


def authority(host: str, port: int) -> str:
    """Where a router that listens on `host` can be reached from here, as it stands in a URL."""
    reached = ANYWHERE.get(host, host)
    return f"[{reached}]:{port}" if ":" in reached else f"{reached}:{port}"


def health(host: str, port: int, timeout: float = 2.0, scheme: str = "http") -> dict[str, Any] | None:
    """The body of GET /health; None when nobody answers so within `timeout` seconds."""
    found = told(host, port, "/health", timeout=timeout, scheme=scheme)
    return None if found is None else found[1]


def told(
    host: str,
    port: int,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = 2.0,
    scheme: str = "http",
) -> tuple[int, dict[str, Any]] | None:
    """The status and the JSON object that a GET of `path` is answered with; None when nobody answers so."""
    asking = connection(host, port, timeout, scheme)
    try:
        asking.request("GET", path, headers={"accept": "application/json", **(headers or {})})
        answer = asking.getresponse()
        found = json.loads(answer.read(LIMIT_BYTES))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        asking.close()
    return (answer.status, found) if isinstance(found, dict) else None


def connection(host: str, port: int, timeout: float, scheme: str) -> http.client.HTTPConnection:
    """A connection to a router that listens on `host`, to be closed by the caller."""
    host = ANYWHERE.get(host, host)
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=timeout)
    import ssl

    # one's own router on one's own machine: its certificate need not be for this address
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
