"""Gives chosen host names other addresses, in a process that has this folder in its PYTHONPATH: LLR_TEST_NAMES holds
JSON, from `host` to the port of this machine that shall be reached under that name. All else stays as it is."""

import json
import os
import socket
from typing import Any

NAMES: dict[str, int] = json.loads(os.environ.get("LLR_TEST_NAMES", "{}"))
_real = socket.getaddrinfo


def _getaddrinfo(host: Any, port: Any, *args: Any, **more: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name in NAMES:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", NAMES[name]))]
    return _real(host, port, *args, **more)


if NAMES:
    socket.getaddrinfo = _getaddrinfo
