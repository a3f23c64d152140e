"""A request in what people save: a body alone, a HAR file, or a capture with its path and headers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

METHODS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Saved:
    """`path` is None where nothing was saved but the body; `query` has no question mark."""

    body: bytes
    path: str | None = None
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def saved_request(data: bytes) -> Saved:
    """The (first) request in `data`; anything that is neither HAR nor a capture is a body."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return Saved(data)
    if not isinstance(value, dict):
        return Saved(data)
    for request in (*_of_har(value), value.get("request"), value):
        found = _request(request) if isinstance(request, dict) else None
        if found is not None:
            return found
    return Saved(data)


def _of_har(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Source: HAR 1.2, `log.entries[].request`."""
    log = value.get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    requests = (
        [entry.get("request") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    return [each for each in requests if isinstance(each, dict) and each.get("method") in METHODS]


def _request(value: dict[str, Any]) -> Saved | None:
    posted = value.get("postData")
    body = posted.get("text") if isinstance(posted, dict) else value.get("body")
    where = value.get("url", value.get("path"))
    if not isinstance(where, str) or not isinstance(body, str | dict):
        return None
    split = urlsplit(where)
    data = body if isinstance(body, str) else json.dumps(body)
    query = split.query or (value["query"] if isinstance(value.get("query"), str) else "")
    return Saved(data.encode("utf-8", "surrogatepass"), split.path or "/", query, _headers(value.get("headers")))


def _headers(value: Any) -> dict[str, str]:
    """Without what speaks of the body as it was sent: the saved one is decoded."""
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        pairs = [_pair(each) for each in value] if isinstance(value, list) else []
    known = {name.lower(): item for name, item in pairs if isinstance(name, str) and isinstance(item, str)}
    return {name: item for name, item in known.items() if name not in ("content-encoding", "content-length")}


def _pair(item: Any) -> tuple[Any, Any]:
    if isinstance(item, list) and len(item) == 2:
        return item[0], item[1]
    return (item.get("name"), item.get("value")) if isinstance(item, dict) else (None, None)
