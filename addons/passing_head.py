"""Heads of what is passed on to another server, and of what it answers."""

from mitmproxy import http

from addons.core.hops import UPGRADE, Fields, for_one_connection, wants_websocket


def end_to_end(headers: http.Headers) -> Fields:
    """The fields that are not for one hop alone; a WebSocket is asked for, or granted, again."""
    here = for_one_connection(headers.fields)
    kept = tuple((name, value) for name, value in headers.fields if name.lower() not in here)
    return (*kept, *UPGRADE) if wants_websocket(headers.fields) else kept


def frame(flow: http.HTTPFlow) -> None:
    """Gives a body of unknown length a frame: one that ends with its connection looks whole when it is broken off."""
    assert flow.response is not None
    headers = flow.response.headers
    bodiless = flow.request.method == "HEAD" or flow.response.status_code in (204, 304)
    if flow.request.http_version == "HTTP/1.0":
        headers.pop("transfer-encoding", None)
    elif not bodiless and "content-length" not in headers:
        headers["transfer-encoding"] = "chunked"
